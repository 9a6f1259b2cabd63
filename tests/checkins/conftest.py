"""The world in which check-ins are tested."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from bot.database import open_engine
from tests.checkins.world import FakeSlack, World
from tests.clocks import FixedClock

MONDAY = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def fake_slack(clock: FixedClock) -> FakeSlack:
    return FakeSlack(clock)


@pytest.fixture
def world(engine: Engine, clock: FixedClock, fake_slack: FakeSlack) -> World:
    """On each kind of database."""
    return World(engine, clock, fake_slack)


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    engine = open_engine(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_world(sqlite_engine: Engine, clock: FixedClock, fake_slack: FakeSlack) -> World:
    """Where the database makes no difference."""
    return World(sqlite_engine, clock, fake_slack)
