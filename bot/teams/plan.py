"""What a team of a phase does now, has in hand, leaves alone and does next; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.teams.model import Mark
from knowledge.model import Entry, Library, Phase

PREVIEW = 5


@dataclass(frozen=True)
class Marked:
    """What a team said about an item."""

    mark: Mark
    reason: str | None = None


@dataclass(frozen=True)
class Item:
    """An entry of the plan and what the team said about it."""

    entry: Entry
    marked: Marked | None = None


@dataclass(frozen=True)
class LeftAlone:
    """Something not to do yet, and what would change that."""

    entry: Entry
    trigger: str


@dataclass(frozen=True)
class Plan:
    """A phase's plan as one team has it."""

    phase: Phase
    do_now: tuple[Item, ...]
    in_hand: tuple[Item, ...]
    done: tuple[Item, ...]
    not_for_us: tuple[Item, ...]
    leave_alone: tuple[LeftAlone, ...]
    next_phase: Phase | None
    preview: tuple[Entry, ...]


@dataclass(frozen=True)
class Difference:
    """What a change of phase makes due, and what it no longer forbids."""

    due: tuple[Entry, ...]
    allowed: tuple[Entry, ...]


def plan_for(library: Library, phase: Phase, marks: Mapping[str, Marked]) -> Plan:
    """The plan of `phase`, with a team's marks (entry id → mark)."""
    items = [Item(entry, marks.get(entry.id)) for entry in _planned(library, phase)]
    return Plan(
        phase=phase,
        do_now=_with(items, None),
        in_hand=_with(items, Mark.IN_HAND),
        done=_with(items, Mark.DONE),
        not_for_us=_with(items, Mark.NOT_FOR_US),
        leave_alone=tuple(LeftAlone(entry, _trigger(entry)) for entry in _left_alone(library, phase)),
        next_phase=phase.next,
        preview=_preview(library, phase, marks),
    )


def difference(library: Library, old: Phase | None, new: Phase) -> Difference:
    """What to say when a team comes from one phase into another."""
    before = set(_planned(library, old)) if old else set()
    forbidden = [*_left_alone(library, old)] if old else []
    still = set(_left_alone(library, new))
    due = tuple(entry for entry in _planned(library, new) if entry not in before)
    return Difference(due, tuple(entry for entry in forbidden if entry not in still and not entry.too_early(new)))


def as_json(plan: Plan) -> dict[str, object]:
    """The plan for programs."""
    return {
        "do_now": [_brief(item.entry) for item in plan.do_now],
        "in_hand": [_brief(item.entry) for item in plan.in_hand],
        "leave_alone": [
            {"entry": left.entry.id, "title": left.entry.title, "until": left.trigger} for left in plan.leave_alone
        ],
        "next_phase": plan.next_phase,
        "preview": [_brief(entry) for entry in plan.preview],
    }


def _brief(entry: Entry) -> dict[str, object]:
    return {"entry": entry.id, "title": entry.title, "first": entry.first.text}


def _with(items: Sequence[Item], mark: Mark | None) -> tuple[Item, ...]:
    return tuple(item for item in items if (item.marked.mark if item.marked else None) == mark)


def _preview(library: Library, phase: Phase, marks: Mapping[str, Marked]) -> tuple[Entry, ...]:
    """What the next phase adds."""
    if phase.next is None:
        return ()
    added = difference(library, phase, phase.next).due
    return tuple(entry for entry in added if entry.id not in marks)[:PREVIEW]


def _planned(library: Library, phase: Phase) -> list[Entry]:
    entry = library.get(phase)
    return _known(library, entry.plan if entry else ())


def _left_alone(library: Library, phase: Phase) -> list[Entry]:
    entry = library.get(phase)
    return _known(library, entry.leave_alone if entry else ())


def _known(library: Library, ids: Sequence[str]) -> list[Entry]:
    return [library.by_id[name] for name in ids if name in library.by_id]


def _trigger(entry: Entry) -> str:
    """What would change that it is left alone: the entry's own words, or the phase in which it begins."""
    if entry.not_yet is not None:
        return entry.not_yet.text
    begins = entry.not_before or (entry.phases[0] if entry.phases else None)
    return f"Not before {begins.range}." if begins else entry.why.text
