"""An answer shows the commands of the team's own stack."""

import re

import pytest

from knowledge.answer import compose, without_rivals
from knowledge.base import GUIDANCE
from knowledge.library import load_library
from knowledge.model import Library, Phase

LISTED = "List the slowest queries (`pg_stat_statements`, MySQL slow query log, MongoDB profiler), then index."


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(GUIDANCE)


@pytest.mark.parametrize(
    ("stacks", "text"),
    [
        ((), LISTED),
        (("redis", "rails"), LISTED),
        (("mysql",), "List the slowest queries (MySQL slow query log), then index."),
        (("postgres", "redis"), "List the slowest queries (`pg_stat_statements`), then index."),
        (("mysql", "mongodb"), "List the slowest queries (MySQL slow query log, MongoDB profiler), then index."),
    ],
)
def test_lists_in_brackets_keep_what_helps_the_team(stacks: tuple[str, ...], text: str) -> None:
    assert without_rivals(LISTED, stacks) == text


def test_brackets_that_only_help_others_go_with_their_space() -> None:
    assert without_rivals("Read the plan (`pg_stat_statements`) first (today).", ["mysql"]) == (
        "Read the plan first (today)."
    )


def test_a_mysql_team_sees_no_pg_stat_statements_anywhere(library: Library) -> None:
    titles = {entry.id: entry.title for entry in library}
    shown = {entry.id: compose(entry, 1.0, Phase.P1K_10K, ["mysql", "redis"], titles) for entry in library}

    text = {id: re.sub(r"\*\*Sources\*\*.*", "", answer.text, flags=re.S) for id, answer in shown.items()}
    assert [id for id, answer in shown.items() if "pg_stat_statements" in answer.short + text[id]] == []
