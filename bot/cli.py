"""`advisor …`: run the bot, or ask it from the shell without Slack and without a database."""

import codecs
import json
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import BaseModel, Field, ValidationError
from rich.console import Console
from rich.markdown import Markdown

from bot.cli_checkins import checkins
from bot.cli_guidance import guidance
from bot.errors import SettingsError
from bot.settings import Settings, read_settings
from knowledge.answer import Answer
from knowledge.base import Answers, KnowledgeBase
from knowledge.encoder import WrongModel
from knowledge.faults import LibraryFaults
from knowledge.model import STACKS, Citation, Phase
from knowledge.runbook import Task, first_text, prompt_of
from knowledge.triage import Recognised

if TYPE_CHECKING:
    from bot.teams.phase import Detected
    from bot.teams.plan import Plan

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(checkins, name="checkins")
app.add_typer(guidance, name="guidance")
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

err = Console(stderr=True)
out = Console()

Users = Annotated[int | None, typer.Option(min=0, help="registered users")]
PhaseOption = Annotated[Phase | None, typer.Option(help="growth phase")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Batch = Annotated[Path | None, typer.Option(help="a file of JSON lines", exists=True, dir_okay=False)]


def main() -> None:
    """Runs the command line; what the user can mend is said in a line each, with exit code 2."""
    try:
        app()
    except SettingsError as error:
        _refuse(error.faults)
    except LibraryFaults as error:
        _refuse([str(fault) for fault in error.faults])
    except WrongModel as error:
        _refuse([str(error)])


def _refuse(faults: list[str]) -> NoReturn:
    _complain(faults)
    sys.exit(2)


def _complain(faults: list[str]) -> None:
    for fault in faults:
        err.print(fault, style="red", markup=False, highlight=False, soft_wrap=True)


@app.command()
def run() -> None:
    """Start the advisor: in your Slack with tokens in .env, else the local trial in your browser."""
    from bot import logs
    from bot.trial.server import installed_server

    settings = read_settings()
    logs.set_up(settings.log_level)
    if settings.has_tokens:
        _run_in_slack(settings)
    elif (server := installed_server()) is not None:
        _run_trial(settings, server)
    else:
        err.print("No Slack tokens in .env and no local Slack server (it needs npm): let us talk here instead.")
        _converse(settings)


@app.command()
def chat() -> None:
    """Talk to the advisor in the terminal."""
    _converse(read_settings())


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="what you want to know")] = None,
    users: Users = None,
    phase: PhaseOption = None,
    as_json: AsJson = False,
    batch: Batch = None,
) -> None:
    """Answer a question, or each line of a file: {"id", "question", "users"?, "phase"?}."""
    if question is None and batch is None:
        _refuse(['Ask something: advisor ask "why is our dashboard slow?"'])
    with _knowledge() as knowledge:
        if batch is not None:
            sys.exit(0 if _work_batch(batch, BatchLine, lambda line: _answered(knowledge, line)) else 2)
        answers = knowledge.ask(question or "", phase=phase, users=users)
        _print_json(answers_as_json(answers)) if as_json else _print_answers(answers)


def answers_as_json(answers: Answers) -> dict[str, Any]:
    """What an answer is to a program: the best five, best first, or the nearest topics."""
    return {
        "question": answers.question.text,
        "phase": answers.phase,
        "answered": answers.answered,
        "answers": [_answer_as_json(answer) for answer in answers.answers],
        "topics": [topic.title for topic in answers.topics],
    }


def _answer_as_json(answer: Answer) -> dict[str, Any]:
    return {
        "entry": answer.entry.id,
        "kind": answer.entry.kind,
        "title": answer.entry.title,
        "short": answer.short,
        "text": answer.text,
        "score": round(answer.score, 4),
        "sources": [_source_as_json(citation) for citation in answer.sources],
    }


def _source_as_json(citation: Citation) -> dict[str, Any]:
    source, url = citation.source, citation.url or citation.source.url
    named = {"title": source.title, "author": source.author, "date": str(source.date), "section": citation.section}
    return {**named, **({"url": url} if url else {})}


class BatchLine(BaseModel):
    """One line of a batch: a question, and what is known about whoever asks."""

    id: Any = None
    question: str
    users: Annotated[int, Field(ge=0)] | None = None
    phase: Phase | None = None


class Alert(BaseModel):
    """One line of a batch: an alert, and what runs where it comes from."""

    id: Any = None
    text: str
    stack: list[str] | str = []


Line = TypeVar("Line", bound=BaseModel)


def _work_batch(path: Path, kind: type[Line], work: Callable[[Line], dict[str, Any]]) -> bool:
    """Prints what comes of every line that can be read, and what is wrong with the others; says if all were right."""
    all_right = True
    for number, raw in enumerate(path.read_bytes().splitlines(), 1):
        if not raw.strip():
            continue
        try:
            line = kind.model_validate_json(raw.removeprefix(codecs.BOM_UTF8))
        except ValidationError as error:
            all_right = False
            _complain([f"{path}:{number}: {fault}" for fault in map(_line_fault, error.errors(include_input=False))])
        else:
            _print_json(work(line))
    return all_right


def _answered(knowledge: KnowledgeBase, line: BatchLine) -> dict[str, Any]:
    answers = knowledge.ask(line.question, phase=line.phase, users=line.users)
    return {"id": line.id, **answers_as_json(answers), "question": line.question}


@app.command()
def triage(
    text: Annotated[str | None, typer.Argument(help="the alert, the error line, or what people see")] = None,
    stack: Annotated[str, typer.Option(help="what you run, as postgres,redis")] = "",
    as_json: AsJson = False,
    batch: Batch = None,
) -> None:
    """Say what an alert may be and what to look at first, or each line of a file: {"id", "text", "stack"?}."""
    if text is None and batch is None:
        _refuse(['Say what you see: advisor triage "ERROR: canceling statement due to lock timeout"'])
    stacks = _stacks(stack)
    with _knowledge() as knowledge:
        if batch is not None:
            sys.exit(0 if _work_batch(batch, Alert, lambda line: _triaged(knowledge, line)) else 2)
        found = knowledge.triage(text or "", stacks)
        shown = triage_as_json(knowledge, found)
        _print_json(shown) if as_json else out.print(Markdown(shown["text"]))


def triage_as_json(knowledge: KnowledgeBase, found: Recognised) -> dict[str, Any]:
    """What a triage is to a program: the symptoms, best first, what is shown first, and its steps."""
    tasks = prompt_of(found, knowledge.library)
    return {
        "symptoms": [{"symptom": s.symptom, "score": s.score, "because": s.because} for s in found.suspects],
        "text": first_text(found, tasks, knowledge.library),
        "steps": [_task_as_json(task) for task in tasks],
    }


def _task_as_json(task: Task) -> dict[str, Any]:
    return {
        "stage": task.stage,
        "text": task.text,
        "stacks": list(task.stacks),
        "commands": [
            {
                "code": command.code,
                "language": command.language,
                **({"loses": command.danger.loses, "undo": command.danger.undo} if command.danger else {}),
            }
            for command in task.commands
        ],
        "sources": [_source_as_json(citation) for citation in task.citations],
    }


def _triaged(knowledge: KnowledgeBase, alert: Alert) -> dict[str, Any]:
    named = alert.stack.split(",") if isinstance(alert.stack, str) else alert.stack
    stacks = [name.strip().lower() for name in named if name.strip()]
    return {"id": alert.id, **triage_as_json(knowledge, knowledge.triage(alert.text, stacks))}


@app.command()
def phase(
    users: Annotated[float | None, typer.Option(min=0, help="registered users")] = None,
    growth: Annotated[float | None, typer.Option(help="growth a month, in %")] = None,
    peak: Annotated[float | None, typer.Option(min=0, help="requests per second at peak")] = None,
    database_gb: Annotated[float | None, typer.Option(min=0, help="size of the database, in GB")] = None,
    engineers: Annotated[float | None, typer.Option(min=0, help="engineers")] = None,
    deploys: Annotated[float | None, typer.Option(min=0, help="deploys a week")] = None,
    incidents: Annotated[float | None, typer.Option(min=0, help="incidents a month")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell the growth phase of these numbers, why, and what it makes due."""
    from bot.assembly import guidance_folders
    from bot.teams.phase import detect
    from bot.teams.plan import as_json as plan_as_json
    from bot.teams.plan import plan_for
    from bot.teams.profile import FactName
    from knowledge.library import load_library

    numbers = zip(FactName, (users, growth, peak, database_gb, engineers, deploys, incidents), strict=True)
    detected = detect({name: number for name, number in numbers if number is not None})
    library = load_library(*guidance_folders(read_settings()))
    plan = plan_for(library, detected.phase, {}) if detected.phase else None
    if as_json:
        _print_json({"phase": detected.phase, "evidence": detected.evidence, "plan": plan and plan_as_json(plan)})
    else:
        out.print(Markdown(_phase_as_markdown(detected, plan)))


def _phase_as_markdown(detected: "Detected", plan: "Plan | None") -> str:
    lines = [f"**{detected.phase or 'The phase is not known'}**", *(f"- {line}" for line in detected.evidence)]
    if plan is not None:
        lines += ["", "**Do now, in this order**", *(f"1. {item.entry.title}" for item in plan.do_now)]
        lines += [
            "",
            "**Leave alone for now**",
            *(f"- {left.entry.title}: {left.trigger}" for left in plan.leave_alone),
        ]
        lines += ["", f"**Next, at {plan.next_phase}**", *(f"- {entry.title}" for entry in plan.preview)]
    return "\n".join(lines)


@app.command()
def audit(
    workspace: Annotated[str, typer.Option(help="Slack's team id, such as T0123ABCD")],
    team: Annotated[int | None, typer.Option(help="a team's number; the workspace's own changes if left out")] = None,
) -> None:
    """Print every recorded change of a team's settings, roles and phase as CSV."""
    from bot.assembly import open_database
    from bot.database import open_sessions
    from bot.teams.admin import as_csv, exported

    with open_sessions(open_database(read_settings())).begin() as session:
        sys.stdout.write(as_csv(exported(session, workspace, team)))


def _stacks(typed: str) -> list[str]:
    stacks = [name.strip().lower() for name in typed.split(",") if name.strip()]
    if unknown := [name for name in stacks if name not in STACKS]:
        _refuse([f"--stack: {name!r} is unknown; use any of {', '.join(STACKS)}" for name in unknown])
    return stacks


def _line_fault(fault: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in fault["loc"])
    return f"{name}: {fault['msg']}" if name else f'{fault["msg"]}; each line is an object such as {{"question": "…"}}'


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _print_answers(answers: Answers, *, whole: bool = True) -> None:
    if answers.answered:
        best = answers.answers[0]
        out.print(Markdown(best.text if whole else f"**{best.entry.title}**\n\n{best.short}"))
        return
    out.print(answers.reply or "I have no guidance on that, so I would rather not guess.")
    if answers.topics and not answers.reply:
        out.print("The nearest I can help with: " + "; ".join(topic.title for topic in answers.topics))


@contextmanager
def _knowledge(settings: Settings | None = None) -> Iterator[KnowledgeBase]:
    """The guidance, with a status line while it loads."""
    from bot.assembly import open_knowledge

    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    with err.status("starting …") as status:
        knowledge = open_knowledge(settings or read_settings(), lambda step: status.update(f"{step} …"))
    yield knowledge


def _converse(settings: Settings) -> None:
    """A conversation in the terminal: the same answers, with the thread's context."""
    thread: list[str] = []
    with _knowledge(settings) as knowledge:
        out.print(
            "Ask me what to fix at your size, and what to leave alone yet. An empty line ends it, `more` shows all."
        )
        last: Answers | None = None
        while question := _typed():
            if question.lower() == "more" and last:
                _print_answers(last)
                continue
            last = knowledge.ask(question, thread=thread)
            thread.append(question)
            _print_answers(last, whole=False)


def _typed() -> str:
    try:
        return out.input("\n[bold]you>[/bold] ").strip()
    except (EOFError, KeyboardInterrupt):
        return ""


def _run_in_slack(settings: Settings) -> None:
    from bot.assembly import check_tokens
    from bot.slack.client import web_client

    assert settings.slack_bot_token is not None
    assert settings.slack_app_token is not None
    bot_token, app_token = settings.slack_bot_token.get_secret_value(), settings.slack_app_token.get_secret_value()
    check_tokens(web_client(bot_token, settings.slack_api_url), app_token)
    with _until_stopped():
        _serve(settings, bot_token, app_token, settings.slack_api_url, "The advisor is in your Slack. Ctrl-C stops it.")


def _run_trial(settings: Settings, program: Path) -> None:
    from bot.trial.server import APP_TOKEN, BOT_TOKEN, TrialServer

    with _until_stopped(), TrialServer(program, settings.trial_port) as server:
        welcome = (
            f"\nThe local trial is at {server.url} – a made-up workspace with the very same bot.\n"
            "Three things to try:\n"
            "  1. in #engineering: @advisor our dashboard takes 3 seconds since we passed 800 users\n"
            "  2. in the same thread, without a tag: and on MySQL?\n"
            "  3. anywhere: /advisor ask should we move to Kubernetes?\n"
            "(The local server listens on all interfaces of this machine.) Ctrl-C stops everything.\n"
        )
        _serve(settings, BOT_TOKEN, APP_TOKEN, f"{server.url}/api/", welcome)


def _serve(settings: Settings, bot_token: str, app_token: str, url: str, welcome: str) -> None:
    from bot.assembly import Running, opening_knowledge

    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    with err.status("starting …") as status:
        knowledge = opening_knowledge(settings, lambda step: status.update(f"{step} …"))
        running = Running(settings, knowledge, bot_token, app_token, url)
    try:
        running.start()
        with err.status("connected; loading the embedding model …") as status:
            knowledge.load()
        err.print(welcome, markup=False, highlight=False, soft_wrap=True)
        threading.Event().wait()
    finally:
        err.print("Stopping …")
        running.stop()


@contextmanager
def _until_stopped() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the block, wherever it is; what it opened is then closed without being disturbed again."""

    def stop(number: int, frame: object) -> None:
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in STOP_SIGNALS:
        signal.signal(each, stop)
    with suppress(KeyboardInterrupt):
        yield
