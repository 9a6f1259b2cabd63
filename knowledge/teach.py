"""`python -m knowledge.teach`: learn to read questions and notes; takes about half an hour of two cores."""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors.torch import save_file
from torch.nn import functional as F

from knowledge.base import GUIDANCE
from knowledge.clauses import Clause, clauses_of
from knowledge.encoder import Encoder, SentenceTransformerEncoder
from knowledge.heads import Head, padded
from knowledge.hearing import (
    LESSONS,
    NOTES,
    STANCE_LAYERS,
    STANCES,
    SUBJECT_LAYERS,
    Excerpt,
    Stance,
    excerpts_of,
)
from knowledge.kept import keep
from knowledge.library import load_library
from knowledge.model import Kind, Library
from knowledge.off_topic import load_off_topic, passages_of_groups
from knowledge.passages import passages_of_all
from knowledge.teach_encoder import BATCH, batches, teach_encoder

COMPOSED = 4000
JOINTS = (", but ", " but ", ", ", " and ", ". ", ". ", ". ", "; ", " - ", ", though ", "\n", " however ", ", also ")
RATE, DECAY = 2e-3, 0.02
UNKNOWN = -100  # what cross entropy passes over


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a lesson from `start` to `end` that takes one stance (None: not said) on one symptom (or "none")."""

    start: int
    end: int
    stance: Stance | None
    symptom: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text and what its parts say."""

    text: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A clause or question as the heads see it, with the numbers of its stance and its subject."""

    excerpt: Excerpt
    stance: int
    subject: int


@dataclass(frozen=True, slots=True)
class Course:
    """What heads of one kind learn of examples, on which layers, how many heads and how often over."""

    name: str
    target: Callable[[Example], int]
    layers: Sequence[int]
    heads: int
    rounds: int


STANCE = Course("stance", lambda example: example.stance, STANCE_LAYERS, heads=3, rounds=8)
SUBJECT = Course("subject", lambda example: example.subject, SUBJECT_LAYERS, heads=2, rounds=6)


def fingerprint(folder: Path = LESSONS) -> str:
    """What the heads were taught, as 16 hexadecimal digits: they are to be taught again when it changes."""
    texts = b"".join(path.read_bytes() for path in sorted(folder.glob("*.yaml")))
    return hashlib.sha256(texts).hexdigest()[:16]


def lines_of(folder: Path = LESSONS) -> list[Lesson]:
    """Single lines: what people say of each symptom."""
    known = yaml.safe_load((folder / "lines.yaml").read_text(encoding="utf-8"))
    return [
        _joined([(Stance(stance), symptom, line)])
        for symptom, stances in known.items()
        for stance, lines in stances.items()
        for line in lines
    ]


def notes_of(folder: Path = LESSONS) -> list[Lesson]:
    """Whole notes with their parts."""
    notes = yaml.safe_load((folder / "notes.yaml").read_text(encoding="utf-8"))
    return [_joined([(Stance(stance), symptom, text) for stance, symptom, text in note]) for note in notes]


def composed(lessons: Sequence[Lesson], count: int, chance: random.Random) -> Iterator[Lesson]:
    """Notes put together from two to four parts of others, so that a clause is heard among many."""
    known = [
        (part.stance, part.symptom, lesson.text[part.start : part.end]) for lesson in lessons for part in lesson.parts
    ]
    for _ in range(count):
        said = chance.choices(known, k=chance.choice((2, 2, 3, 4)))
        yield _joined(said, lambda before: " " if before[-1] in ".!?" else chance.choice(JOINTS))


def asked_of(library: Library) -> list[Lesson]:
    """What the guidance knows people to say of each symptom; it tells subjects, not stances."""
    symptoms = library.of_kind(Kind.SYMPTOM)
    return [_joined([(None, entry.id, text)]) for entry in symptoms for text in (*entry.signs, *entry.asked_as)]


def examples_of(lessons: Sequence[Lesson], symptoms: Sequence[str], encoder: Encoder) -> list[Example]:
    """The clauses of lessons with what the parts they belong to say; a part without a stance stays whole."""
    made = []
    for lesson, tokens in zip(lessons, encoder.tokens([lesson.text for lesson in lessons]), strict=True):
        clauses = clauses_of(lesson.text) if lesson.parts[0].stance else (Clause(lesson.text, 0),)
        for clause, excerpt in zip(clauses, excerpts_of(tokens, clauses), strict=True):
            part = _part_of(lesson, clause)
            stance = STANCES.index(part.stance) if part.stance else UNKNOWN
            symptom = symptoms.index(part.symptom) if part.symptom in symptoms else UNKNOWN
            if excerpt.clause.any():
                made.append(Example(excerpt, stance, symptom))
    return made


def taught_heads(
    course: Course, examples: Sequence[Example], classes: int, tell: Callable[[str], object]
) -> dict[str, Any]:
    """The weights of a course's heads by name, in half precision; each head begins and shuffles differently."""
    state: dict[str, Any] = {}
    for seed in range(course.heads):
        torch.manual_seed(seed)
        head = taught(course, examples, Head(course.layers, classes), random.Random(seed))
        state |= {f"{course.name}.{seed}.{key}": value.half().contiguous() for key, value in head.state_dict().items()}
        tell(f"{course.name}, {seed + 1} of {course.heads}")
    return state


def taught(course: Course, examples: Sequence[Example], head: Head, chance: random.Random) -> Head:
    """Train a head on the examples that have a target."""
    known = [example for example in examples if course.target(example) != UNKNOWN]
    optimizer = torch.optim.AdamW(head.parameters(), RATE, weight_decay=DECAY)
    steps = course.rounds * (len(known) // BATCH + 1)
    slowing = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.0, 1 - step / steps))
    head.train()
    for _ in range(course.rounds):
        for numbers in batches([len(example.excerpt.vectors) for example in known], chance):
            batch = [known[number] for number in numbers]
            logits = head(*padded([example.excerpt for example in batch]))
            loss = F.cross_entropy(logits, torch.tensor([course.target(example) for example in batch]))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            slowing.step()
    return head.eval()


def teach_notes(library: Library, tell: Callable[[str], object]) -> None:
    """Teach the heads that hear notes, and save them with what they were taught."""
    encoder = SentenceTransformerEncoder()
    symptoms = [entry.id for entry in library.of_kind(Kind.SYMPTOM)]
    told = [*lines_of(), *notes_of()]
    lessons = [*told, *composed(told, COMPOSED, random.Random(0)), *asked_of(library)]
    examples = examples_of(lessons, symptoms, encoder)
    tell(f"notes: {len(lessons)} lessons, {len(examples)} clauses")
    state = {
        **taught_heads(STANCE, examples, len(STANCES), tell),
        **taught_heads(SUBJECT, examples, len(symptoms), tell),
    }
    save_file(state, NOTES, metadata={"classes": " ".join(symptoms), "lessons": fingerprint(), "encoder": encoder.name})


def keep_vectors(library: Library, tell: Callable[[str], object]) -> None:
    """Work out the vector of every text that is searched, and save them all."""
    encoder = SentenceTransformerEncoder()
    groups = load_off_topic(GUIDANCE).values()
    texts = list(dict.fromkeys(passage.text for passage in (*passages_of_all(library), *passages_of_groups(groups))))
    tell(f"vectors: {len(texts)} texts")
    keep(texts, encoder.encode(texts), encoder.name)


def _joined(said: Sequence[tuple[Stance | None, str, str]], joint: Callable[[str], str] = lambda before: " ") -> Lesson:
    text, parts = "", []
    for stance, symptom, words in said:
        text += joint(text) if text else ""
        parts.append(Part(len(text), len(text) + len(words), stance, symptom))
        text += words
    return Lesson(text, tuple(parts))


def _part_of(lesson: Lesson, clause: Clause) -> Part:
    """The part that has most of a clause."""
    end = clause.start + len(clause.text)
    return max(lesson.parts, key=lambda part: min(end, part.end) - max(clause.start, part.start))


def main(wanted: Sequence[str]) -> None:
    """Teach what is named, or everything; heads for notes and vectors to keep are made with the encoder as taught."""
    teachers = {"encoder": teach_encoder, "notes": teach_notes, "vectors": keep_vectors}
    library = load_library(GUIDANCE)
    for name in wanted or teachers:
        teachers[name](library, lambda line: sys.stdout.write(f"{line}\n"))
    for made in LESSONS.glob("*.safetensors"):
        made.chmod(0o644)  # safetensors lets nobody but their owner read them


if __name__ == "__main__":
    main(sys.argv[1:])
