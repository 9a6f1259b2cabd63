"""Who is asked when, who is not and why, reminders, summaries: behaviours 14 to 25 against a real database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.checkins.answers import Answer, Choice, Given
from bot.checkins.looking_up import explained
from bot.checkins.model import CheckIn, Round
from bot.checkins.preferences import Wishes
from bot.delivery.model import State
from bot.errors import BotError, NotAllowed, NotFound, SlackBusy
from bot.slack.words import Account
from tests.checkins.world import HOME, World, fail, refuse, twice
from tests.slack_server import WORKSPACE

ANA, BEN, CHI, EVE = "UANA", "UBEN", "UCHI", "UEVE"
ZONES = {ANA: "Europe/Berlin", BEN: "Europe/London", CHI: "Asia/Singapore", EVE: "America/New_York"}
DUE = {
    CHI: datetime(2026, 11, 19, 2, 0, tzinfo=UTC),
    ANA: datetime(2026, 11, 19, 9, 0, tzinfo=UTC),
    BEN: datetime(2026, 11, 19, 10, 0, tzinfo=UTC),
    EVE: datetime(2026, 11, 19, 15, 0, tzinfo=UTC),
}
AFTER_ALL = DUE[EVE] + timedelta(minutes=30)
CLOSED = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


@pytest.fixture
def asking(world: World) -> World:
    team = world.team(ZONES)
    world.check_in(team, ANA)
    return world


def asked_at(world: World) -> dict[str, datetime]:
    return {said.target: said.at for said in world.slack.said if said.mark.startswith("checkin:invite:")}


def text_of(blocks: object) -> str:
    return str(blocks)


def test_everyone_is_asked_once_at_the_local_time_in_their_own_zone(asking: World) -> None:
    asking.until(AFTER_ALL)

    assert asked_at(asking) == DUE
    assert twice(asking.marks("invite")) == []
    assert {row.outcome for row in asking.invitations} == {"sent"}


def test_the_own_preference_goes_before_slack_and_slack_before_the_team(world: World) -> None:
    team = world.team({ANA: "Europe/Berlin", BEN: "Europe/London", CHI: None})
    world.preferences.prefer(WORKSPACE, BEN, Wishes(timezone="Asia/Tokyo"))
    world.check_in(team, ANA)

    world.until(AFTER_ALL)

    zones = {row.person: (row.zone, row.zone_from) for row in world.invitations}
    assert zones == {
        ANA: ("Europe/Berlin", "slack"),
        BEN: ("Asia/Tokyo", "own"),
        CHI: ("Europe/Berlin", "team"),
    }
    assert asked_at(world)[BEN] == datetime(2026, 11, 19, 1, 0, tzinfo=UTC)


def test_moving_to_another_zone_moves_the_ask_and_adds_none(asking: World) -> None:
    asking.until(DUE[CHI] + timedelta(hours=1))
    asking.people.changed(WORKSPACE, Account(ANA, "Ana", "America/Los_Angeles"))
    asking.preferences.prefer(WORKSPACE, CHI, Wishes(timezone="Europe/Berlin"))
    asking.until(CLOSED)

    asks = asked_at(asking)
    assert asks[ANA] == datetime(2026, 11, 19, 18, 0, tzinfo=UTC)
    assert asks[CHI] == DUE[CHI]
    assert twice([said.target for said in asking.slack.said if ":invite:" in said.mark]) == []


def test_every_time_shown_names_its_zone(asking: World) -> None:
    asking.until(AFTER_ALL)

    [ask] = [said for said in asking.slack.said if said.target == EVE]
    assert "Open until Fri 2026-11-20 10:00 (America/New_York)" in text_of(ask.blocks)


def test_who_will_see_the_answers_is_said_before_the_first_question(world: World) -> None:
    team = world.team({ANA: "Europe/Berlin"})
    for visibility in ("named", "leads", "anonymous"):
        world.check_in(team, ANA, visibility=visibility, name=visibility)
    world.until(AFTER_ALL)

    asks = [text_of(said.blocks) for said in world.slack.said if ":invite:" in said.mark]
    assert len(asks) == 3
    assert "with your name" in asks[0]
    assert "the owners of the team, with your name" in asks[1]
    assert "at least 4 people" in asks[2]
    assert "The price" in asks[2]


def test_nobody_is_asked_on_a_holiday_and_the_proof_says_so(world: World) -> None:
    team = world.team(ZONES)
    world.check_in(team, ANA, own_holidays=("2026-11-19",))

    world.until(CLOSED)

    assert world.slack.said == []
    [left_out] = world.all(Round)
    assert (left_out.period, left_out.left_out) == ("2026-W47", "2026-11-19 is one of the team's days off")
    assert explained(world.engine, BEN, "2026-W47", WORKSPACE, world.clock) == [
        "Shop, Weekly check-in: 2026-W47: nobody was asked, because 2026-11-19 is one of the team's days off"
    ]


def test_a_person_who_is_out_is_not_asked_until_they_are_back(asking: World) -> None:
    asking.preferences.out(WORKSPACE, BEN, date(2026, 11, 20))
    asking.until(AFTER_ALL)

    assert BEN not in asked_at(asking)
    assert asking.outcomes()[BEN] == ("skipped", "out until 2026-11-20")

    asking.preferences.back(WORKSPACE, BEN)
    asking.until(asking.clock.now + timedelta(minutes=20))
    assert asked_at(asking)[BEN] > AFTER_ALL
    assert asking.outcomes()[BEN][0] == "sent"


def test_going_out_after_being_asked_ends_the_reminders(asking: World) -> None:
    asking.until(DUE[ANA] + timedelta(minutes=5))
    asking.preferences.out(WORKSPACE, ANA, date(2026, 11, 27))
    asking.until(CLOSED)

    assert [mark for mark in asking.marks("remind") if ANA in mark] == []
    with pytest.raises(BotError, match="after today"):
        asking.preferences.out(WORKSPACE, ANA, date(2026, 11, 20))


def test_a_late_ask_within_the_grace_still_happens(asking: World) -> None:
    asking.until(DUE[CHI] + timedelta(minutes=30))
    asking.clock.set(DUE[ANA] + timedelta(hours=3))  # the process was down
    asking.beat()

    assert asked_at(asking)[ANA] == DUE[ANA] + timedelta(hours=3)


def test_beyond_the_grace_it_is_skipped_and_reported(asking: World) -> None:
    asking.until(DUE[CHI] + timedelta(minutes=30))
    asking.clock.set(DUE[ANA] + timedelta(hours=4, minutes=5))
    asking.beat()
    asking.until(CLOSED)

    assert set(asked_at(asking)) == {CHI, BEN, EVE}
    outcome, reason = asking.outcomes()[ANA]
    assert outcome == "skipped"
    assert reason == "I was not running then, and asked no later than Thu 2026-11-19 14:00 (Europe/Berlin)"
    [summary] = [said for said in asking.slack.said if said.mark.startswith("checkin:summary:")]
    assert "I was not running then" in text_of(summary.blocks)


def test_a_week_that_was_slept_through_is_reported_to_the_owners(asking: World) -> None:
    asking.clock.set(datetime(2026, 11, 30, 9, 0, tzinfo=UTC))
    for _ in range(4):
        asking.beat()
        asking.clock.pass_time(seconds=2)

    rounds = asking.all(Round)
    assert [one.period for one in rounds] == ["2026-W47", "2026-W48"]
    assert asked_at(asking) == {}
    assert {row.outcome for row in asking.invitations} == {"skipped"}
    told = [said for said in asking.slack.said if said.target == ANA]
    assert [said.mark for said in told] == [f"checkin:nobody:{one.id}:{ANA}" for one in rounds]


def test_reminders_go_only_to_those_who_have_not_answered(asking: World) -> None:
    asking.until(DUE[ANA] + timedelta(minutes=5))
    asking.answer(asking.round.id, ANA)
    asking.until(CLOSED - timedelta(hours=1))

    reminded = [said.target for said in asking.slack.said if ":remind:" in said.mark]
    assert ANA not in reminded
    assert sorted(reminded) == sorted([BEN, BEN, CHI, CHI, EVE, EVE])
    assert {row.state for row in asking.reminders} == {"sent", "cancelled"}


def test_a_reminder_that_waits_in_the_outbox_is_taken_back_when_the_answer_arrives(asking: World) -> None:
    asking.until(DUE[ANA] + timedelta(hours=3, minutes=50))
    asking.clock.pass_time(minutes=15)
    asking.rounds.beat()
    waiting = [row for row in asking.outgoing if row.key.endswith(f"{ANA}:1") and "remind" in row.key]
    assert [row.state for row in waiting] == [State.WAITING]

    asking.answer(asking.round.id, ANA)
    asking.until(CLOSED)

    assert [mark for mark in asking.marks("remind") if ANA in mark] == []


def test_reminders_can_be_switched_off_by_a_person_and_for_all(world: World) -> None:
    team = world.team({ANA: "Europe/Berlin", BEN: "Europe/Berlin"})
    world.check_in(team, ANA)
    world.check_in(team, ANA, reminders=0, name="quiet")
    world.preferences.prefer(WORKSPACE, BEN, Wishes(reminders=False))

    world.until(CLOSED)

    assert {said.target for said in world.slack.said if ":remind:" in said.mark} == {ANA}
    assert len(world.marks("remind")) == 2


def test_skip_ends_it_for_this_time_and_can_be_changed(asking: World) -> None:
    asking.until(DUE[ANA] + timedelta(minutes=5))
    asking.parts.invitations.skip(WORKSPACE, asking.round.id, ANA)
    asking.until(DUE[ANA] + timedelta(hours=9))
    assert [mark for mark in asking.marks("remind") if ANA in mark] == []

    asking.answer(asking.round.id, ANA)
    assert [row.person for row in asking.responses] == [ANA]


def test_snooze_reminds_later_and_not_more_often_in_all(asking: World) -> None:
    asking.until(DUE[ANA] + timedelta(minutes=30))
    again = asking.parts.invitations.snooze(WORKSPACE, asking.round.id, ANA)
    assert again == asking.clock.now + timedelta(hours=2)
    asking.until(CLOSED)

    reminded = [said.at for said in asking.slack.said if ":remind:" in said.mark and said.target == ANA]
    assert reminded[0] == again
    assert len(reminded) == 2


def test_snoozing_beyond_the_end_is_refused_with_the_time(asking: World) -> None:
    asking.until(CLOSED - timedelta(hours=2))

    with pytest.raises(BotError, match=r"It closes|it closes"):
        asking.parts.invitations.snooze(WORKSPACE, asking.round.id, EVE, tomorrow=True)


def test_half_filled_forms_are_kept_and_do_not_count(asking: World) -> None:
    asking.until(DUE[ANA] + timedelta(minutes=5))
    questionnaire = asking.questionnaires.of_round(WORKSPACE, asking.round.id, ANA)
    first = questionnaire.questions[0].id
    asking.answering.submit(WORKSPACE, asking.round.id, ANA, Given({first: Answer(Choice.OFTEN)}), finished=False)
    asking.until(DUE[ANA] + timedelta(hours=5))

    again = asking.questionnaires.of_round(WORKSPACE, asking.round.id, ANA)
    assert again.given.answers[first].choice == "often"
    assert [row.given_at for row in asking.responses] == [None]
    assert [mark for mark in asking.marks("remind") if ANA in mark] != []


def test_answers_change_freely_until_it_closes_and_are_marked_as_edited_afterwards(asking: World) -> None:
    asking.until(DUE[EVE] + timedelta(minutes=5))
    for person in ZONES:
        asking.answer(asking.round.id, person)
    asking.answer(asking.round.id, ANA, slow_queries="often")
    assert [row.edited_at for row in asking.responses if row.person == ANA] == [None]
    asking.until(asking.clock.now + timedelta(hours=20))
    [summary] = [said for said in asking.slack.said if ":summary:" in said.mark]

    asking.answer(asking.round.id, ANA)
    asking.until(asking.clock.now + timedelta(minutes=10))

    [row] = [row for row in asking.responses if row.person == ANA]
    assert row.edited_at is not None
    assert len(asking.marks("summary")) == 1
    assert "(edited)" in text_of(asking.slack.updates[-1].blocks)
    assert summary.target == asking.slack.updates[-1].target == HOME


def test_the_summary_comes_early_when_nobody_is_left_to_answer(asking: World) -> None:
    asking.until(DUE[EVE] + timedelta(minutes=5))
    for person in ZONES:
        asking.answer(asking.round.id, person)
    asking.until(DUE[EVE] + timedelta(minutes=15))
    assert asking.marks("summary") == []

    asking.until(DUE[EVE] + timedelta(minutes=25))
    assert len(asking.marks("summary")) == 1  # 16:20 in Berlin: the team is at work


def test_a_late_answer_changes_the_summary_in_place(asking: World) -> None:
    asking.until(CLOSED)
    asking.answer(asking.round.id, CHI, latency="often")
    asking.until(CLOSED + timedelta(minutes=5))

    assert len(asking.marks("summary")) == 1
    assert "1 of 4 answered" in text_of(asking.slack.updates[-1].blocks)
    asked = {name for row in asking.invitations if row.person == CHI for name in row.questions}
    expected = ["latency"] if "symptom:latency" in asked else []
    assert [row.symptom for row in asking.observations] == expected


def test_once_the_next_round_has_begun_the_old_one_is_over(asking: World) -> None:
    asking.until(CLOSED)
    old = asking.round.id
    asking.until(datetime(2026, 11, 26, 12, 0, tzinfo=UTC))

    with pytest.raises(NotFound, match="newer one"):
        asking.questionnaires.of_round(WORKSPACE, old, ANA)


@pytest.mark.parametrize("code", ["user_disabled", "cannot_dm_bot", "user_not_found"])
def test_whoever_cannot_be_reached_is_told_in_the_summary_and_to_the_owners(asking: World, code: str) -> None:
    asking.slack.trouble = refuse(code, BEN)
    asking.until(CLOSED)

    assert asking.outcomes()[BEN][0] == "failed"
    [summary] = [said for said in asking.slack.said if ":summary:" in said.mark]
    reason = str(asking.outcomes()[BEN][1])
    assert f"{BEN.title()} ({reason})" in text_of(summary.blocks).replace("\\'", "'")
    assert [said.target for said in asking.slack.said if ":alert:" in said.mark] == [ANA]


def test_deactivated_people_and_those_who_left_are_not_asked(asking: World) -> None:
    asking.until(DUE[CHI] + timedelta(minutes=10))
    asking.people.changed(WORKSPACE, Account(BEN, "Ben", "Europe/London", deleted=True))
    asking.until(AFTER_ALL)

    assert BEN not in asked_at(asking)
    assert asking.outcomes()[BEN] == ("skipped", "their Slack account is deactivated")


def test_people_of_a_channel_are_asked_and_membership_is_followed(world: World) -> None:
    team = world.team({ANA: "Europe/Berlin"})
    world.slack.zones.update(ZONES)
    world.slack.members["C0TEAM"] = [ANA, BEN]
    world.check_in(team, ANA, asked=("channel:C0TEAM",))
    world.until(DUE[CHI])
    world.slack.members["C0TEAM"] = [ANA, EVE]

    world.until(AFTER_ALL)

    assert set(asked_at(world)) == {ANA, EVE}
    assert world.outcomes()[BEN] == ("skipped", "they are no longer among those who are asked")


def test_observers_get_the_summary_and_are_not_asked(world: World) -> None:
    team = world.team({ANA: "Europe/Berlin"})
    world.check_in(team, ANA, observers=("UBOSS",))
    world.until(CLOSED)

    assert [said.target for said in world.slack.said if ":summary:" in said.mark] == [HOME, "UBOSS"]
    assert set(asked_at(world)) == {ANA}


def test_a_symptom_stays_open_until_closed_and_is_asked_about_next_time(asking: World) -> None:
    asking.until(DUE[EVE] + timedelta(minutes=5))
    about = next(
        q.about
        for q in asking.questionnaires.of_round(WORKSPACE, asking.round.id, ANA).questions
        if q.kind == "symptom"
    )
    asking.answer(asking.round.id, ANA, **{about.replace("-", "_"): "often"})
    asking.until(datetime(2026, 11, 26, 15, 30, tzinfo=UTC))

    assert [(row.symptom, row.origin, row.closed_at) for row in asking.observations] == [(about, "check-in", None)]
    for person in ZONES:
        questionnaire = asking.questionnaires.of_round(WORKSPACE, asking.round.id, person)
        assert questionnaire.questions[0].id == f"symptom:{about}"
        asking.answer(asking.round.id, person)
    asking.until(datetime(2026, 11, 30, 9, 0, tzinfo=UTC))

    assert asking.observations[0].closed_at is not None
    summary = [said for said in asking.slack.said if ":summary:" in said.mark][-1]
    assert "gone since last time" in text_of(summary.blocks)


def test_whoever_missed_it_starts_it_by_hand(asking: World) -> None:
    asking.until(CLOSED)
    questionnaire = asking.questionnaires.current(WORKSPACE, ANA)
    assert (questionnaire.period, questionnaire.is_closed) == ("2026-W47", True)

    with pytest.raises(NotFound, match="No check-in asks you"):
        asking.questionnaires.current(WORKSPACE, "USTRANGER")
    with pytest.raises(NotAllowed):
        asking.questionnaires.of_round(WORKSPACE, questionnaire.round_id, "USTRANGER")


def test_answering_before_the_ask_spares_the_ask(asking: World) -> None:
    questionnaire = asking.questionnaires.current(WORKSPACE, ANA)
    asking.answer(questionnaire.round_id, ANA)
    asking.until(AFTER_ALL)

    assert questionnaire.period == "2026-W47"
    assert set(asked_at(asking)) == {BEN, CHI, EVE}
    assert asking.outcomes()[ANA] == ("skipped", "they had answered before their hour came")
    assert len(asking.all(Round)) == 1


def test_why_was_i_asked_can_be_answered(asking: World) -> None:
    asking.until(AFTER_ALL)
    asking.answer(asking.round.id, EVE)

    [line] = explained(asking.engine, EVE, "2026-W47", WORKSPACE, asking.clock)
    assert line == (
        "Shop, Weekly check-in: 2026-W47: asked Thu 2026-11-19 10:00 (America/New_York); due Thu 2026-11-19 10:00 "
        "(America/New_York) (time zone from your Slack profile); answered Thu 2026-11-19 10:30 (America/New_York)"
    )
    assert "not yet due" in explained(asking.engine, EVE, "2026-W48", WORKSPACE, asking.clock)[0]
    assert "only set up" in explained(asking.engine, EVE, "2026-W46", WORKSPACE, asking.clock)[0]


def test_the_auditor_finds_days_that_were_left_out(asking: World) -> None:
    asking.until(AFTER_ALL)
    with asking.sessions.begin() as session:
        check_in = session.get_one(CheckIn, asking.known.id)
        check_in.proved_until = date(2026, 11, 10)  # as if a round of the 12th had been lost
    asking.until(CLOSED + timedelta(days=1))

    [alert] = [said for said in asking.slack.said if said.mark.startswith("checkin:missed:")]
    assert "2026-11-12" in text_of(alert.blocks)


def test_an_ask_that_never_ends_is_called_failed(asking: World) -> None:
    asking.until(DUE[ANA] - timedelta(minutes=10))
    asking.slack.trouble = fail(SlackBusy(900))
    asking.until(CLOSED)
    asking.slack.trouble = lambda target: None
    asking.until(CLOSED + timedelta(hours=1))

    outcomes = asking.outcomes()
    assert outcomes[ANA] == ("failed", "Slack could not be reached before the end of their working day")
    [summary] = [said for said in asking.slack.said if ":summary:" in said.mark]
    assert "Slack could not be reached" in text_of(summary.blocks)


def test_the_picture_follows_in_the_thread_with_words_for_those_who_cannot_see_it(asking: World) -> None:
    asking.until(DUE[EVE] + timedelta(minutes=5))
    symptoms = [
        question.about
        for question in asking.questionnaires.of_round(WORKSPACE, asking.round.id, ANA).questions
        if question.kind == "symptom"
    ]
    asking.answer(asking.round.id, ANA, **{symptoms[0].replace("-", "_"): "often"})
    asking.until(CLOSED + timedelta(minutes=10))

    [(channel, file)] = asking.slack.files
    assert channel == HOME
    assert file.content.startswith(b"\x89PNG")
    assert "often in 2026-W47" in file.description
