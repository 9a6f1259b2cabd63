"""What stands under the advice: the step for what was asked, and what to do if the entry is not the right one."""

from dataclasses import replace

import pytest

from knowledge.answer import SHORT_LIMIT, Answer, compose, to_the_point, with_alternative
from knowledge.base import GUIDANCE
from knowledge.library import load_library
from knowledge.model import Phase

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


def test_a_step_stands_under_the_advice_and_is_cited() -> None:
    best = answer("add-indexes")
    step = next(step for step in best.entry.every_step if set(step.citations) - set(best.short_sources))

    pointed = to_the_point(best, [step])

    advice, *rest = best.short.splitlines()
    assert pointed.short.splitlines() == [advice, f"In your case: {step.text}", *rest]
    assert set(step.citations) <= set(pointed.short_sources)


def test_the_first_step_for_which_there_is_room_is_taken() -> None:
    best = answer("add-indexes")
    short, long = (replace(best.entry.every_step[0], text=letter * size) for letter, size in (("s", 50), ("l", 51)))
    room = len("\nIn your case: ") + 50

    tight = replace(best, short="x" * (SHORT_LIMIT - room))
    assert to_the_point(tight, [long, short]).short == f"{tight.short}\nIn your case: {short.text}"
    assert to_the_point(tight, [long]) == tight
    assert to_the_point(tight, []) == tight


def test_a_step_names_no_database_that_the_team_does_not_run() -> None:
    best = replace(answer("add-indexes"), short="Index it.")
    step = replace(
        best.entry.every_step[0], text="List slow queries (`pg_stat_statements`, MySQL slow log).", stacks=()
    )

    shown = to_the_point(best, [replace(step, stacks=("postgres",)), step], ["mysql"]).short
    assert shown == "Index it.\nIn your case: List slow queries (MySQL slow log)."


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
