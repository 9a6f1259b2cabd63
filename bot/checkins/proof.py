"""Proves the schedule: how each ask ended, what should have happened against what did, and who is told of failures."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from bot.checkins import audience, ledger, results, schedule, store
from bot.checkins.audience import Audience, team_of
from bot.checkins.ledger import Outcome, Row
from bot.checkins.model import CheckIn, Invitation, Response, Round, Standing
from bot.checkins.opening import Guidance, Opener, Opening, extend
from bot.checkins.picture import Picture, Week, draw
from bot.checkins.results import Result
from bot.checkins.rounds import each, open_symptoms
from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.model import State
from bot.teams.profile import TeamProfile
from bot.teams.service import Teams

log = logging.getLogger(__name__)

STUCK_AFTER = timedelta(minutes=10)


class Alarm(Protocol):
    """Tells people what went wrong, and shows what comes later."""

    def alert(self, session: Session, round_: Round, team: TeamProfile, failed: Sequence[Row]) -> None: ...

    def missed(self, session: Session, check_in: CheckIn, team: TeamProfile, days: Sequence[str]) -> None: ...

    def revise(self, session: Session, check_in: CheckIn, round_: Round, team: TeamProfile, result: Result) -> None: ...

    def show_picture(self, session: Session, round_: Round, team: TeamProfile, picture: Picture) -> str: ...

    def tell_picture(self, session: Session, round_: Round, team: TeamProfile, picture: Picture) -> None: ...


class Proof:
    """Looks after what was asked; run by the beat, harmless at any time."""

    def __init__(
        self,
        sessions: Sessions,
        teams: Teams,
        people: Audience,
        guidance: Guidance,
        opener: Opener,
        alarm: Alarm,
        deliver: Callable[[str, str], str | None],
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._teams = teams
        self._audience = people
        self._guidance = guidance
        self._opener = opener
        self._alarm = alarm
        self._deliver = deliver
        self._clock = clock

    def settle(self, limit: int = 500) -> int:
        """Records what the outbox says about asks on their way; returns how many it knew of."""
        with self._sessions.begin() as session:
            rows = store.delivered(session, limit)
            for invitation, state, error, sent_at in rows:
                if state == State.SENT:
                    invitation.outcome, invitation.at = Outcome.SENT, sent_at or invitation.at
                else:
                    invitation.outcome, invitation.reason = Outcome.FAILED, ledger.refusal(error)
                    log.error(
                        "an ask failed: %s", error, extra={"action": "ask_failed", "invitation_id": invitation.id}
                    )
        failed = {(row.workspace_id, row.round_id) for row, state, _, _ in rows if state == State.FAILED}
        for workspace_id, round_id in failed:
            self._tell_late_failure(workspace_id, round_id)
        return len(rows)

    def _tell_late_failure(self, workspace_id: str, round_id: int) -> None:
        with self._sessions.begin() as session:
            round_ = store.round_(session, workspace_id, round_id)
            if round_ is not None and round_.closed_at is not None and round_.version:
                revise(session, self._alarm, self._teams, round_, self._guidance, self._clock())

    def audit(self, limit: int = 50) -> int:
        """Checks the rounds in which everything should have ended; returns how many."""
        now = self._clock()
        with self._sessions.begin() as session:
            due = store.to_audit(session, now, limit)
        each(due, lambda one: self._audit(*one, now))
        return len(due)

    def _audit(self, workspace_id: str, round_id: int, now: datetime) -> None:
        with self._sessions.begin() as session:
            round_ = store.round_(session, workspace_id, round_id)
            if round_ is None or round_.audited_at is not None:
                return
            round_.audited_at = now
            check_in = session.get_one(CheckIn, round_.check_in_id)
            team = team_of(session, check_in)
            self._find_missed_days(session, check_in, team, round_)
            asks = store.invitations(session, workspace_id, round_id)
            for row in asks:
                self._end(row, now)
            failed = [row_of(row, round_) for row in asks if row.outcome == Outcome.FAILED]
            if failed:
                self._alarm.alert(session, round_, team, failed)

    def _end(self, row: Invitation, now: datetime) -> None:
        """What has not ended by now has failed, whatever the cause: it must not stay unsaid."""
        if row.outcome not in ledger.ENDS:
            log.error("an ask did not end", extra={"action": "ask_unaccounted", "invitation_id": row.id})
            row.outcome, row.at = Outcome.FAILED, now
            row.reason = "it did not happen in time; see the log for `ask_unaccounted`"

    def _find_missed_days(self, session: Session, check_in: CheckIn, team: TeamProfile, round_: Round) -> None:
        plan = store.plan_of(check_in, team.timezone)
        known = store.rounds_between(session, check_in.workspace_id, check_in.id, check_in.proved_until, round_.day)
        days = ledger.missed_days(plan, check_in.proved_until, round_.day, [one.day for one in known])
        if days:
            log.error(
                "a check-in left out days of its schedule", extra={"action": "days_missed", "round_id": round_.id}
            )
            self._alarm.missed(session, check_in, team, [str(day) for day in days])
        check_in.proved_until = max(check_in.proved_until, round_.day)

    def stuck(self) -> int:
        """How many due check-ins nobody has taken up for a while: the beat does not keep up, or fails."""
        with self._sessions.begin() as session:
            late = store.due_check_ins(session, self._clock() - STUCK_AFTER, limit=50)
        if late:
            log.error(
                "check-ins are due and nobody opens them", extra={"action": "check_ins_stuck", "count": len(late)}
            )
        return len(late)

    def follow(self, limit: int = 200) -> None:
        """Lets open rounds follow people who moved to another zone, and who joined."""
        with self._sessions.begin() as session:
            moved = store.moved_people(session, limit)
            open_rounds = store.open_rounds(session, limit)
        for workspace_id, round_id, person, zone in moved:
            if schedule.valid_zone(zone):
                with self._sessions.begin() as session:
                    move(session, workspace_id, round_id, person, zone, "slack")
        each(open_rounds, lambda one: self._invite_newcomers(*one))

    def _invite_newcomers(self, workspace_id: str, round_id: int) -> None:
        with self._sessions.begin() as session:
            round_ = store.round_(session, workspace_id, round_id)
            check_in = store.check_in(session, workspace_id, round_.check_in_id) if round_ else None
            if round_ is None or check_in is None or check_in.standing != Standing.ACTIVE:
                return
            asked = {row.person for row in store.invitations(session, workspace_id, round_id)}
            team = team_of(session, check_in)
        newcomers = [person for person in self._audience.of_check_in(check_in) if person not in asked]
        if not newcomers:
            return
        symptoms, now = open_symptoms(self._teams, team), self._clock()
        with self._sessions.begin() as session:
            fresh = store.round_(session, workspace_id, round_id)
            if fresh is None or fresh.closed_at is not None:
                return
            known = {row.person for row in store.invitations(session, workspace_id, round_id)}
            people = [person for person in newcomers if person not in known]
            self._opener.invite_more(session, check_in, team, fresh, Opening(fresh.day, people, symptoms, now))

    def draw_due(self, limit: int = 5) -> int:
        """Adds the pictures to the summaries that have none yet; drawing takes too long for a transaction."""
        with self._sessions.begin() as session:
            due = store.to_draw(session, self._clock(), limit)
        each(due, lambda one: self._draw(*one))
        return len(due)

    def _draw(self, workspace_id: str, round_id: int) -> None:
        with self._sessions.begin() as session:
            round_ = store.round_(session, workspace_id, round_id)
            weeks: list[Week] = results.weeks(session, round_) if round_ else []
        titles = {entry.id: entry.title for entry in self._guidance.library if entry.severity}
        picture = draw(weeks, titles)
        with self._sessions.begin() as session:
            fresh = store.round_(session, workspace_id, round_id)
            if fresh is None or fresh.picture_due is None:
                return
            fresh.picture_due = None
            if picture is None:
                return
            key = self._alarm.show_picture(session, fresh, audience.team_of(session, fresh), picture)
        if self._deliver(workspace_id, key) is not None:
            with self._sessions.begin() as session:
                self._alarm.tell_picture(session, fresh, audience.team_of(session, fresh), picture)


def move(session: Session, workspace_id: str, round_id: int, person: str, zone: str, zone_from: str) -> None:
    """A pending ask goes with the person to another zone; it stays one ask."""
    round_ = store.round_(session, workspace_id, round_id)
    row = store.invitation(session, workspace_id, round_id, person)
    if round_ is None or row is None or row.outcome != Outcome.PENDING:
        return
    check_in = session.get_one(CheckIn, round_.check_in_id)
    plan = store.plan_of(check_in, team_of(session, check_in).timezone)
    row.zone, row.zone_from = zone, zone_from
    row.due_at = schedule.due_at(plan, round_.day, zone)
    extend(round_, plan, row.due_at)


def revise(session: Session, alarm: Alarm, teams: Teams, round_: Round, guidance: Guidance, now: datetime) -> None:
    """Remembers what has changed and says the summary again in place; the caller has locked the round."""
    check_in = session.get_one(CheckIn, round_.check_in_id)
    team = team_of(session, check_in)
    result = results.result_of(session, round_, team, guidance.library)
    if round_.test_for is None:
        results.remember(session, teams, check_in, round_, guidance.library, result, now)
    round_.version += 1
    alarm.revise(session, check_in, round_, team, result)


def row_of(row: Invitation, round_: Round, response: Response | None = None) -> Row:
    """The proof's row as a value."""
    return Row(
        period=round_.period,
        day=round_.day,
        person=row.person,
        zone=row.zone,
        zone_from=row.zone_from,
        due_at=row.due_at,
        outcome=Outcome(row.outcome),
        reason=row.reason,
        at=row.at,
        answered_at=response.given_at if response else None,
    )
