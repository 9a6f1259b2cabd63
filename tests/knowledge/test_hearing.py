"""What clauses sound like: which tokens a clause has, long notes, and heads that were taught by the lessons we have."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
import yaml
from safetensors import safe_open

from knowledge import golden
from knowledge.clauses import clauses_of
from knowledge.encoder import LAYERS, SentenceTransformerEncoder, Tokens, taught_name
from knowledge.heads import Head, mean_shares
from knowledge.hearing import NOTES, Excerpt, NoteEar, Stance, excerpts_of
from knowledge.model import SYMPTOMS
from knowledge.teach import STANCE, Example, composed, fingerprint, lines_of, notes_of, taught
from tests.knowledge.encoders import WordEncoder


@dataclass
class Spelling(WordEncoder):
    """One token for each letter; remembers the texts it was given."""

    given: list[str] = field(default_factory=list)

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        self.given += texts
        return [letters(text) for text in texts]


def letters(text: str) -> Tokens:
    spans = np.array([(place, place + 1) for place in range(len(text))], dtype=np.intp)
    return Tokens(np.zeros((len(text), len(LAYERS), 384), dtype=np.float32), spans)


def excerpt(value: float) -> Excerpt:
    """Three tokens whose first numbers are `value`."""
    vectors = np.zeros((3, len(LAYERS), 384), dtype=np.float32)
    vectors[:, :, :8] = value
    return Excerpt(vectors, np.array([True, True, False]), np.array([True, True, True]))


def test_a_clause_is_heard_among_the_tokens_of_its_sentence() -> None:
    text = "Queue is empty, deploys fail. All else is fine."
    clauses = clauses_of(text)
    cut = [
        ("".join(np.array(list(text))[one.clause]), "".join(np.array(list(text))[one.sentence]))
        for one in excerpts_of(letters(text), clauses)
    ]

    assert cut[:2] == [
        ("Queue is empty", "Queue is empty, deploys fail."),
        ("deploys fail.", "Queue is empty, deploys fail."),
    ]


def test_a_long_note_is_heard_in_stretches_of_whole_sentences() -> None:
    encoder = Spelling()
    text = "The deploy of monday failed and we had to roll it back by hand. " * 30
    clauses = clauses_of(text)
    heard = NoteEar.taught(encoder).hear(text, clauses)

    assert len(encoder.given) == 4
    assert max(map(len, encoder.given)) <= 700
    assert [one is not None for one in heard] == [True] * len(clauses)


def test_without_tokens_nothing_is_heard() -> None:
    assert NoteEar.taught(WordEncoder()).hear("deploys fail", clauses_of("deploys fail")) == [None]


def test_a_head_learns_what_its_examples_tell() -> None:
    torch.manual_seed(1)
    chance = random.Random(1)
    examples = [Example(excerpt(side * chance.uniform(0.5, 1)), int(side > 0), 0) for side in (-1, 1) * 200]
    head = taught(STANCE, examples, Head((0,), 2), random.Random(1))
    shares = mean_shares([head], [excerpt(-0.8), excerpt(0.8)])

    assert shares.argmax(dim=1).tolist() == [0, 1]
    assert float(shares.max(dim=1).values.min()) > 0.8


def test_composed_notes_know_where_each_line_stands() -> None:
    lines = lines_of()[:200]
    for note in composed(lines, 50, random.Random(3)):
        assert {note.text[part.start : part.end] for part in note.parts} <= {line.text for line in lines}
        assert 2 <= len(note.parts) <= 4


def test_every_symptom_is_taught_in_each_stance_and_nothing_is_taught_about_others() -> None:
    taught_of = {(part.stance, part.symptom) for lesson in lines_of() for part in lesson.parts}

    assert taught_of == {(stance, symptom) for stance in Stance for symptom in SYMPTOMS} | {(Stance.OTHER, "none")}
    assert {part.symptom for lesson in notes_of() for part in lesson.parts} == {*SYMPTOMS, "none"}


def test_no_golden_note_is_a_lesson() -> None:
    """Everybody writes "nothing to report"; what is longer than that would be copied."""
    notes = yaml.safe_load((golden.GOLDEN / "notes.yaml").read_text(encoding="utf-8"))
    lessons = {lesson.text.lower().strip(" .") for lesson in (*lines_of(), *notes_of())}

    assert [note["id"] for note in notes if str(note["text"]).lower().strip(" .") in lessons] == ["n-t003"]


def test_the_saved_heads_were_taught_by_the_lessons_we_have() -> None:
    with safe_open(NOTES, framework="pt") as saved:
        metadata = saved.metadata()

    assert metadata["lessons"] == fingerprint(), "lessons have changed: run `make teach`"
    assert sorted(metadata["classes"].split()) == sorted(SYMPTOMS)
    assert metadata["encoder"] == taught_name(), "the encoder was taught anew: run `make teach`"


@pytest.fixture(scope="module")
def encoder() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder()


@pytest.fixture(scope="module")
def ear(encoder: SentenceTransformerEncoder) -> NoteEar:
    return NoteEar.taught(encoder)


LEAK = "Leak is plugged, memory flat for nine days. Only Ilse knows how to restart billing."


@pytest.mark.model
@pytest.mark.parametrize(
    ("note", "number", "stance", "symptom"),
    [
        pytest.param(
            "Ninety pods fought over eleven sessions to the database.",
            0,
            "trouble",
            "too-many-connections",
            marks=pytest.mark.xfail(strict=True, reason="heard as well (0.45) rather than trouble (0.44)"),
        ),
        ("Eighty workers wanted a database session, the server gave out thirty.", 0, "trouble", "too-many-connections"),
        (LEAK, 0, "well", "high-memory"),
        (LEAK, 2, "trouble", "single-point-of-failure"),
        ("watched a talk about deadlocks on the train", 0, "other", "deadlocks"),
    ],
)
def test_stance_and_subject_are_heard_in_unforeseen_words(
    ear: NoteEar, note: str, number: int, stance: str, symptom: str
) -> None:
    heard = ear.hear(note, clauses_of(note))[number]

    assert heard is not None
    shares = {"trouble": heard.trouble, "well": heard.well, "other": 1 - heard.trouble - heard.well}
    assert (max(shares, key=lambda name: shares[name]), heard.symptom) == (stance, symptom)
