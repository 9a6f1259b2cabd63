"""From starting the process to the first answer, and the memory it takes then."""

import subprocess
import sys
from typing import Any

from bench.parts import INDEX, knowledge_base, milliseconds

FIRST_ANSWER = f"""
import resource
from pathlib import Path
from knowledge.base import GUIDANCE, KnowledgeBase
from knowledge.encoder import SentenceTransformerEncoder
base = KnowledgeBase.open([GUIDANCE], Path({str(INDEX)!r}), SentenceTransformerEncoder())
assert base.ask("our queries are slow at 800 users").answered
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
LIBRARIES = "import torch, sentence_transformers, faiss, bm25s"


def run() -> dict[str, Any]:
    knowledge_base()  # so that the index is there, as at every start but the first
    memory = ""

    def first_answer() -> None:
        nonlocal memory
        memory = _python(FIRST_ANSWER)

    libraries = milliseconds(lambda: _python(LIBRARIES))
    answer = milliseconds(first_answer)
    return {
        "first answer after (s)": answer / 1000,
        "of which importing libraries (s)": libraries / 1000,
        "ratio to importing libraries": answer / libraries,
        "memory (MB)": int(memory) // 1024,
    }


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
