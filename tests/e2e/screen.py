"""What the local Slack server shows in a browser, read from the same socket as its page."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import websocket

from bot.slack.blocks import unescape

T = TypeVar("T")
WITHIN_S = 60.0


@dataclass(frozen=True)
class Control:
    """Something to click in a message, form or Home tab: a button or a select."""

    label: str
    block_id: str
    element: Mapping[str, Any]


@dataclass(frozen=True)
class Message:
    """A message as people see it."""

    raw: Mapping[str, Any]

    @property
    def ts(self) -> str:
        return str(self.raw["ts"])

    @property
    def channel(self) -> str:
        return str(self.raw["channel"])

    @property
    def text(self) -> str:
        """Everything there is to read in it, one text a line; its fallback text only if it has no blocks."""
        return read(self.raw.get("blocks") or []) or unescape(str(self.raw.get("text") or ""))

    @property
    def controls(self) -> dict[str, Control]:
        """What can be clicked, by label."""
        return controls(self.raw.get("blocks") or [])


class Screen:
    """An open page: knows all channels, forms and Home tabs, and waits for what is to appear there."""

    def __init__(self, url: str) -> None:
        self._socket = websocket.create_connection(url.replace("http", "ws", 1) + "/ui", timeout=WITHIN_S)
        self._messages: dict[str, dict[str, Mapping[str, Any]]] = {}
        self.connected: dict[str, bool] = {}
        self.modals: list[Mapping[str, Any]] = []
        self.errors: Mapping[str, str] = {}
        self.homes: dict[str, Mapping[str, Any]] = {}
        self.modal_changes = 0

    def close(self) -> None:
        self._socket.close()

    def send(self, frame: Mapping[str, Any]) -> None:
        self._socket.send(json.dumps(frame))

    def messages(self, channel: str) -> list[Message]:
        """The messages of a channel and of its threads, oldest first."""
        return [Message(raw) for _, raw in sorted(self._messages.get(channel, {}).items())]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """What was said in the thread under `ts`, without its first message."""
        return [message for message in self.messages(channel) if message.raw.get("thread_ts") == ts]

    def wait(self, what: str, look: Callable[[], T | None], within_s: float = WITHIN_S) -> T:
        """Looks whenever something changes, until there is something to see.

        Raises:
            AssertionError: it did not appear in time; says `what`.
        """
        deadline = time.monotonic() + within_s
        while True:
            if seen := look():
                return seen
            left = deadline - time.monotonic()
            if left <= 0 or not self._next(left):
                raise AssertionError(f"did not appear within {within_s:g} s: {what}")

    def _next(self, within_s: float) -> bool:
        self._socket.settimeout(within_s)
        try:
            frame = json.loads(self._socket.recv())
        except websocket.WebSocketTimeoutException:
            return False
        take = getattr(self, f"_on_{frame['t']}", None)
        if take is not None:
            take(frame)
        return True

    def _on_init(self, frame: Mapping[str, Any]) -> None:
        state = frame["state"]
        self._messages = {
            channel: {message["ts"]: message for message in messages} for channel, messages in state["messages"].items()
        }
        self.connected = {app["appId"]: app["connected"] for app in state["apps"]}
        self.modals = state["modalStack"]
        self.homes = {user: next(iter(views.values())) for user, views in state["homeViews"].items() if views}

    def _on_message(self, frame: Mapping[str, Any]) -> None:
        message = frame["message"]
        self._messages.setdefault(message["channel"], {})[message["ts"]] = message

    _on_message_update = _on_message

    def _on_message_delete(self, frame: Mapping[str, Any]) -> None:
        self._messages.get(frame["channel"], {}).pop(frame["ts"], None)

    def _on_socket_status(self, frame: Mapping[str, Any]) -> None:
        self.connected[frame["appId"]] = frame["connected"]

    def _on_view(self, frame: Mapping[str, Any]) -> None:
        self.modals, self.errors = frame.get("stack") or [], {}
        self.modal_changes += 1

    def _on_view_errors(self, frame: Mapping[str, Any]) -> None:
        self.errors = frame.get("errors") or {}
        self.modal_changes += 1

    def _on_home(self, frame: Mapping[str, Any]) -> None:
        self.homes[frame["user"]] = frame["view"]


def read(blocks: list[Mapping[str, Any]]) -> str:
    """Every text in blocks, one a line, in the order in which people read."""
    return unescape("\n".join(text for block in blocks for text in _texts(block)))


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, Mapping):
        if part.get("type") in ("mrkdwn", "plain_text") and isinstance(part.get("text"), str):
            yield part["text"]
            return
        for name in ("text", "fields", "label", "element", "elements", "accessory", "options", "hint"):
            yield from _texts(part.get(name))
    elif isinstance(part, list):
        for inner in part:
            yield from _texts(inner)


def controls(blocks: list[Mapping[str, Any]]) -> dict[str, Control]:
    """Buttons and selects by their label (for a select: its placeholder, else its action id)."""
    found = {}
    for number, block in enumerate(blocks):
        for element in [*(block.get("elements") or []), block.get("accessory") or {}]:
            if element.get("action_id"):
                label = (element.get("text") or element.get("placeholder") or {}).get("text") or element["action_id"]
                found[label] = Control(label, block.get("block_id") or f"b{number}", element)
    return found
