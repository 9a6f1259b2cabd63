"""Vectors that come with the guidance: near enough to the worked-out ones, of the model in use, of most texts."""

from pathlib import Path

import numpy as np
import pytest

from knowledge.base import GUIDANCE
from knowledge.encoder import SentenceTransformerEncoder, taught_name
from knowledge.index import open_index
from knowledge.kept import digest, keep, kept_vectors
from knowledge.library import load_library
from knowledge.off_topic import load_off_topic, passages_of_groups
from knowledge.passages import Passage, Role, passages_of_all
from tests.knowledge.encoders import TableEncoder

TEXTS = [f"text {number}" for number in range(200)]


def test_a_kept_vector_is_a_unit_vector_two_thousandths_off_at_most(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(200, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    keep(TEXTS, vectors, "a model", tmp_path / "kept")
    kept = np.array([kept_vectors("a model", tmp_path / "kept")[digest(text)] for text in TEXTS])

    assert np.linalg.norm(kept, axis=1) == pytest.approx(1, abs=1e-6)
    assert np.abs(kept @ vectors.T - vectors @ vectors.T).max() < 2e-3


def test_vectors_of_another_model_are_none_of_ours(tmp_path: Path) -> None:
    keep(["text"], np.ones((1, 4), dtype=np.float32), "a model", tmp_path / "kept")

    assert kept_vectors("another model", tmp_path / "kept") == {}


@pytest.mark.parametrize("content", [None, b"", b"version https://git-lfs.github.com/spec/v1", b"\x08" + b"\0" * 40])
def test_a_missing_or_damaged_file_costs_time_not_the_start(
    tmp_path: Path, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    if content is not None:
        (tmp_path / "kept").write_bytes(content)

    assert kept_vectors("a model", tmp_path / "kept") == {}
    assert "kept vectors cannot be read" in caplog.text


def test_only_texts_that_are_new_go_through_the_model_for_a_first_index() -> None:
    title = load_library(GUIDANCE).entries[0].title
    encoder = TableEncoder({}, otherwise=(1.0, *[0.0] * 383), name=taught_name())
    index = open_index(
        None, [Passage("known", Role.TITLE, title), Passage("new", Role.TITLE, "never written before")], encoder
    )

    assert encoder.encoded == ["never written before"]
    assert index.vectors()[0] == pytest.approx(kept_vectors(taught_name())[digest(title)])


def test_nearly_all_texts_have_a_vector() -> None:
    known = kept_vectors(taught_name())
    passages = (*passages_of_all(load_library(GUIDANCE)), *passages_of_groups(load_off_topic(GUIDANCE).values()))
    texts = [passage.text for passage in passages]

    share = sum(digest(text) in known for text in texts) / len(texts)
    assert share > 0.9, "a first index takes minutes: run `make teach` or `python -m knowledge.teach vectors`"


@pytest.mark.model
def test_kept_vectors_are_those_of_the_taught_model() -> None:
    texts = [entry.title for entry in load_library(GUIDANCE).entries[:20]]
    known = kept_vectors(taught_name())

    made = SentenceTransformerEncoder().encode(texts)
    assert [float(known[digest(text)] @ vector) for text, vector in zip(texts, made, strict=True)] == pytest.approx(
        [1] * 20, abs=1e-3
    )
