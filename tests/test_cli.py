"""The command line as a user runs it: what it prints where, and its exit code."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.trial import ROOT, clean_environment

pytestmark = pytest.mark.model


@pytest.fixture(autouse=True, scope="session")
def built_index(knowledge_base: object) -> None:
    """The index is there before the first command needs it."""


def advisor(folder: Path, *arguments: str, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment(INDEX_FOLDER=str(ROOT / ".cache" / "test-index"), **settings)
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_question_is_answered_as_text(tmp_path: Path) -> None:
    done = advisor(tmp_path, "ask", "why is our dashboard slow at 800 users?")

    assert done.returncode == 0
    assert "Sources" in done.stdout
    assert done.stderr == ""


def test_a_question_is_answered_as_json(tmp_path: Path) -> None:
    done = advisor(tmp_path, "ask", "why is our dashboard slow?", "--users", "800", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert list(answer) == ["question", "phase", "answered", "answers", "topics"]
    assert (answer["phase"], answer["answered"]) == ("100-1k", True)
    check_answers(answer)


def test_a_phase_may_be_named_and_one_that_is_none_is_refused(tmp_path: Path) -> None:
    named = advisor(tmp_path, "ask", "should we use Kubernetes?", "--phase", "0-100", "--json")
    wrong = advisor(tmp_path, "ask", "should we use Kubernetes?", "--phase", "huge")

    assert json.loads(named.stdout)["phase"] == "0-100"
    assert wrong.returncode == 2
    assert "huge" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_nothing_asked_is_refused_in_a_line(tmp_path: Path) -> None:
    done = advisor(tmp_path, "ask")

    assert done.returncode == 2
    assert done.stderr.splitlines() == ['Ask something: advisor ask "why is our dashboard slow?"']


def test_a_batch_answers_what_can_be_read_and_tells_the_rest_by_line(tmp_path: Path) -> None:
    lines = [
        '\ufeff{"id": "a", "question": "our queue is backing up", "users": 20000}',
        "not json",
        "",
        '{"id": 7, "question": "should we do microservices?", "phase": "100-1k"}',
        '{"id": "no question"}',
        '{"id": "b", "question": "slow", "users": "many"}',
        '{"id": "c", "question": "slow", "phase": "huge"}',
        "[1, 2]",
        '{"id": null, "question": "", "other": true}',
        '{"id": "d", "question": "what is a good recipe for lentil soup?"}',
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = advisor(tmp_path, "ask", "--batch", "questions.jsonl")

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(answer["id"], answer["phase"], answer["answered"]) for answer in answers] == [
        ("a", "10k-100k", True),
        (7, "100-1k", True),
        (None, None, False),
        ("d", None, False),
    ]
    assert list(answers[0]) == ["id", "question", "phase", "answered", "answers", "topics"]
    for answer in answers:
        check_answers(answer)
    told = done.stderr.splitlines()
    assert [line.split(": ")[0] for line in told] == [f"questions.jsonl:{number}" for number in (2, 5, 6, 7, 8)]
    assert "question: Field required" in told[1]
    assert done.returncode == 2


def test_a_batch_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = advisor(tmp_path, "ask", "--batch", "none.jsonl")

    assert done.returncode == 2
    assert "none.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


def test_hostile_questions_get_an_answer_or_a_reason(tmp_path: Path) -> None:
    hostile = ["🔥🔥🔥", "x" * 40_000, "slow " * 8_000, "\x00\x07\x1b[31m", "مرحبا كيف نتوسع", " ", "<@U1> " * 500]
    lines = [json.dumps({"id": number, "question": question}) for number, question in enumerate(hostile)]
    (tmp_path / "hostile.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = advisor(tmp_path, "ask", "--batch", "hostile.jsonl")

    assert (done.returncode, done.stderr) == (0, "")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["question"] for answer in answers] == hostile
    for answer in answers:
        check_answers(answer)


def test_a_conversation_keeps_its_thread_and_shows_more(tmp_path: Path) -> None:
    done = advisor(tmp_path, "chat", typed="which queries should we index at 3,000 users?\nand on MySQL?\nmore\n\n")

    assert (done.returncode, done.stderr) == (0, "")
    assert "MySQL" in done.stdout
    assert "Sources" in done.stdout


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-secret"}, ["SLACK_APP_TOKEN is missing"]),
        (
            {"SLACK_BOT_TOKEN": "wrong-secret", "SLACK_APP_TOKEN": "wrong-secret"},
            ["SLACK_BOT_TOKEN: must begin with xoxb-", "SLACK_APP_TOKEN: must begin with xapp-"],
        ),
        (
            {
                "SLACK_BOT_TOKEN": "xoxb-secret",
                "SLACK_APP_TOKEN": "xapp-secret",
                "SLACK_API_URL": "http://127.0.0.1:9/api/",
            },
            ["SLACK_BOT_TOKEN: Slack could not be reached", "SLACK_APP_TOKEN: Slack could not be reached"],
        ),
        ({"DATABASE_URL": "nonsense", "TRIAL_PORT": "0"}, ["TRIAL_PORT: "]),
    ],
)
def test_wrong_settings_are_told_in_a_line_each(tmp_path: Path, settings: dict[str, str], told: list[str]) -> None:
    done = advisor(tmp_path, "run", **settings)

    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == len(told)
    assert all(line.startswith(start) for line, start in zip(lines, told, strict=True))
    assert "secret" not in done.stdout + done.stderr


def test_faults_in_own_guidance_are_told_by_file_and_line(tmp_path: Path) -> None:
    fixes = tmp_path / "own" / "fixes"
    fixes.mkdir(parents=True)
    (fixes / "broken.md").write_text("---\nid: broken\nkind: fix\n---\n", encoding="utf-8")
    asked = advisor(tmp_path, "ask", "anything", GUIDANCE_FOLDER="own")
    checked = advisor(tmp_path, "guidance", "check", "own")

    assert (asked.returncode, checked.returncode) == (2, 2)
    assert asked.stderr == checked.stderr
    assert all("fixes/broken.md:" in line for line in asked.stderr.splitlines())


def check_answers(answer: dict[str, Any]) -> None:
    """The shape that programs rely on."""
    assert answer["answered"] == bool(answer["answers"])
    assert len(answer["answers"]) <= 5
    for found in answer["answers"]:
        assert list(found) == ["entry", "kind", "title", "short", "text", "score", "sources"]
        assert 0 < len(found["short"]) <= 700 < 10 * len(found["text"])
        assert all({"title", "author", "date", "section"} <= set(source) for source in found["sources"])
        assert found["sources"]


def test_the_phase_of_some_numbers_with_evidence_and_plan(tmp_path: Path) -> None:
    done = advisor(tmp_path, "phase", "--users", "12000", "--engineers", "9", "--json")

    told = json.loads(done.stdout)
    assert list(told) == ["phase", "evidence", "plan"]
    assert (told["phase"], told["evidence"]) == (
        "10k-100k",
        ["10k-100k: 12,000 registered users", "one sign of 1k-10k: 9 engineers"],
    )
    assert told["plan"]["do_now"]
    assert {"entry", "title", "until"} == set(told["plan"]["leave_alone"][0])


def test_without_registered_users_the_phase_is_not_guessed(tmp_path: Path) -> None:
    told = json.loads(advisor(tmp_path, "phase", "--engineers", "9", "--json").stdout)

    assert (told["phase"], told["plan"]) == (None, None)


def test_the_audit_is_written_as_csv(tmp_path: Path) -> None:
    assert advisor(tmp_path, "audit", "--workspace", "T1", "--team", "1").stdout == "at,by,what,old,new\n"
