"""Queries on questions, votes and threads; every one is scoped to a workspace."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.questions.model import Question, Thread, Vote

THREAD_MEMORY = 3  # earlier questions that still tell what a follow-up is about


def question(session: Session, workspace_id: str, question_id: int) -> Question | None:
    return session.scalar(
        select(Question).where(Question.workspace_id == workspace_id, Question.id == question_id).with_for_update()
    )


def question_at(session: Session, workspace_id: str, channel: str, ts: str) -> Question | None:
    return session.scalar(
        select(Question)
        .where(Question.workspace_id == workspace_id, Question.channel == channel, Question.ts == ts)
        .with_for_update()
    )


def earlier_in_thread(session: Session, asked: Question) -> list[str]:
    """The last few questions of the thread before this one, oldest first."""
    rows = session.scalars(
        select(Question.text)
        .where(
            Question.workspace_id == asked.workspace_id,
            Question.channel == asked.channel,
            Question.thread_ts == asked.thread_ts,
            Question.id < asked.id,
        )
        .order_by(Question.id.desc())
        .limit(THREAD_MEMORY)
    ).all()
    return list(reversed(rows))


def asked_since(session: Session, workspace_id: str, since: datetime, person: str | None = None) -> int:
    query = select(func.count(Question.id)).where(Question.workspace_id == workspace_id, Question.asked_at > since)
    return session.scalar(query if person is None else query.where(Question.asked_by == person)) or 0


def thread(session: Session, workspace_id: str, channel: str, thread_ts: str) -> Thread | None:
    return session.scalar(
        select(Thread).where(
            Thread.workspace_id == workspace_id, Thread.channel == channel, Thread.thread_ts == thread_ts
        )
    )


def vote(session: Session, workspace_id: str, question_id: int, person: str) -> Vote | None:
    return session.scalar(
        select(Vote)
        .where(Vote.workspace_id == workspace_id, Vote.question_id == question_id, Vote.person == person)
        .with_for_update()
    )


def votes(session: Session, workspace_id: str, question_id: int) -> Sequence[Vote]:
    return session.scalars(
        select(Vote).where(Vote.workspace_id == workspace_id, Vote.question_id == question_id).order_by(Vote.id)
    ).all()
