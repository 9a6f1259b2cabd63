"""Forms of incidents, and what was filled in; a block's id equals its field's name."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from slack_sdk.models.blocks import (
    ConversationSelectElement,
    DatePickerElement,
    InputBlock,
    UserSelectElement,
)
from slack_sdk.models.views import View

from bot.errors import FormErrors
from bot.slack import inputs
from bot.slack.blocks import shorten
from bot.triage.board import Board
from bot.triage.coordination import Update
from bot.triage.messages import SEVERITIES
from bot.triage.resolution import Ending, Planned

FOLLOW_UPS = 3
OTHER_CAUSE = "other"
Filled = Mapping[str, object]


class FormId(StrEnum):
    START = "triage.form.start"
    CHANGED = "triage.form.changed"
    HAND_OVER = "triage.form.hand_over"
    UPDATE = "triage.form.update"
    RESOLVE = "triage.form.resolve"


def start(channel: str | None) -> View:
    """Asks what is broken; severity may be left out."""
    where = ConversationSelectElement(action_id="channel", initial_conversation=channel)
    blocks = [
        inputs.text("text", "What is broken? Paste the alert, or say what people see", multiline=True),
        inputs.radio("severity", "How bad is it?", _severities(), optional=True),
        inputs.field("channel", "Where shall the thread be?", where),
    ]
    return inputs.modal(FormId.START, "Start a triage", "", blocks, submit="Start")


def changed(incident_id: int) -> View:
    blocks = [
        inputs.text(
            "what",
            "What changed in the hours before?",
            multiline=True,
            hint="The last deploys, migrations, settings, imports, campaigns; “nothing known” is an answer too.",
        )
    ]
    return inputs.modal(FormId.CHANGED, "What changed?", str(incident_id), blocks)


def hand_over(incident_id: int) -> View:
    blocks = [
        inputs.field("to", "Who takes the lead?", UserSelectElement(action_id="to")),
        inputs.text("note", "What should they know that is not in the thread?", optional=True, multiline=True),
    ]
    return inputs.modal(FormId.HAND_OVER, "Hand over", str(incident_id), blocks, submit="Hand over")


def update(incident_id: int) -> View:
    blocks = [
        inputs.text("see", "What we see", multiline=True),
        inputs.text("do", "What we do", multiline=True),
        inputs.text("need", "What we need", optional=True, multiline=True),
    ]
    return inputs.modal(FormId.UPDATE, "Update", str(incident_id), blocks, submit="Post")


def resolve(shown: Board) -> View:
    """Asks what it was, what helped, and what remains to be done."""
    causes = [(shorten(cause, 140), cause) for cause in shown.causes]
    blocks = [
        inputs.select(
            "cause", "What was the cause?", [*causes, (OTHER_CAUSE, "Something else (say it below)")], optional=True
        ),
        inputs.text("own_cause", "In your own words", optional=True, multiline=True),
        inputs.text("helped", "What helped?", optional=True, multiline=True),
        inputs.text("impact", "Who was hit, how many, for how long?", optional=True, multiline=True),
        *(block for number in range(1, FOLLOW_UPS + 1) for block in _follow_up(number)),
    ]
    return inputs.modal(FormId.RESOLVE, "Resolve", str(shown.incident.id), blocks, submit="Resolve")


def update_of(filled: Filled) -> Update:
    return Update(_text(filled, "see") or "", _text(filled, "do") or "", _text(filled, "need") or "nothing")


def ending_of(filled: Filled, causes: Sequence[str]) -> Ending:
    """What was filled in when resolving.

    Raises:
        FormErrors: a follow-up lacks its words, its owner or its day.
    """
    planned, faults = [], dict[str, str]()
    for number in range(1, FOLLOW_UPS + 1):
        one = _planned(filled, number, faults)
        planned += [one] if one else []
    cause = _cause(filled, causes, faults)
    if faults:
        raise FormErrors(faults)
    return Ending(cause, _text(filled, "helped"), _text(filled, "impact"), tuple(planned))


def _cause(filled: Filled, causes: Sequence[str], faults: dict[str, str]) -> str | None:
    chosen, own = _text(filled, "cause"), _text(filled, "own_cause")
    if chosen == OTHER_CAUSE and own is None:
        faults["own_cause"] = "Say in a few words what it was, or choose one above."
    known = next((cause for cause in causes if shorten(cause, 140) == chosen), None)
    return ": ".join(part for part in (known, own) if part) or None


def _planned(filled: Filled, number: int, faults: dict[str, str]) -> Planned | None:
    text, owner, due = (_text(filled, f"{name}_{number}") for name in ("todo", "owner", "due"))
    if text is None and owner is None:
        return None
    if text is None:
        faults[f"todo_{number}"] = "Say what is to be done."
    if owner is None:
        faults[f"owner_{number}"] = "Choose who does it."
    if due is None:
        faults[f"due_{number}"] = "Choose until when."
    return Planned(text, owner, date.fromisoformat(due)) if text and owner and due else None


def _follow_up(number: int) -> list[InputBlock]:
    todo, owner, due = (f"{name}_{number}" for name in ("todo", "owner", "due"))
    return [
        inputs.text(todo, f"Follow-up {number}", optional=True),
        inputs.field(owner, "Who does it?", UserSelectElement(action_id=owner), optional=True),
        inputs.field(due, "Until when?", DatePickerElement(action_id=due), optional=True),
    ]


def _severities() -> list[tuple[str, str]]:
    return [(str(severity.value), name) for severity, name in SEVERITIES.items()]


def _text(filled: Filled, name: str) -> str | None:
    value = filled.get(name)
    return str(value) if value else None
