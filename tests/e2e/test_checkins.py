"""Story 4: a team sets its weekly check-in up, tries it, fills it in, and reads the summary."""

from pathlib import Path

import pytest

from tests.e2e.browser import page, picture
from tests.e2e.person import Person
from tests.e2e.trial import Trial

pytestmark = pytest.mark.e2e

DIRECT = "D0MAYA"


def set_up_the_team(maya: Person) -> None:
    maya.command("setup")
    maya.sees_form("Set up your team")
    stacks = {"stack_language": ["rails"], "stack_database": ["postgres"], "stack_cache": [], "stack_hosting": []}
    filled = {"name": "Payments", "home_channel": "C0ENG", "users": "5,200", "timezone": "Berlin", "everybody": "yes"}
    assert maya.submit(**filled, **stacks) == {}
    maya.sees("set up the team")


def test_a_check_in_from_the_first_setting_to_the_summary(maya: Person, ben: Person, trial: Trial) -> None:
    set_up_the_team(maya)
    maya.command("checkin settings")
    maya.sees_form("Check-in settings")
    assert set(maya.submit(at="23:00", country="Narnia")) == {"at", "country"}
    assert maya.submit(at="10:30", country="DE") == {}
    panel = maya.sees("Check-ins of", channel=DIRECT)

    maya.click(panel, "Send me a test run")
    ask = maya.sees("This is a test run", channel=DIRECT)
    assert "Who sees your answers" in ask.text
    maya.click(ask, "Fill in")
    form = maya.sees_form("Check-in")
    questions = [block["block_id"] for block in form["blocks"] if str(block.get("block_id")).startswith("symptom:")]
    assert len(questions) <= 8
    words = "background jobs pile up since the last release, mails arrive hours late"
    assert maya.submit(**{questions[0]: "often", questions[1]: "no", "text": words}) == {}
    maya.sees_form("A closer look")
    assert maya.submit(**{f"{questions[0]}|note": "twice this week", f"{questions[0]}|severity": "4"}) == {}

    preview = maya.sees("Preview: Payments", channel=DIRECT)
    assert "What to fix next" in preview.text
    [stored] = trial.rows("SELECT answers FROM check_in_responses")
    assert "twice this week" in stored[0]


def test_everybody_answers_by_command_and_the_channel_reads_it(maya: Person, ben: Person, trial: Trial) -> None:
    for who, choice in ((maya, "often"), (ben, "sometimes")):
        who.command("checkin")
        form = who.sees_form("Check-in")
        questions = [block["block_id"] for block in form["blocks"] if str(block.get("block_id")).startswith("symptom:")]
        assert who.submit(**{questions[0]: choice, questions[1]: "no"}) == {}
        who.sees_form("A closer look")
        who.close_form()
    panel_before = maya.sees("Preview: Payments", channel=DIRECT).ts
    maya.opens_home()
    maya.click_home("Manage check-ins")
    panel = maya.sees("Check-ins of", channel=DIRECT, after=panel_before)
    maya.click(panel, "Close now")

    summary = maya.sees("What to fix next")
    assert "2 of" in summary.text
    assert "Maya" in summary.text or "maya" in summary.text


@pytest.mark.browser
def test_the_ask_the_form_and_the_summary_look_right(maya: Person, trial: Trial, chromium: str, tmp_path: Path) -> None:
    with page(chromium, trial.url, height=1400) as view:
        view.goto(f"{trial.url}/archives/C0ENG")
        view.get_by_text("What to fix next").first.wait_for()
        assert view.locator(".bk-unknown").count() == 0
        assert picture(view, tmp_path, "summary").stat().st_size > 20_000
        maya.command("checkin")
        maya.sees_form("Check-in")
        assert view.locator(".bk-unknown").count() == 0
        assert picture(view, tmp_path, "form").stat().st_size > 20_000
        maya.close_form()
