"""Alerts, error lines and cries for help are taken for the right symptom, and first steps are found for it."""

from pathlib import Path

import pytest
import yaml

from knowledge.base import GUIDANCE, KnowledgeBase, NotLoaded
from knowledge.encoder import Encoder
from knowledge.golden import GOLDEN
from knowledge.index import Words
from knowledge.library import load_library
from knowledge.model import SYMPTOMS, Library
from knowledge.runbook import CHANGED, Stage, first_text, prompt_of, runbook_of, shown_first
from knowledge.triage import Recogniser, Suspect, specificity, spelled_out

INCIDENTS = SYMPTOMS[:20]


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(GUIDANCE)


@pytest.fixture(scope="module")
def recogniser(library: Library) -> Recogniser:
    return Recogniser(library, Words())


def first(recogniser: Recogniser, text: str, *stacks: str) -> str | None:
    found = recogniser.recognise(text, stacks).suspects
    return found[0].symptom if found else None


@pytest.mark.parametrize(
    ("text", "symptom"),
    [
        ("PostgresqlDeadLocks: PostgreSQL has dead-locks VALUE = 14", "deadlocks"),
        ("ERROR: could not serialize access due to concurrent update", "deadlocks"),
        ("Error: ER_CON_COUNT_ERROR: Too many connections", "too-many-connections"),
        ("ERR max number of clients reached", "too-many-connections"),
        ("1024 worker_connections are not enough", "too-many-connections"),
        ("QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00", "too-many-connections"),
        ("ActiveRecord::PendingMigrationError: Migrations are pending.", "failed-deploy"),
        ("Readiness probe failed: HTTP probe failed with statuscode: 500", "failed-deploy"),
        ("MongoServerSelectionError: Server selection timed out after 30000 ms", "timeouts"),
        ("OOM command not allowed when used memory > 'maxmemory'.", "cache-failure"),
        ("java.sql.SQLException: Lock wait timeout exceeded; try restarting transaction", "lock-contention"),
        ("x509: certificate has expired or is not yet valid", "cert-expiry"),
    ],
)
def test_the_more_specific_error_text_wins(recogniser: Recogniser, text: str, symptom: str) -> None:
    assert first(recogniser, text) == symptom


@pytest.mark.parametrize(
    ("text", "symptom"),
    [
        ("we pushed to prod 10 min ago and now nothing works", "failed-deploy"),
        ("intern deleted the customers table!!!", "data-loss"),
        ("nobody can reach us, the whole website gives an error page", "outage"),
        ("jobs are piling up and the workers dont keep up", "queue-backlog"),
        ("site feels super sluggish for everybody, pages take 12s", "latency"),
    ],
)
def test_panicked_sentences_are_read_without_the_model(recogniser: Recogniser, text: str, symptom: str) -> None:
    assert first(recogniser, text) == symptom


def test_because_quotes_what_gave_it_away(recogniser: Recogniser) -> None:
    best = recogniser.recognise("deadlock detected").suspects[0]

    assert best.because == "“deadlock detected”: Postgres rolled one transaction back to break a deadlock"
    assert 0.5 < best.score < 1


def test_what_is_denied_is_not_reported(recogniser: Recogniser) -> None:
    found = recogniser.recognise("no errors, no timeouts, but the disk is full").suspects

    assert [suspect.symptom for suspect in found] == ["disk-full"]


@pytest.mark.parametrize(
    "text", ["[RESOLVED] HostOutOfDiskSpace web-2", "Recovered: p95 latency is back below 1s", "[OK] site is up again"]
)
def test_trouble_that_is_over_starts_nothing(recogniser: Recogniser, library: Library, text: str) -> None:
    found = recogniser.recognise(text)

    assert (found.suspects, found.over) == ((), True)
    assert "is over" in first_text(found, (), library)


@pytest.mark.parametrize("text", ["", "lunch?", "Build #8812 passed", "please fill in the survey until friday"])
def test_unrelated_text_is_not_forced_into_a_symptom(recogniser: Recogniser, library: Library, text: str) -> None:
    found = recogniser.recognise(text)

    assert found.suspects == ()
    assert prompt_of(found, library) == ()
    assert "I do not recognise a symptom" in first_text(found, (), library)


def test_several_symptoms_at_once_are_all_named(recogniser: Recogniser) -> None:
    found = recogniser.recognise("No space left on device; deadlock detected; upstream timed out (110").suspects

    assert {"disk-full", "deadlocks", "timeouts"} <= {suspect.symptom for suspect in found}


def test_the_teams_stack_decides_between_equals(recogniser: Recogniser) -> None:
    text = "Lost connection to MySQL server during query"

    with_stack = recogniser.recognise(text, ["mysql"]).suspects[0].score
    with_rival = Recogniser.recognise(recogniser, text.replace("MySQL", "My"), ["postgres"]).suspects
    assert with_stack > (with_rival[0].score if with_rival else 0)


def test_what_the_team_saw_lately_counts_a_little(recogniser: Recogniser) -> None:
    text = "deadlock detected"
    plain, lately = (recogniser.recognise(text, recent=recent).suspects[0].score for recent in ((), ("deadlocks",)))

    assert lately > plain


def test_names_of_alerts_are_read_as_words() -> None:
    assert spelled_out("KubernetesContainerOOMKiller db_disk_full") == "Kubernetes Container OOM Killer db disk full"


def test_long_and_code_like_error_texts_are_telling() -> None:
    assert specificity("timeout") < specificity("upstream timed out") < specificity("PG::TRDeadlockDetected: deadlock")


@pytest.mark.parametrize("symptom", INCIDENTS)
@pytest.mark.parametrize("stacks", [(), ("postgres", "rails"), ("mysql", "php"), ("kubernetes",), ("mongodb", "node")])
def test_every_incident_has_first_checks_and_a_mitigation(
    library: Library, symptom: str, stacks: tuple[str, ...]
) -> None:
    shown = shown_first(runbook_of(library.by_id[symptom], stacks, library))
    looks = [task for task in shown if task.stage is Stage.LOOK]
    stops = [task for task in shown if task.stage is Stage.STOP]

    assert 2 <= len(looks) <= 3
    assert stops
    assert not any(task.dangerous for task in shown)
    assert all(task.citations for task in shown)


@pytest.mark.parametrize("symptom", INCIDENTS)
def test_every_runbook_asks_what_changed_and_puts_what_can_be_undone_first(library: Library, symptom: str) -> None:
    tasks = runbook_of(library.by_id[symptom], (), library)
    dangers = [task.dangerous for task in tasks if task.stage is Stage.STOP]

    assert any(CHANGED.search(task.text) for task in tasks if task.stage is Stage.LOOK)
    assert dangers == sorted(dangers)
    assert len({task.id for task in tasks}) == len(tasks)


def test_steps_of_other_stacks_are_left_out(library: Library) -> None:
    tasks = runbook_of(library.by_id["lock-contention"], ("mysql",), library)

    assert {stack for task in tasks for stack in task.stacks} == {"mysql"}


def test_what_is_shown_first_has_everything(recogniser: Recogniser, library: Library) -> None:
    found = recogniser.recognise("ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction")
    text = first_text(found, prompt_of(found, library), library)

    assert found.stacks == ("mysql",)
    for expected in (
        "**Likely: Queries wait for each other's locks** (lock-contention)",
        "Why I think so: “Lock wait timeout exceeded”",
        "**Look first (this changes nothing)**\n1. (mysql)",
        "FROM sys.innodb_lock_waits",
        "**Stop the bleeding",
        "**Sources**\n1. MySQL Reference Manual",
    ):
        assert expected in text


def test_until_it_is_loaded_incidents_are_recognised_and_nothing_else_works() -> None:
    def never() -> Encoder:
        raise AssertionError("the model was asked for")

    knowledge = KnowledgeBase.opening([GUIDANCE], None, never)

    assert knowledge.triage("deadlock detected").suspects[0] == Suspect(
        "deadlocks", knowledge.triage("deadlock detected").suspects[0].score, "“deadlock detected”: " + _means()
    )
    assert knowledge.entry("deadlocks") is not None
    assert not knowledge.loaded
    with pytest.raises(NotLoaded):
        knowledge.ask("why is it slow?")


def _means() -> str:
    return "Postgres rolled one transaction back to break a deadlock"


@pytest.mark.parametrize(("split", "least_first", "least_in_three"), [("tune", 0.9, 0.97), ("held_out", 0.85, 0.93)])
def test_golden_alerts_keep_their_figures(
    knowledge_base: KnowledgeBase, split: str, least_first: float, least_in_three: float
) -> None:
    cases = [case for case in yaml.safe_load(Path(GOLDEN / "alerts.yaml").read_text()) if case["split"] == split]
    found = [(case["expect"], [s.symptom for s in knowledge_base.triage(case["text"]).suspects]) for case in cases]
    ours = [(expected, got) for expected, got in found if expected]
    others = [got for expected, got in found if not expected]

    assert sum(got[:1] != [] and got[0] in expected for expected, got in ours) / len(ours) >= least_first
    assert sum(any(one in expected for one in got[:3]) for expected, got in ours) / len(ours) >= least_in_three
    assert others.count([]) == len(others)
