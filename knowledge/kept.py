"""Vectors of the guidance's texts that `make teach` worked out: a first index takes seconds instead of minutes."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.encoder import Vectors

log = logging.getLogger(__name__)

KEPT = Path(__file__).parent / "lessons" / "vectors.safetensors"
STEPS = 127  # of a signed byte, to either side of zero; a cosine is off by about a thousandth


def digest(text: str) -> str:
    """What a text's vector is known by, 32 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def keep(texts: Sequence[str], vectors: Vectors, encoder_name: str, path: Path = KEPT) -> None:
    """Save the vectors (n, d) of n texts, each number in one byte."""
    from safetensors.numpy import save_file

    scales = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-9) / STEPS
    arrays = {
        "digests": np.array([np.frombuffer(bytes.fromhex(digest(text)), np.uint8) for text in texts]),
        "numbers": np.rint(vectors / scales).astype(np.int8),
        "scales": scales.astype(np.float32),
    }
    new = path.with_suffix(".new")
    save_file(arrays, new, metadata={"encoder": encoder_name})
    new.replace(path)


def kept_vectors(encoder_name: str, path: Path = KEPT) -> dict[str, Vectors]:
    """Digest of a text → its unit vector (d,); empty when another model made them, or the file is not what it was."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as kept:
            if (kept.metadata() or {}).get("encoder") != encoder_name:
                return {}
            digests, numbers, scales = (kept.get_tensor(name) for name in ("digests", "numbers", "scales"))
    except (OSError, SafetensorError) as error:
        log.warning("kept vectors cannot be read, all are made anew: %s", error, extra={"action": "kept_unreadable"})
        return {}
    vectors = numbers.astype(np.float32) * scales
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return dict(zip((one.tobytes().hex() for one in digests), vectors, strict=True))
