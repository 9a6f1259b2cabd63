"""Which messages are about several matters, what each is about, and which is the worst."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.library import load_library
from knowledge.model import Entry, Kind, Library
from knowledge.search import Found, Match
from knowledge.several import Matter, matters_of, merged, of_one, parts_of, severity
from tests.knowledge.pages import write

PLAIN, COUNTED, LISTED = "this. that. with a story", "this and also that, with a story", "1. this 2. that, with a story"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return load_library(write(tmp_path))


@pytest.fixture
def entries(library: Library) -> Mapping[str, Entry]:
    return library.by_id


def found(certainty: float, *names: str) -> Found:
    return Found(tuple(Match(name, 1 - n / 100, meaning=0.5) for n, name in enumerate(names)), certainty, None, 0.0)


def matter(certainty: float, *names: str) -> Matter:
    return Matter(f"about {names[0]}", found(certainty, *names))


def statements(matters: tuple[Matter, ...]) -> list[str]:
    return [matter.statement.removeprefix("about ") for matter in matters]


WHOLE = ("slow-queries", "add-indexes", "split-the-monolith")


@pytest.mark.parametrize(
    ("text", "certainty", "one"),
    [(PLAIN, 0.85, True), (PLAIN, 0.84, False), (COUNTED, 0.85, False), (LISTED, 1.2, False)],
)
def test_a_message_that_is_clear_as_a_whole_is_about_one_matter_unless_it_counts_up(
    text: str, certainty: float, one: bool
) -> None:
    assert of_one(text, found(certainty, *WHOLE)) is one


def test_a_short_message_has_no_parts() -> None:
    assert parts_of("slow, also flaky, also late") == ()


def test_a_message_of_one_part_has_none_of_its_own() -> None:
    assert parts_of("the page that lists all the invoices of one customer is slow") == ()


def test_the_numbers_of_a_list_on_one_line_part_its_items() -> None:
    parts = parts_of("here: 1. the db is slow 2) ci is red again, twice 3. mails are late")

    assert parts == ("the db is slow", "ci is red again", "mails are late")


def test_an_aside_of_three_words_counts_only_where_things_are_counted_up() -> None:
    assert parts_of("deploys keep failing. the search page is slow since monday") == ()
    assert len(parts_of("deploys keep failing. also the search page is slow since monday")) == 2


def test_what_is_well_is_no_part_but_what_is_missing_is() -> None:
    text = "deploys are fine now, but the search page is slow since monday, there are no backups at all"

    assert parts_of(text) == ("the search page is slow since monday", "there are no backups at all")


@pytest.mark.parametrize(
    "said",
    ["we get too many connections", "it takes a second or two", "spread over several servers", "as well as redis"],
)
def test_words_that_often_count_nothing_up_do_not(entries: Mapping[str, Entry], said: str) -> None:
    told = [matter(0.7, "slow-queries"), matter(0.7, "split-the-monolith")]

    assert matters_of(f"the page is slow. {said}", found(0.6, *WHOLE), told, entries) == ()


def test_four_matters_are_told_at_most_the_surest(entries: Mapping[str, Entry]) -> None:
    names = [name for name, entry in entries.items() if entry.kind is not Kind.PHASE]
    told = [matter(0.9 - n / 20, name) for n, name in enumerate(names)]

    assert len(names) == 5
    assert set(statements(matters_of(LISTED, found(0.2, *names), told, entries))) == set(names[:4])


def test_a_pasted_page_has_twelve_parts_at_most() -> None:
    assert len(parts_of(" ".join(f"the database number {n} is slow." for n in range(40)))) == 12


@pytest.mark.parametrize(
    ("text", "sure", "kept"),
    [
        (PLAIN, 0.8, 2),
        (PLAIN, 0.7, 0),
        (COUNTED, 0.7, 2),
        (LISTED, 0.7, 2),
        (LISTED, 0.5, 0),
    ],
)
def test_parts_clearer_than_the_whole_are_matters_of_their_own(
    entries: Mapping[str, Entry], text: str, sure: float, kept: int
) -> None:
    told = [matter(sure, "slow-queries"), matter(sure, "split-the-monolith")]

    assert len(matters_of(text, found(0.6, *WHOLE), told, entries)) == kept


def test_what_a_whole_message_is_not_near_to_was_only_mentioned(entries: Mapping[str, Entry]) -> None:
    told = [matter(0.9, "slow-queries"), matter(0.9, "split-the-monolith")]

    assert matters_of(LISTED, found(0.2, "slow-queries", "add-indexes"), told, entries) == ()


def test_an_unsure_part_is_no_matter(entries: Mapping[str, Entry]) -> None:
    told = [matter(0.9, "slow-queries"), matter(0.3, "split-the-monolith")]

    assert matters_of(LISTED, found(0.2, *WHOLE), told, entries) == ()


def test_a_number_of_users_is_no_matter(library: Library, entries: Mapping[str, Entry]) -> None:
    phase = library.of_kind(Kind.PHASE)[0].id

    assert (
        matters_of(LISTED, found(0.2, phase, *WHOLE), [matter(0.9, "split-the-monolith"), matter(0.9, phase)], entries)
        == ()
    )


def test_two_parts_about_neighbours_are_one_matter_the_clearer(entries: Mapping[str, Entry]) -> None:
    told = [matter(0.8, "slow-queries", "add-indexes"), matter(0.9, "add-indexes"), matter(0.7, "split-the-monolith")]

    assert sorted(statements(matters_of(LISTED, found(0.2, *WHOLE), told, entries))) == [
        "add-indexes",
        "split-the-monolith",
    ]


def test_the_worst_comes_first(entries: Mapping[str, Entry]) -> None:
    known = {
        **entries,
        "slow-queries": replace(entries["slow-queries"], severity=2),
        "split-the-monolith": replace(entries["split-the-monolith"], severity=5),
    }
    told = [matter(0.9, "slow-queries"), matter(0.8, "split-the-monolith")]

    assert statements(matters_of(LISTED, found(0.2, *WHOLE), told, known)) == ["split-the-monolith", "slow-queries"]


def test_a_fix_is_as_bad_as_the_worst_that_it_cures(entries: Mapping[str, Entry]) -> None:
    known = {
        "slow-queries": replace(entries["slow-queries"], severity=3),
        "split-the-monolith": replace(entries["split-the-monolith"], severity=5),
        "add-indexes": replace(entries["add-indexes"], symptoms=("slow-queries", "split-the-monolith")),
    }

    assert severity(known["add-indexes"], known) == 5
    assert severity(replace(known["add-indexes"], symptoms=()), known) == 0


def test_what_the_whole_message_brought_follows_the_matters_once() -> None:
    told = [matter(0.9, "split-the-monolith"), matter(0.8, "slow-queries")]

    names = [match.entry for match in merged(told, found(0.5, *WHOLE).matches)]
    assert names == ["split-the-monolith", "slow-queries", "add-indexes"]
