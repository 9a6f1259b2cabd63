"""manifest.json asks Slack for exactly what the code listens to and calls."""

import json
import re
from pathlib import Path
from typing import Any

from slack_bolt import App, BoltRequest

from bot.questions import messages
from bot.slack.commands import COMMAND
from tests import payloads
from tests.conftest import House

ROOT = Path(__file__).parents[1]
MANIFEST: dict[str, Any] = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
EVENTS = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
SCOPES = MANIFEST["oauth_config"]["scopes"]["bot"]

#: Web API method → the scopes it needs (docs.slack.dev); any of a group is enough where several are joined by "|".
NEEDS = {
    "api_call": [],
    "apps_connections_open": [],  # the app-level token's own connections:write
    "assistant_threads_setStatus": ["assistant:write"],
    "assistant_threads_setSuggestedPrompts": ["assistant:write"],
    "auth_test": [],
    "bots_info": ["users:read"],
    "chat_delete": ["chat:write"],
    "chat_getPermalink": [],
    "chat_postEphemeral": ["chat:write"],
    "chat_postMessage": ["chat:write"],
    "chat_update": ["chat:write"],
    "conversations_history": ["channels:history", "groups:history", "im:history", "mpim:history"],
    "conversations_info": ["channels:read", "groups:read", "im:read", "mpim:read"],
    "conversations_members": ["channels:read", "groups:read"],
    "conversations_open": ["im:write"],
    "conversations_replies": ["channels:history", "groups:history", "im:history", "mpim:history"],
    "files_upload_v2": ["files:write"],
    "reactions_add": ["reactions:write"],
    "reactions_remove": ["reactions:write"],
    "usergroups_list": ["usergroups:read"],
    "usergroups_users_list": ["usergroups:read"],
    "users_info": ["users:read"],
    "users_list": ["users:read"],
    "views_open": [],
    "views_publish": [],
    "views_push": [],
    "views_update": [],
}
#: Subscribed event → the scope without which Slack does not send it.
DELIVERED_BY = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "pin_added": "pins:read",
    "pin_removed": "pins:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "user_change": "users:read",
    "subteam_members_changed": "usergroups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
}


def test_every_subscribed_event_has_a_listener_and_every_listener_a_subscription(house: House) -> None:
    listened = {name for name in known_events() if is_heard(house.advisor.app, name)}

    assert listened == {event.partition(".")[0] for event in EVENTS}


def test_every_scope_is_needed_and_every_needed_scope_is_asked_for() -> None:
    called = {scope for method in methods_called() for scope in NEEDS[method]}
    delivered = {scope for event in EVENTS if (scope := DELIVERED_BY[event])}

    assert set(SCOPES) == called | delivered | {"commands"}


def test_every_method_the_code_calls_is_known_here() -> None:
    assert methods_called() <= set(NEEDS)


def test_the_command_is_the_one_the_code_answers(house: House) -> None:
    assert [command["command"] for command in MANIFEST["features"]["slash_commands"]] == [COMMAND]


def test_every_shortcut_is_answered(house: House) -> None:
    for shortcut in MANIFEST["features"]["shortcuts"]:
        body = payloads.shortcut(shortcut["callback_id"], "our app is slow", response_url=house.slack.response_url)
        assert house.advisor.app.dispatch(body).status == 200, shortcut["callback_id"]


def test_an_unknown_shortcut_is_not_answered(house: House) -> None:
    body = payloads.shortcut("nobody.listens", "text", response_url=house.slack.response_url)

    assert house.advisor.app.dispatch(body).status == 404


def test_the_suggested_prompts_are_the_ones_the_code_offers() -> None:
    prompts = MANIFEST["features"]["agent_view"]["suggested_prompts"]

    assert [(prompt["title"], prompt["message"]) for prompt in prompts] == list(messages.SUGGESTED_PROMPTS)


def test_slack_takes_its_texts() -> None:
    assert len(MANIFEST["display_information"]["name"]) <= 35
    assert len(MANIFEST["display_information"]["description"]) <= 140
    assert len(MANIFEST["features"]["agent_view"]["agent_description"]) <= 300
    assert all(len(shortcut["name"]) <= 24 for shortcut in MANIFEST["features"]["shortcuts"])
    assert sorted(set(SCOPES)) == SCOPES
    assert "assistant_view" not in MANIFEST["features"]


def known_events() -> set[str]:
    return {event.partition(".")[0] for event in DELIVERED_BY}


def is_heard(app: App, event: str) -> bool:
    """Whether a listener takes the event, instead of a 404 that makes Slack send it again."""
    inner = {"type": event, "user": payloads.PERSON, "tab": "none", "channel": "C0ENG", "item": {}, "bot_id": "B1"}
    request: BoltRequest = payloads.event(inner)
    return app.dispatch(request).status == 200


def methods_called() -> set[str]:
    """The Web API methods that the source names."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    families = "assistant|auth|apps|bots|chat|conversations|files|reactions|usergroups|users|views"
    return set(re.findall(rf"[cC]lient\.((?:{families})_[A-Za-z_2]+)", text))
