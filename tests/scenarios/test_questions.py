"""Asking in Slack: the real app, a real database, a local HTTP Slack."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from bot.questions.model import Question, Vote
from tests import payloads
from tests.conftest import House
from tests.slack_server import BOT, Failure, SlackServer

SLOW = "our dashboard queries got slow at 800 users, what do we do first?"


def answers(slack: SlackServer) -> list[dict[str, object]]:
    return list(slack.messages)


def refusals(slack: SlackServer) -> list[str]:
    """What was said to one person alone and is not an offer to set up their team."""
    return [str(call["text"]) for call in slack.calls("chat.postEphemeral") if not call.get("blocks")]


def blocks_text(message: dict[str, object]) -> str:
    blocks = message["blocks"]
    assert isinstance(blocks, list)
    texts = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    notes = [element["text"] for block in blocks if block["type"] == "context" for element in block["elements"]]
    return "\n".join([*texts, *notes])


def action_ids(message: dict[str, object]) -> list[str]:
    blocks = message["blocks"]
    assert isinstance(blocks, list)
    return [element["action_id"] for block in blocks if block["type"] == "actions" for element in block["elements"]]


def stored(house: House) -> list[Question]:
    with house.advisor.sessions.begin() as session:
        return list(session.scalars(select(Question).order_by(Question.id)))


def test_a_mention_is_answered_in_its_thread_with_sources(house: House) -> None:
    house.dispatch(payloads.mention(SLOW, ts="1.0"))

    [answer] = answers(house.slack)
    assert (answer["channel"], answer["thread_ts"]) == ("C0ENG", "1.0")
    assert "index" in blocks_text(answer).lower()
    assert "Jaffar Kazi" in blocks_text(answer)
    assert str(answer["text"]).strip()


def test_a_direct_message_and_the_command_reach_the_same_answer(house: House) -> None:
    house.dispatch(payloads.direct(SLOW, ts="1.0"))
    house.dispatch(payloads.command(f"ask {SLOW}", response_url=house.slack.response_url))

    [direct] = answers(house.slack)
    [command] = house.slack.calls("respond")
    assert direct["thread_ts"] == "1.0"
    assert command["response_type"] == "ephemeral"
    first, second = stored(house)
    assert first.entries == second.entries
    assert first.phase == second.phase == "100-1k"


def test_a_bare_mention_gets_one_line_of_help(house: House) -> None:
    house.dispatch(payloads.mention("  "))

    [help_line] = answers(house.slack)
    assert "/advisor help" in str(help_line["text"])
    assert stored(house) == []


def test_the_same_event_delivered_three_times_is_answered_once(house: House) -> None:
    for _ in range(3):
        house.dispatch(payloads.mention(SLOW, event_id="Ev77"))

    assert len(answers(house.slack)) == 1


def test_one_mention_that_arrives_as_two_kinds_of_event_is_answered_once(house: House) -> None:
    house.dispatch(payloads.mention(SLOW, ts="1.0"))
    house.dispatch(payloads.message(f"<@{BOT}> {SLOW}", ts="1.0"))

    assert len(answers(house.slack)) == 1


def test_further_messages_in_its_thread_are_follow_ups_without_a_tag(house: House) -> None:
    house.dispatch(payloads.mention("our postgres queries are slow at 800 users", ts="1.0"))
    house.beat()
    house.dispatch(payloads.message("and on MySQL?", ts="2.0", thread_ts="1.0"))

    assert len(answers(house.slack)) == 2
    question = stored(house)[1]
    assert question.thread == ["our postgres queries are slow at 800 users"]
    assert question.phase == "100-1k"
    assert question.entries[0]["entry"] == stored(house)[0].entries[0]["entry"]


def test_messages_in_other_threads_are_none_of_its_business(house: House) -> None:
    house.dispatch(payloads.message(SLOW, ts="2.0", thread_ts="1.0"))
    house.dispatch(payloads.message(SLOW, ts="3.0"))

    assert answers(house.slack) == []


@pytest.mark.parametrize("ending", ["stop", "Stop.", "<@U0BEN> what do you think?"])
def test_stop_or_addressing_somebody_else_ends_the_follow_ups(house: House, ending: str) -> None:
    house.dispatch(payloads.mention(SLOW, ts="1.0"))
    house.beat()
    house.dispatch(payloads.message(ending, ts="2.0", thread_ts="1.0"))
    house.dispatch(payloads.message("what about caching?", ts="3.0", thread_ts="1.0"))

    assert len(answers(house.slack)) == 1


def test_a_tag_in_a_thread_that_was_ended_takes_it_up_again(house: House) -> None:
    house.dispatch(payloads.mention(SLOW, ts="1.0"))
    house.beat()
    house.dispatch(payloads.message("stop", ts="2.0", thread_ts="1.0"))
    house.dispatch(payloads.mention("what should we cache?", ts="3.0", thread_ts="1.0"))
    house.beat()
    house.dispatch(payloads.message("for how long?", ts="4.0", thread_ts="1.0"))

    assert len(answers(house.slack)) == 3


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B1"},
        {"subtype": "bot_message", "bot_id": "B1"},
        {"subtype": "channel_join"},
        {"subtype": "message_deleted"},
        {"user": BOT},
    ],
)
def test_itself_bots_joins_and_deletions_are_ignored(house: House, more: dict[str, str]) -> None:
    house.dispatch(payloads.direct(SLOW, **more))

    assert answers(house.slack) == []


def test_a_question_edited_within_ten_minutes_is_answered_again_in_place_once(house: House) -> None:
    house.dispatch(payloads.mention("should we move to kubernetes at 50 users?", ts="1.0"))
    house.clock.pass_time(minutes=9)
    house.dispatch(payloads.edited(f"<@{BOT}> {SLOW}", ts="1.0"))
    house.dispatch(payloads.edited(f"<@{BOT}> should we hire a devops engineer?", ts="1.0"))

    [answer] = answers(house.slack)
    assert "index" in blocks_text(answer).lower()
    assert len(house.slack.calls("chat.update")) == 1


def test_a_question_edited_later_is_left_alone(house: House) -> None:
    house.dispatch(payloads.mention("should we move to kubernetes at 50 users?", ts="1.0"))
    house.clock.pass_time(minutes=11)
    house.dispatch(payloads.edited(f"<@{BOT}> {SLOW}", ts="1.0"))

    assert house.slack.calls("chat.update") == []


def test_there_is_a_sign_of_life_and_it_goes(house: House) -> None:
    house.dispatch(payloads.mention(SLOW, ts="1.0"))

    statuses = [call["status"] for call in house.slack.calls("assistant.threads.setStatus")]
    assert statuses[0] != ""
    assert statuses[-1] == ""


def test_where_slack_knows_no_status_there_are_eyes_and_they_go(house: House) -> None:
    house.slack.unknown.add("assistant.threads.setStatus")
    house.dispatch(payloads.mention(SLOW, ts="1.0"))

    [added], [removed] = house.slack.calls("reactions.add"), house.slack.calls("reactions.remove")
    assert (added["name"], added["timestamp"]) == (removed["name"], removed["timestamp"]) == ("eyes", "1.0")


def test_the_sign_of_life_goes_on_failure_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.slack.unknown.add("assistant.threads.setStatus")
    monkeypatch.setattr(house.advisor.questions, "_find", _fails)

    house.dispatch(payloads.mention(SLOW, ts="1.0"))

    assert len(house.slack.calls("reactions.remove")) == 1


def test_an_unknown_error_gives_a_reference_that_is_in_the_log_and_nothing_else(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(house.advisor.questions, "_find", _fails)

    with caplog.at_level(logging.ERROR):
        house.dispatch(payloads.mention(SLOW))

    [told] = house.slack.calls("chat.postEphemeral")
    [record] = [record for record in caplog.records if getattr(record, "action", "") == "unexpected_error"]
    assert record.reference in told["text"]  # type: ignore[attr-defined]
    assert "secret detail" not in told["text"]


def test_an_event_that_failed_half_way_is_worked_again_when_it_comes_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(house.advisor.questions, "_find", _fails)
        house.dispatch(payloads.mention(SLOW, event_id="Ev5"))
    house.dispatch(payloads.mention(SLOW, event_id="Ev5"))

    assert len(answers(house.slack)) == 1


def test_an_event_that_keeps_failing_is_complained_of_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.advisor.questions, "_find", _fails)
    house.dispatch(payloads.mention(SLOW))
    house.beat(seconds=60, times=5)

    assert len(house.slack.calls("chat.postEphemeral")) == 1


def test_an_event_whose_worker_died_is_taken_up_by_the_beat(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(house.advisor.questions, "_find", _dies)
        house.dispatch(payloads.mention(SLOW))
    assert answers(house.slack) == []

    house.clock.pass_time(seconds=91)
    house.beat()

    assert len(answers(house.slack)) == 1


@pytest.mark.parametrize("failure", [Failure(500, {}), Failure(500, {}, done=True)])
def test_when_slack_fails_while_we_post_the_answer_still_arrives_once(house: House, failure: Failure) -> None:
    house.slack.fail("chat.postMessage", failure)
    house.dispatch(payloads.mention(SLOW))
    house.beat(seconds=60)

    assert len(answers(house.slack)) == 1


def test_when_slack_is_busy_the_answer_still_arrives_once(house: House) -> None:
    house.slack.busy("chat.postMessage", times=3, retry_after=7)
    house.dispatch(payloads.mention(SLOW))
    house.beat(seconds=7, times=4)

    assert len(answers(house.slack)) == 1


def test_a_channel_it_is_not_in_is_answered_directly_with_the_reason(house: House) -> None:
    house.slack.fail("chat.postMessage", Failure(200, {"ok": False, "error": "not_in_channel"}))
    house.dispatch(payloads.shortcut("questions.ask_about", SLOW, response_url=house.slack.response_url))

    [answer] = answers(house.slack)
    assert answer["channel"] == "D0MAYA"
    assert "/invite" in blocks_text(answer)
    assert "index" in blocks_text(answer).lower()


def test_the_shortcut_answers_the_message_in_its_thread(house: House) -> None:
    house.dispatch(payloads.shortcut("questions.ask_about", SLOW, response_url=house.slack.response_url, ts="4.0"))

    assert [answer["thread_ts"] for answer in answers(house.slack)] == ["4.0"]


def test_what_it_does_not_know_it_says(house: House) -> None:
    house.dispatch(payloads.mention("how do I center a div with css grid?"))

    [answer] = answers(house.slack)
    assert stored(house)[0].entries == []
    assert action_ids(answer) == [] if "actions" in str(answer["blocks"]) else True


def test_the_size_is_asked_for_where_it_matters_and_the_answer_changes_in_place(house: House) -> None:
    house.dispatch(payloads.mention("should we split our monolith into microservices?"))
    [answer] = answers(house.slack)
    offered = [action for action in action_ids(answer) if action.startswith("questions.phase:")]
    assert offered == [f"questions.phase:{phase}" for phase in ("0-100", "100-1k", "1k-10k", "10k-100k", "100k+")]
    before = blocks_text(answer)

    house.dispatch(payloads.click("questions.phase:0-100", str(stored(house)[0].id), ts=str(answer["ts"])))

    [answer] = answers(house.slack)
    assert blocks_text(answer) != before
    assert not [action for action in action_ids(answer) if action.startswith("questions.phase:")]
    assert stored(house)[0].phase == "0-100"


def test_several_problems_in_one_message_are_each_answered_worst_first(house: House) -> None:
    house.dispatch(
        payloads.mention("the site is down since ten minutes. also our deploys keep failing. and stripe sends us 429s")
    )

    [answer] = answers(house.slack)
    text = blocks_text(answer)
    assert 0 <= text.find("On “the site is down") < text.find("On “and stripe sends us 429s")
    assert "Retry-After" in text


def test_a_plan_for_nobody_knows_what_size_asks_for_the_size(house: House) -> None:
    house.dispatch(payloads.mention("what should we fix now?"))

    [answer] = answers(house.slack)
    assert "0–100 users" in blocks_text(answer)
    assert "Beyond 100,000 users" in blocks_text(answer)
    house.dispatch(payloads.click("questions.phase:1k-10k", str(stored(house)[0].id)))
    assert "second server" in blocks_text(answers(house.slack)[0])


def test_more_shows_the_whole_answer_in_place_and_less_the_short_one(house: House) -> None:
    house.dispatch(payloads.mention(SLOW))
    [answer] = answers(house.slack)
    short, question_id = blocks_text(answer), str(stored(house)[0].id)

    house.dispatch(payloads.click("questions.more", question_id))
    assert len(blocks_text(answers(house.slack)[0])) > 2 * len(short)
    assert "questions.less" in action_ids(answers(house.slack)[0])

    house.dispatch(payloads.click("questions.less", question_id))
    assert blocks_text(answers(house.slack)[0]) == short
    assert len(answers(house.slack)) == 1


def test_a_vote_is_kept_with_what_is_needed_to_give_the_answer_again(house: House) -> None:
    house.dispatch(payloads.mention(SLOW))
    [question] = stored(house)
    house.dispatch(payloads.click("questions.helpful", str(question.id)))

    with house.advisor.sessions.begin() as session:
        [vote] = session.scalars(select(Vote))
        assert (vote.question_id, vote.person, vote.helpful) == (question.id, "U0MAYA", True)
    assert question.text == SLOW
    assert question.fingerprint
    assert len(question.entries) == 5
    assert all(0 <= entry["score"] <= 1.01 for entry in question.entries)


def test_a_second_click_changes_the_vote_and_the_reason_is_kept(house: House) -> None:
    house.dispatch(payloads.mention(SLOW))
    value = str(stored(house)[0].id)
    house.dispatch(payloads.click("questions.helpful", value))
    house.dispatch(payloads.click("questions.unhelpful", value))
    [opened] = house.slack.calls("views.open")
    assert opened["view"]["private_metadata"] == value

    house.dispatch(payloads.submit("questions.reason", {"reason": {"value": "too general"}}, private_metadata=value))

    with house.advisor.sessions.begin() as session:
        [vote] = session.scalars(select(Vote))
        assert (vote.helpful, vote.reason) == (False, "too general")


def test_the_same_click_delivered_twice_counts_once(house: House) -> None:
    house.dispatch(payloads.mention(SLOW))
    value = str(stored(house)[0].id)
    for _ in range(2):
        house.dispatch(payloads.click("questions.unhelpful", value, action_ts="5.5"))

    assert len(house.slack.calls("views.open")) == 1


@pytest.mark.parametrize(
    ("typed", "expected"), [("", "What I can do"), ("help", "What I can do"), ("dance", "`/advisor dance`")]
)
def test_unknown_words_get_help(house: House, typed: str, expected: str) -> None:
    house.dispatch(payloads.command(typed, response_url=house.slack.response_url))

    [reply] = house.slack.calls("respond")
    assert expected in reply["text"]
    assert "/advisor ask" in reply["text"]


def test_an_empty_question_to_the_command_gets_help(house: House) -> None:
    house.dispatch(payloads.command("ask", response_url=house.slack.response_url))

    [reply] = house.slack.calls("respond")
    assert "/advisor help" in reply["text"]


def test_too_many_questions_get_a_friendly_notice(house: House) -> None:
    for number in range(61):
        house.dispatch(payloads.mention(SLOW, ts=f"{number}.0", channel=f"C{number}"))

    [notice] = refusals(house.slack)
    assert "60 questions" in notice
    assert len(answers(house.slack)) == 60


@pytest.mark.parametrize(
    "text",
    [
        "x" * 40_000,
        "slow queries " * 3_000,
        "\x00\x01\x02 \x1b[31m",
        "لماذا قاعدة البيانات بطيئة؟",
        "\u202eseireuq wols\u202c",
        "🔥🔥🔥",
        "<@U0BEN> " * 500,
        "<!channel> <!here> why is it slow",
        "`````` *** ___ <http://x|y> & < >",
        "'; DROP TABLE questions; --",
    ],
)
def test_whatever_is_typed_gets_an_answer_or_a_reason(house: House, text: str) -> None:
    house.dispatch(payloads.mention(text))

    [answer] = answers(house.slack)
    assert "<!channel>" not in str(answer)
    assert refusals(house.slack) == []


@pytest.mark.parametrize(
    "inner",
    [
        {"type": "app_mention"},
        {"type": "app_mention", "channel": "C1", "ts": "1.0"},
        {"type": "message", "channel": "C1", "user": "U1"},
        {"type": "message", "subtype": "message_changed", "channel": "C1"},
        {"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "ts": "1.0", "text": None},
    ],
)
def test_malformed_events_do_no_harm(house: House, inner: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    house.dispatch(payloads.event(inner))

    assert not [record for record in caplog.records if getattr(record, "action", "") == "unexpected_error"]


def test_questions_asked_at_once_by_many_are_each_answered_once(house: House) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: house.dispatch(payloads.mention(SLOW, ts=f"{n}.0", channel=f"C{n}")), range(24)))

    assert sorted(str(answer["thread_ts"]) for answer in answers(house.slack)) == sorted(f"{n}.0" for n in range(24))


def test_no_message_text_and_no_token_is_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="bot"):
        house.slack.busy("chat.postMessage")
        house.dispatch(payloads.mention("a very particular wording xyzzy about slow queries"))
        house.dispatch(payloads.direct("another particular wording xyzzy", ts=""))

    assert "xyzzy" not in caplog.text
    assert "xoxb" not in caplog.text


def _fails(*args: object) -> None:
    raise RuntimeError("secret detail")


def _dies(*args: object) -> None:
    raise SystemExit
