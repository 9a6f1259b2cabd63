"""Tables of questions, what was answered, and what people thought of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class Via(StrEnum):
    """How a question reached the advisor."""

    MENTION = "mention"
    DIRECT = "direct"
    THREAD = "thread"
    COMMAND = "command"
    SHORTCUT = "shortcut"


class Question(Base):
    """A question and everything needed to give its answer again."""

    __tablename__ = "questions"
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel", "ts"),
        Index("ix_questions_thread", "workspace_id", "channel", "thread_ts"),
        Index("ix_questions_asked_by", "workspace_id", "asked_by", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(32))
    #: The message's time stamp, or a command's trigger.
    ts: Mapped[str] = mapped_column(String(64))
    thread_ts: Mapped[str] = mapped_column(String(64))
    asked_by: Mapped[str] = mapped_column(String(32))
    asked_at: Mapped[datetime]
    via: Mapped[Via] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    edited: Mapped[bool] = mapped_column(default=False)
    phase: Mapped[str | None] = mapped_column(String(16))
    #: [{"entry": id, "score": …}], best first; empty when the advisor abstained.
    entries: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    #: The earlier questions of the thread that were taken into account.
    thread: Mapped[list[str]] = mapped_column(JSON, default=list)
    stacks: Mapped[list[str]] = mapped_column(JSON, default=list)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    #: Counts the versions shown, so that each update is said once.
    version: Mapped[int] = mapped_column(default=0)

    @property
    def key(self) -> str:
        """Under which the outbox knows the answer."""
        return f"answer:{self.id}"


class Vote(Base):
    """One person's opinion of one answer; a second click changes it."""

    __tablename__ = "votes"
    __table_args__ = (UniqueConstraint("question_id", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id", ondelete="CASCADE"))
    person: Mapped[str] = mapped_column(String(32))
    helpful: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


class Thread(Base):
    """A thread in which the advisor takes further messages as follow-ups."""

    __tablename__ = "threads"
    __table_args__ = (UniqueConstraint("workspace_id", "channel", "thread_ts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(32))
    thread_ts: Mapped[str] = mapped_column(String(64))
    following: Mapped[bool] = mapped_column(default=True)
    since: Mapped[datetime]
