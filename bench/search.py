"""Searching alone at several sizes, and building an index, with and without kept vectors, beside a bare encoding."""

from typing import Any

import numpy as np

from bench.parts import encoder, knowledge_base, milliseconds, percentile
from knowledge.index import Index, encode_anew, open_index
from knowledge.passages import Passage, passages_of_all

SIZES = (1_000, 10_000, 100_000)
SEARCHES = 60
BUILT = 400


def run() -> dict[str, Any]:
    passages = passages_of_all(knowledge_base().entries)
    rng = np.random.default_rng(1)
    figures = {
        f"search p50 at {size:,} passages (ms)": _search(size, [p.text for p in passages], rng) for size in SIZES
    }
    return {**figures, **_build(passages[:BUILT])}


def _search(size: int, texts: list[str], rng: np.random.Generator) -> float:
    vectors = rng.standard_normal((size, 384), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = Index.build(vectors, [texts[i % len(texts)] for i in range(size)])
    times = [milliseconds(lambda i=i: index.search(vectors[i], texts[i % len(texts)])) for i in range(SEARCHES)]  # type: ignore[misc]
    return percentile(times, 0.5)


def _build(passages: tuple[Passage, ...]) -> dict[str, Any]:
    texts = list(dict.fromkeys(passage.text for passage in passages))
    model = encoder()
    bare = milliseconds(lambda: model.encode(texts))
    anew = milliseconds(lambda: Index.build(encode_anew(texts, {}, model), texts))
    kept = milliseconds(lambda: open_index(None, passages, model))
    return {
        "bare encode (passages/s)": len(texts) / bare * 1000,
        "index of new texts (passages/s)": len(texts) / anew * 1000,
        "index of texts with kept vectors (passages/s)": len(texts) / kept * 1000,
        "build time of new texts as a ratio to bare encode": anew / bare,
        "build time with kept vectors as a ratio to bare encode": kept / bare,
    }
