"""Check-ins in Slack: the real app, a real database, a local HTTP Slack."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot.checkins.forms import FormId
from bot.checkins.messages import ActionId
from bot.checkins.model import CheckIn, Invitation, Response, Round
from bot.delivery.model import Outgoing, State
from bot.teams.model import MemberKind, Team, TeamMember, TeamOwner
from tests import payloads
from tests.conftest import House
from tests.slack_server import WORKSPACE, Failure

MAYA, BEN, HOME = "U0MAYA", "U0BEN", "C0ENG"
THURSDAY = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)  # 10:00 in Berlin, where the local Slack says everybody is


@pytest.fixture
def team(house: House) -> int:
    """Maya owns it, Ben is in it."""
    with house.advisor.sessions.begin() as session:
        team = Team(
            workspace_id=WORKSPACE,
            name="Shop",
            home_channel=HOME,
            timezone="Europe/Berlin",
            stacks=["postgres"],
            phase="1k-10k",
            phase_evidence=[],
            created_at=house.clock.now,
            created_by=MAYA,
        )
        session.add(team)
        session.flush()
        session.add(TeamOwner(workspace_id=WORKSPACE, team_id=team.id, person=MAYA))
        session.add(TeamMember(workspace_id=WORKSPACE, team_id=team.id, kind=MemberKind.PERSON, who=BEN))
        return team.id


def view(house: House) -> dict[str, Any]:
    """The form that was opened last."""
    found = house.slack.calls("views.open")[-1]["view"]
    return json.loads(found) if isinstance(found, str) else found  # type: ignore[no-any-return]


def text(message: object) -> str:
    return json.dumps(message, ensure_ascii=False)


def rows(house: House, table: type[Any]) -> list[Any]:
    with house.advisor.sessions.begin() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def state_of(opened: dict[str, Any], **changes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What Slack sends for a form whose inputs are as they were shown, but for the changes."""
    values: dict[str, dict[str, Any]] = {}
    for block in opened["blocks"]:
        if block["type"] == "input":
            values[block["block_id"]] = shown(block["element"])
    return {**values, **changes}


def shown(element: dict[str, Any]) -> dict[str, Any]:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": element.get("initial_value")}
    if kind == "checkboxes":
        return {"type": kind, "selected_options": element.get("initial_options") or []}
    if kind == "multi_users_select":
        return {"type": kind, "selected_users": element.get("initial_users") or []}
    if kind == "multi_channels_select":
        return {"type": kind, "selected_channels": element.get("initial_channels") or []}
    if kind == "datepicker":
        return {"type": kind, "selected_date": element.get("initial_date")}
    return {"type": kind, "selected_option": element.get("initial_option")}


def choice(value: str) -> dict[str, Any]:
    return {"type": "radio_buttons", "selected_option": {"value": value}}


def typed(value: str | None) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def set_up(house: House, **changes: dict[str, Any]) -> None:
    house.dispatch(payloads.command("checkin settings", response_url=house.slack.response_url))
    opened = view(house)
    house.dispatch(
        payloads.submit(opened["callback_id"], state_of(opened, **changes), private_metadata=opened["private_metadata"])
    )


def ask_everyone(house: House) -> int:
    house.clock.set(THURSDAY)
    for _ in range(5):
        house.beat()
    return int(rows(house, Round)[-1].id)


def fill_in(house: House, round_id: int, person: str, **answers: dict[str, Any]) -> Any:
    house.dispatch(payloads.click(ActionId.FILL, str(round_id), user=person, channel="D" + person[1:]))
    opened = view(house)
    return house.dispatch(
        payloads.submit(
            FormId.ANSWERS, state_of(opened, **answers), private_metadata=opened["private_metadata"], user=person
        )
    )


def test_an_owner_sets_a_check_in_up_and_the_team_is_asked(house: House, team: int) -> None:
    set_up(house, country=typed("de"))
    round_id = ask_everyone(house)

    [check_in] = rows(house, CheckIn)
    assert (check_in.country, check_in.weekdays, check_in.at) == ("DE", [3], "10:00")
    asks = [message for message in house.slack.messages if "Fill in" in text(message) and "minute" in text(message)]
    assert sorted(message["channel"] for message in asks) == ["D0BEN", "D0MAYA"]
    assert "Who sees your answers" in text(asks[0])
    assert len(rows(house, Invitation)) == 2
    assert round_id


def test_wrong_settings_come_back_with_words(house: House, team: int) -> None:
    house.dispatch(payloads.command("checkin settings", response_url=house.slack.response_url))
    opened = view(house)
    wrong = {"at": typed("20:00"), "country": typed("Narnia"), "own_holidays": typed("24.12.2026")}
    response: Any = house.dispatch(
        payloads.submit(FormId.NEW, state_of(opened, **wrong), private_metadata=opened["private_metadata"])
    )

    errors = json.loads(response.body)["errors"]
    assert set(errors) == {"at", "country", "own_holidays"}
    assert "08:00 to 18:00" in errors["at"]
    assert rows(house, CheckIn) == []


def test_only_owners_manage(house: House, team: int) -> None:
    set_up(house)
    house.dispatch(payloads.click(ActionId.PAUSE, "1", user=BEN, response_url=house.slack.response_url))

    assert rows(house, CheckIn)[0].standing == "active"
    assert "Only an owner of the team" in text(house.slack.calls("respond")[-1])


def test_filling_in_takes_two_pages_and_the_words_are_read_back(house: House, team: int) -> None:
    set_up(house)
    round_id = ask_everyone(house)
    first = rows(house, Invitation)[0].questions
    symptom = next(name for name in first if name.startswith("symptom:"))

    words = typed("our background jobs pile up, emails arrive hours late")
    response = fill_in(house, round_id, MAYA, **{symptom: choice("often"), "text": words})

    page = json.loads(response.body)
    assert page["response_action"] == "update"
    details = page["view"]
    ids = [block["block_id"] for block in details["blocks"] if block["type"] == "input"]
    assert {f"{symptom}|note", f"{symptom}|since", f"{symptom}|severity"} <= set(ids)
    read = [block for block in details["blocks"] if block.get("block_id") == "read"]
    confirm = read[0]["element"]["options"][:1] if read else []
    house.dispatch(
        payloads.submit(
            FormId.DETAILS,
            state_of(
                details,
                **{
                    f"{symptom}|severity": choice("5"),
                    f"{symptom}|note": typed("the export <!channel>"),
                    "read": {"type": "checkboxes", "selected_options": confirm},
                },
            ),
            private_metadata=details["private_metadata"],
            user=MAYA,
        )
    )

    [stored] = rows(house, Response)
    assert stored.answers[symptom] == {"choice": "often", "severity": 5, "note": "the export <!channel>"}
    if symptom != "symptom:queue-backlog":
        assert stored.read == ["queue-backlog"]
    thanks = [call for call in house.slack.calls("chat.update") if "Thank you" in text(call)]
    assert thanks


def test_an_empty_form_says_what_is_missing_and_a_saved_one_does_not_count(house: House, team: int) -> None:
    set_up(house)
    round_id = ask_everyone(house)

    response = fill_in(house, round_id, MAYA)
    assert "Answer at least one question" in json.loads(response.body)["errors"]["text"]

    later = {"type": "checkboxes", "selected_options": [{"value": "yes"}]}
    fill_in(house, round_id, MAYA, later=later, text=typed("half a thought"))
    [draft] = rows(house, Response)
    assert (draft.given_at, draft.text) == (None, "half a thought")
    house.dispatch(payloads.click(ActionId.FILL, str(round_id), user=MAYA, channel="D0MAYA"))
    assert "half a thought" in text(view(house))


def test_the_summary_is_posted_once_and_updated_in_place(house: House, team: int) -> None:
    set_up(house)
    round_id = ask_everyone(house)
    symptom = next(name for name in rows(house, Invitation)[0].questions if name.startswith("symptom:"))
    fill_in(house, round_id, MAYA, **{symptom: choice("often")})
    house.dispatch(payloads.click(ActionId.CLOSE_NOW, "1", user=MAYA))
    [summary] = [m for m in house.slack.messages if m["channel"] == HOME and "check-in 2026-W47" in text(m)]
    assert "1 of 2 answered" in text(summary)
    assert "What to fix next" in text(summary)

    house.beat(70)
    fill_in(house, round_id, BEN, text=typed("all quiet on my side"))
    house.beat(70, times=2)

    summaries = [m for m in house.slack.messages if m["channel"] == HOME and "check-in 2026-W47" in text(m)]
    assert len(summaries) == 1
    assert "2 of 2 answered" in text(summaries[0])
    assert "all quiet on my side" in text(summaries[0])


def test_a_symptom_of_the_summary_leads_to_its_advice(house: House, team: int) -> None:
    set_up(house)
    house.dispatch(payloads.click(f"{ActionId.ADVICE}:slow-queries", f"{team}:slow-queries", user=BEN, channel=HOME))

    [aside] = house.slack.calls("chat.postEphemeral")
    assert (aside["user"], aside["channel"]) == (BEN, HOME)
    assert "Sources:" in text(aside)


def test_anonymous_answers_are_shown_from_four_on(house: House, team: int) -> None:
    anonymous = {"type": "radio_buttons", "selected_option": {"value": "anonymous"}}
    set_up(house, visibility=anonymous)
    round_id = ask_everyone(house)
    fill_in(house, round_id, MAYA, text=typed("my secret"))
    house.dispatch(payloads.click(ActionId.CLOSE_NOW, "1", user=MAYA))

    [summary] = [m for m in house.slack.messages if m["channel"] == HOME and "check-in 2026-W47" in text(m)]
    assert "Fewer than 4 answers" in text(summary)
    assert "secret" not in text(summary)
    assert "U0MAYA" not in text(summary).replace("checkins.", "")


def test_a_test_run_asks_only_the_owner_and_previews_the_summary(house: House, team: int) -> None:
    set_up(house)
    house.dispatch(payloads.click(ActionId.TEST, "1", user=MAYA, channel="D0MAYA"))
    [trial] = rows(house, Round)
    assert trial.test_for == MAYA
    fill_in(house, trial.id, MAYA, text=typed("trying it"))
    house.beat(6, times=3)

    previews = [m for m in house.slack.messages if "Preview: Shop" in text(m)]
    assert [m["channel"] for m in previews] == ["D0MAYA"]
    assert not [m for m in house.slack.messages if m["channel"] == HOME]


def test_skip_snooze_and_out_are_buttons(house: House, team: int) -> None:
    set_up(house)
    round_id = ask_everyone(house)
    house.dispatch(payloads.click(ActionId.SNOOZE, str(round_id), user=MAYA, channel="D0MAYA"))
    house.dispatch(payloads.click(ActionId.SKIP, str(round_id), user=BEN, channel="D0BEN"))
    assert "I will remind you Thu 2026-11-19 12:0" in text(house.slack.calls("chat.update"))
    assert "Skipped this time" in text(house.slack.calls("chat.update"))

    house.dispatch(payloads.click(ActionId.OUT, str(round_id), user=MAYA, channel="D0MAYA"))
    until = {"until": {"type": "datepicker", "selected_date": "2026-12-01"}}
    house.dispatch(payloads.submit(FormId.OUT, until, user=MAYA, view_id="VOUT"))
    assert "You are out until Tuesday 2026-12-01" in text(house.slack.messages[-1])
    house.dispatch(payloads.click(ActionId.BACK, "0", user=MAYA, channel="D0MAYA"))
    assert "Welcome back" in text(house.slack.messages[-1])


def test_home_says_when_i_am_asked_next_and_why_i_was_not(house: House, team: int) -> None:
    set_up(house)
    round_id = ask_everyone(house)
    house.dispatch(payloads.click(ActionId.SKIP, str(round_id), user=MAYA, channel="D0MAYA"))
    house.dispatch(payloads.event({"type": "app_home_opened", "tab": "home", "user": MAYA, "channel": "D0MAYA"}))

    home = text(house.slack.calls("views.publish")[-1])
    assert "asks you next Thu 2026-11-26 10:00 (Europe/Berlin)" in home
    assert "Why was I (not) asked?" in home
    assert "2026-W47: asked Thu 2026-11-19 10:00 (Europe/Berlin)" in home


def test_my_zone_is_my_own_to_set(house: House, team: int) -> None:
    set_up(house)
    house.dispatch(payloads.click(ActionId.PREFER, "0", user=BEN, channel="D0BEN"))
    wrong: Any = house.dispatch(payloads.submit(FormId.PREFER, state_of(view(house), timezone=typed("Mars")), user=BEN))
    assert "I do not know this time zone" in json.loads(wrong.body)["errors"]["timezone"]
    house.dispatch(payloads.submit(FormId.PREFER, state_of(view(house), timezone=typed("Asia/Tokyo")), user=BEN))
    ask_everyone(house)

    zones = {row.person: row.zone for row in rows(house, Invitation)}
    assert zones == {MAYA: "Europe/Berlin", BEN: "Asia/Tokyo"}


def test_pause_duplicate_archive_and_delete(house: House, team: int) -> None:
    set_up(house)
    for action in (ActionId.PAUSE, ActionId.DUPLICATE, ActionId.ARCHIVE):
        house.dispatch(payloads.click(action, "1", user=MAYA, channel=HOME))
    assert [(row.name, row.standing, row.next_due_at) for row in rows(house, CheckIn)] == [
        ("Weekly check-in", "archived", None),
        ("Copy of Weekly check-in", "paused", None),
    ]

    house.dispatch(payloads.click(ActionId.DELETE, "1", user=MAYA, channel=HOME))
    assert "every answer" in text(view(house))
    wrong: Any = house.dispatch(payloads.submit(FormId.DELETE, {"name": typed("yes")}, private_metadata="1"))
    assert "Type Weekly check-in" in json.loads(wrong.body)["errors"]["name"]
    house.dispatch(payloads.submit(FormId.DELETE, {"name": typed("weekly check-in")}, private_metadata="1"))
    assert [row.name for row in rows(house, CheckIn)] == ["Copy of Weekly check-in"]


def test_answers_are_exported_for_owners(house: House, team: int) -> None:
    set_up(house)
    round_id = ask_everyone(house)
    fill_in(house, round_id, MAYA, text=typed("=cmd()"))
    house.dispatch(payloads.click(ActionId.EXPORT_CSV, "1", user=MAYA, channel="D0MAYA"))
    house.dispatch(payloads.click(ActionId.EXPORT_JSON, "1", user=BEN, channel="D0BEN"))

    [shared] = [m for m in house.slack.messages if m.get("files")]
    assert (shared["channel"], shared["files"][0]["name"]) == ("D0MAYA", "check-in-1.csv")
    [upload] = [row for row in rows(house, Outgoing) if row.action == "upload"]
    assert upload.state == State.SENT


def test_a_refused_picture_leaves_the_summary_whole(house: House, team: int) -> None:
    set_up(house)
    round_id = ask_everyone(house)
    symptom = next(name for name in rows(house, Invitation)[0].questions if name.startswith("symptom:"))
    fill_in(house, round_id, MAYA, **{symptom: choice("often")})
    house.slack.fail("files.getUploadURLExternal", Failure(200, {"ok": False, "error": "missing_scope"}))
    house.dispatch(payloads.click(ActionId.CLOSE_NOW, "1", user=MAYA))
    house.beat(20, times=3)

    [upload] = [row for row in rows(house, Outgoing) if row.action == "upload"]
    assert (upload.state, upload.error) == (State.FAILED, "missing_scope")
    thread = [m for m in house.slack.messages if m.get("thread_ts")]
    assert "often in 2026-W47" in text(thread)


def test_the_command_resumes_ones_own(house: House, team: int) -> None:
    set_up(house)
    house.dispatch(payloads.command("checkin", response_url=house.slack.response_url, user=BEN))
    assert view(house)["callback_id"] == FormId.ANSWERS
    assert rows(house, Round)[0].period == "2026-W47"

    house.dispatch(payloads.command("checkin", response_url=house.slack.response_url, user="U0STRANGER"))
    assert "No check-in asks you yet" in text(house.slack.calls("respond")[-1])
