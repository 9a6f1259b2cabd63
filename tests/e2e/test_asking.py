"""Story 1: a team asks, in a browser's Slack, and is answered by the process that `make run` starts."""

import sqlite3
from pathlib import Path

import pytest

from tests.e2e.person import Person
from tests.e2e.trial import Trial

pytestmark = pytest.mark.e2e


def test_a_question_is_answered_in_its_thread_with_sources(maya: Person) -> None:
    ts = maya.mention("our dashboard takes 3 seconds since we passed 800 users")

    answer = maya.sees_reply(ts)
    assert "index" in answer.text.lower()
    assert "Sources" in answer.text
    assert {"More", "👍 Helpful", "👎 Not helpful"} <= set(answer.controls)
