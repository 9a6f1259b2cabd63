"""What becomes of a person's invitation to a round: skipped or put off by them, or changed by what else they do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.checkins import schedule, store
from bot.checkins.audience import team_of
from bot.checkins.ledger import Outcome, when
from bot.checkins.model import CheckIn, Invitation, Reminder, ReminderState, Round, State
from bot.checkins.rounds import planned_reminders
from bot.checkins.schedule import Plan
from bot.clock import Clock
from bot.database import Sessions
from bot.errors import BotError, NotAllowed, NotFound
from bot.teams.profile import TeamProfile

SNOOZE = timedelta(hours=2)


class Speaker(Protocol):
    """Says in Slack what became of an invitation; every call only writes down what is to be said."""

    def take_back(self, session: Session, invitation: Invitation) -> bool: ...

    def take_back_reminders(self, session: Session, invitation: Invitation) -> None: ...

    def tell(
        self,
        session: Session,
        invitation: Invitation,
        round_: Round,
        team: TeamProfile,
        state: State,
        at: datetime | None,
    ) -> str: ...


class Invitations:
    """Skips and puts off; declines, ends and reminds inside the transactions of other use cases.

    Args:
        sessions: opens transactions.
        speaker: says it in Slack.
        deliver: brings what was said under a key to Slack now.
        clock: tells the time.
    """

    def __init__(
        self, sessions: Sessions, speaker: Speaker, deliver: Callable[[str, str], object], clock: Clock
    ) -> None:
        self._sessions = sessions
        self._speaker = speaker
        self._deliver = deliver
        self._clock = clock

    def skip(self, workspace_id: str, round_id: int, person: str) -> None:
        """The person does not answer this time."""
        with self._sessions.begin() as session:
            round_, invitation = _unanswered(session, workspace_id, round_id, person)
            key = self.decline(session, round_, invitation, State.SKIPPED)
        self._deliver(workspace_id, key)

    def snooze(self, workspace_id: str, round_id: int, person: str, *, tomorrow: bool = False) -> datetime:
        """The person wants to be reminded later instead.

        Returns:
            When that is.

        Raises:
            BotError: the check-in will have closed by then.
        """
        with self._sessions.begin() as session:
            round_, invitation = _unanswered(session, workspace_id, round_id, person)
            check_in = session.get_one(CheckIn, round_.check_in_id)
            plan = store.plan_of(check_in, team_of(session, check_in).timezone)
            again = _later(plan, self._clock(), invitation.zone, tomorrow=tomorrow)
            if again >= round_.closes_at:
                raise BotError(f"That would be too late: it closes {when(round_.closes_at, invitation.zone)}.")
            self.remind_from(session, plan, round_, invitation, again)
            key = self.tell(session, invitation, round_, State.SNOOZED, again)
        self._deliver(workspace_id, key)
        return again

    def decline(self, session: Session, round_: Round, invitation: Invitation, state: State) -> str:
        """The person will not answer; returns the key of what they are told."""
        invitation.declined_at = self._clock()
        self.end(session, invitation, "they skipped this time")
        return self.tell(session, invitation, round_, state, None)

    def end(self, session: Session, invitation: Invitation, reason: str) -> None:
        """Nobody reminds any more, and an ask that was not said yet has become pointless."""
        self.no_more_reminders(session, invitation)
        unsaid = invitation.outcome == Outcome.ASKED and self._speaker.take_back(session, invitation)
        if unsaid or invitation.outcome == Outcome.PENDING:
            invitation.outcome, invitation.reason, invitation.at = Outcome.SKIPPED, reason, self._clock()

    def remind_from(self, session: Session, plan: Plan, round_: Round, invitation: Invitation, again: datetime) -> None:
        """The reminders that are left come from then on; at least one does."""
        known = store.reminders(session, invitation.workspace_id, invitation.id)
        sent = sum(reminder.state == ReminderState.SENT for reminder in known)
        number = max((reminder.number for reminder in known), default=0) + 1
        self.no_more_reminders(session, invitation)
        rest = replace(plan, reminders=max(0, plan.reminders - sent - 1))
        first = {**_reminder(invitation, number), "due_at": again}
        for row in [first, *planned_reminders(rest, invitation, again, round_.closes_at, number + 1)]:
            session.add(Reminder(**row))

    def no_more_reminders(self, session: Session, invitation: Invitation) -> None:
        store.cancel_reminders(session, invitation.workspace_id, invitation.id)
        self._speaker.take_back_reminders(session, invitation)

    def tell(self, session: Session, invitation: Invitation, round_: Round, state: State, at: datetime | None) -> str:
        """Says in the invitation how it stands; returns the key of that."""
        return self._speaker.tell(session, invitation, round_, team_of(session, round_), state, at)


def answerable(session: Session, workspace_id: str, round_id: int) -> Round:
    """A round that takes answers: until a newer one has begun, also late ones.

    Raises:
        NotFound: it takes none any more.
    """
    round_ = store.round_(session, workspace_id, round_id)
    if round_ is None:
        raise NotFound
    if round_.closed_at is not None and round_.test_for is None:
        newest = store.rounds(session, workspace_id, round_.check_in_id, 1)
        if newest and newest[0].id != round_.id:
            raise NotFound("That check-in is over; a newer one has begun. `/advisor checkin` opens it.")
    return round_


def invited(session: Session, round_: Round, person: str) -> Invitation:
    """The person's invitation to a round.

    Raises:
        NotAllowed: they are not asked in it.
    """
    invitation = store.invitation(session, round_.workspace_id, round_.id, person)
    if invitation is None:
        raise NotAllowed("This check-in does not ask you.")
    return invitation


def _unanswered(session: Session, workspace_id: str, round_id: int, person: str) -> tuple[Round, Invitation]:
    """An open round and the person's unanswered invitation to it."""
    round_ = answerable(session, workspace_id, round_id)
    invitation = invited(session, round_, person)
    if round_.closed_at is not None:
        raise BotError("This check-in has closed already. You can still fill it in.")
    if (round_.id, person) in store.has_answered(session, [round_.id]):
        raise BotError("You have answered this one already. Thank you!")
    return round_, invitation


def _reminder(invitation: Invitation, number: int) -> dict[str, object]:
    return {
        "workspace_id": invitation.workspace_id,
        "invitation_id": invitation.id,
        "number": number,
        "state": ReminderState.PENDING,
    }


def _later(plan: Plan, now: datetime, zone: str, *, tomorrow: bool) -> datetime:
    if not tomorrow:
        return schedule.working_instant(plan, now + SNOOZE, zone)
    day = now.astimezone(ZoneInfo(zone)).date() + schedule.DAY
    return schedule.working_instant(plan, schedule.moment(day, plan.at, zone), zone)
