"""What stands under the advice: the step for what was asked, and what to do if the entry is not the right one."""

from dataclasses import replace

import pytest

from knowledge.answer import SHORT_LIMIT, Answer, compose, with_alternative
from knowledge.base import GUIDANCE
from knowledge.library import load_library
from knowledge.model import Entry, Phase, Step

LIBRARY = load_library(GUIDANCE)
TITLES = {entry.id: entry.title for entry in LIBRARY}


def answer(entry_id: str, phase: Phase | None = None) -> Answer:
    return compose(LIBRARY.by_id[entry_id], 0.9, phase, (), TITLES)


def test_the_alternative_stands_below_and_is_cited() -> None:
    best, other = replace(answer("add-indexes"), short="Index it."), answer("connection-pooling")

    both = with_alternative(best, other, None)

    assert both.short.startswith("Index it.\nIf that is not it: ")
    assert other.entry.first.text.startswith(both.short.removeprefix("Index it.\nIf that is not it: "))
    assert set(other.entry.first.citations) <= set(both.short_sources)


def pointed(entry: Entry, phase: Phase | None, *steps: Step, stacks: tuple[str, ...] = ()) -> Answer:
    return compose(entry, 0.9, phase, stacks, TITLES, steps)


def test_a_step_stands_under_the_advice_and_is_cited() -> None:
    best = answer("add-indexes")
    step = next(step for step in best.entry.every_step if set(step.citations) - set(best.short_sources))
    step = replace(step, text="Read the plan.")

    shown = pointed(best.entry, None, step)

    advice, *rest = best.short.splitlines()
    assert shown.short.splitlines() == [advice, "In your case: Read the plan.", *rest]
    assert set(step.citations) <= set(shown.short_sources)


def test_a_step_takes_the_room_of_a_general_reason_then_of_what_not_to_do_yet() -> None:
    entry, phase = LIBRARY.by_id["add-indexes"], Phase.P1K_10K
    first, reason, not_yet = answer(entry.id).short.splitlines()
    sized = answer(entry.id, phase).short.splitlines()[1]
    assert (reason, not_yet[:9], sized) == (entry.why.text, "Not yet: ", entry.by_phase[phase].text)

    def lines(phase: Phase | None, beside: str) -> list[str]:
        room = SHORT_LIMIT - len(f"{first}\nIn your case: \n{beside}")
        step = replace(entry.every_step[0], text="s" * room)
        shown = pointed(entry, phase, step)
        assert len(shown.short) == SHORT_LIMIT
        return [line for line in shown.short.splitlines() if not line.startswith("In your case: ")]

    assert lines(None, f"{reason}\n{not_yet}") == [first, reason, not_yet]
    assert lines(None, not_yet) == [first, not_yet]
    assert lines(phase, sized) == [first, sized]
    alone = Step("s" * (SHORT_LIMIT - len(f"{first}\nIn your case: ")))
    assert pointed(entry, None, alone).short_sources == entry.first.citations


@pytest.mark.parametrize("phase", list(Phase))
def test_a_phase_keeps_the_room_for_its_plan(phase: Phase) -> None:
    entry = LIBRARY.by_id[phase]

    assert pointed(entry, None, Step("Short.")) == pointed(entry, None)
    assert "\nIn this order: 1) " in pointed(entry, phase, Step("Short.")).short


def test_the_first_step_for_which_there_is_room_is_taken() -> None:
    best = answer("add-indexes")
    first = best.short.splitlines()[0]
    room = SHORT_LIMIT - len(f"{first}\nIn your case: ")
    fits, long = (
        replace(best.entry.every_step[0], text=letter * size) for letter, size in (("s", room), ("l", room + 1))
    )

    assert pointed(best.entry, None, long, fits).short == f"{first}\nIn your case: {fits.text}"
    assert pointed(best.entry, None, long) == pointed(best.entry, None) == best


def test_a_step_names_no_database_that_the_team_does_not_run() -> None:
    best = answer("add-indexes")
    step = replace(
        best.entry.every_step[0], text="List slow queries (`pg_stat_statements`, MySQL slow log).", stacks=()
    )

    shown = pointed(best.entry, None, replace(step, stacks=("postgres",)), step, stacks=("mysql",)).short
    assert "\nIn your case: List slow queries (MySQL slow log).\n" in shown


def test_what_does_not_fit_is_named_by_its_title_or_left_out() -> None:
    best, other = answer("add-indexes"), answer("connection-pooling")
    room = len(f"\nIf that is not it: {other.entry.title}")

    named = with_alternative(replace(best, short="x" * (SHORT_LIMIT - room)), other, None)
    alone = with_alternative(replace(best, short="x" * (SHORT_LIMIT - room + 1)), other, None)

    assert named.short.endswith(other.entry.title)
    assert alone.short == "x" * (SHORT_LIMIT - room + 1)


@pytest.mark.parametrize(("phase", "said"), [(Phase.P0_100, False), (Phase.P100K_UP, True)])
def test_what_is_too_early_is_no_alternative(phase: Phase, said: bool) -> None:
    best = replace(answer("add-indexes", phase), short="Index it.")

    assert ("If that is not it" in with_alternative(best, answer("read-replicas", phase), phase).short) is said
