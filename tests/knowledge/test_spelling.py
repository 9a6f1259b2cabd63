"""Slips of the finger are corrected to the words of the guidance; everything else stays as it was typed."""

import pytest

from knowledge.spelling import Spelling

COMMON = ["the disk is full of migration logs"] * 3
SPELLING = Spelling([*COMMON, "a disc nobody else names"], ["good fulll morning, dusk"], {"migratios"})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("migratoin", "migration"),
        ("migratio", "migration"),
        ("migrattion", "migration"),
        ("migretion", "migration"),
        ("our migratoin, again?", "our migration, again?"),
    ],
)
def test_one_slip_is_corrected(typed: str, meant: str) -> None:
    assert SPELLING.corrected(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "migrate",  # two slips away
        "dsk",  # too short to tell
        "fulll",  # a word of small talk
        "migratios",  # a word that the model knows
        "Migratoin",  # a name
        "migratoin.rb",
        "db/migratoin",
        "migratoin_2024",
        "#migratoin",
        "fix@migratoin",
        "Ünïcödé 移行",
        "",
    ],
)
def test_other_words_names_and_paths_stay(typed: str) -> None:
    assert SPELLING.corrected(typed) == typed


def test_of_several_near_words_the_commoner_is_meant() -> None:
    spelling = Spelling(
        ["cached pages", "cached pages", "cached pages", "caches pages", "caches", "caches", "caches"], [], ()
    )

    assert spelling.corrected("cachex") == "caches"


def test_rare_words_are_known_but_nothing_is_corrected_to_them() -> None:
    spelling = Spelling(["kubernetes", *["postgres"] * 3], [], ())

    assert spelling.corrected("kubernetes kubernetse postgers") == "kubernetes kubernetse postgres"
