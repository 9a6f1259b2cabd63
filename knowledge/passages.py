"""Entry → the passages that are searched; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from knowledge.model import Block, Entry, Section

PASSAGE_LIMIT = 1_200


class Role(StrEnum):
    """Which part of an entry a passage is."""

    TITLE = "title"
    ADVICE = "advice"
    ASKED = "asked"
    SECTION = "section"
    STEP = "step"
    DECOY = "decoy"


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to search; `owner` is an entry's id, or for a decoy its off-topic group."""

    owner: str
    role: Role
    text: str


def passages_of(entry: Entry) -> tuple[Passage, ...]:
    """The title, the advice, each `asked_as` line, each section and each step, in this order."""
    asked = [Passage(entry.id, Role.ASKED, line) for line in entry.asked_as]
    sections = [Passage(entry.id, Role.SECTION, _section_text(entry, section)) for section in entry.sections]
    return (
        Passage(entry.id, Role.TITLE, entry.title),
        Passage(entry.id, Role.ADVICE, _advice(entry)),
        *asked,
        *sections,
        *(Passage(entry.id, Role.STEP, step.text) for step in entry.every_step),
    )


def passages_of_all(entries: Iterable[Entry]) -> tuple[Passage, ...]:
    """The passages of all entries; those of one entry stand together."""
    return tuple(passage for entry in entries for passage in passages_of(entry))


def _advice(entry: Entry) -> str:
    return f"{entry.first.text} {entry.why.text}".strip()


def _section_text(entry: Entry, section: Section) -> str:
    text = " ".join(_block_text(block) for block in section.blocks)
    return f"{entry.title}. {section.name}: {text}"[:PASSAGE_LIMIT]


def _block_text(block: Block) -> str:
    return " ".join([block.text, *(command.code for command in block.commands)])
