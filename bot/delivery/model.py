"""Tables of what came in from Slack and what goes out to it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base


class Action(StrEnum):
    POST = "post"
    UPDATE = "update"
    EPHEMERAL = "ephemeral"
    RESPOND = "respond"
    UPLOAD = "upload"


class State(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class Outgoing(Base):
    """One thing the bot means to say: written in the transaction that decided it, said afterwards."""

    __tablename__ = "outgoing"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_outgoing_lane", "workspace_id", "target", "state", "id"),
        Index("ix_outgoing_due", "state", "not_before"),
        Index("ix_outgoing_of_key", "workspace_id", "of_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    #: What is said, to whom, for which occasion: the same key is never said twice.
    key: Mapped[str] = mapped_column(String(255))
    action: Mapped[Action] = mapped_column(String(16))
    #: A channel, or a person for a direct message; what goes to one target goes in order.
    target: Mapped[str] = mapped_column(String(64))
    person: Mapped[str | None] = mapped_column(String(32))
    thread_ts: Mapped[str | None] = mapped_column(String(32))
    #: The message this one answers in a thread, when its time stamp was not known yet.
    thread_of: Mapped[str | None] = mapped_column(String(255))
    #: The message this one updates.
    of_key: Mapped[str | None] = mapped_column(String(255))
    response_url: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    blocks: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    state: Mapped[State] = mapped_column(String(16), default=State.WAITING)
    #: The file that is shared; its description is the text.
    filename: Mapped[str | None] = mapped_column(String(120))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    not_before: Mapped[datetime]
    #: Said by then or not at all.
    not_after: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    #: An earlier attempt may have arrived: look before speaking again.
    uncertain: Mapped[bool] = mapped_column(default=False)
    channel: Mapped[str | None] = mapped_column(String(32))
    ts: Mapped[str | None] = mapped_column(String(32))
    error: Mapped[str | None] = mapped_column(String(255))


class TakenIn(Base):
    """One event, click or submit from Slack, worked exactly once."""

    __tablename__ = "taken_in"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_taken_in_claimed_until", "done", "claimed_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime]
    done: Mapped[bool] = mapped_column(default=False)
    claimed_until: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=1)
    #: An event's body, until it is done: Slack does not repeat what it saw acknowledged, so we must be able to.
    body: Mapped[dict[str, Any] | None] = mapped_column(JSON)
