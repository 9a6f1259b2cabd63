"""What people do with check-ins: answer, change, skip, snooze, be away; each use case opens its own transactions."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.checkins import explaining, proof, schedule, store
from bot.checkins.answers import Answer, Given, Question, kept
from bot.checkins.asking import OUT
from bot.checkins.audience import Audience, team_of, zones
from bot.checkins.ledger import Outcome, when
from bot.checkins.model import (
    CheckIn,
    Invitation,
    Preference,
    Reminder,
    ReminderState,
    Response,
    Round,
    Standing,
    State,
    Visibility,
)
from bot.checkins.opening import Guidance, Opener, Opening, questions_of
from bot.checkins.proof import Alarm
from bot.checkins.readings import Report, proposals, words_of
from bot.checkins.results import given_of
from bot.checkins.rounds import open_symptoms, planned_reminders
from bot.checkins.schedule import Plan
from bot.checkins.summary import FEWEST_ANONYMOUS
from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import BotError, NotAllowed, NotFound
from bot.teams.profile import TeamProfile
from bot.teams.service import Teams
from knowledge.model import Entry

log = logging.getLogger(__name__)

LATE_FOR = timedelta(days=7)
#: When everyone has answered, there is still time for an afterthought.
AFTERTHOUGHT = timedelta(minutes=15)
SNOOZE = timedelta(hours=2)


class Speaker(Alarm, Protocol):
    """Says in Slack what people's actions led to; every call only writes down what is to be said."""

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


@dataclass(frozen=True)
class Form:
    """What a person fills in: the questions, what they said so far, who will see it and until when it counts."""

    round_id: int
    team: str
    period: str
    questions: tuple[Question, ...]
    given: Given
    visibility: Visibility
    closes_at: datetime
    zone: str
    is_closed: bool = False
    is_test: bool = False
    proposed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mine:
    """What App Home shows a person about check-ins."""

    team: str
    check_in: str
    next_at: datetime | None
    zone: str
    zone_from: str
    explained: tuple[str, ...]
    round_id: int | None = None
    is_answered: bool = False


@dataclass(frozen=True)
class Wishes:
    """A person's own settings."""

    timezone: str | None = None
    reminders: bool = True
    out_until: date | None = None


@dataclass(frozen=True)
class Details:
    """What the second page of the form adds.

    Attributes:
        answers: question id → what is said more about it, by the name of Answer's field.
        confirmed: which readings of one's words are right; None: nothing was taken out.
    """

    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    confirmed: Sequence[str] | None = None


class CheckIns:
    """The use cases of the people who are asked.

    Args:
        sessions: opens transactions.
        teams: who the teams are.
        people: whom check-ins ask.
        guidance: reads people's words.
        opener: makes rounds.
        speaker: says it in Slack.
        deliver: brings what was said under a key to Slack now.
        clock: tells the time.
    """

    def __init__(
        self,
        sessions: Sessions,
        teams: Teams,
        people: Audience,
        guidance: Guidance,
        opener: Opener,
        speaker: Speaker,
        deliver: Callable[[str, str], object],
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._teams = teams
        self._audience = people
        self._guidance = guidance
        self._opener = opener
        self._speaker = speaker
        self._deliver = deliver
        self._clock = clock

    def form(self, workspace_id: str, round_id: int, person: str) -> Form:
        """The person's form in a round.

        Raises:
            NotFound: there is no such round.
            NotAllowed: they are not asked in it.
        """
        with self._sessions.begin() as session:
            round_ = self._answerable(session, workspace_id, round_id)
            invitation = store.invitation(session, workspace_id, round_id, person)
            if invitation is None:
                raise NotAllowed("This check-in does not ask you.")
            return self._form(session, round_, invitation)

    def start(self, workspace_id: str, person: str) -> Form:
        """The person's current check-in: the open one, else the last one to make up for, else the next one early.

        Raises:
            NotFound: no check-in asks this person.
        """
        for team in self._teams.of_person(workspace_id, person):
            with self._sessions.begin() as session:
                check_ins = [row for row in store.check_ins(session, workspace_id, [team.id]) if _is_active(row)]
            for check_in in check_ins:
                if person in self._audience.of_check_in(check_in):
                    return self.form(workspace_id, self._current(check_in, team, person), person)
        raise NotFound("No check-in asks you yet. `/advisor checkin settings` sets one up for your team.")

    def _current(self, check_in: CheckIn, team: TeamProfile, person: str) -> int:
        """The round to answer now, in which the person surely has an invitation."""
        now = self._clock()
        people, symptoms = self._audience.of_check_in(check_in), open_symptoms(self._teams, team)
        with self._sessions.begin() as session:
            last = next(iter(store.rounds(session, check_in.workspace_id, check_in.id, 1)), None)
            if last is None or (last.closed_at is not None and now - last.closed_at > LATE_FOR):
                fresh = session.get_one(CheckIn, check_in.id, with_for_update=True)
                plan = store.plan_of(fresh, team.timezone)
                day = fresh.next_day or schedule.first_day(plan, now)
                last = self._opener.open(session, fresh, team, Opening(day, people, symptoms, now))
            if last.left_out is not None:
                raise NotFound(f"There is no check-in now: {last.left_out}.")
            if store.invitation(session, check_in.workspace_id, last.id, person) is None:
                opening = Opening(last.day, [person], symptoms, now)
                self._opener.invite_more(session, check_in, team, last, opening)
            return last.id

    def submit(self, workspace_id: str, round_id: int, person: str, given: Given, *, finished: bool = True) -> Form:
        """Keeps a person's answers, finished or half-way; a later submit adds to and changes an earlier one.

        Returns:
            The form as it is now; `proposed` has what their own words seem to report, to be confirmed.

        Raises:
            NotFound: the round is not to be answered any more.
            NotAllowed: they are not asked in it.
        """
        present = self._read(words_of(given)) if finished else ()
        with self._sessions.begin() as session:
            round_ = self._answerable(session, workspace_id, round_id)
            invitation = self._invited(session, round_, person)
            response = self._response(session, round_, person)
            merged = _merged(given_of(response), given)
            response.answers, response.text = kept(merged.answers), merged.text
            response.proposed = list(proposals(merged, present))
            self._note(session, round_, invitation, response, finished=finished)
            key = self._tell_answered(session, round_, invitation, response)
            form = self._form(session, round_, invitation)
        self._deliver(workspace_id, key)
        return form

    def _read(self, words: str) -> Sequence[Report]:
        """The symptoms in a person's words; their answers are kept even where reading fails."""
        try:
            return self._guidance.read(words).present if words else ()
        except Exception:
            log.exception("a note could not be read", extra={"action": "note_unread"})
            return ()

    def add(self, workspace_id: str, round_id: int, person: str, details: Details) -> None:
        """Takes the second page: more about each answer, and which readings of their words the person confirms."""
        with self._sessions.begin() as session:
            round_ = self._answerable(session, workspace_id, round_id)
            invitation = self._invited(session, round_, person)
            response = self._response(session, round_, person)
            given = given_of(response)
            response.answers = kept({**given.answers, **_detailed(given.answers, details.answers)})
            confirmed = response.proposed if details.confirmed is None else details.confirmed
            response.read = list(dict.fromkeys([*response.read, *confirmed]))
            response.proposed = []
            self._note(session, round_, invitation, response, finished=True)

    def _note(
        self, session: Session, round_: Round, invitation: Invitation, response: Response, *, finished: bool
    ) -> None:
        """What an answer means to the round: no more reminders, and the summary changes if it was said already."""
        now = self._clock()
        response.updated_at = now
        if round_.closed_at is not None and response.given_at is not None:
            response.edited_at = now
        if not finished:
            return
        response.given_at = response.given_at or now
        invitation.declined_at = None
        self._no_more_reminders(session, invitation)
        self._not_needed(session, invitation, "they had answered before their hour came")
        session.flush()
        if round_.closed_at is not None:
            self._publish_again(session, round_)
        else:
            self._close_early(session, round_)

    def _publish_again(self, session: Session, round_: Round) -> None:
        """An anonymous summary takes in four late answers at a time: a change by one would be a single answer."""
        round_.unpublished += 1
        fewest = FEWEST_ANONYMOUS if round_.visibility == Visibility.ANONYMOUS else 1
        if round_.unpublished >= fewest or round_.test_for is not None:
            round_.unpublished = 0
            proof.revise(session, self._speaker, self._teams, round_, self._guidance, self._clock())

    def _close_early(self, session: Session, round_: Round) -> None:
        """When nobody is left to answer, the summary need not wait."""
        answered = {response.person for response in store.responses(session, round_.workspace_id, round_.id)}
        rows = store.invitations(session, round_.workspace_id, round_.id)
        if any(row.person not in answered and _may_still_answer(row) for row in rows):
            return
        check_in = session.get_one(CheckIn, round_.check_in_id)
        plan = store.plan_of(check_in, team_of(session, check_in).timezone)
        soon = self._clock() if round_.test_for else self._clock() + AFTERTHOUGHT
        end = soon if round_.test_for else schedule.working_instant(plan, soon, plan.zone)
        round_.closes_at = min(round_.closes_at, end)

    def skip(self, workspace_id: str, round_id: int, person: str) -> None:
        """The person does not answer this time."""
        with self._sessions.begin() as session:
            round_, invitation = self._mine(session, workspace_id, round_id, person)
            key = self._decline(session, round_, invitation, State.SKIPPED, None)
        self._deliver(workspace_id, key)

    def _decline(
        self, session: Session, round_: Round, invitation: Invitation, state: State, back: datetime | None
    ) -> str:
        invitation.declined_at = self._clock()
        self._no_more_reminders(session, invitation)
        self._not_needed(session, invitation, "they skipped this time")
        return self._tell(session, invitation, round_, state, back)

    def snooze(self, workspace_id: str, round_id: int, person: str, *, tomorrow: bool = False) -> datetime:
        """The person wants to be reminded later instead.

        Returns:
            When that is.

        Raises:
            BotError: the check-in will have closed by then.
        """
        with self._sessions.begin() as session:
            round_, invitation = self._mine(session, workspace_id, round_id, person)
            check_in = session.get_one(CheckIn, round_.check_in_id)
            plan = store.plan_of(check_in, team_of(session, check_in).timezone)
            again = _later(plan, self._clock(), invitation.zone, tomorrow=tomorrow)
            if again >= round_.closes_at:
                raise BotError(f"That would be too late: it closes {when(round_.closes_at, invitation.zone)}.")
            self._remind_at(session, plan, round_, invitation, again)
            key = self._tell(session, invitation, round_, State.SNOOZED, again)
        self._deliver(workspace_id, key)
        return again

    def _remind_at(self, session: Session, plan: Plan, round_: Round, invitation: Invitation, again: datetime) -> None:
        """The reminders that are left come from then on; at least one does."""
        known = store.reminders(session, invitation.workspace_id, invitation.id)
        sent = sum(reminder.state == ReminderState.SENT for reminder in known)
        number = max((reminder.number for reminder in known), default=0) + 1
        self._no_more_reminders(session, invitation)
        rest = replace(plan, reminders=max(0, plan.reminders - sent - 1))
        first = {**_reminder(invitation, number), "due_at": again}
        for row in [first, *planned_reminders(rest, invitation, again, round_.closes_at, number + 1)]:
            session.add(Reminder(**row))

    def out(self, workspace_id: str, person: str, until: date) -> None:
        """The person is away and back on `until`; nobody asks or reminds them before.

        Raises:
            BotError: that day is not in the future.
        """
        now = self._clock()
        keys: list[str] = []
        with self._sessions.begin() as session:
            wishes = self._preference(session, workspace_id, person)
            mine = store.undecided_of_person(session, workspace_id, person)
            zone = mine[0][0].zone if mine else (wishes.timezone or "UTC")
            if until <= now.astimezone(ZoneInfo(zone)).date():
                raise BotError("Choose the day on which you are back; it must be after today.")
            wishes.out_until = until
            answered = store.has_answered(session, [round_.id for _, round_ in mine])
            for invitation, round_ in mine:
                asked = invitation.outcome in (Outcome.ASKED, Outcome.SENT)
                if asked and (round_.id, person) not in answered:
                    keys.append(self._decline(session, round_, invitation, State.OUT, None))
        for key in keys:
            self._deliver(workspace_id, key)

    def back(self, workspace_id: str, person: str) -> None:
        """The person is back: they are asked and reminded again, in this round too if it is still open."""
        now = self._clock()
        with self._sessions.begin() as session:
            wishes = self._preference(session, workspace_id, person)
            wishes.out_until = None
            for invitation, round_ in store.undecided_of_person(session, workspace_id, person):
                check_in = session.get_one(CheckIn, round_.check_in_id)
                plan = store.plan_of(check_in, team_of(session, check_in).timezone)
                self._ask_again(session, plan, invitation, round_, now)

    def _ask_again(self, session: Session, plan: Plan, invitation: Invitation, round_: Round, now: datetime) -> None:
        soon = schedule.working_instant(plan, now, invitation.zone)
        if soon >= round_.closes_at:
            return
        if invitation.outcome == Outcome.SKIPPED and (invitation.reason or "").startswith(OUT):
            invitation.outcome, invitation.reason, invitation.at = Outcome.PENDING, None, None
            invitation.due_at = max(soon, invitation.due_at)
        elif invitation.declined_at is not None:
            invitation.declined_at = None
            self._remind_at(session, plan, round_, invitation, soon)

    def prefer(self, workspace_id: str, person: str, wishes: Wishes) -> None:
        """Changes the person's own settings; what is still to be asked moves with their zone."""
        with self._sessions.begin() as session:
            mine = self._preference(session, workspace_id, person)
            mine.timezone, mine.reminders = wishes.timezone, wishes.reminders
            session.flush()
            undecided = store.undecided_of_person(session, workspace_id, person)
            pending = [(round_.id, round_.team_id) for row, round_ in undecided if row.outcome == Outcome.PENDING]
            if not wishes.reminders:
                for invitation, _ in undecided:
                    self._no_more_reminders(session, invitation)
        for round_id, team_id in pending:
            team = self._teams.profile(workspace_id, team_id)
            with self._sessions.begin() as session:
                zone, source = zones(session, workspace_id, [person], team.timezone)[person]
                proof.move(session, workspace_id, round_id, person, zone, source)

    def wishes(self, workspace_id: str, person: str) -> Wishes:
        with self._sessions.begin() as session:
            row = store.preferences(session, workspace_id, [person]).get(person)
            return Wishes(row.timezone, row.reminders, row.out_until) if row else Wishes()

    def mine(self, workspace_id: str, person: str) -> list[Mine]:
        """Each check-in that may ask the person: when next, and why they were or were not asked this and last week."""
        found: list[Mine] = []
        for team in self._teams.of_person(workspace_id, person):
            with self._sessions.begin() as session:
                check_ins = store.check_ins(session, workspace_id, [team.id])
                found += [self._of_person(session, check_in, team, person) for check_in in check_ins]
        return found

    def _of_person(self, session: Session, check_in: CheckIn, team: TeamProfile, person: str) -> Mine:
        zone, source = zones(session, check_in.workspace_id, [person], team.timezone)[person]
        plan = store.plan_of(check_in, team.timezone)
        today = self._clock().astimezone(ZoneInfo(zone)).date()
        monday = today - timedelta(days=today.weekday())
        since = monday - timedelta(days=7)
        lines = explaining.of_check_in(session, check_in, team, person, since, today, self._clock())
        last = next(iter(store.rounds(session, check_in.workspace_id, check_in.id, 1)), None)
        asks = last is not None and last.closed_at is None
        answered = bool(last and (last.id, person) in store.has_answered(session, [last.id]))
        return Mine(
            team=team.name,
            check_in=check_in.name,
            next_at=_next_ask(plan, check_in, zone, self._clock()),
            zone=zone,
            zone_from=source,
            explained=tuple(lines),
            round_id=last.id if asks and last else None,
            is_answered=answered,
        )

    def channel_of(self, workspace_id: str, form: Form) -> str:
        """Where the summary of the form's round is posted."""
        with self._sessions.begin() as session:
            return team_of(session, self._answerable(session, workspace_id, form.round_id)).home_channel

    def titles(self) -> dict[str, str]:
        """What each entry of the guidance is called."""
        return {entry.id: entry.title for entry in self._guidance.library}

    def advice(self, workspace_id: str, team_id: int, entry_id: str) -> tuple[Entry, TeamProfile, dict[str, str]]:
        """An entry, and what it takes to word it for a team.

        Raises:
            NotFound: there is no such entry or team (any more).
        """
        entry = self._guidance.library.get(entry_id)
        if entry is None:
            raise NotFound
        return entry, self._teams.profile(workspace_id, team_id), self.titles()

    def practices(self, workspace_id: str, team_id: int) -> dict[str, dict[str, Any]]:
        """Fix id → how many said yes and no to its practice when it was last answered, and on which day."""
        with self._sessions.begin() as session:
            found: dict[str, dict[str, Any]] = {}
            for check_in in store.check_ins(session, workspace_id, [team_id]):
                found.update(check_in.practices)
            return found

    def explain(self, workspace_id: str, person: str, week: str) -> list[str]:
        """Why a person was or was not asked in a week such as `2026-W47`, a sentence for each day and check-in.

        Raises:
            ValueError: that is not a week.
        """
        monday, sunday = schedule.week_of(week)
        lines: list[str] = []
        for team in self._teams.of_person(workspace_id, person):
            with self._sessions.begin() as session:
                lines += explaining.explain(session, team, person, monday, sunday, self._clock())
        return lines or ["No team that this person belongs to has a check-in."]

    def _form(self, session: Session, round_: Round, invitation: Invitation) -> Form:
        response = store.response(session, round_.workspace_id, round_.id, invitation.person)
        asked = questions_of(round_)
        return Form(
            round_id=round_.id,
            team=team_of(session, round_).name,
            period=round_.period,
            questions=tuple(asked[name] for name in invitation.questions if name in asked),
            given=given_of(response) if response else Given(),
            visibility=Visibility(round_.visibility),
            closes_at=round_.closes_at,
            zone=invitation.zone,
            is_closed=round_.closed_at is not None,
            is_test=round_.test_for is not None,
            proposed=tuple(response.proposed) if response else (),
        )

    def _answerable(self, session: Session, workspace_id: str, round_id: int) -> Round:
        round_ = store.round_(session, workspace_id, round_id)
        if round_ is None:
            raise NotFound
        if round_.closed_at is not None and round_.test_for is None:
            newest = store.rounds(session, workspace_id, round_.check_in_id, 1)
            if newest and newest[0].id != round_.id:
                raise NotFound("That check-in is over; a newer one has begun. `/advisor checkin` opens it.")
        return round_

    def _invited(self, session: Session, round_: Round, person: str) -> Invitation:
        invitation = store.invitation(session, round_.workspace_id, round_.id, person)
        if invitation is None:
            raise NotAllowed("This check-in does not ask you.")
        return invitation

    def _mine(self, session: Session, workspace_id: str, round_id: int, person: str) -> tuple[Round, Invitation]:
        """An open round and the person's unanswered invitation to it."""
        round_ = self._answerable(session, workspace_id, round_id)
        invitation = self._invited(session, round_, person)
        if round_.closed_at is not None:
            raise BotError("This check-in has closed already. You can still fill it in.")
        if (round_.id, person) in store.has_answered(session, [round_.id]):
            raise BotError("You have answered this one already. Thank you!")
        return round_, invitation

    def _response(self, session: Session, round_: Round, person: str) -> Response:
        """The person's response, new or begun; the lock on the round lets nobody else make it meanwhile."""
        known = store.response(session, round_.workspace_id, round_.id, person)
        if known is not None:
            return known
        response = Response(
            workspace_id=round_.workspace_id,
            round_id=round_.id,
            person=person,
            answers={},
            proposed=[],
            read=[],
            updated_at=self._clock(),
        )
        session.add(response)
        return response

    def _preference(self, session: Session, workspace_id: str, person: str) -> Preference:
        row = {"workspace_id": workspace_id, "person": person, "reminders": True}
        insert_new(session, Preference, row, unique=("workspace_id", "person"))
        preference = store.preference(session, workspace_id, person)
        assert preference is not None
        return preference

    def _not_needed(self, session: Session, invitation: Invitation, reason: str) -> None:
        """The ask has become pointless: it ends here, unless it was said already."""
        unsaid = invitation.outcome == Outcome.ASKED and self._speaker.take_back(session, invitation)
        if unsaid or invitation.outcome == Outcome.PENDING:
            invitation.outcome, invitation.reason, invitation.at = Outcome.SKIPPED, reason, self._clock()

    def _no_more_reminders(self, session: Session, invitation: Invitation) -> None:
        store.cancel_reminders(session, invitation.workspace_id, invitation.id)
        self._speaker.take_back_reminders(session, invitation)

    def _tell(self, session: Session, invitation: Invitation, round_: Round, state: State, at: datetime | None) -> str:
        return self._speaker.tell(session, invitation, round_, team_of(session, round_), state, at)

    def _tell_answered(self, session: Session, round_: Round, invitation: Invitation, response: Response) -> str:
        state = State.ANSWERED if response.given_at else State.DRAFT
        return self._tell(session, invitation, round_, state, response.edited_at)


def _merged(before: Given, now: Given) -> Given:
    """A choice that comes back empty was not touched; a text that comes back empty was taken out."""
    answers = dict(before.answers)
    for question, answer in now.answers.items():
        known = answers.get(question, Answer())
        answers[question] = replace(known, choice=answer.choice or known.choice, note=answer.note or known.note)
    return Given(answers, now.text, before.read)


def _detailed(before: Mapping[str, Answer], details: Mapping[str, Mapping[str, Any]]) -> dict[str, Answer]:
    return {question: replace(before[question], **parts) for question, parts in details.items() if question in before}


def _reminder(invitation: Invitation, number: int) -> dict[str, Any]:
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


def _may_still_answer(row: Invitation) -> bool:
    return row.outcome in (Outcome.PENDING, Outcome.ASKED, Outcome.SENT) and row.declined_at is None


def _is_active(check_in: CheckIn) -> bool:
    return check_in.standing == Standing.ACTIVE


def _next_ask(plan: Plan, check_in: CheckIn, zone: str, now: datetime) -> datetime | None:
    """The next day on which the person is asked; days off are passed over."""
    if not _is_active(check_in) or check_in.next_day is None:
        return None
    day = check_in.next_day - timedelta(days=8)
    for _ in range(60):
        day = schedule.next_day(plan, day)
        due = schedule.due_at(plan, day, zone)
        if due > now and schedule.day_off(plan, day) is None:
            return due
    return None
