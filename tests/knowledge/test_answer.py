"""What an entry says: short enough, fit for the phase and the stack, with sources that can be looked up."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.answer import SHORT_LIMIT, cite, compose, fits, short_of
from knowledge.base import GUIDANCE
from knowledge.library import load_library
from knowledge.model import Citation, Cited, Entry, Kind, Library, Phase, Source
from tests.knowledge.pages import write

PHASES = [None, *Phase]
LIST = re.compile(r"^\d+\. ", re.MULTILINE)


@pytest.fixture(scope="module")
def shipped() -> Library:
    return load_library(GUIDANCE)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return load_library(write(tmp_path_factory.mktemp("guidance")))


def whole(entry: Entry, *stacks: str, phase: Phase | None = None) -> str:
    return compose(entry, 1.0, phase, stacks, {"add-indexes": "Index the slow queries first"}).text


@pytest.mark.parametrize("phase", PHASES)
def test_what_every_entry_says_first_is_short_and_not_cut(shipped: Library, phase: Phase | None) -> None:
    titles = {entry.id: entry.title for entry in shipped}
    shorts = {entry.id: (entry.kind, short_of(entry, phase, titles)) for entry in shipped}

    assert [name for name, (_, short) in shorts.items() if not 40 <= len(short) <= SHORT_LIMIT] == []
    assert [name for name, (kind, short) in shorts.items() if short.endswith("…") and kind is not Kind.PHASE] == []


@pytest.mark.parametrize("phase", PHASES)
def test_every_answer_cites_what_it_numbers(shipped: Library, phase: Phase | None) -> None:
    for entry in shipped:
        answer = compose(entry, 1.0, phase, (), {})
        text, listed = answer.text.split("**Sources**\n")
        said = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
        numbers = [int(number) for number in re.findall(r" \[(\d+)\]", said)]
        first_seen = list(dict.fromkeys(numbers))

        assert first_seen == list(range(1, len(answer.sources) + 1)), entry.id
        assert listed.splitlines() == [f"{n}. {cite(source)}" for n, source in enumerate(answer.sources, 1)]
        assert set(answer.short_sources) <= set(answer.sources), entry.id
        assert answer.short_sources, entry.id


def test_the_advice_is_first_why_and_not_yet(small: Library) -> None:
    assert short_of(small.by_id["slow-queries"], None) == (
        "Find the slowest query and read its plan.\n"
        "One query is usually behind most of it.\n"
        "Not yet: No bigger server until p95 passes 2 s with indexes."
    )


@pytest.mark.parametrize(
    ("phase", "short"),
    [
        (
            Phase.P0_100,
            "Not yet at up to 100 users. Keep one repository and one deploy.\nNo.\n"
            "Stay together until deploys wait for other teams twice a week.",
        ),
        (
            Phase.P1K_10K,
            "Not yet at 1,000 to 10,000 users. Keep one repository and one deploy.\nNo, but write modules.\n"
            "Stay together until deploys wait for other teams twice a week.",
        ),
        (
            Phase.P10K_100K,
            "Draw module boundaries inside the monolith.\nOne service, if it scales apart.\n"
            "Not yet: Stay together until deploys wait for other teams twice a week.",
        ),
        (
            None,
            "Draw module boundaries inside the monolith.\nBoundaries cost little, networks much.\n"
            "Not yet: Stay together until deploys wait for other teams twice a week.",
        ),
    ],
)
def test_below_not_before_the_answer_is_not_yet(small: Library, phase: Phase | None, short: str) -> None:
    assert short_of(small.by_id["split-the-monolith"], phase) == short


@pytest.mark.parametrize("phase", list(Phase))
def test_every_shipped_entry_says_not_yet_exactly_below_not_before(shipped: Library, phase: Phase) -> None:
    early = {entry.id for entry in shipped if entry.not_before is not None and phase < entry.not_before}

    assert {e.id for e in shipped if short_of(e, phase).startswith(f"Not yet at {phase.range}. ")} == early
    assert bool(early) == (phase is not Phase.P100K_UP)


def test_too_early_the_whole_answer_still_tells_how_when_it_is_time(small: Library) -> None:
    text = whole(small.by_id["add-indexes"], phase=Phase.P0_100)

    assert text.splitlines()[:7] == [
        "**Index the slow queries first**",
        "",
        "Not yet at up to 100 users. Look at the one slow page. [1]",
        "",
        "Nothing should need tuning yet. [1]",
        "",
        "No replicas until the worst query is indexed. [1]",
    ]
    assert "When it is time: List the ten slowest queries and index what they filter on. [1]" in text


def test_a_whole_answer_reads_from_advice_to_sources(small: Library) -> None:
    assert whole(small.by_id["add-indexes"], "postgres") == (
        "**Index the slow queries first**\n\n"
        "List the ten slowest queries and index what they filter on. [1]\n\n"
        "Missing indexes are the cheapest repair. [1]\n\n"
        "Not yet: No replicas until the worst query is indexed. [1]\n\n"
        "**Why**\nA scan reads every row. [1]\n\n"
        "**How**\n1. Rank queries by time. [1]\n```sql\nSELECT 1;\n```\n2. Read the plan of the worst one. [2]\n\n"
        "**How to see it worked**\n- The page answers in half the time. [1]\n\n"
        "**Not yet**\nReplicas can wait. [1] [2]\n\n"
        "**Sources**\n"
        "1. The Book, Ann Author, 2024-01-02, “Indexes”, https://example.com/book\n"
        "2. The Manual, The Makers, living document, “Using EXPLAIN”, https://example.com/explain"
    )


@pytest.mark.parametrize(
    ("stacks", "seen"),
    [
        ((), ["SELECT 1;", "SET GLOBAL slow_query_log = ON;"]),
        (("postgres",), ["SELECT 1;"]),
        (("mysql",), ["SET GLOBAL slow_query_log = ON;"]),
        (("mongodb",), []),
        (("rails", "redis"), ["SELECT 1;", "SET GLOBAL slow_query_log = ON;"]),
        (("postgres", "mysql"), ["SELECT 1;", "SET GLOBAL slow_query_log = ON;"]),
    ],
)
def test_a_team_sees_the_commands_of_its_stack(small: Library, stacks: tuple[str, ...], seen: list[str]) -> None:
    text = whole(small.by_id["add-indexes"], *stacks)

    assert re.findall(r"```sql\n(.*)\n```", text) == seen
    steps = LIST.findall(text.split("**Sources**")[0])
    assert steps == [f"{number}. " for number in range(1, len(seen) + 2)]


@pytest.mark.parametrize(
    ("named", "stacks", "fit"),
    [
        ((), ("mysql",), True),
        (("postgres",), (), True),
        (("postgres",), ("mysql",), False),
        (("postgres", "mysql"), ("mysql",), True),
        (("postgres",), ("rails",), True),
        (("rails",), ("django",), False),
        (("nginx",), ("haproxy",), True),
    ],
)
def test_only_rivals_rule_each_other_out(named: tuple[str, ...], stacks: tuple[str, ...], fit: bool) -> None:
    assert fits(named, stacks) is fit


def test_a_dangerous_command_says_before_it_what_it_loses_and_how_to_undo(small: Library) -> None:
    assert (
        "1. Stop the worst query. [1]\n"
        "⚠ This loses that session's work. Undo: none; run it again.\n"
        "```sql\nSELECT pg_terminate_backend(1);\n```"
    ) in whole(small.by_id["slow-queries"])


def test_every_dangerous_command_of_ours_is_marked(shipped: Library) -> None:
    dangers = 0
    for entry in shipped:
        text = whole(entry)
        commands = [command for section in entry.sections for block in section.blocks for command in block.commands]
        for command in commands:
            marked = f".\n```{command.language}\n{command.code}\n```" in text
            assert not command.danger or marked, entry.id
        wanted = sum(command.danger is not None for command in commands)
        assert text.count("⚠ This loses ") == wanted, entry.id
        dangers += wanted
    assert dangers > 20


DESTROYS = re.compile(
    r"\b(?:DROP\s+(?:TABLE|DATABASE|INDEX(?! CONCURRENTLY))|TRUNCATE\s+TABLE|DELETE\s+FROM"
    r"|FLUSHALL|FLUSHDB|KILL\s+\d|kill -9"
    r"|pg_terminate_backend\(|rm\s+-rf|kubectl\s+(?:delete|drain)|terraform\s+destroy|shutdown\s+(?:-h|now))",
    re.IGNORECASE,
)


def test_no_command_of_ours_destroys_anything_unmarked(shipped: Library) -> None:
    unmarked = [
        (entry.id, command.code)
        for entry in shipped
        for section in entry.sections
        for block in section.blocks
        for command in block.commands
        if command.danger is None and DESTROYS.search(command.code)
    ]

    assert unmarked == []


def test_a_phase_shows_its_plan_in_order(small: Library) -> None:
    titles = {"add-indexes": "Index the slow queries first"}
    answer = compose(small.by_id["1k-10k"], 1.0, Phase.P1K_10K, (), titles)

    assert answer.short.splitlines()[-1] == "In this order: 1) Index the slow queries first."
    assert "**In this order**\n1. Index the slow queries first" in answer.text


def test_what_is_too_long_is_cut_at_a_word(small: Library) -> None:
    entry = replace(small.by_id["measure-first"], first=Cited("word " * 200))

    assert short_of(entry, None).endswith("word word…")
    assert 690 < len(short_of(entry, None)) <= SHORT_LIMIT


@pytest.mark.parametrize(
    ("source_url", "url", "cited"),
    [
        (None, None, "A, B, 2024, “C”"),
        ("https://a.example", None, "A, B, 2024, “C”, https://a.example"),
        ("https://a.example", "https://c.example", "A, B, 2024, “C”, https://c.example"),
    ],
)
def test_a_citation_names_title_author_date_section_and_the_nearest_address(
    source_url: str | None, url: str | None, cited: str
) -> None:
    assert cite(Citation(Source("a", "A", "B", "2024", source_url), "C", url)) == cited


def test_every_citation_of_ours_can_be_looked_up(shipped: Library) -> None:
    for source in shipped.sources.values():
        assert source.title, source.id
        assert re.fullmatch(r"(\d{4}(-\d{2}){0,2}|living document|undated).*", source.date), source.id
    addresses = [c.url or c.source.url for entry in shipped for c in entry.citations]
    assert [url for url in addresses if url and not re.fullmatch(r"https://[^\s<>|]+", url)] == []


def test_all_sources_are_used(shipped: Library) -> None:
    used = {citation.source.id for entry in shipped for citation in entry.citations}

    assert sorted(set(shipped.sources) - used) == []


def test_answers_do_not_depend_on_where_they_are_read(small: Library, tmp_path: Path) -> None:
    again = load_library(write(tmp_path))

    assert [whole(entry) for entry in again] == [whole(entry) for entry in small]
