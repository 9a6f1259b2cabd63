"""Free text or a log line → which symptoms it reports, and which it denies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from knowledge.clauses import Clause, denies_before, names_absence
from knowledge.hearing import Heard
from knowledge.index import Words
from knowledge.model import Entry, Kind

PATTERN_SCORE, PHRASE_SCORE, WORD_SCORE = 0.95, 0.85, 0.7
# What is named counts unless it hardly sounds like trouble; what is only heard has to be likely, more so beside a name.
AUDIBLE, LIKELY, LIKELY_BESIDE = 0.15, 0.45, 0.6
# Words that deny leave little of what still sounds like trouble, and a sound of trouble little of what they deny.
DOUBT, OUTSHOUTED = 0.42, 0.8
# Of what is both reported and denied, only what is sure stays.
DENIED, SURE = 0.6, 0.95
HEARD_WELL = 0.5
HEARD_WORDS = 2
# A note of so few words says little but what it names.
TERSE = 4
GAP = 2
WORD = re.compile(r"[\w+]+")
ERROR_LENGTH = 300
# Symptoms of a part that may be down while the product is not.
PARTS = frozenset({"cache-failure", "replication-lag", "queue-backlog", "cert-expiry"})
# What is stated as a danger: "if it dies we are gone" reports it, where another symptom would only be feared.
RISK = "single-point-of-failure"
PERIL = re.compile(
    r"\b(?:if|when) (?:\w+ ){1,3}(?:dies|goes|leaves|quits|fails|breaks|falls|crashes|is (?:away|sick|ill|gone|hit"
    r"|on)|gets)\b",
    re.I,
)
# What befell a thing that is not lacking: "no backups were lost" misses no backup.
BEFALLEN = re.compile(
    r"^\W*\w*\W+(?:(?:was|were|got|has|have|been)\W+){0,2}(?:lost|missed|missing|harmed|corrupted|affected|needed"
    r"|deleted|late)\b",
    re.I,
)
# A symptom that is the lack of something: to deny the thing is to report the symptom, but "no alerts this week" is not.
LACK, LACKING = "no-monitoring", re.compile(r"monitoring|alerting|dashboards?|\b(?:still|yet|at all|in place)\b", re.I)


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
    """A phrase as stems, and how many other words may stand among them: none in one that is about a lack."""

    symptom: str
    phrase: str
    stems: tuple[str, ...]
    gap: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """One piece of evidence, whether the text says that there is none of it, and which words of the clause it is."""

    symptom: str
    score: float
    because: str
    denied: bool = False
    words: frozenset[int] = frozenset()
    surety: float = 1.0


@dataclass(slots=True)
class _Tally:
    """The best evidence for each symptom, and how surely it was said."""

    best: dict[str, Reported] = field(default_factory=dict)
    surety: dict[str, float] = field(default_factory=dict)

    def add(self, seen: _Seen) -> None:
        self.surety[seen.symptom] = max(seen.surety, self.surety.get(seen.symptom, 0.0))
        known = self.best.get(seen.symptom)
        if known is None or seen.score > known.score:
            self.best[seen.symptom] = Reported(seen.symptom, seen.score, seen.because)

    def without(self, other: Iterable[str]) -> tuple[Reported, ...]:
        left_out = set(other)
        kept = [report for name, report in self.best.items() if name not in left_out]
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
    "cost-explosion": r"bill|costs?|spend\w*|invoice|aws|gcp|azure|cloud|hosting",
    "support-overload": r"support|tickets|inbox|helpdesk",
    "on-call-burnout": r"on-?call|pager|pages at night|nights|rotation|alarms?|weekends?|sleep|slept",
    "flaky-tests": r"ci|tests?|test suite|builds?",
    "cert-expiry": r"certs?|certificates?|ssl|tls",
    "traffic-spike": r"traffic",
    "data-loss": r"backups?|restores?|data|lost|records|rows",
    "security-abuse": r"security|attacks?|bots|abuse|spam|breach\w*|hack\w*",
    "third-party-rate-limit": r"rate limits?|throttl\w+|429s?|quota",
    "no-monitoring": r"monitoring|alerting|alerts|dashboards?",
    "n-plus-one": r"n\+1s?",
    "manual-deploys": r"by hand|manual\w*|one[- ]click|automated|ci/cd|checklist|ssh|scp",
    "single-point-of-failure": r"only \w+ any ?more"
    r"|(?:people|of us|devs|developers|engineers|colleagues)(?: who)? (?:can|know|understand)"
    r"|single (?:server|point)|failover|redundan\w+|bus factor",
}
TOPIC_PATTERNS = {
    symptom: re.compile(rf"(?<![\w+-])(?:{words})(?![\w+-])", re.IGNORECASE) for symptom, words in TOPICS.items()
}
ALARM_PATTERNS = {
    symptom: re.compile(rf"(?<![\w+-])(?:{words})\s+(?:alarms?|alerts?|warnings?)\b", re.IGNORECASE)
    for symptom, words in TOPICS.items()
    if symptom not in (LACK, "on-call-burnout", "outage")
}


class SymptomReader:
    """Reads texts with the signs and error patterns of the symptom entries; pure, given what was heard."""

    def __init__(self, entries: Iterable[Entry], words: Words) -> None:
        """Prepare the signs and patterns of all symptom entries."""
        symptoms = [entry for entry in entries if entry.kind is Kind.SYMPTOM]
        self._known = {entry.id for entry in symptoms}
        self._words = words
        self._patterns = [
            (entry.id, re.compile(pattern.match, re.IGNORECASE), pattern.means)
            for entry in symptoms
            for pattern in entry.patterns
        ]
        self._signs = _by_first(self._stemmed((entry.id, sign) for entry in symptoms for sign in entry.signs))

    def read(self, text: str, clauses: Sequence[Clause], heard: Sequence[Heard | None]) -> SymptomReading:
        """Read a text cut into clauses; `heard` is what each sounds like, None where there was no model to hear it."""
        present, denied = _Tally(), _Tally()
        for clause, sound in zip(clauses, heard, strict=True):
            for one in self._evidence(text, clause, sound):
                (denied if one.denied else present).add(one)
        unsure = {name for name, surety in present.surety.items() if surety < SURE}
        reported = present.without(name for name in unsure if denied.surety.get(name, 0.0) >= DENIED)
        return SymptomReading(reported, denied.without(report.symptom for report in reported))

    def _evidence(self, text: str, clause: Clause, sound: Heard | None) -> list[_Seen]:
        seen = self._named(text, clause)
        named = self._topics(clause) if clause.denies else self._alarms(clause)
        stated = [one for one in [*seen, *named] if one.denied or _is_stated(one, clause)]
        if sound is None or clause.log:
            return stated
        terse = len(text.split()) <= TERSE
        return [*(stated if terse else _weighed(stated, sound)), *self._heard(clause, sound, seen)]

    def _heard(self, clause: Clause, sound: Heard, named: Sequence[_Seen]) -> list[_Seen]:
        """What is in no words that we know."""
        if clause.unsure or sound.symptom not in self._known or len(clause.text.split()) < HEARD_WORDS:
            return []
        likely = sound.trouble * sound.likely * (DOUBT if clause.denies else 1)
        well = sound.well * sound.likely
        floor = LIKELY_BESIDE if any(not one.denied for one in named) else LIKELY
        heard = [_Seen(sound.symptom, likely, clause.text, surety=likely)] if likely >= floor else []
        if well >= HEARD_WELL:
            heard.append(_Seen(sound.symptom, well, clause.text, denied=True, surety=well))
        return heard

    def _named(self, text: str, clause: Clause) -> list[_Seen]:
        """Error texts and signs; a sign that is a part of something longer says nothing of its own."""
        errors = self._errors(text, clause)
        if clause.log and errors:
            return errors
        return _longest([*errors, *self._phrases(clause)])

    def _phrases(self, clause: Clause) -> list[_Seen]:
        spans = [(found.start(), found.group()) for found in WORD.finditer(clause.text.lower())]
        stems = self._stems([word for _, word in spans])
        seen = []
        for sign in (sign for stem in dict.fromkeys(stems) for sign in self._signs.get(stem, ())):
            words = _window(stems, sign.stems, sign.gap)
            if words:
                score = PHRASE_SCORE if len(sign.stems) > 1 else WORD_SCORE
                denied = _denied(clause, sign.phrase, spans[words[0]][0], spans[words[-1]][0])
                seen.append(_Seen(sign.symptom, score, sign.phrase, denied, frozenset(words)))
        return seen

    def _errors(self, text: str, clause: Clause) -> list[_Seen]:
        """Known error texts that begin in this clause."""
        end = clause.start + len(clause.text)
        starts = [found.start() for found in WORD.finditer(clause.text)]
        seen = []
        for symptom, pattern, means in self._patterns:
            found = pattern.search(text, clause.start, end + ERROR_LENGTH)
            if found and found.start() < end:
                first, last = found.start() - clause.start, found.end() - clause.start
                words = frozenset(number for number, start in enumerate(starts) if first <= start < last)
                seen.append(_Seen(symptom, PATTERN_SCORE, means, _denied(clause, found.group(), first, last), words))
        return seen

    def _topics(self, clause: Clause) -> list[_Seen]:
        """What is said to be well or not there, though no sign of trouble is named: "deploys are fine"."""
        found = ((symptom, pattern.search(clause.text)) for symptom, pattern in TOPIC_PATTERNS.items())
        return [
            _Seen(symptom, PHRASE_SCORE, hit.group(), not _is_lacking(symptom, clause)) for symptom, hit in found if hit
        ]

    def _alarms(self, clause: Clause) -> list[_Seen]:
        """What an alarm went off for: "the cpu alarm, twice"."""
        found = ((symptom, pattern.search(clause.text)) for symptom, pattern in ALARM_PATTERNS.items())
        return [
            _Seen(symptom, WORD_SCORE, hit.group(), denies_before(clause.text, hit.start()))
            for symptom, hit in found
            if hit
        ]

    def _stemmed(self, signs: Iterable[tuple[str, str]]) -> list[_Sign]:
        known = list(signs)
        stems = [tuple(self._stems(WORD.findall(phrase.lower()))) for _, phrase in known]
        return [
            _Sign(symptom, phrase, stem, gap=0 if names_absence(phrase) else GAP)
            for (symptom, phrase), stem in zip(known, stems, strict=True)
            if stem
        ]

    def _stems(self, words: Sequence[str]) -> list[str]:
        return self._words.stems(words)


def _by_first(signs: Iterable[_Sign]) -> Mapping[str, Sequence[_Sign]]:
    """The signs that begin with each stem, so that a clause is held only against those it may have."""
    known: dict[str, list[_Sign]] = {}
    for sign in signs:
        known.setdefault(sign.stems[0], []).append(sign)
    return known


def _weighed(named: Iterable[_Seen], sound: Heard) -> list[_Seen]:
    """What is named, with how surely it is said going by the sound of the whole clause."""
    weighed = []
    for one in named:
        if one.denied:
            weighed.append(replace(one, surety=1 - sound.trouble if sound.trouble >= OUTSHOUTED else one.surety))
        elif sound.trouble >= AUDIBLE:
            weighed.append(replace(one, surety=max(sound.trouble, LIKELY)))
        if not one.denied and sound.well >= HEARD_WELL:
            weighed.append(replace(one, score=sound.well, denied=True, surety=sound.well))
    return weighed


def _is_lacking(symptom: str, clause: Clause) -> bool:
    return symptom == LACK and not clause.settled and bool(LACKING.search(clause.text))


def _is_stated(one: _Seen, clause: Clause) -> bool:
    """Whether a clause does more than fear or plan what it names."""
    return not clause.unsure or (one.symptom == RISK and bool(PERIL.search(clause.text)))


def _denied(clause: Clause, words: str, first: int, last: int) -> bool:
    """Whether a clause denies what it names; a sign that itself lacks something is not denied by its own "no"."""
    if names_absence(words):
        return clause.settled or bool(BEFALLEN.search(clause.text[last:]))
    return clause.denies or (not clause.log and denies_before(clause.text, first))


def _window(stems: Sequence[str], wanted: Sequence[str], gap: int) -> list[int]:
    """Where the `wanted` words stand, in order and with at most `gap` words in between; empty when they do not."""
    for start, stem in enumerate(stems):
        if stem == wanted[0]:
            places = _places(stems[: start + len(wanted) + gap], wanted, start)
            if len(places) == len(wanted):
                return places
    return []


def _places(stems: Sequence[str], wanted: Sequence[str], start: int) -> list[int]:
    places: list[int] = []
    for place, stem in enumerate(stems[start:], start):
        if len(places) < len(wanted) and stem == wanted[len(places)]:
            places.append(place)
    return places


def _longest(seen: list[_Seen]) -> list[_Seen]:
    """Without what is a part of something longer."""
    return [one for one in seen if not any(_swallows(other, one) for other in seen)]


def _swallows(longer: _Seen, one: _Seen) -> bool:
    """An error text leaves its words to others, but a part that is down is not the product being down."""
    if one.symptom == "outage" and longer.symptom in PARTS:
        return bool(one.words & longer.words)
    return one.words < longer.words and longer.score < PATTERN_SCORE
