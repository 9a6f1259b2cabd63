"""What the upper layers of the model are taught with, that they learn it, and that all entries were among it."""

import random
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from knowledge.base import GUIDANCE
from knowledge.encoder import TAUGHT, SentenceTransformerEncoder, loaded, packaged_model, upper_layers
from knowledge.library import load_library
from knowledge.teach_encoder import BATCH, asked_of, batches, means_of, states_below, taught
from tests.knowledge.pages import write

SLOW = ["dashboards crawl since monday", "the list page takes ages", "everything is sluggish at noon", "reports hang"]
MONEY = ["the bill doubled in june", "aws wants 4k a month", "why do we pay for idle boxes", "cut our hosting costs"]


def test_every_entry_and_every_group_was_taught() -> None:
    with safe_open(TAUGHT, framework="pt") as saved:
        classes = saved.metadata()["classes"].split()

    assert classes == asked_of(load_library(GUIDANCE))[0], "entries came or went: run `make teach`"


def test_a_class_is_known_by_title_advice_and_ways_of_asking(tmp_path: Path) -> None:
    library = load_library(write(tmp_path))
    names, texts, classes = asked_of(library)
    entry = library.by_id["add-indexes"]
    number = names.index("add-indexes")

    taught_of_it = [text for text, known in zip(texts, classes, strict=True) if known == number]
    assert taught_of_it == [entry.title, entry.first.text, *entry.asked_as]
    assert [name for name in names if name.startswith("off-topic:")]


def test_batches_hold_every_text_once_and_alike_ones_together() -> None:
    lengths = [random.Random(0).randint(1, 60) for _ in range(BATCH * 16)]
    made = batches(lengths, random.Random(1))

    assert sorted(number for batch in made for number in batch) == list(range(len(lengths)))
    assert {len(batch) for batch in made} == {BATCH}
    assert max(max(lengths[n] for n in batch) - min(lengths[n] for n in batch) for batch in made) < 15


@pytest.mark.model
def test_a_text_comes_near_those_that_it_is_taught_with() -> None:
    model = loaded(str(packaged_model()))
    torch.manual_seed(0)
    sides = torch.tensor([0, 0, 0, 1, 1, 1, 1, 1])  # the last of the slow ones is taught as one about money
    below, upper = states_below(model, [*SLOW, *MONEY]), upper_layers(model)
    before = _leaning(upper.eval(), below)
    rounds: list[str] = []
    after = _leaning(taught(upper, below * 40, sides.repeat(40), 2, rounds.append), below)

    assert after > before + 0.03
    assert len(rounds) == 4


@pytest.mark.model
def test_upper_layers_alone_make_what_the_whole_model_makes() -> None:
    model = loaded(str(packaged_model()))
    with torch.no_grad():
        made = means_of(upper_layers(model).eval(), states_below(model, SLOW)).numpy()

    assert made == pytest.approx(model.encode(SLOW, normalize_embeddings=True), abs=2e-3)


@pytest.mark.model
def test_the_taught_model_is_not_the_published_one() -> None:
    ours, published = SentenceTransformerEncoder(), SentenceTransformerEncoder(str(packaged_model()))

    likeness = (ours.encode(SLOW) * published.encode(SLOW)).sum(axis=1)
    assert likeness.max() < 0.9
    assert ours.tokens(SLOW)[0].vectors[:, 0] == pytest.approx(published.tokens(SLOW)[0].vectors[:, 0], abs=1e-5)


def _leaning(upper: torch.nn.Module, below: list[torch.Tensor]) -> float:
    """How much more the last of the slow ones is like those about money than like the other slow ones."""
    with torch.no_grad():
        alike = (means := means_of(upper, below)) @ means[3]
    return float(alike[4:].mean() - alike[:3].mean())
