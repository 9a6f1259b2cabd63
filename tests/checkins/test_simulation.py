"""Twelve weeks of a made-up team: what the simulation prints must be what behaviours 14 to 20 ask for."""

import json
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from bot.checkins.looking_up import explained
from bot.checkins.simulation import proven, simulation
from bot.cli import app
from tests.checkins.test_rounds import ANA, CLOSED, ZONES
from tests.checkins.world import World, guidance
from tests.clocks import FixedClock

Events = list[dict[str, Any]]


@pytest.fixture(scope="module")
def events() -> Events:
    with simulation(guidance(), 1, 12) as run:
        found = [event.as_json() for event in run.run()]
        assert set(proven(run)) <= {"sent", "skipped"}
    return found


def of(events: Events, kind: str) -> Events:
    return [event for event in events if event["event"] == kind]


def test_each_is_asked_once_a_round_at_ten_in_their_own_zone(events: Events) -> None:
    asks = of(events, "invited")

    assert max(Counter((ask["user"], ask["round"]) for ask in asks).values()) == 1
    assert {ask["at"][11:16] for ask in asks} == {"10:00"}
    assert {datetime.fromisoformat(ask["at"]).weekday() for ask in asks} == {3}
    assert len({ask["user"] for ask in asks}) >= 8
    assert len({ask["timezone"] for ask in asks}) >= 4
    assert len({ask["round"] for ask in asks}) == 12


def test_it_crosses_a_change_of_the_clocks(events: Events) -> None:
    offsets = {(ask["timezone"], ask["at"][19:]) for ask in of(events, "invited")}

    assert {("Europe/Berlin", "+02:00"), ("Europe/Berlin", "+01:00")} <= offsets
    assert {("America/New_York", "-04:00"), ("America/New_York", "-05:00")} <= offsets


def test_reminders_come_in_working_hours_before_an_answer_and_at_most_twice(events: Events) -> None:
    answered = {(e["user"], e["round"]): e["at"] for e in reversed(of(events, "answered"))}
    for reminder in of(events, "reminded"):
        at = datetime.fromisoformat(reminder["at"])
        assert at.weekday() < 5
        assert 8 <= at.hour < 18
        answer = answered.get((reminder["user"], reminder["round"]))
        assert answer is None or at <= datetime.fromisoformat(answer)
    assert max(Counter((e["user"], e["round"]) for e in of(events, "reminded")).values()) <= 2


def test_everything_happens_that_can_and_each_round_is_summarised_once(events: Events) -> None:
    assert {event["event"] for event in events} == {
        "invited",
        "reminded",
        "answered",
        "edited",
        "skipped",
        "snoozed",
        "missed",
        "summarised",
    }
    assert Counter(event["round"] for event in of(events, "summarised")).most_common(1)[0][1] == 1
    assert len(of(events, "summarised")) == 12
    assert any("after the check-in had closed" in event.get("detail", "") for event in of(events, "answered"))


def test_the_same_seed_is_the_same_story() -> None:
    told = []
    for seed in (7, 7, 8):
        with simulation(guidance(), seed, 2) as run:
            told.append([event.as_json() for event in run.run()])

    assert told[0] == told[1] != told[2]


def test_the_command_prints_a_line_for_each_event() -> None:
    shown = CliRunner().invoke(app, ["checkins", "simulate", "--weeks", "1", "--seed", "2", "--json"])

    events = [json.loads(line) for line in shown.stdout.splitlines()]
    assert shown.exit_code == 0
    assert of(events, "summarised") or of(events, "invited")
    assert all({"at", "event", "round"} <= set(event) for event in events)


def test_the_shell_tells_why(world: World, engine: Engine, clock: FixedClock) -> None:
    world.check_in(world.team(ZONES), ANA)
    world.until(CLOSED)

    [line] = explained(engine, ANA, "2026-W47", None, clock)

    assert line.startswith("Shop, Weekly check-in: 2026-W47: asked Thu 2026-11-19 10:00 (Europe/Berlin)")
    assert explained(engine, "UNOBODY", "2026-W47", None, clock) == ["UNOBODY belongs to no team that has a check-in."]
