"""Encoders whose vectors can be worked out by hand; they count what they are asked to encode."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge.encoder import LAYERS, Tokens, Vectors

DIMENSIONS = 256


class Deaf:
    """Knows no word and finds no token in any text: nothing is heard."""

    words: frozenset[str] = frozenset()

    def encode(self, texts: Sequence[str]) -> Vectors:
        raise NotImplementedError

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        return [
            Tokens(np.zeros((0, len(LAYERS), 384), dtype=np.float32), np.zeros((0, 2), dtype=np.intp)) for _ in texts
        ]


@dataclass
class TableEncoder(Deaf):
    """Looks vectors up by the exact text; an unknown text gets `otherwise`."""

    vectors: Mapping[str, tuple[float, ...]]
    otherwise: tuple[float, ...] = (0.0, 0.0, 1.0)
    name: str = "table"
    encoded: list[str] = field(default_factory=list)

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded.extend(texts)
        return np.array([self.vectors.get(text, self.otherwise) for text in texts], dtype=np.float32)


@dataclass
class WordEncoder(Deaf):
    """Counts words into 256 places: texts that share words are alike, texts without words in common hardly."""

    name: str = "words"
    encoded: list[str] = field(default_factory=list)
    calls: int = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.calls += 1
        self.encoded.extend(texts)
        return np.array([_counted(text) for text in texts], dtype=np.float32).reshape(len(texts), DIMENSIONS)


def _counted(text: str) -> Vectors:
    vector = np.zeros(DIMENSIONS, dtype=np.float32)
    for word in re.findall(r"\w+", text.lower()):
        vector[zlib.crc32(word.encode()) % DIMENSIONS] += 1
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), dtype=np.float32)
