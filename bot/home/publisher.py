"""Shows App Home in Slack."""

from collections.abc import Callable

from slack_sdk import WebClient
from slack_sdk.models.views import View

from bot.slack.client import slack_errors


class HomePublisher:
    """Publishes views.

    Args:
        client_of: workspace id → its Web API.
    """

    def __init__(self, client_of: Callable[[str], WebClient]) -> None:
        self._client_of = client_of

    def __call__(self, workspace_id: str, person: str, view: View) -> None:
        with slack_errors():
            self._client_of(workspace_id).views_publish(user_id=person, view=view)
