"""Real processes that are killed (kill -9) while they open, ask, remind and close."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.database import open_engine
from tests.checkins.world import FakeSlack, World, twice
from tests.clocks import FixedClock
from tests.slack_server import SlackServer

PEOPLE = [f"UP{number}" for number in range(8)]
DUE = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
WITHIN_S = 120.0


class Beaters:
    """Starts processes of the beat and kills them.

    Args:
        database: its URL.
        slack: where they speak.
        folder: where their clock is.
    """

    def __init__(self, database: str, slack: SlackServer, folder: Path) -> None:
        self._database, self._slack, self._clock_file = database, slack, folder / "clock"
        self._running: list[subprocess.Popen[bytes]] = []

    def set_clock(self, now: datetime) -> None:
        fresh = self._clock_file.with_suffix(".new")
        fresh.write_text(now.isoformat())
        fresh.replace(self._clock_file)

    def start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.checkins.beater", self._database, self._slack.url, str(self._clock_file)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._running.append(process)
        return process

    def kill(self) -> None:
        """All at once, whatever they were doing."""
        for process in self._running:
            process.kill()
        for process in self._running:
            process.wait(10)
        self._running.clear()


@contextmanager
def beaters(database: str, slack: SlackServer, folder: Path) -> Iterator[Beaters]:
    running = Beaters(database, slack, folder)
    try:
        yield running
    finally:
        running.kill()


def wait_for(what: str, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not done():
        assert time.monotonic() < deadline, f"did not happen: {what}"
        time.sleep(0.005)


def marks(slack: SlackServer, kind: str) -> list[str]:
    said = [
        str(message["metadata"]["event_payload"]["id"]) for message in list(slack.messages) if "metadata" in message
    ]
    return [mark for mark in said if mark.startswith(f"checkin:{kind}:")]


@pytest.fixture
def prepared(database_url: str, slack: SlackServer, tmp_path: Path) -> Iterator[tuple[World, Beaters]]:
    engine = open_engine(database_url)
    clock = FixedClock(DUE - timedelta(days=2))
    world = World(engine, clock, FakeSlack(clock))
    world.check_in(world.team(dict.fromkeys(PEOPLE, "Europe/Berlin")), PEOPLE[0], reminders=1)
    with beaters(database_url, slack, tmp_path) as running:
        yield world, running
    engine.dispose()


def test_kill_9_again_and_again_loses_and_doubles_nothing(prepared: tuple[World, Beaters], slack: SlackServer) -> None:
    world, running = prepared
    now = DUE
    for asked in (1, 3, 5, 6):
        running.set_clock(now)
        running.start()
        wait_for(f"{asked} asks", lambda asked=asked: len(marks(slack, "invite")) >= asked)  # type: ignore[misc]
        running.kill()
        now += timedelta(seconds=100)  # what the dead one was saying is taken up by the next
    for moment, kind, number in ((now, "invite", 8), (DUE + timedelta(hours=4, minutes=10), "remind", 4)):
        running.set_clock(moment)
        running.start()
        wait_for(f"{number} {kind}", lambda kind=kind, number=number: len(marks(slack, kind)) >= number)  # type: ignore[misc]
        running.kill()
    running.set_clock(DUE + timedelta(hours=4, minutes=13))
    running.start()
    wait_for("all reminders", lambda: len(marks(slack, "remind")) >= 8)
    running.set_clock(DUE + timedelta(hours=25))
    wait_for("the summary", lambda: len(marks(slack, "summary")) >= 1)
    running.kill()
    running.set_clock(DUE + timedelta(hours=26))
    running.start()
    wait_for("the ledger", lambda: {row.outcome for row in world.invitations} == {"sent"})

    for kind, number in (("invite", 8), ("remind", 8), ("summary", 1)):
        assert twice(marks(slack, kind)) == []
        assert len(marks(slack, kind)) == number


@pytest.mark.postgres
def test_two_processes_of_which_one_is_killed_ask_everybody_once(
    postgres_url: str, slack: SlackServer, tmp_path: Path
) -> None:
    engine = open_engine(postgres_url)
    clock = FixedClock(DUE - timedelta(days=2))
    world = World(engine, clock, FakeSlack(clock))
    world.check_in(world.team(dict.fromkeys(PEOPLE, "Europe/Berlin")), PEOPLE[0])
    with beaters(postgres_url, slack, tmp_path) as running:
        running.set_clock(DUE - timedelta(minutes=1))
        first, _ = running.start(), running.start()
        wait_for("the round", lambda: len(world.invitations) == 8)
        running.set_clock(DUE)
        wait_for("two asks", lambda: len(marks(slack, "invite")) >= 2)
        first.kill()
        running.set_clock(DUE + timedelta(seconds=100))
        wait_for("all asks", lambda: {row.outcome for row in world.invitations} == {"sent"})

    assert twice(marks(slack, "invite")) == []
    assert len(marks(slack, "invite")) == 8
    engine.dispose()
