"""What an entry says to a team: short, and in full; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from knowledge.model import Block, Bullet, Citation, Cited, Command, Entry, Kind, Phase, Section, Step
from knowledge.question import RIVALS, STACK_PATTERNS

SHORT_LIMIT = 700
DATABASES = RIVALS[0]
BRACKETS = re.compile(r"(?P<space>\s?)\((?P<items>[^()]*)\)")
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Answer:
    """One entry as an answer: what a person sees first, the whole in Markdown, and the sources of each."""

    entry: Entry
    score: float
    short: str
    text: str
    sources: tuple[Citation, ...]
    short_sources: tuple[Citation, ...]


@dataclass(slots=True)
class _Notes:
    """Numbers citations in the order in which they are used."""

    seen: dict[Citation, int] = field(default_factory=dict)

    def mark(self, citations: Iterable[Citation]) -> str:
        numbers = [self.seen.setdefault(citation, len(self.seen) + 1) for citation in citations]
        return "".join(f" [{number}]" for number in dict.fromkeys(numbers))

    def said(self, cited: Cited) -> str:
        return cited.text + self.mark(cited.citations)


def compose(
    entry: Entry,
    score: float,
    phase: Phase | None,
    stacks: Sequence[str],
    titles: Mapping[str, str],
    steps: Sequence[Step] = (),
) -> Answer:
    """Make an answer; `titles` are those of all entries, for naming a phase's plan.

    `steps` are those of the entry that speak of what was asked, best first.
    """
    notes = _Notes()
    text = _whole(entry, phase, stacks, titles, notes)
    said = _said_first(entry, phase, stacks, steps)
    short_sources = dict.fromkeys(source for cited in said for source in cited.citations)
    short = _short(said, entry, phase, titles)
    return Answer(entry, score, short, text, tuple(notes.seen), tuple(short_sources))


def with_alternative(answer: Answer, other: Answer, phase: Phase | None) -> Answer:
    """The answer with what to do if that is not it, as far as it fits; for when another entry fits nearly as well."""
    if other.entry.too_early(phase):
        return answer
    advice = re.split(r"(?<=[.;])\s", other.short)[0].rstrip(";")
    for words in (advice, other.entry.title):
        short = f"{answer.short}\nIf that is not it: {words}"
        if len(short) <= SHORT_LIMIT:
            sources = dict.fromkeys((*answer.short_sources, *other.entry.first.citations))
            return replace(answer, short=short, short_sources=tuple(sources))
    return answer


def short_of(
    entry: Entry, phase: Phase | None, titles: Mapping[str, str] | None = None, stacks: Sequence[str] = ()
) -> str:
    """At most 700 characters that say what to do first, why at this phase, and what not yet."""
    return _short(_said_first(entry, phase, stacks, ()), entry, phase, titles or {})


def _short(said: Sequence[Cited], entry: Entry, phase: Phase | None, titles: Mapping[str, str]) -> str:
    parts = [cited.text for cited in said]
    if phase is not None and entry.too_early(phase):
        parts[0] = f"Not yet at {phase.range}. {parts[0]}"
    if entry.kind is Kind.PHASE:
        parts.append(_plan(entry, titles))
    return _fitting(parts, SHORT_LIMIT)


def _said_first(entry: Entry, phase: Phase | None, stacks: Sequence[str], steps: Sequence[Step]) -> list[Cited]:
    """What a person sees first: the advice, with the first step for these stacks for which there is room.

    Not where the team is too small for it, and not in a phase's entry, which needs the room for its plan.
    """
    early = _too_early(entry, phase)
    said = _for_stacks(early or _advice(entry, phase), stacks)
    if early or entry.kind is Kind.PHASE:
        return said
    fitting = (step for step in steps if fits(step.stacks, stacks))
    pointed = (_for_stacks(shown, stacks) for step in fitting for shown in _with_step(entry, phase, step))
    return next((shown for shown in pointed if _length(shown) <= SHORT_LIMIT), said)


def _with_step(entry: Entry, phase: Phase | None, step: Step) -> list[list[Cited]]:
    """The advice and a step, which matters more than a reason that is the same at each size or what not to do yet."""
    begun = [entry.first, Cited(f"In your case: {step.text}", step.citations)]
    reason, later = _reason(entry, phase), _later(entry)
    sized = [] if reason is entry.why else [reason]
    return [[*begun, reason, *later], [*begun, *sized, *later], [*begun, *sized]]


def _for_stacks(said: Sequence[Cited], stacks: Sequence[str]) -> list[Cited]:
    return [replace(cited, text=without_rivals(cited.text, stacks)) for cited in said]


def _length(said: Sequence[Cited]) -> int:
    return len("\n".join(cited.text for cited in said))


def _advice(entry: Entry, phase: Phase | None) -> list[Cited]:
    return [entry.first, _reason(entry, phase), *_later(entry)]


def _reason(entry: Entry, phase: Phase | None) -> Cited:
    """What differs at this size, or why that at any size."""
    return entry.by_phase.get(phase, entry.why) if phase else entry.why


def _later(entry: Entry) -> list[Cited]:
    return [] if entry.not_yet is None else [Cited(f"Not yet: {entry.not_yet.text}", entry.not_yet.citations)]


def _too_early(entry: Entry, phase: Phase | None) -> list[Cited]:
    """What a team says to do that is too small for this; empty when it is not too small."""
    if phase is None or not entry.too_early(phase):
        return []
    parts = [entry.instead, entry.by_phase.get(phase), entry.not_yet]
    return [part for part in parts if part is not None] or [entry.why]


def _plan(entry: Entry, titles: Mapping[str, str]) -> str:
    named = [titles[name] for name in entry.plan if name in titles]
    return "In this order: " + "; ".join(f"{n}) {title}" for n, title in enumerate(named, 1)) + "." if named else ""


def _fitting(parts: Sequence[str], limit: int) -> str:
    """The parts on lines of their own; what does not fit any more is cut at a word."""
    text = "\n".join(part for part in parts if part)
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _whole(entry: Entry, phase: Phase | None, stacks: Sequence[str], titles: Mapping[str, str], notes: _Notes) -> str:
    parts = [f"**{entry.title}**", *(without_rivals(line, stacks) for line in _opening(entry, phase, notes))]
    if entry.plan:
        parts.append(_numbered_plan(entry, titles))
    for section in entry.sections:
        parts.append(_section(section, stacks, notes))
    parts.append(_sources(notes))
    return "\n\n".join(part for part in parts if part)


def _opening(entry: Entry, phase: Phase | None, notes: _Notes) -> list[str]:
    early = _too_early(entry, phase)
    said = [notes.said(cited) for cited in early or _advice(entry, phase)]
    if early and phase:
        said[0] = f"Not yet at {phase.range}. {said[0]}"
        said.append(f"When it is time: {notes.said(entry.first)}")
    return said


def _numbered_plan(entry: Entry, titles: Mapping[str, str]) -> str:
    named = [titles[name] for name in entry.plan if name in titles]
    return "\n".join(["**In this order**", *(f"{number}. {title}" for number, title in enumerate(named, 1))])


def _section(section: Section, stacks: Sequence[str], notes: _Notes) -> str:
    blocks = [block for block in section.blocks if fits(block.stacks, stacks) and not _of_rivals(block, stacks)]
    lines, number = [f"**{section.name}**"], 0
    for block in blocks:
        number += isinstance(block, Step)
        lines.append(_block(block, number, stacks, notes))
    return "\n".join(lines) if blocks else ""


def _block(block: Block, number: int, stacks: Sequence[str], notes: _Notes) -> str:
    bullet = f"{number}. " if isinstance(block, Step) else "- " if isinstance(block, Bullet) else ""
    commands = [_command(command) for command in block.commands if fits(_stacks(command), stacks)]
    return "\n".join([bullet + without_rivals(block.text, stacks) + notes.mark(block.citations), *commands])


def _command(command: Command) -> str:
    code = f"```{command.language}\n{command.code}\n```"
    if command.danger is None:
        return code
    return f"⚠ This loses {command.danger.loses}. Undo: {command.danger.undo}.\n{code}"


def _stacks(command: Command) -> tuple[str, ...]:
    return (command.stack,) if command.stack else ()


def fits(named: Sequence[str], stacks: Sequence[str]) -> bool:
    """Whether something for the stacks `named` is of use to a team on `stacks`; unknown stacks see everything."""
    return not named or any(stack in stacks or not _ruled_out(stack, stacks) for stack in named)


def _ruled_out(stack: str, stacks: Sequence[str]) -> bool:
    return any(stack in group and any(other in group for other in stacks) for group in RIVALS)


def without_rivals(text: str, stacks: Sequence[str]) -> str:
    """The text without what its bracketed lists name for other databases: "(`pg_stat_statements`, MySQL slow log)"."""
    return BRACKETS.sub(lambda found: _kept(found, stacks), text)


def _kept(found: re.Match[str], stacks: Sequence[str]) -> str:
    items = found["items"].split(", ")
    kept = [item for item in items if not _names_only_rivals(item, stacks)]
    if len(kept) == len(items):
        return found.group()
    return f"{found['space']}({', '.join(kept)})" if kept else ""


def _of_rivals(block: Block, stacks: Sequence[str]) -> bool:
    """Whether a remark (a step says by itself for which stack it is) only helps with another database."""
    if isinstance(block, Step) or block.stacks:
        return False
    code = " ".join(CODE.findall(block.text))
    return _names_only_rivals(code, stacks) and _names_only_rivals(block.text, stacks)


def _names_only_rivals(text: str, stacks: Sequence[str]) -> bool:
    named = [database for database in DATABASES if STACK_PATTERNS[database].search(text)]
    return bool(named) and not fits(named, stacks)


def _sources(notes: _Notes) -> str:
    if not notes.seen:
        return ""
    return "\n".join(["**Sources**", *(f"{number}. {cite(citation)}" for citation, number in notes.seen.items())])


def cite(citation: Citation) -> str:
    """A source as people cite it: title, author, date, section, address."""
    source = citation.source
    url = citation.url or source.url
    return f"{source.title}, {source.author}, {source.date}, “{citation.section}”" + (f", {url}" if url else "")
