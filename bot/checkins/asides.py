"""Answers a click or form beside its message, only to the person, through the outbox."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.database import Sessions
from bot.delivery.service import Outbox
from bot.slack.words import Words


class Asides:
    """Says what only the person who asked for it needs to see."""

    def __init__(self, outbox: Outbox, sessions: Sessions, deliver: Callable[[str, str], object]) -> None:
        self._outbox = outbox
        self._sessions = sessions
        self._deliver = deliver

    def respond(self, workspace_id: str, person: str, response_url: str, occasion: str, words: Words) -> None:
        """Answers a command."""
        key = f"aside:{person}:{occasion}"
        with self._sessions.begin() as session:
            self._outbox.respond(
                session, words, workspace_id=workspace_id, key=key, person=person, response_url=response_url
            )
        self._deliver(workspace_id, key)

    def direct(self, workspace_id: str, person: str, occasion: str, words: Words) -> None:
        """Writes to the person."""
        key = f"aside:{person}:{occasion}"
        with self._sessions.begin() as session:
            self._outbox.post(session, words, workspace_id=workspace_id, key=key, target=person)
        self._deliver(workspace_id, key)

    def beside(self, workspace_id: str, person: str, body: Mapping[str, Any], words: Words) -> None:
        """Answers a click where it happened, seen only by the person; a click on Home or in a direct message, there."""
        occasion = str(body["actions"][0].get("action_ts") or body.get("trigger_id"))
        channel = str((body.get("channel") or {}).get("id") or "")
        if not channel or channel.startswith("D"):
            self.direct(workspace_id, person, occasion, words)
            return
        key = f"aside:{person}:{occasion}"
        with self._sessions.begin() as session:
            self._outbox.whisper(session, words, workspace_id=workspace_id, key=key, channel=channel, person=person)
        self._deliver(workspace_id, key)
