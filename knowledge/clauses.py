"""A note cut into clauses, and what each says of what it mentions: there, not there, over, or only feared; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

MOST_CLAUSES = 60
REMARK_WORDS = 5
BARE_WORDS = 4


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement and where it begins in the note.

    Args:
        text: its words.
        start: its position in the note.
        sentence: the position of the sentence that it is part of.
        unsure: it only fears, plans or supposes.
        settled: it, or the remark right after it, says that all is well or well again.
        negated: it says that there is none of it.
        continues: it continues a list begun before it.
    """

    text: str
    start: int
    sentence: int = 0
    unsure: bool = False
    settled: bool = False
    negated: bool = False
    continues: bool = False

    @property
    def denies(self) -> bool:
        """Whether it says that what it mentions is not there, or no longer."""
        return self.settled or self.negated


SENTENCE = re.compile(r"[\n\r]+|(?<=[.!;])\s+|;\s*|\s[-–—•*]+\s|^\s*[-•*]\s+", re.MULTILINE)
PART = re.compile(
    r",\s*(?:(?:but|and|so|yet|though|although|however|while|then)\b)?\s*|\s*\b(?:but|however)\b,?\s*"
    r"|\s*\b(?:although|though|otherwise|except(?: that)?|whereas|apart from that|other than that)\b,?\s*"
    r"|\s+(?:and|or|nor)\s+|(?<=\?)\s+(?!(?:none|no|nope|zero|nothing|never|all|fine|ok|good|\d+)\b)",
    re.IGNORECASE,
)
LOG_LINE = re.compile(
    r"^\s*(?:\[?\d{4}[-/]\d\d[-/]\d\d|\d\d:\d\d:\d\d|\[?(?:error|fatal|warn(?:ing)?|critical|panic|alert|firing)\b"
    r"|\w+(?:Error|Exception)\b|ERROR \d)",
    re.IGNORECASE,
)
UNSURE = re.compile(
    r"\b(?:if|what if|would|could|might|may|in case|worried|afraid|fear|risk of|potential\w*|hypothetical\w*|someday"
    r"|planning to|plan to|want to|going to|next (?:week|sprint|month|quarter)|prevent\w*|avoid\w*|expect\w*|should we"
    r"|prepar\w+|simulat\w+|game ?day|drill|fire ?drill|rehears\w+|test(?:ed|ing) (?:the|our|a) (?:fail|restor)"
    r"|(?:we|i|first) thought|suspected|looked like|false alarm|so that)\b",
    re.IGNORECASE,
)
RESOLVED = re.compile(
    r"\b(?:fixed|resolved|solved|sorted(?: out)?|gone|went away|back to normal|under control|no longer|any ?more"
    r"|all good|all fine|all clear|cured|is over|are over|a thing of the past|has stopped|have stopped"
    r"|stopped (?:happening|getting|having|seeing|being)|no more|behind us)\b|\[resolved\]",
    re.IGNORECASE,
)
NOT_RESOLVED = re.compile(
    r"\b(?:not|never|isn't|aren't|wasn't|hasn't|haven't|un)\s*(?:yet |been |really |fully )*"
    r"(?:fixed|resolved|solved|sorted)|n't (?:yet |been |really |fully )*(?:fixed|resolved|solved|sorted)"
    r"|\b(?:came|come|comes) back\b|\bkeeps?\b|\b(?:mostly|almost|nearly|partly|half) (?:gone|fixed|resolved|solved)",
    re.IGNORECASE,
)
_GOOD = (
    r"fine|ok|okay|good|great|smooth(?:ly)?|stable|steady|healthy|green|quiet|calm|normal|solid|clean|flat|boring|empty"
    r"|uneventful|as usual|well|perfect(?:ly)?|in order|happy"
    r"|(?:works|worked) (?:fine|well|great|again|now|as expected)|better|fast again|plenty|relaxed|sane"
    r"|reliable|reliably|renewed|valid|automatically|on time|in time|within (?:milli)?seconds|under (?:a|one|1) second"
    r"|(?:tests?|checks?|drill|restores?) (?:\w+ )?passed|backups? (?:ran|run|work)|catch(?:es)? everything"
)
FINE = re.compile(
    rf"\b(?:{_GOOD}|no (?:issues?|problems?|trouble|complaints?|surprises?|drama|incidents?)|without (?:a hitch|issues?"
    r"|problems?|trouble|incidents?)|(?:held|holds|holding) up)\b",
    re.IGNORECASE,
)
NOT_FINE = re.compile(
    r"(?:\b(?:not|never|no longer|isn't|aren't|wasn't|hardly|barely|far from|less than|stopped)|n't)\s+(?:\w+\s+){0,2}"
    rf"(?:{_GOOD})\b|\b(?:fine|ok|good|great|normal|well) (?:until|till|except|before)\b|\bas well\b"
    r"|\bhealthy? checks?\b|\b(?:work|worked|works) (?:around|late|all)\b|\bworse\b"
    r"|\bgood (?:part|deal|number|hour|day|half)\b",
    re.IGNORECASE,
)
EASED = re.compile(
    r"\b(?:tickets?|costs?|bill|spend\w*|errors?|latency|p9\d|cpu|load|memory|response times?|queue\w*|backlog|pages"
    r"|alerts|lag|usage)\b\W+(?:\w+\s+){0,3}?(?:down|lower|dropped|fell|shrank|improved|halved|better|faster)\b"
    r"|\b(?:cpu|disk|memory|ram|storage|usage|load)\b[^%]{0,25}?(?<![\d.])[1-6]?\d\s?(?:%|percent\b)",
    re.IGNORECASE,
)
NEGATION = re.compile(
    r"\b(?:no|not|zero|without|never|none|nothing|nobody|no one|neither|nor|0|not a single|fewer)\b|n't\b|n’t\b",
    re.IGNORECASE,
)
OPENING_NEGATION = re.compile(
    r"^\W*(?:(?:we|there|i|it|they|this week|so far|luckily|also|still|again)\W+)*"
    r"(?:(?:had|have|saw|were|was|are|is|been|got)\W+)*"
    r"(?:no|zero|without|never|none|nothing|nobody|neither|not any|not a single|not one|haven.?t|hasn.?t|hadn.?t"
    r"|didn.?t|don.?t|0)\b|^[^?]{1,30}\?\s+(?:none|no|nope|zero|nothing|never|0)\b",
    re.IGNORECASE,
)
HAS_VERB = re.compile(
    r"\b(?:is|are|was|were|had|has|have|did|does|went|go|goes|took|takes|got|keeps?|ran|broke|fell|came|\w{2,}ed)\b",
    re.IGNORECASE,
)
FILLERS = re.compile(
    r"\b(?:it'?s?|that'?s|is|are|was|were|all|now|since|again|so|far|very|pretty|quite|really|looks?|still|the|this|that"
    r"|went|of|room|for|then|today|with|us|here|everything|anyway|completely|week|out|and|just|been|has|have)\b|\W",
    re.IGNORECASE,
)


def clauses_of(text: str) -> tuple[Clause, ...]:
    """The clauses of a note in order; a log line stays whole."""
    parts = [part for start, sentence in _pieces(SENTENCE, text) for part in _parts(start, sentence)]
    parts = [part for part in parts if re.search(r"\w", part.text)][:MOST_CLAUSES]
    return tuple(_with_list(_with_remarks(parts))) if parts else ()


def denies_before(clause: str, position: int) -> bool:
    """Whether a negation stands within the few words before a position of the clause."""
    return bool(NEGATION.search(" ".join(clause[:position].split()[-5:])))


def names_absence(words: str) -> bool:
    """Whether words are themselves about something lacking: "no index", "nobody noticed"."""
    return bool(NEGATION.search(words))


def _pieces(separator: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    """What stands between the separators, each with its position."""
    start = 0
    for found in separator.finditer(text):
        yield start, text[start : found.start()]
        start = found.end()
    yield start, text[start:]


def _parts(start: int, sentence: str) -> Iterator[Clause]:
    if LOG_LINE.match(sentence):
        yield _clause(sentence, start, start, joint="")
        return
    end = 0
    for at, words in _pieces(PART, sentence):
        yield _clause(words, start + at, start, joint=sentence[end:at])
        end = at + len(words)


def _clause(words: str, start: int, sentence: int, joint: str) -> Clause:
    fine = bool(FINE.search(words) or EASED.search(words)) and not NOT_FINE.search(words)
    return Clause(
        text=words.strip(),
        start=start,
        sentence=sentence,
        unsure=bool(UNSURE.search(words)),
        settled=fine or _resolved(words),
        negated=bool(OPENING_NEGATION.search(words)),
        continues=bool(joint) and joint.strip(" ,").lower() in ("", "and", "or", "nor"),
    )


def _with_remarks(parts: Sequence[Clause]) -> list[Clause]:
    """A remark like "all good since" or "but it was not" is about the clause before it."""
    after = [*parts[1:], Clause("", 0)]
    return [replace(part, settled=part.settled or _is_remark(then)) for part, then in zip(parts, after, strict=True)]


def _is_remark(clause: Clause) -> bool:
    if not clause.settled or len(clause.text.split()) > REMARK_WORDS:
        return False
    rest = FILLERS.sub("", RESOLVED.sub("", FINE.sub("", clause.text)))
    return not rest


def _with_list(parts: Sequence[Clause]) -> Iterator[Clause]:
    """A list that began with "no …" goes on denying while its items stay bare."""
    denying = False
    for part in parts:
        bare = part.continues and len(part.text.split()) <= BARE_WORDS and not HAS_VERB.search(part.text)
        denying = part.negated or (denying and bare)
        yield replace(part, negated=denying)


def _resolved(words: str) -> bool:
    return bool(RESOLVED.search(words)) and not NOT_RESOLVED.search(words)
