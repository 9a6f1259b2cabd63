"""What people see of teams, phases and plans: pure functions over slack_sdk's models."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    Option,
    PlainTextObject,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.slack.blocks import context, escape, header, rendered, section, sections, shorten
from bot.slack.words import Attachment, Words
from bot.teams.admin import AuditLine, as_csv
from bot.teams.model import Mark
from bot.teams.phase import written
from bot.teams.phases import Changed
from bot.teams.plan import Item, Plan
from bot.teams.profile import FactName, Pinned, TeamProfile
from knowledge.model import Entry

SHOWN_IN_ANNOUNCEMENT = 5


class ActionId(StrEnum):
    SET_UP = "teams.set_up"
    FACTS = "teams.facts"
    SETTINGS = "teams.settings"
    PEOPLE = "teams.people"
    PIN = "teams.pin"
    UNPIN = "teams.unpin"
    KEEP_PIN = "teams.keep_pin"
    PLAN = "teams.plan"
    MARK = "teams.mark"
    CLOSE = "teams.close"
    SPEAK_FOR = "teams.speak_for"
    AUDIT = "teams.audit"
    ACCESS = "teams.access"


WHY_REFUSED: Mapping[str, str] = {
    "not_in_channel": "I am not in it; please invite me there with `/invite`",
    "channel_not_found": "I am not in it; please invite me there with `/invite`",
    "is_archived": "it is archived; please choose another one",
}


def welcome(team: TeamProfile, by: str) -> Words:
    """Tells the home channel that its team is set up."""
    phase = (
        f"You are at {escape(team.phase_evidence[0])}."
        if team.phase
        else "Tell me your registered users and I know your phase."
    )
    text = (
        f"<@{by}> set up the team *{escape(team.name)}*. From now on I answer here for your size and stack. {phase} "
        "`/advisor plan` shows what is due now and what to leave alone."
    )
    return Words(f"The team {escape(team.name)} is set up.", rendered([section(text)]))


def unwelcome(team: TeamProfile, refusal: str) -> Words:
    """Tells whoever set the team up that its home channel is closed to the bot."""
    why = WHY_REFUSED.get(refusal, "Slack did not let me")
    text = (
        f"The team *{escape(team.name)}* is set up, but I could not say so in <#{team.home_channel}>: {why}. "
        "Until then I cannot tell the team anything there."
    )
    return Words(text, rendered([section(text)]))


def phase_changed(team: TeamProfile, change: Changed) -> Words:
    """Tells the home channel what a new phase makes due and allows."""
    came = f"from {change.old} to " if change.old else "to "
    title = f"{team.name}: {came}{change.new}"
    blocks: list[Block] = [header(title), section("\n".join(f"• {escape(line)}" for line in change.evidence))]
    blocks += _titles("*Due now*", change.means.due)
    blocks += _titles("*No longer too early*", change.means.allowed)
    blocks.append(context("`/advisor plan` shows all of it. An owner can pin the phase on my Home tab."))
    due = "; ".join(entry.title for entry in change.means.due[:SHOWN_IN_ANNOUNCEMENT])
    return Words(escape(f"{title}. {'Due now: ' + due if due else ''}".strip()), rendered(blocks))


def look_again(team: TeamProfile, pinned: Pinned) -> Words:
    """Asks an owner whether a pinned phase still holds."""
    says = team.phase_evidence[0] if team.phase_evidence else "nothing yet"
    text = (
        f"*{escape(team.name)}* is pinned to *{pinned.phase}* (“{escape(pinned.reason)}”), to be looked at again on "
        f"{written_day(pinned.review_on)}. Its numbers say: {escape(says)}. "
        "Does the pin still hold?"
    )
    buttons = [
        _button("Keep it four weeks", ActionId.KEEP_PIN, team.id),
        _button("Let the numbers decide", ActionId.UNPIN, team.id),
    ]
    return Words(
        f"Is {escape(team.name)} still at {pinned.phase}?",
        rendered([section(text), ActionsBlock(block_id=f"pin:{team.id}", elements=buttons)]),
    )


def offer_setup(channel: str) -> Words:
    """Offers, once in a channel, to remember whose channel it is."""
    text = (
        "I answered without knowing your team. Tell me its size and stack once, and I answer for them from now on: "
        "what is due at your phase, and what to leave alone."
    )
    button = ButtonElement(text=PlainTextObject(text="Set up the team"), action_id=ActionId.SET_UP, value=channel)
    return Words(text, rendered([section(text), ActionsBlock(block_id="offer", elements=[button])]))


def which_team(teams: Sequence[TeamProfile]) -> Words:
    """Asks, once, for which of their teams a person asks in direct messages."""
    text = "You belong to several teams. Which one do you ask for here? You can change it on my Home tab."
    buttons = [choose(team) for team in teams[:20]]
    return Words(text, rendered([section(text), ActionsBlock(block_id="which_team", elements=buttons)]))


def spoken_for(team: TeamProfile) -> Words:
    at = f", at {team.phase}" if team.phase else ""
    return one_line(f"I answer you for *{escape(team.name)}* from now on{at}.")


def audit_export(team: TeamProfile, count: int) -> Words:
    text = f"All {count} recorded changes in *{escape(team.name)}* are in the thread, as CSV."
    return Words(text, rendered([section(text)]))


def audit_file(team: TeamProfile, lines: Sequence[AuditLine]) -> Attachment:
    name = "".join(character if character.isalnum() else "-" for character in team.name.lower())
    return Attachment(f"changes-{name}.csv", f"Recorded changes in {team.name}", as_csv(lines).encode())


def one_line(text: str) -> Words:
    return Words(text, rendered([section(text)]))


def plan(team: TeamProfile, found: Plan | None) -> Words:
    """A team's plan with a menu at each item."""
    if found is None:
        return Words(f"I do not know the phase of {escape(team.name)} yet.", rendered(_plan_unknown(team)))
    text = f"{team.name}: the plan at {found.phase}. First: {_first_title(found)}"
    return Words(escape(text), rendered([header(f"{team.name}: the plan at {found.phase}"), *_plan(team, found)]))


def plan_view(team: TeamProfile, found: Plan | None) -> View:
    """The same in a window."""
    return View(
        type="modal",
        title=PlainTextObject(text=f"The plan at {found.phase}" if found else "The plan"),
        close=PlainTextObject(text="Close"),
        blocks=_plan(team, found) if found else _plan_unknown(team),
    )


def _plan(team: TeamProfile, found: Plan) -> list[Block]:
    return [
        *_items("Do now, in this order", team, found.do_now, numbered=True),
        *_items("In hand", team, found.in_hand),
        *_left_alone(found),
        *_titles(f"*Next, at {found.next_phase}*", found.preview),
        *_settled(team, found),
    ]


def _plan_unknown(team: TeamProfile) -> list[Block]:
    facts = _button("Tell me your numbers", ActionId.FACTS, team.id)
    text = f"I do not know the phase of *{escape(team.name)}* yet."
    return [section(text), ActionsBlock(block_id="facts", elements=[facts])]


def _items(title: str, team: TeamProfile, items: Sequence[Item], *, numbered: bool = False) -> list[Block]:
    if not items:
        return []
    blocks: list[Block] = [section(f"*{title}*")]
    for number, item in enumerate(items, 1):
        lead = f"{number}. " if numbered else "• "
        text = f"{lead}*{escape(item.entry.title)}*\n{escape(item.entry.first.text)}"
        blocks.append(section(shorten(text, 3000), accessory=_marks(team, item), block_id=f"item:{item.entry.id}"))
    return blocks


def _marks(team: TeamProfile, item: Item) -> StaticSelectElement:
    """A menu: done, in hand, not for us, back on the list."""
    now = item.marked.mark if item.marked else None
    choices = [(mark.value, mark.value.capitalize()) for mark in Mark if mark != now]
    if now is not None:
        choices.append(("none", "Back on the list"))
    return StaticSelectElement(
        action_id=f"{ActionId.MARK}:{item.entry.id}"[:255],
        placeholder=PlainTextObject(text="Say how it stands"),
        options=[Option(value=f"{team.id}:{value}", label=label) for value, label in choices],
    )


def _left_alone(found: Plan) -> list[Block]:
    if not found.leave_alone:
        return []
    lines = [f"• *{escape(left.entry.title)}* – {escape(left.trigger)}" for left in found.leave_alone]
    return sections("\n".join(["*Leave alone for now*", *lines]))


def _settled(team: TeamProfile, found: Plan) -> list[Block]:
    blocks = _items("Done", team, found.done[:5])
    not_for_us = [
        f"• {escape(item.entry.title)} – {escape((item.marked.reason if item.marked else None) or '')}"
        for item in found.not_for_us
    ]
    return [*blocks, *([context("*Not for us*\n" + "\n".join(not_for_us))] if not_for_us else [])]


def _first_title(found: Plan) -> str:
    return found.do_now[0].entry.title if found.do_now else "everything is in hand"


def facts_line(team: TeamProfile) -> str:
    """The team's numbers with their dates."""
    known = [(name, team.facts[name]) for name in FactName if name in team.facts]
    return "\n".join(f"• {written(name, fact.value)} ({written_day(fact.as_of)})" for name, fact in known)


def _button(label: str, action: str, team_id: int) -> ButtonElement:
    return ButtonElement(text=PlainTextObject(text=label), action_id=action, value=str(team_id))


def choose(team: TeamProfile) -> ButtonElement:
    return ButtonElement(
        text=PlainTextObject(text=shorten(team.name, 75)),
        action_id=f"{ActionId.SPEAK_FOR}:{team.id}",
        value=str(team.id),
    )


def _titles(title: str, entries: Sequence[Entry]) -> list[Block]:
    if not entries:
        return []
    more = len(entries) - SHOWN_IN_ANNOUNCEMENT
    lines = [f"• {escape(entry.title)}" for entry in entries[:SHOWN_IN_ANNOUNCEMENT]]
    return [section("\n".join([title, *lines, *([f"and {more} more"] if more > 0 else [])]))]


def written_day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
