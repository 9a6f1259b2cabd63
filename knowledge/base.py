"""The one face of the library: open it, ask it, let it read notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from knowledge.answer import Answer, compose, with_alternative
from knowledge.clauses import clauses_of
from knowledge.encoder import Encoder, Vectors
from knowledge.hearing import NoteEar
from knowledge.index import Index, Lexicon, Scores, Words, fingerprint_of, open_index
from knowledge.library import load_library
from knowledge.model import Entry, Kind, Library, Phase
from knowledge.off_topic import OffTopic, load_off_topic, passages_of_groups
from knowledge.passages import passages_of_all
from knowledge.question import Intent, Question, clean, may_ask_for_plan, parse
from knowledge.search import Evidence, Found, Layout, Match, Tuning, confident, declined, means_a_phase, priors_of, rank
from knowledge.several import Matter, matters_of, merged, of_one, parts_of
from knowledge.spelling import Spelling
from knowledge.symptoms import SymptomReader, SymptomReading
from knowledge.triage import Likeness, Recognised, Recogniser, spelled_out

GUIDANCE = Path(__file__).parent / "guidance"
MOST_ANSWERS = 5
MOST_TOPICS = 3

PhaseSource = Literal["stated", "given", "unknown"]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the advisor has to say: up to five answers, best first; or none, and the nearest topics instead.

    Args:
        question: as it was understood.
        phase: for which it is answered, with where that is known from.
        phase_source: stated in the conversation, given by the caller, or unknown.
        answers: best first; of several matters in one message, the worst first.
        statements: where there are several matters, what was said of each; the first answers are theirs.
        topics: when abstaining, the entries that come nearest.
        declined: when it is plainly off topic, the group of that; `reply` is the line that says so.
        reply: see `declined`.
    """

    question: Question
    phase: Phase | None
    phase_source: PhaseSource
    answers: tuple[Answer, ...] = ()
    statements: tuple[str, ...] = ()
    topics: tuple[Entry, ...] = ()
    declined: str | None = None
    reply: str | None = None

    @property
    def shown(self) -> tuple[tuple[str, Answer], ...]:
        """What a person sees at once: each matter's statement and answer, or the best answer alone beside ""."""
        return tuple(zip(self.statements or ("",), self.answers, strict=False))

    @property
    def answered(self) -> bool:
        """Whether there is an answer at all."""
        return bool(self.answers)

    @property
    def phase_matters(self) -> bool:
        """Whether knowing the team's phase would change the best answer."""
        if self.phase is not None or not self.answers:
            return False
        entry = self.answers[0].entry
        return entry.not_before is not None or len(entry.by_phase) > 1 or entry.kind is Kind.PHASE


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What can be read off the guidance without an embedding model."""

    library: Library
    reader: SymptomReader
    recogniser: Recogniser


@dataclass(frozen=True, slots=True)
class _Edition:
    """Everything that belongs to one reading of the guidance; swapped as a whole."""

    shelf: _Shelf
    off_topic: dict[str, OffTopic]
    index: Index
    layout: Layout
    fingerprint: str
    titles: dict[str, str]
    likeness: Likeness
    documents: Lexicon
    centres: Vectors
    spelling: Spelling

    @property
    def library(self) -> Library:
        """The entries that are searched."""
        return self.shelf.library

    def evidence(self, vector: Vectors, text: str) -> Evidence:
        """All that is known about a question, given as its unit vector (d,) and its text."""
        hits = self.index.search(vector, text)
        centre = np.asarray(self.centres @ vector, dtype=np.float32)
        return Evidence(hits.dense, hits.lexical, self.documents.scores(text), centre)


class NotLoaded(Exception):
    """The embedding model is still being loaded; only what needs no model works until then."""


class KnowledgeBase:
    """Guidance that can be asked; safe to use from several threads, also while it is loaded or refreshed."""

    def __init__(
        self, folders: Sequence[Path], index: Path | None, encoder: Callable[[], Encoder], tuning: Tuning
    ) -> None:
        """Use `open` or `opening`, which read like what they do."""
        self._folders = tuple(folders)
        self._index_folder = None if index is None else index / "search"
        self._load_encoder = encoder
        self._tuning = tuning
        self._opened = self._read_shelf()
        self._loaded: _Edition | None = None

    @classmethod
    def open(
        cls, folders: Sequence[Path], index: Path | None, encoder: Encoder, tuning: Tuning | None = None
    ) -> KnowledgeBase:
        """Read guidance folders (later ones extend and replace) and load or build the index kept in folder `index`.

        Raises:
            LibraryFaults: when the guidance has faults.
        """
        knowledge = cls(folders, index, lambda: encoder, tuning or Tuning())
        knowledge.load()
        return knowledge

    @classmethod
    def opening(
        cls,
        folders: Sequence[Path],
        index: Path | None,
        encoder: Callable[[], Encoder],
        tuning: Tuning | None = None,
    ) -> KnowledgeBase:
        """Read guidance folders; until `load` has been called, known error texts are recognised and nothing else.

        Raises:
            LibraryFaults: when the guidance has faults.
        """
        return cls(folders, index, encoder, tuning or Tuning())

    def load(self) -> None:
        """Load the embedding model and the index, which takes a while."""
        self._encoder = self._load_encoder()
        self._notes = NoteEar.taught(self._encoder)
        self._loaded = self._read(self._opened)

    @property
    def loaded(self) -> bool:
        """Whether everything works already."""
        return self._loaded is not None

    @property
    def _edition(self) -> _Edition:
        if self._loaded is None:
            raise NotLoaded
        return self._loaded

    @property
    def _shelf(self) -> _Shelf:
        return self._opened if self._loaded is None else self._loaded.shelf

    @property
    def fingerprint(self) -> str:
        """What the answers depend on: format, model and texts, as 16 hexadecimal digits."""
        return self._edition.fingerprint

    @property
    def library(self) -> Library:
        """Everything that was read."""
        return self._shelf.library

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, ordered by kind and id."""
        return self._shelf.library.entries

    def entry(self, entry_id: str) -> Entry | None:
        """The entry with this id, or None."""
        return self._shelf.library.get(entry_id)

    def plan(self, phase: Phase) -> tuple[Entry, ...]:
        """The fixes that a phase should do, in order."""
        return _plan(self._shelf.library, phase)

    def refresh(self) -> None:
        """Read the guidance again and swap it in; a search that is going on finishes with the old one.

        Raises:
            LibraryFaults: when the guidance has faults; the old one stays in use.
        """
        shelf = self._read_shelf()
        if self._loaded is None:
            self._opened = shelf
        else:
            self._loaded = self._read(shelf)

    def ask(
        self,
        question: str,
        phase: Phase | None = None,
        users: int | None = None,
        stacks: Sequence[str] = (),
        thread: Sequence[str] = (),
    ) -> Answers:
        """Answer a question; `thread` holds the earlier questions of the conversation, oldest first."""
        edition = self._edition
        correct = edition.spelling.corrected
        asked = parse(correct(question), [correct(earlier) for earlier in thread])
        given = phase or (None if users is None else Phase.of_users(users))
        known = asked.phase or given
        source: PhaseSource = "stated" if asked.phase else "given" if given else "unknown"
        nothing = Answers(asked, known, source)
        if not re.search(r"\w", asked.text):
            return nothing
        return self._answer(edition, nothing, (*asked.stacks, *stacks))

    def read(self, text: str) -> SymptomReading:
        """Which symptoms a note, alert or log line reports, and which it denies.

        While the model is still being loaded, by known error texts and signs alone.
        """
        text = clean(text)
        clauses = clauses_of(text)
        if not clauses:
            return SymptomReading((), ())
        heard = self._notes.hear(text, clauses) if self.loaded else [None] * len(clauses)
        return self._shelf.reader.read(text, clauses, heard)

    def triage(self, text: str, stacks: Sequence[str] = (), recent: Sequence[str] = ()) -> Recognised:
        """The symptoms that an alert, log line or cry for help may be about, with the team's stacks and troubles.

        While the model is still being loaded, by known error texts and signs alone.
        """
        edition = self._loaded
        recogniser = (self._opened if edition is None else edition.shelf).recogniser
        by_words = recogniser.recognise(text, stacks, recent)
        if edition is None or by_words.settled:
            return by_words
        return recogniser.recognise(text, stacks, recent, self._nearness(edition, text))

    def _nearness(self, edition: _Edition, text: str) -> dict[str, float] | None:
        """Each symptom's likeness to the text; None where it is more like small talk than like any of them."""
        scores = edition.index.by_meaning(self._encoder.encode([spelled_out(clean(text))])[0])
        return edition.likeness.of(scores, small_talk=float(edition.layout.best_of_groups(scores).max(initial=-1.0)))

    def _answer(self, edition: _Edition, so_far: Answers, stacks: Sequence[str]) -> Answers:
        question, phase = so_far.question, so_far.phase
        planned = [Match(entry.id, 1.0, meaning=1.0) for entry in _planned(edition.library, phase)]
        if question.intent is Intent.PLAN and planned:
            return self._composed(edition, so_far, planned, stacks)
        priors = priors_of(edition.library.entries, phase, question.intent, self._tuning)
        whole = self._whole(edition, question, priors)
        if not confident(whole, self._tuning):
            return _abstained(edition, so_far, whole, declined(whole, self._tuning))
        if matters := self._matters(edition, question, whole, priors):
            statements = tuple(matter.statement for matter in matters)
            return self._composed(edition, so_far, merged(matters, whole.matches), stacks, statements)
        if planned and self._wants_plan(edition, so_far, whole):
            return self._composed(edition, so_far, planned, stacks)
        return hedged(self._composed(edition, so_far, whole.matches, stacks), self._tuning)

    def _wants_plan(self, edition: _Edition, so_far: Answers, whole: Found) -> bool:
        """Whether a question means its phase's plan though it names a subject; without a size most are about that."""
        question = so_far.question
        may = so_far.phase is not None and not question.follows_up and may_ask_for_plan(question.text)
        return may and means_a_phase(whole, edition.library.by_id, self._tuning)

    def _matters(self, edition: _Edition, question: Question, whole: Found, priors: Scores) -> tuple[Matter, ...]:
        """The separate matters of a rambling message, worst first."""
        if question.follows_up or of_one(question.text, whole):
            return ()
        parts = parts_of(question.text)
        found = self._search(edition, parts, priors) if parts else ()
        told = [Matter(part, one) for part, one in zip(parts, found, strict=True)]
        return matters_of(question.text, whole, told, edition.library.by_id)

    def _whole(self, edition: _Edition, question: Question, priors: Scores) -> Found:
        """What is found for the whole message, in a conversation for what it follows up and for it alone."""
        texts = (question.about, question.text) if question.follows_up else (question.about,)
        evidence, *latest = self._evidence(edition, texts)
        return rank(evidence, edition.layout, priors, self._tuning, *latest)

    def _search(self, edition: _Edition, texts: Sequence[str], priors: Scores) -> list[Found]:
        """What is found for each text."""
        return [rank(one, edition.layout, priors, self._tuning) for one in self._evidence(edition, texts)]

    def _evidence(self, edition: _Edition, texts: Sequence[str]) -> Iterator[Evidence]:
        for vector, text in zip(self._encoder.encode(texts), texts, strict=True):
            yield edition.evidence(vector, text)

    def _composed(
        self,
        edition: _Edition,
        so_far: Answers,
        matches: Sequence[Match],
        stacks: Sequence[str],
        statements: tuple[str, ...] = (),
    ) -> Answers:
        answers = [
            _answer_for(edition.library.by_id[match.entry], match, so_far.phase, stacks, edition.titles)
            for match in matches[:MOST_ANSWERS]
        ]
        return replace(so_far, answers=tuple(answers), statements=statements)

    def _read_shelf(self) -> _Shelf:
        library = load_library(*self._folders)
        words = Words()
        return _Shelf(library, SymptomReader(library, words), Recogniser(library, words))

    def _read(self, shelf: _Shelf) -> _Edition:
        library, off_topic = shelf.library, dict(load_off_topic(*self._folders))
        ours, decoys = passages_of_all(library), passages_of_groups(off_topic.values())
        passages = (*ours, *decoys)
        index = open_index(self._index_folder, passages, self._encoder)
        layout = Layout(passages)
        return _Edition(
            shelf=shelf,
            off_topic=off_topic,
            index=index,
            likeness=Likeness(passages, {entry.id for entry in library.of_kind(Kind.SYMPTOM)}),
            layout=layout,
            documents=Lexicon.build(layout.documents(), index.words),
            centres=layout.centres(index.vectors()),
            spelling=Spelling((p.text for p in ours), (p.text for p in decoys), self._encoder.words),
            fingerprint=fingerprint_of(self._encoder.name, passages),
            titles={entry.id: entry.title for entry in library},
        )


def _answer_for(
    entry: Entry, match: Match, phase: Phase | None, stacks: Sequence[str], titles: Mapping[str, str]
) -> Answer:
    """What an entry says, with the step that speaks of what was asked, if it has one for these stacks."""
    return compose(entry, match.score, phase, stacks, titles, [entry.every_step[number] for number in match.steps])


def hedged(answers: Answers, tuning: Tuning) -> Answers:
    """With the second entry's advice under the first where the two fit about equally well."""
    best, *others = answers.answers
    if not others or best.score - others[0].score > tuning.near_tie:
        return answers
    return replace(answers, answers=(with_alternative(best, others[0], answers.phase), *others))


def _plan(library: Library, phase: Phase) -> tuple[Entry, ...]:
    entry = library.get(phase)
    return tuple(library.by_id[name] for name in entry.plan if name in library.by_id) if entry else ()


def _planned(library: Library, phase: Phase | None) -> list[Entry]:
    """The phase's entry and the first of its fixes; without a phase all five phases."""
    if phase is None:
        return list(library.of_kind(Kind.PHASE))
    entry = library.get(phase)
    return [entry, *_plan(library, phase)] if entry else []


def _abstained(edition: _Edition, so_far: Answers, found: Found, off_topic: bool) -> Answers:
    group = edition.off_topic.get(found.group or "") if off_topic else None
    topics = tuple(edition.library.by_id[match.entry] for match in found.matches[:MOST_TOPICS])
    return replace(
        so_far,
        topics=topics,
        declined=group.group if group else None,
        reply=group.reply if group else None,
    )
