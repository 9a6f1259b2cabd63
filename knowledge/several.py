"""Whether a rambling message is about several matters, and which part of it about which; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.clauses import clauses_of
from knowledge.model import Entry, Kind
from knowledge.search import Found, Match

COUNTS_UP = re.compile(
    r"\b(?:also|plus|besides|additionally|on top of (?:that|it)|another (?:thing|problem|issue)"
    r"|secondly|thirdly|moreover|as well(?! as)"
    r"|(?:a few|several|two|three|four) (?:things|problems|issues|questions))\b|\bsecond:|\btoo\s*[.,;!?]",
    re.IGNORECASE,
)
LISTED = re.compile(r"(?:^|\s)[-•*]\s.*\n\s*[-•*]\s|\b1[.)]\s.*\b2[.)]\s", re.DOTALL)
RAMBLING_WORDS, MOST_PARTS, MOST_MATTERS = 9, 12, 4
PART_WORDS, PART_WORDS_COUNTED = 4, 3
# Measured, see docs/retrieval.md: how sure a part must be, how near to the whole message, how near two matters are one.
SURE, IN_WHOLE, SAME = 0.4, 30, 4
# A whole message as sure as this is about one matter, unless it counts up: half of all are, which saves them the search
# of their parts.
CLEAR = 0.85
# How much surer than the whole message its two surest parts must be, on the mean.
GAIN, GAIN_COUNTED = 0.15, 0.0


@dataclass(frozen=True, slots=True)
class Matter:
    """One of several matters: what was said of it, and what a search for that alone gave."""

    statement: str
    found: Found

    @property
    def match(self) -> Match:
        """The entry that fits it best."""
        return self.found.matches[0]


def parts_of(text: str) -> tuple[str, ...]:
    """The parts of a message that is long enough to be about several matters, without what is said to be well.

    None of any other message.
    """
    if len(text.split()) < RAMBLING_WORDS:
        return ()
    least = PART_WORDS_COUNTED if _counts_up(text) else PART_WORDS
    told = (clause.text for clause in clauses_of(text) if not clause.settled and len(clause.text.split()) >= least)
    parts = tuple(dict.fromkeys(told))[:MOST_PARTS]
    return parts if len(parts) > 1 else ()


def of_one(text: str, whole: Found) -> bool:
    """Whether a message is so clear as a whole that its parts need not be searched."""
    return whole.certainty >= CLEAR and not _counts_up(text)


def matters_of(text: str, whole: Found, told: Iterable[Matter], entries: Mapping[str, Entry]) -> tuple[Matter, ...]:
    """The separate matters of a message, at most the four surest, worst first; none when it is about one.

    The parts of a story about one matter are each less clear than the whole. Where a message is about several, the
    whole lies between them, and its parts are clearer. `told` are the parts, each searched alone.
    """
    near = {match.entry for match in whole.matches[:IN_WHOLE]}
    kept: list[Matter] = []
    for matter in sorted(told, key=lambda matter: -matter.found.certainty):
        entry = entries[matter.match.entry]
        clear = matter.found.certainty >= SURE and entry.id in near and entry.kind is not Kind.PHASE
        if clear and not any(_alike(matter, other) for other in kept):
            kept.append(matter)
    if len(kept) < 2:
        return ()
    surest = sum(matter.found.certainty for matter in kept[:2]) / 2
    if surest - whole.certainty < (GAIN_COUNTED if _counts_up(text) else GAIN):
        return ()
    return tuple(sorted(kept[:MOST_MATTERS], key=lambda matter: -severity(entries[matter.match.entry], entries)))


def severity(entry: Entry, entries: Mapping[str, Entry]) -> int:
    """How bad it is, 5 the worst: what a symptom's entry says, or the worst of the symptoms that an entry is about."""
    about = (entries[name].severity or 0 for name in entry.symptoms if name in entries)
    return entry.severity or max(about, default=0)


def merged(matters: Sequence[Matter], matches: Sequence[Match]) -> list[Match]:
    """The entry of each matter first, then what the whole message brought."""
    first = {matter.match.entry: matter.match for matter in matters}
    return [*first.values(), *(match for match in matches if match.entry not in first)]


def _counts_up(text: str) -> bool:
    """Whether a message says itself that it names several things."""
    return bool(COUNTS_UP.search(text) or LISTED.search(text))


def _alike(one: Matter, other: Matter) -> bool:
    """Whether two parts are about the same: the entry of one is among the best for the other."""
    return _near(one, other) or _near(other, one)


def _near(one: Matter, other: Matter) -> bool:
    return any(match.entry == one.match.entry for match in other.found.matches[:SAME])
