"""Who is asking: teams, people, roles, what was observed, who changed what. The other features read it from here."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import NotAllowed, NotFound
from bot.teams import store
from bot.teams.model import AuditEntry, MemberKind, Observation, Origin, Pin, Role, Team, WorkspaceRules
from bot.teams.people import People
from bot.teams.profile import FactName, FactValue, Observed, PersonProfile, Pinned, Seen, TeamProfile, Visitor
from knowledge.model import SYMPTOMS, Phase

REFUSED_GUEST = (
    "I am not open to guests in this workspace, so I cannot help you here. A workspace admin can change that on my "
    "Home tab."
)
REFUSED_FOREIGNER = (
    "I belong to another company's workspace and am not open to people who join through Slack Connect. One of its "
    "workspace admins can change that on my Home tab."
)
REFUSED_BOT = "I do not take orders from bots or deactivated accounts."
NEEDED = {
    Role.PERSON: "You may not use me here.",
    Role.MEMBER: "Only members of the team may do that. Ask one of its owners to add you.",
    Role.TEAM_OWNER: "Only an owner of the team may do that.",
    Role.ADVISOR_ADMIN: "Only an advisor admin or a workspace admin may do that.",
    Role.WORKSPACE_ADMIN: "Only a workspace admin may do that.",
}


class Teams:
    """The one place to ask who a team or person is and what they may do; safe to call from any thread."""

    def __init__(self, sessions: Sessions, people: People, clock: Clock) -> None:
        self._sessions = sessions
        self._people = people
        self._clock = clock

    def of_channel(self, workspace_id: str, channel: str) -> TeamProfile | None:
        """The team whose home the channel is."""
        with self._sessions.begin() as session:
            team = store.team_of_channel(session, workspace_id, channel)
            return profile_of(session, team) if team else None

    def of_person(self, workspace_id: str, person: str) -> list[TeamProfile]:
        """The teams a person owns or belongs to, the one they chose to speak for first, the others by name."""
        with self._sessions.begin() as session:
            teams = [profile_of(session, team) for team in store.teams_of_person(session, workspace_id, person)]
            chosen = store.chosen_team(session, workspace_id, person)
        return sorted(teams, key=lambda team: chosen is None or team.id != chosen.team_id)

    def asked_for(self, workspace_id: str, channel: str, person: str) -> list[TeamProfile]:
        """For whom a person asks: the channel's team, else the one they chose, else each of theirs."""
        team = self.of_channel(workspace_id, channel)
        if team is not None:
            return [team]
        teams = self.of_person(workspace_id, person)
        with self._sessions.begin() as session:
            chosen = store.chosen_team(session, workspace_id, person)
        return teams[:1] if chosen and teams and teams[0].id == chosen.team_id else teams

    def profile(self, workspace_id: str, team_id: int) -> TeamProfile:
        """A team.

        Raises:
            NotFound: this workspace has no such team.
        """
        with self._sessions.begin() as session:
            return profile_of(session, required(session, workspace_id, team_id))

    def all(self, workspace_id: str) -> list[TeamProfile]:
        """The workspace's teams, by name."""
        with self._sessions.begin() as session:
            return [profile_of(session, team) for team in store.teams(session, workspace_id)]

    def members(self, workspace_id: str, team_id: int) -> list[str]:
        """The people of a team: its owners, and members by person, channel and user group; no bots, nobody gone."""
        with self._sessions.begin() as session:
            required(session, workspace_id, team_id)
            people = store.owners(session, workspace_id, team_id)
            named = [(member.kind, member.who) for member in store.members(session, workspace_id, team_id)]
        for kind, who in named:
            people += [who] if kind == MemberKind.PERSON else self._people.in_roster(workspace_id, kind, who)
        return self._people.at_work(workspace_id, list(dict.fromkeys(people)))

    def person(self, workspace_id: str, person: str) -> PersonProfile:
        return self._people.person(workspace_id, person)

    def role(self, workspace_id: str, person: str, team_id: int | None = None) -> Role:
        """The most a person is, in a team or (without one) in the workspace."""
        profile = self.person(workspace_id, person)
        with self._sessions.begin() as session:
            if self._refusal(session, profile) is not None:
                return Role.NOBODY
            return _role(session, profile, team_id)

    def require(self, workspace_id: str, person: str, team_id: int | None, role: Role) -> None:
        """Lets a person with at least this role pass.

        Raises:
            NotAllowed: with the reason.
            NotFound: this workspace has no such team.
        """
        profile = self.person(workspace_id, person)
        with self._sessions.begin() as session:
            refusal = self._refusal(session, profile)
            if refusal is not None:
                raise NotAllowed(refusal)
            if team_id is not None:
                required(session, workspace_id, team_id)
            if _role(session, profile, team_id) < role:
                raise NotAllowed(NEEDED[role])

    def welcome(self, workspace_id: str, person: str) -> None:
        """Lets pass whoever may ask at all; other bots do, where the settings let their questions in.

        Raises:
            NotAllowed: guests and people of other companies, with the reason.
        """
        refusal = self._unwelcome(workspace_id, person)
        if refusal is not None:
            raise NotAllowed(refusal)

    def is_welcome(self, workspace_id: str, person: str) -> bool:
        return self._unwelcome(workspace_id, person) is None

    def visitor(self, workspace_id: str, person: str) -> Visitor:
        """A person with everything that decides what App Home shows them."""
        profile, teams = self.person(workspace_id, person), self.of_person(workspace_id, person)
        team = teams[0] if teams else None
        role = self.role(workspace_id, person, team.id if team else None)
        return Visitor(workspace_id, profile, role, team, tuple(teams))

    def observe(self, session: Session, workspace_id: str, team_id: int, seen: Seen) -> bool:
        """Records that a team saw a symptom, once per `seen.key`; says whether it was new."""
        if seen.symptom not in SYMPTOMS or not 1 <= seen.severity <= 5:
            raise ValueError(f"{seen.symptom} with severity {seen.severity} is no observation")
        required(session, workspace_id, team_id)
        row = {
            "workspace_id": workspace_id,
            "team_id": team_id,
            "key": seen.key,
            "symptom": seen.symptom,
            "seen_at": seen.seen_at,
            "severity": seen.severity,
            "origin": seen.origin,
            "by": seen.by,
            "note": seen.note,
        }
        return insert_new(session, Observation, row)

    def close_observations(
        self,
        session: Session,
        workspace_id: str,
        team_id: int,
        symptoms: Sequence[str],
        *,
        by: str,
        at: datetime | None = None,
    ) -> int:
        """Says that a team no longer sees these symptoms (as of `at`); returns how many observations that closed."""
        return store.close_observations(session, workspace_id, team_id, symptoms, by, at or self._clock())

    def observations(
        self, workspace_id: str, team_id: int, since: datetime | None = None, *, open_only: bool = False
    ) -> list[Observed]:
        """What a team saw, oldest first."""
        with self._sessions.begin() as session:
            rows = store.observations(session, workspace_id, team_id, since, open_only=open_only)
            return [_observed(row) for row in rows]

    def audit(
        self,
        session: Session,
        workspace_id: str,
        team_id: int | None,
        *,
        by: str,
        what: str,
        old: object = None,
        new: object = None,
        version: int | None = None,
    ) -> None:
        """Records a change in the transaction that makes it."""
        session.add(
            AuditEntry(
                workspace_id=workspace_id,
                team_id=team_id,
                at=self._clock(),
                by=by,
                what=what,
                old=None if old is None else str(old),
                new=None if new is None else str(new),
                version=version,
            )
        )

    def _unwelcome(self, workspace_id: str, person: str) -> str | None:
        profile = self.person(workspace_id, person)
        if profile.is_bot:
            return None
        with self._sessions.begin() as session:
            return self._refusal(session, profile)

    def _refusal(self, session: Session, person: PersonProfile) -> str | None:
        if person.is_bot or person.deleted:
            return REFUSED_BOT
        if not person.is_guest and not person.is_foreign:
            return None
        rules = store.rules(session, person.workspace_id) or WorkspaceRules(
            guests_allowed=False, foreigners_allowed=False
        )
        if person.is_foreign:
            return None if rules.foreigners_allowed else REFUSED_FOREIGNER
        return None if rules.guests_allowed else REFUSED_GUEST


def required(session: Session, workspace_id: str, team_id: int) -> Team:
    """The team's row.

    Raises:
        NotFound: this workspace has no such team.
    """
    team = store.team(session, workspace_id, team_id)
    if team is None:
        raise NotFound("There is no such team here (any more).")
    return team


def profile_of(session: Session, team: Team) -> TeamProfile:
    """The row and what belongs to it, as a value."""
    pin = store.pin(session, team.workspace_id, team.id)
    facts = store.newest_facts(session, team.workspace_id, team.id)
    return TeamProfile(
        id=team.id,
        workspace_id=team.workspace_id,
        name=team.name,
        home_channel=team.home_channel,
        owners=tuple(store.owners(session, team.workspace_id, team.id)),
        phase=effective_phase(team, pin),
        phase_evidence=tuple(team.phase_evidence),
        stacks=tuple(team.stacks),
        timezone=team.timezone,
        facts={FactName(fact.name): FactValue(fact.value, fact.as_of) for fact in facts},
        pinned=_pinned(pin) if pin else None,
        version=team.version,
    )


def effective_phase(team: Team, pin: Pin | None) -> Phase | None:
    """The pinned phase, else the detected one."""
    phase = pin.phase if pin else team.phase
    return Phase(phase) if phase else None


def _pinned(pin: Pin) -> Pinned:
    return Pinned(Phase(pin.phase), pin.reason, pin.pinned_by, pin.review_on)


def _role(session: Session, person: PersonProfile, team_id: int | None) -> Role:
    if person.is_admin and not person.is_foreign:
        return Role.WORKSPACE_ADMIN
    granted = Role(store.granted_role(session, person.workspace_id, person.id))
    return max(granted, _role_in_team(session, person, team_id), Role.PERSON)


def _role_in_team(session: Session, person: PersonProfile, team_id: int | None) -> Role:
    if team_id is None:
        return Role.PERSON
    if person.id in store.owners(session, person.workspace_id, team_id):
        return Role.TEAM_OWNER
    is_member = store.is_member(session, person.workspace_id, team_id, person.id)
    return Role.MEMBER if is_member else Role.PERSON


def _observed(row: Observation) -> Observed:
    return Observed(
        key=row.key,
        symptom=row.symptom,
        seen_at=row.seen_at,
        severity=row.severity,
        origin=Origin(row.origin),
        by=row.by,
        note=row.note,
        id=row.id,
        team_id=row.team_id,
        closed_at=row.closed_at,
    )
