"""What App Home shows of a person's team: pure but for what the services are asked."""

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, PlainTextObject

from bot.slack.blocks import context, divider, escape, header, section, shorten
from bot.teams.forms import stack_name
from bot.teams.messages import ActionId, choose, facts_line, written_day
from bot.teams.model import Role
from bot.teams.phases import Phases
from bot.teams.plan import Plan
from bot.teams.profile import Observed, TeamProfile, Visitor
from bot.teams.service import Teams

SHOWN = 5
SEVERITIES = ("", "annoying", "it costs us time", "users notice", "users are hindered", "users are hurt now")


class PhaseCard:
    """In which phase the team is, why the advisor thinks so, and what is next."""

    def __init__(self, phases: Phases) -> None:
        self._phases = phases

    def blocks(self, visitor: Visitor) -> Sequence[Block]:
        if visitor.team is None:
            return no_team()
        _, plan = self._phases.plan_of(visitor.team)
        return [*phase(visitor.team), *what_is_next(visitor.team, plan), divider()]


class ObservationsCard:
    """What the team saw and what is not over yet."""

    def __init__(self, teams: Teams) -> None:
        self._teams = teams

    def blocks(self, visitor: Visitor) -> Sequence[Block]:
        if visitor.team is None:
            return []
        return hurting(visitor.team, self._teams.observations(visitor.workspace_id, visitor.team.id, open_only=True))


class SettingsCard:
    """A person's own settings, the team's for its owners, the workspace's for its admins."""

    def blocks(self, visitor: Visitor) -> Sequence[Block]:
        blocks = my_settings(visitor)
        if visitor.team is not None and visitor.role >= Role.TEAM_OWNER:
            blocks += team_settings(visitor.team)
        if visitor.role >= Role.ADVISOR_ADMIN:
            blocks += admin_part()
        return blocks


def no_team() -> list[Block]:
    text = (
        "I do not know your team yet. Tell me its size and stack once; from then on I answer for them, show what is "
        "due at your phase, and what to leave alone."
    )
    return [section(text), _buttons("set_up", ("Set up a team", ActionId.SET_UP, ""), style="primary"), divider()]


def phase(team: TeamProfile) -> list[Block]:
    """The phase with its evidence and the numbers behind it."""
    if team.phase is None:
        title, lines = f"{team.name}: phase not known yet", list(team.phase_evidence)
    else:
        title, lines = f"{team.name}: {team.phase} ({team.phase.range})", list(team.phase_evidence)
    if team.pinned:
        lines = [f"Pinned until {written_day(team.pinned.review_on)}: {team.pinned.reason}", *lines]
    blocks: list[Block] = [header(title)]
    if lines:
        blocks.append(section("\n".join(f"• {escape(line)}" for line in lines)))
    if team.facts:
        blocks.append(context(f"What you told me:\n{facts_line(team)}"))
    return [*blocks, _buttons("phase", ("Update our numbers", ActionId.FACTS, str(team.id)))]


def what_is_next(team: TeamProfile, plan: Plan | None) -> list[Block]:
    """The first things to do; the rest is behind the plan."""
    if plan is None:
        return [section("Tell me your registered users, and I show what is due at your phase.")]
    lines = [f"{number}. {escape(item.entry.title)}" for number, item in enumerate(plan.do_now[:SHOWN], 1)]
    in_hand = [f"• {escape(item.entry.title)} (in hand)" for item in plan.in_hand[:SHOWN]]
    leave = ", ".join(left.entry.title for left in plan.leave_alone[:3])
    text = "\n".join(["*What is next*", *(lines or ["Everything of this phase is in hand or done."]), *in_hand])
    blocks: list[Block] = [section(shorten(text, 3000))]
    if leave:
        blocks.append(context(f"Leave alone for now: {escape(leave)}"))
    return [*blocks, _buttons("plan", ("Show the whole plan", ActionId.PLAN, str(team.id)))]


def hurting(team: TeamProfile, observed: Sequence[Observed]) -> list[Block]:
    """Open symptoms, the newest first, each with a way to say that it is over."""
    newest = {seen.symptom: seen for seen in observed}
    if not newest:
        return []
    blocks: list[Block] = [section("*What hurts now*")]
    for seen in sorted(newest.values(), key=lambda seen: (-seen.severity, seen.symptom))[:10]:
        text = (
            f"• *{seen.symptom.replace('-', ' ')}* – {seen.severity}/5, {SEVERITIES[seen.severity]}, "
            f"{written_day(seen.seen_at.date())}, from a {seen.origin}"
        )
        over = ButtonElement(
            text=PlainTextObject(text="It is over"),
            action_id=f"{ActionId.CLOSE}:{seen.symptom}",
            value=f"{team.id}:{seen.symptom}",
        )
        blocks.append(section(text, accessory=over, block_id=f"seen:{seen.symptom}"))
    return [*blocks, divider()]


def my_settings(visitor: Visitor) -> list[Block]:
    zone = visitor.person.tz or (visitor.team.timezone if visitor.team else "not known")
    lines = ["*My settings*", f"Time zone: {escape(zone)} (from your Slack profile)"]
    if visitor.team is not None:
        lines.append(f"In direct messages I answer you for *{escape(visitor.team.name)}*.")
    blocks: list[Block] = [section("\n".join(lines))]
    others = [choose(team) for team in visitor.teams if team != visitor.team][:20]
    if others:
        blocks += [
            context("Your other teams; a click shows one here:"),
            ActionsBlock(block_id="teams", elements=others),
        ]
    return blocks


def team_settings(team: TeamProfile) -> list[Block]:
    """What an owner can change."""
    stacks = ", ".join(stack_name(stack) for stack in team.stacks) or "not told yet"
    owners = ", ".join(f"<@{owner}>" for owner in team.owners)
    text = (
        f"*Settings of {escape(team.name)}* (you are an owner or admin)\nHome: <#{team.home_channel}> · "
        f"Stack: {stacks} · Time zone: {team.timezone}\nOwners: {owners}"
    )
    value = str(team.id)
    pin = ("Unpin the phase", ActionId.UNPIN, value) if team.pinned else ("Pin the phase", ActionId.PIN, value)
    return [
        section(text),
        _buttons(
            "settings",
            ("Team settings", ActionId.SETTINGS, value),
            ("Owners and members", ActionId.PEOPLE, value),
            pin,
            ("Send me all changes (CSV)", ActionId.AUDIT, value),
        ),
    ]


def admin_part() -> list[Block]:
    text = "*For admins of this workspace*\nGuests and people from Slack Connect may not use me unless you allow it."
    return [section(text), _buttons("admin", ("Who may use me", ActionId.ACCESS, "workspace"))]


def _buttons(block_id: str, *buttons: tuple[str, str, str], style: str | None = None) -> ActionsBlock:
    elements = [
        ButtonElement(text=PlainTextObject(text=label), action_id=action, value=value or "none", style=style)
        for label, action, value in buttons
    ]
    return ActionsBlock(block_id=f"teams:{block_id}", elements=elements)
