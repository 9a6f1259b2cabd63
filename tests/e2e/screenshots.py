"""`python -m tests.e2e.screenshots [FOLDER]`: the README's pictures, made from the running trial."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.browser import open_thread, page, picture
from tests.e2e.person import Person
from tests.e2e.screen import Screen
from tests.e2e.trial import ROOT, Trial


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    trial = Trial(Path(tempfile.mkdtemp(prefix="advisor-screenshots-")))
    trial.wait_until_ready()
    screen = Screen(trial.url)
    try:
        with page(shutil.which("chromium") or "chromium", trial.url) as view:
            for show in (a_thread, the_whole_answer):
                show(view, trial, Person.of(trial.url, screen), folder)
    finally:
        screen.close()
        trial.stop()


def a_thread(view: Page, trial: Trial, person: Callable[[str], Person], folder: Path) -> None:
    maya, ben = person("U0MAYA"), person("U0BEN")
    ts = maya.mention("our dashboard takes 3 seconds since we passed 800 users, what first?")
    maya.sees_reply(ts)
    ben.say("and on MySQL?", thread=ts)
    answer = maya.sees_reply(ts, number=2)
    open_thread(view, trial.url, "C0ENG", answer.ts, ts)
    picture(view, folder, "question")


def the_whole_answer(view: Page, trial: Trial, person: Callable[[str], Person], folder: Path) -> None:
    maya = person("U0MAYA")
    ts = maya.mention("should we move to Kubernetes at 500 users?")
    answer = maya.sees_reply(ts)
    maya.click(answer, "More")
    maya.sees_changed(answer, lambda now: "Less" in now.controls)
    view.set_viewport_size({"width": 1280, "height": 1700})
    open_thread(view, trial.url, "C0ENG", answer.ts, ts)
    picture(view, folder, "whole-answer")
    view.set_viewport_size({"width": 1280, "height": 900})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")
