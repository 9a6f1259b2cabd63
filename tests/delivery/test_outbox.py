"""What is meant to be said is said once, in order, whatever Slack or the process does in between."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.database import Sessions, open_sessions
from bot.delivery.model import Outgoing, State
from bot.delivery.postman import Postman
from bot.delivery.service import Outbox
from bot.slack.client import SlackVoice, web_client
from bot.slack.words import Attachment, Landed, Words
from tests.clocks import FixedClock
from tests.slack_server import WORKSPACE, Failure, SlackServer


@pytest.fixture
def outbox(sessions: Sessions, clock: FixedClock) -> Outbox:
    return Outbox(sessions, clock)


@pytest.fixture
def postman(outbox: Outbox, slack: SlackServer) -> Postman:
    return postman_for(outbox, slack)


def postman_for(outbox: Outbox, slack: SlackServer) -> Postman:
    voice = SlackVoice(web_client("xoxb-test", slack.url))
    return Postman(outbox, lambda workspace_id: voice)


@pytest.fixture
def say(sessions: Sessions, outbox: Outbox) -> Callable[..., bool]:
    def say(text: str, key: str | None = None, target: str = "C1", **more: str) -> bool:
        with sessions.begin() as session:
            return outbox.post(session, Words(text), workspace_id=WORKSPACE, key=key or text, target=target, **more)  # type: ignore[arg-type]

    return say


def said(slack: SlackServer) -> list[str]:
    return [message["text"] for message in slack.messages]


def fate(sessions: Sessions, outbox: Outbox, key: str) -> tuple[State, str | None] | None:
    with sessions.begin() as session:
        return outbox.fate(session, WORKSPACE, key)


def test_a_key_is_said_once(say: Callable[..., bool], postman: Postman, slack: SlackServer) -> None:
    assert say("hello", key="greeting") is True
    assert say("hello again", key="greeting") is False

    postman.deliver()
    postman.deliver()

    assert said(slack) == ["hello"]


def test_nothing_is_said_when_the_transaction_fails(
    sessions: Sessions, outbox: Outbox, postman: Postman, slack: SlackServer
) -> None:
    with suppress(RuntimeError), sessions.begin() as session:
        outbox.post(session, Words("hello"), workspace_id=WORKSPACE, key="k", target="C1")
        raise RuntimeError

    postman.deliver()

    assert said(slack) == []


def test_a_429_is_waited_out_without_waiting(
    say: Callable[..., bool], postman: Postman, slack: SlackServer, clock: FixedClock
) -> None:
    slack.busy("chat.postMessage", retry_after=30)
    say("hello")

    postman.deliver()
    clock.pass_time(seconds=29)
    assert postman.deliver() == 0
    clock.pass_time(seconds=1)
    postman.deliver()

    assert said(slack) == ["hello"]
    assert len(slack.calls("chat.postMessage")) == 2


@pytest.mark.parametrize("status", [500, 503])
def test_a_message_that_arrived_although_slack_failed_is_not_said_again(
    say: Callable[..., bool],
    postman: Postman,
    slack: SlackServer,
    clock: FixedClock,
    status: int,
    sessions: Sessions,
    outbox: Outbox,
) -> None:
    slack.fail("chat.postMessage", Failure(status, {}, done=True))
    say("hello")

    postman.deliver()
    clock.pass_time(minutes=1)
    postman.deliver()

    assert said(slack) == ["hello"]
    with sessions.begin() as session:
        assert outbox.where(session, WORKSPACE, "hello") == Landed("C1", slack.messages[0]["ts"])


def test_a_message_that_did_not_arrive_is_said_again(
    say: Callable[..., bool], postman: Postman, slack: SlackServer, clock: FixedClock
) -> None:
    slack.fail("chat.postMessage", Failure(500, {}), Failure(500, {}))
    say("hello", thread_ts="5.0")

    for _ in range(3):
        postman.deliver()
        clock.pass_time(minutes=1)

    assert said(slack) == ["hello"]


def test_messages_to_one_channel_keep_their_order_and_pace(
    say: Callable[..., bool], postman: Postman, slack: SlackServer, clock: FixedClock
) -> None:
    slack.busy("chat.postMessage", retry_after=10)
    say("one")
    say("two")

    postman.deliver()
    assert said(slack) == []
    clock.pass_time(seconds=10)
    postman.deliver()
    assert said(slack) == ["one"]
    assert postman.deliver() == 0
    clock.pass_time(seconds=1)
    postman.deliver()

    assert said(slack) == ["one", "two"]


def test_a_channel_that_waits_does_not_hold_up_another(
    say: Callable[..., bool], postman: Postman, slack: SlackServer
) -> None:
    slack.busy("chat.postMessage")
    say("to the first", target="C1")
    say("to the second", target="C2")

    postman.deliver()

    assert said(slack) == ["to the second"]


def test_a_refusal_is_recorded_and_the_next_message_is_said(
    say: Callable[..., bool],
    postman: Postman,
    slack: SlackServer,
    clock: FixedClock,
    sessions: Sessions,
    outbox: Outbox,
) -> None:
    slack.fail("chat.postMessage", Failure(200, {"ok": False, "error": "is_archived"}))
    say("one")
    say("two")

    assert postman.bring(WORKSPACE, "one") == "is_archived"
    postman.deliver()

    assert fate(sessions, outbox, "one") == (State.FAILED, "is_archived")
    assert said(slack) == ["two"]


@pytest.mark.parametrize("refusal", ["invalid_blocks", "msg_blocks_too_long"])
def test_blocks_that_slack_refuses_are_said_plainly(
    sessions: Sessions, outbox: Outbox, postman: Postman, slack: SlackServer, refusal: str
) -> None:
    slack.fail("chat.postMessage", Failure(200, {"ok": False, "error": refusal}))
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
    with sessions.begin() as session:
        outbox.post(session, Words("hello", [section]), workspace_id=WORKSPACE, key="k", target="C1")

    postman.deliver()

    assert said(slack) == ["hello"]
    assert "blocks" not in slack.messages[0]


def test_of_several_updates_only_the_last_is_said(
    say: Callable[..., bool],
    sessions: Sessions,
    outbox: Outbox,
    postman: Postman,
    slack: SlackServer,
    clock: FixedClock,
) -> None:
    say("draft", key="report")
    postman.deliver()
    for version in ("one", "two"):
        with sessions.begin() as session:
            outbox.update(session, Words(version), workspace_id=WORKSPACE, key=f"report:{version}", of_key="report")

    postman.deliver()

    assert said(slack) == ["two"]
    assert len(slack.calls("chat.update")) == 1
    assert fate(sessions, outbox, "report:one") == (State.SUPERSEDED, None)


def test_an_update_waits_for_its_message(
    say: Callable[..., bool],
    sessions: Sessions,
    outbox: Outbox,
    postman: Postman,
    slack: SlackServer,
    clock: FixedClock,
) -> None:
    slack.busy("chat.postMessage", retry_after=2)
    say("draft", key="report")
    with sessions.begin() as session:
        outbox.update(session, Words("final"), workspace_id=WORKSPACE, key="report:1", of_key="report")

    postman.deliver()
    clock.pass_time(seconds=2)
    postman.deliver()
    postman.deliver()

    assert said(slack) == ["final"]


def test_a_thread_is_answered_whose_first_message_was_not_said_yet(
    say: Callable[..., bool], postman: Postman, slack: SlackServer, clock: FixedClock
) -> None:
    say("root")
    say("reply", thread_of="root")

    postman.deliver()
    clock.pass_time(seconds=1)
    postman.deliver()

    assert slack.messages[1]["thread_ts"] == slack.messages[0]["ts"]


def test_a_person_is_told_in_their_direct_messages(
    say: Callable[..., bool], postman: Postman, slack: SlackServer
) -> None:
    say("psst", target="U0MAYA")

    postman.deliver()

    assert slack.messages[0]["channel"] == "D0MAYA"


def test_what_a_dead_process_was_saying_is_looked_for_first(
    say: Callable[..., bool], outbox: Outbox, postman: Postman, slack: SlackServer, clock: FixedClock
) -> None:
    say("hello")
    [row] = outbox.claim(10)
    SlackVoice(web_client("xoxb-test", slack.url)).post(row.target, "hello", [], None, row.key)

    clock.pass_time(seconds=60)
    assert postman.deliver() == 0
    clock.pass_time(seconds=31)
    assert postman.deliver() == 1

    assert said(slack) == ["hello"]


def test_what_a_dead_process_never_said_is_said(
    say: Callable[..., bool], outbox: Outbox, postman: Postman, slack: SlackServer, clock: FixedClock
) -> None:
    say("hello")
    outbox.claim(10)

    clock.pass_time(seconds=91)
    postman.deliver()

    assert said(slack) == ["hello"]


def test_after_a_day_of_trying_a_message_is_given_up(
    say: Callable[..., bool],
    postman: Postman,
    slack: SlackServer,
    clock: FixedClock,
    sessions: Sessions,
    outbox: Outbox,
) -> None:
    slack.busy("chat.postMessage", times=2)
    say("hello")

    postman.deliver()
    clock.pass_time(hours=25)
    postman.deliver()

    assert fate(sessions, outbox, "hello") == (State.FAILED, "retry after 3 s")


def test_the_text_is_not_kept_once_it_is_said(say: Callable[..., bool], postman: Postman, sessions: Sessions) -> None:
    say("a secret plan")

    postman.deliver()

    with sessions.begin() as session:
        assert [(row.text, row.blocks) for row in session.query(Outgoing)] == [(None, None)]


def test_processes_that_race_say_everything_once(
    say: Callable[..., bool], engine: Engine, slack: SlackServer, clock: FixedClock
) -> None:
    for number in range(30):
        say(f"message {number}", target=f"C{number}")

    def process() -> int:
        return sum(postman_for(Outbox(open_sessions(engine), clock), slack).deliver(limit=4) for _ in range(12))

    with ThreadPoolExecutor(3) as pool:
        processes = [pool.submit(process) for _ in range(3)]
        assert sum(done.result() for done in processes) == 30

    assert sorted(said(slack)) == sorted(f"message {number}" for number in range(30))


def test_what_may_only_be_said_until_some_time_fails_afterwards(
    sessions: Sessions, outbox: Outbox, postman: Postman, slack: SlackServer, clock: FixedClock
) -> None:
    slack.busy("chat.postMessage", retry_after=60)
    with sessions.begin() as session:
        deadline = clock.now + timedelta(minutes=1)
        outbox.post(session, Words("hello"), workspace_id=WORKSPACE, key="k", target="C1", not_after=deadline)

    postman.deliver()
    clock.pass_time(minutes=2)
    postman.deliver()

    assert said(slack) == []
    assert fate(sessions, outbox, "k") == (State.FAILED, "too_late")


def test_what_perhaps_arrived_is_looked_for_even_when_it_is_too_late(
    sessions: Sessions, outbox: Outbox, postman: Postman, slack: SlackServer, clock: FixedClock
) -> None:
    slack.fail("chat.postMessage", Failure(500, {}, done=True))
    with sessions.begin() as session:
        deadline = clock.now + timedelta(minutes=1)
        outbox.post(session, Words("hello"), workspace_id=WORKSPACE, key="k", target="C1", not_after=deadline)

    postman.deliver()
    clock.pass_time(minutes=2)
    postman.deliver()

    assert said(slack) == ["hello"]
    assert fate(sessions, outbox, "k") == (State.SENT, None)


def test_what_is_withdrawn_in_time_is_not_said(
    say: Callable[..., bool], sessions: Sessions, outbox: Outbox, postman: Postman, slack: SlackServer
) -> None:
    say("no")
    say("yes")
    with sessions.begin() as session:
        assert outbox.withdraw(session, WORKSPACE, "no") is True
    postman.deliver()
    with sessions.begin() as session:
        assert outbox.withdraw(session, WORKSPACE, "yes") is False

    assert said(slack) == ["yes"]


def test_a_clock_that_goes_back_a_day_silences_nobody(
    say: Callable[..., bool], postman: Postman, slack: SlackServer, clock: FixedClock
) -> None:
    say("first")
    postman.deliver()
    clock.pass_time(days=-1)
    say("second")
    postman.deliver()

    assert said(slack) == ["first", "second"]


@pytest.mark.parametrize("answer_lost", [False, True])
def test_a_file_is_shared_once_in_its_thread(
    say: Callable[..., bool],
    sessions: Sessions,
    outbox: Outbox,
    postman: Postman,
    slack: SlackServer,
    clock: FixedClock,
    answer_lost: bool,
) -> None:
    say("root", key="root")
    if answer_lost:
        slack.fail("files.completeUploadExternal", Failure(500, {}, done=True))
    with sessions.begin() as session:
        file = Attachment("symptoms.png", "Slow queries: often.", b"\x89PNG")
        outbox.upload(session, file, workspace_id=WORKSPACE, key="file", target="C1", thread_of="root")
    for _ in range(3):
        postman.deliver()
        clock.pass_time(minutes=10)

    root, shared = slack.messages
    assert shared["thread_ts"] == root["ts"]
    assert shared["files"][0]["alt_txt"] == "Slow queries: often."
    assert fate(sessions, outbox, "file") == (State.SENT, None)
