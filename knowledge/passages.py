"""Entry → the passages that are searched; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from knowledge.model import Entry


class Role(StrEnum):
    """Which part of an entry a passage is."""

    TITLE = "title"
    ADVICE = "advice"
    ASKED = "asked"
    STEP = "step"
    DECOY = "decoy"


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to search; `owner` is an entry's id, or for a decoy its off-topic group."""

    owner: str
    role: Role
    text: str


def passages_of(entry: Entry) -> tuple[Passage, ...]:
    """The title, the advice, each `asked_as` line and each step, in this order."""
    asked = [Passage(entry.id, Role.ASKED, line) for line in entry.asked_as]
    return (
        Passage(entry.id, Role.TITLE, entry.title),
        Passage(entry.id, Role.ADVICE, _advice(entry)),
        *asked,
        *(Passage(entry.id, Role.STEP, step.text) for step in entry.every_step),
    )


def passages_of_all(entries: Iterable[Entry]) -> tuple[Passage, ...]:
    """The passages of all entries; those of one entry stand together."""
    return tuple(passage for entry in entries for passage in passages_of(entry))


def _advice(entry: Entry) -> str:
    return f"{entry.first.text} {entry.why.text}".strip()
