"""Queries on check-ins; every one is scoped to a workspace, save those by which the beat finds what is due anywhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from bot.checkins.ledger import Outcome
from bot.checkins.model import CheckIn, Invitation, Preference, Reminder, ReminderState, Response, Round, Standing
from bot.checkins.schedule import Plan
from bot.delivery.model import Outgoing, State
from bot.teams.model import Mark, Person, PlanMark

AT_ONCE = 500  # databases bound how many values a query takes


def plan_of(check_in: CheckIn, zone: str) -> Plan:
    """The schedule of a check-in whose team is in `zone`."""
    return Plan(
        weekdays=frozenset(check_in.weekdays),
        at=time.fromisoformat(check_in.at),
        zone=zone,
        working_days=frozenset(check_in.working_days),
        work_from=time.fromisoformat(check_in.work_from),
        work_until=time.fromisoformat(check_in.work_until),
        country=check_in.country,
        own_holidays=frozenset(date.fromisoformat(day) for day in check_in.own_holidays),
        grace=timedelta(hours=check_in.grace_h),
        window=timedelta(hours=check_in.window_h),
        reminders=check_in.reminders,
        spacing=timedelta(hours=check_in.spacing_h),
    )


def check_in(session: Session, workspace_id: str, check_in_id: int) -> CheckIn | None:
    return session.scalar(
        select(CheckIn).where(CheckIn.workspace_id == workspace_id, CheckIn.id == check_in_id).with_for_update()
    )


def check_ins(session: Session, workspace_id: str, team_ids: Sequence[int]) -> Sequence[CheckIn]:
    """Those of some teams that are not archived, oldest first."""
    return session.scalars(
        select(CheckIn)
        .where(CheckIn.workspace_id == workspace_id, CheckIn.team_id.in_(team_ids))
        .where(CheckIn.standing != Standing.ARCHIVED)
        .order_by(CheckIn.id)
    ).all()


def archived(session: Session, workspace_id: str, team_id: int) -> Sequence[CheckIn]:
    return session.scalars(
        select(CheckIn)
        .where(CheckIn.workspace_id == workspace_id, CheckIn.team_id == team_id)
        .where(CheckIn.standing == Standing.ARCHIVED)
        .order_by(CheckIn.id)
    ).all()


def due_check_ins(session: Session, now: datetime, limit: int) -> Sequence[tuple[str, int]]:
    """Workspace and id of the check-ins whose next day has begun somewhere, in every workspace."""
    rows = session.execute(
        select(CheckIn.workspace_id, CheckIn.id)
        .where(CheckIn.next_due_at <= now)
        .order_by(CheckIn.next_due_at)
        .limit(limit)
    )
    return [(workspace_id, check_in_id) for workspace_id, check_in_id in rows]


def claimed_check_in(session: Session, workspace_id: str, check_in_id: int, now: datetime) -> CheckIn | None:
    """The check-in if it is still due and nobody else is at it."""
    return session.scalar(
        select(CheckIn)
        .where(CheckIn.workspace_id == workspace_id, CheckIn.id == check_in_id, CheckIn.next_due_at <= now)
        .with_for_update(skip_locked=True)
    )


def round_(session: Session, workspace_id: str, round_id: int) -> Round | None:
    return session.scalar(
        select(Round).where(Round.workspace_id == workspace_id, Round.id == round_id).with_for_update()
    )


def round_of_period(session: Session, workspace_id: str, check_in_id: int, period: str) -> Round | None:
    return session.scalar(
        select(Round).where(
            Round.workspace_id == workspace_id, Round.check_in_id == check_in_id, Round.period == period
        )
    )


def rounds(session: Session, workspace_id: str, check_in_id: int, limit: int) -> list[Round]:
    """The last rounds that asked anybody, test runs aside, newest first."""
    return list(
        session.scalars(
            select(Round)
            .where(Round.workspace_id == workspace_id, Round.check_in_id == check_in_id)
            .where(Round.test_for.is_(None), Round.left_out.is_(None))
            .order_by(Round.day.desc())
            .limit(limit)
        )
    )


def rounds_between(session: Session, workspace_id: str, check_in_id: int, first: date, last: date) -> Sequence[Round]:
    """Every round of these days, those left out too."""
    return session.scalars(
        select(Round)
        .where(Round.workspace_id == workspace_id, Round.check_in_id == check_in_id, Round.test_for.is_(None))
        .where(Round.day >= first, Round.day <= last)
        .order_by(Round.day)
    ).all()


def closing(session: Session, now: datetime, limit: int) -> Sequence[tuple[str, int]]:
    """Workspace and id of the rounds whose time is over, in every workspace."""
    rows = session.execute(
        select(Round.workspace_id, Round.id).where(Round.closed_at.is_(None), Round.closes_at <= now).limit(limit)
    )
    return [(workspace_id, round_id) for workspace_id, round_id in rows]


def to_audit(session: Session, now: datetime, limit: int) -> Sequence[tuple[str, int]]:
    rows = session.execute(
        select(Round.workspace_id, Round.id).where(Round.audited_at.is_(None), Round.audit_at <= now).limit(limit)
    )
    return [(workspace_id, round_id) for workspace_id, round_id in rows]


def to_draw(session: Session, now: datetime, limit: int) -> Sequence[tuple[str, int]]:
    rows = session.execute(select(Round.workspace_id, Round.id).where(Round.picture_due <= now).limit(limit))
    return [(workspace_id, round_id) for workspace_id, round_id in rows]


def add_invitations(session: Session, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        session.execute(insert(Invitation), rows)


@dataclass(frozen=True)
class Due:
    """A due ask as the beat finds it."""

    id: int
    workspace_id: str
    round_id: int
    check_in_id: int
    person: str


def due_invitations(session: Session, now: datetime, limit: int) -> list[Due]:
    """Who is to be asked by now, in every workspace, longest due first."""
    rows = session.execute(
        select(Invitation.id, Invitation.workspace_id, Invitation.round_id, Round.check_in_id, Invitation.person)
        .join(Round, Round.id == Invitation.round_id)
        .where(Invitation.outcome == Outcome.PENDING, Invitation.due_at <= now)
        .order_by(Invitation.due_at, Invitation.id)
        .limit(limit)
    )
    return [Due(*row) for row in rows]


def claimed_invitations(session: Session, ids: Sequence[int], now: datetime) -> Sequence[Invitation]:
    """Those that are still due and that nobody else is at."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.id.in_(ids), Invitation.outcome == Outcome.PENDING, Invitation.due_at <= now)
        .order_by(Invitation.id)
        .with_for_update(skip_locked=True)
    ).all()


def invitation(session: Session, workspace_id: str, round_id: int, person: str) -> Invitation | None:
    return session.scalar(
        select(Invitation)
        .where(Invitation.workspace_id == workspace_id, Invitation.round_id == round_id, Invitation.person == person)
        .with_for_update()
    )


def invitations(session: Session, workspace_id: str, round_id: int) -> Sequence[Invitation]:
    return session.scalars(
        select(Invitation)
        .where(Invitation.workspace_id == workspace_id, Invitation.round_id == round_id)
        .order_by(Invitation.id)
    ).all()


def invitations_of_person(
    session: Session, workspace_id: str, person: str, check_in_ids: Sequence[int], first: date, last: date
) -> Sequence[tuple[Invitation, Round, Response | None]]:
    """The person's due asks of these days, with what became of them."""
    rows = session.execute(
        select(Invitation, Round, Response)
        .join(Round, Round.id == Invitation.round_id)
        .outerjoin(Response, (Response.round_id == Round.id) & (Response.person == Invitation.person))
        .where(Invitation.workspace_id == workspace_id, Invitation.person == person, Round.test_for.is_(None))
        .where(Round.check_in_id.in_(check_in_ids), Round.day >= first, Round.day <= last)
        .order_by(Round.day)
    )
    return [(invitation, round_, response) for invitation, round_, response in rows]


def undecided_of_person(session: Session, workspace_id: str, person: str) -> Sequence[tuple[Invitation, Round]]:
    """The person's invitations to rounds that are still open, locked."""
    rows = session.execute(
        select(Invitation, Round)
        .join(Round, Round.id == Invitation.round_id)
        .where(Invitation.workspace_id == workspace_id, Invitation.person == person)
        .where(Round.closed_at.is_(None), Round.test_for.is_(None))
        .order_by(Invitation.id)
        .with_for_update(of=Invitation)
    )
    return [(invitation, round_) for invitation, round_ in rows]


def moved_people(session: Session, limit: int) -> Sequence[tuple[str, int, str, str]]:
    """Workspace, round and person of pending asks whose Slack profile names another zone by now, and that zone."""
    rows = session.execute(
        select(Invitation.workspace_id, Invitation.round_id, Invitation.person, Person.tz)
        .join(Person, (Person.workspace_id == Invitation.workspace_id) & (Person.person == Invitation.person))
        .where(Invitation.outcome == Outcome.PENDING, Invitation.zone_from != "own")
        .where(Person.tz.is_not(None), Person.tz != Invitation.zone)
        .order_by(Invitation.id)
        .limit(limit)
    )
    return [(workspace_id, round_id, person, zone) for workspace_id, round_id, person, zone in rows if zone]


def open_rounds(session: Session, limit: int) -> Sequence[tuple[str, int]]:
    """Workspace and id of the rounds in which somebody is still to be asked, in every workspace."""
    rows = session.execute(
        select(Round.workspace_id, Round.id)
        .join(Invitation, Invitation.round_id == Round.id)
        .where(Invitation.outcome == Outcome.PENDING, Round.test_for.is_(None), Round.closed_at.is_(None))
        .distinct()
        .limit(limit)
    )
    return [(workspace_id, round_id) for workspace_id, round_id in rows]


def known_zones(session: Session, workspace_id: str, people: Sequence[str]) -> dict[str, str]:
    """The zones of the people's Slack profiles, as far as they are known."""
    found: dict[str, str] = {}
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]
        query = select(Person.person, Person.tz).where(Person.workspace_id == workspace_id, Person.person.in_(part))
        found.update({person: zone for person, zone in session.execute(query) if zone})
    return found


def names(session: Session, workspace_id: str, people: Iterable[str]) -> dict[str, str]:
    wanted, found = list(people), dict[str, str]()
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        query = select(Person.person, Person.name).where(Person.workspace_id == workspace_id, Person.person.in_(part))
        found.update({row.person: row.name for row in session.execute(query)})
    return found


def gone_people(session: Session, workspace_id: str, people: Sequence[str]) -> set[str]:
    """Those whose account is deactivated."""
    gone: set[str] = set()
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]
        gone |= set(
            session.scalars(
                select(Person.person).where(
                    Person.workspace_id == workspace_id, Person.person.in_(part), Person.deleted.is_(True)
                )
            )
        )
    return gone


def preferences(session: Session, workspace_id: str, people: Sequence[str]) -> dict[str, Preference]:
    found: dict[str, Preference] = {}
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]
        rows = session.scalars(
            select(Preference).where(Preference.workspace_id == workspace_id, Preference.person.in_(part))
        )
        found.update({row.person: row for row in rows})
    return found


def preference(session: Session, workspace_id: str, person: str) -> Preference | None:
    return session.scalar(
        select(Preference).where(Preference.workspace_id == workspace_id, Preference.person == person).with_for_update()
    )


def due_reminders(session: Session, now: datetime, limit: int) -> Sequence[tuple[Reminder, Invitation]]:
    """Reminders whose time has come, anywhere; both rows are locked, so an answer comes either before or after."""
    rows = session.execute(
        select(Reminder, Invitation)
        .join(Invitation, Invitation.id == Reminder.invitation_id)
        .where(Reminder.state == ReminderState.PENDING, Reminder.due_at <= now)
        .order_by(Reminder.due_at, Reminder.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [(reminder, invitation) for reminder, invitation in rows]


def reminders(session: Session, workspace_id: str, invitation_id: int) -> Sequence[Reminder]:
    return session.scalars(
        select(Reminder)
        .where(Reminder.workspace_id == workspace_id, Reminder.invitation_id == invitation_id)
        .order_by(Reminder.number)
    ).all()


def cancel_reminders(session: Session, workspace_id: str, invitation_id: int) -> None:
    session.execute(
        update(Reminder)
        .where(Reminder.workspace_id == workspace_id, Reminder.invitation_id == invitation_id)
        .where(Reminder.state == ReminderState.PENDING)
        .values(state=ReminderState.CANCELLED)
    )


def cancel_reminders_of_round(session: Session, workspace_id: str, round_id: int) -> None:
    asked = select(Invitation.id).where(Invitation.workspace_id == workspace_id, Invitation.round_id == round_id)
    session.execute(
        update(Reminder)
        .where(Reminder.workspace_id == workspace_id, Reminder.invitation_id.in_(asked))
        .where(Reminder.state == ReminderState.PENDING)
        .values(state=ReminderState.CANCELLED)
    )


def response(session: Session, workspace_id: str, round_id: int, person: str) -> Response | None:
    return session.scalar(
        select(Response)
        .where(Response.workspace_id == workspace_id, Response.round_id == round_id, Response.person == person)
        .with_for_update()
    )


def responses(session: Session, workspace_id: str, round_id: int) -> Sequence[Response]:
    """What was given in a round; drafts are their authors' business."""
    return session.scalars(
        select(Response)
        .where(Response.workspace_id == workspace_id, Response.round_id == round_id, Response.given_at.is_not(None))
        .order_by(Response.id)
    ).all()


def has_answered(session: Session, round_ids: Sequence[int]) -> set[tuple[int, str]]:
    """Who answered in which of these rounds."""
    rows = session.execute(
        select(Response.round_id, Response.person).where(
            Response.round_id.in_(round_ids), Response.given_at.is_not(None)
        )
    )
    return {(round_id, person) for round_id, person in rows}


def delivered(session: Session, limit: int) -> Sequence[tuple[Invitation, State, str | None, datetime | None]]:
    """Asks on their way of which the outbox knows by now how they ended, in every workspace."""
    rows = session.execute(
        select(Invitation, Outgoing.state, Outgoing.error, Outgoing.sent_at)
        .join(
            Outgoing,
            (Outgoing.workspace_id == Invitation.workspace_id) & (Outgoing.key == Invitation.message_key),
        )
        .where(Invitation.outcome == Outcome.ASKED, Outgoing.state.in_([State.SENT, State.FAILED]))
        .order_by(Invitation.id)
        .limit(limit)
        .with_for_update(of=Invitation, skip_locked=True)
    )
    return [(invitation, state, error, sent_at) for invitation, state, error, sent_at in rows]


def settled_fixes(session: Session, workspace_id: str, team_id: int) -> set[str]:
    """Fixes the team has done or does not want."""
    return set(
        session.scalars(
            select(PlanMark.entry).where(
                PlanMark.workspace_id == workspace_id,
                PlanMark.team_id == team_id,
                PlanMark.mark.in_([Mark.DONE, Mark.NOT_FOR_US]),
            )
        )
    )
