"""`advisor ask`, `symptoms`, `triage`: what the advisor knows, from the shell, without Slack and without a database."""

import sys
from typing import Annotated, Any

import typer
from pydantic import BaseModel, Field
from rich.markdown import Markdown

from bot.cli.output import AsJson, Batch, opened_knowledge, out, print_json, refuse, stacks_typed, work_batch
from knowledge.answer import Answer
from knowledge.base import Answers, KnowledgeBase
from knowledge.model import Citation, Phase
from knowledge.runbook import Task, first_text, prompt_of
from knowledge.symptoms import Reported, SymptomReading
from knowledge.triage import Recognised

Users = Annotated[int | None, typer.Option(min=0, help="registered users")]
PhaseOption = Annotated[Phase | None, typer.Option(help="growth phase")]


def add_to(app: typer.Typer) -> None:
    for command in (ask, symptoms, triage):
        app.command()(command)


def ask(
    question: Annotated[str | None, typer.Argument(help="what you want to know")] = None,
    users: Users = None,
    phase: PhaseOption = None,
    as_json: AsJson = False,
    batch: Batch = None,
) -> None:
    """Answer a question, or each line of a file: {"id", "question", "users"?, "phase"?}."""
    if question is None and batch is None:
        refuse(['Ask something: advisor ask "why is our dashboard slow?"'])
    with opened_knowledge() as knowledge:
        if batch is not None:
            sys.exit(0 if work_batch(batch, BatchLine, lambda line: _answered(knowledge, line)) else 2)
        answers = knowledge.ask(question or "", phase=phase, users=users)
        print_json(answers_as_json(answers)) if as_json else print_answers(answers)


def answers_as_json(answers: Answers) -> dict[str, Any]:
    """What an answer is to a program: the best five, best first, or the nearest topics.

    Where a message is about several matters, the first answers are theirs, worst first.
    """
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


class Note(BaseModel):
    """One line of a batch: a note or a log line."""

    id: Any = None
    text: str


def _answered(knowledge: KnowledgeBase, line: BatchLine) -> dict[str, Any]:
    answers = knowledge.ask(line.question, phase=line.phase, users=line.users)
    return {"id": line.id, **answers_as_json(answers), "question": line.question}


def symptoms(
    text: Annotated[str | None, typer.Argument(help="a note or a log line")] = None,
    as_json: AsJson = False,
    batch: Batch = None,
) -> None:
    """Read which symptoms a note or log line reports and denies, or each line of a file: {"id", "text"}."""
    if text is None and batch is None:
        refuse(['Write a note: advisor symptoms "deploys are fine, but mails arrive hours late"'])
    with opened_knowledge() as knowledge:
        if batch is not None:
            sys.exit(0 if work_batch(batch, Note, lambda note: _noted(knowledge, note)) else 2)
        reading = knowledge.read(text or "")
        print_json(reading_as_json(reading)) if as_json else out.print(_reading_as_text(reading), highlight=False)


def reading_as_json(reading: SymptomReading) -> dict[str, Any]:
    """What a reading is to a program: the symptoms present, surest first, and those denied."""
    return {
        "present": [_reported_as_json(reported) for reported in reading.present],
        "denied": [_reported_as_json(reported) for reported in reading.denied],
    }


def _reported_as_json(reported: Reported) -> dict[str, Any]:
    return {"symptom": reported.symptom, "score": round(reported.score, 4), "because": reported.because}


def _reading_as_text(reading: SymptomReading) -> str:
    lines = [f"present: {found.symptom} (“{found.because}”)" for found in reading.present]
    lines += [f"denied:  {found.symptom} (“{found.because}”)" for found in reading.denied]
    return "\n".join(lines) or "No symptom is reported or denied."


def _noted(knowledge: KnowledgeBase, note: Note) -> dict[str, Any]:
    return {"id": note.id, **reading_as_json(knowledge.read(note.text))}


def triage(
    text: Annotated[str | None, typer.Argument(help="the alert, the error line, or what people see")] = None,
    stack: Annotated[str, typer.Option(help="what you run, as postgres,redis")] = "",
    as_json: AsJson = False,
    batch: Batch = None,
) -> None:
    """Say what an alert may be and what to look at first, or each line of a file: {"id", "text", "stack"?}."""
    if text is None and batch is None:
        refuse(['Say what you see: advisor triage "ERROR: canceling statement due to lock timeout"'])
    stacks = stacks_typed(stack)
    with opened_knowledge() as knowledge:
        if batch is not None:
            sys.exit(0 if work_batch(batch, Alert, lambda line: _triaged(knowledge, line)) else 2)
        found = knowledge.triage(text or "", stacks)
        shown = triage_as_json(knowledge, found)
        print_json(shown) if as_json else out.print(Markdown(shown["text"]))


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


def print_answers(answers: Answers, *, whole: bool = True) -> None:
    if answers.answered:
        for statement, found in answers.shown:
            if statement:
                out.print(Markdown(f"> {statement}"))
            out.print(Markdown(found.text if whole else f"**{found.entry.title}**\n\n{found.short}"))
        return
    out.print(answers.reply or "I have no guidance on that, so I would rather not guess.")
    if answers.topics and not answers.reply:
        out.print("The nearest I can help with: " + "; ".join(topic.title for topic in answers.topics))
