"""An incident in Slack, from the pasted alert to the page: the real app, a real database, a local Slack."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.teams.model import Origin
from bot.teams.profile import Seen
from bot.triage.model import FollowUp, Incident, Line, State, Tick
from tests import payloads
from tests.conftest import House
from tests.scenarios.test_teams import set_up
from tests.slack_server import BOT, Failure, SlackServer

LOCKED = "ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction"
ALERT_TS = "1794821000.000100"
BEN, SUE = "U0BEN", "U0SUE"


def paste(house: House, text: str = LOCKED, user: str = payloads.PERSON, **more: Any) -> None:
    house.dispatch(
        payloads.shortcut(
            "triage.this_message", text, response_url=house.slack.response_url, ts=ALERT_TS, user=user, **more
        )
    )


def press(house: House, action: str, value: str = "1", user: str = payloads.PERSON, **more: Any) -> None:
    house.dispatch(payloads.click(f"triage.{action}", value, user=user, response_url=house.slack.response_url, **more))


def fill(house: House, form: str, user: str = payloads.PERSON, view_id: str = "V1", **fields: Any) -> Any:
    values = {name: _state(value) for name, value in fields.items()}
    return house.dispatch(
        payloads.submit(f"triage.form.{form}", values, private_metadata="1", user=user, view_id=view_id)
    )


def _state(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"type": "plain_text_input", "value": value}


def user(person: str) -> dict[str, Any]:
    return {"type": "users_select", "selected_user": person}


def day(value: str) -> dict[str, Any]:
    return {"type": "datepicker", "selected_date": value}


def chosen(value: str) -> dict[str, Any]:
    return {"type": "static_select", "selected_option": {"value": value}}


def board(slack: SlackServer) -> str:
    """The board as it is shown now."""
    return json.dumps(boards(slack)[0]["blocks"], ensure_ascii=False)


def boards(slack: SlackServer) -> list[dict[str, Any]]:
    return [message for message in slack.messages if "Incident 1 –" in json.dumps(message, ensure_ascii=False)]


def buttons(slack: SlackServer, action: str) -> list[dict[str, Any]]:
    found = []
    for block in boards(slack)[0]["blocks"]:
        elements = [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]
        found += [one for one in elements if str(one.get("action_id", "")).startswith(f"triage.{action}")]
    return found


def said(slack: SlackServer) -> list[str]:
    return [json.dumps(message, ensure_ascii=False) for message in slack.messages]


def rows(house: House, table: Any) -> list[Any]:
    with house.advisor.sessions.begin() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def incident(house: House) -> Incident:
    [one] = rows(house, Incident)
    assert isinstance(one, Incident)
    return one


def lines(house: House) -> list[str]:
    return [line.text for line in rows(house, Line)]


def test_a_pasted_alert_gets_one_board_in_its_thread_with_the_first_safe_steps(house: House) -> None:
    paste(house)

    [shown] = boards(house.slack)
    assert (shown["channel"], shown["thread_ts"]) == ("C0ENG", ALERT_TS)
    assert "Likely: Queries wait for each other's locks" in board(house.slack)
    assert "Lock wait timeout exceeded" in board(house.slack)
    assert "sys.innodb_lock_waits" in board(house.slack)
    assert "dev.mysql.com" in board(house.slack)
    assert "Tell what changed" in board(house.slack)
    assert "Stop the bleeding" in board(house.slack)
    assert "Dangerous" not in board(house.slack)


def test_a_second_start_on_the_same_message_shows_the_first(house: House) -> None:
    paste(house)
    paste(house, user=BEN)

    assert len(boards(house.slack)) == 1
    [told] = house.slack.calls("respond")
    assert "Incident 1 is about this already: <https://slack.com/archives/C0ENG/p1794821000000100|here>" in told["text"]


def test_an_alert_of_a_bot_is_read_in_its_attachments(house: House) -> None:
    attachment = {"title": "[FIRING:1] HostOutOfDiskSpace", "text": "Disk is almost full (&lt; 10% left)"}
    paste(house, text="", bot_id="B9", attachments=[attachment])

    assert "df -" in board(house.slack)
    assert incident(house).symptom == "disk-full"
    assert incident(house).text.splitlines() == ["[FIRING:1] HostOutOfDiskSpace", "Disk is almost full (< 10% left)"]


def test_the_command_begins_a_thread_of_its_own(house: House) -> None:
    house.dispatch(payloads.command(f"triage {LOCKED}", response_url=house.slack.response_url))
    [shown] = boards(house.slack)
    house.beat()
    press(house, "update")
    fill(house, "update", see="locks", do="killing the import", need="")
    house.beat(times=2)

    assert shown.get("thread_ts") is None
    assert house.slack.messages[-1]["thread_ts"] == shown["ts"]


def test_the_command_alone_asks_what_is_broken(house: House) -> None:
    house.dispatch(payloads.command("triage", response_url=house.slack.response_url))
    [opened] = house.slack.calls("views.open")
    assert "What is broken?" in json.dumps(opened["view"])

    where = {"type": "conversations_select", "selected_conversation": "C0INC"}
    bad = {"type": "radio_buttons", "selected_option": {"value": "1"}}
    for _ in range(2):
        fill(house, "start", text="the site is down, nobody can log in", channel=where, severity=bad)

    [shown] = boards(house.slack)
    assert shown["channel"] == "C0INC"
    assert (incident(house).severity, incident(house).symptom) == (1, "outage")


def test_what_is_not_recognised_is_not_forced_into_a_symptom(house: House) -> None:
    paste(house, text="the printer on floor two is out of paper")

    assert incident(house).symptom is None
    assert "I do not recognise a symptom" in board(house.slack)
    assert "what changed" in board(house.slack).lower()


def test_a_mention_that_reads_like_an_incident_is_offered_a_triage_and_not_forced(house: House) -> None:
    house.dispatch(payloads.mention("help, the site is down, nobody can log in!!", ts="5.0"))
    house.beat(times=2)
    offer = said(house.slack)[-1]
    assert "reads like an incident" in offer
    assert incident(house).state == State.OFFERED

    press(house, "begin")
    press(house, "begin", user=BEN)
    house.beat(times=2)

    assert len(boards(house.slack)) == 1
    assert boards(house.slack)[0]["thread_ts"] == "5.0"
    assert incident(house).state == State.OPEN


@pytest.mark.parametrize(
    "text",
    ["our dashboard queries got slow at 800 users, what do we do first?", "should we move to kubernetes?", "hello!"],
)
def test_calm_questions_are_offered_nothing(house: House, text: str) -> None:
    house.dispatch(payloads.mention(text))

    assert rows(house, Incident) == []


def test_an_offer_nobody_takes_is_forgotten(house: House) -> None:
    house.dispatch(payloads.mention("help, the site is down, nobody can log in!!", ts="5.0"))
    house.clock.pass_time(days=8)
    house.beat()

    assert rows(house, Incident) == []


def test_a_step_is_ticked_by_anyone_with_who_and_when(house: House) -> None:
    paste(house)
    step = buttons(house.slack, "tick")[0]
    press(house, step["action_id"].removeprefix("triage."), user=BEN)
    house.beat()

    assert "✅" in board(house.slack)
    assert f"<@{BEN}>" in board(house.slack)
    assert "2026-11-16 09:00 UTC" in board(house.slack)
    assert step["action_id"] not in [one["action_id"] for one in buttons(house.slack, "tick")]


def test_two_people_who_tick_the_same_step_do_it_once_and_the_second_sees_the_first(house: House) -> None:
    paste(house)
    step = buttons(house.slack, "tick")[0]["action_id"].removeprefix("triage.")
    press(house, step, user=BEN)
    press(house, step, user=SUE)
    house.beat(times=2)

    assert [tick.by for tick in rows(house, Tick)] == [BEN]
    [aside] = house.slack.calls("chat.postEphemeral")
    assert (aside["user"], aside["text"]) == (SUE, f"<@{BEN}> has done that already.")


def test_ticks_of_many_at_once_all_count_and_the_board_ends_up_right(house: House) -> None:
    paste(house)
    steps = [one["action_id"].removeprefix("triage.") for one in buttons(house.slack, "tick")]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda step: press(house, step), steps))
    house.beat(seconds=100)

    assert len(rows(house, Tick)) == len(steps)
    assert board(house.slack).count("✅") == len(steps)


def test_not_this_moves_to_the_next_symptom_once_however_many_press_it(house: House) -> None:
    paste(
        house, text="MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk"
    )
    first = incident(house).symptom
    second = incident(house).candidates[1]["symptom"]
    assert "Tell them apart:" in board(house.slack)

    for person in (BEN, SUE):
        press(house, "not_this", f"1:{first}", user=person)
    house.beat()

    assert incident(house).symptom == second
    assert incident(house).ruled_out == [first]
    assert [line for line in lines(house) if line.startswith("Not this")] != []


def test_after_the_last_candidate_come_those_it_is_mistaken_for(house: House) -> None:
    paste(house)
    press(house, "not_this", "1:lock-contention")

    assert incident(house).symptom == "deadlocks"


def test_this_is_it_is_remembered_and_ends_the_guessing(house: House) -> None:
    paste(house)
    press(house, "this_is_it", "1:lock-contention")
    house.beat()

    assert "Likely:" not in board(house.slack)
    assert buttons(house.slack, "not_this") == []
    assert "This is it: Queries wait for each other's locks" in lines(house)


def test_another_candidate_can_be_chosen(house: House) -> None:
    paste(
        house, text="MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk"
    )
    other = incident(house).candidates[1]["symptom"]
    press(house, "rather", f"1:{other}")

    assert incident(house).symptom == other


def test_what_changed_is_asked_early_and_written_down(house: House) -> None:
    paste(house)
    press(house, "changed")
    fill(house, "changed", what="deployed 4.2 at 13:50")
    fill(house, "changed", what="deployed 4.2 at 13:50")
    house.beat()

    assert lines(house).count("What changed: deployed 4.2 at 13:50") == 1
    assert buttons(house.slack, "changed") == []


def test_all_steps_can_be_seen_with_what_the_dangerous_ones_lose_and_how_to_undo_them(house: House) -> None:
    paste(house)
    press(house, "more")
    house.beat()

    assert "KILL 12345" in board(house.slack)
    assert "*Dangerous:* loses" in board(house.slack)
    assert "*Undo:*" in board(house.slack)
    press(house, "less")
    house.beat()
    assert "KILL 12345" not in board(house.slack)


def test_the_lead_is_taken_once_and_handed_over_with_a_summary(house: House) -> None:
    paste(house)
    press(house, "own", user=BEN)
    press(house, "own", user=SUE)
    fill(house, "hand_over", user=BEN, to=user(SUE), note="I try the import next")
    house.beat(times=5)

    assert incident(house).owner == SUE
    [summary] = [text for text in said(house.slack) if "hands incident 1 over to you" in text]
    assert f"<@{SUE}>" in summary
    assert "I try the import next" in summary
    assert [line for line in lines(house) if line == "Took the lead"] == ["Took the lead"]


def test_help_is_called_from_the_teams_group(house: House) -> None:
    set_up(house)
    paste(house)
    press(house, "help")
    house.beat(times=2)
    [told] = house.slack.calls("chat.postEphemeral")
    assert "nobody has told me this team's group" in told["text"]

    house.dispatch(payloads.command("triage group <!subteam^S0ONCALL|@oncall>", response_url=house.slack.response_url))
    press(house, "help")
    house.beat(times=3)

    assert any("<!subteam^S0ONCALL>" in text and "asks for help with incident 1" in text for text in said(house.slack))


def test_only_an_owner_of_the_team_says_whom_to_call(house: House) -> None:
    set_up(house)
    house.dispatch(
        payloads.command("triage group <!subteam^S1|@x>", response_url=house.slack.response_url, user="U0EVE")
    )

    assert "Only an owner of the team" in house.slack.calls("respond")[-1]["text"]


def test_an_update_has_always_the_same_form(house: House) -> None:
    paste(house)
    press(house, "update")
    for _ in range(2):
        fill(house, "update", see="orders hang", do="stopping the import", need="somebody who knows <billing>")
    house.beat(times=3)

    [update] = [text for text in said(house.slack) if "*We see:*" in text]
    assert "somebody who knows &lt;billing&gt;" in update


def nudges(house: House) -> list[dict[str, Any]]:
    return [m for m in house.slack.messages if "Nobody owns" in m["text"] or "how does incident" in m["text"]]


def test_somebody_is_asked_to_own_it_then_for_updates_by_severity(house: House) -> None:
    paste(house)
    house.beat(seconds=299)
    assert nudges(house) == []
    house.beat(seconds=2, times=2)
    assert "Nobody owns incident 1" in nudges(house)[0]["text"]

    press(house, "own", user=BEN)
    press(house, "severity", selected_option={"value": "1:1"}, type="static_select")
    house.beat(seconds=14 * 60)
    assert len(nudges(house)) == 1
    house.beat(seconds=61, times=2)

    assert f"<@{BEN}>, how does incident 1 stand?" in nudges(house)[1]["text"]
    assert nudges(house)[1]["thread_ts"] == ALERT_TS


def test_an_update_puts_the_next_question_off(house: House) -> None:
    paste(house)
    press(house, "own", user=BEN)
    house.beat(seconds=29 * 60)
    fill(house, "update", see="a", do="b", need="c")
    house.beat(seconds=29 * 60, times=1)

    assert nudges(house) == []


def test_questions_are_snoozed_and_stopped(house: House) -> None:
    paste(house)
    press(house, "own", user=BEN)
    house.beat(seconds=31 * 60, times=1)
    press(house, "snooze", user=BEN)
    house.beat(seconds=29 * 60)
    assert len(nudges(house)) == 1
    house.beat(seconds=61, times=2)
    assert len(nudges(house)) == 2
    press(house, "stop_nudges", user=BEN)
    house.beat(seconds=3600, times=3)

    assert len(nudges(house)) == 2


def test_questions_stop_when_it_is_closed(house: House) -> None:
    paste(house)
    press(house, "no_incident")
    house.beat(seconds=3600, times=2)

    assert nudges(house) == []


def test_at_night_only_whoever_leads_is_asked(house: House) -> None:
    house.slack.users[BEN] = {"id": BEN, "name": "ben", "tz": "Asia/Tokyo", "team_id": "T0TEST"}
    house.clock.set(datetime(2026, 11, 16, 18, 0, tzinfo=UTC))
    paste(house)
    press(house, "own", user=BEN)
    house.beat(seconds=31 * 60)
    house.beat()

    [asked] = nudges(house)
    assert asked["channel"].startswith("D")
    assert "in <#C0ENG>" in asked["text"]


def test_two_processes_that_look_at_once_ask_once(house: House) -> None:
    paste(house)
    house.clock.pass_time(minutes=6)
    nudge = next(duty for duty in house.advisor.duties if duty.name == "incident-nudges")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: nudge.do(), range(4)))
    house.beat(times=3)

    assert len(nudges(house)) == 1


def write(house: House, text: str, ts: str, user: str = BEN) -> None:
    house.dispatch(payloads.message(text, ts=ts, thread_ts=ALERT_TS, user=user))


def react(house: House, ts: str, *, removed: bool = False, user: str = SUE, emoji: str = "pushpin") -> None:
    item = {"type": "message", "channel": "C0ENG", "ts": ts}
    kind = "reaction_removed" if removed else "reaction_added"
    house.dispatch(payloads.event({"type": kind, "user": user, "reaction": emoji, "item": item}))


def shown_timeline(house: House) -> str:
    house.dispatch(payloads.command("timeline", response_url=house.slack.response_url))
    return json.dumps(house.slack.calls("respond")[-1]["blocks"], ensure_ascii=False)


def test_a_message_marked_with_the_emoji_or_pinned_stands_in_the_timeline_until_it_is_taken_back(house: House) -> None:
    paste(house)
    write(house, "it began when the import ran", "1794821100.000100")
    write(house, "unrelated remark", "1794821101.000100")
    react(house, "1794821100.000100")
    pinned = {"channel": "C0ENG", "ts": "1794821102.000100", "thread_ts": ALERT_TS, "user": BEN, "text": "pinned words"}
    item = {"type": "message", "channel": "C0ENG", "message": pinned}
    house.dispatch(payloads.event({"type": "pin_added", "user": SUE, "channel_id": "C0ENG", "item": item}))

    told = shown_timeline(house)
    assert "it began when the import ran" in told
    assert "pinned words" in told
    assert "unrelated remark" not in told
    assert "2026-11-16 09:25 UTC <@U0BEN>: “it began" in told

    react(house, "1794821100.000100", removed=True)
    assert "it began when the import ran" not in shown_timeline(house)


def test_edits_and_deletions_are_followed(house: House) -> None:
    paste(house)
    write(house, "first words", "1794821100.000100")
    react(house, "1794821100.000100")
    change = {"type": "message", "user": BEN, "text": "better words", "ts": "1794821100.000100", "thread_ts": ALERT_TS}
    inner = {"type": "message", "subtype": "message_changed", "channel": "C0ENG", "channel_type": "channel"}
    house.dispatch(payloads.event({**inner, "ts": "9.0", "message": change, "previous_message": change}))
    assert "better words" in shown_timeline(house)
    assert "first words" not in shown_timeline(house)
    assert "(edited)" in shown_timeline(house)

    gone = {**inner, "subtype": "message_deleted", "ts": "9.1", "deleted_ts": change["ts"], "previous_message": change}
    house.dispatch(payloads.event(gone))
    assert "better words" not in shown_timeline(house)


def test_marks_and_edits_that_arrive_before_their_message_count(house: House) -> None:
    paste(house)
    react(house, "1794821100.000100")
    change = {"type": "message", "user": BEN, "text": "newest words", "ts": "1794821100.000100", "thread_ts": ALERT_TS}
    inner = {"type": "message", "subtype": "message_changed", "channel": "C0ENG", "channel_type": "channel"}
    house.dispatch(payloads.event({**inner, "ts": "9.0", "message": change, "previous_message": change}))
    write(house, "first words", "1794821100.000100")

    told = shown_timeline(house)
    assert "newest words" in told
    assert "first words" not in told


def test_other_emojis_and_other_threads_are_left_alone(house: House) -> None:
    paste(house)
    write(house, "words", "1794821100.000100")
    react(house, "1794821100.000100", emoji="eyes")
    house.dispatch(payloads.message("elsewhere", ts="7.0", thread_ts="6.0"))
    react(house, "7.0")

    assert "words" not in shown_timeline(house)
    assert "elsewhere" not in shown_timeline(house)


def test_an_edit_of_the_pasted_alert_is_read_anew(house: House) -> None:
    paste(house)
    change = {
        "type": "message",
        "user": BEN,
        "text": "deadlock detected, Process 1 waits for ShareLock",
        "ts": ALERT_TS,
    }
    inner = {"type": "message", "subtype": "message_changed", "channel": "C0ENG", "channel_type": "channel"}
    house.dispatch(payloads.event({**inner, "ts": "9.0", "message": change, "previous_message": change}))
    house.beat()

    assert incident(house).symptom == "deadlocks"
    assert "deadlock detected" in board(house.slack)
    assert "The pasted message was edited" in lines(house)


def test_what_people_decided_survives_an_edit_of_the_alert(house: House) -> None:
    paste(house)
    press(house, "this_is_it", "1:lock-contention")
    change = {
        "type": "message",
        "user": BEN,
        "text": "deadlock detected, Process 1 waits for ShareLock",
        "ts": ALERT_TS,
    }
    inner = {"type": "message", "subtype": "message_changed", "channel": "C0ENG", "channel_type": "channel"}
    house.dispatch(payloads.event({**inner, "ts": "9.0", "message": change, "previous_message": change}))

    assert incident(house).symptom == "lock-contention"


def test_the_timeline_is_exported_as_a_markdown_file_into_the_thread(house: House) -> None:
    house.slack.users[BEN] = {"id": BEN, "name": "ben", "real_name": "Ben", "tz": "UTC", "team_id": "T0TEST"}
    paste(house)
    press(house, "own", user=BEN)
    press(house, "export")
    house.beat(times=3)

    [file] = [m for m in house.slack.messages if m.get("files")]
    content = file["files"][0]["content"]
    assert file["thread_ts"] == ALERT_TS
    assert file["files"][0]["name"] == "timeline-1.md"
    assert "- 2026-11-16 09:00 – Took the lead (Ben)" in content


def resolve(house: House, **more: Any) -> Any:
    fields = {
        "cause": chosen("A migration takes an exclusive lock"),
        "own_cause": "the one of 4.2",
        "helped": "stopping it",
        "impact": "checkout for 12 minutes",
        "todo_1": "Set lock_timeout for migrations",
        "owner_1": user(BEN),
        "due_1": day("2026-11-20"),
    }
    return fill(house, "resolve", **{**fields, **more})


def test_resolving_asks_for_cause_and_follow_ups_and_offers_the_page(house: House) -> None:
    set_up(house)
    paste(house)
    press(house, "mitigated")
    press(house, "resolve")
    asked = json.dumps(house.slack.calls("views.open")[-1]["view"], ensure_ascii=False)
    assert "A migration takes an exclusive lock" in asked
    resolve(house)
    resolve(house)
    house.beat(times=6)

    assert incident(house).state == State.RESOLVED
    assert incident(house).cause == "A migration takes an exclusive lock: the one of 4.2"
    assert [(one.text, one.owner) for one in rows(house, FollowUp)] == [("Set lock_timeout for migrations", BEN)]
    assert "Set lock_timeout for migrations" in board(house.slack)
    assert sum("Write the post-incident page" in text for text in said(house.slack)) == 1


def test_a_follow_up_needs_an_owner_and_a_day(house: House) -> None:
    paste(house)
    answer = resolve(house, owner_1=user(""), due_1=day(""))

    errors = json.loads(answer.body)["errors"]
    assert errors == {"owner_1": "Choose who does it.", "due_1": "Choose until when."}
    assert incident(house).state == State.OPEN


def test_the_page_tells_the_whole_story(house: House) -> None:
    house.slack.users[BEN] = {"id": BEN, "name": "ben", "real_name": "Ben", "tz": "UTC", "team_id": "T0TEST"}
    paste(house)
    press(house, "own", user=BEN)
    house.clock.pass_time(minutes=12)
    press(house, "mitigated")
    resolve(house)
    press(house, "page")
    house.beat(times=8)

    [file] = [m for m in house.slack.messages if m.get("files")]
    page = file["files"][0]["content"]
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert headings == [
        "## Summary",
        "## Impact",
        "## Timeline",
        "## Cause",
        "## What helped",
        "## Follow-ups",
        "## Open questions",
    ]
    assert "Lasted: 12 min" in page
    assert "- [ ] Set lock_timeout for migrations – Ben, due 2026-11-20" in page
    assert "checkout for 12 minutes" in page


def test_closing_teaches_the_team_and_the_next_incident_shows_what_helped(house: House) -> None:
    set_up(house)
    paste(house)
    press(house, "severity", selected_option={"value": "1:1"}, type="static_select")
    resolve(house)
    team = house.advisor.teams.of_channel("T0TEST", "C0ENG")
    assert team is not None
    [seen] = house.advisor.teams.observations("T0TEST", team.id)
    assert (seen.symptom, seen.severity, seen.origin) == ("lock-contention", 5, Origin.INCIDENT)

    house.beat(times=8)
    house.dispatch(
        payloads.shortcut("triage.this_message", LOCKED, response_url=house.slack.response_url, ts="1794900000.000100")
    )
    house.beat(times=2)
    second = said(house.slack)[-1]

    assert "You had this before (incident 1, 2026-11-16)" in second
    assert "what helped: stopping it" in second


def test_what_the_team_said_lately_is_on_the_board(house: House) -> None:
    set_up(house)
    team = house.advisor.teams.of_channel("T0TEST", "C0ENG")
    assert team is not None
    seen = Seen("k", "failed-deploy", house.clock.now, 4, Origin.CHECK_IN, BEN, "rollbacks are untested")
    with house.advisor.sessions.begin() as session:
        house.advisor.teams.observe(session, "T0TEST", team.id, seen)
    house.beat(times=3)
    paste(house)
    house.beat(times=2)

    assert "rollbacks are untested" in board(house.slack)


def test_late_follow_ups_are_brought_up_once_a_week_in_working_hours(house: House) -> None:
    house.slack.users[BEN] = {"id": BEN, "name": "ben", "tz": "Europe/Berlin", "team_id": "T0TEST"}
    paste(house)
    resolve(house)
    house.clock.set(datetime(2026, 11, 22, 10, 0, tzinfo=UTC))
    house.beat(times=4)
    assert chased(house) == []
    house.clock.set(datetime(2026, 11, 23, 10, 0, tzinfo=UTC))
    house.beat(times=2)
    house.clock.pass_time(days=3)
    house.beat(times=2)
    assert len(chased(house)) == 1
    house.clock.set(datetime(2026, 11, 30, 10, 30, tzinfo=UTC))
    house.beat(times=2)
    assert len(chased(house)) == 2

    press(house, "done", user=BEN)
    house.clock.pass_time(days=14)
    house.beat(times=2)
    assert len(chased(house)) == 2
    [todo] = rows(house, FollowUp)
    assert todo.done_by == BEN


def chased(house: House) -> list[dict[str, Any]]:
    return [message for message in house.slack.messages if "you meant to do this by" in message["text"]]


def test_what_is_closed_stays_closed(house: House) -> None:
    paste(house)
    press(house, "no_incident", user=BEN)
    press(house, "mitigated", user=SUE)
    house.beat(times=3)

    assert incident(house).state == State.NO_INCIDENT
    assert f"<@{BEN}> has closed this incident already" in house.slack.calls("respond")[-1]["text"]


def test_guests_may_not(house: House) -> None:
    house.slack.users["U0GUEST"] = {"id": "U0GUEST", "name": "g", "is_restricted": True, "team_id": "T0TEST"}
    paste(house, user="U0GUEST")

    assert rows(house, Incident) == []
    assert "guests" in house.slack.calls("respond")[-1]["text"]


def test_another_workspaces_incident_is_not_there(house: House) -> None:
    paste(house)
    with house.advisor.sessions.begin() as session:
        one = session.scalars(select(Incident)).one()
        one.workspace_id = "T0OTHER"
    press(house, "own")

    assert "no longer there" in house.slack.calls("respond")[-1]["text"]


@pytest.mark.parametrize("failure", [Failure(500, {}), Failure(500, {}, done=True)])
def test_when_slack_fails_the_board_still_arrives_once(house: House, failure: Failure) -> None:
    house.slack.fail("chat.postMessage", failure)
    paste(house)
    house.beat(seconds=60)

    assert len(boards(house.slack)) == 1


def test_while_slack_is_busy_everything_waits_in_order(house: House) -> None:
    house.slack.busy("chat.postMessage", times=2, retry_after=5)
    paste(house)
    press(house, "own", user=BEN)
    fill(house, "update", see="a", do="b", need="c")
    house.beat(seconds=6, times=8)

    assert len(boards(house.slack)) == 1
    assert f"*Owner:* <@{BEN}>" in board(house.slack)
    assert "*We see:* a" in said(house.slack)[-1]


def test_a_click_while_the_process_dies_before_speaking_is_shown_by_the_beat(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    paste(house)
    with monkeypatch.context() as dying:
        dying.setattr(house.advisor.postman, "_speak", _dies)
        press(house, "own", user=BEN)
    house.beat(seconds=100)

    assert f"*Owner:* <@{BEN}>" in board(house.slack)


def _dies(row: object) -> None:
    raise SystemExit


def test_a_channel_it_is_not_in_is_said_to_the_person_with_the_reason(house: House) -> None:
    house.slack.fail("chat.postMessage", Failure(200, {"ok": False, "error": "not_in_channel"}))
    paste(house)

    [told] = house.slack.messages
    assert told["channel"] == "D0MAYA"
    assert "/invite" in json.dumps(told["blocks"])


def test_home_shows_what_goes_on_and_what_a_person_has_to_do(house: House) -> None:
    set_up(house)
    paste(house)
    house.dispatch(payloads.event({"type": "app_home_opened", "user": payloads.PERSON, "tab": "home"}))
    home = json.dumps(house.slack.calls("views.publish")[-1]["view"], ensure_ascii=False)

    assert "Incident 1 in <#C0ENG>: open" in home
    press(house, "start", "home")
    assert "What is broken?" in json.dumps(house.slack.calls("views.open")[-1]["view"])


def test_what_people_say_in_an_incidents_thread_is_no_follow_up_question(house: House) -> None:
    house.dispatch(payloads.mention("help, the site is down, nobody can log in!!", ts=ALERT_TS))
    house.beat(times=2)
    before = len(house.slack.messages)
    press(house, "begin")
    house.beat(times=2)
    write(house, "what about the database? is it up?", "1794821100.000100")
    house.beat(times=2)

    assert len(house.slack.messages) == before + 1


def test_its_own_messages_are_no_part_of_the_thread(house: House) -> None:
    paste(house)
    house.dispatch(payloads.message("own words", ts="1794821100.000100", thread_ts=ALERT_TS, user=BOT))
    react(house, "1794821100.000100")

    assert "own words" not in shown_timeline(house)


def test_after_a_day_without_a_word_the_clock_is_not_confused(house: House) -> None:
    paste(house)
    house.clock.pass_time(days=1)
    house.beat(seconds=1, times=3)

    assert len(nudges(house)) == 1
    assert incident(house).nudge_at == house.clock.now + timedelta(minutes=30) - timedelta(seconds=2)
