"""Somebody who uses Slack: says things, clicks, fills in forms, and sees what appears."""

import json
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from tests.e2e.screen import Control, Message, Screen, controls, read

BOT = "U0ADVISOR"
APP = "A0ADVISOR"


class Person:
    """One user of the trial's made-up workspace.

    Args:
        url: the local Slack server.
        screen: what they see.
        id: who they are, such as U0MAYA.
    """

    def __init__(self, url: str, screen: Screen, id: str) -> None:
        self._url = url
        self._screen = screen
        self.id = id

    @classmethod
    def of(cls, url: str, screen: Screen) -> "Callable[[str], Person]":
        """Anybody of the workspace, by id."""
        return lambda id: cls(url, screen, id)

    def say(self, text: str, channel: str = "C0ENG", thread: str | None = None) -> str:
        """Says something and returns its time stamp; the bot has acknowledged it by then, not yet answered."""
        said = self._act(
            "message",
            {"channel": channel, "user": self.id, "text": text, **({"thread_ts": thread} if thread else {})},
        )
        return str(said["message"]["ts"])

    def mention(self, text: str, channel: str = "C0ENG", thread: str | None = None) -> str:
        return self.say(f"<@{BOT}> {text}", channel, thread)

    def command(self, text: str, channel: str = "C0ENG") -> None:
        """Types `/advisor …`."""
        self._act("command", {"channel": channel, "user": self.id, "command": "/advisor", "text": text, "appId": APP})

    def edit(self, ts: str, text: str, channel: str = "C0ENG") -> None:
        self._act("edit-message", {"channel": channel, "ts": ts, "user": self.id, "text": text})

    def react(self, ts: str, name: str, channel: str = "C0ENG") -> None:
        self._act("reaction", {"channel": channel, "ts": ts, "user": self.id, "name": name})

    def sees_reply(self, ts: str, number: int = 1, channel: str = "C0ENG") -> Message:
        """The `number`th thing the bot said to all in the thread under `ts`, as soon as it is there."""

        def look() -> Message | None:
            said = self._from_bot(self._screen.thread(channel, ts))
            return _nth([message for message in said if not message.raw.get("ephemeral_to")], number)

        return self._screen.wait(f"reply {number} to {ts}", look)

    def sees(self, text: str, channel: str = "C0ENG", after: str = "0") -> Message:
        """The bot's first message that contains `text`, said later than time stamp `after`, thread or not."""

        def look() -> Message | None:
            said = self._from_bot(self._screen.messages(channel))
            return next((m for m in said if text in m.text and m.ts > after), None)

        return self._screen.wait(f"a message with {text!r} in {channel}", look)

    def channel(self, channel: str = "C0ENG") -> list[Message]:
        """What the bot has said in a channel and its threads so far, oldest first."""
        return self._from_bot(self._screen.messages(channel))

    def sees_file(self, name: str, channel: str = "C0ENG") -> Message:
        """The message with a file of this name."""

        def look() -> Message | None:
            files = [(m, file) for m in self._screen.messages(channel) for file in m.raw.get("files") or []]
            return next((message for message, file in files if file.get("name") == name), None)

        return self._screen.wait(f"the file {name}", look)

    def sees_changed(self, message: Message, expected: Callable[[Message], bool]) -> Message:
        """The same message when it has become as expected."""

        def look() -> Message | None:
            now = self.now(message)
            return now if expected(now) else None

        return self._screen.wait(f"a change of {message.text[:60]!r}", look)

    def now(self, message: Message) -> Message:
        """The message as it is now."""
        return next(m for m in self._screen.messages(message.channel) if m.ts == message.ts)

    def click(self, message: Message, label: str, choice: str | None = None) -> None:
        """Presses the button `label`, or picks `choice` (its text) in the select `label`."""
        message = self.now(message)
        assert label in message.controls, f"there is no {label!r}, only {sorted(message.controls)}"
        action = _action(message.controls[label], choice)
        self._act("interact", {"channel": message.channel, "messageTs": message.ts, "user": self.id, "action": action})

    def sees_form(self, title: str) -> Mapping[str, Any]:
        """The form on top, as soon as it has this title."""

        def look() -> Mapping[str, Any] | None:
            top = self._screen.modals[-1] if self._screen.modals else {}
            return top if (top.get("title") or {}).get("text") == title else None

        return self._screen.wait(f"a form titled {title!r}", look)

    def submit(self, **filled: object) -> Mapping[str, str]:
        """Fills in the form on top and sends it; returns what it says is wrong, nothing if it was taken.

        Args:
            filled: by block id; a string for a text or a choice's value, a list of values for checkboxes.
        """
        view = self._screen.modals[-1]
        values = {block: _filled(view, block, value) for block, value in filled.items()}
        return self._answer_form({"t": "view_submit", "user": self.id, "values": values})

    def close_form(self) -> None:
        self._answer_form({"t": "view_close", "user": self.id})

    def opens_home(self) -> str:
        """Opens the bot's Home tab and returns what there is to read, as soon as it is there."""
        self._screen.homes.pop(self.id, None)
        self._act("open-home", {"user": self.id, "appId": APP})
        return self.sees_home("")

    def sees_home(self, text: str) -> str:
        """What the Home tab says, as soon as it contains `text`."""

        def look() -> str | None:
            shown = read((self._screen.homes.get(self.id) or {}).get("blocks") or [])
            return shown if shown and text in shown else None

        return self._screen.wait(f"{text!r} on the Home tab", look)

    def click_home(self, label: str, choice: str | None = None) -> None:
        found = controls(self._screen.homes[self.id]["blocks"])
        assert label in found, f"there is no {label!r}, only {sorted(found)}"
        where = {"channel": "", "messageTs": "", "user": self.id, "appId": APP}
        self._screen.send({"t": "block_action", **where, "action": _action(found[label], choice)})

    def _answer_form(self, frame: Mapping[str, Any]) -> Mapping[str, str]:
        before = self._screen.modal_changes
        self._screen.send(frame)
        self._screen.wait("an answer to the form", lambda: self._screen.modal_changes > before)
        return self._screen.errors

    def _from_bot(self, messages: list[Message]) -> list[Message]:
        """What the bot said that this person can see."""
        return [m for m in messages if m.raw.get("bot_id") and m.raw.get("ephemeral_to") in (None, self.id)]

    def _act(self, what: str, body: Mapping[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._url}/_control/{what}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            done: dict[str, Any] = json.load(response)
        assert done["ok"], done
        return done


def _nth(messages: list[Message], number: int) -> Message | None:
    return messages[number - 1] if len(messages) >= number else None


def _action(control: Control, choice: str | None) -> dict[str, Any]:
    """What the page sends for a click; a choice is named by the text people see, or by its value."""
    element = control.element
    action = {"type": element["type"], "action_id": element["action_id"], "block_id": control.block_id}
    if choice is None:
        return {**action, "value": element.get("value"), "text": element.get("text")}
    options = element.get("options") or []
    found = next((o for o in options if choice in (o["text"]["text"], o["value"])), {"value": choice})
    return {**action, "selected_option": found}


def _filled(view: Mapping[str, Any], block_id: str, value: object) -> dict[str, Any]:
    blocks = {block.get("block_id"): block for block in view["blocks"]}
    assert block_id in blocks, f"the form has no {block_id!r}, only {list(blocks)}"
    element = blocks[block_id]["element"]
    return {element["action_id"]: {"type": element["type"], **_state(element, value)}}


def _state(element: Mapping[str, Any], value: object) -> dict[str, Any]:
    if element["type"] == "plain_text_input":
        return {"value": value}
    if element["type"] == "datepicker":
        return {"selected_date": value}
    if element["type"] == "users_select":
        return {"selected_user": value}
    options = {option["value"]: option for option in element.get("options") or []}
    if element["type"] == "checkboxes":
        assert isinstance(value, list)
        return {"selected_options": [options[each] for each in value]}
    return {"selected_option": options.get(str(value), {"value": value})}
