"""App Home is built when it is opened; its Messages tab gets prompts to begin with."""

import logging
from typing import Any

from slack_bolt import App, BoltContext
from slack_sdk import WebClient

from bot.errors import SlackTrouble
from bot.home.composer import Homes
from bot.questions.messages import SUGGESTED_PROMPTS
from bot.slack.client import slack_errors

log = logging.getLogger(__name__)

Json = dict[str, Any]


class Listeners:
    """Routes the opening of the app's tabs."""

    def __init__(self, homes: Homes) -> None:
        self._homes = homes

    def register(self, app: App) -> None:
        app.event("app_home_opened")(self.on_opened)

    def on_opened(self, event: Json, context: BoltContext, client: WebClient) -> None:
        if event.get("tab") == "messages":
            _suggest(client, event["channel"])
        else:
            self._homes.show(context.team_id or "unknown", event["user"])


def _suggest(client: WebClient, channel: str) -> None:
    """Best effort: older workspaces and the local trial have no prompts."""
    prompts = [{"title": title, "message": message} for title, message in SUGGESTED_PROMPTS]
    try:
        with slack_errors():
            client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=prompts)
    except SlackTrouble as trouble:
        log.info("no prompts were suggested: %s", trouble, extra={"action": "prompts_not_suggested"})
