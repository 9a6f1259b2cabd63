"""A whole answer beside a bare encoding of the same question, one after the other."""

from typing import Any

from bench.parts import encoder, held_out_questions, knowledge_base, milliseconds, percentile

QUESTIONS = 150


def run() -> dict[str, Any]:
    base, bare = knowledge_base(), encoder()
    whole, alone = [], []
    for question in held_out_questions()[:QUESTIONS]:
        alone.append(milliseconds(lambda text=question: bare.encode([text])))  # type: ignore[misc]
        whole.append(milliseconds(lambda text=question: base.ask(text)))  # type: ignore[misc]
    return {
        "answer p50 (ms)": percentile(whole, 0.5),
        "answer p95 (ms)": percentile(whole, 0.95),
        "encode p50 (ms)": percentile(alone, 0.5),
        "encode p95 (ms)": percentile(alone, 0.95),
        "ratio p50": percentile(whole, 0.5) / percentile(alone, 0.5),
        "ratio p95": percentile(whole, 0.95) / percentile(alone, 0.95),
    }
