"""What happened when, as one list, as Markdown, and as the page that is kept; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.triage.board import Board
from bot.triage.model import Incident, Kind, Line, ThreadMessage

Names = Mapping[str, str]
_MENTION = re.compile(r"<@(\w+)>")


@dataclass(frozen=True)
class Event:
    """One line of a timeline: when, who, what; `quoted` when it is somebody's message."""

    at: datetime
    by: str | None
    text: str
    kind: Kind | None = None
    edited: bool = False

    @property
    def quoted(self) -> bool:
        return self.kind is None


def events_of(lines: Sequence[Line], marked: Sequence[ThreadMessage]) -> list[Event]:
    """Everything in the order in which it happened; a message that was taken back is not there any more."""
    written = [Event(line.at, line.by, line.text, line.kind) for line in lines]
    quoted = [
        Event(moment(message.ts), message.by, message.text, edited=message.edited_at is not None)
        for message in marked
        if message.text and message.deleted_at is None
    ]
    return sorted([*written, *quoted], key=lambda event: event.at)


def moment(ts: str) -> datetime:
    """When Slack says that a message was written."""
    return datetime.fromtimestamp(float(ts), UTC)


def as_markdown(incident: Incident, title: str, events: Sequence[Event], names: Names) -> str:
    """The timeline as a file; every time has its date, the zone is named once."""
    head = f"# Timeline of incident {incident.id}: {title}\n\nTimes are in {incident.timezone}.\n"
    return "\n".join([head, *timeline_lines(incident, events, names), ""])


def timeline_lines(incident: Incident, events: Sequence[Event], names: Names) -> list[str]:
    """One bullet for each event."""
    return [f"- {when(event.at, incident.timezone)} – {_told(event, names)}" for event in events]


def page(board: Board, events: Sequence[Event], names: Names) -> str:
    """The post-incident page as Markdown: what happened and what we learn, without blame."""
    incident = board.incident
    parts = [
        f"# Incident {incident.id}: {board.title}",
        "This page looks for what made the incident possible, not for whoever was there when it showed.",
        "## Summary\n\n" + "\n".join(_summary(board, names)),
        "## Impact\n\n" + (incident.impact or "Not written down yet: who was hit, how many, for how long?"),
        "## Timeline\n\n"
        + f"Times are in {incident.timezone}.\n\n"
        + "\n".join(timeline_lines(incident, events, names)),
        "## Cause\n\n" + (incident.cause or "Not known yet."),
        "## What helped\n\n" + "\n".join(_helped(board, names)),
        "## Follow-ups\n\n" + "\n".join(_follow_ups(board, names)),
        "## Open questions\n\n" + "\n".join(f"- {question}" for question in _open_questions(board)),
    ]
    return "\n\n".join(parts) + "\n"


def when(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def lasted(incident: Incident) -> str | None:
    """How long it lasted, in the unit in which people would say it."""
    end = incident.mitigated_at or incident.closed_at
    if end is None:
        return None
    minutes = int((end - incident.opened_at).total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _told(event: Event, names: Names) -> str:
    who = names.get(event.by or "", event.by or "somebody")
    words = _MENTION.sub(lambda found: names.get(found.group(1), found.group(1)), " ".join(event.text.split()))
    if event.quoted:
        return f"{who}: “{words}”" + (" (edited)" if event.edited else "")
    return f"{words} ({who})"


def _summary(board: Board, names: Names) -> list[str]:
    incident = board.incident
    owner = names.get(incident.owner or "", incident.owner or "nobody")
    duration = lasted(incident)
    return [
        f"- Began: {when(incident.opened_at, incident.timezone)}",
        f"- Lasted: {duration or 'still going on'}",
        f"- Severity: {incident.severity or 'not set'}",
        f"- Led by: {owner}",
        f"- Symptom: {board.title}" + ("" if incident.confirmed else " (not confirmed)"),
        f"- State: {incident.state}",
    ]


def _helped(board: Board, names: Names) -> list[str]:
    told = [board.incident.helped] if board.incident.helped else []
    done = [
        f"- {task.text} ({names.get(board.done[task.id].by, board.done[task.id].by)})"
        for task in board.tasks
        if task.id in board.done
    ]
    return [*told, *(["", "Steps that were done:", *done] if done else [])] or ["Not written down yet."]


def _follow_ups(board: Board, names: Names) -> list[str]:
    lines = [
        f"- [{'x' if todo.done else ' '}] {todo.text} – {names.get(todo.owner, todo.owner)}, due {todo.due.isoformat()}"
        for todo in board.todos
    ]
    return lines or ["None."]


def _open_questions(board: Board) -> list[str]:
    incident = board.incident
    asked = [
        (incident.cause is None, "What was the cause?"),
        (incident.impact is None, "Who was hit, how many, for how long?"),
        (not incident.confirmed, f"Was it really “{board.title}”?"),
        (incident.mitigated_at is None, "When did the bleeding stop?"),
        (not board.todos, "What makes this less likely, or shorter, next time?"),
    ]
    return [question for open_, question in asked if open_] or ["How would we have noticed earlier?"]


def mentioned(text: str) -> list[str]:
    """The people that a line names."""
    return _MENTION.findall(text)
