"""From a team's numbers to its growth phase: registered users decide, the other numbers are signs; pure."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from bot.teams.profile import FactName
from knowledge.model import PHASE_LIMITS, Phase

#: A team falls back into a lower phase only below this part of the limit, so that counting noise changes nothing:
#: ±5 % around one number spans a factor of 0.95 / 1.05 = 0.905.
FALLS_BACK_BELOW = 0.9
MONTHS_AHEAD = 24

#: Rules of thumb: up to which number a sign fits the first, second, third and fourth phase. They never decide.
SIGNS: Mapping[FactName, tuple[float, float, float, float]] = {
    FactName.PEAK: (1, 10, 100, 1_000),
    FactName.DATABASE: (1, 10, 100, 1_000),
    FactName.ENGINEERS: (2, 4, 12, 40),
    FactName.DEPLOYS: (2, 5, 20, 100),
    FactName.INCIDENTS: (1, 2, 4, 8),
}
COUNTS = ("no", "one", "two", "three", "four", "five")


@dataclass(frozen=True)
class Detected:
    """A phase, or None while nobody told the registered users, and the evidence, a line each."""

    phase: Phase | None
    evidence: tuple[str, ...]


def detect(facts: Mapping[FactName, float], current: Phase | None = None) -> Detected:
    """The phase that the facts speak for.

    Args:
        facts: the newest number of each name.
        current: the phase the team is in, which it only leaves downwards with some distance.
    """
    users = facts.get(FactName.USERS)
    if users is None:
        signs = tuple(_signs(facts, None))
        return Detected(None, ("The number of registered users decides, and nobody told it yet", *signs))
    phase = _with_hysteresis(round(users), current)
    return Detected(phase, (*_of_users(round(users), phase), *_signs(facts, phase), *_growth(facts, phase)))


def written(name: FactName, value: float) -> str:
    """A number as a person says it: "12,000 registered users"."""
    number = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,g}"
    return WORDS[name].format(number)


WORDS: Mapping[FactName, str] = {
    FactName.USERS: "{} registered users",
    FactName.GROWTH: "{} % growth a month",
    FactName.PEAK: "{} requests/s at peak",
    FactName.DATABASE: "{} GB of database",
    FactName.ENGINEERS: "{} engineers",
    FactName.DEPLOYS: "{} deploys a week",
    FactName.INCIDENTS: "{} incidents a month",
}


def _with_hysteresis(users: int, current: Phase | None) -> Phase:
    now = Phase.of_users(users)
    if current is None or now >= current:
        return now
    return min(current, Phase.of_users(math.floor(users / FALLS_BACK_BELOW)))


def _of_users(users: int, phase: Phase) -> Iterator[str]:
    yield f"{phase}: {written(FactName.USERS, users)}"
    plain = Phase.of_users(users)
    if plain != phase:
        limit = round(PHASE_LIMITS[phase.rank - 1] * FALLS_BACK_BELOW)
        yield f"That is {plain} by the number alone; a phase only falls back below {limit:,} users"


def _signs(facts: Mapping[FactName, float], phase: Phase | None) -> Iterator[str]:
    """One line for each other phase that signs speak for: "two signs of 10k-100k: …"."""
    signs = sorted(((_fits(name, facts[name]), name) for name in SIGNS if name in facts), key=lambda sign: sign[0].rank)
    for fits, group in groupby(signs, key=lambda sign: sign[0]):
        names = [written(name, facts[name]) for _, name in group]
        sign = "sign" if len(names) == 1 else "signs"
        also = "also " if fits == phase else ""
        yield f"{COUNTS[len(names)]} {sign} {also}of {fits}: {', '.join(names)}"


def _fits(name: FactName, value: float) -> Phase:
    phases = zip(Phase, SIGNS[name], strict=False)
    return next((phase for phase, limit in phases if value <= limit), Phase.P100K_UP)


def _growth(facts: Mapping[FactName, float], phase: Phase) -> Iterator[str]:
    """When the next phase comes if growth stays as it is."""
    users, growth = facts[FactName.USERS], facts.get(FactName.GROWTH, 0)
    if growth <= 0 or users < 1 or phase.next is None:
        return
    months = math.log(max(1.0, (PHASE_LIMITS[phase.rank] + 1) / users)) / math.log1p(growth / 100)
    if months <= MONTHS_AHEAD:
        count = max(1, math.ceil(months))
        yield f"{phase.next} in about {count} month{'' if count == 1 else 's'}: {written(FactName.GROWTH, growth)}"
