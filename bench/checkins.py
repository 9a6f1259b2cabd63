"""Check-ins: how fast due asks go out, and that schedules at rest cost nothing."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bench.parts import milliseconds, percentile
from bot.checkins.model import CheckIn
from bot.database import migrate, open_engine
from bot.teams.model import Person
from tests.checkins.world import FakeSlack, World
from tests.clocks import FixedClock
from tests.slack_server import WORKSPACE

PEOPLE = 4_000
IDLE = 10_000
BEATS = 200
DUE = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)


def run() -> dict[str, Any]:
    return {**_asking(), **_idling()}


def _asking() -> dict[str, float]:
    """From due to written down in the outbox, and from there to Slack (which answers at once here)."""
    with _world() as world:
        people = [f"U{number:05}" for number in range(PEOPLE)]
        _known(world, people)
        team = world.team({people[0]: "Europe/Berlin"})
        world.check_in(team, people[0], asked=tuple(f"person:{person}" for person in people))
        world.clock.set(DUE - timedelta(hours=13))
        opened = milliseconds(world.rounds.beat)
        world.clock.set(DUE)
        asked = milliseconds(world.rounds.beat)
        began, said = time.perf_counter(), 0
        while now_said := world.postman.deliver():
            said += now_said
            world.clock.pass_time(seconds=1)
        seconds = time.perf_counter() - began
        assert said == len(world.slack.said) == PEOPLE
    return {
        "round opened for 4,000 (ms)": opened,
        "due asks dispatched (per s)": PEOPLE / asked * 1000,
        "messages handed to Slack (per s)": said / seconds,
    }


def _idling() -> dict[str, float]:
    """A beat with nothing due, beside none and beside ten thousand schedules at rest."""
    with _world() as none, _world() as many:
        for world in (none, many):
            world.check_in(world.team({"U0": "Europe/Berlin"}), "U0")
        _at_rest(many)
        # by turns, so that whatever else this machine does weighs on both alike
        pairs = [(_beat(none), _beat(many)) for _ in range(BEATS)]
    without, beside = (percentile(times, 0.5) for times in zip(*pairs, strict=True))
    return {
        "beat with no idle schedule p50 (ms)": without,
        "beat with 10,000 idle schedules p50 (ms)": beside,
        "beat cost, 10,000 idle against none (ratio)": beside / without,
    }


def _beat(world: World) -> float:
    return milliseconds(lambda: [duty.do() for duty in world.parts.duties()])


def _at_rest(world: World) -> None:
    known = world.known
    columns = {column.name: getattr(known, column.name) for column in CheckIn.__table__.columns if column.name != "id"}
    due = world.clock.now + timedelta(days=3)
    rest = {**columns, "next_day": date(2026, 11, 26), "next_due_at": due}
    with world.sessions.begin() as session:
        session.execute(insert(CheckIn), [{**rest, "name": f"idle {n}"} for n in range(IDLE)])


def _known(world: World, people: list[str]) -> None:
    row = {
        "workspace_id": WORKSPACE,
        "tz": "Europe/Berlin",
        "is_guest": False,
        "is_foreign": False,
        "is_bot": False,
        "is_admin": False,
        "deleted": False,
        "refreshed_at": world.clock.now,
    }
    with world.sessions.begin() as session:
        session.execute(insert(Person), [{**row, "person": person, "name": person} for person in people])


@contextmanager
def _world() -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="advisor-bench-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'advisor.db'}")
        migrate(engine)
        clock = FixedClock(DUE - timedelta(days=3))
        yield World(engine, clock, FakeSlack(clock))
        engine.dispose()
