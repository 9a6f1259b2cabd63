"""While the embedding model is being loaded: incidents are helped at once, questions are kept and answered then."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.assembly import build, opening_knowledge
from bot.settings import Settings
from bot.slack.app import InlineExecutor
from bot.slack.client import web_client
from knowledge.base import KnowledgeBase
from tests import payloads
from tests.clocks import FixedClock
from tests.conftest import House
from tests.slack_server import SlackServer

SLOW = "our dashboard queries got slow at 800 users, what do we do first?"


@pytest.fixture
def opening() -> KnowledgeBase:
    return opening_knowledge(Settings(_env_file=None, index_folder=Path(".cache/test-index")))


@pytest.fixture
def house(engine: Engine, slack: SlackServer, clock: FixedClock, opening: KnowledgeBase) -> House:
    settings = Settings(_env_file=None, slack_api_url=slack.url)
    client = web_client("xoxb-test", slack.url)
    return House(build(settings, client, opening, engine, clock=clock, executor_for=InlineExecutor), slack, clock)


def paste(house: House, text: str) -> None:
    house.dispatch(payloads.shortcut("triage.this_message", text, response_url=house.slack.response_url, ts="5.0"))


def test_a_known_error_text_is_recognised_at_once(house: House) -> None:
    paste(house, "deadlock detected: Process 11 waits for ShareLock")

    assert "Transactions deadlock" in json.dumps(house.slack.messages[0])


def test_what_needs_the_model_is_read_again_when_it_is_there(house: House, opening: KnowledgeBase) -> None:
    paste(house, "the letters we send after sign-up reach people hours afterwards")
    assert "I do not recognise" in json.dumps(house.slack.messages[0])

    opening.load()
    house.beat(times=3)

    assert "Jobs" in json.dumps(house.slack.messages[0]) or "queue" in json.dumps(house.slack.messages[0]).lower()
    assert "I do not recognise" not in json.dumps(house.slack.messages[0])


def test_a_question_is_kept_and_answered_then(house: House, opening: KnowledgeBase) -> None:
    house.dispatch(payloads.mention(SLOW, ts="1.0"))
    house.beat(seconds=31, times=5)
    assert house.slack.messages == []
    [told] = house.slack.calls("chat.postEphemeral")
    assert "still loading" in told["text"]

    opening.load()
    house.beat(times=2)

    [answer] = house.slack.messages
    assert answer["thread_ts"] == "1.0"
    assert "index" in json.dumps(answer).lower()


def test_a_command_is_asked_to_come_again(house: House) -> None:
    house.dispatch(payloads.command(f"ask {SLOW}", response_url=house.slack.response_url))

    [told] = house.slack.calls("respond")
    assert "try again in a minute" in told["text"]
