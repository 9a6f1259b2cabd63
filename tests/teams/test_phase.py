from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.teams.phase import detect
from bot.teams.profile import FactName
from knowledge.model import Phase

U = FactName.USERS


@pytest.mark.parametrize(
    ("users", "phase"),
    [
        (0, "0-100"),
        (100, "0-100"),
        (101, "100-1k"),
        (1000, "100-1k"),
        (1001, "1k-10k"),
        (10_000, "1k-10k"),
        (10_001, "10k-100k"),
        (100_000, "10k-100k"),
        (100_001, "100k+"),
    ],
)
def test_registered_users_decide(users: int, phase: str) -> None:
    detected = detect({U: users, FactName.ENGINEERS: 500})

    assert detected.phase == phase
    assert detected.evidence[0] == f"{phase}: {users:,} registered users"


def test_without_registered_users_there_is_no_phase_only_signs() -> None:
    detected = detect({FactName.ENGINEERS: 9})

    assert detected.phase is None
    assert detected.evidence == (
        "The number of registered users decides, and nobody told it yet",
        "one sign of 1k-10k: 9 engineers",
    )


def test_signs_of_other_phases_are_named_with_their_numbers() -> None:
    facts = {U: 5_000.0, FactName.PEAK: 250.0, FactName.DATABASE: 120.5, FactName.ENGINEERS: 6.0, FactName.GROWTH: 20.0}

    assert detect(facts).evidence == (
        "1k-10k: 5,000 registered users",
        "one sign also of 1k-10k: 6 engineers",
        "two signs of 10k-100k: 250 requests/s at peak, 120 GB of database",
        "10k-100k in about 4 months: 20 % growth a month",
    )


@pytest.mark.parametrize(
    ("users", "current", "phase"),
    [
        (1_001, "100-1k", "1k-10k"),
        (990, "1k-10k", "1k-10k"),
        (901, "1k-10k", "1k-10k"),
        (899, "1k-10k", "100-1k"),
        (50, "10k-100k", "0-100"),
        (95, "10k-100k", "100-1k"),
        (200_000, "0-100", "100k+"),
    ],
)
def test_a_phase_is_entered_at_its_limit_and_left_only_well_below_it(users: int, current: str, phase: str) -> None:
    assert detect({U: users}, Phase(current)).phase == phase


def test_it_says_why_a_phase_is_kept_although_the_number_fell() -> None:
    assert detect({U: 990}, Phase.P1K_10K).evidence == (
        "1k-10k: 990 registered users",
        "That is 100-1k by the number alone; a phase only falls back below 900 users",
    )


@settings(deadline=None)
@given(st.integers(0, 1_000_000), st.lists(st.floats(-0.05, 0.05), min_size=26, max_size=26))
def test_counting_noise_over_half_a_year_changes_the_phase_at_most_once(users: int, noise: list[float]) -> None:
    current = None
    phases = []
    for error in noise:
        current = detect({U: round(users * (1 + error))}, current).phase
        phases.append(current)

    assert sum(before != after for before, after in pairwise(phases)) <= 1


@settings(deadline=None)
@given(st.floats(0, 1e12), st.sampled_from([None, *Phase]), st.floats(0, 1e6))
def test_every_number_gives_a_phase_and_evidence(users: float, current: Phase | None, other: float) -> None:
    facts = dict.fromkeys(FactName, other) | {U: users}

    detected = detect(facts, current)

    assert detected.phase is not None
    assert all(line.strip() for line in detected.evidence)
