"""Slack's Web API as the rest of the bot wants it: a few verbs, and errors that say whether to try again."""

import http.client
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.errors import SlackBusy, SlackRefused, SlackTrouble, SlackUncertain
from bot.slack.words import Attachment, Landed

log = logging.getLogger(__name__)

MARK = "advisor_message"
TRANSIENT = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
REFUSED_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
TIMEOUT_S = 10


def web_client(token: str, base_url: str) -> WebClient:
    """A client that never retries by itself: slack_sdk would post again after a broken connection."""
    return WebClient(token=token, base_url=base_url, timeout=TIMEOUT_S, retry_handlers=[])


@contextmanager
def slack_errors() -> Iterator[None]:
    """Turns what slack_sdk raises into SlackRefused, SlackBusy and SlackUncertain."""
    try:
        yield
    except SlackApiError as error:
        raise _trouble(error) from error
    except URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            raise SlackBusy from error
        raise SlackUncertain from error
    except (OSError, http.client.HTTPException, SlackClientError) as error:
        raise SlackUncertain from error


def _trouble(error: SlackApiError) -> SlackTrouble:
    response = error.response
    status = int(getattr(response, "status_code", 200))
    code = str(response.get("error", "unknown")) if isinstance(response.data, dict) else "unknown"
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        return SlackBusy(float(response.headers.get("Retry-After", response.headers.get("retry-after", 5))))
    if status >= 500 or code in TRANSIENT:
        return SlackUncertain()
    return SlackRefused(code)


class SlackVoice:
    """Says things in one workspace."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def post(self, channel: str, text: str, blocks: list[dict[str, Any]], thread_ts: str | None, mark: str) -> Landed:
        with slack_errors():
            call = {
                "channel": self._channel_of(channel),
                "text": text,
                "thread_ts": thread_ts,
                "unfurl_links": False,
                "unfurl_media": False,
                "metadata": {"event_type": MARK, "event_payload": {"id": mark}},
            }
            response = self._with_plain_fallback(self._client.chat_postMessage, call, blocks)
            return Landed(str(response["channel"]), str(response["ts"]))

    def update(self, channel: str, ts: str, text: str, blocks: list[dict[str, Any]]) -> Landed:
        with slack_errors():
            call = {"channel": channel, "ts": ts, "text": text}
            response = self._with_plain_fallback(self._client.chat_update, call, blocks)
            return Landed(str(response["channel"]), str(response["ts"]))

    def whisper(
        self, channel: str, person: str, text: str, blocks: list[dict[str, Any]], thread_ts: str | None
    ) -> None:
        with slack_errors():
            call = {"channel": channel, "user": person, "text": text, "thread_ts": thread_ts}
            self._with_plain_fallback(self._client.chat_postEphemeral, call, blocks)

    def respond(self, response_url: str, text: str, blocks: list[dict[str, Any]], *, replace: bool) -> None:
        with slack_errors():
            response = WebhookClient(response_url, timeout=TIMEOUT_S, retry_handlers=[]).send(
                text=text, blocks=blocks or None, response_type="ephemeral", replace_original=replace
            )
        if response.status_code == 429:
            raise SlackBusy(float(response.headers.get("Retry-After", 5)))
        if response.status_code >= 500:
            raise SlackUncertain
        if response.status_code >= 400:
            raise SlackRefused(f"http_{response.status_code}")

    def find(self, channel: str, thread_ts: str | None, mark: str) -> Landed | None:
        """The bot's own recent message that carries `mark`, if it arrived."""
        with slack_errors():
            where = self._channel_of(channel)
            if thread_ts:
                page = self._client.conversations_replies(
                    channel=where, ts=thread_ts, limit=200, include_all_metadata=True
                )
            else:
                page = self._client.conversations_history(channel=where, limit=100, include_all_metadata=True)
        for message in page.get("messages") or []:
            if (message.get("metadata") or {}).get("event_payload", {}).get("id") == mark:
                return Landed(where, str(message["ts"]))
        return None

    def upload(self, channel: str, thread_ts: str | None, file: Attachment) -> None:
        with slack_errors():
            self._client.files_upload_v2(
                channel=self._channel_of(channel),
                thread_ts=thread_ts,
                filename=file.filename,
                title=file.filename,
                alt_txt=file.description,
                content=file.content,
            )

    def has_file(self, channel: str, thread_ts: str | None, filename: str) -> bool:
        """Whether a file of this name is in the thread, or lately in the channel."""
        with slack_errors():
            where = self._channel_of(channel)
            if thread_ts:
                page = self._client.conversations_replies(channel=where, ts=thread_ts, limit=200)
            else:
                page = self._client.conversations_history(channel=where, limit=100)
        return any(file.get("name") == filename for m in page.get("messages") or [] for file in m.get("files") or [])

    def _channel_of(self, target: str) -> str:
        """A person's direct-message channel, or the channel itself."""
        if not target.startswith(("U", "W")):
            return target
        return str(self._client.conversations_open(users=target)["channel"]["id"])

    def _with_plain_fallback(
        self, call: Callable[..., Any], arguments: dict[str, Any], blocks: list[dict[str, Any]]
    ) -> Any:
        """Says it plainly where a workspace's plan or an old client does not take a block."""
        try:
            return call(**arguments, blocks=blocks or None)
        except SlackApiError as error:
            if not blocks or error.response.get("error") not in REFUSED_BLOCKS:
                raise
            log.warning("Slack refused the blocks; said as plain text", extra={"action": "blocks_refused"})
            return call(**arguments)


class SignOfLife:
    """Shows at once that somebody is at work: a status where Slack knows one, else 👀 on the message. Best effort."""

    def __init__(self, client: WebClient, channel: str, ts: str, thread_ts: str) -> None:
        self._client = client
        self._channel, self._ts, self._thread_ts = channel, ts, thread_ts
        self._reacted = False

    def __enter__(self) -> "SignOfLife":
        if not self._try(lambda: self._status("is looking through the guidance…")):
            self._reacted = self._try(
                lambda: self._client.reactions_add(channel=self._channel, timestamp=self._ts, name="eyes")
            )
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._reacted:
            self._try(lambda: self._client.reactions_remove(channel=self._channel, timestamp=self._ts, name="eyes"))
        else:
            self._try(lambda: self._status(""))

    def _status(self, status: str) -> Any:
        return self._client.assistant_threads_setStatus(
            channel_id=self._channel, thread_ts=self._thread_ts, status=status
        )

    def _try(self, call: Callable[[], Any]) -> bool:
        try:
            call()
        except (SlackApiError, OSError, http.client.HTTPException):
            return False
        return True
