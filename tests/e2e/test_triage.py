"""Story 3: at 3 a.m. somebody pastes an alert; an hour later there is a page of what happened and what remains."""

from pathlib import Path

import pytest

from tests.e2e.browser import open_thread, page, picture
from tests.e2e.person import Person
from tests.e2e.screen import Message
from tests.e2e.trial import Trial

pytestmark = pytest.mark.e2e

ALERT = "ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction"


def label_of(message: Message, beginning: str) -> str:
    return next(label for label in message.controls if label.startswith(beginning))


def begin(person: Person, text: str = ALERT) -> Message:
    """Starts a triage in #incidents and returns its board; it is the newest."""
    last = max((message.ts for message in person.channel("C0INC")), default="0")
    person.command(f"triage {text}", channel="C0INC")
    return person.sees("Why I think so", channel="C0INC", after=last)


def test_from_the_alert_to_the_page_that_is_kept(maya: Person, ben: Person, sue: Person, trial: Trial) -> None:
    board = begin(maya)
    assert "Lock wait timeout exceeded" in board.text
    assert "sys.innodb_lock_waits" in board.text

    sue.click(board, "I take it")
    sue.click(board, "How bad is it?", "1 – customers are hurt")
    board = sue.sees_changed(board, lambda now: "Hand over" in now.controls and "customers are hurt" in now.text)

    ben.click(board, "Tell what changed")
    ben.sees_form("What changed?")
    assert ben.submit(what="the nightly import was started by hand at 2:50") == {}
    ben.click(board, "Done")
    board = ben.sees_changed(board, lambda now: "✅" in now.text)
    assert "<@U0BEN>" in board.text

    sue.click(board, "This is it")
    board = sue.sees_changed(board, lambda now: "Likely:" not in now.text)
    sue.click(board, "Give an update")
    sue.sees_form("Update")
    sue.submit(see="orders hang", do="stopping the import", need="nothing")
    assert "orders hang" in sue.sees("Update on incident", channel="C0INC", after=board.ts).text

    said = ben.say("stopped the import, orders go through again", channel="C0INC", thread=board.ts)
    ben.react(said, "pushpin", channel="C0INC")
    sue.click(board, "Mitigated")
    board = sue.sees_changed(board, lambda now: "Mitigated" not in now.controls)

    sue.click(board, "Resolve …")
    sue.sees_form("Resolve")
    assert sue.submit(todo_1="Run imports in batches") != {}
    filled = {"todo_1": "Run imports in batches", "owner_1": "U0BEN", "due_1": "2030-01-31"}
    assert sue.submit(own_cause="an import in one transaction", helped="stopping it", **filled) == {}
    board = sue.sees_changed(board, lambda now: "Run imports in batches" in now.text)
    assert "an import in one transaction" in board.text

    sue.click(sue.sees("is resolved, says", channel="C0INC", after=board.ts), "Write the post-incident page")
    kept = trial.rows("SELECT id, state, owner FROM incidents WHERE cause = 'an import in one transaction'")
    assert [(state, owner) for _, state, owner in kept] == [("resolved", "U0SUE")]
    file = sue.sees_file(f"post-incident-{kept[0][0]}.md", channel="C0INC")
    assert file.raw["thread_ts"] == board.ts
    assert trial.rows("SELECT text FROM incident_messages") == [("stopped the import, orders go through again",)]


def test_a_cry_for_help_to_the_bot_is_offered_a_triage(maya: Person) -> None:
    ts = maya.mention("help, the site is down, nobody can log in!!")
    offer = maya.sees("reads like an incident", after=ts)

    maya.click(offer, "Start triage")

    assert "Incident" in maya.sees("Why I think so", after=ts).text


def test_not_this_moves_on(maya: Person) -> None:
    board = begin(maya, "MISCONF Redis is configured to save RDB snapshots, but is currently unable to persist to disk")
    before = board.text.splitlines()[0]

    maya.click(board, "Not this")

    assert maya.sees_changed(board, lambda now: now.text.splitlines()[0] != before).text


def test_home_has_a_button_that_begins_one(ben: Person) -> None:
    ben.opens_home()
    ben.click_home("Start a triage")

    assert ben.sees_form("Start a triage")
    ben.close_form()


@pytest.mark.browser
def test_a_board_looks_right_in_a_browser(maya: Person, trial: Trial, chromium: str, tmp_path: Path) -> None:
    board = begin(maya)
    maya.click(board, label_of(board, "All steps"))
    board = maya.sees_changed(board, lambda now: "Fewer steps" in now.controls)

    with page(chromium, trial.url, height=2200) as view:
        open_thread(view, trial.url, "C0INC", board.ts, board.ts)
        shown = view.locator(f'.thread-pane .msg[data-ts="{board.ts}"]')
        assert "Look first" in shown.inner_text()
        assert "Dangerous" in shown.inner_text()
        assert view.locator(".bk-unknown").count() == 0
        assert picture(view, tmp_path, "board").stat().st_size > 20_000
        shown.get_by_role("button", name="Resolve …").click()
        view.get_by_text("What was the cause?").wait_for()
        assert view.locator(".bk-unknown").count() == 0
        picture(view, tmp_path, "form")
    maya.sees_form("Resolve")
    assert maya.submit(own_cause="a long migration", helped="stopping it") == {}
    board = maya.sees_changed(board, lambda now: "a long migration" in now.text)
    with page(chromium, trial.url) as view:
        open_thread(view, trial.url, "C0INC", board.ts, board.ts)
        picture(view, tmp_path, "closed")
