"""What a feature puts on App Home."""

from collections.abc import Sequence
from typing import Protocol

from slack_sdk.models.blocks import Block

from bot.teams.profile import Visitor


class Card(Protocol):
    """Some blocks for one visitor; none where it has nothing to say to them."""

    def blocks(self, visitor: Visitor) -> Sequence[Block]: ...
