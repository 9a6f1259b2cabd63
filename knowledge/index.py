"""The search index: FAISS for meaning, BM25 for words. Built anew and swapped, never changed."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import Encoder, Vectors, sha256
from knowledge.kept import digest, kept_vectors
from knowledge.passages import Passage

log = logging.getLogger(__name__)

FORMAT = 2
MANIFEST, DENSE, LEXICAL, DIGESTS = "manifest.json", "dense.faiss", "lexical", "texts.json"
Scores = NDArray[np.float32]


class BadIndex(Exception):
    """A saved index is not there, not complete or not ours; it will be built again."""


@dataclass(frozen=True, slots=True)
class Hits:
    """How well every passage fits one question: cosine and BM25 score, both of shape (passages,)."""

    dense: Scores
    lexical: Scores


class Words:
    """Text → stemmed words without English stop words."""

    def __init__(self) -> None:
        """Make the stemmer; it keeps a cache and must not be shared between threads, hence the lock."""
        import Stemmer

        self._stem = Stemmer.Stemmer("english").stemWords
        self._lock = Lock()

    def of(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of each text, in order."""
        import bm25s

        with self._lock:
            words: list[list[str]] = bm25s.tokenize(
                list(texts), stopwords="en", stemmer=self._stem, return_ids=False, show_progress=False
            )
        return words

    def stems(self, words: Sequence[str]) -> list[str]:
        """The stem of each word, stop words included."""
        with self._lock:
            stems: list[str] = self._stem(list(words))
        return stems


class Lexicon:
    """Ranks texts by the words that they share with a question (BM25)."""

    def __init__(self, bm25: Any, words: Words, size: int) -> None:
        """Take a BM25 index over `size` texts."""
        self._bm25 = bm25
        self._words = words
        self._size = size

    @classmethod
    def build(cls, texts: Sequence[str], words: Words) -> Lexicon:
        """Index texts by their words."""
        import bm25s

        bm25 = bm25s.BM25()
        bm25.index(words.of(texts), show_progress=False)
        return cls(bm25, words, len(texts))

    @classmethod
    def load(cls, folder: Path, words: Words, size: int) -> Lexicon:
        """Read what `save` wrote."""
        import bm25s

        return cls(bm25s.BM25.load(str(folder), show_progress=False), words, size)

    def save(self, folder: Path) -> None:
        """Write the index into an existing folder."""
        self._bm25.save(str(folder), show_progress=False)

    def scores(self, text: str) -> Scores:
        """BM25 score of each text, (n,); 0 without a common word."""
        known = [word for word in self._words.of([text])[0] if word in self._bm25.vocab_dict]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)


class Index:
    """Searches passages both ways; safe for concurrent searches because nothing changes after it is made."""

    def __init__(self, dense: Any, lexical: Lexicon, words: Words) -> None:
        """Take a FAISS index and a lexicon over the same passages, in the same order."""
        self._dense = dense
        self._lexical = lexical
        self._words = words

    @classmethod
    def build(cls, vectors: Vectors, texts: Sequence[str]) -> Index:
        """Index passages given as unit vectors (n, d) and their n texts."""
        import faiss

        dense = faiss.IndexFlatIP(vectors.shape[1])
        dense.add(vectors)
        words = Words()
        return cls(dense, Lexicon.build(texts, words), words)

    def __len__(self) -> int:
        """The number of passages."""
        return int(self._dense.ntotal)

    @property
    def words(self) -> Words:
        """How texts become words; shared, because it is costly to make."""
        return self._words

    @property
    def dimensions(self) -> int:
        """The length of the vectors."""
        return int(self._dense.d)

    def search(self, vector: Vectors, text: str) -> Hits:
        """Score every passage against a question: its unit vector (d,) and its text."""
        return Hits(self.by_meaning(vector), self.by_words(text))

    def by_meaning(self, vector: Vectors) -> Scores:
        """Cosine of each passage, (n,)."""
        import faiss

        # All scores at once are had four times faster than by searching for the best of them.
        return np.asarray(
            faiss.pairwise_distances(vector.reshape(1, -1), self._stored(), faiss.METRIC_INNER_PRODUCT)[0]
        )

    def by_words(self, text: str) -> Scores:
        """BM25 score of each passage, (n,); 0 without a common word."""
        return self._lexical.scores(text)

    def vectors(self) -> Vectors:
        """The vector of each passage, (n, d)."""
        return self._stored().copy()

    def _stored(self) -> Vectors:
        """The index's own memory, (n, d)."""
        import faiss

        stored: Vectors = faiss.rev_swig_ptr(self._dense.get_xb(), len(self) * self.dimensions)
        return stored.reshape(len(self), self.dimensions)

    def save(self, folder: Path, fingerprint: str, encoder_name: str, texts: Sequence[str]) -> None:
        """Write the index of `texts` to `folder` at once: a reader sees the whole of it or nothing."""
        import faiss

        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as scratch:
            new = Path(scratch) / "index"
            (new / LEXICAL).mkdir(parents=True)
            faiss.write_index(self._dense, str(new / DENSE))
            self._lexical.save(new / LEXICAL)
            (new / DIGESTS).write_text(json.dumps([digest(text) for text in texts]), encoding="utf-8")
            manifest = {"format": FORMAT, "fingerprint": fingerprint, "encoder": encoder_name, "files": _sums(new)}
            (new / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
            _replace(new, folder, Path(scratch) / "old")

    @classmethod
    def load(cls, folder: Path, fingerprint: str) -> Index:
        """Read a saved index.

        Raises:
            BadIndex: when it is missing, damaged, or made from other texts or by another model.
        """
        _check(folder, fingerprint)
        import faiss

        try:
            dense, words = faiss.read_index(str(folder / DENSE)), Words()
            return cls(dense, Lexicon.load(folder / LEXICAL, words, int(dense.ntotal)), words)
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            raise BadIndex(f"it cannot be read: {type(error).__name__}") from error


def fingerprint_of(encoder_name: str, passages: Sequence[Passage]) -> str:
    """What an index depends on, as 16 hexadecimal digits: its format, the model and every text."""
    known = json.dumps([FORMAT, encoder_name, [[p.owner, p.role, p.text] for p in passages]], ensure_ascii=False)
    return hashlib.sha256(known.encode()).hexdigest()[:16]


def open_index(folder: Path | None, passages: Sequence[Passage], encoder: Encoder) -> Index:
    """Load the saved index of these passages, or build and save it; a bad one costs time, never a failure."""
    fingerprint = fingerprint_of(encoder.name, passages)
    if folder is not None:
        try:
            return Index.load(folder, fingerprint)
        except BadIndex as reason:
            log.info("building the search index in %s: %s", folder, reason, extra={"action": "index_built"})
    texts = [passage.text for passage in passages]
    saved = {} if folder is None else known_vectors(folder, encoder.name)
    index = Index.build(encode_anew(texts, kept_vectors(encoder.name) | saved, encoder), texts)
    if folder is not None:
        _try_save(index, folder, fingerprint, encoder.name, texts)
    return index


def known_vectors(folder: Path, encoder_name: str) -> dict[str, Vectors]:
    """Digest of a text → its vector (d,), from an index that the same model made of other texts; empty without one."""
    import faiss

    try:
        manifest = _manifest(folder)
        if manifest.get("encoder") != encoder_name or not _intact(folder, manifest.get("files") or {}):
            return {}
        digests = json.loads((folder / DIGESTS).read_text(encoding="utf-8"))
        dense = faiss.read_index(str(folder / DENSE))
        return dict(zip(digests, dense.reconstruct_n(0, dense.ntotal), strict=True))
    except (BadIndex, OSError, RuntimeError, ValueError, AttributeError):
        return {}


def encode_anew(texts: Sequence[str], known: Mapping[str, Vectors], encoder: Encoder) -> Vectors:
    """The vectors of all texts, (n, d); only those not known yet, and of those each once, go through the model."""
    missing = list(dict.fromkeys(text for text in texts if digest(text) not in known))
    made = dict(zip(map(digest, missing), encoder.encode(missing), strict=True)) if missing else {}
    return np.ascontiguousarray([made.get(d, known.get(d)) for d in map(digest, texts)], dtype=np.float32)


def _try_save(index: Index, folder: Path, fingerprint: str, encoder_name: str, texts: Sequence[str]) -> None:
    try:
        index.save(folder, fingerprint, encoder_name, texts)
    except OSError as error:
        log.warning("the search index is not saved: %s", error, extra={"action": "index_not_saved"})


def _sums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def _replace(new: Path, folder: Path, old: Path) -> None:
    if folder.exists():
        folder.rename(old)
    new.rename(folder)


def _check(folder: Path, fingerprint: str) -> None:
    manifest = _manifest(folder)
    if manifest.get("format") != FORMAT or manifest.get("fingerprint") != fingerprint:
        raise BadIndex("it was made from other texts or by another model")
    files = manifest.get("files")
    if not isinstance(files, dict) or not {DENSE} <= set(files) or not _intact(folder, files):
        raise BadIndex("its files are damaged")


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadIndex("there is none yet") from None
    except (OSError, ValueError) as error:
        raise BadIndex("its manifest cannot be read") from error
    return manifest if isinstance(manifest, dict) else {}


def _intact(folder: Path, files: dict[str, str]) -> bool:
    paths = {name: folder / name for name in files}
    return all(path.is_file() and sha256(path) == files[name] for name, path in paths.items())
