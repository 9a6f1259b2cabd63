"""Teaching the packaged model's upper layers to which entry, or off-topic group, a way of asking belongs."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from knowledge.base import GUIDANCE
from knowledge.encoder import TAUGHT, UPPER, loaded, packaged_model, upper_layers
from knowledge.model import Library
from knowledge.off_topic import load_off_topic

ROUNDS, BATCH, LONGEST = 4, 64, 128
RATE, CLASS_RATE, DECAY, WARM_UP = 1.5e-4, 1e-3, 0.01, 100
SHARPNESS, SMOOTHING = 20.0, 0.05


def teach_encoder(library: Library, tell: Callable[[str], object]) -> None:
    """Teach the upper layers by the ways of asking and the off-topic examples, and save them in half precision.

    A text is to come near the others of its class: the cosine to the class, a vector learned beside, decides. What is
    below the upper layers stays as it was, so its output for each text is worked out once.
    """
    names, texts, classes = asked_of(library)
    tell(f"questions: {len(texts)} ways of asking, {len(names)} classes")
    torch.manual_seed(0)
    model = loaded(str(packaged_model()))
    below = states_below(model, texts)
    upper = taught(upper_layers(model), below, torch.tensor(classes), len(names), tell)
    state = {name: weights.half().contiguous() for name, weights in upper.state_dict().items()}
    save_file(state, TAUGHT, metadata={"classes": " ".join(names)})


def asked_of(library: Library) -> tuple[list[str], list[str], list[int]]:
    """The classes (entries, then off-topic groups), the texts, and the number of each text's class."""
    said = {entry.id: (entry.title, entry.first.text, *entry.asked_as) for entry in library}
    said |= {f"off-topic:{group.group}": tuple(group.questions) for group in load_off_topic(GUIDANCE).values()}
    lines = [(text, number) for number, texts in enumerate(said.values()) for text in texts]
    return list(said), [text for text, _ in lines], [number for _, number in lines]


def states_below(model: Any, texts: Sequence[str]) -> list[Tensor]:
    """What the upper layers read of each text, (tokens, 384) in half precision."""
    states: list[Tensor] = [torch.empty(0)] * len(texts)
    for numbers in batches([len(text) for text in texts], random.Random(0)):
        pieces = model.tokenizer(
            [texts[number] for number in numbers],
            padding=True,
            truncation=True,
            max_length=LONGEST,
            return_tensors="pt",
        )
        with torch.no_grad():
            found = model[0].auto_model(**pieces, output_hidden_states=True).hidden_states[UPPER]
        for number, state, mask in zip(numbers, found, pieces["attention_mask"], strict=True):
            states[number] = state[: int(mask.sum())].half()
    return states


def taught(upper: Any, below: Sequence[Tensor], classes: Tensor, count: int, tell: Callable[[str], object]) -> Any:
    """Train the upper layers; returns them."""
    centres = nn.Parameter(centres_of(upper.eval(), below, classes, count))
    groups = [
        {"params": upper.parameters(), "lr": RATE, "weight_decay": DECAY},
        {"params": [centres], "lr": CLASS_RATE, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups)
    steps = ROUNDS * (len(below) // BATCH + 1)
    pace = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM_UP) * max(0.0, 1 - step / steps)
    )
    upper.train()
    for number in range(ROUNDS):
        for batch in batches([len(state) for state in below], random.Random(number)):
            means = means_of(upper, [below[place] for place in batch])
            logits = SHARPNESS * means @ F.normalize(centres, dim=1).T
            loss = F.cross_entropy(logits, classes[batch], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            pace.step()
        tell(f"encoder, round {number + 1} of {ROUNDS}")
    return upper.eval()


def centres_of(upper: Any, below: Sequence[Tensor], classes: Tensor, count: int) -> Tensor:
    """The mean vector of each class, (count, 384)."""
    sums = torch.zeros(count, 384)
    with torch.no_grad():
        for batch in batches([len(state) for state in below], random.Random(0)):
            sums.index_add_(0, classes[batch], means_of(upper, [below[place] for place in batch]))
    return sums / torch.bincount(classes, minlength=count)[:, None]


def means_of(upper: Any, states: Sequence[Tensor]) -> Tensor:
    """The unit vectors that the upper layers make of texts, (texts, 384)."""
    tokens = nn.utils.rnn.pad_sequence([state.float() for state in states], batch_first=True)
    there = torch.arange(tokens.shape[1]) < torch.tensor([len(state) for state in states])[:, None]
    unseen = torch.zeros(there.shape).masked_fill(~there, -1e9)[:, None, None, :]
    for layer in upper:
        made = layer(tokens, unseen)
        tokens = made[0] if isinstance(made, tuple) else made
    sums = (tokens * there[..., None]).sum(dim=1)
    return F.normalize(sums / there.sum(dim=1, keepdim=True), dim=1)


def batches(lengths: Sequence[int], chance: random.Random) -> list[list[int]]:
    """Shuffled batches of the numbers of texts of about the same length, which saves padding."""
    shuffled = chance.sample(range(len(lengths)), len(lengths))
    made = []
    for start in range(0, len(shuffled), 16 * BATCH):
        alike = sorted(shuffled[start : start + 16 * BATCH], key=lambda number: lengths[number])
        made += [alike[at : at + BATCH] for at in range(0, len(alike), BATCH)]
    chance.shuffle(made)
    return made
