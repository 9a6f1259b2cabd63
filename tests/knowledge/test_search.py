"""How scores of passages become a ranking of entries, and when none is good enough to be said."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.base import GUIDANCE
from knowledge.index import Scores
from knowledge.library import load_library
from knowledge.model import Library, Phase
from knowledge.passages import Passage, Role, passages_of
from knowledge.question import Intent
from knowledge.search import (
    Evidence,
    Found,
    Layout,
    Match,
    Tuning,
    confident,
    declined,
    fuse,
    means_a_phase,
    priors_of,
    rank,
)
from tests.knowledge.pages import write

TUNING = Tuning(
    by_words=0.1,
    by_document=0.2,
    other_phase=0.01,
    too_early=0.02,
    phase_entry=0.03,
    threshold=0.5,
    off_topic=0.35,
)
PASSAGES = (
    Passage("cache", Role.TITLE, "cache reads"),
    Passage("cache", Role.ASKED, "do we need redis"),
    Passage("slow-queries", Role.TITLE, "slow queries"),
    Passage("slow-queries", Role.ASKED, "first checks"),
    Passage("small-talk", Role.DECOY, "hello"),
    Passage("css", Role.DECOY, "scale an image"),
)


def scores(*values: float) -> Scores:
    return np.array(values, dtype=np.float32)


def evidence(dense: Sequence[float], lexical: Sequence[float] | None = None) -> Evidence:
    return Evidence(scores(*dense), scores(*(lexical or [0] * len(dense))), scores(0, 0), scores(0, 0))


def test_passages_are_grouped_by_owner() -> None:
    layout = Layout(PASSAGES)

    assert layout.entries == ("cache", "slow-queries")
    assert layout.groups == ("small-talk", "css")
    assert layout.documents() == ["cache reads do we need redis", "slow queries first checks"]


def test_an_entry_scores_by_its_best_passages() -> None:
    best = Layout(PASSAGES).best_of_entries(scores(0.2, 0.5, 0.4, 0.1, 1, 1), 3)

    assert best.tolist() == [pytest.approx([0.5, 0.2, 0.2]), pytest.approx([0.4, 0.1, 0.1])]


def test_steps_are_to_the_point_that_fit_better_than_the_advice() -> None:
    steps = [Passage("cache", Role.STEP, text) for text in ("measure", "expire", "warm up")]
    layout = Layout((Passage("cache", Role.ADVICE, "cache reads"), *PASSAGES, *steps))
    cosines = scores(0.5, 0.9, 0.9, 0.4, 0.3, 0.1, 0.1, 0.52, 0.8, 0.6)

    assert layout.entries == ("cache", "slow-queries")
    assert layout.steps_to_the_point(cosines, 0.03) == [(1, 2), ()]
    assert layout.steps_to_the_point(cosines, 0.0) == [(1, 2, 0), ()]


def test_a_group_scores_by_its_best_example() -> None:
    assert Layout(PASSAGES).best_of_groups(scores(1, 1, 1, 1, 0.25, 0.75)).tolist() == [0.25, 0.75]


def test_the_centre_of_an_entry_is_the_unit_mean_of_its_vectors() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)
    centres = Layout(PASSAGES).centres(vectors)

    assert centres.tolist() == [pytest.approx([0.5**0.5, 0.5**0.5]), pytest.approx([1, 0])]


@pytest.mark.parametrize(
    ("meaning", "words", "document", "fused"),
    [
        # each part is divided by its best, cosines after adding 1: 0.7 meaning + 0.1 words + 0.2 document
        ([1, 0], [0, 0], [0, 0], [0.7, 0.35]),
        ([1, 1], [4, 2], [0, 0], [0.8, 0.75]),
        ([1, 1], [0, 0], [1, 10], [0.72, 0.9]),
        ([0.5, -1], [0, 5], [0, 5], [0.7, 0.3]),
        ([-1, -1], [0, 0], [0, 0], [0, 0]),
    ],
)
def test_meaning_and_words_are_fused_by_weight(
    meaning: list[float], words: list[float], document: list[float], fused: list[float]
) -> None:
    got = fuse(scores(*meaning), scores(*words), scores(*document), TUNING)

    assert got.tolist() == pytest.approx(fused)


def test_entries_are_ranked_by_fused_score_and_prior() -> None:
    found = rank(evidence([0.8, 0.6, 0.4, 0.2, 0.1, 0.3]), Layout(PASSAGES), scores(0, 0), TUNING)

    # cache: mean(0.8, 0.6, 0.6) = 2/3, halved with centre 0; slow-queries: mean(0.4, 0.2, 0.2) = 4/15, halved.
    cache, slow = 1 + 1 / 3, 1 + 2 / 15
    assert [match.entry for match in found.matches] == ["cache", "slow-queries"]
    assert [match.score for match in found.matches] == pytest.approx([0.7, 0.7 * slow / cache])
    assert [match.meaning for match in found.matches] == pytest.approx([1 / 3, 2 / 15])


def test_in_a_conversation_the_last_message_weighs_in_and_decides_on_the_steps() -> None:
    passages = (*PASSAGES, Passage("cache", Role.ADVICE, "advice"), *(Passage("cache", Role.STEP, x) for x in "ab"))
    both = evidence([0.8, 0.8, 0.4, 0.4, 0, 0, 0.8, 0.9, 0.1])
    last = evidence([0.2, 0.2, 0.8, 0.8, 0, 0.9, 0.2, 0.1, 0.9])

    def found(share: float) -> Found:
        return rank(both, Layout(passages), scores(0, 0), replace(TUNING, latest=share), last)

    assert [match.meaning for match in found(0.25).matches] == pytest.approx([0.325, 0.25])
    assert [match.entry for match in found(0.25).matches] == ["cache", "slow-queries"]
    assert [match.entry for match in found(0.75).matches] == ["slow-queries", "cache"]
    assert found(0.25).matches[0].steps == (1,)
    assert found(0.25).certainty == pytest.approx(2 * 0.4 - 0)


def test_in_a_conversation_the_words_of_the_last_message_weigh_in() -> None:
    def of_words(slow: float) -> Evidence:
        return Evidence(scores(*[0.5] * 6), scores(1, 1, slow, slow, 0, 0), scores(1, slow), scores(0, 0))

    def first(*latest: Evidence) -> str:
        return (
            rank(of_words(0.5), Layout(PASSAGES), scores(0, 0), replace(TUNING, latest=0.5), *latest).matches[0].entry
        )

    assert (first(), first(of_words(2))) == ("cache", "slow-queries")


def test_words_that_a_step_shares_with_the_question_bring_it_forward() -> None:
    passages = (Passage("cache", Role.ADVICE, "advice"), *(Passage("cache", Role.STEP, x) for x in "abc"))
    asked = Evidence(scores(0.5, 0.6, 0.55, 0.4), scores(0, 0, 4, 4), scores(0), scores(0))

    def steps(words: float) -> tuple[int, ...]:
        tuning = replace(TUNING, step_words=words, to_the_point=0.06)
        return rank(asked, Layout(passages), scores(0), tuning).matches[0].steps

    assert steps(0) == (0,)
    assert steps(0.03) == (1, 0)
    assert steps(0.1) == (1, 2, 0)


@pytest.mark.parametrize(("of_phase", "meant"), [(0.6, True), (0.55, True), (0.54, False), (0.4, False)])
def test_a_question_clearly_most_like_those_about_a_phase_means_the_plan(of_phase: float, meant: bool) -> None:
    entries = load_library(GUIDANCE).by_id
    found = Found((Match("add-indexes", 0.9, meaning=0.5), Match("1k-10k", 0.1, meaning=of_phase)), 1.0, None, 0.3)

    assert means_a_phase(found, entries, replace(TUNING, plan=0.05)) is meant


def test_a_prior_turns_a_close_race() -> None:
    close = evidence([0.5, 0.5, 0.52, 0.52, 0, 0])

    plain, turned = (rank(close, Layout(PASSAGES), prior, TUNING) for prior in (scores(0, 0), scores(0, -0.01)))
    assert [match.entry for match in plain.matches] == ["slow-queries", "cache"]
    assert [match.entry for match in turned.matches] == ["cache", "slow-queries"]


def test_of_equals_the_first_in_order_stays_first() -> None:
    found = rank(evidence([0.5, 0.5, 0.5, 0.5, 0, 0]), Layout(PASSAGES), scores(0, 0), TUNING)

    assert [match.entry for match in found.matches] == ["cache", "slow-queries"]


def test_certainty_is_nearness_to_guidance_less_that_to_what_is_off_topic() -> None:
    found = rank(evidence([0.8, 0.6, 0.4, 0.2, 0.1, 0.3]), Layout(PASSAGES), scores(0, 0), TUNING)

    assert found.certainty == pytest.approx(2 * ((0.8 + 0.6 + 0.6) / 3 + 0) / 2 - 0.3)
    assert found.group == "css"
    assert found.group_dense == pytest.approx(0.3)


def test_without_off_topic_examples_a_usual_likeness_is_taken_off() -> None:
    found = rank(evidence([0.8, 0.6, 0.4, 0.2]), Layout(PASSAGES[:4]), scores(0, 0), TUNING)

    assert found.certainty == pytest.approx((0.8 + 0.6 + 0.6) / 3 - 0.3)
    assert found.group is None
    assert not declined(found, TUNING)


@pytest.mark.parametrize(("certainty", "answered"), [(0.49, False), (0.5, True), (1.4, True), (-0.5, False)])
def test_below_the_threshold_nothing_is_said(certainty: float, answered: bool) -> None:
    found = Found((Match("cache", 0.9, meaning=0.9),), certainty, None, 0.3)

    assert confident(found, TUNING) is answered
    assert not confident(replace(found, matches=()), TUNING)


@pytest.mark.parametrize(("likeness", "off_topic"), [(0.34, False), (0.35, True), (1.0, True)])
def test_a_likeness_to_an_off_topic_example_declines(likeness: float, off_topic: bool) -> None:
    assert declined(Found((), 0.2, "css", likeness), TUNING) is off_topic


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return load_library(write(tmp_path_factory.mktemp("guidance")))


@pytest.mark.parametrize(
    ("phase", "intent", "penalties"),
    [
        # only the phase's own entry comes for free, and only where a plan is asked for; another phase's is wanted least
        (None, Intent.SYMPTOM, {"1k-10k": 0.03}),
        (None, Intent.PLAN, {"1k-10k": 0.03}),
        (Phase.P1K_10K, Intent.PLAN, {"split-the-monolith": 0.02, "resume-driven-design": 0.01, "measure-first": 0.01}),
        (
            Phase.P0_100,
            Intent.SYMPTOM,
            {"1k-10k": 0.06, "add-indexes": 0.02, "split-the-monolith": 0.02},
        ),
        # whether to do what is too early is a fair question, and one about a single thing
        (Phase.P0_100, Intent.SHOULD, {"1k-10k": 0.09}),
        (
            Phase.P100K_UP,
            Intent.SHOULD,
            {"1k-10k": 0.09, "add-indexes": 0.01, "resume-driven-design": 0.01, "measure-first": 0.01},
        ),
    ],
)
def test_entries_of_other_phases_stand_back(
    library: Library, phase: Phase | None, intent: Intent, penalties: Mapping[str, float]
) -> None:
    priors = priors_of(library.entries, phase, intent, TUNING)

    taken = {entry.id: -prior for entry, prior in zip(library, priors.tolist(), strict=True) if prior}
    assert taken == pytest.approx(penalties)


def test_the_passages_of_an_entry_are_its_title_advice_questions_and_steps(library: Library) -> None:
    entry = library.by_id["slow-queries"]
    passages = passages_of(entry)
    roles = [passage.role for passage in passages]

    assert {role: roles.count(role) for role in roles} == {
        Role.TITLE: 1,
        Role.ADVICE: 1,
        Role.ASKED: 12,
        Role.STEP: 2,
    }
    assert passages[1].text == ("Find the slowest query and read its plan. One query is usually behind most of it.")
    assert [passage.text for passage in passages[-2:]] == ["List what is running.", "Stop the worst query."]


def test_steps_alone_find_no_entry(library: Library) -> None:
    layout = Layout(passages_of(library.by_id["slow-queries"]))

    assert layout.best_of_entries(scores(*[0.0] * 14, 1.0, 1.0), 1).tolist() == [[0.0]]


def test_a_thousand_entries_are_ranked_the_same_way() -> None:
    passages = [Passage(f"entry-{n:04}", Role.TITLE, "text") for n in range(1_000)]
    dense = scores(*(n / 1_000 for n in range(1_000)))
    none = np.zeros(1_000, dtype=np.float32)
    found = rank(Evidence(dense, none, none, none), Layout(passages), none, TUNING)

    assert [match.entry for match in found.matches[:2]] == ["entry-0999", "entry-0998"]
    assert len(found.matches) == 1_000


def test_the_guidance_folder_may_be_empty(tmp_path: Path) -> None:
    layout = Layout(())
    found = rank(Evidence(*(scores() for _ in range(4))), layout, scores(), TUNING)

    assert (found.matches, found.group) == ((), None)
    assert found.certainty == pytest.approx(-2.3)
    assert load_library(tmp_path).entries == ()
