"""What App Home looks like around the features' cards."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.slack.blocks import context, divider, section, sections, shorten

MOST_BLOCKS = 100


def home(cards: Sequence[Sequence[Block]], help_text: str) -> View:
    """The cards, then help; a Home that would be too long loses the end of its longest cards."""
    ending: list[Block] = [divider(), *sections(shorten(help_text, 5_900))]
    return View(type="home", blocks=[*_fitting(cards, MOST_BLOCKS - len(ending)), *ending])


def refused(reason: str) -> View:
    return View(type="home", blocks=[section(reason)])


def _fitting(cards: Sequence[Sequence[Block]], room: int) -> list[Block]:
    kept = [list(card) for card in cards]
    while sum(map(len, kept)) > room:
        longest = max(kept, key=len)
        del longest[-2:]
        longest.append(context("… there is more than fits here."))
    return [block for card in kept for block in card]
