"""No duplicate, no loss, no ask outside working hours, and the ledger says the same: whatever breaks in between."""

import itertools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event

from bot.checkins.model import Invitation, Round
from bot.database import open_engine
from bot.errors import SlackBusy, SlackUncertain
from tests.checkins.world import FakeSlack, World, fail, twice
from tests.clocks import FixedClock

ZONES = {"UANA": "Europe/Berlin", "UBEN": "Europe/London", "UCHI": "Asia/Singapore", "UEVE": "America/New_York"}
DUE = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)  # Ana's
CLOSED = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def assert_proven(world: World, people: int, *, sent: int | None = None) -> None:
    """One ask per person and period, none outside working hours, one summary per round, and the ledger agrees."""
    asks = world.marks("invite")
    assert twice(asks) == []
    assert twice(world.marks("remind")) == []
    assert twice(world.marks("summary")) == []
    zones = {row.person: row.zone for row in world.invitations}
    for said in world.slack.said:
        if said.mark.startswith(("checkin:invite:", "checkin:remind:")):
            local = said.at.astimezone(ZoneInfo(zones[said.target]))
            assert local.weekday() < 5
            assert 8 <= local.hour < 18, f"{said.mark} at {local}"
    rows = world.invitations
    assert len(rows) == people * len({row.round_id for row in rows})
    assert {row.outcome for row in rows} <= {"sent", "skipped", "failed"}
    assert all(row.reason for row in rows if row.outcome in ("skipped", "failed"))
    assert len([row for row in rows if row.outcome == "sent"]) == len(asks)
    if sent is not None:
        assert len(asks) == sent


class Died(BaseException):
    """The process is gone; nothing catches this."""


class Boundary:
    """Kills the process at the nth step of a database or Slack: before or after a commit, before or after a call."""

    def __init__(self, nth: int) -> None:
        self.nth, self.passed = nth, 0

    def __call__(self, *args: object) -> None:
        self.passed += 1
        if self.passed == self.nth:
            raise Died

    def watch(self, world: World) -> None:
        event.listen(world.engine, "commit", self)
        event.listen(world.sessions, "after_commit", self)
        world.slack.trouble = world.slack.answer_lost = self

    def unwatch(self, world: World) -> None:
        event.remove(world.engine, "commit", self)
        event.remove(world.sessions, "after_commit", self)
        world.slack.trouble = world.slack.answer_lost = lambda target: None


def a_day(world: World) -> None:
    """Opening, asking, an answer, reminding, closing and publishing, in as few beats as show each of them."""
    for moment in (DUE - timedelta(hours=12), DUE, DUE + timedelta(minutes=245), DUE + timedelta(hours=25)):
        world.clock.set(max(world.clock.now, moment))
        for _ in range(2):
            world.rounds.beat()
            world.postman.deliver()
            world.proof.settle()
            world.clock.pass_time(seconds=2)


def boundaries(sqlite_world: World) -> int:
    counter = Boundary(-1)
    counter.watch(sqlite_world)
    a_day(sqlite_world)
    counter.unwatch(sqlite_world)
    return counter.passed


@pytest.fixture
def fresh_world(sqlite_url: str) -> Iterator[Callable[[], World]]:
    """Worlds on copies of the same empty database."""

    template, engines = Path(sqlite_url.removeprefix("sqlite:///")), list[Engine]()

    def make() -> World:
        path = template.with_name(f"copy{len(engines)}.db")
        shutil.copy(template, path)
        engine = open_engine(f"sqlite:///{path}")
        engines.append(engine)
        clock = FixedClock(datetime(2026, 11, 18, 12, 0, tzinfo=UTC))
        world = World(engine, clock, FakeSlack(clock))
        world.check_in(world.team({"UANA": "Europe/Berlin", "UIDA": "Europe/Berlin"}), "UANA", reminders=1)
        return world

    yield make
    for engine in engines:
        engine.dispose()


def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(fresh_world: Callable[[], World]) -> None:
    steps = boundaries(fresh_world())
    assert steps > 50

    for nth in range(1, steps + 1):
        world = fresh_world()
        death = Boundary(nth)
        death.watch(world)
        with pytest.raises(Died):
            a_day(world)
        death.unwatch(world)
        again = World(world.engine, world.clock, world.slack)  # the process is started again
        again.clock.pass_time(seconds=100)  # the dead one's claims run out
        a_day(again)
        assert_proven(again, people=2, sent=2)
        assert len(again.marks("remind")) == 2
        assert len(again.marks("summary")) == 1


@pytest.mark.parametrize("processes", [2, 3])
@pytest.mark.postgres
def test_processes_that_race_on_postgres_do_everything_once(
    postgres_url: str, clock: FixedClock, fake_slack: FakeSlack, processes: int
) -> None:
    engines = [open_engine(postgres_url) for _ in range(processes)]
    worlds = [World(engine, clock, fake_slack) for engine in engines]
    people = {f"U{n:03}": zone for n, zone in zip(range(40), itertools.cycle(ZONES.values()), strict=False)}
    worlds[0].check_in(worlds[0].team(people), "U000")
    moments = [DUE - timedelta(hours=14), *(DUE + timedelta(hours=hour) for hour in (-7, 0, 1, 4, 6, 10, 23, 31))]

    for moment in moments:
        clock.set(moment)
        together(worlds, lambda world: world.beat(2))
    for _ in range(3):
        clock.pass_time(seconds=100)
        together(worlds, lambda world: world.beat())

    assert_proven(worlds[0], people=40, sent=40)
    assert len(worlds[0].all(Round)) == 1
    assert len(worlds[0].marks("summary")) == 1
    for engine in engines:
        engine.dispose()


def together(worlds: list[World], do: Callable[[World], None]) -> None:
    barrier, errors = threading.Barrier(len(worlds)), list[BaseException]()

    def run(world: World) -> None:
        barrier.wait()
        try:
            do(world)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(world,)) for world in worlds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


def test_an_answer_and_a_reminder_at_the_same_moment_do_not_both_win(world: World) -> None:
    world.check_in(world.team({"UANA": "Europe/Berlin"}), "UANA")
    world.until(DUE + timedelta(minutes=5))
    world.clock.set(DUE + timedelta(hours=4))
    other = World(world.engine, world.clock, world.slack)
    round_id = world.round.id
    together_two(lambda: world.answer(round_id, "UANA"), other.rounds.remind_due)
    world.until(CLOSED)

    states = [row.state for row in world.reminders]
    assert "pending" not in states
    said = world.marks("remind")
    assert len(said) <= 1
    assert len(world.responses) == 1


def together_two(first: Callable[[], object], second: Callable[[], object]) -> None:
    errors: list[BaseException] = []

    def guarded(do: Callable[[], object]) -> None:
        try:
            do()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(do,)) for do in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


@pytest.mark.parametrize("trouble", [SlackBusy(5), SlackUncertain(5)])
def test_a_minute_of_429_on_every_call(world: World, trouble: SlackBusy) -> None:
    world.check_in(world.team(ZONES), "UANA")
    world.until(DUE - timedelta(seconds=1))
    world.slack.trouble = fail(trouble, when=lambda: world.clock.now < DUE + timedelta(minutes=1))
    for _ in range(150):
        world.clock.pass_time(seconds=1)
        world.rounds.beat()
        world.postman.deliver()
    world.until(CLOSED)

    assert_proven(world, people=4, sent=4)
    late = next(said.at for said in world.slack.said if said.target == "UANA") - DUE
    assert timedelta(minutes=1) <= late <= timedelta(minutes=8)


def test_slack_down_for_an_hour(world: World) -> None:
    world.check_in(world.team(ZONES), "UANA")
    world.until(DUE - timedelta(minutes=5))
    world.slack.trouble = fail(SlackUncertain(5), when=lambda: world.clock.now < DUE + timedelta(hours=1))
    world.until(DUE + timedelta(hours=2), step=timedelta(minutes=2))
    world.until(CLOSED)

    assert_proven(world, people=4, sent=4)


def test_slack_down_until_the_evening_asks_nobody_at_night(world: World) -> None:
    world.check_in(world.team({"UANA": "Europe/Berlin"}), "UANA", at="17:00")
    world.until(datetime(2026, 11, 19, 15, 55, tzinfo=UTC))
    world.slack.trouble = fail(SlackBusy(60), when=lambda: world.clock.now < DUE + timedelta(hours=10))
    world.until(DUE + timedelta(hours=11), step=timedelta(minutes=10))
    world.until(CLOSED + timedelta(days=3))

    assert_proven(world, people=1, sent=0)
    assert world.outcomes()["UANA"][0] == "failed"
    assert [said.target for said in world.slack.said if ":alert:" in said.mark] == ["UANA"]


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1)])
@pytest.mark.parametrize("hours", [-30, -1, 1, 5])
def test_a_clock_that_jumps_a_day_and_back(sqlite_world: World, jump: timedelta, hours: int) -> None:
    world = sqlite_world
    world.check_in(world.team(ZONES), "UANA")
    world.until(DUE + timedelta(hours=hours))
    world.clock.now += jump
    world.beat(3)
    world.clock.now += timedelta(minutes=1)
    world.beat(3)
    world.clock.now -= jump
    world.until(CLOSED + timedelta(days=3))

    assert twice(world.marks("invite")) == []
    assert len(world.all(Round)) == 1
    assert {row.outcome for row in world.invitations} <= {"sent", "skipped"}
    assert all(row.reason for row in world.invitations if row.outcome == "skipped")


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", date(2026, 10, 25)),
        ("Europe/Berlin", date(2027, 3, 28)),
        ("America/New_York", date(2026, 11, 1)),
        ("America/New_York", date(2027, 3, 14)),
        ("Australia/Sydney", date(2027, 4, 4)),
        ("Australia/Sydney", date(2026, 10, 4)),
    ],
)
@pytest.mark.parametrize("at", ["01:30", "02:30"])
def test_both_dst_days_ask_once_at_the_right_minute(sqlite_world: World, zone: str, day: date, at: str) -> None:
    """The night shift works on Sundays, so that the ask falls into the gap or the repeated hour."""
    world = sqlite_world
    noon = datetime.combine(day, datetime.min.time(), tzinfo=UTC) - timedelta(days=4)
    world.clock.set(noon)
    team = world.team({"UANA": zone, "UBEN": None}, zone=zone)
    always = tuple(range(7))
    world.check_in(
        team, "UANA", at=at, weekdays=(6,), working_days=always, work_from="00:00", work_until="23:59", window_h=4
    )
    world.until(noon + timedelta(days=6))

    asks = [said for said in world.slack.said if ":invite:" in said.mark]
    assert len(asks) == 2
    for said in asks:
        local = said.at.astimezone(ZoneInfo(zone))
        expected = datetime.combine(day, time_of_day.fromisoformat(at))
        shifted = local.replace(tzinfo=None)
        assert shifted == expected or (shifted.hour, shifted.minute) == (3, 0)
        assert local.fold == 0
    assert {row.outcome for row in world.invitations} == {"sent"}


def test_four_thousand_people_due_in_the_same_minute(world: World) -> None:
    people = {f"U{n:04}": "Europe/Berlin" for n in range(4000)}
    quickly_known(world, people)
    world.check_in(world.team({"U0000": "Europe/Berlin"}), "U0000", asked=tuple(f"person:{who}" for who in people))
    world.clock.set(DUE - timedelta(hours=13))
    world.rounds.beat()
    world.clock.set(DUE)
    begun = time.monotonic()

    world.rounds.beat()

    assert time.monotonic() - begun < 30
    assert len(world.invitations) == 4000
    for _ in range(30):
        if not world.postman.deliver():
            break
        world.clock.pass_time(seconds=1)
    while world.proof.settle():
        pass
    assert {row.outcome for row in world.invitations} == {"sent"}
    assert len(set(world.marks("invite"))) == len(world.marks("invite")) == 4000


def quickly_known(world: World, people: dict[str, str]) -> None:
    from sqlalchemy import insert

    from bot.teams.model import Person
    from tests.slack_server import WORKSPACE

    rows = [
        {
            "workspace_id": WORKSPACE,
            "person": person,
            "name": person,
            "tz": zone,
            "is_guest": False,
            "is_foreign": False,
            "is_bot": False,
            "is_admin": False,
            "deleted": False,
            "refreshed_at": world.clock.now,
        }
        for person, zone in people.items()
    ]
    with world.sessions.begin() as session:
        session.execute(insert(Person), rows)


def test_one_poisoned_ask_stops_nobody_else(world: World) -> None:
    world.check_in(world.team(ZONES), "UANA")
    world.until(DUE - timedelta(minutes=1))
    with world.sessions.begin() as session:
        row = session.get_one(Invitation, next(row.id for row in world.invitations if row.person == "UBEN"))
        row.zone, row.zone_from = "Nowhere/Else", "own"
    world.until(DUE + timedelta(hours=7))

    assert {said.target for said in world.slack.said if ":invite:" in said.mark} == {"UANA", "UCHI", "UEVE"}


def test_the_beat_reads_nothing_of_schedules_at_rest(sqlite_engine: Engine, sqlite_world: World) -> None:
    team = sqlite_world.team({"UANA": "Europe/Berlin"})
    for n in range(20):
        sqlite_world.check_in(team, "UANA", name=f"idle {n}")
    plans: list[str] = []

    with sqlite_engine.connect() as connection:
        for row in connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT workspace_id, id FROM check_ins WHERE next_due_at <= '2026-11-16' "
            "ORDER BY next_due_at LIMIT 50"
        ):
            plans.append(str(row))

    assert any("ix_check_ins_due" in plan for plan in plans)
    assert not any("SCAN check_ins" in plan and "INDEX" not in plan for plan in plans)
