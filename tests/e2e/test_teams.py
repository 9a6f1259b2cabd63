"""Story 2: a team is set up, a question is answered at its phase, and App Home shows what is next."""

from pathlib import Path

import pytest

from tests.e2e.browser import page, picture
from tests.e2e.person import Person
from tests.e2e.trial import Trial

pytestmark = pytest.mark.e2e

QUESTION = "our dashboard queries got slow, what do we do first?"


def test_a_team_is_set_up_asks_and_sees_its_phase_used(maya: Person, ben: Person) -> None:
    first = maya.sees_reply(maya.mention(QUESTION))
    assert "Answered for" not in first.text
    maya.click(maya.sees("I answered without knowing your team"), "Set up the team")
    maya.sees_form("Set up your team")
    assert set(maya.submit(name="Payments", home_channel="C0ENG", users="lots", timezone="Mars")) == {
        "users",
        "timezone",
    }
    assert maya.submit(
        name="Payments",
        home_channel="C0ENG",
        users="5,200",
        timezone="Berlin",
        everybody="yes",
        stack_language=["rails"],
        stack_database=["mysql"],
        stack_cache=["redis"],
    ) == {}  # fmt: skip

    maya.sees("set up the team")
    answer = maya.sees_reply(maya.mention(QUESTION))
    assert "Answered for Payments at 1k-10k on MySQL, Redis, Ruby on Rails." in answer.text.replace("*", "")
    assert "We have this problem" in answer.controls

    home = maya.opens_home()
    assert "Payments: 1k-10k" in home
    assert "What is next" in home
    maya.click_home("Update our numbers")
    maya.sees_form("Your numbers")
    assert maya.submit(users="12k", engineers="9") == {}
    maya.sees_home("Payments: 10k-100k")
    ben.sees("from 1k-10k to 10k-100k")


@pytest.mark.browser
def test_home_and_the_forms_look_right_in_a_browser(maya: Person, trial: Trial, chromium: str, tmp_path: Path) -> None:
    with page(chromium, trial.url, height=1500) as view:
        view.get_by_text("🏠").click()
        view.get_by_text("Payments: 10k-100k").wait_for()
        assert view.locator(".bk-unknown").count() == 0
        assert picture(view, tmp_path, "home").stat().st_size > 20_000
        for button, title in (
            ("Update our numbers", "Your numbers"),
            ("Team settings", "Team settings"),
            ("Pin the phase", "Pin the phase"),
            ("Show the whole plan", "The plan at 10k-100k"),
        ):
            view.get_by_role("button", name=button).click()
            maya.sees_form(title)
            assert view.locator(".bk-unknown").count() == 0, title
            assert picture(view, tmp_path, title.replace(" ", "-")).stat().st_size > 20_000
            maya.close_form()


def test_what_a_form_does_not_bring_back_stays(maya: Person, trial: Trial) -> None:
    """The local server brings back nothing of what nobody touched."""
    maya.opens_home()
    maya.click_home("Team settings")
    maya.sees_form("Team settings")
    assert maya.submit(name="Payments & Billing") == {}

    maya.sees_home("Payments &amp; Billing: 10k-100k".replace("&amp;", "&"))
    [stored] = trial.rows("SELECT name, home_channel, timezone, stacks FROM teams")
    assert stored == ("Payments & Billing", "C0ENG", "Europe/Berlin", '["mysql", "redis", "rails"]')
