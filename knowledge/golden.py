"""Golden questions: what the advisor is measured by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.base import Answers, KnowledgeBase
from knowledge.model import Phase
from knowledge.symptoms import SymptomReading

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True, slots=True)
class Case:
    """One golden question, note or alert, as its file gives it."""

    id: str
    fields: Mapping[str, Any]

    @property
    def expected(self) -> frozenset[str]:
        """Ids of the entries that answer it."""
        return frozenset(self.fields.get("expect", ()))


@dataclass(frozen=True, slots=True)
class Miss:
    """A case that went wrong: which, what was wanted, what came."""

    id: str
    what: str
    wanted: tuple[str, ...]
    got: tuple[str, ...]

    def __str__(self) -> str:
        """One line a person can act on."""
        wanted, got = ", ".join(self.wanted) or "nothing", ", ".join(self.got) or "nothing"
        return f"{self.id}: {self.what}: wanted {wanted}, got {got}"


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a set of questions is answered; shares from 0 to 1."""

    cases: int
    first: float
    in_three: float
    mrr: float
    declined: float
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True)
class NoteFigures:
    """How well notes are read: micro-averaged F1, and how many denied symptoms were reported as present."""

    cases: int
    precision: float
    recall: float
    f1: float
    denied_as_present: int
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that is measured on one split."""

    split: str
    questions: Figures
    follow_ups: Figures
    alerts: Figures
    off_topic: Figures
    against_phase: tuple[Miss, ...]
    notes: NoteFigures


def measure(knowledge: KnowledgeBase, split: str, folder: Path = GOLDEN) -> Measured:
    """Run all golden files of a split ("tune" or "held_out") through the very path that answers people."""
    questions = load(folder / "questions.yaml", split)
    asked = [(case, _ask(knowledge, case)) for case in questions]
    return Measured(
        split=split,
        questions=figures(asked),
        follow_ups=figures([(case, _ask(knowledge, case)) for case in load(folder / "follow_ups.yaml", split)]),
        alerts=_alerts(knowledge, load(folder / "alerts.yaml", split)),
        off_topic=_off_topic(knowledge, load(folder / "off_topic.yaml", split)),
        against_phase=tuple(miss for case, answers in asked for miss in _against_phase(case, answers)),
        notes=_notes(knowledge, load(folder / "notes.yaml", split)),
    )


def load(path: Path, split: str) -> tuple[Case, ...]:
    """The cases of one file and split; none when there is no such file."""
    if not path.is_file():
        return ()
    cases = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return tuple(Case(str(case["id"]), case) for case in cases if case["split"] == split)


def figures(asked: Sequence[tuple[Case, Answers]]) -> Figures:
    """Shares of cases whose right answer is first, in the first three; mean reciprocal rank; share declined."""
    ranks = [_place(case.expected, _ids(answers)) for case, answers in asked]
    misses = tuple(_miss(case, answers) for (case, answers), rank in zip(asked, ranks, strict=True) if rank != 1)
    return Figures(len(asked), *_recall(ranks), _share(not answers.answered for _, answers in asked), misses)


def _ask(knowledge: KnowledgeBase, case: Case) -> Answers:
    fields = case.fields
    return knowledge.ask(
        str(fields["question"]),
        phase=Phase(fields["phase"]) if fields.get("phase") else None,
        users=fields.get("users"),
        thread=fields.get("thread", ()),
    )


def _ids(answers: Answers) -> tuple[str, ...]:
    return tuple(answer.entry.id for answer in answers.answers)


def _place(expected: frozenset[str], ids: Sequence[str]) -> int | None:
    """The rank of the first right one; saying nothing is right where nothing is expected."""
    if not expected:
        return None if ids else 1
    return next((place for place, one in enumerate(ids, 1) if one in expected), None)


def _recall(ranks: Sequence[int | None]) -> tuple[float, float, float]:
    """Shares found first and in the first three, and the mean reciprocal rank."""
    in_three = _share(rank is not None and rank <= 3 for rank in ranks)
    return _share(rank == 1 for rank in ranks), in_three, sum(1 / rank for rank in ranks if rank) / max(len(ranks), 1)


def _miss(case: Case, answers: Answers) -> Miss:
    got = _ids(answers)[:3]
    what = "not first" if answers.answered else f"declined ({answers.declined or 'unsure'})"
    return Miss(case.id, what, tuple(sorted(case.expected)), got)


def _off_topic(knowledge: KnowledgeBase, cases: Sequence[Case]) -> Figures:
    asked = [(case, _ask(knowledge, case)) for case in cases]
    misses = (_answered(case, answers) for case, answers in asked if answers.answered)
    return Figures(len(cases), 0.0, 0.0, 0.0, _share(not answers.answered for _, answers in asked), tuple(misses))


def _answered(case: Case, answers: Answers) -> Miss:
    return Miss(case.id, "answered", (), tuple(answer.entry.id for answer in answers.answers[:1]))


def _against_phase(case: Case, answers: Answers) -> list[Miss]:
    """Whether the first answer tells a team to do what it should not do yet, or fails to say so."""
    if not case.fields.get("must_say_not_yet") or not answers.answered:
        return []
    said = answers.answers[0].short.lower()
    fine = "not yet" in said or "leave" in said or said.startswith("no")
    return [] if fine else [Miss(case.id, "does not say not yet", (), (answers.answers[0].entry.id,))]


def _alerts(knowledge: KnowledgeBase, cases: Sequence[Case]) -> Figures:
    """Alerts and error lines by the likeliest symptom; those about nothing known count when nothing is suspected."""
    found = [(case, _suspects(knowledge, case)) for case in cases]
    ranks = [_place(case.expected, ids) for case, ids in found]
    misses = (
        Miss(case.id, "not first", tuple(sorted(case.expected)), ids[:3])
        for (case, ids), rank in zip(found, ranks, strict=True)
        if rank != 1
    )
    silent = sum(not ids and bool(case.expected) for case, ids in found) / max(len(cases), 1)
    return Figures(len(cases), *_recall(ranks), silent, tuple(misses))


def _suspects(knowledge: KnowledgeBase, case: Case) -> tuple[str, ...]:
    stack = case.fields.get("stack") or ()
    stacks = (stack,) if isinstance(stack, str) else tuple(stack)
    return tuple(suspect.symptom for suspect in knowledge.triage(str(case.fields["text"]), stacks).suspects)


def _notes(knowledge: KnowledgeBase, cases: Sequence[Case]) -> NoteFigures:
    read = [(case, knowledge.read(str(case.fields["text"]))) for case in cases]
    right = sum(len(_present(reading) & _wanted(case)) for case, reading in read)
    wrong = sum(len(_present(reading) - _wanted(case) - _also_fine(case)) for case, reading in read)
    missed = sum(len(_wanted(case) - _present(reading)) for case, reading in read)
    denied = sum(len(_present(reading) & _denied(case)) for case, reading in read)
    misses = tuple(miss for case, reading in read for miss in _note_misses(case, reading))
    precision, recall = right / max(right + wrong, 1), right / max(right + missed, 1)
    return NoteFigures(len(cases), precision, recall, _harmonic(precision, recall), denied, misses)


def _note_misses(case: Case, reading: SymptomReading) -> list[Miss]:
    got, wanted = _present(reading), _wanted(case)
    if wanted <= got <= wanted | _also_fine(case):
        return []
    return [Miss(case.id, "read wrongly", tuple(sorted(wanted)), tuple(sorted(got)))]


def _present(reading: SymptomReading) -> frozenset[str]:
    return frozenset(report.symptom for report in reading.present)


def _wanted(case: Case) -> frozenset[str]:
    return frozenset(case.fields.get("present") or ())


def _also_fine(case: Case) -> frozenset[str]:
    return frozenset(case.fields.get("also_ok") or ())


def _denied(case: Case) -> frozenset[str]:
    return frozenset(case.fields.get("denied") or ())


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / max(one + other, 1e-9)


def _share(hits: Iterable[bool]) -> float:
    known = list(hits)
    return sum(known) / max(len(known), 1)
