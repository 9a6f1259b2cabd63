"""Which questions a person gets this time: pure; the guidance, the past and the people come in as arguments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.checkins.answers import PRACTICE, SYMPTOM, YES_NO, Choice, Question
from knowledge.answer import fits
from knowledge.model import Entry, Kind, Phase

MOST = 8
#: So many open symptoms are asked of everyone; further ones are shared out, so that the rest still gets its turn.
OPEN_FOR_ALL = 4
ROUNDS_OF_A_MONTH = 4
PRACTICE_HOLDS = timedelta(weeks=13)
SYMPTOM_MATTERS, PRACTICE_MATTERS = 10, 1


@dataclass(frozen=True)
class Past:
    """What is known before asking.

    Attributes:
        open: symptoms the team has, worst first.
        answered: question id → when somebody answered it last.
        settled: practices that were answered with yes, and when.
    """

    open: Sequence[str] = ()
    answered: Mapping[str, date] = field(default_factory=dict)
    settled: Mapping[str, date] = field(default_factory=dict)


def pool(
    entries: Iterable[Entry], phase: Phase | None, stacks: Sequence[str], own: Sequence[Question] = ()
) -> list[Question]:
    """Every question that applies to a team, what matters most first."""
    known = list(entries)
    planned = {name for entry in known if entry.kind is Kind.PHASE and phase in (None, entry.id) for name in entry.plan}
    ours = {
        question.id: question
        for question in map(question_of, (e for e in known if _applies(e, phase, stacks, planned)))
    }
    return sorted({**ours, **{question.id: question for question in own}}.values(), key=lambda asked: -asked.matters)


def question_of(entry: Entry) -> Question:
    """What an entry asks."""
    if entry.check_in is not None:
        asked, matters = entry.check_in, SYMPTOM_MATTERS + (entry.severity or 1)
        return Question(
            f"{SYMPTOM}:{entry.id}", asked.question, follow_up=asked.follow_up, unit=asked.unit, matters=matters
        )
    assert entry.practice is not None
    matters = PRACTICE_MATTERS + entry.practice.weight
    return Question(f"{PRACTICE}:{entry.id}", entry.practice.question, choices=YES_NO, matters=matters)


def _applies(entry: Entry, phase: Phase | None, stacks: Sequence[str], planned: set[str]) -> bool:
    asks = entry.check_in is not None or (entry.practice is not None and entry.id in planned)
    in_phase = phase is None or (phase in entry.phases and not entry.too_early(phase))
    return asks and in_phase and _fits_stacks(entry, stacks)


def _fits_stacks(entry: Entry, stacks: Sequence[str]) -> bool:
    """Whether anything the entry advises can be done with the team's technology."""
    steps = [*entry.steps("First checks"), *entry.steps("How")]
    return not steps or any(fits(step.stacks, stacks) for step in steps)


def deal(
    questions: Sequence[Question], past: Past, people: Sequence[str], today: date, *, together: bool
) -> dict[str, tuple[Question, ...]]:
    """The questions of each person, at most eight.

    Open symptoms come first. The rest is shared out among the people, longest unanswered first, so that the team
    covers within a month what one person could not. `together`, everyone gets the same ones: anonymous answers are
    only shown where four people answered the same question.
    """
    by_id = {question.id: question for question in questions}
    opened = [by_id[key] for key in (f"{SYMPTOM}:{name}" for name in past.open) if key in by_id]
    common = opened[:OPEN_FOR_ALL]
    room = (MOST - len(common)) * (1 if together else max(1, len(people)))
    rest = _queue([question for question in questions if question not in common], opened, past, today, room)
    if together:
        return dict.fromkeys(people, (*common, *rest[:room]))
    return _shared_out(common, rest, _turned(people, today), MOST - len(common))


def _queue(
    questions: Sequence[Question], opened: Sequence[Question], past: Past, today: date, room: int
) -> list[Question]:
    """What is not asked of everyone, most urgent first.

    Open symptoms take half of the room at most. Of the others, those that matter most are in, as many as a month has
    room for; so each of them gets its turn within a month.
    """
    waiting = [question for question in questions if not _settled(question, past, today)]
    urgent = _longest_unheard([question for question in waiting if question in opened], past)[: room // 2]
    others = [question for question in waiting if question not in opened]
    fitting = others[: (room - len(urgent)) * ROUNDS_OF_A_MONTH]
    return [*urgent, *_longest_unheard(fitting, past)]


def _longest_unheard(questions: Sequence[Question], past: Past) -> list[Question]:
    return sorted(questions, key=lambda question: (past.answered.get(question.id, date.min), -question.matters))


def _settled(question: Question, past: Past, today: date) -> bool:
    said = past.settled.get(question.id)
    return said is not None and today - said < PRACTICE_HOLDS


def _shared_out(
    common: Sequence[Question], rest: Sequence[Question], people: Sequence[str], slots: int
) -> dict[str, tuple[Question, ...]]:
    hands: dict[str, list[Question]] = {person: list(common) for person in people}
    for place in range(min(slots, len(rest))):
        for number, person in enumerate(people):
            hands[person].append(_free(rest, place * len(people) + number, hands[person]))
    return {person: tuple(hand) for person, hand in hands.items()}


def _free(rest: Sequence[Question], start: int, hand: Sequence[Question]) -> Question:
    """The next question in turn that the person does not have yet."""
    turn = (rest[(start + step) % len(rest)] for step in range(len(rest)))
    return next(question for question in turn if question not in hand)


def _turned(people: Sequence[str], today: date) -> list[str]:
    """Another one begins each week: what somebody never answers comes to somebody else."""
    start = (today.toordinal() // 7) % len(people) if people else 0
    return [*people[start:], *people[:start]]


def settles(question_id: str, choice: Choice | None) -> bool:
    return question_id.startswith(f"{PRACTICE}:") and choice is Choice.YES
