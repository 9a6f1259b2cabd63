"""Queries on what came in and what goes out."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from bot.delivery.model import Action, Outgoing, State, TakenIn

PACE = timedelta(seconds=1)  # Slack takes about one message a second in a channel


def outgoing(session: Session, workspace_id: str, key: str) -> Outgoing | None:
    return session.scalar(select(Outgoing).where(Outgoing.workspace_id == workspace_id, Outgoing.key == key))


def speakable(session: Session, now: datetime, limit: int, target: str | None) -> Sequence[Outgoing]:
    """The first unsaid message of each target whose time has come, locked against other processes."""
    earlier = aliased(Outgoing)
    same_target = (earlier.workspace_id == Outgoing.workspace_id) & (earlier.target == Outgoing.target)
    first_of_its_target = ~exists().where(
        same_target, earlier.id < Outgoing.id, earlier.state.in_([State.WAITING, State.SENDING])
    )
    paced = ~exists().where(
        same_target,
        earlier.state == State.SENT,
        earlier.action == Action.POST,
        earlier.sent_at > now - PACE,
        earlier.sent_at <= now,  # a clock that was put back must not silence a channel until it has caught up
    )
    query = (
        select(Outgoing)
        .where(Outgoing.state == State.WAITING, Outgoing.not_before <= now, first_of_its_target)
        .where((Outgoing.action != Action.POST) | paced)
        .order_by(Outgoing.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Outgoing)
    )
    return session.scalars(query if target is None else query.where(Outgoing.target == target)).all()


def give_up_claims(session: Session, now: datetime) -> None:
    """Takes back what a process that died was saying; it may have been heard."""
    session.execute(
        update(Outgoing)
        .where(Outgoing.state == State.SENDING, Outgoing.claimed_until < now)
        .values(state=State.WAITING, uncertain=True)
    )


def supersede_updates(session: Session, workspace_id: str, of_key: str) -> None:
    session.execute(
        update(Outgoing)
        .where(Outgoing.workspace_id == workspace_id, Outgoing.of_key == of_key, Outgoing.state == State.WAITING)
        .values(state=State.SUPERSEDED, text=None, blocks=None)
    )


def withdraw(session: Session, workspace_id: str, key: str) -> bool:
    done = session.execute(
        update(Outgoing)
        .where(Outgoing.workspace_id == workspace_id, Outgoing.key == key, Outgoing.state == State.WAITING)
        .where(Outgoing.uncertain.is_(False))
        .values(state=State.SUPERSEDED, text=None, blocks=None, content=None)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def taken_in(session: Session, workspace_id: str, key: str) -> TakenIn | None:
    return session.scalar(
        select(TakenIn).where(TakenIn.workspace_id == workspace_id, TakenIn.key == key).with_for_update()
    )


def abandoned(session: Session, now: datetime, limit: int) -> Sequence[TakenIn]:
    return session.scalars(
        select(TakenIn)
        .where(TakenIn.done.is_(False), TakenIn.claimed_until < now)
        .order_by(TakenIn.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def forget_before(session: Session, moment: datetime) -> None:
    session.execute(delete(TakenIn).where(TakenIn.done.is_(True), TakenIn.at < moment))
