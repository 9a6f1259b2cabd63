"""What was taught to hear notes: small heads over the token vectors of the packaged model."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from knowledge.hearing import Excerpt

QUERIES, AROUND, WIDTH, DROPOUT = 8, 4, 64, 0.3


class Head(nn.Module):
    """Attention pooling over a clause and, with fewer queries, over the sentence around it; then one linear layer."""

    def __init__(self, layers: Sequence[int], classes: int) -> None:
        """Read the given ones of `encoder.LAYERS`, by number, and tell so many classes apart."""
        super().__init__()
        self.layers = list(layers)
        size = 384 * len(self.layers)
        self.norm = nn.LayerNorm(size)
        self.value = nn.Linear(size, WIDTH)
        self.inside = nn.Linear(size, QUERIES)
        self.around = nn.Linear(size, AROUND)
        self.dropout = nn.Dropout(DROPOUT)
        self.classes = nn.Linear((QUERIES + AROUND) * WIDTH, classes)

    def forward(self, tokens: Tensor, clause: Tensor, sentence: Tensor) -> Tensor:
        """Logits (batch, classes) of vectors (batch, tokens, layers, 384) and two masks (batch, tokens)."""
        tokens = self.dropout(self.norm(tokens[:, :, self.layers].flatten(2)))
        value = F.gelu(self.value(tokens))
        pooled = [_pooled(self.inside(tokens), clause, value), _pooled(self.around(tokens), sentence, value)]
        logits: Tensor = self.classes(self.dropout(torch.cat(pooled, dim=1)))
        return logits


def _pooled(queries: Tensor, mask: Tensor, value: Tensor) -> Tensor:
    shares = queries.masked_fill(~mask[..., None], -1e9).softmax(dim=1)
    return torch.einsum("btq,btv->bqv", shares, value).flatten(1)


def padded(excerpts: Sequence[Excerpt]) -> tuple[Tensor, Tensor, Tensor]:
    """What `Head` takes, from excerpts of different lengths."""
    vectors, clauses, sentences = zip(*((e.vectors, e.clause, e.sentence) for e in excerpts), strict=True)
    return (
        nn.utils.rnn.pad_sequence([torch.from_numpy(v) for v in vectors], batch_first=True),
        nn.utils.rnn.pad_sequence([torch.from_numpy(c) for c in clauses], batch_first=True),
        nn.utils.rnn.pad_sequence([torch.from_numpy(s) for s in sentences], batch_first=True),
    )


def mean_shares(heads: Sequence[Head], excerpts: Sequence[Excerpt]) -> Tensor:
    """The mean of what several heads say, as shares (excerpts, classes)."""
    with torch.no_grad():
        given = padded(excerpts)
        return torch.stack([head(*given).softmax(dim=1) for head in heads]).mean(dim=0)
