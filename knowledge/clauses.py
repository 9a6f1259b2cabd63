"""A note cut into clauses, and whether each says that something is, is not, or only might be; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

MOST_CLAUSES = 60


class Polarity(StrEnum):
    """What a clause claims about what it mentions."""

    PRESENT = "present"
    DENIED = "denied"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement; `resolved` says that it, or the remark right after it, calls the matter settled."""

    text: str
    hypothetical: bool
    resolved: bool
    fine: bool
    continues_list: bool


SENTENCE = re.compile(r"[\n\r]+|(?<=[.!?;])\s+|;\s*|\s[-–—•*]+\s|^\s*[-•*]\s+", re.MULTILINE)
PART = re.compile(
    r"(,\s*(?:(?:but|and|so|yet|though|although|however|while|then)\b)?\s*|\s*\bbut\b\s*|\s*\bhowever\b,?\s*"
    r"|\s*\b(?:although|though|otherwise|except(?: that)?|whereas|apart from that|other than that)\b,?\s*"
    r"|\s+and\s+|\s+or\s+|\s+nor\s+)",
    re.IGNORECASE,
)
LOG_LINE = re.compile(
    r"^\s*(?:\[?\d{4}[-/]\d\d[-/]\d\d|\d\d:\d\d:\d\d|\[?(?:error|fatal|warn(?:ing)?|critical|panic|alert|firing)\b"
    r"|\w+(?:Error|Exception)\b|ERROR \d)",
    re.IGNORECASE,
)
HYPOTHETICAL = re.compile(
    r"\b(?:if|what if|would|could|might|may|in case|worried|afraid|fear|risk of|potential\w*|hypothetical\w*"
    r"|someday"
    r"|planning to|plan to|want to|going to|next (?:week|sprint|month|quarter)|prevent\w*|avoid\w*|expect\w*|should we"
    r"|prepar\w+|simulat\w+|game ?day|drill|fire ?drill|rehears\w+|test(?:ed|ing) (?:the|our|a) (?:fail|restor))\b",
    re.IGNORECASE,
)
RESOLVED = re.compile(
    r"\b(?:fixed|resolved|solved|sorted(?: out)?|gone|went away|back to normal|under control|no longer|all good"
    r"|all fine"
    r"|all clear|cured|is over|are over|a thing of the past|has stopped|have stopped|behind us)\b|\[resolved\]",
    re.IGNORECASE,
)
NOT_RESOLVED = re.compile(
    r"\b(?:not|n't|never|isn't|aren't|wasn't|hasn't|haven't|un)\s*(?:yet |been |really |fully )*"
    r"(?:fixed|resolved|solved|sorted)"
    r"|\b(?:came|come|comes) back|\b(?:again|keeps?|still)\b",
    re.IGNORECASE,
)
FINE = re.compile(
    r"\b(?:fine|ok|okay|good|great|smooth(?:ly)?|stable|steady|healthy|green|quiet|calm|normal|solid|clean|flat|boring"
    r"|uneventful|as usual|well|perfect(?:ly)?|no (?:issues?|problems?|trouble|complaints?|surprises?|drama|incidents?)"
    r"|under control|in order|without (?:a hitch|issues?|problems?|trouble)|worked|happy|better|fast again|low)\b",
    re.IGNORECASE,
)
NOT_FINE = re.compile(
    r"\b(?:not|n't|never|no longer|isn't|aren't|wasn't|hardly|barely|far from|less than)\s+(?:\w+\s+){0,2}"
    r"(?:fine|ok|okay|good|great|smooth|stable|healthy|green|normal|well|happy|better|worked)\b"
    r"|\b(?:fine|ok|good|great|normal|well) (?:until|till|except|before)\b",
    re.IGNORECASE,
)
NEGATION = re.compile(
    r"\b(?:no|not|zero|without|never|none|nothing|neither|nor|n't|didn't|doesn't|don't|hasn't|haven't|hadn't|isn't"
    r"|aren't|wasn't|weren't|free of|0|not a single|any more|anymore|fewer)\b|n't\b",
    re.IGNORECASE,
)
OPENING_NEGATION = re.compile(
    r"^\W*(?:(?:we|there|i|it|this week|so far|luckily|also|still|again)\W+)*"
    r"(?:(?:had|have|saw|were|was|are|is|been|got)\W+)*"
    r"(?:no|zero|without|never|none|nothing|neither|not any|not a single|haven't|hasn't|hadn't|didn't|don't|0)\b",
    re.IGNORECASE,
)
SETTLES = re.compile(r"^\W*(?:it'?s |that'?s |is |are |now |since |and )*\b", re.IGNORECASE)
SETTLING_WORDS = 5


def clauses_of(text: str) -> tuple[Clause, ...]:
    """The clauses of a note in order; a log line stays whole."""
    parts = [part for sentence in SENTENCE.split(text) if sentence for part in _parts(sentence)]
    known = [(words, listed) for words, listed in parts if re.search(r"\w", words)][:MOST_CLAUSES]
    return tuple(_clause(known, place) for place in range(len(known)))


def opens_with_negation(clause: str) -> bool:
    """Whether the clause begins by saying that there is none of what follows."""
    return bool(OPENING_NEGATION.search(clause))


def negated_before(clause: str, start: int) -> bool:
    """Whether a negation stands within the few words before position `start`."""
    before = " ".join(clause[:start].split()[-5:])
    return bool(NEGATION.search(before))


def _parts(sentence: str) -> Iterator[tuple[str, bool]]:
    """The parts of a sentence, each with whether it continues the list begun before it."""
    if LOG_LINE.match(sentence):
        yield sentence.strip(), False
        return
    pieces = PART.split(sentence)
    yield pieces[0].strip(), False
    for joint, words in zip(pieces[1::2], pieces[2::2], strict=True):
        yield words.strip(), joint.strip(" ,").lower() in ("", "and", "or", "nor")


def _clause(parts: Sequence[tuple[str, bool]], place: int) -> Clause:
    words, continues = parts[place]
    after = parts[place + 1][0] if place + 1 < len(parts) else ""
    return Clause(
        text=words,
        hypothetical=bool(HYPOTHETICAL.search(words)),
        resolved=_resolved(words) or (len(after.split()) <= SETTLING_WORDS and _resolved(after)),
        fine=bool(FINE.search(words)) and not NOT_FINE.search(words),
        continues_list=continues,
    )


def _resolved(words: str) -> bool:
    return bool(RESOLVED.search(words)) and not NOT_RESOLVED.search(words)
