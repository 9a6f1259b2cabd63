"""Says what the outbox holds; nothing waits in here, what Slack does not take now is taken up by a later beat."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta
from typing import Protocol

from bot.delivery.model import Action, Outgoing
from bot.delivery.service import Outbox
from bot.errors import SlackBusy, SlackRefused, SlackUncertain
from bot.slack.words import Attachment, Landed

log = logging.getLogger(__name__)


class Voice(Protocol):
    """Slack's Web API as far as speaking goes; raises SlackRefused, SlackBusy or SlackUncertain."""

    def post(
        self, channel: str, text: str, blocks: list[dict[str, object]], thread_ts: str | None, mark: str
    ) -> Landed: ...

    def update(self, channel: str, ts: str, text: str, blocks: list[dict[str, object]]) -> Landed: ...

    def whisper(
        self, channel: str, person: str, text: str, blocks: list[dict[str, object]], thread_ts: str | None
    ) -> None: ...

    def respond(self, response_url: str, text: str, blocks: list[dict[str, object]], *, replace: bool) -> None: ...

    def find(self, channel: str, thread_ts: str | None, mark: str) -> Landed | None: ...

    def upload(self, channel: str, thread_ts: str | None, file: Attachment) -> None: ...

    def has_file(self, channel: str, thread_ts: str | None, filename: str) -> bool: ...


class Postman:
    """Delivers outgoing messages.

    Args:
        outbox: what is to be said.
        voice_of: workspace id → its Slack.
        executor: says messages of different targets side by side; None says them one after the other.
    """

    def __init__(self, outbox: Outbox, voice_of: Callable[[str], Voice], executor: Executor | None = None) -> None:
        self._outbox = outbox
        self._voice_of = voice_of
        self._executor = executor

    def deliver(self, limit: int = 200) -> int:
        """Says what is due, for at most `limit` targets; returns how many it tried."""
        rows = self._outbox.claim(limit)
        if self._executor is None:
            for row in rows:
                self._speak(row)
        else:
            list(self._executor.map(self._speak, rows))
        return len(rows)

    def flush(self, target: str, limit: int = 5) -> None:
        """Says what waits for one target now, in this thread; what cannot be said stays for the beat."""
        for _ in range(limit):
            rows = self._outbox.claim(1, target)
            if not rows:
                return
            self._speak(rows[0])

    def bring(self, workspace_id: str, key: str) -> str | None:
        """Says the message under `key`, after those before it, if Slack takes it now.

        Returns:
            Slack's error if it refused the message for good.
        """
        target = self._outbox.target_of(workspace_id, key)
        if target is not None:
            self.flush(target)
        return self._outbox.refusal(workspace_id, key)

    def _speak(self, row: Outgoing) -> None:
        try:
            landed = self._say(row)
        except SlackUncertain as trouble:
            self._outbox.postponed(row, _backoff(row, trouble), str(trouble), uncertain=True)
            self._note("message_uncertain", row, str(trouble))
        except SlackBusy as trouble:
            self._outbox.postponed(row, _backoff(row, trouble), str(trouble), uncertain=False)
            self._note("message_postponed", row, str(trouble))
        except SlackRefused as refusal:
            self._outbox.failed(row, refusal.code)
            self._note("message_refused", row, refusal.code)
        else:
            self._outbox.sent(row, landed)

    def _say(self, row: Outgoing) -> Landed | None:
        voice = self._voice_of(row.workspace_id)
        text, blocks = row.text or "", list(row.blocks or [])
        if row.action == Action.POST:
            return self._post(voice, row, text, blocks)
        if row.action == Action.UPDATE:
            return self._update(voice, row, text, blocks)
        if row.action == Action.UPLOAD:
            self._upload(voice, row)
            return None
        if row.action == Action.EPHEMERAL:
            voice.whisper(row.target, row.person or "", text, blocks, row.thread_ts)
        else:
            voice.respond(row.response_url or "", text, blocks, replace=False)
        return None

    def _post(self, voice: Voice, row: Outgoing, text: str, blocks: list[dict[str, object]]) -> Landed:
        thread_ts = self._root(row).ts if row.thread_of else row.thread_ts
        if row.uncertain and (found := voice.find(row.target, thread_ts, row.key)):
            return found
        if self._outbox.is_too_late(row):
            raise SlackRefused("too_late")
        return voice.post(row.target, text, blocks, thread_ts, row.key)

    def _upload(self, voice: Voice, row: Outgoing) -> None:
        root = self._root(row) if row.thread_of else None
        channel, thread_ts = (root.channel, root.ts) if root else (row.target, row.thread_ts)
        file = Attachment(row.filename or "file", row.text or "", row.content or b"")
        if not (row.uncertain and voice.has_file(channel, thread_ts, file.filename)):
            voice.upload(channel, thread_ts, file)

    def _root(self, row: Outgoing) -> Landed:
        """The message in whose thread the row is said."""
        root = self._outbox.lookup(row.workspace_id, row.thread_of or "")
        if root is None:
            raise SlackRefused("thread_root_never_arrived")
        return root

    def _update(self, voice: Voice, row: Outgoing, text: str, blocks: list[dict[str, object]]) -> Landed | None:
        if row.response_url:
            voice.respond(row.response_url, text, blocks, replace=True)
            return None
        original = self._outbox.lookup(row.workspace_id, row.of_key or "")
        if original is None:
            raise SlackRefused("original_never_arrived")
        return voice.update(original.channel, original.ts, text, blocks)

    def _note(self, action: str, row: Outgoing, why: str) -> None:
        log.warning(
            "a message was not said: %s", why, extra={"action": action, "outgoing_id": row.id, "attempt": row.attempts}
        )


def _backoff(row: Outgoing, trouble: SlackBusy) -> timedelta:
    """What Slack asked for, and longer each time it keeps failing, up to five minutes."""
    if isinstance(trouble, SlackUncertain):
        return timedelta(seconds=min(300.0, trouble.retry_after * 2 ** min(row.attempts - 1, 6)))
    return timedelta(seconds=trouble.retry_after)
