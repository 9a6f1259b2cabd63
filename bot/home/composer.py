"""Builds a person's App Home from the features' cards and shows it."""

import logging
from collections.abc import Callable, Sequence

from slack_sdk.models.views import View

from bot.errors import NotAllowed, SlackTrouble
from bot.home import messages
from bot.home.card import Card
from bot.teams.service import Teams

log = logging.getLogger(__name__)

Publish = Callable[[str, str, View], None]


class Homes:
    """Everybody's App Home.

    Args:
        teams: who is looking.
        cards: what there is to see, in this order.
        publish: shows a view to (workspace, person); raises SlackTrouble.
        help_text: what the bot can do; asked each time, for features register their words after this is built.
    """

    def __init__(self, teams: Teams, cards: Sequence[Card], publish: Publish, help_text: Callable[[], str]) -> None:
        self._teams = teams
        self._cards = cards
        self._publish = publish
        self._help_text = help_text

    def show(self, workspace_id: str, person: str) -> None:
        """Builds a Home anew; where Slack does not take it now, the next visit will."""
        view = self.view(workspace_id, person)
        try:
            self._publish(workspace_id, person, view)
        except SlackTrouble as trouble:
            log.warning("a Home was not shown: %s", trouble, extra={"action": "home_not_shown"})

    def view(self, workspace_id: str, person: str) -> View:
        """What a person sees; those who may not use the bot see why."""
        try:
            self._teams.welcome(workspace_id, person)
        except NotAllowed as refusal:
            return messages.refused(str(refusal))
        visitor = self._teams.visitor(workspace_id, person)
        return messages.home([card.blocks(visitor) for card in self._cards], self._help_text())
