"""`/advisor WORD …`: each feature registers its words; whatever else is typed gets help."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

COMMAND = "/advisor"


@dataclass(frozen=True)
class Typed:
    """What was typed behind a word of the command, and everything Slack told about it."""

    workspace_id: str
    channel: str
    person: str
    text: str
    trigger_id: str
    response_url: str
    client: WebClient


@dataclass(frozen=True)
class Word:
    """One word of the command: how it is used, what it does."""

    usage: str
    purpose: str
    do: Callable[[Typed], None]


class Commands:
    """The words of `/advisor`, in the order in which help shows them."""

    def __init__(self) -> None:
        self._words: dict[str, Word] = {}

    def add(self, name: str, usage: str, purpose: str, do: Callable[[Typed], None]) -> None:
        self._words[name] = Word(usage, purpose, do)

    def register(self, app: App) -> None:
        app.command(COMMAND)(self._dispatch)

    def help(self) -> str:
        lines = [f"• `{COMMAND} {word.usage}` – {word.purpose}" for word in self._words.values()]
        return "\n".join(["*What I can do*", *lines, f"• `{COMMAND} help` – this list"])

    def _dispatch(self, ack: Ack, respond: Respond, body: dict[str, Any], client: WebClient) -> None:
        ack()
        name, _, rest = str(body.get("text") or "").strip().partition(" ")
        word = self._words.get(name.lower())
        if word is None:
            unknown = "" if name.lower() in ("", "help") else f"I do not know `{COMMAND} {_harmless(name)}`. "
            hint = f"To ask something: `{COMMAND} ask {_harmless(name)} …`\n" if unknown else ""
            respond(text=unknown + hint + self.help(), response_type="ephemeral", replace_original=False)
            return
        word.do(
            Typed(
                workspace_id=str(body.get("team_id") or "unknown"),
                channel=str(body.get("channel_id") or ""),
                person=str(body.get("user_id") or ""),
                text=rest.strip(),
                trigger_id=str(body.get("trigger_id") or ""),
                response_url=str(body.get("response_url") or ""),
                client=client,
            )
        )


def _harmless(name: str) -> str:
    return "".join(character for character in name if character.isalnum() or character in "-_")[:30]
