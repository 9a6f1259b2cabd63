"""What an incident's thread shows: values made of rows and guidance; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.triage.model import FollowUp, Incident, Tick
from knowledge.model import Entry, Library
from knowledge.runbook import GENERAL, Stage, Task, runbook_of, shown_first, tell_apart

LOOKS, STOPS = 3, 2


@dataclass(frozen=True)
class Done:
    """Who did a step, and when."""

    by: str
    at: datetime


@dataclass(frozen=True)
class Candidate:
    """A symptom it may be, why, and the cheapest look that tells it from the present one."""

    symptom: str
    title: str
    because: str
    look: str | None = None


@dataclass(frozen=True)
class Past:
    """An incident like this one that the team had before."""

    id: int
    day: date
    cause: str | None
    helped: str | None


@dataclass(frozen=True)
class Todo:
    """A follow-up as people see it."""

    id: int
    text: str
    owner: str
    due: date
    done: bool


@dataclass(frozen=True)
class Board:
    """Everything that an incident's board shows."""

    incident: Incident
    title: str
    why: str | None
    others: tuple[Candidate, ...]
    tasks: tuple[Task, ...]
    shown: tuple[Task, ...]
    done: Mapping[str, Done]
    causes: tuple[str, ...]
    past: tuple[Past, ...] = ()
    todos: tuple[Todo, ...] = ()

    @property
    def hidden(self) -> int:
        """How many steps are not shown."""
        return len(self.tasks) - len(self.shown)


def board_of(
    incident: Incident,
    library: Library,
    ticks: Sequence[Tick],
    past: Sequence[Past] = (),
    follow_ups: Sequence[FollowUp] = (),
) -> Board:
    """Puts an incident's board together."""
    entry = library.get(incident.symptom or GENERAL)
    tasks = runbook_of(entry, incident.stacks, library) if entry else ()
    done = {tick.task: Done(tick.by, tick.at) for tick in ticks}
    return Board(
        incident=incident,
        title=entry.title if entry and incident.symptom else "Not recognised yet",
        why=next((c["because"] for c in incident.candidates if c["symptom"] == incident.symptom), None),
        others=_others(incident, library),
        tasks=tasks,
        shown=tasks if incident.whole else _next_steps(tasks, done, mitigated=incident.mitigated_at is not None),
        done=done,
        causes=entry.causes if entry else (),
        past=tuple(past),
        todos=tuple(Todo(f.id, f.text, f.owner, f.due, f.done_at is not None) for f in follow_ups),
    )


def title_of(symptom: str, library: Library) -> str:
    """What people call a symptom."""
    entry = library.get(symptom)
    return entry.title if entry else symptom


def next_candidate(incident: Incident, library: Library) -> str | None:
    """The likeliest symptom that nobody has ruled out; after those recognised, what the last one is mistaken for."""
    known = [candidate["symptom"] for candidate in incident.candidates]
    entry = library.get(incident.symptom) if incident.symptom else None
    mistaken = [look.other for look in entry.tell_apart] if entry else []
    left = [symptom for symptom in [*known, *mistaken] if symptom not in incident.ruled_out]
    return next((symptom for symptom in left if library.get(symptom)), None)


def _others(incident: Incident, library: Library) -> tuple[Candidate, ...]:
    present = library.get(incident.symptom) if incident.symptom else None
    if present is None or incident.confirmed:
        return ()
    left = [c for c in incident.candidates if c["symptom"] not in (incident.symptom, *incident.ruled_out)]
    found = [(library.get(c["symptom"]), c["because"]) for c in left[:2]]
    return tuple(_candidate(present, other, because) for other, because in found if other)


def _candidate(present: Entry, other: Entry, because: str) -> Candidate:
    return Candidate(other.id, other.title, because, tell_apart(present, other))


def _next_steps(tasks: Sequence[Task], done: Mapping[str, Done], *, mitigated: bool) -> tuple[Task, ...]:
    """The steps done and the next few of each stage; finding the cause waits until the bleeding has stopped."""
    first = [task.id for task in shown_first(tasks)]
    left = [task for task in tasks if task.id not in done]
    order = sorted(left, key=lambda task: task.id not in first)
    chosen = {
        *done,
        *_ids(order, Stage.LOOK, LOOKS),
        *_ids(order, Stage.STOP, STOPS),
        *(_ids(order, Stage.CAUSE, LOOKS) if mitigated else ()),
    }
    return tuple(task for task in tasks if task.id in chosen)


def _ids(tasks: Sequence[Task], stage: Stage, count: int) -> list[str]:
    return [task.id for task in tasks if task.stage is stage][:count]
