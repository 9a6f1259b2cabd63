"""What a round says: symptoms now and their change, what to fix next; pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.checkins.answers import Choice, Given
from knowledge.model import Entry, Kind, Library, Phase

#: Below so many answers to a question, an anonymous check-in shows nothing of it.
FEWEST_ANONYMOUS = 4
#: … and what fewer people than this say is not shown at all: it would be a single answer.
FEWEST_ALIKE = 2
NEXT_FIXES = 3


class Change(StrEnum):
    NEW = "new"
    WORSE = "worse"
    SAME = "unchanged"
    BETTER = "better"
    GONE = "gone"
    UNHEARD = "nobody said"


@dataclass(frozen=True)
class Finding:
    """What the team says about one symptom.

    Attributes:
        symptom: the taxonomy's id.
        level: no, now and then, or often.
        people: who reports it.
        asked: how many had something to say about it.
    """

    symptom: str
    level: Choice
    people: tuple[str, ...] = ()
    asked: int = 0


@dataclass(frozen=True)
class Standing:
    """A symptom as it stands now, and since last time."""

    finding: Finding
    change: Change


@dataclass(frozen=True)
class NextFix:
    """A fix to do next and why."""

    entry: Entry
    why: str
    against: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """Everything a summary shows; names are left out by whoever words it, where they must not be seen."""

    standings: tuple[Standing, ...]
    fixes: tuple[NextFix, ...]
    answered: tuple[str, ...]
    missing: tuple[str, ...]
    not_asked: Mapping[str, str]
    edited: tuple[str, ...] = ()
    comments: Mapping[str, str] | None = None


def findings(given: Mapping[str, Given], *, anonymous: bool) -> dict[str, Finding]:
    """What the answers say, by symptom."""
    said: dict[str, dict[str, Choice]] = defaultdict(dict)
    for person, one in given.items():
        for symptom, choice in one.symptoms().items():
            said[symptom][person] = choice
    found = {symptom: _anonymous(symptom, by) if anonymous else _named(symptom, by) for symptom, by in said.items()}
    return {symptom: finding for symptom, finding in found.items() if finding is not None}


def _named(symptom: str, said: Mapping[str, Choice]) -> Finding:
    people = tuple(person for person, choice in said.items() if choice.strength)
    return Finding(symptom, max(said.values(), key=lambda choice: choice.strength), people, len(said))


def _anonymous(symptom: str, said: Mapping[str, Choice]) -> Finding | None:
    """What at least two people say alike, if at least four answered; who and how many is nobody's business."""
    if len(said) < FEWEST_ANONYMOUS:
        return None
    ranked = sorted(said.values(), key=lambda choice: -choice.strength)
    return Finding(symptom, ranked[FEWEST_ALIKE - 1])


def compared(
    now: Mapping[str, Finding], before: Mapping[str, Choice], severities: Mapping[str, int]
) -> tuple[Standing, ...]:
    """Every symptom there is or was, worst first.

    Args:
        now: this round's findings.
        before: the level of each symptom when it was last asked about, and of those that are open besides.
        severities: how bad each symptom is.
    """
    standings = [
        Standing(finding, change_of(finding.level, before.get(symptom, Choice.NO))) for symptom, finding in now.items()
    ]
    standings += [
        Standing(Finding(symptom, level), Change.UNHEARD)
        for symptom, level in before.items()
        if symptom not in now and level.strength
    ]
    shown = [
        standing for standing in standings if standing.change is not Change.GONE and standing.finding.level.strength
    ]
    gone = [standing for standing in standings if standing.change is Change.GONE]
    return (*sorted(shown, key=lambda standing: _badness(standing.finding, severities)), *gone)


def change_of(now: Choice, before: Choice) -> Change:
    """From one level to another."""
    if now.strength == before.strength:
        return Change.SAME
    if now.strength > before.strength:
        return Change.NEW if not before.strength else Change.WORSE
    return Change.GONE if not now.strength else Change.BETTER


def _badness(finding: Finding, severities: Mapping[str, int]) -> tuple[int, int, str]:
    return (-finding.level.strength, -severities.get(finding.symptom, 0), finding.symptom)


def next_fixes(
    library: Library, phase: Phase | None, standings: Sequence[Standing], settled: Iterable[str]
) -> tuple[NextFix, ...]:
    """Three things to do: first what helps against the worst symptoms, then what the phase's plan says."""
    done = set(settled)
    plan = [name for entry in library.of_kind(Kind.PHASE) if phase in (None, entry.id) for name in entry.plan]
    present = [standing.finding.symptom for standing in standings if standing.finding.level.strength]
    fitting = [
        entry
        for entry in library.of_kind(Kind.FIX)
        if entry.id not in done and not entry.too_early(phase) and (phase is None or phase in entry.phases)
    ]
    ranked = sorted(fitting, key=lambda entry: _urgency(entry, present, plan))
    useful = [entry for entry in ranked if entry.id in plan or set(entry.symptoms) & set(present)]
    return tuple(_fix(entry, phase, present) for entry in useful[:NEXT_FIXES])


def _urgency(entry: Entry, present: Sequence[str], plan: Sequence[str]) -> tuple[float, int]:
    """Small is urgent: the worst symptom it helps against weighs most, and being in the plan as much as a symptom."""
    helps = sum(1 / (1 + place) for place, symptom in enumerate(present) if symptom in entry.symptoms)
    place = plan.index(entry.id) if entry.id in plan else len(plan)
    return (-(helps + (0.5 if helps and entry.id in plan else 0)), place)


def _fix(entry: Entry, phase: Phase | None, present: Sequence[str]) -> NextFix:
    why = entry.by_phase.get(phase, entry.why) if phase else entry.why
    return NextFix(entry, why.text, tuple(symptom for symptom in present if symptom in entry.symptoms))


def levels(found: Mapping[str, Finding]) -> dict[str, str]:
    """The findings as kept for later comparison and for the picture."""
    return {symptom: finding.level.value for symptom, finding in found.items()}
