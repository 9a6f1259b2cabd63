"""Searching alone at several sizes, and building an index beside a bare encoding of the same passages."""

from typing import Any

import numpy as np

from bench.parts import encoder, knowledge_base, milliseconds, percentile
from knowledge.index import Index, open_index
from knowledge.passages import Passage, Role, passages_of_all

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
    distinct = tuple(
        {passage.text: Passage(passage.owner, Role.SECTION, passage.text) for passage in passages}.values()
    )
    bare = milliseconds(lambda: encoder().encode([passage.text for passage in distinct]))
    built = milliseconds(lambda: open_index(None, distinct, encoder()))
    return {
        "index build (passages/s)": len(distinct) / built * 1000,
        "bare encode (passages/s)": len(distinct) / bare * 1000,
        "build time as a ratio to bare encode": built / bare,
    }
