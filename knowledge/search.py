"""From scores to ranked entries, and whether to answer at all; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import Vectors
from knowledge.index import Scores
from knowledge.model import Entry, Kind, Phase
from knowledge.passages import Passage, Role
from knowledge.question import Intent

ASKABLE = frozenset({Role.TITLE, Role.ADVICE, Role.ASKED})
DECOYS = frozenset({Role.DECOY})
ADVICE = frozenset({Role.ADVICE})
STEPS = frozenset({Role.STEP})
BEST_PASSAGES = 3
NO_DECOYS = 0.3
Padded = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Tuning:
    """The numbers that were measured; docs/retrieval.md says how."""

    by_words: float = 0.1
    by_document: float = 0.15
    other_phase: float = 0.01
    too_early: float = 0.01
    phase_entry: float = 0.05
    threshold: float = 0.4
    off_topic: float = 0.35
    near_tie: float = 0.05
    to_the_point: float = 0.06
    step_words: float = 0.02
    latest: float = 0.3
    plan: float = 0.03


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the indexes say about one question; for passages and entries in the order of the layout.

    Args:
        dense: cosine of each passage, (passages,).
        lexical: BM25 score of each passage, (passages,).
        document: BM25 score of each entry as one text, (entries,).
        centre: cosine of the mean of each entry's passages, (entries,).
    """

    dense: Scores
    lexical: Scores
    document: Scores
    centre: Scores


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that fits.

    Args:
        entry: its id.
        score: what ranks it, about 0 to 1.
        meaning: how much the question is like it as a whole, about -1 to 1.
        steps: which of its steps speak of what was asked more than its advice does, best first.
    """

    entry: str
    score: float
    meaning: float
    steps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave.

    Args:
        matches: entries, best first.
        certainty: twice the likeness to the entry that the question is most like, less that to the nearest
            off-topic example; about -0.5 to 1.5.
        group: the off-topic group that the question is most like.
        group_dense: how much it is like that.
    """

    matches: tuple[Match, ...]
    certainty: float
    group: str | None
    group_dense: float


class Layout:
    """Which passages belong to whom, so that scores of passages become scores of owners."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        """Group passages by owner."""
        self.entries, self._entry_rows = _rows(passages, ASKABLE)
        self.groups, self._group_rows = _rows(passages, DECOYS)
        self._advice_rows, self._step_rows = (_rows_of(self.entries, passages, role) for role in (ADVICE, STEPS))
        self._texts = [passage.text for passage in passages]

    def best_of_entries(self, scores: Scores, count: int) -> Scores:
        """The best `count` passage scores of each entry, best first: shape (entries, count)."""
        return _best(scores, self._entry_rows, count)

    def best_of_groups(self, scores: Scores) -> Scores:
        """The best passage score of each off-topic group: shape (groups,)."""
        return _best(scores, self._group_rows, 1)[:, 0]

    def steps_to_the_point(self, scores: Scores, margin: float) -> list[tuple[int, ...]]:
        """For each entry the numbers of its steps that fit by more than `margin` better than its advice, best first."""
        beyond = _scores_of(scores, self._step_rows) - _scores_of(scores, self._advice_rows)[:, :1]
        order, counts = np.argsort(-beyond, axis=1, kind="stable"), (beyond > margin).sum(axis=1)
        return [tuple(row[:count]) for row, count in zip(order.tolist(), counts.tolist(), strict=True)]

    def documents(self) -> list[str]:
        """Everything that each entry says, in the order of `entries`."""
        return [" ".join(self._texts[number] for number in row if number >= 0) for row in self._entry_rows]

    def centres(self, vectors: Vectors) -> Vectors:
        """The unit mean of each entry's passage vectors: shape (entries, d)."""
        means = np.array([vectors[row[row >= 0]].mean(axis=0) for row in self._entry_rows], dtype=np.float32)
        return np.asarray(means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def rank(evidence: Evidence, layout: Layout, priors: Scores, tuning: Tuning, latest: Evidence | None = None) -> Found:
    """Fuse the evidence for each entry, add its prior, order. `priors` has shape (entries,).

    In a conversation `latest` is the evidence of the last message alone: it weighs in, and it decides on the steps. How
    certain it all is, is judged with the thread: a mere "why?" is like nothing.
    """
    meaning, words, document = _of_entries(evidence, layout)
    group, group_dense = _nearest_group(evidence.dense, layout)
    certainty = 2 * float(meaning.max(initial=-1.0)) - group_dense
    if latest is not None:
        alone, rest = _of_entries(latest, layout), 1 - tuning.latest
        meaning, words, document = (
            np.asarray(rest * both + tuning.latest * last, dtype=np.float32)
            for both, last in zip((meaning, words, document), alone, strict=True)
        )
    scores = fuse(meaning, words, document, tuning) + priors
    order = np.argsort(-scores, kind="stable").tolist()
    steps = layout.steps_to_the_point(_likeness(latest or evidence, tuning), tuning.to_the_point)
    matches = tuple(Match(layout.entries[i], float(scores[i]), float(meaning[i]), steps[i]) for i in order)
    return Found(matches, certainty, group, group_dense)


def _of_entries(evidence: Evidence, layout: Layout) -> tuple[Scores, Scores, Scores]:
    """How like each entry a question is by meaning, by its best passage's words, and by all its words."""
    best = layout.best_of_entries(evidence.dense, BEST_PASSAGES)
    meaning = np.asarray((best.mean(axis=1) + evidence.centre) / 2, dtype=np.float32)
    return meaning, layout.best_of_entries(evidence.lexical, 1)[:, 0], evidence.document


def _likeness(evidence: Evidence, tuning: Tuning) -> Scores:
    """How like each passage a question is, by meaning and by words: within an entry words tell more than across."""
    return np.asarray(evidence.dense + tuning.step_words * evidence.lexical, dtype=np.float32)


def fuse(meaning: Scores, words: Scores, document: Scores, tuning: Tuning) -> Scores:
    """Convex combination after normalising by the theoretical minimum: cosine -1 and BM25 0 become 0, the best 1."""
    rest = 1 - tuning.by_words - tuning.by_document
    fused = rest * _scaled(meaning + 1) + tuning.by_words * _scaled(words) + tuning.by_document * _scaled(document)
    return np.asarray(fused, dtype=np.float32)


def priors_of(entries: Sequence[Entry], phase: Phase | None, intent: Intent, tuning: Tuning) -> Scores:
    """How much less an entry is wanted before its text is looked at: shape (entries,), at most 0."""
    return np.array([-_penalty(entry, phase, intent, tuning) for entry in entries], dtype=np.float32)


def confident(found: Found, tuning: Tuning) -> bool:
    """Whether the best entry fits well enough to be said aloud."""
    return bool(found.matches) and found.certainty >= tuning.threshold


def means_a_phase(found: Found, entries: Mapping[str, Entry], tuning: Tuning) -> bool:
    """Whether the question is clearly more like those about a whole phase than like those about any one matter."""
    phases, others = [-1.0], [-1.0]
    for match in found.matches:
        (phases if entries[match.entry].kind is Kind.PHASE else others).append(match.meaning)
    return max(phases) >= max(others) + tuning.plan


def declined(found: Found, tuning: Tuning) -> bool:
    """Whether the question is so much like an off-topic example that its group's reply fits."""
    return found.group is not None and found.group_dense >= tuning.off_topic


def _penalty(entry: Entry, phase: Phase | None, intent: Intent, tuning: Tuning) -> float:
    if entry.kind is Kind.PHASE:
        return _phase_penalty(entry, phase, intent, tuning)
    if phase is None or phase in entry.phases:
        return 0.0
    if entry.too_early(phase):
        return 0.0 if intent is Intent.SHOULD else tuning.too_early
    return tuning.other_phase


def _phase_penalty(entry: Entry, phase: Phase | None, intent: Intent, tuning: Tuning) -> float:
    """A number of users draws every question to the phases; one about a single thing does not mean them.

    Another phase than the team's stands back further.
    """
    other = 0.0 if phase is None or entry.id == phase else tuning.phase_entry
    if intent is Intent.PLAN:
        return tuning.phase_entry if phase is None else other
    return other + (tuning.phase_entry if intent is Intent.SYMPTOM else 2 * tuning.phase_entry)


def _nearest_group(dense: Scores, layout: Layout) -> tuple[str | None, float]:
    if not layout.groups:
        return None, NO_DECOYS
    scores = layout.best_of_groups(dense)
    best = int(scores.argmax())
    return layout.groups[best], float(scores[best])


def _scaled(scores: Scores) -> Scores:
    return np.asarray(scores / max(float(scores.max(initial=0)), 1e-9), dtype=np.float32)


def _rows(passages: Sequence[Passage], roles: frozenset[Role]) -> tuple[tuple[str, ...], Padded]:
    """The owners of passages of these roles in order of appearance, and the numbers of their passages."""
    numbers = _numbers(passages, roles)
    return tuple(numbers), _padded(list(numbers.values()))


def _rows_of(owners: Sequence[str], passages: Sequence[Passage], roles: frozenset[Role]) -> Padded:
    """The numbers of each owner's passages of these roles."""
    numbers = _numbers(passages, roles)
    return _padded([numbers.get(owner, []) for owner in owners])


def _numbers(passages: Sequence[Passage], roles: frozenset[Role]) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = {}
    for number, passage in enumerate(passages):
        if passage.role in roles:
            numbers.setdefault(passage.owner, []).append(number)
    return numbers


def _padded(rows: Sequence[Sequence[int]]) -> Padded:
    """Rows of passage numbers made equally long with -1, (owners, longest)."""
    longest = max((len(row) for row in rows), default=0) or 1
    return np.array([[*row, *[-1] * (longest - len(row))] for row in rows], dtype=np.intp).reshape(len(rows), longest)


def _best(scores: Scores, rows: Padded, count: int) -> Scores:
    """The best scores of each row, best first; a row with fewer repeats its last: (owners, count)."""
    if not len(rows):
        return np.zeros((0, count), dtype=np.float32)
    with_nothing = np.append(scores, np.float32(-np.inf))
    best = -np.sort(-with_nothing[rows], axis=1)[:, :count]
    best = np.pad(best, ((0, 0), (0, count - best.shape[1])), constant_values=-np.inf)
    last = np.where(np.isinf(best), np.inf, best).min(axis=1, keepdims=True)
    return np.asarray(np.where(np.isinf(best), last, best), dtype=np.float32)


def _scores_of(scores: Scores, rows: Padded) -> Scores:
    """The score of each passage of each row, -1 where a row has none: (owners, longest)."""
    return np.append(scores, np.float32(-1))[rows]
