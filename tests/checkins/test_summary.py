"""From answers to a summary: levels, changes, next fixes, anonymity, words and picture."""

from datetime import UTC, datetime

import pytest

from bot.checkins import messages, picture, summary
from bot.checkins.answers import Answer, Choice, Given
from bot.checkins.messages import About, Told
from bot.checkins.model import State, Visibility
from bot.checkins.picture import Week
from bot.checkins.readings import proposals, words_of
from bot.checkins.results import without_names
from bot.checkins.summary import Change, Finding, Summary
from bot.slack.words import Words
from knowledge.model import Phase
from knowledge.symptoms import Reported
from tests.checkins.world import guidance
from tests.limits import violations

NO, SOMETIMES, OFTEN, UNKNOWN = Choice.NO, Choice.SOMETIMES, Choice.OFTEN, Choice.UNKNOWN


def said(**symptoms: Choice) -> Given:
    return Given({f"symptom:{name}": Answer(choice) for name, choice in symptoms.items()})


def test_the_worst_that_is_said_counts_and_not_knowing_says_nothing() -> None:
    found = summary.findings({"a": said(x=NO), "b": said(x=OFTEN), "c": said(x=UNKNOWN)}, anonymous=False)

    assert found == {"x": Finding("x", OFTEN, ("b",), 2)}


def test_confirmed_readings_count_as_now_and_then() -> None:
    found = summary.findings({"a": Given(read=("queue-backlog",)), "b": Given(text="x")}, anonymous=False)

    assert found == {"queue-backlog": Finding("queue-backlog", SOMETIMES, ("a",), 1)}


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ((OFTEN, OFTEN, OFTEN), None),
        ((OFTEN, NO, NO, NO), NO),
        ((OFTEN, SOMETIMES, NO, NO), SOMETIMES),
        ((OFTEN, OFTEN, NO, NO), OFTEN),
        ((OFTEN, OFTEN, OFTEN, UNKNOWN), None),
    ],
)
def test_anonymous_shows_nothing_below_four_and_no_single_answer(
    choices: tuple[Choice, ...], expected: Choice | None
) -> None:
    found = summary.findings({str(n): said(x=choice) for n, choice in enumerate(choices)}, anonymous=True)

    assert found == ({} if expected is None else {"x": Finding("x", expected)})


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (OFTEN, NO, Change.NEW),
        (OFTEN, SOMETIMES, Change.WORSE),
        (SOMETIMES, OFTEN, Change.BETTER),
        (OFTEN, OFTEN, Change.SAME),
        (NO, OFTEN, Change.GONE),
    ],
)
def test_the_change_since_last_time(now: Choice, before: Choice, expected: Change) -> None:
    assert summary.change_of(now, before) is expected


def test_the_worst_comes_first_and_what_nobody_mentioned_is_not_forgotten() -> None:
    now = {"mild": Finding("mild", OFTEN), "bad": Finding("bad", OFTEN), "fine": Finding("fine", NO)}
    before = {"bad": SOMETIMES, "fine": OFTEN, "old": OFTEN}

    found = summary.compared(now, before, {"bad": 5, "mild": 1})

    assert [(standing.finding.symptom, standing.change) for standing in found] == [
        ("bad", Change.WORSE),
        ("mild", Change.NEW),
        ("old", Change.UNHEARD),
        ("fine", Change.GONE),
    ]


def test_the_next_fixes_help_against_what_there_is_and_fit_the_phase() -> None:
    library = guidance().library
    standings = summary.compared({"slow-queries": Finding("slow-queries", OFTEN)}, {}, {})

    fixes = summary.next_fixes(library, Phase.P100_1K, standings, settled=())
    without_first = summary.next_fixes(library, Phase.P100_1K, standings, settled=[fixes[0].entry.id])

    assert len(fixes) == 3
    assert all("slow-queries" in fix.against for fix in fixes)
    assert all(not fix.entry.too_early(Phase.P100_1K) and Phase.P100_1K in fix.entry.phases for fix in fixes)
    assert all(fix.why for fix in fixes)
    assert fixes[0].entry.id not in {fix.entry.id for fix in without_first}


def test_without_symptoms_the_plan_goes_on() -> None:
    library = guidance().library
    plan = library.by_id[Phase.P1K_10K].plan

    fixes = summary.next_fixes(library, Phase.P1K_10K, (), settled=plan[:1])

    assert [fix.entry.id for fix in fixes] == list(plan[1:4])


def told(people: int, *, anonymous: bool = False, **more: object) -> Told:
    library = guidance().library
    answered = tuple(f"U{n}" for n in range(people))
    standings = summary.compared({"slow-queries": Finding("slow-queries", OFTEN, answered[:1], people)}, {}, {})
    data = Summary(
        standings=standings,
        fixes=summary.next_fixes(library, Phase.P1K_10K, standings, ()),
        answered=answered,
        missing=("UMISSING",),
        not_asked={"UGONE": "their Slack account is deactivated"},
        comments=dict.fromkeys(answered, "<!channel> it *burns* " * 40),
    )
    about = About(
        1, "Shop <b>", "C1", "2026-W47", Visibility.NAMED, datetime(2026, 11, 20, tzinfo=UTC), "Europe/Berlin"
    )
    names = dict.fromkeys(answered, "Ann & <Bob>" * 3)
    titles = {entry.id: entry.title for entry in library}
    return Told(about, 1, data, names, titles, Phase.P1K_10K, asked=people + 1, anonymous=anonymous, **more)  # type: ignore[arg-type]


def body(words: Words) -> dict[str, object]:
    return {"text": words.text, "blocks": list(words.blocks)}


@pytest.mark.parametrize("people", [0, 1, 20, 4000])
def test_a_summary_of_any_size_keeps_slacks_limits_and_escapes_people(people: int) -> None:
    words = messages.summary(told(people))

    assert violations("chat.postMessage", body(words)) == []
    assert "<!channel>" not in str(words.blocks)
    assert f"{people} of {people + 1} answered" in str(words.blocks)


def test_an_anonymous_summary_has_no_names_but_of_those_who_cannot_be_reached() -> None:
    shown = told(5, anonymous=True)
    words = str(messages.summary(Told(**{**vars(shown), "summary": without_names(shown.summary)})).blocks)

    assert "Ann" not in words
    assert "burns" not in words
    assert "UMISSING" not in words
    assert "UGONE" in words


@pytest.mark.parametrize("state", list(State))
def test_every_message_to_a_person_keeps_slacks_limits(state: State) -> None:
    about = told(1).about
    for words in (
        messages.direct(about, state, about.closes_at),
        messages.invitation(about, 8),
        messages.reminder(about, 1),
    ):
        assert violations("chat.postMessage", body(words)) == []


def test_advice_names_its_sources() -> None:
    library = guidance().library
    titles = {entry.id: entry.title for entry in library}
    for entry in library:
        words = messages.advice(entry, Phase.P1K_10K, titles, ["postgres"])
        assert violations("chat.postMessage", body(words)) == []
        assert "Sources: " in str(words.blocks)


def test_the_picture_is_told_in_words_too() -> None:
    weeks = [Week("2026-W46", {"x": OFTEN, "y": NO}), Week("2026-W47", {"x": SOMETIMES})]

    drawn = picture.draw(weeks, {"x": "Slow queries"})

    assert drawn is not None
    assert drawn.png.startswith(b"\x89PNG")
    assert (
        drawn.alt_text
        == "Symptoms from 2026-W46 to 2026-W47. Slow queries: often in 2026-W46, now and then in 2026-W47."
    )
    assert picture.draw([Week("2026-W46", {"y": NO})], {}) is None


def test_words_are_read_once_and_what_is_said_anyway_is_not_asked_back() -> None:
    given = Given({"symptom:slow-queries": Answer(OFTEN, note="the export")}, "queue is stuck")
    reports = [
        Reported("slow-queries", 0.9, "slow"),
        Reported("queue-backlog", 0.8, "queue is stuck"),
        Reported("outage", 0.3, "stuck"),
    ]

    assert words_of(given) == "queue is stuck\nthe export"
    assert proposals(given, reports) == ("queue-backlog",)
