"""Tables of incidents: what happened, who does what, what was said, what remains to be done."""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class Via(StrEnum):
    """How a triage was started."""

    COMMAND = "command"
    SHORTCUT = "shortcut"
    MENTION = "mention"
    HOME = "home"


class State(StrEnum):
    """Where an incident stands; an offered one is none until somebody takes the offer."""

    OFFERED = "offered"
    OPEN = "open"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    NO_INCIDENT = "not an incident"


UNDER_WAY = (State.OPEN, State.MITIGATED)
CLOSED = (State.RESOLVED, State.NO_INCIDENT)


class Severity(IntEnum):
    """How bad it is for customers."""

    HURT = 1
    DEGRADED = 2
    ANNOYING = 3


class Kind(StrEnum):
    """What a line of the timeline tells."""

    OPENED = "opened"
    SEVERITY = "severity"
    OWNER = "owner"
    SYMPTOM = "symptom"
    STEP = "step"
    CHANGE = "change"
    UPDATE = "update"
    HELP = "help"
    EDITED = "edited"
    MITIGATED = "mitigated"
    CLOSED = "closed"
    FOLLOW_UP = "follow-up"


class How(StrEnum):
    """How a message of the thread was marked for the timeline."""

    EMOJI = "emoji"
    PIN = "pin"


class Incident(Base):
    """Something that broke, from the first alert to the lesson; one thread, one board."""

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel", "source_ts"),
        Index("ix_incidents_thread", "workspace_id", "channel", "thread_ts"),
        Index("ix_incidents_nudge", "state", "nudge_at"),
        Index("ix_incidents_team", "workspace_id", "team_id", "symptom"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"))
    channel: Mapped[str] = mapped_column(String(32))
    #: The root of the thread in which it was started, or a command's trigger or form: the same one starts it once.
    source_ts: Mapped[str] = mapped_column(String(64))
    #: The thread it lives in; None until the board that begins it has arrived.
    thread_ts: Mapped[str | None] = mapped_column(String(64))
    #: The pasted message, whose edits are followed; None where there is none.
    message_ts: Mapped[str | None] = mapped_column(String(64))
    via: Mapped[Via] = mapped_column(String(16))
    opened_by: Mapped[str] = mapped_column(String(32))
    opened_at: Mapped[datetime]
    timezone: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    severity: Mapped[int | None]
    owner: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[State] = mapped_column(String(16))
    #: What it is taken for now; None where nothing was recognised.
    symptom: Mapped[str | None] = mapped_column(String(64))
    confirmed: Mapped[bool] = mapped_column(default=False)
    #: [{"symptom", "score", "because"}], likeliest first.
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    ruled_out: Mapped[list[str]] = mapped_column(JSON, default=list)
    stacks: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: What the team said of itself lately, as lines to show.
    remembered: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: Whether the embedding model has read it; until then only known error texts were looked for.
    read_fully: Mapped[bool] = mapped_column(default=False)
    #: Whether the board shows every step.
    whole: Mapped[bool] = mapped_column(default=False)
    #: Counts the versions of the board, so that each is said once.
    version: Mapped[int] = mapped_column(default=0)
    #: When somebody is next asked for an owner or an update; None when nobody is.
    nudge_at: Mapped[datetime | None]
    nudges: Mapped[int] = mapped_column(default=0)
    mitigated_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(32))
    cause: Mapped[str | None] = mapped_column(Text)
    helped: Mapped[str | None] = mapped_column(Text)
    impact: Mapped[str | None] = mapped_column(Text)

    @property
    def key(self) -> str:
        """Under which the outbox knows the board."""
        return f"incident:{self.id}"

    @property
    def as_parent(self) -> dict[str, object]:
        """The columns by which the rows of other tables belong to it."""
        return {"workspace_id": self.workspace_id, "incident_id": self.id}

    @property
    def under_way(self) -> bool:
        """Whether it is being worked on."""
        return self.state in UNDER_WAY


class Tick(Base):
    """A step that somebody has done."""

    __tablename__ = "incident_ticks"
    __table_args__ = (UniqueConstraint("incident_id", "task"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    task: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]


class Line(Base):
    """One line of the timeline; never changed."""

    __tablename__ = "incident_lines"
    __table_args__ = (
        UniqueConstraint("incident_id", "key"),
        Index("ix_incident_lines_of", "workspace_id", "incident_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    #: The occasion: the same one is written down once.
    key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[Kind] = mapped_column(String(16))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)


class ThreadMessage(Base):
    """A message in an incident's thread as it reads now; kept after the incident only where it is marked."""

    __tablename__ = "incident_messages"
    __table_args__ = (UniqueConstraint("incident_id", "ts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    ts: Mapped[str] = mapped_column(String(32))
    by: Mapped[str | None] = mapped_column(String(32))
    text: Mapped[str | None] = mapped_column(Text)
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class MessageMark(Base):
    """Somebody's wish that a message of the thread stands in the timeline."""

    __tablename__ = "incident_marks"
    __table_args__ = (UniqueConstraint("incident_id", "ts", "by", "how"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    ts: Mapped[str] = mapped_column(String(32))
    by: Mapped[str] = mapped_column(String(32))
    how: Mapped[How] = mapped_column(String(8))


class FollowUp(Base):
    """What remains to be done after an incident, by whom, until when."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        Index("ix_follow_ups_open", "done_at", "due"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(32))
    due: Mapped[date] = mapped_column(Date)
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(32))
    chased_at: Mapped[datetime | None]
    chases: Mapped[int] = mapped_column(default=0)


class HelpGroup(Base):
    """Whom a team calls for help: a user group of Slack."""

    __tablename__ = "help_groups"
    __table_args__ = (UniqueConstraint("team_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    user_group: Mapped[str] = mapped_column(String(32))
    set_by: Mapped[str] = mapped_column(String(32))
