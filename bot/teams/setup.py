"""Use cases on a team's profile: set up, change; two people may do so at once."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import FormErrors, NotFound
from bot.teams import store
from bot.teams.entered import Field, NewTeam, joined, member, number_text, parted
from bot.teams.merge import Change, Conflict, changed, merged
from bot.teams.model import AuditEntry, Fact, MemberKind, Role, Team
from bot.teams.phases import Announcer, Phases
from bot.teams.profile import FactName, TeamProfile
from bot.teams.service import Teams, profile_of

AUDITED = "team."


class TeamSetup:
    """Sets teams up and changes them.

    Args:
        teams: who may do what.
        phases: what new numbers mean.
        sessions: opens transactions.
        announcer: says it in Slack.
        deliver: brings what was said under a key to Slack now; returns Slack's refusal, if it refused.
        clock: tells the time.
    """

    def __init__(
        self,
        teams: Teams,
        phases: Phases,
        sessions: Sessions,
        announcer: Announcer,
        deliver: Callable[[str, str], str | None],
        clock: Clock,
    ) -> None:
        self._teams = teams
        self._phases = phases
        self._sessions = sessions
        self._announcer = announcer
        self._deliver = deliver
        self._clock = clock

    def create(self, workspace_id: str, by: str, wish: NewTeam) -> TeamProfile:
        """Sets a team up; the same wish sent twice makes one team.

        Raises:
            FormErrors: the channel is another team's home.
        """
        self._teams.require(workspace_id, by, None, Role.PERSON)
        with self._sessions.begin() as session:
            is_new = insert_new(session, Team, self._row(workspace_id, by, wish), ("workspace_id", "home_channel"))
            team = store.team_of_channel(session, workspace_id, wish.values[Field.HOME])
            if team is None:
                raise NotFound
            if not is_new:
                return _same_or_taken(session, team, by, wish)
            self._furnish(session, team, by, wish)
            profile = profile_of(session, team)
            self._announcer.welcome(session, profile, by)
        return profile

    def greet(self, team: TeamProfile, by: str) -> None:
        """Tells the new team's channel now, and whoever set it up where Slack does not let the bot in there."""
        refusal = self._deliver(team.workspace_id, f"team:{team.id}:welcome")
        if refusal is not None:
            with self._sessions.begin() as session:
                key = self._announcer.unwelcome(session, team, by, refusal)
            self._deliver(team.workspace_id, key)

    def editable(self, workspace_id: str, by: str, team_id: int, role: Role) -> tuple[TeamProfile, dict[str, str]]:
        """A team and the present values of everything a form shows, for somebody with at least `role`.

        Raises:
            NotAllowed: with the reason.
        """
        self._teams.require(workspace_id, by, team_id, role)
        with self._sessions.begin() as session:
            team = store.team(session, workspace_id, team_id)
            if team is None:
                raise NotFound
            return profile_of(session, team), _values(session, team)

    def edit(
        self,
        workspace_id: str,
        by: str,
        team_id: int,
        seen_version: int,
        wish: Mapping[str, str],
        as_of: date | None = None,
    ) -> Conflict | None:
        """Changes fields of a team.

        Args:
            workspace_id: Slack's team id.
            by: who changes it: a member for numbers, an owner for anything else.
            team_id: which team.
            seen_version: the version whose values the form showed.
            wish: field or fact → its value as the audit writes it.
            as_of: the day the numbers are of; today if not given.

        Returns:
            What somebody else changed since `seen_version`; then nothing was changed yet.

        Raises:
            FormErrors: the channel is another team's home.
        """
        only_numbers = all(name in list(FactName) for name in wish)
        self._teams.require(workspace_id, by, team_id, Role.MEMBER if only_numbers else Role.TEAM_OWNER)
        with self._sessions.begin() as session:
            team = store.team_to_change(session, workspace_id, team_id)
            if team is None:
                raise NotFound
            now = _values(session, team)
            others = _changes(session, team, seen_version, by)
            mine = changed(merged(wish, now, others), now)
            if others and mine:
                return Conflict(tuple(others), merged(wish, now, others), team.version)
            self._apply(session, team, by, mine, now, as_of)
        return None

    def _row(self, workspace_id: str, by: str, wish: NewTeam) -> dict[str, object]:
        return {
            "workspace_id": workspace_id,
            "name": wish.values[Field.NAME],
            "home_channel": wish.values[Field.HOME],
            "timezone": wish.values[Field.TIMEZONE],
            "stacks": parted(wish.values[Field.STACKS]),
            "phase_evidence": [],
            "version": 1,
            "created_at": self._clock(),
            "created_by": by,
        }

    def _furnish(self, session: Session, team: Team, by: str, wish: NewTeam) -> None:
        """Owner, members, first number and the audit of a new team."""
        members = [(MemberKind.CHANNEL, team.home_channel)] if wish.everybody else []
        store.replace_owners(session, team.workspace_id, team.id, [by])
        store.replace_members(session, team.workspace_id, team.id, members)
        for fact in FactName:
            if fact in wish.values:
                self._set(session, team, by, fact, wish.values[fact], None)
        session.flush()
        for name, value in _values(session, team).items():
            self._audit(session, team, by, name, "", value)
        self._phases.reconsider(session, team, by, say=False)

    def _apply(
        self,
        session: Session,
        team: Team,
        by: str,
        mine: Mapping[str, str],
        now: Mapping[str, str],
        as_of: date | None,
    ) -> None:
        """Changes what differs."""
        if not mine:
            return
        team.version += 1
        for name, value in mine.items():
            self._set(session, team, by, name, value, as_of)
            self._audit(session, team, by, name, now.get(name, ""), value)
        _flush(session)
        self._phases.reconsider(session, team, by, say=True)

    def _set(self, session: Session, team: Team, by: str, name: str, value: str, as_of: date | None) -> None:
        if name == Field.OWNERS:
            store.replace_owners(session, team.workspace_id, team.id, parted(value))
        elif name == Field.MEMBERS:
            store.replace_members(session, team.workspace_id, team.id, [member(text) for text in parted(value)])
        elif name == Field.STACKS:
            team.stacks = parted(value)
        elif name in list(FactName):
            session.add(self._fact(team, by, name, value, as_of))
        else:
            setattr(team, name, value)

    def _fact(self, team: Team, by: str, name: str, value: str, as_of: date | None) -> Fact:
        now = self._clock()
        return Fact(
            workspace_id=team.workspace_id,
            team_id=team.id,
            name=name,
            value=float(value),
            as_of=as_of or today_in(team.timezone, now),
            said_by=by,
            said_at=now,
        )

    def _audit(self, session: Session, team: Team, by: str, name: str, old: str, new: str) -> None:
        what = f"{AUDITED}{name}"
        self._teams.audit(session, team.workspace_id, team.id, by=by, what=what, old=old, new=new, version=team.version)


def today_in(timezone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(timezone)).date()


def _values(session: Session, team: Team) -> dict[str, str]:
    """Everything a form can change, as the audit writes it."""
    members = store.members(session, team.workspace_id, team.id)
    facts = store.newest_facts(session, team.workspace_id, team.id)
    return {
        Field.NAME: team.name,
        Field.HOME: team.home_channel,
        Field.TIMEZONE: team.timezone,
        Field.STACKS: joined(team.stacks),
        Field.OWNERS: joined(store.owners(session, team.workspace_id, team.id)),
        Field.MEMBERS: joined([f"{member.kind}:{member.who}" for member in members]),
        **{fact.name: number_text(fact.value) for fact in facts},
    }


def _changes(session: Session, team: Team, seen_version: int, by: str) -> list[Change]:
    """What others changed since the version that a person saw, oldest first."""
    entries = store.audit_entries(session, team.workspace_id, team.id, after_version=seen_version)
    return [_change(entry) for entry in entries if entry.by != by and entry.what.startswith(AUDITED)]


def _change(entry: AuditEntry) -> Change:
    return Change(entry.what.removeprefix(AUDITED), entry.old or "", entry.new or "", entry.by, entry.at)


def _same_or_taken(session: Session, team: Team, by: str, wish: NewTeam) -> TeamProfile:
    if (team.created_by, team.name) == (by, wish.values[Field.NAME]):
        return profile_of(session, team)
    raise FormErrors({Field.HOME: f"This channel is already the home of the team {team.name}."})


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:  # the only thing unique here that a form can hit
        raise FormErrors({Field.HOME: "This channel is already the home of another team."}) from error
