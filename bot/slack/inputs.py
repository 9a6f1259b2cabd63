"""Inputs of forms that know no feature; a block's id equals its field's name, as `bot.slack.forms.read` expects."""

from collections.abc import Sequence
from datetime import date

from slack_sdk.models.blocks import (
    Block,
    ChannelMultiSelectElement,
    CheckboxesElement,
    DatePickerElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    StaticSelectElement,
    UserMultiSelectElement,
)
from slack_sdk.models.views import View

from bot.slack.blocks import shorten

Choices = Sequence[tuple[str, str]]
"""Values and their labels."""

LONGEST = 2000
MOST_OPTIONS = 100


def modal(form_id: str, title: str, private: str, blocks: Sequence[Block], submit: str = "Save") -> View:
    return View(
        type="modal",
        callback_id=form_id,
        private_metadata=private,
        title=PlainTextObject(text=title),
        submit=PlainTextObject(text=submit),
        close=PlainTextObject(text="Cancel"),
        blocks=list(blocks),
    )


def field(
    name: str, label: str, element: InputInteractiveElement, *, optional: bool = False, hint: str | None = None
) -> InputBlock:
    return InputBlock(
        block_id=name,
        label=PlainTextObject(text=shorten(label, 2000)),
        element=element,
        optional=optional,
        hint=PlainTextObject(text=hint) if hint else None,
    )


def text(
    name: str,
    label: str,
    value: str | None = None,
    *,
    optional: bool = False,
    hint: str | None = None,
    multiline: bool = False,
) -> InputBlock:
    element = PlainTextInputElement(
        action_id=name, initial_value=value or None, multiline=multiline, max_length=LONGEST
    )
    return field(name, label, element, optional=optional, hint=hint)


def radio(name: str, label: str, choices: Choices, chosen: str | None = None, *, optional: bool = False) -> InputBlock:
    options = _options(choices)
    now = next((option for option in options if option.value == chosen), None)
    element = RadioButtonsElement(action_id=name, options=options, initial_option=now)
    return field(name, label, element, optional=optional)


def checkboxes(name: str, label: str, choices: Choices, chosen: Sequence[str] = ()) -> InputBlock:
    options = _options(choices)
    now = [option for option in options if option.value in chosen]
    element = CheckboxesElement(action_id=name, options=options, initial_options=now or None)
    return field(name, label, element, optional=True)


def select(name: str, label: str, choices: Choices, chosen: str | None = None, *, optional: bool = False) -> InputBlock:
    options = _options(choices[:MOST_OPTIONS])
    now = next((option for option in options if option.value == chosen), None)
    element = StaticSelectElement(action_id=name, placeholder="Choose", options=options, initial_option=now)
    return field(name, label, element, optional=optional)


def users(name: str, label: str, chosen: Sequence[str]) -> InputBlock:
    element = UserMultiSelectElement(action_id=name, placeholder="People", initial_users=list(chosen) or None)
    return field(name, label, element, optional=True)


def channels(name: str, label: str, chosen: Sequence[str]) -> InputBlock:
    element = ChannelMultiSelectElement(action_id=name, placeholder="Channels", initial_channels=list(chosen) or None)
    return field(name, label, element, optional=True)


def day(name: str, label: str, chosen: date) -> InputBlock:
    return field(name, label, DatePickerElement(action_id=name, initial_date=chosen.isoformat()))


def _options(choices: Choices) -> list[Option]:
    return [Option(value=value, label=shorten(label, 75)) for value, label in choices]
