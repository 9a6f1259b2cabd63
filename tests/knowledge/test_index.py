"""The index scores as worked out by hand, is kept whole or built again, and encodes nothing twice."""

import json
import logging
import math
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from knowledge.index import (
    DENSE,
    DIGESTS,
    LEXICAL,
    MANIFEST,
    BadIndex,
    Index,
    encode_anew,
    fingerprint_of,
    open_index,
)
from knowledge.passages import Passage, Role
from tests.knowledge.encoders import TableEncoder

NORTH, EAST, UP = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
SLANTED = (0.6, 0.8, 0.0)
TEXTS = ("index the slow query", "restart the queue workers", "renew the certificate", "slow slow query log")
VECTORS = dict(zip(TEXTS, (NORTH, EAST, UP, SLANTED), strict=True))
PASSAGES = tuple(Passage(f"entry-{number}", Role.TITLE, text) for number, text in enumerate(TEXTS))


def built() -> Index:
    return Index.build(TableEncoder(VECTORS).encode(TEXTS), TEXTS)


@pytest.mark.parametrize(
    ("vector", "cosines"),
    [
        (NORTH, [1.0, 0.0, 0.0, 0.6]),
        (SLANTED, [0.6, 0.8, 0.0, 1.0]),
        ((0.0, 0.6, 0.8), [0.0, 0.6, 0.8, 0.48]),
        ((-1.0, 0.0, 0.0), [-1.0, 0.0, 0.0, -0.6]),
    ],
)
def test_meaning_is_the_cosine_of_each_passage(vector: tuple[float, ...], cosines: list[float]) -> None:
    assert built().by_meaning(np.array(vector, dtype=np.float32)).tolist() == pytest.approx(cosines)


def test_words_are_scored_by_bm25() -> None:
    scores = built().by_words("slow queries").tolist()

    # Lucene's BM25, k1 1.5, b 0.75: lengths 3, 3, 2, 4 without stop words, on average 3; each word is in two.
    idf = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    once, long = 1 / (1 + 1.5), 1.5 * (0.25 + 0.75 * 4 / 3)
    assert scores == pytest.approx([2 * idf * once, 0, 0, idf * (2 / (2 + long) + 1 / (1 + long))], rel=1e-5)


@pytest.mark.parametrize("text", ["", "the and of", "unheard-of zebra", "🔥", "؟"])
def test_without_a_common_word_all_lexical_scores_are_zero(text: str) -> None:
    assert built().by_words(text).tolist() == [0, 0, 0, 0]


def test_words_are_ranked_by_how_much_they_tell() -> None:
    scores = built().by_words("renew the slow certificate")

    assert np.argsort(-scores, kind="stable").tolist()[:3] == [2, 3, 0]


def test_a_saved_index_gives_the_same_scores(tmp_path: Path) -> None:
    index = open_index(tmp_path / "search", PASSAGES, TableEncoder(VECTORS))
    loaded = Index.load(tmp_path / "search", fingerprint_of("table", PASSAGES))
    vector = np.array(SLANTED, dtype=np.float32)

    assert loaded.by_meaning(vector).tolist() == index.by_meaning(vector).tolist()
    assert loaded.by_words("slow query").tolist() == index.by_words("slow query").tolist()
    assert loaded.vectors().tolist() == index.vectors().tolist()
    assert (len(loaded), loaded.dimensions) == (4, 3)


def test_the_second_start_encodes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    first, second = TableEncoder(VECTORS), TableEncoder(VECTORS)
    open_index(tmp_path / "search", PASSAGES, first)
    caplog.clear()
    open_index(tmp_path / "search", PASSAGES, second)

    assert (first.encoded, second.encoded) == (list(TEXTS), [])
    assert caplog.messages == []


def test_only_changed_texts_are_encoded_again(tmp_path: Path) -> None:
    open_index(tmp_path / "search", PASSAGES, TableEncoder(VECTORS))
    changed = (PASSAGES[2], Passage("entry-9", Role.ASKED, "wholly new"), PASSAGES[0])
    encoder = TableEncoder({"wholly new": SLANTED})
    index = open_index(tmp_path / "search", changed, encoder)

    assert encoder.encoded == ["wholly new"]
    assert index.by_meaning(np.array(NORTH, dtype=np.float32)).tolist() == pytest.approx([0.0, 0.6, 1.0])


def test_a_text_that_occurs_twice_is_encoded_once() -> None:
    encoder = TableEncoder(VECTORS)
    vectors = encode_anew([TEXTS[0], TEXTS[1], TEXTS[0]], {}, encoder)

    assert encoder.encoded == [TEXTS[0], TEXTS[1]]
    assert vectors.tolist() == [list(NORTH), list(EAST), list(NORTH)]


def test_another_model_makes_all_vectors_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    open_index(tmp_path / "search", PASSAGES, TableEncoder(VECTORS))
    caplog.clear()
    other = TableEncoder(VECTORS, name="another")
    open_index(tmp_path / "search", PASSAGES, other)

    assert other.encoded == list(TEXTS)
    assert "it was made from other texts or by another model" in caplog.text


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 0xFF
    path.write_bytes(bytes(data))


def _forge(path: Path) -> None:
    """Damage a file and make the manifest agree with it."""
    from knowledge.encoder import sha256

    path.write_bytes(b"not an index at all")
    manifest = json.loads((path.parent / MANIFEST).read_text())
    manifest["files"][path.name] = sha256(path)
    (path.parent / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("name", "damage", "reason"),
    [
        (DENSE, _truncate, "its files are damaged"),
        (DENSE, _flip, "its files are damaged"),
        (DENSE, Path.unlink, "its files are damaged"),
        (DENSE, _forge, "it cannot be read: RuntimeError"),
        (DIGESTS, Path.unlink, "its files are damaged"),
        (f"{LEXICAL}/vocab.index.json", _truncate, "its files are damaged"),
        (f"{LEXICAL}/data.csc.index.npy", Path.unlink, "its files are damaged"),
        (MANIFEST, Path.unlink, "there is none yet"),
        (MANIFEST, _truncate, "its manifest cannot be read"),
        (MANIFEST, lambda path: path.write_text("[]"), "it was made from other texts or by another model"),
        (MANIFEST, lambda path: path.write_bytes(b"\xff\xfe"), "its manifest cannot be read"),
    ],
)
def test_a_damaged_index_is_built_again_with_a_log_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, damage: Callable[[Path], object], reason: str
) -> None:
    caplog.set_level(logging.INFO)
    folder = tmp_path / "search"
    open_index(folder, PASSAGES, TableEncoder(VECTORS))
    damage(folder / name)
    caplog.clear()
    index = open_index(folder, PASSAGES, TableEncoder(VECTORS))

    assert caplog.messages == [f"building the search index in {folder}: {reason}"]
    assert index.by_meaning(np.array(NORTH, dtype=np.float32)).tolist() == pytest.approx([1.0, 0.0, 0.0, 0.6])
    assert len(Index.load(folder, fingerprint_of("table", PASSAGES))) == 4


def test_a_foreign_index_is_not_loaded(tmp_path: Path) -> None:
    open_index(tmp_path / "search", PASSAGES, TableEncoder(VECTORS))

    with pytest.raises(BadIndex, match="other texts or by another model"):
        Index.load(tmp_path / "search", fingerprint_of("table", PASSAGES[:3]))


def test_a_file_where_the_folder_should_be_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "search").write_text("a file")

    assert len(open_index(tmp_path / "search", PASSAGES, TableEncoder(VECTORS))) == 4
    assert len(Index.load(tmp_path / "search", fingerprint_of("table", PASSAGES))) == 4


def test_an_index_that_cannot_be_saved_still_searches(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "occupied").write_text("a file")
    index = open_index(tmp_path / "occupied" / "search", PASSAGES, TableEncoder(VECTORS))

    assert len(index) == 4
    assert "the search index is not saved" in caplog.text


def test_saving_fails_whole_and_leaves_the_old_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "search"
    open_index(folder, PASSAGES, TableEncoder(VECTORS))
    monkeypatch.setattr("knowledge.index._sums", _disk_full)
    index = open_index(folder, PASSAGES[:2], TableEncoder(VECTORS))

    assert len(index) == 2
    assert len(Index.load(folder, fingerprint_of("table", PASSAGES))) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["search"]


def _disk_full(folder: Path) -> dict[str, str]:
    raise OSError(28, "No space left on device")


def test_saving_leaves_nothing_behind_but_the_index(tmp_path: Path) -> None:
    for count in (4, 3, 2):
        open_index(tmp_path / "search", PASSAGES[:count], TableEncoder(VECTORS))

    assert [path.name for path in tmp_path.iterdir()] == ["search"]
    manifest = json.loads((tmp_path / "search" / MANIFEST).read_text())
    assert manifest["fingerprint"] == fingerprint_of("table", PASSAGES[:2])


def test_the_fingerprint_tells_owner_role_text_and_model_apart() -> None:
    one = [Passage("a", Role.TITLE, "text")]
    others = [
        fingerprint_of("model", one),
        fingerprint_of("other", one),
        fingerprint_of("model", [Passage("b", Role.TITLE, "text")]),
        fingerprint_of("model", [Passage("a", Role.ASKED, "text")]),
        fingerprint_of("model", [Passage("a", Role.TITLE, "text!")]),
        fingerprint_of("model", [*one, *one]),
    ]

    assert len(set(others)) == 6
    assert all(len(fingerprint) == 16 and int(fingerprint, 16) for fingerprint in others)
    assert fingerprint_of("model", list(one)) == others[0]


def test_many_threads_get_the_same_scores() -> None:
    index = built()
    wanted = index.by_words("slow queries").tolist()
    seen: list[list[float]] = []

    def search() -> None:
        seen.extend(index.by_words("slow queries").tolist() for _ in range(50))

    threads = [Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(seen) == 200
    assert all(scores == wanted for scores in seen)
