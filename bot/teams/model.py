"""Tables of teams: what they are, who belongs to them, what was seen there, who changed what."""

from datetime import date, datetime
from enum import IntEnum, StrEnum

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class Role(IntEnum):
    """What a person may do; each includes those before it. `PERSON` is anyone who may use the bot at all."""

    NOBODY = 0
    PERSON = 1
    MEMBER = 2
    TEAM_OWNER = 3
    ADVISOR_ADMIN = 4
    WORKSPACE_ADMIN = 5


class MemberKind(StrEnum):
    """How a team names its members."""

    PERSON = "person"
    CHANNEL = "channel"
    GROUP = "group"


class Origin(StrEnum):
    """Where the advisor learnt of an observation."""

    CHECK_IN = "check-in"
    INCIDENT = "incident"
    QUESTION = "question"


class Mark(StrEnum):
    """What a team says about an item of its plan."""

    DONE = "done"
    IN_HAND = "in hand"
    NOT_FOR_US = "not for us"


class Team(Base):
    """A team of engineers and its product; a Slack channel is the home of at most one."""

    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("workspace_id", "home_channel"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(80))
    home_channel: Mapped[str] = mapped_column(String(32))
    timezone: Mapped[str] = mapped_column(String(64))
    #: Ids of knowledge.model.STACKS.
    stacks: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: What the facts say; a pin goes before it.
    phase: Mapped[str | None] = mapped_column(String(16))
    phase_evidence: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: Grows with every change, so that a form knows whether somebody else was faster.
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(32))


class TeamOwner(Base):
    """A person who may change a team's settings."""

    __tablename__ = "team_owners"
    __table_args__ = (UniqueConstraint("team_id", "person"), Index("ix_team_owners_of", "workspace_id", "person"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    person: Mapped[str] = mapped_column(String(32))


class TeamMember(Base):
    """Who belongs to a team: a person, or whoever is in a channel or user group."""

    __tablename__ = "team_members"
    __table_args__ = (
        UniqueConstraint("team_id", "kind", "who"),
        Index("ix_team_members_who", "workspace_id", "kind", "who"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    kind: Mapped[MemberKind] = mapped_column(String(16))
    who: Mapped[str] = mapped_column(String(32))


class Roster(Base):
    """When the people of a channel or user group were last asked for."""

    __tablename__ = "rosters"
    __table_args__ = (UniqueConstraint("workspace_id", "kind", "who"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[MemberKind] = mapped_column(String(16))
    who: Mapped[str] = mapped_column(String(32))
    refreshed_at: Mapped[datetime]


class RosterPerson(Base):
    """A person in a channel or user group, as last seen."""

    __tablename__ = "roster_people"
    __table_args__ = (
        UniqueConstraint("workspace_id", "kind", "who", "person"),
        Index("ix_roster_people_of", "workspace_id", "person"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[MemberKind] = mapped_column(String(16))
    who: Mapped[str] = mapped_column(String(32))
    person: Mapped[str] = mapped_column(String(32))


class Fact(Base):
    """A number about a team on a date; the newest of each name counts, the older ones are its history."""

    __tablename__ = "facts"
    __table_args__ = (Index("ix_facts_team", "workspace_id", "team_id", "name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(32))
    value: Mapped[float]
    as_of: Mapped[date] = mapped_column(Date)
    said_by: Mapped[str] = mapped_column(String(32))
    said_at: Mapped[datetime]


class Pin(Base):
    """A phase an owner holds a team in, whatever its facts say, until it is looked at again."""

    __tablename__ = "pins"
    __table_args__ = (UniqueConstraint("team_id"), Index("ix_pins_review", "review_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    phase: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    pinned_by: Mapped[str] = mapped_column(String(32))
    pinned_at: Mapped[datetime]
    review_on: Mapped[date] = mapped_column(Date)
    asked_again_at: Mapped[datetime | None]


class PhaseChange(Base):
    """A team came into another phase, and why the advisor thinks so."""

    __tablename__ = "phase_changes"
    __table_args__ = (Index("ix_phase_changes_team", "workspace_id", "team_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    old: Mapped[str | None] = mapped_column(String(16))
    new: Mapped[str] = mapped_column(String(16))
    evidence: Mapped[list[str]] = mapped_column(JSON, default=list)
    at: Mapped[datetime]


class PlanMark(Base):
    """What a team says about one item of its plan."""

    __tablename__ = "plan_marks"
    __table_args__ = (UniqueConstraint("team_id", "entry"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    entry: Mapped[str] = mapped_column(String(80))
    mark: Mapped[Mark] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    marked_by: Mapped[str] = mapped_column(String(32))
    marked_at: Mapped[datetime]


class Person(Base):
    """What Slack told about a person, and when; asked again after a while."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("workspace_id", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    person: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    tz: Mapped[str | None] = mapped_column(String(64))
    is_guest: Mapped[bool] = mapped_column(default=False)
    is_foreign: Mapped[bool] = mapped_column(default=False)
    is_bot: Mapped[bool] = mapped_column(default=False)
    is_admin: Mapped[bool] = mapped_column(default=False)
    deleted: Mapped[bool] = mapped_column(default=False)
    refreshed_at: Mapped[datetime]


class ChosenTeam(Base):
    """The team a person of several teams speaks for in direct messages and sees on App Home."""

    __tablename__ = "chosen_teams"
    __table_args__ = (UniqueConstraint("workspace_id", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    person: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))


class RoleGrant(Base):
    """A role given to a person for the whole workspace."""

    __tablename__ = "role_grants"
    __table_args__ = (UniqueConstraint("workspace_id", "person", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    person: Mapped[str] = mapped_column(String(32))
    role: Mapped[int]
    granted_by: Mapped[str] = mapped_column(String(32))
    granted_at: Mapped[datetime]


class WorkspaceRules(Base):
    """Who besides the workspace's own people may use the bot."""

    __tablename__ = "workspace_rules"
    __table_args__ = (UniqueConstraint("workspace_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    guests_allowed: Mapped[bool] = mapped_column(default=False)
    foreigners_allowed: Mapped[bool] = mapped_column(default=False)


class Observation(Base):
    """This team saw this symptom: when, how bad, learnt from where; open until it is closed."""

    __tablename__ = "observations"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_observations_team", "workspace_id", "team_id", "seen_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    #: The occasion (an answer, an incident, a click): the same one is recorded once.
    key: Mapped[str] = mapped_column(String(255))
    #: One of knowledge.model.SYMPTOMS.
    symptom: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[datetime]
    #: 1 annoying … 5 customers are hurt.
    severity: Mapped[int]
    origin: Mapped[Origin] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(32))
    note: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(32))


class AuditEntry(Base):
    """Who changed what, when, from what to what; never changed itself."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_team", "workspace_id", "team_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    #: Without a foreign key: it outlives the team. None for what concerns the whole workspace.
    team_id: Mapped[int | None]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(32))
    #: The use case and the field, as `team.name` or `checkin.paused`.
    what: Mapped[str] = mapped_column(String(80))
    old: Mapped[str | None] = mapped_column(Text)
    new: Mapped[str | None] = mapped_column(Text)
    #: The team's version that this change made.
    version: Mapped[int | None]
