"""A symptom entry → the steps of an incident for a team's stacks, and the text that is shown first; pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge.answer import cite
from knowledge.model import Block, Citation, Command, Entry, Library
from knowledge.triage import Recognised, Suspect

CHANGED = re.compile(r"\bwhat (?:has )?changed\b", re.IGNORECASE)
GENERAL = "outage"
CLOUDS = ("aws", "gcp", "azure")
LOOKS_FIRST = 3
CAUSES_SHOWN = 3
UNKNOWN = (
    "I do not recognise a symptom in that. Paste the alert or the error line itself, or say what people see "
    "(which page or job, since when, how many are affected) and I look again."
)
OVER = "That message says that the trouble is over, so I start nothing. If it is not, say what you still see."


class Stage(StrEnum):
    """The order of an incident: look, stop the bleeding, only then find the cause."""

    LOOK = "look"
    STOP = "stop the bleeding"
    CAUSE = "find the cause"


STAGE_TITLES = {
    Stage.LOOK: "Look first (this changes nothing)",
    Stage.STOP: "Stop the bleeding (what can be undone comes first)",
    Stage.CAUSE: "Then find the cause",
}
SECTION_OF = {Stage.LOOK: "First checks", Stage.STOP: "Stop the bleeding", Stage.CAUSE: "Fix for good"}


@dataclass(frozen=True, slots=True)
class Task:
    """One step of a runbook; `id` stays the same as long as its words do."""

    id: str
    stage: Stage
    text: str
    stacks: tuple[str, ...]
    commands: tuple[Command, ...]
    citations: tuple[Citation, ...]

    @property
    def dangerous(self) -> bool:
        """Whether it loses or interrupts something."""
        return any(command.danger for command in self.commands)


def runbook_of(entry: Entry, stacks: Sequence[str], library: Library) -> tuple[Task, ...]:
    """Every step for these stacks, in order; asks early what changed, and puts what can be undone first."""
    look = _tasks(entry, Stage.LOOK, stacks)
    if not any(CHANGED.search(task.text) for task in look):
        look = [*look[:1], *_what_changed(library), *look[1:]]
    stop = sorted(_tasks(entry, Stage.STOP, stacks), key=lambda task: task.dangerous)
    return (*look, *stop, *_tasks(entry, Stage.CAUSE, stacks)[:CAUSES_SHOWN])


def prompt_of(found: Recognised, library: Library) -> tuple[Task, ...]:
    """What to do first about the likeliest symptom; nothing where none was recognised."""
    entry = library.get(found.suspects[0].symptom) if found.suspects else None
    return shown_first(runbook_of(entry, found.stacks, library)) if entry else ()


def shown_first(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The first read-only checks and the first mitigation that can be undone."""
    looks = [task for task in tasks if task.stage is Stage.LOOK and not task.dangerous]
    wanted = [task.id for task in looks if task.commands][: LOOKS_FIRST - 1] + [task.id for task in looks]
    chosen = list(dict.fromkeys(wanted))[:LOOKS_FIRST]
    stop = [task for task in tasks if task.stage is Stage.STOP and not task.dangerous]
    mitigations = stop[: 1 if stop and stop[0].commands else 2]
    return (*(task for task in looks if task.id in chosen), *mitigations)


def first_text(found: Recognised, tasks: Sequence[Task], library: Library) -> str:
    """What is shown first, as Markdown: the likely symptom, why, the first checks, the first mitigation, sources."""
    if not found.suspects:
        return OVER if found.over else UNKNOWN
    best = library.by_id[found.suspects[0].symptom]
    citations = list(dict.fromkeys(citation for task in tasks for citation in task.citations))
    parts = [
        f"**Likely: {best.title}** ({best.id})\nWhy I think so: {found.suspects[0].because}.",
        _others(found.suspects, best, library),
        *(_stage(stage, tasks, citations) for stage in (Stage.LOOK, Stage.STOP)),
        "\n".join(["**Sources**", *(f"{number}. {cite(source)}" for number, source in enumerate(citations, 1))]),
    ]
    return "\n\n".join(part for part in parts if part)


def tell_apart(entry: Entry, other: Entry) -> str | None:
    """The cheapest look that tells two symptoms apart, whichever of the two entries knows it."""
    known = [look for look in entry.tell_apart if look.other == other.id]
    known += [look for look in other.tell_apart if look.other == entry.id]
    return known[0].look if known else None


def _tasks(entry: Entry, stage: Stage, stacks: Sequence[str]) -> list[Task]:
    section = entry.section(SECTION_OF[stage])
    blocks = section.blocks if section else ()
    fitting = [block for block in blocks if _fits(block.stacks, stacks)]
    return [_task(block, stage, stacks) for block in (fitting if len(fitting) > 1 else blocks)]


def _task(block: Block, stage: Stage, stacks: Sequence[str]) -> Task:
    commands = tuple(command for command in block.commands if _fits((command.stack,) if command.stack else (), stacks))
    return Task(
        id=hashlib.sha256(block.text.encode()).hexdigest()[:10],
        stage=stage,
        text=block.text,
        stacks=block.stacks,
        commands=commands or block.commands,
        citations=block.citations,
    )


def _fits(named: Sequence[str], stacks: Sequence[str]) -> bool:
    """Whether a step for the stacks `named` is for this team; Linux, and a cloud nobody ruled out, are everybody's."""
    if not named or not stacks or "linux" in named or any(stack in stacks for stack in named):
        return True
    return any(stack in CLOUDS for stack in named) and not any(stack in CLOUDS for stack in stacks)


def _what_changed(library: Library) -> list[Task]:
    """The step that asks what changed, borrowed from the entry on outages."""
    general = library.get(GENERAL)
    steps = general.steps(SECTION_OF[Stage.LOOK]) if general else ()
    return [_task(step, Stage.LOOK, ()) for step in steps if CHANGED.search(step.text)][:1]


def _others(suspects: Sequence[Suspect], best: Entry, library: Library) -> str:
    lines = []
    for suspect in suspects[1:3]:
        other = library.by_id[suspect.symptom]
        look = tell_apart(best, other)
        lines.append(f"- {other.title} ({other.id})" + (f". To tell: {look}" if look else ""))
    return "\n".join(["It could also be:", *lines]) if lines else ""


def _stage(stage: Stage, tasks: Sequence[Task], citations: Sequence[Citation]) -> str:
    own = [task for task in tasks if task.stage is stage]
    if not own:
        return ""
    return "\n".join([f"**{STAGE_TITLES[stage]}**", *(_numbered(n, task, citations) for n, task in enumerate(own, 1))])


def _numbered(number: int, task: Task, citations: Sequence[Citation]) -> str:
    marks = "".join(f" [{citations.index(citation) + 1}]" for citation in dict.fromkeys(task.citations))
    for_whom = f"({', '.join(task.stacks)}) " if task.stacks else ""
    return "\n".join(
        [f"{number}. {for_whom}{task.text}{marks}", *(_fenced(command, task) for command in task.commands)]
    )


def _fenced(command: Command, task: Task) -> str:
    where = f"On {command.stack}:\n" if command.stack and command.stack not in task.stacks else ""
    code = f"{where}```{command.language}\n{command.code}\n```"
    if command.danger is None:
        return code
    return f"⚠ This loses {command.danger.loses}. Undo: {command.danger.undo}.\n{code}"
