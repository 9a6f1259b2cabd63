"""The Bolt app: taking events in once, one error handler, workers that keep the log's request id."""

import logging
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from typing import Any, Protocol

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.context import BoltContext
from slack_sdk import WebClient

from bot.errors import BotError, FormErrors, SlackTrouble, StillLoading
from bot.logs import request_id
from bot.slack.client import slack_errors

log = logging.getLogger(__name__)

WORKERS = 16


class Intake(Protocol):
    """Remembers what was taken in; see bot.delivery.service.Inbox."""

    def take_in(self, workspace_id: str, key: str, body: dict[str, Any] | None = None) -> int: ...

    def finish(self, workspace_id: str, key: str) -> None: ...

    def release(self, workspace_id: str, key: str) -> None: ...


@dataclass
class _Underway:
    workspace_id: str
    key: str
    attempt: int
    failed: bool = False


_underway: ContextVar[_Underway | None] = ContextVar("underway", default=None)


class ContextKeepingExecutor(ThreadPoolExecutor):
    """Bolt's listeners run here, with the request id of the event, and what they worked is marked as done."""

    def __init__(self, intake: Intake, workers: int = WORKERS) -> None:
        super().__init__(max_workers=workers, thread_name_prefix="listener")
        self._intake = intake

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(copy_context().run, run_and_finish, self._intake, fn, *args, **kwargs)


class InlineExecutor(Executor):
    """Runs listeners in the caller's thread: `dispatch()` returns when they have finished."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(copy_context().run(run_and_finish, self._intake, fn, *args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


def run_and_finish(intake: Intake, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    result = fn(*args, **kwargs)
    underway = _underway.get()
    if underway is not None:
        done = intake.release if underway.failed else intake.finish
        done(underway.workspace_id, underway.key)
    return result


def build_app(
    client: WebClient, intake: Intake, executor: Executor, signing_secret: str = "unused-in-socket-mode"
) -> App:
    """An app without listeners that makes no call to Slack while it is built.

    Args:
        client: for the one workspace of Socket Mode.
        intake: remembers what was taken in.
        executor: where listeners run.
        signing_secret: for HTTP mode.
    """
    app = App(
        client=client,
        signing_secret=signing_secret,
        token_verification_enabled=False,
        listener_executor=executor,
        raise_error_for_unhandled_request=False,
    )
    app.middleware(_Once(intake))
    app.error(_explain)
    return app


class _Once:
    """Bolt middleware: lets each event, click and submit through once."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def __call__(self, request: BoltRequest, context: BoltContext, next: Callable[[], BoltResponse]) -> BoltResponse:
        request_id.set(secrets.token_hex(4))
        _underway.set(None)
        key = delivery_key(request.body)
        if key is None:
            return next()
        workspace = context.team_id or "unknown"
        body = dict(request.body) if request.body.get("type") == "event_callback" else None
        attempt = self._intake.take_in(workspace, key, body)
        if not attempt:
            return BoltResponse(status=200, body="")
        _underway.set(_Underway(workspace, key, attempt))
        return next()


def delivery_key(body: Mapping[str, Any]) -> str | None:
    """What makes one delivery the same as another, or None for what Slack never repeats."""
    if body.get("event_id"):
        return f"event:{body['event_id']}"
    person = (body.get("user") or {}).get("id", "")
    actions = body.get("actions")
    if actions and actions[0].get("action_ts"):
        return f"action:{person}:{actions[0].get('action_id')}:{actions[0]['action_ts']}"
    if body.get("command") and body.get("trigger_id"):
        return f"command:{body['trigger_id']}"
    if body.get("type") in {"message_action", "shortcut"} and body.get("action_ts"):
        return f"shortcut:{person}:{body['action_ts']}"
    # Forms are not here: a form that came back with errors is submitted again under the same id; what a form
    # does is made to take effect once where it takes effect.
    return None


def _explain(
    error: Exception, body: dict[str, Any], context: BoltContext, client: WebClient, response: BoltResponse | None
) -> BoltResponse | None:
    """The one place where errors become words: known ones say what to do, unknown ones give a reference.

    Returns:
        Slack's answer; None where Slack has been answered already (`response` is None then).
    """
    if isinstance(error, FormErrors):
        return _answered(context, response_action="errors", errors=error.fields)
    if isinstance(error, StillLoading):
        words = _for_later(error, body)
    else:
        words = str(error) if isinstance(error, BotError) else _reference(error)
    if words:
        _tell_kindly(words, body, context, client)
    return _answered(context) if response is not None else None


def _for_later(error: StillLoading, body: Mapping[str, Any]) -> str:
    """An event is given back, to be worked when everything is loaded; commands and clicks cannot be repeated."""
    underway = _underway.get()
    if underway is None or body.get("type") != "event_callback":
        return "I am still loading my guidance; please try again in a minute."
    underway.failed = True
    return str(error) if underway.attempt == 1 else ""


def _answered(context: BoltContext, **answer: Any) -> BoltResponse:
    """Bolt takes what the error handler returns as the answer; merely calling `ack` would not do."""
    ack = context.ack
    return ack(**answer) if ack else BoltResponse(status=200, body="")


def _reference(error: Exception) -> str:
    """Logs what nobody foresaw; the words for it, or none if they were said at an earlier attempt."""
    reference = request_id.get() or secrets.token_hex(4)
    log.error("unexpected error", exc_info=error, extra={"action": "unexpected_error", "reference": reference})
    underway = _underway.get()
    if underway is not None:
        underway.failed = True
        if underway.attempt > 1:
            return ""
    return f"Something went wrong on my side. If it happens again, tell whoever runs me: reference `{reference}`."


def _tell_kindly(words: str, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
    try:
        _tell(words, body, context, client)
    except SlackTrouble as trouble:
        log.warning("could not tell the person", extra={"action": "explanation_lost", "why": str(trouble)})


def _tell(words: str, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
    """Says it only to the person, where they are."""
    event = body.get("event") or {}
    person = context.user_id
    with slack_errors():
        if context.response_url and context.respond is not None:
            context.respond(text=words, response_type="ephemeral", replace_original=False)
        elif event.get("channel_type") == "im" or not context.channel_id:
            if person:
                target = context.channel_id or person
                client.chat_postMessage(channel=target, text=words, thread_ts=event.get("thread_ts"))
        elif person:
            client.chat_postEphemeral(
                channel=context.channel_id, user=person, text=words, thread_ts=event.get("thread_ts")
            )
