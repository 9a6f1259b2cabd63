"""What the benchmarks share: the knowledge base, percentiles, clocks."""

import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from knowledge.base import GUIDANCE, KnowledgeBase
from knowledge.encoder import SentenceTransformerEncoder, packaged_model
from knowledge.golden import GOLDEN, load

INDEX = Path(".cache/bench-index")


@cache
def encoder() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder()


@cache
def published_encoder() -> SentenceTransformerEncoder:
    """The packaged model before it was taught."""
    return SentenceTransformerEncoder(str(packaged_model()))


@cache
def knowledge_base() -> KnowledgeBase:
    return KnowledgeBase.open([GUIDANCE], INDEX, encoder())


def held_out_questions() -> list[str]:
    return [str(case.fields["question"]) for case in load(GOLDEN / "questions.yaml", "held_out")]


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000
