"""The right answer first and within three on the held-out questions: ours, words alone, meaning alone
(by the model as published and as we taught it), and peers.

Peers are measured by `make bench-peers` in an environment of their own, on the same passages with the same model; what
they found is read from bench/results/peers.json.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.parts import encoder, knowledge_base, milliseconds, percentile, published_encoder
from knowledge.encoder import SentenceTransformerEncoder
from knowledge.golden import GOLDEN, load, measure
from knowledge.index import Index, open_index
from knowledge.passages import passages_of_all

PEERS = Path(__file__).parent / "results" / "peers.json"
Ranker = Callable[[str], Sequence[str]]


def run() -> dict[str, Any]:
    measured = measure(knowledge_base(), "held_out")
    figures: dict[str, Any] = {
        "ours: first": measured.questions.first,
        "ours: within three": measured.questions.in_three,
        "ours: MRR": measured.questions.mrr,
        "ours: on-topic declined": measured.questions.declined,
        "ours: off-topic declined": measured.off_topic.declined,
        "ours: against the phase": len(measured.against_phase) / max(measured.questions.cases, 1),
        "ours: follow-ups first": measured.follow_ups.first,
        "notes: micro F1": measured.notes.f1,
        "notes: denied reported as present": measured.notes.denied_as_present,
    }
    for name, ranker in _rankers().items():
        figures |= _ranked(name, ranker)
    return figures | (json.loads(PEERS.read_text()) if PEERS.exists() else {"peers": "not measured; make bench-peers"})


def _rankers() -> dict[str, Ranker]:
    passages = passages_of_all(knowledge_base().entries)
    owners = [passage.owner for passage in passages]
    published, taught = published_encoder(), encoder()
    meant = {"dense alone, as published": published, "dense alone, as taught": taught}
    indexes = {name: (open_index(None, passages, one), one) for name, one in meant.items()}
    words = indexes["dense alone, as taught"][0]
    return {
        "BM25 alone": lambda question: owners_of(words.by_words(question), owners),
        **{name: _by_meaning(index, one, owners) for name, (index, one) in indexes.items()},
    }


def _by_meaning(index: Index, encoder: SentenceTransformerEncoder, owners: Sequence[str]) -> Ranker:
    return lambda question: owners_of(index.by_meaning(encoder.encode([question])[0]), owners)


def owners_of(scores: Any, owners: Sequence[str]) -> list[str]:
    """Entries by their best passage, best first."""
    return list(dict.fromkeys(owners[i] for i in np.argsort(-scores, kind="stable")))


def _ranked(name: str, ranker: Ranker) -> dict[str, Any]:
    cases = load(GOLDEN / "questions.yaml", "held_out")
    places, times = [], []
    for case in cases:
        found: list[Sequence[str]] = []
        times.append(milliseconds(lambda c=case, f=found: f.append(ranker(str(c.fields["question"])))))  # type: ignore[misc]
        places.append(next((n for n, entry in enumerate(found[0], 1) if entry in case.expected), 10**6))
    return {
        f"{name}: first": sum(place == 1 for place in places) / len(places),
        f"{name}: within three": sum(place <= 3 for place in places) / len(places),
        f"{name}: latency p50 (ms)": percentile(times, 0.5),
    }
