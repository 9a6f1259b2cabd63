"""The real process against a local Slack server, and people who use it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.trial.server import installed_server
from tests.e2e.person import Person
from tests.e2e.screen import Screen
from tests.e2e.trial import Trial, is_listening


@pytest.fixture(scope="session")
def local_slack() -> Path:
    program = installed_server()
    if program is None:
        pytest.skip("there is no local Slack server: `make setup` installs it where npm is")
    return program


@pytest.fixture(scope="session")
def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("there is no chromium for browser tests")


@pytest.fixture(scope="module")
def trial(local_slack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """One running process for the stories of a file; it must end well, and leave nothing behind."""
    running = Trial(tmp_path_factory.mktemp("trial"))
    try:
        running.wait_until_ready()
        yield running
    finally:
        code = running.stop()
    assert code == 0, running.printed
    assert not is_listening(running.port), "the local Slack server was left over"


@pytest.fixture
def screen(trial: Trial) -> Iterator[Screen]:
    open_page = Screen(trial.url)
    yield open_page
    open_page.close()


@pytest.fixture
def person(trial: Trial, screen: Screen) -> Callable[[str], Person]:
    """Anybody of the workspace, by id."""
    return Person.of(trial.url, screen)


@pytest.fixture
def maya(person: Callable[[str], Person]) -> Person:
    return person("U0MAYA")


@pytest.fixture
def ben(person: Callable[[str], Person]) -> Person:
    return person("U0BEN")


@pytest.fixture
def sue(person: Callable[[str], Person]) -> Person:
    return person("U0SUE")
