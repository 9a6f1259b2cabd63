"""A pasted alert, log line or cry for help → the symptoms it may be, likeliest first, and why each; pure."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.index import Scores, Words
from knowledge.model import Entry, Kind
from knowledge.passages import Passage, Role
from knowledge.question import RIVALS, clean, stacks_of


@dataclass(frozen=True, slots=True)
class Suspect:
    """A symptom that a text may be about: how likely (0 to 1), and the words that gave it away."""

    symptom: str
    score: float
    because: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a text was taken for: suspects best first (none when it is about nothing known), and the stacks it names."""

    suspects: tuple[Suspect, ...]
    stacks: tuple[str, ...]
    over: bool = False

    @property
    def settled(self) -> bool:
        """Whether there is nothing to add: it is over, or an error text means one symptom far more than the others."""
        if not self.suspects:
            return self.over
        best, *others = self.suspects
        return best.score >= SETTLED and all(best.score - other.score >= CLEAR for other in others)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts; measured on the tune split of golden/alerts.yaml."""

    pattern: float = 1.0
    further_pattern: float = 0.25
    own_stack: float = 0.15
    other_stack: float = -0.3
    inside_another: float = -0.45
    later_line: float = -0.1
    sign: float = 0.3
    longer_sign: float = 0.25
    signs_at_most: float = 0.9
    meaning: float = 1.6
    meaning_floor: float = 0.3
    recent: float = 0.08
    chronic: float = -0.3
    needed: float = 0.42
    near_enough: float = 0.48
    near_enough_alarmed: float = 0.41
    any_stack: float = 0.08
    alarmed: float = 0.65
    beside_the_best: float = 0.4


# What a monitoring system writes when the trouble has ended.
OVER = re.compile(r"^\W*(?:\S+\W+){0,2}?(?:RESOLVED|RECOVERED|CLOSED|Resolved:|Recovered:|OK)(?:\W|$)")
NEGATED = re.compile(r"\b(?:no|not|never|without|isn't|aren't|wasn't|zero)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
# What only alarms, errors and frightened people write: then less evidence is needed.
ALARMED = re.compile(
    r"(?:error|exception|fatal|critical|panic|alarm|problem|firing|triggered|\balert\b|failed|failure|\bhelp\b|urgent"
    r"|broken|\bdown\b|warning|\bsos\b|what (?:do i do|now)|\bdead\b|\bstuck\b|exceeded|threshold|missing|failing"
    r"|\bnobody\b|\bcan(?:'t|not|t)\b|ever since|\bgone\b|\boutage\b|\bhangs?\b|forever|wrong)",
    re.IGNORECASE,
)
# … and what a pipeline writes when all went well: then likeness to a symptom proves nothing.
GOOD_NEWS = re.compile(
    r"\b(?:succe(?:eded|ssful\w*)|completed|passed|renewed|back (?:to normal|below|under|up)|(?:is|are) ready|finished"
    r"|is available|always firing|watchdog|all green|tests? green|operational|merged|(?:has|have) been paid)\b",
    re.IGNORECASE,
)
_FILLERS = "a an the our my your is are was were be been it its it's of to in on for and we i"
FILLERS = frozenset(_FILLERS.split())
# What creeps up on a team rather than wakes it.
CHRONIC = frozenset(
    {
        "n-plus-one",
        "no-monitoring",
        "manual-deploys",
        "single-point-of-failure",
        "flaky-tests",
        "support-overload",
        "tech-debt",
        "cost-explosion",
        "on-call-burnout",
    }
)
QUOTE = 60
SETTLED, CLEAR = 0.62, 0.12
SMALL_TALK_MAY_LEAD = 0.08
MOST = 5


@dataclass(frozen=True, slots=True)
class _Known:
    """A known error text."""

    symptom: str
    regex: re.Pattern[str]
    means: str
    stack: str | None


@dataclass(frozen=True, slots=True)
class _Sign:
    symptom: str
    phrase: str
    stems: str
    weight: float


@dataclass(frozen=True, slots=True)
class _Hit:
    """Evidence found in a text, between two positions of it."""

    symptom: str
    because: str
    weight: float
    start: int
    end: int
    stack: str | None = None

    def covers(self, other: _Hit) -> bool:
        """Whether this is the longer one and holds most of the other."""
        shared = min(self.end, other.end) - max(self.start, other.start)
        return self.end - self.start > other.end - other.start and shared > (other.end - other.start) / 2


class Recogniser:
    """Knows the error texts and signs of the symptom entries; never changed, safe to share."""

    def __init__(self, entries: Iterable[Entry], words: Words, weights: Weights | None = None) -> None:
        """Prepare the patterns and signs of all symptom entries."""
        symptoms = [entry for entry in entries if entry.kind is Kind.SYMPTOM]
        self._words = words
        self._weights = weights or Weights()
        self._known = [
            _Known(entry.id, re.compile(pattern.match, re.IGNORECASE), pattern.means, pattern.stack)
            for entry in symptoms
            for pattern in entry.patterns
        ]
        self._signs = self._prepared([(entry.id, sign) for entry in symptoms for sign in entry.signs])

    def recognise(
        self,
        text: str,
        stacks: Sequence[str] = (),
        recent: Sequence[str] = (),
        meaning: Mapping[str, float] | None = None,
    ) -> Recognised:
        """Rank the symptoms.

        Args:
            text: what was pasted or typed.
            stacks: what the team runs.
            recent: symptoms this team saw lately.
            meaning: each symptom's cosine to the text, where the embedding model has read it.
        """
        text = clean(text)
        text = text if (words := spelled_out(text)) == text else f"{text}\n{words}"
        named = (*stacks_of(text), *stacks)
        if OVER.search(text):
            return Recognised((), named, over=True)
        hits = self._hits(text, named)
        near = {} if meaning is None or GOOD_NEWS.search(text) else meaning
        suspects = self._ranked(hits, recent, near, alarmed=bool(named or ALARMED.search(text)))
        told = [hit.stack for hit in hits if hit.stack and suspects and hit.symptom == suspects[0].symptom]
        return Recognised(suspects, tuple(dict.fromkeys([*named, *(told if not named else ())])))

    def _hits(self, text: str, stacks: Sequence[str]) -> list[_Hit]:
        found = [hit for known in self._known if (hit := self._match(known, text, stacks))]
        first_line = len(text.split("\n", 1)[0])
        weighed = [self._placed(hit, found, first_line) for hit in found]
        return [*weighed, *self._signs_in(text)]

    def _match(self, known: _Known, text: str, stacks: Sequence[str]) -> _Hit | None:
        found = known.regex.search(text)
        if found is None or NEGATED.search(text[: found.start()]):
            return None
        weight = self._weights.pattern * specificity(found.group()) + self._fit(known.stack, stacks)
        return _Hit(
            known.symptom, f"“{quoted(found.group())}”: {known.means}", weight, found.start(), found.end(), known.stack
        )

    def _fit(self, stack: str | None, stacks: Sequence[str]) -> float:
        if stack is None:
            return 0.0
        if not stacks:
            return self._weights.any_stack
        if stack in stacks:
            return self._weights.own_stack
        ruled_out = any(stack in group and any(other in group for other in stacks) for group in RIVALS)
        return self._weights.other_stack if ruled_out else self._weights.any_stack

    def _placed(self, hit: _Hit, others: Sequence[_Hit], first_line: int) -> _Hit:
        """Counts less what is only a part of another symptom's error text, or stands below the headline."""
        inside = any(other.symptom != hit.symptom and other.covers(hit) for other in others)
        less = (self._weights.inside_another if inside else 0.0) + (
            self._weights.later_line if hit.start > first_line else 0.0
        )
        return replace(hit, weight=hit.weight + less)

    def _signs_in(self, text: str) -> list[_Hit]:
        line = f" {' '.join(self._stems(without_denied(text)))} "
        seen = [sign for sign in self._signs if sign.stems in line]
        return [
            _Hit(sign.symptom, f"“{sign.phrase}”", sign.weight, 0, 0)
            for sign in seen
            if not any(
                other.symptom == sign.symptom and sign is not other and sign.stems.strip() in other.stems
                for other in seen
            )
        ]

    def _score(self, symptom: str, hits: Sequence[_Hit], recent: Sequence[str], cosine: float) -> float:
        weights = self._weights
        patterns = sorted((h.weight for h in hits if h.symptom == symptom and h.end), reverse=True)
        signs = sum(h.weight for h in hits if h.symptom == symptom and not h.end)
        score = patterns[0] if patterns else 0.0
        score += weights.further_pattern * sum(max(weight, 0.0) for weight in patterns[1:3])
        score += min(signs, weights.signs_at_most)
        score += weights.meaning * max(0.0, cosine - weights.meaning_floor)
        if score > 0:
            score += weights.recent if symptom in recent else 0.0
            score += weights.chronic if symptom in CHRONIC else 0.0
        return score

    def _ranked(
        self, hits: Sequence[_Hit], recent: Sequence[str], meaning: Mapping[str, float], *, alarmed: bool
    ) -> tuple[Suspect, ...]:
        named = dict.fromkeys([*(hit.symptom for hit in hits), *meaning])
        scores = {symptom: self._score(symptom, hits, recent, meaning.get(symptom, 0.0)) for symptom in named}
        best = max(scores.values(), default=0.0)
        needed = self._weights.needed * (self._weights.alarmed if alarmed else 1.0)
        if best < needed and not self._near_enough(meaning, alarmed=alarmed):
            return ()
        kept = [(symptom, score) for symptom, score in scores.items() if score >= best * self._weights.beside_the_best]
        kept.sort(key=lambda pair: -pair[1])
        return tuple(Suspect(symptom, likelihood(score), _because(symptom, hits)) for symptom, score in kept[:MOST])

    def _near_enough(self, meaning: Mapping[str, float], *, alarmed: bool) -> bool:
        needed = self._weights.near_enough_alarmed if alarmed else self._weights.near_enough
        acute = (cosine for symptom, cosine in meaning.items() if symptom not in CHRONIC)
        return max(acute, default=0.0) >= needed

    def _prepared(self, signs: Sequence[tuple[str, str]]) -> list[_Sign]:
        stems = [" ".join(self._stems(phrase)) for _, phrase in signs]
        return [
            _Sign(symptom, phrase, f" {stem} ", self._weight_of(stem, stems.count(stem)))
            for (symptom, phrase), stem in zip(signs, stems, strict=True)
            if stem
        ]

    def _weight_of(self, stems: str, sharers: int) -> float:
        return (self._weights.sign + self._weights.longer_sign * (len(stems.split()) - 1)) / sharers

    def _stems(self, text: str) -> list[str]:
        words = re.findall(r"[\w+'-]*\w", text.lower())
        return self._words.stems([word for word in words if word not in FILLERS])


class Likeness:
    """How much a text is like what people say of each symptom."""

    def __init__(self, passages: Sequence[Passage], symptoms: Collection[str]) -> None:
        """Remember which passages are ways of reporting which of the symptoms."""
        self._rows: dict[str, list[int]] = {}
        for row, passage in enumerate(passages):
            if passage.owner in symptoms and passage.role in (Role.ASKED, Role.TITLE):
                self._rows.setdefault(passage.owner, []).append(row)

    def of(self, scores: Scores, small_talk: float) -> dict[str, float] | None:
        """Each symptom's likeness, given the cosine of every passage; None where small talk is more like the text."""
        near = {symptom: _best_two(scores[rows]) for symptom, rows in self._rows.items()}
        return near if max(near.values(), default=-1.0) >= small_talk - SMALL_TALK_MAY_LEAD else None


def specificity(matched: str) -> float:
    """How telling a matched error text is, 0.7 to 1.3: long ones and those with code-like words more than others."""
    length = min(len(matched), 40) / 40
    code = bool(re.search(r"[a-z][A-Z]|[A-Z]{4,}|[_:()\[\]]|\d{3}", matched))
    return 0.7 + 0.4 * length + (0.2 if code else 0.0)


def spelled_out(text: str) -> str:
    """The names in an alert as words: "HostOutOfDiskSpace" as "Host Out Of Disk Space"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])_(?=[A-Za-z])", " ", text)


def without_denied(text: str) -> str:
    """The text without what it says is not the case ("no errors")."""
    return re.sub(r"\b(?:no|without|zero|not)\s+\w+", " ", text, flags=re.IGNORECASE)


def likelihood(score: float) -> float:
    """Evidence summed up, as a number between 0 and 1 that grows with it."""
    return round(1 - math.exp(-max(score, 0.0)), 4)


def _best_two(scores: Scores) -> float:
    best, *others = sorted((float(score) for score in scores), reverse=True)
    return 0.7 * best + 0.3 * (others[0] if others else best)


def quoted(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= QUOTE else flat[: QUOTE - 1].rstrip() + "…"


def _because(symptom: str, hits: Sequence[_Hit]) -> str:
    own = sorted((hit for hit in hits if hit.symptom == symptom), key=lambda hit: -hit.weight)
    patterns = [hit.because for hit in own if hit.end]
    return patterns[0] if patterns else ", ".join(hit.because for hit in own[:3]) or "reads like reports of it"
