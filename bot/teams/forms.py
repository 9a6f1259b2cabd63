"""What the forms of teams look like: pure functions over slack_sdk's models."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import Block, ConversationFilter, ConversationSelectElement
from slack_sdk.models.views import View

from bot.slack import inputs
from bot.slack.blocks import context, escape, section, shorten
from bot.teams import entered
from bot.teams.admin import Access
from bot.teams.entered import Field
from bot.teams.merge import Conflict
from bot.teams.messages import written_day
from bot.teams.model import MemberKind
from bot.teams.phase import written
from bot.teams.profile import FactName, TeamProfile
from knowledge.model import Entry, Phase

GUESTS, FOREIGNERS, ADMINS = "guests", "foreigners", "admins"


class FormId(StrEnum):
    SET_UP = "teams.set_up"
    FACTS = "teams.facts"
    SETTINGS = "teams.settings"
    PEOPLE = "teams.people"
    PIN = "teams.pin"
    NOT_FOR_US = "teams.not_for_us"
    ACCESS = "teams.access"


FACT_LABELS: Mapping[FactName, str] = {
    FactName.USERS: "Registered users",
    FactName.GROWTH: "Growth a month, in %",
    FactName.PEAK: "Requests per second at peak",
    FactName.DATABASE: "Size of the database, in GB",
    FactName.ENGINEERS: "Engineers",
    FactName.DEPLOYS: "Deploys a week",
    FactName.INCIDENTS: "Incidents a month",
}
STACK_LABELS: Mapping[str, str] = {
    "stack_language": "Language or framework",
    "stack_database": "Database",
    "stack_cache": "Cache, queues, jobs",
    "stack_hosting": "Hosting",
}
STACK_NAMES: Mapping[str, str] = {
    "rails": "Ruby on Rails",
    "postgres": "PostgreSQL",
    "mysql": "MySQL",
    "mongodb": "MongoDB",
    "rabbitmq": "RabbitMQ",
    "haproxy": "HAProxy",
    "aws": "AWS",
    "gcp": "Google Cloud",
    "node": "Node.js",
    "php": "PHP",
    "bullmq": "BullMQ",
    "nginx": "NGINX",
}
FIELD_LABELS: Mapping[str, str] = {
    Field.NAME: "the name",
    Field.HOME: "the home channel",
    Field.TIMEZONE: "the time zone",
    Field.STACKS: "the stack",
    Field.OWNERS: "the owners",
    Field.MEMBERS: "the members",
    **{fact: label.lower() for fact, label in FACT_LABELS.items()},
}


def set_up_form(channel: str | None, timezone: str) -> View:
    """Asks for what it takes to know a team."""
    now: dict[str, str] = {Field.TIMEZONE: timezone, **({Field.HOME: channel} if channel else {})}
    blocks = [
        *_basics(now)[:2],
        inputs.text(FactName.USERS, FACT_LABELS[FactName.USERS], hint="As you would say it: 800, 12k, 1.5 million"),
        *_basics(now)[2:],
        inputs.radio(
            entered.EVERYBODY,
            "Who belongs to the team?",
            [("yes", "Everybody in the home channel"), ("no", "Only people I name later")],
            "yes",
        ),
    ]
    return inputs.modal(FormId.SET_UP, "Set up your team", channel or "", blocks)


def settings_form(team: TeamProfile, now: Mapping[str, str], conflict: Conflict | None = None) -> View:
    blocks = [*_meanwhile(conflict, team), *_basics(now)]
    return inputs.modal(FormId.SETTINGS, "Team settings", _reference(team, conflict), blocks)


def facts_form(team: TeamProfile, now: Mapping[str, str], today: date, conflict: Conflict | None = None) -> View:
    """The team's numbers; what is left empty stays as it is."""
    blocks: list[Block] = [*_meanwhile(conflict, team)]
    for name, label in FACT_LABELS.items():
        known = team.facts.get(name)
        hint = f"Last said: {written(name, known.value)} on {written_day(known.as_of)}" if known else None
        blocks.append(inputs.text(name, label, now.get(name), optional=True, hint=hint))
    blocks.append(inputs.day(entered.AS_OF, "These numbers are of", today))
    return inputs.modal(FormId.FACTS, "Your numbers", _reference(team, conflict), blocks)


def people_form(
    team: TeamProfile,
    now: Mapping[str, str],
    groups: Sequence[tuple[str, str]],
    conflict: Conflict | None = None,
) -> View:
    """Owners and members; user groups are offered where the workspace has some."""
    by_kind = _members_by_kind(now.get(Field.MEMBERS, ""))
    blocks = [
        *_meanwhile(conflict, team),
        inputs.users(Field.OWNERS, "Owners", entered.parted(now.get(Field.OWNERS, ""))),
        inputs.users(entered.PEOPLE, "Members by name", by_kind[MemberKind.PERSON]),
        inputs.channels(entered.CHANNELS, "Everybody in these channels", by_kind[MemberKind.CHANNEL]),
        *_group_select(groups, by_kind[MemberKind.GROUP]),
    ]
    return inputs.modal(FormId.PEOPLE, "Owners and members", _reference(team, conflict), blocks)


def pin_form(team: TeamProfile, today: date) -> View:
    """Asks in which phase to hold a team, why, and when to ask again."""
    phases = [(phase.value, f"{phase} ({phase.range})") for phase in Phase]
    blocks = [
        inputs.select(entered.PHASE, "Hold the team in the phase", phases, team.phase),
        inputs.text(entered.REASON, "Why?", hint="Everybody in the team can read it", multiline=True),
        inputs.day(entered.REVIEW_ON, "Ask me again on", today + timedelta(days=28)),
    ]
    return inputs.modal(FormId.PIN, "Pin the phase", str(team.id), blocks)


def not_for_us_form(team_id: int, entry: Entry) -> View:
    """Asks why an item of the plan is not for this team."""
    blocks = [
        section(f"*{escape(entry.title)}*"),
        inputs.text(entered.REASON, "Why is it not for you?", multiline=True),
    ]
    return inputs.modal(FormId.NOT_FOR_US, "Not for us", f"{team_id}:{entry.id}", blocks)


def access_form(access: Access, *, may_name_admins: bool) -> View:
    """Who may use the bot, and who looks after it."""
    choices = [(GUESTS, "Guests of this workspace"), (FOREIGNERS, "People who join through Slack Connect")]
    chosen = [name for name, allowed in ((GUESTS, access.guests), (FOREIGNERS, access.foreigners)) if allowed]
    blocks: list[Block] = [inputs.checkboxes("access", "Besides your own people, I may be used by", choices, chosen)]
    if may_name_admins:
        blocks.append(inputs.users(ADMINS, "Advisor admins", access.admins))
    return inputs.modal(FormId.ACCESS, "Who may use me", "", blocks)


def _basics(now: Mapping[str, str]) -> list[Block]:
    stacks = entered.parted(now.get(Field.STACKS, ""))
    select = ConversationSelectElement(
        action_id=Field.HOME,
        placeholder="Channel",
        filter=ConversationFilter(include=["public", "private"], exclude_bot_users=True),
        initial_conversation=now.get(Field.HOME),
    )
    return [
        inputs.text(Field.NAME, "Name of the team", now.get(Field.NAME)),
        inputs.field(Field.HOME, "Home channel: there I tell the team what concerns it", select),
        inputs.text(Field.TIMEZONE, "Time zone", now.get(Field.TIMEZONE), hint="Such as Europe/Berlin"),
        *([context(f"Your stack now: {_stack_names(stacks)}. Ticking nothing below keeps it.")] if stacks else []),
        *[
            inputs.checkboxes(group, STACK_LABELS[group], [(name, stack_name(name)) for name in names], stacks)
            for group, names in entered.STACK_GROUPS.items()
        ],
    ]


def _meanwhile(conflict: Conflict | None, team: TeamProfile) -> list[Block]:
    """What somebody else changed while the form was open."""
    if conflict is None:
        return []
    zone = ZoneInfo(team.timezone)
    lines = [
        f"• <@{change.by}> changed {FIELD_LABELS.get(change.field, change.field)} from "
        f"“{_value(change.field, change.old)}” to “{_value(change.field, change.new)}” at {_moment(change.at, zone)}"
        for change in conflict.changes
    ]
    text = "⚠ *Not saved yet.* While you had this open:\n" + "\n".join(lines[:20]) + "\nLook again, then save."
    return [section(shorten(text, 3000), block_id="meanwhile")]


def _value(name: str, text: str) -> str:
    if name == Field.HOME and text:
        return f"<#{text}>"
    if name in (Field.OWNERS, Field.MEMBERS):
        return ", ".join(_member(part) for part in entered.parted(text)) or "nobody"
    return escape(text) or "nothing"


def _member(text: str) -> str:
    kind, _, who = text.rpartition(":")
    return (
        f"<#{who}>" if kind == MemberKind.CHANNEL else f"<!subteam^{who}>" if kind == MemberKind.GROUP else f"<@{who}>"
    )


def _members_by_kind(text: str) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {kind: [] for kind in MemberKind}
    for part in entered.parted(text):
        kind, _, who = part.partition(":")
        members[kind].append(who)
    return members


def _group_select(groups: Sequence[tuple[str, str]], chosen: Sequence[str]) -> list[Block]:
    if not groups:
        return []
    chosen_group = next(iter(chosen), None)
    return [inputs.select(entered.GROUP, "Everybody in this user group", groups, chosen_group, optional=True)]


def _stack_names(stacks: Sequence[str]) -> str:
    return ", ".join(stack_name(stack) for stack in stacks)


def stack_name(stack: str) -> str:
    return STACK_NAMES.get(stack, stack.capitalize())


def _reference(team: TeamProfile, conflict: Conflict | None) -> str:
    return f"{team.id}:{conflict.version if conflict else team.version}"


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%H:%M} on {written_day(local.date())} ({zone.key})"
