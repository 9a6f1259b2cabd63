from dataclasses import replace

import pytest

from bot.teams.model import Mark
from bot.teams.plan import Marked, as_json, difference, plan_for
from knowledge.base import GUIDANCE
from knowledge.library import load_library
from knowledge.model import Library, Phase


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(GUIDANCE)


def ids(items: object) -> list[str]:
    return [getattr(item, "entry", item).id for item in items]  # type: ignore[attr-defined]


@pytest.mark.parametrize("phase", list(Phase))
def test_each_phase_has_something_to_do_in_order_and_something_to_leave_alone(library: Library, phase: Phase) -> None:
    plan = plan_for(library, phase, {})

    assert ids(plan.do_now) == [name for name in library.by_id[phase].plan if name in library.by_id]
    assert len(plan.do_now) >= 3
    assert all(left.trigger.strip() for left in plan.leave_alone)
    assert bool(plan.preview) == (phase is not Phase.P100K_UP)


def test_marks_move_items_out_of_what_is_to_do(library: Library) -> None:
    first, second, third, *rest = ids(plan_for(library, Phase.P1K_10K, {}).do_now)

    plan = plan_for(
        library,
        Phase.P1K_10K,
        {
            first: Marked(Mark.DONE),
            second: Marked(Mark.IN_HAND),
            third: Marked(Mark.NOT_FOR_US, "we have no uploads"),
            "no-such-entry": Marked(Mark.DONE),
        },
    )

    assert (ids(plan.done), ids(plan.in_hand), ids(plan.not_for_us)) == ([first], [second], [third])
    assert ids(plan.do_now) == rest
    assert plan.not_for_us[0].marked == Marked(Mark.NOT_FOR_US, "we have no uploads")


def test_a_change_names_what_becomes_due_and_what_becomes_allowed(library: Library) -> None:
    change = difference(library, Phase.P100_1K, Phase.P1K_10K)

    before, after = library.by_id["100-1k"], library.by_id["1k-10k"]
    assert ids(change.due) == [name for name in after.plan if name not in before.plan and name in library.by_id]
    assert set(ids(change.allowed)) <= set(before.leave_alone) - set(after.leave_alone)
    assert not any(entry.too_early(Phase.P1K_10K) for entry in change.allowed)


def test_the_first_phase_makes_its_whole_plan_due_and_allows_nothing_new(library: Library) -> None:
    change = difference(library, None, Phase.P100_1K)

    assert (ids(change.due), change.allowed) == (ids(plan_for(library, Phase.P100_1K, {}).do_now), ())


def test_entries_that_a_team_removed_from_its_guidance_are_left_out(library: Library) -> None:
    first = library.by_id["1k-10k"].plan[0]
    without = replace(library, by_id={name: entry for name, entry in library.by_id.items() if name != first})

    assert first not in ids(plan_for(without, Phase.P1K_10K, {}).do_now)


def test_programs_get_ids_titles_and_what_to_do_first(library: Library) -> None:
    plan = as_json(plan_for(library, Phase.P1K_10K, {}))

    assert list(plan) == ["do_now", "in_hand", "leave_alone", "next_phase", "preview"]
    assert plan["next_phase"] == "10k-100k"
    first = plan["do_now"][0]  # type: ignore[index]
    assert (first["entry"], first["title"]) == ("stateless-app", library.by_id["stateless-app"].title)
