"""Which messages tell of several troubles, and which of those the whole message is about."""

import pytest

from knowledge.search import Found, Match
from knowledge.several import among, least_of, merged, rambling


def found(*entries: str) -> Found:
    return Found(tuple(Match(name, 1 - place / 100, 0.5) for place, name in enumerate(entries)), 1.0, None, 0.0)


def told(*entries: str) -> list[tuple[str, Match]]:
    return [(f"about {name}", Match(name, 0.5, 0.5)) for name in entries]


COUNTED, PLAIN, LISTED = "this and also that, with a story", "this, with a story", "1. this 2. that, with a story"
LIKELY = ("slow-queries", "failed-deploy", "queue-backlog", "n-plus-one", "add-indexes", "tech-debt", "outage")


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("the search is slow and also deploys keep failing", 2),
        ("1. the search is slow 2. deploys fail", 2),
        ("the search is slow. deploys keep failing. mails go out late", 3),
    ],
)
def test_without_a_word_that_counts_up_it_takes_three_troubles(text: str, least: int) -> None:
    assert least_of(text) == least


def test_a_short_message_never_rambles() -> None:
    assert rambling("slow, also flaky, also late") == ()


def test_troubles_that_the_whole_message_is_about_are_kept_in_their_order() -> None:
    assert among(told("failed-deploy", "slow-queries"), found(*LIKELY), COUNTED, 9) == told(
        "failed-deploy", "slow-queries"
    )


def test_a_trouble_mentioned_on_the_way_is_dropped() -> None:
    assert among(told("failed-deploy", "outage", "slow-queries"), found(*LIKELY), COUNTED, 9) == told(
        "failed-deploy", "slow-queries"
    )


def test_too_few_kept_means_that_the_message_has_one_subject() -> None:
    assert among(told("failed-deploy", "slow-queries", "outage"), found(*LIKELY), PLAIN, 9) == []


def test_a_message_of_nothing_but_troubles_keeps_them_all() -> None:
    troubles = told("failed-deploy", "outage", "slow-queries")

    assert among(troubles, found(*LIKELY), PLAIN, 3) == troubles


def test_a_numbered_list_keeps_all_its_troubles() -> None:
    troubles = told("failed-deploy", "outage", "slow-queries")

    assert among(troubles, found(*LIKELY), LISTED, 9) == troubles


def test_the_numbers_of_a_list_on_one_line_part_its_items() -> None:
    clauses = rambling("here: 1. the db is slow 2) ci is red, twice 3. mails are late")

    assert [clause.text for clause in clauses] == ["here:", "the db is slow", "ci is red", "twice", "mails are late"]


def test_what_the_whole_message_brought_follows_the_troubles_once() -> None:
    several = told("failed-deploy", "slow-queries")
    assert [match.entry for match in merged(several, found(*LIKELY).matches)[:4]] == [
        "failed-deploy",
        "slow-queries",
        "queue-backlog",
        "n-plus-one",
    ]
