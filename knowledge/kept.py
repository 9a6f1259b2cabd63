"""Vectors of the guidance's texts that `make teach` worked out: a first index takes seconds instead of minutes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.encoder import Vectors

KEPT = Path(__file__).parent / "lessons" / "vectors.safetensors"
STEPS = 127  # of a signed byte, to either side of zero; a cosine is off by about a thousandth


def digest(text: str) -> str:
    """What a text's vector is known by, 32 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def keep(texts: Sequence[str], vectors: Vectors, encoder_name: str, path: Path = KEPT) -> None:
    """Save the vectors (n, d) of n texts, each number in one byte."""
    from safetensors.numpy import save_file

    scales = np.abs(vectors).max(axis=1, keepdims=True) / STEPS
    arrays = {
        "digests": np.array([list(bytes.fromhex(digest(text))) for text in texts], dtype=np.uint8),
        "numbers": np.rint(vectors / scales).astype(np.int8),
        "scales": scales.astype(np.float32),
    }
    save_file(arrays, path, metadata={"encoder": encoder_name})


def kept_vectors(encoder_name: str, path: Path = KEPT) -> dict[str, Vectors]:
    """Digest of a text → its unit vector (d,); empty when another model made them."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as kept:
        if kept.metadata()["encoder"] != encoder_name:
            return {}
        digests, numbers, scales = (kept.get_tensor(name) for name in ("digests", "numbers", "scales"))
    vectors = numbers.astype(np.float32) * scales
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return dict(zip((one.tobytes().hex() for one in digests), vectors, strict=True))
