"""Queries on incidents; every one is scoped to a workspace, except what a duty looks for everywhere."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.teams.model import Person
from bot.triage.board import Past
from bot.triage.model import (
    UNDER_WAY,
    FollowUp,
    HelpGroup,
    How,
    Incident,
    Line,
    MessageMark,
    State,
    ThreadMessage,
    Tick,
)

PAST_SHOWN = 2


def incident(session: Session, workspace_id: str, incident_id: int) -> Incident | None:
    return session.scalar(
        select(Incident).where(Incident.workspace_id == workspace_id, Incident.id == incident_id).with_for_update()
    )


def started_from(session: Session, workspace_id: str, channel: str, source_ts: str) -> Incident | None:
    return session.scalar(
        select(Incident)
        .where(Incident.workspace_id == workspace_id, Incident.channel == channel, Incident.source_ts == source_ts)
        .with_for_update()
    )


def in_thread(session: Session, workspace_id: str, channel: str, thread_ts: str) -> Incident | None:
    return session.scalar(
        select(Incident)
        .where(Incident.workspace_id == workspace_id, Incident.channel == channel, Incident.thread_ts == thread_ts)
        .order_by(Incident.id.desc())
        .limit(1)
        .with_for_update()
    )


def threadless(session: Session, workspace_id: str, channel: str) -> Sequence[Incident]:
    """Those of a channel whose own thread has not been seen yet."""
    return session.scalars(
        select(Incident).where(
            Incident.workspace_id == workspace_id,
            Incident.channel == channel,
            Incident.thread_ts.is_(None),
            Incident.state.in_(UNDER_WAY),
        )
    ).all()


def going_on_in(session: Session, workspace_id: str, channel: str) -> Sequence[Incident]:
    return session.scalars(
        select(Incident).where(
            Incident.workspace_id == workspace_id, Incident.channel == channel, Incident.state.in_(UNDER_WAY)
        )
    ).all()


def of_message(session: Session, workspace_id: str, channel: str, message_ts: str) -> Incident | None:
    """The incident that began with this message."""
    return session.scalar(
        select(Incident)
        .where(Incident.workspace_id == workspace_id, Incident.channel == channel, Incident.message_ts == message_ts)
        .with_for_update()
    )


def newest_in_channel(session: Session, workspace_id: str, channel: str) -> Incident | None:
    """The one being worked on, else the last one."""
    rows = session.scalars(
        select(Incident)
        .where(Incident.workspace_id == workspace_id, Incident.channel == channel, Incident.state != State.OFFERED)
        .order_by(Incident.id.desc())
        .limit(20)
    ).all()
    return next((row for row in rows if row.under_way), rows[0] if rows else None)


def under_way(session: Session, workspace_id: str, team_ids: Collection[int]) -> Sequence[Incident]:
    return session.scalars(
        select(Incident)
        .where(
            Incident.workspace_id == workspace_id,
            Incident.team_id.in_(list(team_ids)),
            Incident.state.in_(UNDER_WAY),
        )
        .order_by(Incident.id.desc())
    ).all()


def ticks(session: Session, workspace_id: str, incident_id: int) -> Sequence[Tick]:
    return session.scalars(
        select(Tick).where(Tick.workspace_id == workspace_id, Tick.incident_id == incident_id).order_by(Tick.id)
    ).all()


def lines(session: Session, workspace_id: str, incident_id: int) -> Sequence[Line]:
    return session.scalars(
        select(Line).where(Line.workspace_id == workspace_id, Line.incident_id == incident_id).order_by(Line.id)
    ).all()


def message(session: Session, incident_: Incident, ts: str) -> ThreadMessage | None:
    return session.scalar(
        select(ThreadMessage).where(
            ThreadMessage.workspace_id == incident_.workspace_id,
            ThreadMessage.incident_id == incident_.id,
            ThreadMessage.ts == ts,
        )
    )


def marked(session: Session, workspace_id: str, incident_id: int) -> Sequence[ThreadMessage]:
    wanted = select(MessageMark.ts).where(
        MessageMark.workspace_id == workspace_id, MessageMark.incident_id == incident_id
    )
    return session.scalars(
        select(ThreadMessage)
        .where(
            ThreadMessage.workspace_id == workspace_id,
            ThreadMessage.incident_id == incident_id,
            ThreadMessage.ts.in_(wanted),
        )
        .order_by(ThreadMessage.ts)
    ).all()


def unmark(session: Session, incident_: Incident, ts: str, by: str, how: How) -> None:
    session.execute(
        delete(MessageMark).where(
            MessageMark.workspace_id == incident_.workspace_id,
            MessageMark.incident_id == incident_.id,
            MessageMark.ts == ts,
            MessageMark.by == by,
            MessageMark.how == how,
        )
    )


def forget_unmarked(session: Session, incident_: Incident) -> None:
    """Lets go of what was said in the thread and nobody wanted to keep."""
    wanted = select(MessageMark.ts).where(MessageMark.incident_id == incident_.id)
    session.execute(
        delete(ThreadMessage).where(
            ThreadMessage.workspace_id == incident_.workspace_id,
            ThreadMessage.incident_id == incident_.id,
            ThreadMessage.ts.not_in(wanted),
        )
    )


def past_of(session: Session, incident_: Incident) -> list[Past]:
    """The team's last incidents with the same symptom, newest first."""
    if incident_.team_id is None or incident_.symptom is None:
        return []
    rows = session.scalars(
        select(Incident)
        .where(
            Incident.workspace_id == incident_.workspace_id,
            Incident.team_id == incident_.team_id,
            Incident.symptom == incident_.symptom,
            Incident.state == State.RESOLVED,
            Incident.id != incident_.id,
        )
        .order_by(Incident.id.desc())
        .limit(PAST_SHOWN)
    ).all()
    return [Past(row.id, row.opened_at.date(), row.cause, row.helped) for row in rows]


def follow_ups(session: Session, workspace_id: str, incident_id: int) -> Sequence[FollowUp]:
    return session.scalars(
        select(FollowUp)
        .where(FollowUp.workspace_id == workspace_id, FollowUp.incident_id == incident_id)
        .order_by(FollowUp.number)
    ).all()


def follow_up(session: Session, workspace_id: str, follow_up_id: int) -> FollowUp | None:
    return session.scalar(
        select(FollowUp).where(FollowUp.workspace_id == workspace_id, FollowUp.id == follow_up_id).with_for_update()
    )


def open_follow_ups(session: Session, workspace_id: str, owner: str) -> Sequence[FollowUp]:
    return session.scalars(
        select(FollowUp)
        .where(FollowUp.workspace_id == workspace_id, FollowUp.owner == owner, FollowUp.done_at.is_(None))
        .order_by(FollowUp.due, FollowUp.id)
    ).all()


def overdue(session: Session, today: date, chased_before: datetime, limit: int) -> Sequence[FollowUp]:
    """Follow-ups of all workspaces that are late and were not brought up lately."""
    return session.scalars(
        select(FollowUp)
        .where(FollowUp.done_at.is_(None), FollowUp.due < today)
        .where((FollowUp.chased_at.is_(None)) | (FollowUp.chased_at <= chased_before))
        .order_by(FollowUp.id)
        .limit(limit)
    ).all()


def to_nudge(session: Session, now: datetime, limit: int) -> Sequence[Incident]:
    """Incidents of all workspaces of which nobody has heard for too long."""
    return session.scalars(
        select(Incident)
        .where(Incident.state.in_(UNDER_WAY), Incident.nudge_at <= now)
        .order_by(Incident.id)
        .limit(limit)
    ).all()


def half_read(session: Session, limit: int) -> Sequence[Incident]:
    """Incidents of all workspaces that were begun while the model was being loaded."""
    return session.scalars(
        select(Incident)
        .where(Incident.state.in_(UNDER_WAY), Incident.read_fully.is_(False))
        .order_by(Incident.id)
        .limit(limit)
    ).all()


def forget_offers(session: Session, now: datetime, older_than: timedelta) -> None:
    session.execute(delete(Incident).where(Incident.state == State.OFFERED, Incident.opened_at < now - older_than))


def help_group(session: Session, workspace_id: str, team_id: int) -> HelpGroup | None:
    return session.scalar(
        select(HelpGroup).where(HelpGroup.workspace_id == workspace_id, HelpGroup.team_id == team_id).with_for_update()
    )


def names(session: Session, workspace_id: str, people: Collection[str]) -> dict[str, str]:
    """What people are called, as far as that is known."""
    rows = session.scalars(
        select(Person).where(Person.workspace_id == workspace_id, Person.person.in_(list(people)))
    ).all()
    return {row.person: row.name for row in rows}


def holding_message(session: Session, workspace_id: str, channel: str, ts: str) -> Incident | None:
    """The incident in whose thread a message was heard."""
    return session.scalar(
        select(Incident)
        .join(ThreadMessage, ThreadMessage.incident_id == Incident.id)
        .where(Incident.workspace_id == workspace_id, Incident.channel == channel, ThreadMessage.ts == ts)
        .order_by(Incident.id.desc())
        .limit(1)
        .with_for_update(of=Incident)
    )
