"""What the beat does: opens rounds, asks, reminds, closes. Each step is one transaction that a crash leaves whole."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.checkins import asking, audience, results, schedule, store
from bot.checkins.audience import Audience
from bot.checkins.ledger import Outcome
from bot.checkins.model import CheckIn, Invitation, Preference, Reminder, ReminderState, Round, Standing
from bot.checkins.opening import Guidance, Opener, Opening
from bot.checkins.results import Result
from bot.checkins.schedule import Plan
from bot.checkins.store import Due
from bot.clock import Clock
from bot.database import Sessions
from bot.teams.profile import TeamProfile
from bot.teams.service import Teams

log = logging.getLogger(__name__)

T = TypeVar("T")

AT_ONCE = 500


@dataclass(frozen=True)
class Ask:
    """One person to be asked now, and until when it may be said."""

    invitation: Invitation
    round: Round
    team: TeamProfile
    not_after: datetime


class Crier(Protocol):
    """Says in Slack what the beat decided; every call only writes down what is to be said."""

    def invite(self, session: Session, asks: Sequence[Ask]) -> None: ...

    def remind(
        self, session: Session, invitation: Invitation, round_: Round, team: TeamProfile, number: int, until: datetime
    ) -> None: ...

    def take_back(self, session: Session, invitation: Invitation) -> bool: ...

    def summarise(
        self, session: Session, check_in: CheckIn, round_: Round, team: TeamProfile, result: Result
    ) -> None: ...

    def nobody_asked(self, session: Session, round_: Round, team: TeamProfile, reasons: Sequence[str]) -> None: ...


@dataclass(frozen=True)
class _Batch:
    """What deciding about a few hundred due asks takes."""

    rounds: Mapping[int, Round]
    check_ins: Mapping[int, CheckIn]
    teams: Mapping[int, TeamProfile]
    belonging: Mapping[int, set[str]]
    preferences: Mapping[str, Preference]
    gone: set[str]
    answered: set[tuple[int, str]]


class Rounds:
    """Does what is due; harmless to call at any time, from any number of processes.

    Args:
        sessions: opens transactions.
        teams: who the teams are.
        people: whom check-ins ask.
        guidance: where questions and advice come from.
        opener: makes rounds.
        crier: says it in Slack.
        clock: tells the time.
    """

    def __init__(
        self,
        sessions: Sessions,
        teams: Teams,
        people: Audience,
        guidance: Guidance,
        opener: Opener,
        crier: Crier,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._teams = teams
        self._audience = people
        self._guidance = guidance
        self._opener = opener
        self._crier = crier
        self._clock = clock

    def beat(self) -> None:
        """Everything that is due now, in the order in which it builds on one another."""
        each([self.close_due, self.open_due, self.ask_due, self.remind_due], lambda step: step())

    def open_due(self, limit: int = 50) -> int:
        """Opens the rounds whose hour has come somewhere on earth; returns how many."""
        with self._sessions.begin() as session:
            due = store.due_check_ins(session, self._clock(), limit)
        return each(due, lambda one: self._open(*one))

    def _open(self, workspace_id: str, check_in_id: int) -> bool:
        with self._sessions.begin() as session:
            check_in = store.check_in(session, workspace_id, check_in_id)
            if check_in is None:
                return False
            team = audience.team_of(session, check_in)
        people = self._audience.of_check_in(check_in)
        symptoms = open_symptoms(self._teams, team)
        now = self._clock()
        with self._sessions.begin() as session:
            claimed = store.claimed_check_in(session, workspace_id, check_in_id, now)
            if claimed is None or claimed.next_day is None or claimed.standing != Standing.ACTIVE:
                return False
            opening = Opening(claimed.next_day, people, symptoms, now)
            round_ = self._opener.open(session, claimed, team, opening)
            self.move_on(claimed, team)
            log.info("a check-in was opened", extra={"action": "round_opened", "round_id": round_.id})
            return True

    def move_on(self, check_in: CheckIn, team: TeamProfile) -> None:
        """The day is opened; the next one is awaited."""
        plan = store.plan_of(check_in, team.timezone)
        if check_in.next_day is not None:
            check_in.next_day = schedule.next_day(plan, check_in.next_day)
            check_in.next_due_at = schedule.opens_at(plan, check_in.next_day)

    def ask_due(self, limit: int = AT_ONCE) -> int:
        """Asks everyone whose hour has come, or says why not; returns how many asks were decided."""
        decided = 0
        belonging: dict[int, set[str]] = {}
        for _ in range(20):
            now = self._clock()
            with self._sessions.begin() as session:
                due = store.due_invitations(session, now, limit)
            if not due:
                break
            done = self._ask_together(due, belonging, now)
            decided += done
            if done == 0:  # others are at it
                break
        return decided

    def _ask_together(self, due: Sequence[Due], belonging: dict[int, set[str]], now: datetime) -> int:
        """One transaction for all; where that fails, one for each, so that nobody misses out because of another."""
        try:
            return self._ask(due, self._belonging(due, belonging), now)
        except Exception:
            log.exception("asking together failed; each is asked alone", extra={"action": "asking_alone"})
        return each(due, lambda one: self._ask([one], self._belonging([one], belonging), now))

    def _belonging(self, due: Sequence[Due], known: dict[int, set[str]]) -> dict[int, set[str]]:
        """Whom each check-in asks now; asks Slack where that was not known lately."""
        for workspace_id, check_in_id in dict.fromkeys((one.workspace_id, one.check_in_id) for one in due):
            if check_in_id not in known:
                with self._sessions.begin() as session:
                    check_in = store.check_in(session, workspace_id, check_in_id)
                known[check_in_id] = set(self._audience.of_check_in(check_in)) if check_in else set()
        return known

    def _ask(self, due: Sequence[Due], belonging: Mapping[int, set[str]], now: datetime) -> int:
        with self._sessions.begin() as session:
            rows = store.claimed_invitations(session, [one.id for one in due], now)
            batch = self._batch(session, due, belonging)
            asks = [ask for row in rows if (ask := self._decide(row, batch, now)) is not None]
            self._crier.invite(session, asks)
            reminders = [reminder for ask in asks for reminder in self._reminders(ask, batch, now)]
            if reminders:
                session.execute(insert(Reminder), reminders)
            return len(rows)

    def _batch(self, session: Session, due: Sequence[Due], belonging: Mapping[int, set[str]]) -> _Batch:
        by_workspace: dict[str, list[str]] = {}
        for one in due:
            by_workspace.setdefault(one.workspace_id, []).append(one.person)
        preferences: dict[str, Preference] = {}
        gone: set[str] = set()
        for workspace_id, people in by_workspace.items():
            found = store.preferences(session, workspace_id, people)
            preferences.update({f"{workspace_id}:{person}": row for person, row in found.items()})
            gone |= {f"{workspace_id}:{person}" for person in store.gone_people(session, workspace_id, people)}
        check_ins = {one.check_in_id: session.get_one(CheckIn, one.check_in_id) for one in due}
        return _Batch(
            rounds={one.round_id: session.get_one(Round, one.round_id) for one in due},
            check_ins=check_ins,
            teams={check_in_id: audience.team_of(session, check_in) for check_in_id, check_in in check_ins.items()},
            belonging=belonging,
            preferences=preferences,
            gone=gone,
            answered=store.has_answered(session, list({one.round_id for one in due})),
        )

    def _decide(self, row: Invitation, batch: _Batch, now: datetime) -> Ask | None:
        """Asks one person, or records why not."""
        round_ = batch.rounds[row.round_id]
        check_in, team = batch.check_ins[round_.check_in_id], batch.teams[round_.check_in_id]
        plan = store.plan_of(check_in, team.timezone)
        preference = batch.preferences.get(f"{row.workspace_id}:{row.person}")
        reason = self._reason(plan, row, check_in, batch, preference, now)
        if reason is not None:
            row.outcome, row.reason, row.at = Outcome.SKIPPED, reason, now
            return None
        row.outcome, row.at = Outcome.ASKED, now
        return Ask(row, round_, team, schedule.ask_until(plan, row.due_at, row.zone))

    def _reminders(self, ask: Ask, batch: _Batch, now: datetime) -> list[dict[str, object]]:
        row = ask.invitation
        preference = batch.preferences.get(f"{row.workspace_id}:{row.person}")
        if preference is not None and not preference.reminders:
            return []
        plan = store.plan_of(batch.check_ins[ask.round.check_in_id], ask.team.timezone)
        return planned_reminders(plan, row, now, ask.round.closes_at)

    def _reason(
        self,
        plan: Plan,
        row: Invitation,
        check_in: CheckIn,
        batch: _Batch,
        preference: Preference | None,
        now: datetime,
    ) -> str | None:
        if check_in.standing != Standing.ACTIVE:
            return f"the check-in is {check_in.standing}"
        person = asking.Person(
            zone=row.zone,
            belongs=row.person in batch.belonging[check_in.id],
            works=f"{row.workspace_id}:{row.person}" not in batch.gone,
            out_until=preference.out_until if preference else None,
            has_answered=(row.round_id, row.person) in batch.answered,
        )
        return asking.reason_against(plan, person, row.due_at, now)

    def remind_due(self, limit: int = AT_ONCE) -> int:
        """Reminds whoever has not answered; returns how many reminders were decided."""
        now = self._clock()
        with self._sessions.begin() as session:
            rows = store.due_reminders(session, now, limit)
            if not rows:
                return 0
            rounds = {row.round_id: session.get_one(Round, row.round_id) for _, row in rows}
            check_ins = {r.check_in_id: session.get_one(CheckIn, r.check_in_id) for r in rounds.values()}
            answered = store.has_answered(session, list(rounds))
            teams = {c.id: audience.team_of(session, c) for c in check_ins.values()}
            for reminder, row in rows:
                round_ = rounds[row.round_id]
                check_in = check_ins[round_.check_in_id]
                open_to_answer = (row.round_id, row.person) not in answered and round_.closed_at is None
                self._remind(session, reminder, row, round_, check_in, teams[check_in.id], now, wanted=open_to_answer)
            return len(rows)

    def _remind(
        self,
        session: Session,
        reminder: Reminder,
        row: Invitation,
        round_: Round,
        check_in: CheckIn,
        team: TeamProfile,
        now: datetime,
        *,
        wanted: bool,
    ) -> None:
        plan = store.plan_of(check_in, team.timezone)
        if not wanted or not _may_remind(check_in, round_, row, now):
            reminder.state = ReminderState.CANCELLED
        elif not schedule.is_working_time(plan, now, row.zone):
            reminder.due_at = schedule.working_instant(plan, now, row.zone)
        else:
            reminder.state = ReminderState.SENT
            until = min(schedule.working_until(plan, now, row.zone), round_.closes_at)
            self._crier.remind(session, row, round_, team, reminder.number, until)

    def close_due(self, limit: int = 50) -> int:
        """Closes the rounds whose time is over, each with its summary; returns how many."""
        with self._sessions.begin() as session:
            due = store.closing(session, self._clock(), limit)
        return each(due, lambda one: self.close(*one))

    def close(self, workspace_id: str, round_id: int) -> bool:
        """Ends one round if nobody else has."""
        with self._sessions.begin() as session:
            round_ = store.round_(session, workspace_id, round_id)
            if round_ is None or round_.closed_at is not None:
                return False
            round_.closed_at = self._clock()
            self._end_asks(session, round_)
            self._publish(session, round_, audience.team_of(session, round_))
            log.info("a check-in was closed", extra={"action": "round_closed", "round_id": round_.id})
            return True

    def _end_asks(self, session: Session, round_: Round) -> None:
        """What was not asked by now is not asked any more, and nobody is reminded."""
        now = self._clock()
        store.cancel_reminders_of_round(session, round_.workspace_id, round_.id)
        for row in store.invitations(session, round_.workspace_id, round_.id):
            if row.outcome == Outcome.PENDING:
                row.outcome, row.reason, row.at = Outcome.SKIPPED, "the check-in had closed by then", now
            elif row.outcome == Outcome.ASKED and self._crier.take_back(session, row):
                row.outcome, row.reason, row.at = Outcome.FAILED, "Slack could not be reached in time", now

    def _publish(self, session: Session, round_: Round, team: TeamProfile) -> None:
        check_in = session.get_one(CheckIn, round_.check_in_id)
        result = results.result_of(session, round_, team, self._guidance.library)
        if round_.test_for is None:
            now = self._clock()
            results.remember(session, self._teams, check_in, round_, self._guidance.library, result, now)
            if not result.summary.answered and not result.summary.missing:
                reasons = sorted(set(result.summary.not_asked.values()))
                self._crier.nobody_asked(session, round_, team, reasons)
                return
            round_.picture_due = now
        round_.version += 1
        self._crier.summarise(session, check_in, round_, team, result)


def each(items: Iterable[T], do: Callable[[T], int | None]) -> int:
    """Does it to each; what fails is logged and tried again by the next beat, and stops none of the others."""
    done = 0
    for item in items:
        try:
            done += do(item) or 0
        except Exception:
            log.exception("a step of a check-in failed and is tried again", extra={"action": "check_in_step_failed"})
    return done


def _may_remind(check_in: CheckIn, round_: Round, row: Invitation, now: datetime) -> bool:
    asked = row.outcome in (Outcome.ASKED, Outcome.SENT) and row.declined_at is None
    return asked and check_in.standing == Standing.ACTIVE and now < round_.closes_at


def planned_reminders(
    plan: Plan, row: Invitation, asked_at: datetime, closes_at: datetime, first_number: int = 1
) -> list[dict[str, object]]:
    """The rows of a person's reminders after `asked_at`."""
    times = schedule.reminder_times(plan, asked_at, row.zone, closes_at)
    return [
        {
            "workspace_id": row.workspace_id,
            "invitation_id": row.id,
            "number": number,
            "due_at": due,
            "state": ReminderState.PENDING,
        }
        for number, due in enumerate(times, first_number)
    ]


def open_symptoms(teams: Teams, team: TeamProfile) -> list[str]:
    """What a team has at present, worst first."""
    seen = teams.observations(team.workspace_id, team.id, open_only=True)
    severity: dict[str, int] = {}
    for one in seen:
        severity[one.symptom] = max(severity.get(one.symptom, 0), one.severity)
    return sorted(severity, key=lambda symptom: (-severity[symptom], symptom))
