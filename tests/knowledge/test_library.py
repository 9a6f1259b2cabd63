"""Every rule of docs/guidance.md: what breaks it is told with file, line and what to do; and ours break none."""

from pathlib import Path

import pytest

from knowledge.base import GUIDANCE
from knowledge.library import LibraryFaults, load_library, read_library
from knowledge.model import SYMPTOMS, Bullet, Danger, Kind, Library, Paragraph, Phase, Step
from tests.knowledge.pages import (
    DECISION,
    FIX,
    MISTAKE,
    PAGES,
    PRINCIPLE,
    asked,
    broken,
    write,
)

FIX_MD, SYMPTOM_MD, DECISION_MD = "fixes/add-indexes.md", "symptoms/slow-queries.md", "decisions/split-the-monolith.md"
MISTAKE_MD, PRINCIPLE_MD = "mistakes/resume-driven-design.md", "principles/measure-first.md"
PHASE_MD, SOURCES_YAML = "phases/1k-10k.md", "sources.yaml"
LONG = "x" * 400


@pytest.fixture(scope="module")
def shipped() -> Library:
    return load_library(GUIDANCE)


def faults_of(folder: Path) -> list[str]:
    return [str(fault) for fault in read_library(folder)[1]]


def test_the_small_guidance_has_no_faults(tmp_path: Path) -> None:
    library = load_library(write(tmp_path))

    assert [entry.id for entry in library] == [
        "1k-10k",
        "slow-queries",
        "add-indexes",
        "split-the-monolith",
        "resume-driven-design",
        "measure-first",
    ]


@pytest.mark.parametrize(
    ("page", "old", "new", "fault"),
    [
        (PRINCIPLE_MD, "title: Measure", "title: No: measure", ":4: not valid YAML: mapping values are not allowed"),
        (PRINCIPLE_MD, "[observability]", "[observability", ":6: not valid YAML: did not find expected ',' or ']'"),
        (PRINCIPLE_MD, "---\nid", "id", ":1: no front matter — begin the file with ---"),
        (PRINCIPLE_MD, PRINCIPLE, "", ":1: no front matter — begin the file with ---"),
        (PRINCIPLE_MD, PRINCIPLE, "---\n- a\n---\n", ":2: no fields here — write `field: value` lines"),
        (PRINCIPLE_MD, "title: M", "title: A\ntitle: M", ":5: `title` is given twice — keep one of the two"),
        (PRINCIPLE_MD, "before you", "# before", ":4: YAML drops the rest of this line — quote the value"),
        (PRINCIPLE_MD, "kind: principle\n", "", ":1: `kind` is missing — add one of: phase symptom fix decision"),
        (PRINCIPLE_MD, "kind: principle", "kind: advice", ":3: `advice` is no kind — use phase symptom fix decision"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, page: str, old: str, new: str, fault: str) -> None:
    [told] = faults_of(write(tmp_path, broken(page, old, new)))

    assert told.startswith(page + fault)


@pytest.mark.parametrize(
    ("page", "old", "new", "fault"),
    [
        (PRINCIPLE_MD, "title: Measure before you change\n", "", ":1: `title` is missing — every principle needs"),
        (SYMPTOM_MD, "severity: 3\n", "", ":1: `severity` is missing — every symptom needs `severity`"),
        (FIX_MD, "effort: hours\n", "", ":1: `effort` is missing — every fix needs `effort`"),
        (PRINCIPLE_MD, "title: M", "titel: M\ntitle: M", ":4: there is no field `titel` — see docs/guidance.md"),
        (PRINCIPLE_MD, "title: M", "severity: 3\ntitle: M", ":4: a principle has no field `severity` — take it out"),
        (PRINCIPLE_MD, "Measure before you change", '""', ":4: `title` is empty — write it as one line of text"),
        (PRINCIPLE_MD, "id: measure-first", "id: measure-it", ":2: id `measure-it` is not the file's name — call it"),
        (PRINCIPLE_MD, "[observability]", "[metrics]", ":5: `metrics` is no area — use one of: architecture data"),
        (
            PRINCIPLE_MD,
            "[observability]",
            "[data, team, product, security]",
            ":5: `areas` has 4 items — give it 1 to 3",
        ),
        (PRINCIPLE_MD, "phases: [0-100]", "phases: [0-50]", ":6: `0-50` is no phase — use one of: 0-100 100-1k"),
        (PRINCIPLE_MD, "phases: [0-100]", "phases: []", ":6: `phases` has 0 items — give it at least 1"),
        (MISTAKE_MD, "[tech-debt]", "[tech-debt, slow]", ":7: `slow` is no symptom — use one of: slow-queries"),
        (MISTAKE_MD, "[tech-debt]", "[]", ":7: a mistake without symptoms — name at least one symptom"),
        (FIX_MD, "not_before: 1k-10k", "not_before: 5k", ":7: `5k` is no phase — use one of: 0-100"),
        (FIX_MD, "phases: [1k", "phases: [100-1k, 1k", ":6: `phases` has 100-1k, before `not_before` — take those"),
        (FIX_MD, 'instead: "Look at the one slow page. [book]"\n', "", ":7: `not_before` without `instead` — say what"),
        (FIX_MD, '  0-100: "Nothing', '  tiny: "Nothing', ":25: `tiny` is no phase — use one of: 0-100"),
        (
            DECISION_MD,
            '  100-1k: "No, one deploy is enough. [book]"\n',
            "",
            ":25: `by_phase` lacks 100-1k — a decision",
        ),
        (FIX_MD, "effort: hours", "effort: hour", ":29: `hour` is no effort — use one of: hours days weeks months"),
        (FIX_MD, ", weight: 2", "", ":30: `practice` lacks `weight` — add `weight:`"),
        (FIX_MD, "weight: 2", "weight: 4", ":30: weight `4` — give a whole number from 1 to 3"),
        (FIX_MD, "weight: 2", "weight: 2, unit: x", ":30: `practice` has no `unit` — take it out"),
        (SYMPTOM_MD, "severity: 3", "severity: 6", ":25: severity `6` — give a whole number from 1 to 5"),
        (SYMPTOM_MD, "query sign 1\n", "it is slow every day\n", ":27: sign `it is slow every day` has more than four"),
        (SYMPTOM_MD, "query sign 1\n", "Query sign\n", ":27: sign `Query sign` is not lower case — write it"),
        (SYMPTOM_MD, "  - query sign 8\n", "", ":27: `signs` has 7 items — give it 8 to 150"),
        (SYMPTOM_MD, "\\d{4,}", "(\\d", ":36: `duration: (\\d` is no regular expression: missing ), unterminated"),
        (SYMPTOM_MD, "stack: postgres", "stack: oracle", ":36: `oracle` is no stack — use one of: postgres mysql"),
        (SYMPTOM_MD, ", means: a statement took over a second", "", ":36: `patterns` lacks `means` — add `means:`"),
        (SYMPTOM_MD, ", follow_up: How slow was the worst?", "", ":37: `check_in` lacks `follow_up` — add"),
        (SYMPTOM_MD, ", too many rows, stale statistics", "", ":38: `causes` has 2 items — give it 4 to 8"),
        (SYMPTOM_MD, "from: latency", "from: laziness", ":40: `laziness` is no symptom — use one of: slow-queries"),
    ],
)
def test_a_wrong_field_is_told(tmp_path: Path, page: str, old: str, new: str, fault: str) -> None:
    [told] = faults_of(write(tmp_path, broken(page, old, new)))

    assert told.startswith(page + fault)


@pytest.mark.parametrize(
    ("page", "old", "tail", "line", "what", "most"),
    [
        (PRINCIPLE_MD, "Measure before you change", "", 4, "`title`", 80),
        (PRINCIPLE_MD, "Measure the slowest page before touching it.", "", 21, "`first`", 280),
        (PRINCIPLE_MD, "Guesses are wrong.", "", 22, "`why`", 200),
        (DECISION_MD, "No, one deploy is enough.", "", 26, "`by_phase` 100-1k", 200),
        (DECISION_MD, "Keep one repository and one deploy.", "", 31, "`instead`", 200),
        (SYMPTOM_MD, "No bigger server until p95 passes 2 s with indexes.", "", 23, "`not_yet`", 180),
        (SYMPTOM_MD, "a statement took over a second", "", 36, "`patterns` means", 120),
        (SYMPTOM_MD, "Were queries slow this week?", "", 37, "`check_in` question", 150),
        (SYMPTOM_MD, "How slow was the worst?", "", 37, "`check_in` follow_up", 150),
        (SYMPTOM_MD, "stale statistics", "", 38, "a line of `causes`", 80),
        (SYMPTOM_MD, "Pages without queries are fast.", "", 40, "`tell_apart` look", 200),
        (FIX_MD, "Do you look at your slowest queries every week?", "", 30, "`practice` question", 150),
        (FIX_MD, "Read the plan of the worst one.", " or make two steps of it", 47, "this step", 300),
    ],
)
def test_lengths_are_those_of_the_text_without_markers(
    tmp_path: Path, page: str, old: str, tail: str, line: int, what: str, most: int
) -> None:
    assert faults_of(write(tmp_path, broken(page, old, LONG[:most]))) == []
    assert faults_of(write(tmp_path, broken(page, old, LONG[: most + 1]))) == [
        f"{page}:{line}: {what} has {most + 1} characters, {most} are allowed — shorten it{tail}"
    ]


@pytest.mark.parametrize(
    ("page", "old", "new", "fault"),
    [
        (PRINCIPLE_MD, "touching it. [book]", "touching it.", ":21: `first` does not end with its source — end it"),
        (PRINCIPLE_MD, "Guesses are wrong. [book]", "Guesses are wrong.", ":22: `why` does not end with its source"),
        (DECISION_MD, "No. [book]", "No.", ":25: `by_phase` 0-100 does not end with its source"),
        (SYMPTOM_MD, "with indexes. [book]", "with indexes.", ":23: `not_yet` does not end with its source"),
        (DECISION_MD, "one deploy. [book]", "one deploy.", ":31: `instead` does not end with its source"),
        (PRINCIPLE_MD, "Numbers first. [book]", "Numbers first.", ":27: a paragraph does not end with its source"),
        (
            PRINCIPLE_MD,
            "Numbers first. [book]",
            "Numbers [book] first.",
            ":27: a paragraph does not end with its source",
        ),
        (PRINCIPLE_MD, "One dashboard. [book]", "One dashboard.", ":30: a bullet does not end with its source"),
        (FIX_MD, "slow query log on. [book]", "slow query log on.", ":43: a step does not end with its source"),
        (PRINCIPLE_MD, "first. [book]", "first. [manual]", ":27: source [manual] is not listed in this file — list it"),
        (PRINCIPLE_MD, ", section: Measuring", "", ":24: a source without `section` — write {id: …, section: …}"),
        (
            PRINCIPLE_MD,
            "section: M",
            "page: 3, section: M",
            ":24: a source has no `page` — use id, section, url and as",
        ),
        (
            PRINCIPLE_MD,
            "  - {id: book, section: Measuring}",
            "  - {id: book, section: A}\n  - {id: book, section: B}",
            ":25: source [book] is listed twice — give one of them another name with `as:`",
        ),
        (
            PRINCIPLE_MD,
            "  - {id: book, section: Measuring}",
            "  - {id: book, section: A}\n  - {id: manual, section: B}",
            ":25: source [manual] is listed but never cited — cite it where it is used, or take it out",
        ),
        (
            PRINCIPLE_MD,
            "{id: book, section: Measuring}",
            "{id: blog, as: book, section: Measuring}",
            ":24: source `blog` is not in sources.yaml — add it to sources.yaml",
        ),
        (SOURCES_YAML, ", author: Ann Author", "", ":1: source `book` lacks `author` — add `author:`"),
    ],
)
def test_a_claim_without_its_source_is_told(tmp_path: Path, page: str, old: str, new: str, fault: str) -> None:
    [told] = faults_of(write(tmp_path, broken(page, old, new)))

    assert told.startswith(page + fault)


@pytest.mark.parametrize(
    ("page", "old", "new", "fault"),
    [
        (
            SYMPTOM_MD,
            "[add-indexes]",
            "[add-index]",
            ":24: `related`: there is no entry `add-index` — name an existing",
        ),
        (SYMPTOM_MD, "[add-indexes]", "[slow-queries]", ":24: `related` names `slow-queries` again or itself — take"),
        (SYMPTOM_MD, "[add-indexes]", "[add-indexes, add-indexes]", ":24: `related` names `add-indexes` again or"),
        (PHASE_MD, "[add-indexes]", "[add-index]", ":23: `plan`: there is no fix `add-index` — name an existing fix"),
        (PHASE_MD, "[add-indexes]", "[split-the-monolith]", ":23: `plan`: there is no fix `split-the-monolith`"),
        (PHASE_MD, "[split-the-monolith]", "[kubernetes]", ":24: `leave_alone`: there is no fix or decision `kube"),
        (PHASE_MD, "[split-the-monolith]", "[measure-first]", ":24: `leave_alone`: there is no fix or decision `mea"),
        (PHASE_MD, "[split-the-monolith]", "[slow-queries]", ":24: `leave_alone`: there is no fix or decision `slow"),
    ],
)
def test_links_lead_to_entries_of_the_right_kind(tmp_path: Path, page: str, old: str, new: str, fault: str) -> None:
    [told] = faults_of(write(tmp_path, broken(page, old, new)))

    assert told.startswith(page + fault)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            asked("how do we know where the time goes"),
            asked("how", 11),
            ":9: `asked_as` has 11 items — give it 12 to 150",
        ),
        (
            asked("how do we know where the time goes"),
            asked("how", 151),
            ":9: `asked_as` has 151 items — give it 12 to 150",
        ),
        ("goes in wording 12", "Goes  in wording 11?", ":20: this `asked_as` line is also in measure-first — word it"),
        (
            "how do we know where the time goes in wording 12",
            "Microservices or one big app in wording 3.",
            ":20: this `asked_as` line is also in split-the-monolith — word it differently",
        ),
    ],
)
def test_every_way_of_asking_is_its_own(tmp_path: Path, old: str, new: str, fault: str) -> None:
    [told] = faults_of(write(tmp_path, broken(PRINCIPLE_MD, old, new)))

    assert told.startswith(PRINCIPLE_MD + fault)


@pytest.mark.parametrize(
    ("page", "old", "new", "fault"),
    [
        (PRINCIPLE_MD, "## In practice\n- One dashboard. [book]\n", "", ":26: section `In practice` is missing — add"),
        (PRINCIPLE_MD, "## In p", "## In theory\nNo. [book]\n\n## In p", ":29: a principle has no section `In theory`"),
        (
            PRINCIPLE_MD,
            "- One dashboard. [book]\n",
            "",
            ":29: section `In practice` is empty — write it or take it out",
        ),
        (PRINCIPLE_MD, "## In practice", "### In practice", ":29: heading `### In practice` — only `##` sections are"),
        (
            PRINCIPLE_MD,
            "## What",
            "Hello. [book]\n## What",
            ":26: text before the first section — move it under a `##`",
        ),
        (FIX_MD, "3. Read", "- Read", ":47: `How` has only numbered steps — begin this with `1. `"),
        (FIX_MD, "{mysql}", "{oracle}", ":43: `oracle` is no stack — use one of postgres mysql mongodb"),
        (FIX_MD, "```sql mysql", "```sql oracle", ":44: `oracle` is no stack — use one of postgres mysql mongodb"),
        (FIX_MD, "```sql mysql", "```sql mysql postgres", ":44: more than one stack for a command — give each stack"),
        (FIX_MD, "```sql mysql", "```", ":44: a command without its language — write ```language stack"),
        (FIX_MD, "   SELECT 1;\n", "", ":40: an empty command — write the command or take the fence out"),
        (
            MISTAKE_MD,
            "- Take one. [book]",
            "- Take one. [book]\n  ```sh\n  ls",
            ":34: this code is never closed — close",
        ),
        (MISTAKE_MD, "Do instead", "Do instead\n```sh\nls\n```", ":33: a command without a step above it — say first"),
        (
            SYMPTOM_MD,
            "```sql postgres\n",
            '```sql postgres danger loses="it" undo="none"\n',
            ":49: a first check must not change anything — move it to `Stop the bleeding`",
        ),
        (SYMPTOM_MD, ' loses="that session\'s work"', "", ':56: danger without loses — add loses="…"'),
        (SYMPTOM_MD, ' undo="none; run it again"', "", ':56: danger without undo — add undo="…"'),
        (SYMPTOM_MD, 'undo="none; run it again"', 'undo=" "', ':56: danger without undo — add undo="…"'),
        (SYMPTOM_MD, "postgres danger", "postgres", ":56: loses or undo without danger — add the word danger"),
    ],
)
def test_a_body_that_breaks_the_format_is_told(tmp_path: Path, page: str, old: str, new: str, fault: str) -> None:
    [told] = faults_of(write(tmp_path, broken(page, old, new)))

    assert told.startswith(page + fault)


def test_unbalanced_quotes_after_a_fence_are_told(tmp_path: Path) -> None:
    told = faults_of(write(tmp_path, broken(SYMPTOM_MD, '"none; run it again"', '"none')))

    assert f'{SYMPTOM_MD}:56: unbalanced quotes after ``` — write loses="…" undo="…"' in told


def test_sections_out_of_order_are_told(tmp_path: Path) -> None:
    page = MISTAKE.replace("## Why it hurts", "## X").replace("## What it looks like", "## Why it hurts")
    page = page.replace("## X", "## What it looks like")

    assert faults_of(write(tmp_path, {**PAGES, MISTAKE_MD: page})) == [
        f"{MISTAKE_MD}:29: section `What it looks like` is out of order — "
        "the order is What it looks like, Why it hurts, Do instead"
    ]


def test_a_field_that_is_no_list_is_told(tmp_path: Path) -> None:
    assert faults_of(write(tmp_path, broken(PRINCIPLE_MD, "[observability]", "observability"))) == [
        f"{PRINCIPLE_MD}:5: `areas` is no list — write `areas: [a, b]` or `- ` lines",
        f"{PRINCIPLE_MD}:5: `areas` has 0 items — give it 1 to 3",
    ]


@pytest.mark.parametrize(
    ("page", "old", "new", "fault"),
    [
        (SYMPTOM_MD, "id: slow-queries", "id: slow-stuff", "id `slow-stuff` is no symptom — use one of: slow-queries"),
        (
            PHASE_MD,
            "id: 1k-10k",
            "id: 1k-20k",
            "id `1k-20k` is no phase — use one of: 0-100 100-1k 1k-10k 10k-100k 100k+",
        ),
        (
            PRINCIPLE_MD,
            "id: m",
            "id: M",
            "id `Measure-first` is not lower-case words with hyphens — write it like `add-",
        ),
    ],
)
def test_an_id_of_the_wrong_sort_is_told(tmp_path: Path, page: str, old: str, new: str, fault: str) -> None:
    told = faults_of(write(tmp_path, broken(page, old, new)))

    assert [one.startswith(f"{page}:2: {fault}") for one in told] == [False, True]


def test_an_entry_in_the_folder_of_another_kind_is_told(tmp_path: Path) -> None:
    pages = {**PAGES, "fixes/measure-first.md": PRINCIPLE}
    del pages[PRINCIPLE_MD]

    assert faults_of(write(tmp_path, pages)) == [
        "fixes/measure-first.md:3: a principle in fixes/ — move it to principles/"
    ]


def test_two_files_with_one_id_are_told(tmp_path: Path) -> None:
    pages = {**PAGES, "principles/more/measure-first.md": PRINCIPLE}

    assert faults_of(write(tmp_path, pages)) == [
        f"principles/more/measure-first.md:1: `measure-first` is also in {PRINCIPLE_MD} — "
        "give each entry of a folder its own id"
    ]


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (write(tmp_path) / MISTAKE_MD).write_bytes(b"---\nid: \xff\n")

    assert faults_of(tmp_path) == [
        f"{MISTAKE_MD}:1: not UTF-8: invalid start byte at byte 8 — save the file as UTF-8",
        f"{MISTAKE_MD}:1: no front matter — begin the file with --- and close the front matter with ---",
    ]


def test_all_faults_of_all_files_are_told_at_once_in_order(tmp_path: Path) -> None:
    pages = {
        **PAGES,
        FIX_MD: FIX.replace("effort: hours", "effort: ages").replace("weight: 2", "weight: 9"),
        DECISION_MD: DECISION.replace("kind: decision", "kind: verdict"),
    }

    with pytest.raises(LibraryFaults) as faults:
        load_library(write(tmp_path, pages))
    assert [(fault.file, fault.line) for fault in faults.value.faults] == [(DECISION_MD, 3), (FIX_MD, 29), (FIX_MD, 30)]
    assert str(faults.value).splitlines() == [str(fault) for fault in faults.value.faults]


def test_a_later_folder_replaces_by_id_and_may_link_and_cite_what_came_before(tmp_path: Path) -> None:
    ours, theirs = write(tmp_path / "ours"), tmp_path / "theirs"
    replacing = PRINCIPLE.replace("Measure before you change", "Ask Ann before you change")
    added = MISTAKE.replace("resume-driven-design", "no-lunch").replace("our cto wants", "we skip")
    write(theirs, {PRINCIPLE_MD: replacing, "mistakes/no-lunch.md": added})
    library = load_library(ours, theirs)

    assert library.by_id["measure-first"].title == "Ask Ann before you change"
    assert library.by_id["no-lunch"].citations[0].source.title == "The Book"
    assert len(library) == 7


def test_a_readme_in_the_folder_is_no_entry(tmp_path: Path) -> None:
    (write(tmp_path) / "README.md").write_text("# How we write\n")

    assert faults_of(tmp_path) == []


def test_windows_line_ends_are_read_with_the_same_line_numbers(tmp_path: Path) -> None:
    page = PRINCIPLE.replace("Numbers first. [book]", "Numbers first.").replace("\n", "\r\n")
    (write(tmp_path) / PRINCIPLE_MD).write_bytes(page.encode())

    assert [fault.split(" ")[0] for fault in faults_of(tmp_path)] == [f"{PRINCIPLE_MD}:27:"]


def test_an_entry_carries_all_that_its_file_says(tmp_path: Path) -> None:
    fix = load_library(write(tmp_path)).by_id["add-indexes"]
    rank, log, plan = fix.steps("How")

    assert (fix.kind, fix.not_before, fix.effort) == (Kind.FIX, Phase.P1K_10K, "hours")
    assert fix.first.text == "List the ten slowest queries and index what they filter on."
    assert [(c.source.id, c.section, c.url) for c in fix.first.citations] == [("book", "Indexes", None)]
    assert fix.by_phase[Phase.P0_100].text == "Nothing should need tuning yet."
    assert (rank.stacks, log.stacks, plan.stacks) == (("postgres",), ("mysql",), ())
    assert (rank.commands[0].code, rank.commands[0].stack) == ("SELECT 1;", "postgres")
    assert plan.citations[0].url == "https://example.com/explain"
    assert [len(section.blocks) for section in fix.sections] == [1, 3, 1, 1]
    assert [type(section.blocks[0]) for section in fix.sections] == [Paragraph, Step, Bullet, Paragraph]
    assert [c.name for c in fix.sections[3].blocks[0].citations] == ["book", "explain"]


def test_a_symptom_carries_its_patterns_questions_and_dangers(tmp_path: Path) -> None:
    symptom = load_library(write(tmp_path)).by_id["slow-queries"]
    [stop] = symptom.steps("Stop the bleeding")

    assert (symptom.severity, len(symptom.signs), symptom.causes[0]) == (3, 8, "missing index")
    assert (symptom.patterns[0].match, symptom.patterns[0].stack) == ("duration: \\d{4,}", "postgres")
    assert symptom.check_in is not None
    assert (symptom.check_in.follow_up, symptom.check_in.unit) == ("How slow was the worst?", "seconds")
    assert (symptom.tell_apart[0].other, symptom.tell_apart[0].look) == ("latency", "Pages without queries are fast.")
    assert stop.commands[0].danger == Danger("that session's work", "none; run it again")


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("Numbers first. [book]", "Numbers `[book]` first. [book]", "Numbers `[book]` first."),
        ("Numbers first. [book]", "A [link](https://x.y) stays. [book]", "A [link](https://x.y) stays."),
        ("Numbers first. [book]", "One [book] and two. [book].", "One and two."),
        ("Numbers first. [book]", "Set arr[0] to [1]. [book]", "Set arr[0] to [1]."),
        ("Numbers first. [book]", "Two\n  lines. [book]", "Two lines."),
    ],
)
def test_only_markers_are_taken_out_of_a_text(tmp_path: Path, old: str, new: str, text: str) -> None:
    library = load_library(write(tmp_path, broken(PRINCIPLE_MD, old, new)))

    assert library.by_id["measure-first"].sections[0].blocks[0].text == text


def test_our_guidance_covers_every_symptom_and_phase(shipped: Library) -> None:
    assert read_library(GUIDANCE)[1] == []
    assert [entry.id for entry in shipped.of_kind(Kind.PHASE)] == list(Phase)
    assert {entry.id for entry in shipped.of_kind(Kind.SYMPTOM)} == set(SYMPTOMS)
    assert len(SYMPTOMS) == len(set(SYMPTOMS)) == 29
    assert all(entry.plan for entry in shipped.of_kind(Kind.PHASE))


def test_no_phase_plans_what_it_should_leave_alone_or_what_is_too_early(shipped: Library) -> None:
    for entry in shipped.of_kind(Kind.PHASE):
        assert set(entry.plan).isdisjoint(entry.leave_alone), entry.id
        early = [fix for fix in entry.plan if shipped.by_id[fix].too_early(Phase(entry.id))]
        assert early == [], entry.id
