"""What notes sound like to heads that were taught by examples (`knowledge/lessons`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from knowledge.clauses import Clause
from knowledge.encoder import LAYERS, Encoder, Tokens, Vectors

if TYPE_CHECKING:
    from knowledge.heads import Head

LESSONS = Path(__file__).parent / "lessons"
NOTES = LESSONS / "notes.safetensors"
# Stances are told best by the middle layer, subjects by both.
STANCE_LAYERS, SUBJECT_LAYERS = (0,), tuple(range(len(LAYERS)))
WINDOW = 600
Mask = NDArray[np.bool_]


class Stance(StrEnum):
    """What a clause says of the trouble that it is about."""

    TROUBLE = "trouble"
    WELL = "well"
    OTHER = "other"


STANCES = tuple(Stance)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a clause sounds like: shares from 0 to 1.

    Args:
        trouble: that it reports a trouble as being there.
        well: that it says that there is none, or no longer.
        symptom: the one that it is likeliest about.
        likely: how likely.
    """

    trouble: float
    well: float
    symptom: str
    likely: float


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A clause among the tokens around it: vectors (tokens, layers, 384), and which are the clause's and sentence's."""

    vectors: Vectors
    clause: Mask
    sentence: Mask


class NoteEar:
    """Hears the clauses of notes; safe to use from several threads."""

    def __init__(
        self, encoder: Encoder, stances: Sequence[Head], subjects: Sequence[Head], symptoms: Sequence[str]
    ) -> None:
        """Use `taught`, which reads what was learned."""
        self._encoder = encoder
        self._stances = stances
        self._subjects = subjects
        self._symptoms = tuple(symptoms)

    @classmethod
    def taught(cls, encoder: Encoder) -> NoteEar:
        """An ear with the heads that `make teach` saved."""
        symptoms, heads = _saved(NOTES)
        return cls(encoder, heads("stance", STANCE_LAYERS, len(STANCES)), heads("subject", SUBJECT_LAYERS), symptoms)

    def hear(self, text: str, clauses: Sequence[Clause]) -> list[Heard | None]:
        """What each clause of a text sounds like; None for one without a word that the model knows."""
        heard: dict[int, Heard] = {}
        windows = list(_windows(clauses))
        tokens = self._encoder.tokens([text[window[0].start : _end(window[-1])] for window in windows])
        for window, found in zip(windows, tokens, strict=True):
            excerpts = {
                clause.start: excerpt
                for clause, excerpt in zip(window, excerpts_of(found, window, window[0].start), strict=True)
                if excerpt.clause.any()
            }
            heard |= dict(zip(excerpts, self._heard(list(excerpts.values())), strict=True))
        return [heard.get(clause.start) for clause in clauses]

    def _heard(self, excerpts: Sequence[Excerpt]) -> list[Heard]:
        if not excerpts:
            return []
        from knowledge.heads import mean_shares

        stances = mean_shares(self._stances, excerpts).numpy()
        subjects = mean_shares(self._subjects, excerpts).numpy()
        return [self._as_heard(stance, subject) for stance, subject in zip(stances, subjects, strict=True)]

    def _as_heard(self, stance: Any, subject: Any) -> Heard:
        best = int(subject.argmax())
        shares = dict(zip(STANCES, map(float, stance), strict=True))
        return Heard(shares[Stance.TROUBLE], shares[Stance.WELL], self._symptoms[best], float(subject[best]))


def excerpts_of(tokens: Tokens, clauses: Sequence[Clause], offset: int = 0) -> list[Excerpt]:
    """Each clause among the tokens of a text that begins `offset` characters into the clauses' own."""
    sentences: dict[int, list[Clause]] = {}
    for clause in clauses:
        sentences.setdefault(clause.sentence, []).append(clause)
    return [
        Excerpt(
            tokens.vectors,
            _within(tokens, clause.start - offset, _end(clause) - offset),
            _within(tokens, whole[0].start - offset, _end(whole[-1]) - offset),
        )
        for clause in clauses
        for whole in [sentences[clause.sentence]]
    ]


def _saved(path: Path) -> tuple[tuple[str, ...], Callable[..., list[Head]]]:
    """The classes that the heads of a file tell apart, and what makes the heads of a name."""
    from safetensors import safe_open

    from knowledge.heads import Head

    with safe_open(path, framework="pt") as saved:
        classes = tuple(saved.metadata()["classes"].split())
        names = saved.keys()
        weights = {name: saved.get_tensor(name) for name in names}

    def heads(name: str, layers: Sequence[int], count: int = len(classes)) -> list[Head]:
        marks = sorted({".".join(key.split(".")[:2]) + "." for key in weights if key.startswith(f"{name}.")})
        made = [Head(layers, count) for _ in marks]
        for head, mark in zip(made, marks, strict=True):
            head.load_state_dict({key.removeprefix(mark): w for key, w in weights.items() if key.startswith(mark)})
            head.float().eval()
        return made

    return classes, heads


def _within(tokens: Tokens, start: int, end: int) -> Mask:
    first, last = tokens.spans[:, 0], tokens.spans[:, 1]
    return np.asarray((first < end) & (last > start) & (last > first))


def _windows(clauses: Sequence[Clause]) -> Iterator[list[Clause]]:
    """The clauses in stretches of whole sentences that the model can take at once."""
    window: list[Clause] = []
    for clause in clauses:
        if window and clause.sentence != window[-1].sentence and _end(clause) - window[0].start > WINDOW:
            yield window
            window = []
        window.append(clause)
    if window:
        yield window


def _end(clause: Clause) -> int:
    return clause.start + len(clause.text)
