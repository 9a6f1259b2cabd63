"""The one face of the library, with encoders whose likeness can be foreseen; no Slack, no database, no model."""

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from knowledge.base import Answers, KnowledgeBase, NotLoaded
from knowledge.library import LibraryFaults
from knowledge.model import Phase
from knowledge.question import Intent
from knowledge.search import Tuning
from tests.knowledge.encoders import WordEncoder
from tests.knowledge.pages import MISTAKE, MISTAKE_MD, OFF_TOPIC, PAGES, PRINCIPLE, PRINCIPLE_MD, write

PAGES_WITH_OFF_TOPIC = {**PAGES, "off_topic.yaml": OFF_TOPIC}
TUNING = Tuning(threshold=0.9, off_topic=0.6)
EVERYTHING = Tuning(threshold=-9)
PLAN_BY_MEANING = "people on it, in which order do we mend"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "guidance", PAGES_WITH_OFF_TOPIC)


@pytest.fixture
def knowledge(folder: Path) -> KnowledgeBase:
    return KnowledgeBase.open([folder], None, WordEncoder(), TUNING)


def ids(answers: Answers) -> list[str]:
    return [answer.entry.id for answer in answers.answers]


def test_importing_the_library_loads_neither_model_nor_slack_nor_database() -> None:
    code = (
        "import sys, knowledge, knowledge.base\n"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'faiss', 'slack_bolt', 'slack_sdk', 'sqlalchemy',"
        " 'apscheduler', 'pydantic', 'bot'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("dashboard takes ages to load", "add-indexes"),
        ("the database crawls since monday", "slow-queries"),
        ("microservices or one big app", "split-the-monolith"),
        ("our cto wants the new shiny thing", "resume-driven-design"),
        ("how do we know where the time goes", "measure-first"),
    ],
)
def test_a_question_finds_the_entry_that_is_asked_like_it(knowledge: KnowledgeBase, question: str, first: str) -> None:
    answers = knowledge.ask(question)

    assert ids(answers)[0] == first
    assert len(answers.answers) == 5
    scores = [answer.score for answer in answers.answers]
    assert scores == sorted(scores, reverse=True)


def test_a_slip_of_the_finger_is_understood_as_what_was_meant(knowledge: KnowledgeBase) -> None:
    meant, typed = (knowledge.ask(f"the {word} crawls since monday") for word in ("database", "databsae"))

    assert typed.question.text == "the database crawls since monday"
    assert typed.answers == meant.answers


def test_the_same_question_gets_the_same_answer(knowledge: KnowledgeBase) -> None:
    assert knowledge.ask("dashboard takes ages to load") == knowledge.ask("dashboard takes ages to load")


def test_a_plan_is_the_phase_and_its_fixes_in_order(knowledge: KnowledgeBase) -> None:
    answers = knowledge.ask("What should we do first with 5000 users?")

    assert answers.question.intent is Intent.PLAN
    assert ids(answers) == ["1k-10k", "add-indexes"]
    assert (answers.phase, answers.phase_source) == (Phase.P1K_10K, "stated")
    assert answers.answers[0].short.endswith("In this order: 1) Index the slow queries first.")


def test_a_plan_without_a_size_offers_the_phases(knowledge: KnowledgeBase) -> None:
    answers = knowledge.ask("What should we fix now?")

    assert (ids(answers), answers.phase, answers.phase_source) == (["1k-10k"], None, "unknown")
    assert answers.phase_matters


@pytest.mark.parametrize(
    ("question", "phase", "users", "thread", "known", "source"),
    [
        ("the database crawls since monday, 50 users", Phase.P100K_UP, None, (), Phase.P0_100, "stated"),
        ("the database crawls since monday", Phase.P100K_UP, None, (), Phase.P100K_UP, "given"),
        ("the database crawls since monday", None, 100, (), Phase.P0_100, "given"),
        ("the database crawls since monday", None, 101, (), Phase.P100_1K, "given"),
        ("the database crawls since monday", Phase.P100_1K, 50_000, (), Phase.P100_1K, "given"),
        ("the database crawls since monday", None, None, (), None, "unknown"),
        ("and the database?", Phase.P0_100, None, ("it is slow with 5,000 users",), Phase.P1K_10K, "stated"),
        ("and at 50k?", Phase.P0_100, None, ("it is slow with 5,000 users",), Phase.P10K_100K, "stated"),
    ],
)
def test_the_size_stated_beats_the_one_given(
    knowledge: KnowledgeBase,
    question: str,
    phase: Phase | None,
    users: int | None,
    thread: tuple[str, ...],
    known: Phase | None,
    source: str,
) -> None:
    answers = knowledge.ask(question, phase=phase, users=users, thread=thread)

    assert (answers.phase, answers.phase_source) == (known, source)


def test_the_phase_shapes_the_answer(knowledge: KnowledgeBase) -> None:
    early, late = (knowledge.ask(f"microservices or one big app, {users} users") for users in ("500", "200k"))

    assert early.answers[0].short.startswith("Not yet at 100 to 1,000 users. Keep one repository and one deploy.")
    assert late.answers[0].short.startswith("Draw module boundaries inside the monolith.\nYes, where two teams wait")


@pytest.mark.parametrize(
    ("question", "matters"),
    [
        ("microservices or one big app", True),
        ("dashboard takes ages to load", True),
        ("how do we know where the time goes", False),
        ("microservices or one big app with 300 users", False),
    ],
)
def test_the_phase_matters_where_it_would_change_the_answer(
    knowledge: KnowledgeBase, question: str, matters: bool
) -> None:
    assert knowledge.ask(question).phase_matters is matters


def test_stacks_named_or_given_choose_the_commands(knowledge: KnowledgeBase) -> None:
    named = knowledge.ask("dashboard takes ages to load on mysql").answers[0]
    given = knowledge.ask("dashboard takes ages to load", stacks=["mysql"]).answers[0]

    assert (named.entry.id, given.entry.id) == ("add-indexes", "add-indexes")
    assert named.text == given.text
    assert "SET GLOBAL slow_query_log = ON;" in named.text
    assert "SELECT 1;" not in named.text


@pytest.mark.parametrize(
    ("question", "users", "second"),
    [
        ("dashboard takes ages to load, read the plan of the worst one", 5_000, "In your case: Read the plan of the"),
        ("dashboard takes ages to load, switch the slow query log on, mysql", 5_000, "In your case: Switch the slow"),
        ("dashboard takes ages to load, switch the slow query log on, postgres", 5_000, "Missing indexes are"),
        ("dashboard takes ages to load", 5_000, "Missing indexes are the cheapest repair."),
        ("dashboard takes ages to load, read the plan of the worst one", 50, "Nothing should need tuning yet."),
    ],
)
def test_the_step_that_speaks_of_what_was_asked_stands_under_the_advice(
    folder: Path, question: str, users: int, second: str
) -> None:
    knowledge = KnowledgeBase.open([folder], None, WordEncoder(), EVERYTHING)
    best = knowledge.ask(question, users=users).answers[0]

    assert best.entry.id == "add-indexes"
    assert best.short.splitlines()[1].startswith(second)


def test_the_step_of_a_follow_up_is_that_of_its_last_message(folder: Path) -> None:
    knowledge = KnowledgeBase.open([folder], None, WordEncoder(), EVERYTHING)
    thread = ["dashboard takes ages to load, switch the slow query log on, mysql: switch the slow query log on how"]
    best = knowledge.ask("and read the plan of the worst one?", users=5_000, thread=thread).answers[0]

    assert best.entry.id == "add-indexes"
    assert best.short.splitlines()[1].startswith("In your case: Read the plan of the")


@pytest.mark.parametrize(
    ("users", "thread", "planned"),
    [(5_000, (), True), (None, (), False), (5_000, ("dashboard",), False)],
)
def test_a_question_like_those_about_a_phase_gets_the_plan_where_the_size_is_known(
    folder: Path, users: int | None, thread: tuple[str, ...], planned: bool
) -> None:
    knowledge = KnowledgeBase.open([folder], None, WordEncoder(), EVERYTHING)
    answers = knowledge.ask(PLAN_BY_MEANING, users=users, thread=thread)

    assert answers.question.intent is not Intent.PLAN
    assert (ids(answers) == ["1k-10k", "add-indexes"]) is planned


def test_a_story_that_asks_nothing_gets_no_plan(folder: Path) -> None:
    knowledge = KnowledgeBase.open([folder], None, WordEncoder(), EVERYTHING)

    assert ids(knowledge.ask("people on it, and on it", users=5_000)) != ["1k-10k", "add-indexes"]


@pytest.mark.parametrize(
    ("question", "thread", "searches"),
    [
        ("the dashboard takes ages to load. the dashboard takes ages to load in wording", (), 1),
        ("the dashboard takes ages to load. also the dashboard takes ages in wording", (), 2),
        ("also it takes ages to load. it takes ages", ("dashboard takes ages to load",), 1),
    ],
)
def test_parts_are_searched_of_what_is_clear_only_if_it_counts_up_and_not_of_a_follow_up(
    folder: Path, question: str, thread: tuple[str, ...], searches: int
) -> None:
    encoder = WordEncoder()
    knowledge = KnowledgeBase.open([folder], None, encoder, EVERYTHING)
    before = encoder.calls
    knowledge.ask(question, thread=thread)

    assert encoder.calls - before == searches


def test_a_follow_up_keeps_the_subject(folder: Path) -> None:
    knowledge = KnowledgeBase.open([folder], None, WordEncoder(), EVERYTHING)
    answers = knowledge.ask("and on MySQL?", thread=["dashboard takes ages to load on postgres"])

    assert ids(answers)[0] == "add-indexes"
    assert answers.question.follows_up
    assert "SELECT 1;" not in answers.answers[0].text


def test_abstaining_offers_the_nearest_topics(knowledge: KnowledgeBase) -> None:
    answers = knowledge.ask("zebra dashboard zeppelin quagga xylophone load kayak tundra")

    assert (answers.answered, answers.answers) == (False, ())
    assert (answers.topics[0].id, len(answers.topics)) == ("add-indexes", 3)
    assert (answers.declined, answers.reply) == (None, None)


def test_small_talk_is_declined_in_one_friendly_line(knowledge: KnowledgeBase) -> None:
    answers = knowledge.ask("tell me a joke")

    assert (answers.answered, answers.declined) == (False, "small-talk")
    assert answers.reply == "Happy to chat, but I only know growing systems."


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "🔥🔥", "?!", "\x00\x01", "‮"])
def test_a_message_without_words_is_not_answered(question: str, folder: Path) -> None:
    encoder = WordEncoder()
    knowledge = KnowledgeBase.open([folder], None, encoder, EVERYTHING)
    encoder.encoded.clear()

    answers = knowledge.ask(question, phase=Phase.P0_100)
    assert (answers.answers, answers.topics, answers.phase) == ((), (), Phase.P0_100)
    assert encoder.encoded == []


@pytest.mark.parametrize(
    "question",
    [
        "dashboard takes ages to load " * 1_500,
        "<@U1> " * 500,
        "لماذا قاعدة البيانات بطيئة",
        "dashboard\x00 takes\x1b ages",
        "0",
    ],
)
def test_odd_messages_get_an_answer_or_topics(knowledge: KnowledgeBase, question: str) -> None:
    answers = knowledge.ask(question)

    assert answers.answered != bool(answers.topics)
    assert len(answers.question.text) <= 2_501


def test_a_question_costs_one_call_of_the_encoder(folder: Path) -> None:
    encoder = WordEncoder()
    knowledge = KnowledgeBase.open([folder], None, encoder, TUNING)
    before = encoder.calls
    knowledge.ask("the database crawls since monday. Besides, mails are late and deploys break twice a week")

    assert encoder.calls == before + 1


def test_until_it_is_loaded_only_asking_has_to_wait(folder: Path) -> None:
    knowledge = KnowledgeBase.opening([folder], None, WordEncoder, TUNING)

    assert (knowledge.loaded, len(knowledge.entries)) == (False, 6)
    assert [entry.id for entry in knowledge.plan(Phase.P1K_10K)] == ["add-indexes"]
    assert knowledge.plan(Phase.P0_100) == ()
    with pytest.raises(NotLoaded):
        knowledge.ask("why is it slow?")
    assert [report.symptom for report in knowledge.read("LOG: duration: 2000 ms").present] == ["slow-queries"]
    knowledge.load()
    assert ids(knowledge.ask("dashboard takes ages to load"))[0] == "add-indexes"


def test_faults_are_told_before_anything_is_loaded(folder: Path) -> None:
    (folder / MISTAKE_MD).write_text(MISTAKE.replace("kind: mistake", "kind: error"))

    with pytest.raises(LibraryFaults, match=f"{MISTAKE_MD}:3: `error` is no kind"):
        KnowledgeBase.opening([folder], None, WordEncoder, TUNING)


def test_refreshing_reads_what_changed_and_encodes_only_that(folder: Path, tmp_path: Path) -> None:
    encoder = WordEncoder()
    knowledge = KnowledgeBase.open([folder], tmp_path / "index", encoder, TUNING)
    before = knowledge.fingerprint
    encoder.encoded.clear()
    (folder / PRINCIPLE_MD).write_text(PRINCIPLE.replace("time goes in wording 12", "hours of a request vanish"))
    knowledge.refresh()

    assert encoder.encoded == ["how do we know where the hours of a request vanish"]
    assert knowledge.fingerprint != before
    assert ids(knowledge.ask("how do we know where the hours of a request vanish"))[0] == "measure-first"


def test_a_faulty_change_leaves_the_old_guidance_in_use(folder: Path) -> None:
    knowledge = KnowledgeBase.open([folder], None, WordEncoder(), TUNING)
    before = knowledge.fingerprint
    (folder / PRINCIPLE_MD).write_text("nonsense")

    with pytest.raises(LibraryFaults):
        knowledge.refresh()
    assert knowledge.fingerprint == before
    assert len(knowledge.entries) == 6
    assert ids(knowledge.ask("how do we know where the time goes"))[0] == "measure-first"


def test_opening_again_encodes_nothing(folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    first = KnowledgeBase.open([folder], tmp_path / "index", WordEncoder(), TUNING)
    caplog.clear()
    encoder = WordEncoder()
    again = KnowledgeBase.open([folder], tmp_path / "index", encoder, TUNING)

    assert (encoder.encoded, caplog.messages) == ([], [])
    assert again.fingerprint == first.fingerprint
    assert again.ask("dashboard takes ages to load") == first.ask("dashboard takes ages to load")


def test_a_later_folder_replaces_entries_and_off_topic_replies(folder: Path, tmp_path: Path) -> None:
    ours = {
        PRINCIPLE_MD: PRINCIPLE.replace("Measure the slowest page before touching it.", "Ask Ann."),
        "off_topic.yaml": OFF_TOPIC.replace("Happy to chat, but", "Sorry,"),
    }
    knowledge = KnowledgeBase.open([folder, write(tmp_path / "ours", ours)], None, WordEncoder(), TUNING)

    assert len(knowledge.entries) == 6
    assert knowledge.ask("how do we know where the time goes").answers[0].short.startswith("Ask Ann.\n")
    assert knowledge.ask("tell me a joke").reply == "Sorry, I only know growing systems."


def test_searches_that_go_on_while_guidance_is_refreshed_see_one_edition(folder: Path) -> None:
    knowledge = KnowledgeBase.open([folder], None, WordEncoder(), EVERYTHING)
    _write_edition(folder, 0)
    knowledge.refresh()
    done, seen = Event(), list[frozenset[str]]()
    with ThreadPoolExecutor(3) as pool:
        searches = [pool.submit(_search_until, done, knowledge, seen) for _ in range(3)]
        for number in range(1, 9):
            _write_edition(folder, number)
            knowledge.refresh()
        done.set()

    assert [search.exception() for search in searches] == [None] * 3
    assert {len(edition) for edition in seen} == {1}
    assert set(seen) <= {frozenset([f"Edition {number}"]) for number in range(9)}


def _search_until(done: Event, knowledge: KnowledgeBase, seen: list[frozenset[str]]) -> None:
    while not done.is_set():
        answers = knowledge.ask("five thousand zebras on it", phase=Phase.P100K_UP)
        seen.append(frozenset(answer.short.split(":")[0] for answer in answers.answers))


def _write_edition(folder: Path, number: int) -> None:
    for page, text in PAGES.items():
        (folder / page).write_text(text.replace('first: "', f'first: "Edition {number}: '))


def test_an_empty_guidance_folder_answers_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    knowledge = KnowledgeBase.opening([tmp_path / "empty"], None, WordEncoder, TUNING)

    assert knowledge.entries == ()
    assert knowledge.triage("deadlock detected").suspects == ()
