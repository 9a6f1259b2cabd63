"""Free text or a log line → which symptoms it reports, and which it denies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge.clauses import Clause, negated_before, opens_with_negation
from knowledge.index import Scores, Words
from knowledge.model import Entry, Kind

PATTERN_SCORE, PHRASE_SCORE, WORD_SCORE = 0.95, 0.85, 0.7
MEANING_FLOOR = 0.58
GAP = 2


@dataclass(frozen=True, slots=True)
class Reported:
    """A symptom that a text mentions, how sure that is (0 to 1), and the words that say so."""

    symptom: str
    score: float
    because: str


@dataclass(frozen=True, slots=True)
class SymptomReading:
    """The symptoms that a text reports, surest first, and those it says are absent or over."""

    present: tuple[Reported, ...]
    denied: tuple[Reported, ...]


@dataclass(frozen=True, slots=True)
class _Sign:
    symptom: str
    phrase: str
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """One piece of evidence in a clause; `negated` is what the words right before it say."""

    symptom: str
    score: float
    because: str
    negated: bool


@dataclass(slots=True)
class _Tally:
    best: dict[str, Reported] = field(default_factory=dict)

    def add(self, seen: _Seen) -> None:
        known = self.best.get(seen.symptom)
        if known is None or seen.score > known.score:
            self.best[seen.symptom] = Reported(seen.symptom, seen.score, seen.because)

    def without(self, other: Iterable[str]) -> tuple[Reported, ...]:
        kept = [report for name, report in self.best.items() if name not in set(other)]
        return tuple(sorted(kept, key=lambda report: -report.score))


# What a team calls healthy without naming the symptom: "deploys are fine" denies failed deploys.
TOPICS: Mapping[str, str] = {
    "failed-deploy": r"deploy\w*|releas\w+|roll-?outs?|shipping",
    "outage": r"outages?|downtime|incidents?|uptime|the site|site|prod|production",
    "high-cpu": r"cpu|load",
    "high-memory": r"memory|ram",
    "disk-full": r"disks?|storage|disk space",
    "queue-backlog": r"queues?|jobs|workers?|mails?|emails?|sidekiq|celery",
    "slow-queries": r"quer(?:y|ies)|database|db|postgres|mysql",
    "too-many-connections": r"connections?|pool",
    "deadlocks": r"deadlocks?",
    "timeouts": r"timeouts?|504s?",
    "latency": r"latency|response times?|p95|p99|performance|pages|speed",
    "error-spike": r"errors?|error rate|exceptions?|sentry|5xx|500s",
    "replication-lag": r"replicas?|replication",
    "cache-failure": r"cache|redis|memcached",
    "lock-contention": r"locks?|locking",
    "cost-explosion": r"bill|costs?|spend\w*|cloud bill|aws bill",
    "support-overload": r"support|tickets|inbox|helpdesk",
    "on-call-burnout": r"on-?call|pager|pages at night|nights",
    "flaky-tests": r"ci|tests?|test suite|builds?",
    "cert-expiry": r"certs?|certificates?|ssl|tls",
    "traffic-spike": r"traffic",
    "data-loss": r"backups?|restores?|data",
    "security-abuse": r"security|attacks?|bots|abuse|spam",
    "third-party-rate-limit": r"rate limits?|throttling|429s?",
    "no-monitoring": r"monitoring|alerting|alerts|dashboards?",
    "n-plus-one": r"n\+1s?",
}
TOPIC_PATTERNS = {
    symptom: re.compile(rf"(?<![\w+-])(?:{words})(?![\w+-])", re.IGNORECASE) for symptom, words in TOPICS.items()
}
NOTHING = re.compile(
    r"^\W*(?:nothing (?:to report|new|special|happened|much)|all (?:quiet|good|fine|ok|green|clear)|no news|n/?a|none"
    r"|quiet week|same as (?:last|always|usual)|business as usual|no (?:issues|problems|complaints)|nope|no)\W*",
    re.IGNORECASE,
)


class SymptomReader:
    """Reads texts with the signs and error patterns of the symptom entries; pure, given the cosines."""

    def __init__(self, entries: Iterable[Entry], words: Words) -> None:
        """Prepare the signs and patterns of all symptom entries."""
        symptoms = [entry for entry in entries if entry.kind is Kind.SYMPTOM]
        self._words = words
        self._patterns = [
            (entry.id, re.compile(pattern.match, re.IGNORECASE), pattern.means)
            for entry in symptoms
            for pattern in entry.patterns
        ]
        self._signs = self._stemmed((entry.id, sign) for entry in symptoms for sign in entry.signs)

    def read(self, text: str, clauses: Sequence[Clause], meaning: Sequence[Mapping[str, float]]) -> SymptomReading:
        """Read a text cut into clauses; `meaning` holds each clause's cosine to every symptom."""
        present, denied = _Tally(), _Tally()
        negating = False
        for clause, near in zip(clauses, meaning, strict=True):
            negating = self._says_none(clause, negating)
            self._weigh(clause, near, negating, present, denied)
        for seen in self._errors(text, clauses):
            present.add(seen)
        return SymptomReading(present.without(()), denied.without(present.best))

    def told(self, clauses: Sequence[Clause], meaning: Sequence[Mapping[str, float]]) -> list[Reported | None]:
        """What each clause reports most surely, taken alone."""
        told = [self.read(clause.text, [clause], [near]).present for clause, near in zip(clauses, meaning, strict=True)]
        return [present[0] if present else None for present in told]

    def _says_none(self, clause: Clause, before: bool) -> bool:
        """A list that began with "no …" goes on denying while its items stay bare."""
        if opens_with_negation(clause.text):
            return True
        return before and clause.continues_list and len(clause.text.split()) <= 4 and not _has_verb(clause.text)

    def _weigh(
        self, clause: Clause, near: Mapping[str, float], negating: bool, present: _Tally, denied: _Tally
    ) -> None:
        seen = self._evidence(clause, near)
        if clause.fine or negating:
            for topic in self._topics(clause.text):
                denied.add(topic)
        if clause.hypothetical:
            return
        for one in seen:
            settled = one.negated or negating or clause.resolved or clause.fine
            (denied if settled else present).add(one)

    def _evidence(self, clause: Clause, near: Mapping[str, float]) -> list[_Seen]:
        seen = self._phrases(clause.text)
        close = [(score, symptom) for symptom, score in near.items() if score >= MEANING_FLOOR]
        if close:
            score, symptom = max(close)
            seen.append(_Seen(symptom, score, clause.text, negated=False))
        return seen

    def _phrases(self, text: str) -> list[_Seen]:
        spans = [(found.start(), found.group()) for found in re.finditer(r"[\w+]+", text.lower())]
        stems = self._stems([word for _, word in spans])
        seen = []
        for sign in self._signs:
            at = _window(stems, sign.stems)
            if at is not None:
                score = PHRASE_SCORE if len(sign.stems) > 1 else WORD_SCORE
                seen.append(_Seen(sign.symptom, score, sign.phrase, negated_before(text, spans[at][0])))
        return _longest(seen)

    def _errors(self, text: str, clauses: Sequence[Clause]) -> list[_Seen]:
        seen = []
        for symptom, pattern, means in self._patterns:
            found = pattern.search(text)
            if found and not negated_before(text, found.start()) and not _settled(found.group(), clauses):
                seen.append(_Seen(symptom, PATTERN_SCORE, means, negated=False))
        return seen

    def _topics(self, text: str) -> list[_Seen]:
        found = ((symptom, pattern.search(text)) for symptom, pattern in TOPIC_PATTERNS.items())
        return [_Seen(symptom, PHRASE_SCORE, hit.group(), negated=True) for symptom, hit in found if hit]

    def _stemmed(self, signs: Iterable[tuple[str, str]]) -> list[_Sign]:
        known = list(signs)
        stems = [tuple(self._stems(re.findall(r"[\w+]+", phrase.lower()))) for _, phrase in known]
        return [_Sign(symptom, phrase, stem) for (symptom, phrase), stem in zip(known, stems, strict=True) if stem]

    def _stems(self, words: Sequence[str]) -> list[str]:
        return self._words.stems(words)


def meaning_of(scores: Scores, owners: Sequence[str]) -> dict[str, float]:
    """The cosine of each symptom, given one score for each owner."""
    return dict(zip(owners, np.asarray(scores, dtype=float).tolist(), strict=True))


def _window(stems: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Where `wanted` stands in order with at most two words in between, or None."""
    for start, stem in enumerate(stems):
        if stem == wanted[0] and _follows(stems[start + 1 : start + len(wanted) + GAP], wanted[1:]):
            return start
    return None


def _follows(stems: Sequence[str], wanted: Sequence[str]) -> bool:
    rest = iter(stems)
    return all(any(stem == other for other in rest) for stem in wanted)


def _longest(seen: list[_Seen]) -> list[_Seen]:
    """A phrase that is part of a longer phrase found says nothing of its own."""
    longer = [one.because for one in seen]
    return [one for one in seen if not any(one.because != other and one.because in other for other in longer)]


def _settled(words: str, clauses: Sequence[Clause]) -> bool:
    holding = [clause for clause in clauses if words in clause.text]
    return bool(holding) and all(clause.resolved or clause.hypothetical for clause in holding)


def _has_verb(text: str) -> bool:
    return bool(re.search(r"\b(?:is|are|was|were|had|has|have|did|does|went|go|goes|took|takes|got|\w+ed)\b", text))
