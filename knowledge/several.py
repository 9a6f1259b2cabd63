"""Whether a rambling message tells of several troubles, and which statement tells of which; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.clauses import Clause, clauses_of
from knowledge.model import Entry
from knowledge.search import Found, Match
from knowledge.symptoms import Reported

COUNTS_UP = re.compile(
    r"\b(?:also|plus|besides|additionally|on top of (?:that|it)|another (?:thing|problem|issue)|a few things|several"
    r"|second(?:ly)?|thirdly|two (?:things|problems|issues)|three (?:things|problems|issues)|as well|moreover|too)\b",
    re.IGNORECASE,
)
LISTED = re.compile(r"(?:^|\s)[-•*]\s.*\n\s*[-•*]\s|\b1[.)]\s.*\b2[.)]\s", re.DOTALL)
RAMBLING_WORDS = 9
COUNTED_FLOOR, CLEAR_FLOOR = 0.6, 0.7
LIKELY = 6


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble of several: the symptom's entry and the statement that told of it."""

    symptom: Entry
    statement: str


def rambling(text: str) -> tuple[Clause, ...]:
    """The clauses of a message that may tell of several troubles; none of any other."""
    clauses = clauses_of(text) if len(text.split()) >= RAMBLING_WORDS else ()
    return clauses if len(clauses) >= least_of(text) else ()


def least_of(text: str) -> int:
    """How many troubles a message must tell of to be about several."""
    return 2 if _counts_up(text) else 3


def troubles_of(
    text: str, statements: Sequence[tuple[str, Reported | None]], symptoms: Iterable[Entry]
) -> tuple[Trouble, ...]:
    """The separate troubles that the statements of a text report, worst first; none when it is only one.

    Statements about symptoms that one would have to tell apart ("it is slow", "cpu is at 100 %") are one trouble,
    unless the asker listed them as two.
    Background ("we run Heroku, 700 users") easily looks like a second one: without a word that counts up, only three
    and clear ones count.
    """
    least, floor = least_of(text), COUNTED_FLOOR if _counts_up(text) else CLEAR_FLOOR
    same = _same if LISTED.search(text) else alike
    known = {entry.id: entry for entry in symptoms}
    told: dict[str, Trouble] = {}
    for statement, reported in statements:
        if reported is None or reported.score < floor:
            continue
        if not any(same(known[reported.symptom], other.symptom) for other in told.values()):
            told[reported.symptom] = Trouble(known[reported.symptom], statement)
    if len(told) < least:
        return ()
    return tuple(sorted(told.values(), key=lambda trouble: -(trouble.symptom.severity or 0)))


def merged(several: Sequence[tuple[str, Match]], matches: Sequence[Match]) -> list[Match]:
    """The entry of each trouble first, then what the whole message brought."""
    first = {match.entry: match for _, match in several}
    return [*first.values(), *(match for match in matches if match.entry not in first)]


def among(several: Sequence[tuple[str, Match]], found: Found, text: str, statements: int) -> list[tuple[str, Match]]:
    """The troubles that the message as a whole is about too; a story told on the way is full of words of trouble.

    Where the text is a list, or four of five `statements` or more tell of a trouble of their own, all are meant.
    """
    if LISTED.search(text) or len(several) * 5 >= statements * 4:
        return list(several)
    likely = {match.entry for match in found.matches[:LIKELY]}
    kept = [(statement, match) for statement, match in several if match.entry in likely]
    return kept if len(kept) >= least_of(text) else []


def about(trouble: Trouble, found: Found) -> Match:
    """The best entry for a statement if it is about that symptom, else the symptom's own."""
    best = found.matches[0]
    own = next(match for match in found.matches if match.entry == trouble.symptom.id)
    return best if best.entry in trouble.symptom.related else own


def alike(one: Entry, other: Entry) -> bool:
    """Whether two symptoms are the same or easily taken for one another."""
    return _same(one, other) or _confused(one, other) or _confused(other, one)


def _same(one: Entry, other: Entry) -> bool:
    return one.id == other.id


def _counts_up(text: str) -> bool:
    return bool(COUNTS_UP.search(text) or LISTED.search(text))


def _confused(one: Entry, other: Entry) -> bool:
    return any(apart.other == other.id for apart in one.tell_apart)
