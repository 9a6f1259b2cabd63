"""What App Home shows of check-ins, and the panel of the owners."""

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, PlainTextObject

from bot.checkins.ledger import when
from bot.checkins.manage import Managed, described
from bot.checkins.messages import ActionId
from bot.checkins.model import Standing
from bot.checkins.overview import Mine, Overview
from bot.checkins.preferences import Preferences, Wishes
from bot.slack.blocks import context, divider, escape, header, rendered, section, shorten
from bot.slack.words import Words
from bot.teams.model import Role
from bot.teams.profile import Visitor

MOST_LINES = 4


class CheckInCard:
    """When the visitor is asked next, and why they were or were not asked lately."""

    def __init__(self, overview: Overview, preferences: Preferences) -> None:
        self._overview = overview
        self._preferences = preferences

    def blocks(self, visitor: Visitor) -> Sequence[Block]:
        if visitor.team is None:
            return []
        mine = self._overview.mine(visitor.workspace_id, visitor.person.id)
        wishes = self._preferences.wishes(visitor.workspace_id, visitor.person.id)
        owns = visitor.role >= Role.TEAM_OWNER
        return card(mine, wishes, visitor.team.id if owns else None)


def card(mine: Sequence[Mine], wishes: Wishes, owned_team: int | None) -> list[Block]:
    blocks: list[Block] = [header("Check-ins")]
    for one in mine:
        blocks += _of_one(one)
    if not mine:
        blocks.append(section("Your team has no check-in yet: a minute a week, and I tell you what to fix next."))
    if wishes.out_until:
        blocks.append(section(f"You are out until {wishes.out_until}."))
    return [*blocks, ActionsBlock(elements=_buttons(mine, wishes, owned_team)), divider()]


def _of_one(mine: Mine) -> list[Block]:
    source = {"own": "your own setting", "slack": "your Slack profile", "team": "your team"}[mine.zone_from]
    asks = f"asks you next {when(mine.next_at, mine.zone)}" if mine.next_at else "does not ask at present"
    line = f"*{escape(mine.team)}*, {escape(mine.check_in)}: {asks} (zone from {source})."
    why = "\n".join(f"• {escape(line)}" for line in mine.explained[-MOST_LINES:])
    return [section(line), *([context(shorten(f"*Why was I (not) asked?*\n{why}", 2000))] if why else [])]


def _buttons(mine: Sequence[Mine], wishes: Wishes, owned_team: int | None) -> list[ButtonElement]:
    buttons = [
        _button("Change my answers" if one.is_answered else "Fill in", ActionId.FILL, str(one.round_id))
        for one in mine[:1]
        if one.round_id
    ]
    away = ("I'm back", ActionId.BACK) if wishes.out_until else ("Out until …", ActionId.OUT)
    buttons += [_button(*away, "0"), _button("My check-in settings", ActionId.PREFER, "0")]
    if owned_team is not None:
        buttons.append(_button("Manage check-ins", ActionId.PANEL, str(owned_team)))
    return buttons


def panel(team_id: int, team: str, check_ins: Sequence[Managed]) -> Words:
    """A team's check-ins with all that can be done to them."""
    blocks: list[Block] = [section(f"*Check-ins of {escape(team)}*")]
    for one in check_ins[:15]:
        blocks += _managed(one)
    blocks.append(ActionsBlock(elements=[_button("New check-in", ActionId.NEW, str(team_id), style="primary")]))
    return Words(f"Check-ins of {escape(team)}", rendered(blocks))


def _managed(one: Managed) -> list[Block]:
    state = "" if one.standing == Standing.ACTIVE else f" _({one.standing})_"
    following = f"; next on {one.next_day}" if one.next_day else ""
    text = f"*{escape(one.settings.name)}*{state}: {described(one.settings)}{following}"
    return [section(text), ActionsBlock(elements=[_button(*button, str(one.id)) for button in _choices(one)])]


def _choices(one: Managed) -> list[tuple[str, str]]:
    export = [("Export CSV", ActionId.EXPORT_CSV), ("Export JSON", ActionId.EXPORT_JSON), ("Delete …", ActionId.DELETE)]
    if one.standing == Standing.ARCHIVED:
        return [("Restore", ActionId.RESTORE), *export]
    closing = [("Close now", ActionId.CLOSE_NOW)] if one.open_round else []
    pausing = ("Resume", ActionId.RESUME) if one.standing == Standing.PAUSED else ("Pause", ActionId.PAUSE)
    trying = [("Change …", ActionId.CHANGE), ("Send me a test run", ActionId.TEST)]
    return [*trying, *closing, pausing, ("Duplicate", ActionId.DUPLICATE), ("Archive", ActionId.ARCHIVE), *export]


def _button(label: str, action: str, value: str, style: str | None = None) -> ButtonElement:
    return ButtonElement(text=PlainTextObject(text=label), action_id=action, value=value, style=style)
