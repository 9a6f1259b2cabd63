"""Queries on teams, people, roles, observations and the audit; every one is scoped to a workspace."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from bot.teams.model import (
    AuditEntry,
    ChosenTeam,
    Fact,
    MemberKind,
    Observation,
    Person,
    Pin,
    PlanMark,
    RoleGrant,
    Roster,
    RosterPerson,
    Team,
    TeamMember,
    TeamOwner,
    WorkspaceRules,
)


def team(session: Session, workspace_id: str, team_id: int) -> Team | None:
    return session.scalar(select(Team).where(Team.workspace_id == workspace_id, Team.id == team_id))


def team_to_change(session: Session, workspace_id: str, team_id: int) -> Team | None:
    """The team, locked until the end of the transaction."""
    return session.scalar(select(Team).where(Team.workspace_id == workspace_id, Team.id == team_id).with_for_update())


def team_of_channel(session: Session, workspace_id: str, channel: str) -> Team | None:
    return session.scalar(select(Team).where(Team.workspace_id == workspace_id, Team.home_channel == channel))


def teams(session: Session, workspace_id: str) -> Sequence[Team]:
    return session.scalars(select(Team).where(Team.workspace_id == workspace_id).order_by(Team.name, Team.id)).all()


def teams_of_person(session: Session, workspace_id: str, person: str) -> Sequence[Team]:
    """Those the person owns or belongs to, by themselves or through a channel or user group."""
    return session.scalars(
        select(Team)
        .where(Team.workspace_id == workspace_id, Team.id.in_(_team_ids_of(workspace_id, person)))
        .order_by(Team.name, Team.id)
    ).all()


def is_member(session: Session, workspace_id: str, team_id: int, person: str) -> bool:
    query = select(Team.id).where(
        Team.workspace_id == workspace_id, Team.id == team_id, Team.id.in_(_team_ids_of(workspace_id, person))
    )
    return session.scalar(query) is not None


def _team_ids_of(workspace_id: str, person: str) -> Select[tuple[int]]:
    owned = select(TeamOwner.team_id).where(TeamOwner.workspace_id == workspace_id, TeamOwner.person == person)
    named = select(TeamMember.team_id).where(
        TeamMember.workspace_id == workspace_id, TeamMember.kind == MemberKind.PERSON, TeamMember.who == person
    )
    listed = (
        select(TeamMember.team_id)
        .join(
            RosterPerson,
            (RosterPerson.workspace_id == TeamMember.workspace_id)
            & (RosterPerson.kind == TeamMember.kind)
            & (RosterPerson.who == TeamMember.who),
        )
        .where(TeamMember.workspace_id == workspace_id, RosterPerson.person == person)
    )
    every = owned.union(named, listed).subquery()
    return select(every.c.team_id)


def owners(session: Session, workspace_id: str, team_id: int) -> list[str]:
    return list(
        session.scalars(
            select(TeamOwner.person)
            .where(TeamOwner.workspace_id == workspace_id, TeamOwner.team_id == team_id)
            .order_by(TeamOwner.id)
        )
    )


def members(session: Session, workspace_id: str, team_id: int) -> Sequence[TeamMember]:
    return session.scalars(
        select(TeamMember)
        .where(TeamMember.workspace_id == workspace_id, TeamMember.team_id == team_id)
        .order_by(TeamMember.id)
    ).all()


def roster(session: Session, workspace_id: str, kind: MemberKind, who: str) -> Roster | None:
    return session.scalar(
        select(Roster)
        .where(Roster.workspace_id == workspace_id, Roster.kind == kind, Roster.who == who)
        .with_for_update()
    )


def roster_people(session: Session, workspace_id: str, kind: MemberKind, who: str) -> list[str]:
    return list(
        session.scalars(
            select(RosterPerson.person)
            .where(RosterPerson.workspace_id == workspace_id, RosterPerson.kind == kind, RosterPerson.who == who)
            .order_by(RosterPerson.person)
        )
    )


def replace_roster(session: Session, workspace_id: str, kind: MemberKind, who: str, people: Sequence[str]) -> None:
    session.execute(
        delete(RosterPerson).where(
            RosterPerson.workspace_id == workspace_id, RosterPerson.kind == kind, RosterPerson.who == who
        )
    )
    session.add_all(
        RosterPerson(workspace_id=workspace_id, kind=kind, who=who, person=person) for person in dict.fromkeys(people)
    )


def rosters_needed(session: Session, before: datetime, limit: int) -> Sequence[tuple[str, MemberKind, str]]:
    """Channels and user groups that teams name and that were not asked for since `before`, in every workspace."""
    query = (
        select(TeamMember.workspace_id, TeamMember.kind, TeamMember.who)
        .outerjoin(
            Roster,
            (Roster.workspace_id == TeamMember.workspace_id)
            & (Roster.kind == TeamMember.kind)
            & (Roster.who == TeamMember.who),
        )
        .where(TeamMember.kind != MemberKind.PERSON)
        .where(Roster.id.is_(None) | (Roster.refreshed_at < before))
        .distinct()
        .limit(limit)
    )
    return [(workspace_id, MemberKind(kind), who) for workspace_id, kind, who in session.execute(query)]


def newest_facts(session: Session, workspace_id: str, team_id: int) -> Sequence[Fact]:
    newest = (
        select(func.max(Fact.id)).where(Fact.workspace_id == workspace_id, Fact.team_id == team_id).group_by(Fact.name)
    )
    return session.scalars(select(Fact).where(Fact.workspace_id == workspace_id, Fact.id.in_(newest))).all()


def pin(session: Session, workspace_id: str, team_id: int) -> Pin | None:
    return session.scalar(select(Pin).where(Pin.workspace_id == workspace_id, Pin.team_id == team_id))


def person(session: Session, workspace_id: str, person_id: str) -> Person | None:
    return session.scalar(select(Person).where(Person.workspace_id == workspace_id, Person.person == person_id))


def known_people(session: Session, workspace_id: str, ids: Sequence[str]) -> dict[str, Person]:
    """Those of `ids` whom Slack was asked about; in parts, for databases bound how many values a query takes."""
    found: dict[str, Person] = {}
    for start in range(0, len(ids), 500):
        part = list(ids[start : start + 500])
        rows = session.scalars(select(Person).where(Person.workspace_id == workspace_id, Person.person.in_(part)))
        found.update({row.person: row for row in rows})
    return found


def chosen_team(session: Session, workspace_id: str, person_id: str) -> ChosenTeam | None:
    return session.scalar(
        select(ChosenTeam).where(ChosenTeam.workspace_id == workspace_id, ChosenTeam.person == person_id)
    )


def granted_role(session: Session, workspace_id: str, person_id: str) -> int:
    return (
        session.scalar(
            select(func.max(RoleGrant.role)).where(
                RoleGrant.workspace_id == workspace_id, RoleGrant.person == person_id
            )
        )
        or 0
    )


def rules(session: Session, workspace_id: str) -> WorkspaceRules | None:
    return session.scalar(select(WorkspaceRules).where(WorkspaceRules.workspace_id == workspace_id))


def observations(
    session: Session, workspace_id: str, team_id: int, since: datetime | None, *, open_only: bool
) -> Sequence[Observation]:
    query = select(Observation).where(Observation.workspace_id == workspace_id, Observation.team_id == team_id)
    if since is not None:
        query = query.where(Observation.seen_at >= since)
    if open_only:
        query = query.where(Observation.closed_at.is_(None))
    return session.scalars(query.order_by(Observation.seen_at, Observation.id)).all()


def close_observations(
    session: Session, workspace_id: str, team_id: int, symptoms: Sequence[str], by: str, at: datetime
) -> int:
    done = session.execute(
        update(Observation)
        .where(
            Observation.workspace_id == workspace_id,
            Observation.team_id == team_id,
            Observation.symptom.in_(symptoms),
            Observation.seen_at <= at,
            Observation.closed_at.is_(None),
        )
        .values(closed_at=at, closed_by=by)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def replace_owners(session: Session, workspace_id: str, team_id: int, people: Sequence[str]) -> None:
    session.execute(delete(TeamOwner).where(TeamOwner.workspace_id == workspace_id, TeamOwner.team_id == team_id))
    session.add_all(TeamOwner(workspace_id=workspace_id, team_id=team_id, person=person) for person in people)


def replace_members(
    session: Session, workspace_id: str, team_id: int, members: Sequence[tuple[MemberKind, str]]
) -> None:
    session.execute(delete(TeamMember).where(TeamMember.workspace_id == workspace_id, TeamMember.team_id == team_id))
    session.add_all(TeamMember(workspace_id=workspace_id, team_id=team_id, kind=kind, who=who) for kind, who in members)


def marks(session: Session, workspace_id: str, team_id: int) -> Sequence[PlanMark]:
    return session.scalars(
        select(PlanMark).where(PlanMark.workspace_id == workspace_id, PlanMark.team_id == team_id)
    ).all()


def mark(session: Session, workspace_id: str, team_id: int, entry: str) -> PlanMark | None:
    return session.scalar(
        select(PlanMark)
        .where(PlanMark.workspace_id == workspace_id, PlanMark.team_id == team_id, PlanMark.entry == entry)
        .with_for_update()
    )


def pins_to_review(session: Session, until: date, asked_before: datetime, limit: int) -> Sequence[tuple[Pin, Team]]:
    """Pins of every workspace whose day has come and about which nobody was asked lately, locked."""
    query = (
        select(Pin, Team)
        .join(Team, (Team.id == Pin.team_id) & (Team.workspace_id == Pin.workspace_id))
        .where(Pin.review_on <= until)
        .where(Pin.asked_again_at.is_(None) | (Pin.asked_again_at < asked_before))
        .order_by(Pin.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Pin)
    )
    return [(pin, team) for pin, team in session.execute(query)]


def grants(session: Session, workspace_id: str) -> Sequence[RoleGrant]:
    return session.scalars(select(RoleGrant).where(RoleGrant.workspace_id == workspace_id).order_by(RoleGrant.id)).all()


def audit_entries(
    session: Session, workspace_id: str, team_id: int | None, after_version: int | None = None
) -> Sequence[AuditEntry]:
    """What was changed in a team, or in the whole workspace where `team_id` is None, oldest first."""
    query = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id, AuditEntry.team_id == team_id)
    if after_version is not None:
        query = query.where(AuditEntry.version > after_version)
    return session.scalars(query.order_by(AuditEntry.id)).all()
