"""Story 1: a team asks in a browser's Slack, and the process that `make run` starts answers."""

from pathlib import Path

import pytest

from tests.e2e.browser import open_thread, page, picture
from tests.e2e.person import Person
from tests.e2e.trial import Trial

pytestmark = pytest.mark.e2e

QUESTION = "our dashboard takes 3 seconds since we passed 800 users"


def test_a_question_is_answered_in_its_thread_with_sources(maya: Person) -> None:
    ts = maya.mention(QUESTION)

    answer = maya.sees_reply(ts)
    assert "index" in answer.text.lower()
    assert "Sources: " in answer.text
    assert {"More", "👍 Helpful", "👎 Not helpful"} <= set(answer.controls)


def test_a_follow_up_in_the_thread_needs_no_tag(maya: Person, ben: Person) -> None:
    ts = maya.mention("which queries should we index first at 3,000 users?")
    maya.sees_reply(ts)

    ben.say("and on MySQL?", thread=ts)
    maya.click(maya.sees_reply(ts, number=2), "More")
    whole = maya.sees_changed(maya.sees_reply(ts, number=2), lambda now: "Less" in now.controls)
    assert "mysql" in whole.text.lower()
    assert "FROM pg_stat" not in whole.text


def test_more_shows_the_whole_answer_in_place_and_less_folds_it(maya: Person) -> None:
    short = maya.sees_reply(maya.mention(QUESTION))

    maya.click(short, "More")
    whole = maya.sees_changed(short, lambda now: "Less" in now.controls)
    assert "How to see it worked" in whole.text
    assert len(whole.text) > 2 * len(short.text)

    maya.click(short, "Less")
    assert maya.sees_changed(short, lambda now: "More" in now.controls).text == short.text


def test_a_thumb_down_asks_why_and_keeps_the_reason(maya: Person, trial: Trial) -> None:
    answer = maya.sees_reply(maya.mention("do we need read replicas at 2,000 users?"))

    maya.click(answer, "👎 Not helpful")
    maya.sees_form("What was wrong?")
    assert maya.submit(reason="we have no database") == {}
    assert trial.rows("SELECT person, helpful, reason FROM votes") == [("U0MAYA", 0, "we have no database")]


def test_a_command_is_answered_where_it_was_typed(ben: Person) -> None:
    ben.command("ask should we move to Kubernetes at 500 users?")

    assert "Sources: " in ben.sees("Kubernetes").text


def test_an_unknown_command_gets_help(ben: Person) -> None:
    ben.command("nonsense")

    answer = ben.sees("/advisor nonsense")
    assert "/advisor ask" in answer.text
    assert "/advisor help" in answer.text


def test_a_direct_message_needs_no_tag(maya: Person) -> None:
    ts = maya.say("we keep running out of database connections, 20k users", channel="D0MAYA")

    assert "connection" in maya.sees_reply(ts, channel="D0MAYA").text.lower()


def test_what_it_does_not_know_it_says(maya: Person) -> None:
    answer = maya.sees_reply(maya.mention("what should I cook for my mother-in-law tonight?"))

    assert "Sources: " not in answer.text
    assert "More" not in answer.controls


def test_a_changed_question_is_answered_again_in_place(maya: Person) -> None:
    ts = maya.mention("should we split our monolith into microservices at 600 users?")
    first = maya.sees_reply(ts)

    maya.edit(ts, "<@U0ADVISOR> our backups have never been restored, 600 users")
    assert "restore" in maya.sees_changed(first, lambda now: now.text != first.text).text.lower()


@pytest.mark.browser
def test_an_answer_looks_right_in_a_browser(maya: Person, trial: Trial, chromium: str, tmp_path: Path) -> None:
    ts = maya.mention(QUESTION)
    answer = maya.sees_reply(ts)

    with page(chromium, trial.url) as view:
        open_thread(view, trial.url, "C0ENG", answer.ts, ts)
        shown = view.locator(f'.thread-pane .msg[data-ts="{answer.ts}"]')
        assert "Index" in shown.inner_text()
        assert shown.get_by_role("button", name="More").is_visible()
        assert view.locator(".bk-unknown").count() == 0
        assert picture(view, tmp_path, "thread").stat().st_size > 20_000
        shown.get_by_role("button", name="Not helpful").click()
        view.get_by_text("What was wrong?").wait_for()
    maya.sees_form("What was wrong?")
    maya.close_form()
