"""From passage scores to ranked entries, and whether to answer at all; pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.index import Hits, Scores
from knowledge.model import Entry, Kind, Phase
from knowledge.passages import Passage, Role
from knowledge.question import Intent

ASKABLE = frozenset({Role.TITLE, Role.ADVICE, Role.ASKED, Role.SECTION})
TELLING = frozenset({Role.SIGN, Role.ASKED, Role.TITLE})
NOBODY = Passage("", Role.SECTION, "")
Padded = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Tuning:
    """The numbers that were measured; docs/retrieval.md says how."""

    dense_weight: float = 0.8
    runner_up: float = 0.3
    other_phase: float = 0.03
    too_early: float = 0.02
    wrong_kind: float = 0.05
    threshold: float = 0.45
    decoy_margin: float = 0.0


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that fits: its rank's score (0 to 1), the cosine and the BM25 score of its best passages."""

    entry: str
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave: entries best first, and the off-topic group that the question is most like."""

    matches: tuple[Match, ...]
    group: str | None
    group_dense: float

    @property
    def dense(self) -> float:
        """The cosine of the best fitting passage of any entry; -1 without entries."""
        return max((match.dense for match in self.matches), default=-1.0)


class Layout:
    """Which passages belong to whom, so that scores of passages become scores of owners."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        """Group passages by owner."""
        signed = {passage.owner for passage in passages if passage.role is Role.SIGN}
        self.entries, self._entry_rows = _rows(passages, ASKABLE)
        self.groups, self._group_rows = _rows(passages, frozenset({Role.DECOY}))
        self.symptoms, self._symptom_rows = _rows([p if p.owner in signed else NOBODY for p in passages], TELLING)

    def best_of_entries(self, scores: Scores, count: int) -> Scores:
        """The best `count` passage scores of each entry, best first: shape (entries, count)."""
        return _best(scores, self._entry_rows, count)

    def best_of_symptoms(self, scores: Scores) -> Scores:
        """The best score among each symptom's signs and ways of asking: shape (symptoms,)."""
        return _best(scores, self._symptom_rows, 1)[:, 0]

    def best_of_groups(self, scores: Scores) -> Scores:
        """The best passage score of each off-topic group: shape (groups,)."""
        return _best(scores, self._group_rows, 1)[:, 0]


def rank(hits: Hits, layout: Layout, priors: Scores, tuning: Tuning) -> Found:
    """Fuse both scores of each entry, add its prior, order. `priors` has shape (entries,)."""
    dense = layout.best_of_entries(hits.dense, 2)
    lexical = layout.best_of_entries(hits.lexical, 1)[:, 0]
    meaning = (1 - tuning.runner_up) * dense[:, 0] + tuning.runner_up * dense[:, 1]
    scores = fuse(meaning, lexical, tuning.dense_weight) + priors
    order = np.argsort(-scores, kind="stable")
    matches = tuple(
        Match(layout.entries[i], float(scores[i]), float(dense[i, 0]), float(lexical[i])) for i in order.tolist()
    )
    return Found(matches, *_nearest_group(hits, layout))


def fuse(dense: Scores, lexical: Scores, dense_weight: float) -> Scores:
    """Convex combination after normalising by the theoretical minimum: cosine -1 and BM25 0 become 0, the best 1."""
    meaning = (dense + 1) / max(float(dense.max(initial=-1)) + 1, 1e-9)
    words = lexical / max(float(lexical.max(initial=0)), 1e-9)
    return np.asarray(dense_weight * meaning + (1 - dense_weight) * words, dtype=np.float32)


def priors_of(entries: Sequence[Entry], phase: Phase | None, intent: Intent, tuning: Tuning) -> Scores:
    """How much less an entry is wanted before its text is looked at: shape (entries,), at most 0."""
    return np.array([-_penalty(entry, phase, intent, tuning) for entry in entries], dtype=np.float32)


def confident(found: Found, tuning: Tuning) -> bool:
    """Whether the best entry fits well enough to be said aloud."""
    return found.dense >= tuning.threshold and not declined(found, tuning)


def declined(found: Found, tuning: Tuning) -> bool:
    """Whether the question is more like an off-topic example than like any entry."""
    return found.group is not None and found.group_dense > found.dense + tuning.decoy_margin


def _penalty(entry: Entry, phase: Phase | None, intent: Intent, tuning: Tuning) -> float:
    penalty = (
        tuning.wrong_kind if entry.kind is Kind.PHASE and (intent is not Intent.PLAN or entry.id != phase) else 0.0
    )
    if phase is None or entry.kind is Kind.PHASE:
        return penalty
    if entry.too_early(phase):
        return penalty + (0.0 if intent is Intent.SHOULD else tuning.too_early)
    return penalty + (0.0 if phase in entry.phases else tuning.other_phase)


def _nearest_group(hits: Hits, layout: Layout) -> tuple[str | None, float]:
    if not layout.groups:
        return None, -math.inf
    scores = layout.best_of_groups(hits.dense)
    best = int(scores.argmax())
    return layout.groups[best], float(scores[best])


def _rows(passages: Sequence[Passage], roles: frozenset[Role]) -> tuple[tuple[str, ...], Padded]:
    """The owners of passages of these roles in order of appearance, and the numbers of their passages."""
    rows: dict[str, list[int]] = {}
    for number, passage in enumerate(passages):
        if passage.role in roles:
            rows.setdefault(passage.owner, []).append(number)
    return tuple(rows), _padded([np.array(row, dtype=np.intp) for row in rows.values()])


def _padded(rows: Sequence[NDArray[np.intp]]) -> Padded:
    """Rows of passage numbers made equally long with -1, (owners, longest)."""
    longest = max((len(row) for row in rows), default=1)
    padded = [np.pad(row, (0, longest - len(row)), constant_values=-1) for row in rows]
    return np.array(padded, dtype=np.intp).reshape(len(rows), longest)


def _best(scores: Scores, rows: Padded, count: int) -> Scores:
    """The best scores of each row, best first; a row with fewer repeats its best: (owners, count)."""
    if not len(rows):
        return np.zeros((0, count), dtype=np.float32)
    with_nothing = np.append(scores, np.float32(-np.inf))
    best = -np.sort(-with_nothing[rows], axis=1)[:, :count]
    best = np.pad(best, ((0, 0), (0, count - best.shape[1])), constant_values=-np.inf)
    return np.asarray(np.where(np.isinf(best), best[:, :1], best), dtype=np.float32)
