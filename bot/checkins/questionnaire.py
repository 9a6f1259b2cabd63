"""What a person fills in, and in which round that is now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.checkins import schedule, store
from bot.checkins.answers import Given, Question
from bot.checkins.audience import Audience, team_of
from bot.checkins.invitations import answerable, invited
from bot.checkins.model import CheckIn, Invitation, Round, Standing, Visibility
from bot.checkins.opening import Opener, Opening, questions_of
from bot.checkins.results import given_of
from bot.checkins.rounds import open_symptoms
from bot.clock import Clock
from bot.database import Sessions
from bot.errors import NotFound
from bot.teams.profile import TeamProfile
from bot.teams.service import Teams

LATE_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Questionnaire:
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


class Questionnaires:
    """Finds what a person is to fill in; opens a round early for whoever does not want to wait.

    Args:
        sessions: opens transactions.
        teams: who the teams are.
        people: whom check-ins ask.
        opener: makes rounds.
        clock: tells the time.
    """

    def __init__(self, sessions: Sessions, teams: Teams, people: Audience, opener: Opener, clock: Clock) -> None:
        self._sessions = sessions
        self._teams = teams
        self._audience = people
        self._opener = opener
        self._clock = clock

    def of_round(self, workspace_id: str, round_id: int, person: str) -> Questionnaire:
        """The person's questionnaire in a round.

        Raises:
            NotFound: there is no such round.
            NotAllowed: they are not asked in it.
        """
        with self._sessions.begin() as session:
            round_ = answerable(session, workspace_id, round_id)
            return questionnaire_of(session, round_, invited(session, round_, person))

    def current(self, workspace_id: str, person: str) -> Questionnaire:
        """The person's current check-in: the open one, else the last one to make up for, else the next one early.

        Raises:
            NotFound: no check-in asks this person.
        """
        for team in self._teams.of_person(workspace_id, person):
            with self._sessions.begin() as session:
                rows = store.check_ins(session, workspace_id, [team.id])
                check_ins = [row for row in rows if row.standing == Standing.ACTIVE]
            for check_in in check_ins:
                if person in self._audience.of_check_in(check_in):
                    return self.of_round(workspace_id, self._current_round(check_in, team, person), person)
        raise NotFound("No check-in asks you yet. `/advisor checkin settings` sets one up for your team.")

    def channel_of(self, workspace_id: str, questionnaire: Questionnaire) -> str:
        """Where the summary of the questionnaire's round is posted."""
        with self._sessions.begin() as session:
            return team_of(session, answerable(session, workspace_id, questionnaire.round_id)).home_channel

    def _current_round(self, check_in: CheckIn, team: TeamProfile, person: str) -> int:
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


def questionnaire_of(session: Session, round_: Round, invitation: Invitation) -> Questionnaire:
    """What the invited person fills in, with what they said so far."""
    response = store.response(session, round_.workspace_id, round_.id, invitation.person)
    asked = questions_of(round_)
    return Questionnaire(
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
