"""Realistic Slack payloads with defaults, so that a test names only what matters."""

import itertools
import json
from typing import Any

from slack_bolt import BoltRequest

from tests.slack_server import BOT, WORKSPACE

PERSON = "U0MAYA"
CHANNEL = "C0ENG"
DIRECT = "D0MAYA"

_ids = itertools.count(1)


def envelope(body: dict[str, Any]) -> BoltRequest:
    return BoltRequest(body=json.dumps(body), mode="socket_mode")


def event(inner: dict[str, Any], event_id: str | None = None) -> BoltRequest:
    return envelope(
        {
            "type": "event_callback",
            "team_id": WORKSPACE,
            "api_app_id": "A0ADVISOR",
            "event_id": event_id or f"Ev{next(_ids)}",
            "event_time": 1_800_000_000,
            "event": inner,
            "authorizations": [{"team_id": WORKSPACE, "user_id": BOT, "is_bot": True}],
        }
    )


def mention(
    text: str,
    *,
    ts: str = "1.0",
    thread_ts: str | None = None,
    user: str = PERSON,
    channel: str = CHANNEL,
    event_id: str | None = None,
    **more: Any,
) -> BoltRequest:
    inner = {"type": "app_mention", "user": user, "text": f"<@{BOT}> {text}", "ts": ts, "channel": channel, **more}
    return event({**inner, **({"thread_ts": thread_ts} if thread_ts else {})}, event_id)


def message(
    text: str,
    *,
    ts: str = "1.0",
    thread_ts: str | None = None,
    user: str = PERSON,
    channel: str = CHANNEL,
    channel_type: str = "channel",
    event_id: str | None = None,
    **more: Any,
) -> BoltRequest:
    inner = {"type": "message", "user": user, "text": text, "ts": ts, "channel": channel, "channel_type": channel_type}
    return event({**inner, **({"thread_ts": thread_ts} if thread_ts else {}), **more}, event_id)


def direct(text: str, **more: Any) -> BoltRequest:
    return message(text, **{"channel": DIRECT, "channel_type": "im", **more})


def edited(text: str, *, ts: str = "1.0", channel: str = CHANNEL, user: str = PERSON) -> BoltRequest:
    return event(
        {
            "type": "message",
            "subtype": "message_changed",
            "channel": channel,
            "channel_type": "channel",
            "ts": f"9{ts}",
            "message": {"type": "message", "user": user, "text": text, "ts": ts},
            "previous_message": {"type": "message", "user": user, "text": "before", "ts": ts},
        }
    )


def command(text: str, *, response_url: str, user: str = PERSON, channel: str = CHANNEL) -> BoltRequest:
    return envelope(
        {
            "command": "/advisor",
            "text": text,
            "team_id": WORKSPACE,
            "channel_id": channel,
            "user_id": user,
            "trigger_id": f"trigger.{next(_ids)}",
            "response_url": response_url,
            "api_app_id": "A0ADVISOR",
        }
    )


def click(
    action_id: str,
    value: str,
    *,
    user: str = PERSON,
    channel: str = CHANNEL,
    ts: str = "1800000000.000001",
    response_url: str | None = None,
    action_ts: str | None = None,
    **element: Any,
) -> BoltRequest:
    action = {
        "type": "button",
        "action_id": action_id,
        "value": value,
        "block_id": "b",
        "action_ts": action_ts or f"{next(_ids)}.0",
        **element,
    }
    return envelope(
        {
            "type": "block_actions",
            "team": {"id": WORKSPACE},
            "user": {"id": user, "team_id": WORKSPACE},
            "channel": {"id": channel},
            "message": {"ts": ts},
            "container": {"type": "message", "message_ts": ts},
            "trigger_id": f"trigger.{next(_ids)}",
            "actions": [action],
            "api_app_id": "A0ADVISOR",
            **({"response_url": response_url} if response_url else {}),
        }
    )


def submit(
    callback_id: str,
    values: dict[str, dict[str, Any]],
    *,
    private_metadata: str = "",
    user: str = PERSON,
    view_id: str = "V1",
) -> BoltRequest:
    """A form: `values` maps a block id to its element's state."""
    view = {
        "id": view_id,
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": private_metadata,
        "hash": "h1",
        "state": {"values": {block: {block: element} for block, element in values.items()}},
    }
    return envelope(
        {"type": "view_submission", "team": {"id": WORKSPACE}, "user": {"id": user, "team_id": WORKSPACE}, "view": view}
    )


def shortcut(
    callback_id: str,
    text: str,
    *,
    response_url: str,
    user: str = PERSON,
    channel: str = CHANNEL,
    ts: str = "1.0",
    **message: Any,
) -> BoltRequest:
    return envelope(
        {
            "type": "message_action",
            "callback_id": callback_id,
            "team": {"id": WORKSPACE},
            "user": {"id": user},
            "channel": {"id": channel},
            "message": {"type": "message", "text": text, "ts": ts, **message},
            "trigger_id": f"trigger.{next(_ids)}",
            "response_url": response_url,
            "action_ts": f"{next(_ids)}.5",
        }
    )
