"""Tables of check-ins: schedules, rounds, who was asked and what became of it, reminders, answers, preferences."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.checkins.ledger import Outcome
from bot.database import Base


class Standing(StrEnum):
    """Whether a check-in asks."""

    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


class Visibility(StrEnum):
    """Who sees the answers."""

    NAMED = "named"
    LEADS = "leads"
    ANONYMOUS = "anonymous"


class ReminderState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    CANCELLED = "cancelled"


class State(StrEnum):
    """What a person's own message about a round says."""

    DRAFT = "draft"
    ANSWERED = "answered"
    SKIPPED = "skipped"
    SNOOZED = "snoozed"
    OUT = "out"


class CheckIn(Base):
    """A team's check-in: when it asks whom, and who sees the answers."""

    __tablename__ = "check_ins"
    __table_args__ = (
        # The beat reads only what is due here, so that schedules at rest cost nothing.
        Index("ix_check_ins_due", "next_due_at"),
        Index("ix_check_ins_team", "workspace_id", "team_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    standing: Mapped[Standing] = mapped_column(String(16), default=Standing.ACTIVE)
    #: Monday is 0.
    weekdays: Mapped[list[int]] = mapped_column(JSON)
    at: Mapped[str] = mapped_column(String(5))
    working_days: Mapped[list[int]] = mapped_column(JSON)
    work_from: Mapped[str] = mapped_column(String(5))
    work_until: Mapped[str] = mapped_column(String(5))
    country: Mapped[str | None] = mapped_column(String(16))
    own_holidays: Mapped[list[str]] = mapped_column(JSON, default=list)
    grace_h: Mapped[int]
    window_h: Mapped[int]
    reminders: Mapped[int]
    spacing_h: Mapped[int]
    #: `person:U1`, `channel:C1`, `group:S1`; empty: everyone in the team.
    asked: Mapped[list[str]] = mapped_column(JSON, default=list)
    observers: Mapped[list[str]] = mapped_column(JSON, default=list)
    visibility: Mapped[Visibility] = mapped_column(String(16))
    #: Question id → the day it was last answered on, which decides what is asked next.
    answered: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    #: Fix id → how many said yes and no when its practice was last answered, and on which day.
    practices: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON, default=dict)
    #: The next day on which people are asked, and the instant at which that day's hour comes anywhere; None at rest.
    next_day: Mapped[date | None] = mapped_column(Date)
    next_due_at: Mapped[datetime | None]
    #: Up to this day it is proven that there is a round for every day of the schedule.
    proved_until: Mapped[date] = mapped_column(Date)
    paused_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(default=1)


class Round(Base):
    """One time at which a check-in asks, or a day that was left out, and why."""

    __tablename__ = "check_in_rounds"
    __table_args__ = (
        UniqueConstraint("check_in_id", "period"),
        Index("ix_check_in_rounds_closing", "closed_at", "closes_at"),
        Index("ix_check_in_rounds_audit", "audited_at", "audit_at"),
        Index("ix_check_in_rounds_picture", "picture_due"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    check_in_id: Mapped[int] = mapped_column(ForeignKey("check_ins.id", ondelete="CASCADE"))
    team_id: Mapped[int]
    #: The week (`2026-W47`), with the weekday where there are several; or a test run.
    period: Mapped[str] = mapped_column(String(64))
    day: Mapped[date] = mapped_column(Date)
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    #: Why nobody was asked.
    left_out: Mapped[str | None] = mapped_column(Text)
    #: The owner who tries it; nobody else is asked, and nobody else sees the summary.
    test_for: Mapped[str | None] = mapped_column(String(32))
    #: Who sees the answers was said before the first question, so a later change of the setting does not count here.
    visibility: Mapped[Visibility] = mapped_column(String(16))
    #: The questions as asked, by id.
    questions: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON, default=dict)
    #: Symptom → level, as the last published summary has it.
    levels: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    #: Grows with each summary said.
    version: Mapped[int] = mapped_column(default=0)
    #: Answers that the summary does not have yet.
    unpublished: Mapped[int] = mapped_column(default=0)
    picture_due: Mapped[datetime | None]
    audit_at: Mapped[datetime]
    audited_at: Mapped[datetime | None]


class Invitation(Base):
    """One due ask: of whom, when, and how it ended. These rows are the proof of the schedule."""

    __tablename__ = "check_in_invitations"
    __table_args__ = (
        UniqueConstraint("round_id", "person"),
        Index("ix_check_in_invitations_due", "outcome", "due_at"),
        Index("ix_check_in_invitations_person", "workspace_id", "person"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    round_id: Mapped[int] = mapped_column(ForeignKey("check_in_rounds.id", ondelete="CASCADE"))
    person: Mapped[str] = mapped_column(String(32))
    zone: Mapped[str] = mapped_column(String(64))
    #: own, slack or team.
    zone_from: Mapped[str] = mapped_column(String(8))
    due_at: Mapped[datetime]
    outcome: Mapped[Outcome] = mapped_column(String(16), default=Outcome.PENDING)
    reason: Mapped[str | None] = mapped_column(Text)
    #: When it was asked, skipped or failed.
    at: Mapped[datetime | None]
    #: Ids of the round's questions, in order.
    questions: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: The person said that they will not answer this time.
    declined_at: Mapped[datetime | None]
    #: Under which key the outbox has the person's message about this round.
    message_key: Mapped[str | None] = mapped_column(String(255))
    #: Grows with each change of that message.
    version: Mapped[int] = mapped_column(default=0)


class Reminder(Base):
    """A person is reminded then, unless they answer before."""

    __tablename__ = "check_in_reminders"
    __table_args__ = (
        UniqueConstraint("invitation_id", "number"),
        Index("ix_check_in_reminders_due", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    invitation_id: Mapped[int] = mapped_column(ForeignKey("check_in_invitations.id", ondelete="CASCADE"))
    number: Mapped[int]
    due_at: Mapped[datetime]
    state: Mapped[ReminderState] = mapped_column(String(16), default=ReminderState.PENDING)


class Response(Base):
    """What a person answered in a round, or has half filled in."""

    __tablename__ = "check_in_responses"
    __table_args__ = (UniqueConstraint("round_id", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    round_id: Mapped[int] = mapped_column(ForeignKey("check_in_rounds.id", ondelete="CASCADE"))
    person: Mapped[str] = mapped_column(String(32))
    #: Question id → what was said.
    answers: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON, default=dict)
    text: Mapped[str | None] = mapped_column(Text)
    #: Symptoms found in the person's words: offered, and confirmed.
    proposed: Mapped[list[str]] = mapped_column(JSON, default=list)
    read: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: None while it is a draft.
    given_at: Mapped[datetime | None]
    #: Set when it was changed after the round had closed.
    edited_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Preference(Base):
    """What a person wants of all check-ins of a workspace."""

    __tablename__ = "check_in_preferences"
    __table_args__ = (UniqueConstraint("workspace_id", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    person: Mapped[str] = mapped_column(String(32))
    timezone: Mapped[str | None] = mapped_column(String(64))
    reminders: Mapped[bool] = mapped_column(default=True)
    #: The day on which they are back.
    out_until: Mapped[date | None] = mapped_column(Date)
