"""Which questions people get: at most eight, open symptoms always, everything that matters within a month."""

from datetime import date, timedelta

import pytest

from bot.checkins.answers import SCALE, YES_NO, Choice, Question
from bot.checkins.questions import MOST, Past, deal, pool
from knowledge.model import Phase
from tests.checkins.world import guidance

MONDAY = date(2026, 11, 16)


def questions(number: int, kind: str = "symptom") -> list[Question]:
    return [Question(f"{kind}:{n}", f"{n}?", matters=number - n) for n in range(number)]


def ids(hand: tuple[Question, ...]) -> list[str]:
    return [question.id for question in hand]


@pytest.mark.parametrize("phase", list(Phase))
def test_the_phase_decides_which_symptoms_and_practices_apply(phase: Phase) -> None:
    library = guidance().library
    found = pool(library, phase, ["postgres", "rails"])

    assert found
    for question in found:
        entry = library.by_id[question.about]
        assert phase in entry.phases
        assert not entry.too_early(phase)
    planned = {name for entry in library if entry.id == phase for name in entry.plan}
    assert {question.about for question in found if question.kind == "practice"} <= planned


def test_guidance_says_what_is_asked() -> None:
    found = {question.id: question for question in pool(guidance().library, Phase.P1K_10K, [])}

    slow = found["symptom:slow-queries"]
    assert slow.choices == SCALE
    assert slow.unit == "seconds for the slowest query"
    practice = next(question for question in found.values() if question.kind == "practice")
    assert practice.choices == YES_NO


def test_a_question_of_ones_own_replaces_ours() -> None:
    own = Question("symptom:slow-queries", "Was the warehouse slow?", matters=20)

    found = [question for question in pool(guidance().library, Phase.P1K_10K, [], [own]) if question.id == own.id]

    assert found == [own]


def test_nobody_gets_more_than_eight_and_nobody_the_same_twice() -> None:
    hands = deal(questions(30), Past(open=[str(n) for n in range(6)]), ["a", "b", "c"], MONDAY, together=False)

    for hand in hands.values():
        assert len(hand) == len(set(ids(hand))) == MOST


def test_open_symptoms_are_asked_of_everybody_and_further_ones_first() -> None:
    hands = deal(questions(30), Past(open=[str(n) for n in (20, 21, 22, 23, 24)]), ["a", "b"], MONDAY, together=False)

    for hand in hands.values():
        assert ids(hand)[:4] == ["symptom:20", "symptom:21", "symptom:22", "symptom:23"]
    assert "symptom:24" in {name for hand in hands.values() for name in ids(hand)}


@pytest.mark.parametrize("people", [1, 2, 3, 8])
@pytest.mark.parametrize("opened", [0, 4, 10])
@pytest.mark.parametrize("together", [False, True])
def test_everything_that_matters_is_covered_within_a_month(people: int, opened: int, together: bool) -> None:
    team = [f"U{n}" for n in range(people)]
    everything = questions(40)
    answered: dict[str, date] = {}
    for week in range(4):
        today = MONDAY + timedelta(weeks=week)
        past = Past([str(n) for n in range(opened)], answered)
        for hand in deal(everything, past, team, today, together=together).values():
            answered.update(dict.fromkeys(ids(hand), today))

    assert {question.id for question in everything[:opened]} <= set(answered)
    room = (MOST - min(opened, 4)) * (1 if together else people)
    others = room - min(opened - min(opened, 4), room // 2)
    assert {question.id for question in everything[opened:][: others * 4]} <= set(answered)


def test_what_somebody_never_answers_comes_to_somebody_else() -> None:
    team, everything = ["silent", "b", "c"], questions(24)
    answered: dict[str, date] = {}
    for week in range(5):
        today = MONDAY + timedelta(weeks=week)
        hands = deal(everything, Past(answered=answered), team, today, together=False)
        for person in ("b", "c"):
            answered.update(dict.fromkeys(ids(hands[person]), today))

    assert {question.id for question in everything} == set(answered)


def test_practices_that_are_settled_rest_for_a_quarter() -> None:
    practice = [Question("practice:ci", "CI?", YES_NO)]
    past = Past(settled={"practice:ci": MONDAY - timedelta(weeks=5)})

    assert deal(practice, past, ["a"], MONDAY, together=False) == {"a": ()}
    assert ids(deal(practice, past, ["a"], MONDAY + timedelta(weeks=9), together=False)["a"]) == ["practice:ci"]


def test_anonymous_check_ins_ask_everybody_the_same() -> None:
    hands = deal(questions(30), Past(), ["a", "b", "c", "d"], MONDAY, together=True)

    assert len(set(hands.values())) == 1
    assert Choice.NO in hands["a"][0].choices
