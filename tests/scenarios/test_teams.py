"""Setting up a team, changing it, seeing its phase: the real app, a real database, a local HTTP Slack."""

import json
from typing import Any

from knowledge.base import KnowledgeBase
from knowledge.model import Phase
from tests import payloads
from tests.conftest import House
from tests.slack_server import Failure

BEN = "U0BEN"


def text(value: str | None) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def ticked(*values: str) -> dict[str, Any]:
    return {"type": "checkboxes", "selected_options": [{"value": value} for value in values]}


def chosen(value: str) -> dict[str, Any]:
    return {"type": "static_select", "selected_option": {"value": value}}


def basics(**changes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        "name": text("Payments"),
        "home_channel": {"type": "conversations_select", "selected_conversation": "C0ENG"},
        "timezone": text("Europe/Berlin"),
        "stack_language": ticked("rails"),
        "stack_database": ticked("mysql"),
        "stack_cache": ticked("redis", "sidekiq"),
        "stack_hosting": ticked(),
        **changes,
    }


def set_up(house: House, user: str = payloads.PERSON, **changes: dict[str, Any]) -> Any:
    everybody = {"type": "radio_buttons", "selected_option": {"value": "yes"}}
    values = {**basics(), "users": text("5,200"), "everybody": everybody, **changes}
    return house.dispatch(payloads.submit("teams.set_up", values, user=user))


def members(house: House, *people: str) -> None:
    house.slack.members["C0ENG"] = list(people)


def view(house: House, method: str = "views.open") -> dict[str, Any]:
    last = house.slack.calls(method)[-1]["view"]
    return dict(json.loads(last) if isinstance(last, str) else last)


def shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def said(house: House, method: str = "chat.postMessage") -> list[str]:
    return [shown(call) for call in house.slack.calls(method)]


def answer_to(response: Any) -> dict[str, Any]:
    return dict(json.loads(response.body)) if response.body else {}


def audit(house: House, team_id: int = 1) -> list[tuple[str, str, str | None, str | None]]:
    from bot.teams import store

    with house.advisor.sessions.begin() as session:
        entries = store.audit_entries(session, "T0TEST", team_id)
        return [(entry.by, entry.what, entry.old, entry.new) for entry in entries]


def test_a_team_is_set_up_by_command_and_its_channel_told(house: House, knowledge_base: KnowledgeBase) -> None:
    house.dispatch(payloads.command("setup", response_url=house.slack.response_url))
    form = view(house)
    assert (form["callback_id"], form["private_metadata"]) == ("teams.set_up", "C0ENG")

    assert answer_to(set_up(house)) == {}

    team = house.advisor.teams.of_channel("T0TEST", "C0ENG")
    assert team is not None
    assert (team.name, team.phase, team.stacks) == ("Payments", "1k-10k", ("mysql", "redis", "rails", "sidekiq"))
    assert team.owners == (payloads.PERSON,)
    [welcome] = house.slack.calls("chat.postMessage")
    assert welcome["channel"] == "C0ENG"
    assert "5,200 registered users" in shown(welcome)
    home = view(house, "views.publish")
    assert "Payments: 1k-10k" in shown(home)
    assert knowledge_base.plan(Phase.P1K_10K)[0].title in shown(home)
    assert "Owners and members" in shown(home)


def test_the_same_form_sent_twice_makes_one_team_and_another_team_cannot_take_its_channel(house: House) -> None:
    set_up(house)
    assert answer_to(set_up(house)) == {}
    response = answer_to(set_up(house, name=text("Search")))

    assert response["errors"] == {"home_channel": "This channel is already the home of the team Payments."}
    assert [team.name for team in house.advisor.teams.all("T0TEST")] == ["Payments"]
    assert len(house.slack.calls("chat.postMessage")) == 1


def test_every_wrong_field_is_named_at_once_and_nothing_is_saved(house: House) -> None:
    response = answer_to(
        set_up(house, name=text("   "), timezone=text("Berlinn"), users=text("lots"), home_channel={"type": "x"})
    )

    assert set(response["errors"]) == {"name", "timezone", "users", "home_channel"}
    assert house.advisor.teams.all("T0TEST") == []


def test_whoever_set_a_team_up_learns_that_its_channel_is_closed_to_the_bot(house: House) -> None:
    house.slack.fail("chat.postMessage", Failure(200, {"ok": False, "error": "not_in_channel"}))

    set_up(house)

    note = house.slack.calls("chat.postMessage")[-1]
    assert note["channel"] == "D0MAYA"
    assert "/invite" in shown(note)


def test_a_fact_is_changed_in_two_clicks_and_a_new_phase_announced_once(house: House) -> None:
    set_up(house)
    house.beat()
    house.dispatch(payloads.click("teams.facts", "1"))
    form = view(house)
    assert form["private_metadata"] == "1:1"

    values = {"users": text("12k"), "engineers": text("9"), "as_of": {"type": "datepicker", "selected_date": None}}
    house.dispatch(payloads.submit("teams.facts", values, private_metadata="1:1"))
    house.dispatch(payloads.submit("teams.facts", values, private_metadata="1:1"))
    house.beat(times=3)

    announcements = [call for call in said(house) if "from 1k-10k to 10k-100k" in call]
    assert len(announcements) == 1
    assert "Due now" in announcements[0]
    assert "No longer too early" in announcements[0]
    assert audit(house)[-3:] == [
        (payloads.PERSON, "team.users", "5200", "12000"),
        (payloads.PERSON, "team.engineers", "", "9"),
        (payloads.PERSON, "phase", "1k-10k", "10k-100k (10k-100k: 12,000 registered users)"),
    ]


def test_the_second_of_two_editors_sees_what_the_first_changed_and_loses_nothing(house: House) -> None:
    set_up(house)
    house.dispatch(payloads.click("teams.settings", "1"))
    house.slack.users[BEN] = {"is_admin": True}

    first = basics(name=text("Payments & Billing"), stack_database=ticked("postgres"))
    house.dispatch(payloads.submit("teams.settings", first, private_metadata="1:1", user=BEN))
    mine = basics(name=text("Money"), timezone=text("America/New_York"))
    response = answer_to(house.dispatch(payloads.submit("teams.settings", mine, private_metadata="1:1")))

    assert response["response_action"] == "update"
    again = response["view"]
    assert again["private_metadata"] == "1:2"
    note = shown(again["blocks"][0])
    assert "Not saved yet" in note
    assert "<@U0BEN> changed the name from “Payments” to “Payments &amp; Billing”" in note
    assert "changed the stack from “mysql, redis, rails, sidekiq” to “postgres, redis, rails, sidekiq”" in note
    assert ("Money" in shown(again), "America/New_York" in shown(again)) == (True, True)
    team = house.advisor.teams.profile("T0TEST", 1)
    assert (team.name, team.timezone) == ("Payments & Billing", "Europe/Berlin")

    house.dispatch(payloads.submit("teams.settings", basics(name=text("Money")), private_metadata="1:2"))
    assert house.advisor.teams.profile("T0TEST", 1).name == "Money"


def test_members_follow_the_home_channel_and_only_owners_see_settings(house: House) -> None:
    members(house, payloads.PERSON, BEN)
    set_up(house)
    house.beat()

    house.dispatch(payloads.event({"type": "app_home_opened", "user": BEN, "channel": "D0BEN", "tab": "home"}))

    home = shown(view(house, "views.publish"))
    assert "Payments: 1k-10k" in home
    assert "Owners and members" not in home
    assert "Who may use me" not in home


def test_guests_are_told_why_they_may_not_use_it_and_admins_can_change_that(house: House) -> None:
    house.slack.users["U0GUEST"] = {"is_restricted": True}
    house.slack.users["U0BOSS"] = {"is_admin": True}
    house.dispatch(payloads.event({"type": "app_home_opened", "user": "U0GUEST", "channel": "D", "tab": "home"}))
    assert "not open to guests" in shown(view(house, "views.publish"))
    house.dispatch(payloads.command("setup", response_url=house.slack.response_url, user="U0GUEST"))
    assert "not open to guests" in said(house, "respond")[-1]

    house.dispatch(payloads.click("teams.access", "workspace", user="U0BOSS"))
    house.dispatch(payloads.submit("teams.access", {"access": ticked("guests")}, user="U0BOSS"))
    house.dispatch(payloads.event({"type": "app_home_opened", "user": "U0GUEST", "channel": "D", "tab": "home"}))

    assert "I do not know your team yet" in shown(view(house, "views.publish"))


def test_an_owner_pins_the_phase_and_is_asked_again_on_the_day(house: House) -> None:
    set_up(house)
    house.beat()
    values = {
        "phase": chosen("10k-100k"),
        "reason": text("launch in May"),
        "review_on": {"type": "datepicker", "selected_date": "2026-12-01"},
    }
    house.dispatch(payloads.submit("teams.pin", values, private_metadata="1"))
    house.beat(times=2)
    assert house.advisor.teams.profile("T0TEST", 1).phase == "10k-100k"
    assert "Pinned to 10k-100k by an owner until 2026-12-01: launch in May" in said(house)[-1]

    before = len(said(house))
    house.clock.set(house.clock.now.replace(month=12, day=1, hour=7, minute=30))
    house.beat(times=2)
    assert len(said(house)) == before  # 8:30 in Berlin
    house.beat(seconds=3600, times=3)
    assert [call for call in said(house)[before:] if "Does the pin still hold?" in call] == said(house)[before:]
    assert len(said(house)) == before + 1

    house.dispatch(payloads.click("teams.unpin", "1", response_url=house.slack.response_url))
    house.beat(times=3)
    assert house.advisor.teams.profile("T0TEST", 1).phase == "1k-10k"


def test_items_of_the_plan_are_marked_and_not_for_us_needs_a_reason(house: House) -> None:
    set_up(house)
    house.dispatch(payloads.command("plan", response_url=house.slack.response_url))
    assert "Do now, in this order" in said(house, "respond")[-1]

    url = house.slack.response_url
    for entry, mark in (("stateless-app", "done"), ("read-replicas", "in hand"), ("object-storage", "not for us")):
        option = {"value": f"1:{mark}"}
        house.dispatch(payloads.click(f"teams.mark:{entry}", "", response_url=url, selected_option=option))
    form = view(house)
    values = {"reason": text(None)}
    refused = house.dispatch(payloads.submit("teams.not_for_us", values, private_metadata=form["private_metadata"]))
    assert set(answer_to(refused)["errors"]) == {"reason"}
    values = {"reason": text("no uploads")}
    house.dispatch(payloads.submit("teams.not_for_us", values, private_metadata=form["private_metadata"]))

    plan = said(house, "respond")[-1]
    assert "In hand" in plan
    assert [(what, old, new) for _, what, old, new in audit(house)[-3:]] == [
        ("plan.stateless-app", None, "done"),
        ("plan.read-replicas", None, "in hand"),
        ("plan.object-storage", None, "not for us: no uploads"),
    ]


def test_the_messages_tab_gets_prompts_and_does_without_them(house: House) -> None:
    opened = {"type": "app_home_opened", "user": payloads.PERSON, "channel": "D0MAYA", "tab": "messages"}
    house.dispatch(payloads.event(opened))
    assert "microservices" in said(house, "assistant.threads.setSuggestedPrompts")[0]

    house.slack.unknown.add("assistant.threads.setSuggestedPrompts")
    house.dispatch(payloads.event(opened))
    assert said(house, "chat.postMessage") == []


def test_an_owner_gets_the_audit_as_a_file(house: House) -> None:
    set_up(house, name=text('=cmd("x"), "quoted"'))
    house.beat()

    house.dispatch(payloads.click("teams.audit", "1"))
    house.beat(times=5)

    assert "as CSV" in said(house)[-1]
    assert len(house.slack.calls("files.getUploadURLExternal")) == 1


SLOW = "our dashboard queries got slow, what do we do first?"


def answers(house: House) -> list[str]:
    return [call for call in said(house) if "questions.helpful" in call]


def test_the_first_question_in_a_channel_offers_to_set_up_its_team_once(house: House) -> None:
    house.dispatch(payloads.mention(SLOW, ts="1.0"))
    house.beat()
    house.dispatch(payloads.mention(SLOW, ts="2.0"))
    house.beat()

    [offer] = house.slack.calls("chat.postEphemeral")
    assert (offer["channel"], offer["user"], offer["thread_ts"]) == ("C0ENG", payloads.PERSON, "1.0")
    house.dispatch(payloads.click("teams.set_up", "C0ENG"))
    assert view(house)["private_metadata"] == "C0ENG"


def test_a_question_in_a_teams_channel_is_answered_for_its_phase_and_stack(house: House) -> None:
    set_up(house)
    house.beat()

    house.dispatch(payloads.mention(SLOW, ts="1.0"))
    house.dispatch(payloads.click("questions.more", "1"))
    house.beat(times=2)

    assert "Answered for *Payments* at 1k-10k on MySQL, Redis, Ruby on Rails, Sidekiq" in answers(house)[0]
    assert house.slack.calls("chat.postEphemeral") == []
    whole = shown(house.slack.calls("chat.update")[-1])
    assert "Answered for *Payments* at 1k-10k" in whole
    assert "pg_stat_statements" not in whole


def test_a_size_told_in_a_question_goes_before_the_teams_and_is_offered_as_an_update(house: House) -> None:
    members(house, BEN)
    set_up(house)
    house.beat()
    house.dispatch(payloads.mention("we're at 12k users now and queries are slow, what first?", ts="1.0"))

    [answer] = answers(house)
    assert "Answered at 10k-100k, for *Payments*, which I have at 1k-10k" in answer
    assert "You told me of 12,000 users; the profile of *Payments* has 5,200 since 16 Nov 2026." in answer
    assert house.advisor.teams.profile("T0TEST", 1).phase == "1k-10k"

    house.dispatch(payloads.click("questions.take_number", "1", user="U0STRANGER"))
    assert house.advisor.teams.profile("T0TEST", 1).phase == "1k-10k"
    house.dispatch(payloads.click("questions.take_number", "1", user=BEN))
    house.dispatch(payloads.click("questions.take_number", "1", user=BEN))
    house.beat(times=3)

    assert house.advisor.teams.profile("T0TEST", 1).phase == "10k-100k"
    assert next(line for line in audit(house) if line[0] == BEN) == (BEN, "team.users", "5200", "12000")
    assert "You told me of" not in shown(house.slack.calls("chat.update")[-1])


def test_a_size_that_is_the_profiles_is_not_offered(house: House) -> None:
    set_up(house)
    house.beat()
    house.dispatch(payloads.mention("we have about 5,000 users and queries are slow, what first?", ts="1.0"))

    assert "You told me of" not in answers(house)[0]


def test_in_direct_messages_the_persons_team_counts_and_several_are_asked_for_once(house: House) -> None:
    set_up(house)
    house.beat()
    house.dispatch(payloads.direct(SLOW, ts="1.0"))
    assert "Answered for *Payments*" in answers(house)[0]

    channel = {"type": "conversations_select", "selected_conversation": "C0RND"}
    set_up(house, name=text("Search"), home_channel=channel, users=text("50"))
    house.beat(times=2)
    house.dispatch(payloads.direct(SLOW, ts="2.0"))
    house.beat(times=2)
    house.dispatch(payloads.direct(SLOW, ts="3.0"))
    house.beat(times=2)

    assert "Answered for" not in answers(house)[1]
    [which] = house.slack.calls("chat.postEphemeral")
    assert ("Payments" in shown(which), "Search" in shown(which)) == (True, True)

    house.dispatch(payloads.click("teams.speak_for:2", "2", response_url=house.slack.response_url))
    house.dispatch(payloads.direct(SLOW, ts="4.0"))
    house.beat(times=2)
    assert "Answered for *Search* at 0-100" in answers(house)[-1]
    assert "Search: 0-100" in shown(view(house, "views.publish"))


def test_we_have_this_problem_is_recorded_shown_on_home_and_closed(house: House) -> None:
    set_up(house)
    house.beat()
    house.dispatch(payloads.mention(SLOW, ts="1.0"))
    house.dispatch(payloads.click("questions.problem", "1"))
    symptom = view(house)["blocks"][0]["element"]["options"][0]["value"]
    values = {"symptom": chosen(symptom), "severity": chosen("4"), "note": text("since Monday <!here>")}
    house.dispatch(payloads.submit("questions.problem", values, private_metadata="1"))
    house.dispatch(payloads.submit("questions.problem", values, private_metadata="1"))
    house.beat()

    [seen] = house.advisor.teams.observations("T0TEST", 1)
    assert (seen.symptom, seen.severity, seen.origin, seen.by, seen.note) == (
        symptom,
        4,
        "question",
        payloads.PERSON,
        "since Monday <!here>",
    )
    assert "Noted for *Payments*" in said(house, "chat.postEphemeral")[-1]
    opened = {"type": "app_home_opened", "user": payloads.PERSON, "channel": "D", "tab": "home"}
    house.dispatch(payloads.event(opened))
    assert "What hurts now" in shown(view(house, "views.publish"))

    house.dispatch(payloads.click(f"teams.close:{symptom}", f"1:{symptom}"))
    assert "What hurts now" not in shown(view(house, "views.publish"))
    assert house.advisor.teams.observations("T0TEST", 1, open_only=True) == []


def test_guests_who_ask_are_told_why_they_get_no_answer(house: House) -> None:
    house.slack.users["U0FAR"] = {"team_id": "T0ELSEWHERE"}
    house.dispatch(payloads.mention(SLOW, ts="1.0", user="U0FAR"))

    assert answers(house) == []
    assert "another company" in said(house, "chat.postEphemeral")[0]

    house.dispatch(payloads.mention(SLOW, ts="2.0"))
    house.beat()
    before = len(said(house, "chat.postEphemeral"))
    house.dispatch(payloads.message("and then?", ts="3.0", thread_ts="2.0", user="U0FAR"))
    assert (len(answers(house)), len(said(house, "chat.postEphemeral"))) == (1, before)
