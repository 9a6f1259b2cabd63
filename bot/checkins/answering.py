"""Takes in what people answer, and what that means to their round: it may close early, or its summary change."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.checkins import proof, schedule, store
from bot.checkins.answers import Answer, Given, kept
from bot.checkins.audience import team_of
from bot.checkins.invitations import Invitations, answerable, invited
from bot.checkins.ledger import Outcome
from bot.checkins.model import CheckIn, Invitation, Response, Round, State, Visibility
from bot.checkins.opening import Guidance
from bot.checkins.proof import Alarm
from bot.checkins.questionnaire import Questionnaire, questionnaire_of
from bot.checkins.readings import Report, proposals, words_of
from bot.checkins.results import given_of
from bot.checkins.summary import FEWEST_ANONYMOUS
from bot.clock import Clock
from bot.database import Sessions
from bot.teams.service import Teams

log = logging.getLogger(__name__)

#: When everyone has answered, there is still time for an afterthought.
AFTERTHOUGHT = timedelta(minutes=15)


@dataclass(frozen=True)
class Details:
    """What the second page of the form adds.

    Attributes:
        answers: question id → what is said more about it, by the name of Answer's field.
        confirmed: which readings of one's words are right; None: nothing was taken out.
    """

    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    confirmed: Sequence[str] | None = None


class Answering:
    """Keeps answers.

    Args:
        sessions: opens transactions.
        teams: keeps what a team saw.
        guidance: reads people's words.
        invitations: ends what an answer makes needless.
        alarm: says a changed summary again.
        deliver: brings what was said under a key to Slack now.
        clock: tells the time.
    """

    def __init__(
        self,
        sessions: Sessions,
        teams: Teams,
        guidance: Guidance,
        invitations: Invitations,
        alarm: Alarm,
        deliver: Callable[[str, str], object],
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._teams = teams
        self._guidance = guidance
        self._invitations = invitations
        self._alarm = alarm
        self._deliver = deliver
        self._clock = clock

    def submit(
        self, workspace_id: str, round_id: int, person: str, given: Given, *, finished: bool = True
    ) -> Questionnaire:
        """Keeps a person's answers, finished or half-way; a later submit adds to and changes an earlier one.

        Returns:
            The questionnaire as it is now; `proposed` has what their own words seem to report, to be confirmed.

        Raises:
            NotFound: the round is not to be answered any more.
            NotAllowed: they are not asked in it.
        """
        present = self._read(words_of(given)) if finished else ()
        with self._sessions.begin() as session:
            round_ = answerable(session, workspace_id, round_id)
            invitation = invited(session, round_, person)
            response = self._response(session, round_, person)
            merged = _merged(given_of(response), given)
            response.answers, response.text = kept(merged.answers), merged.text
            response.proposed = list(proposals(merged, present))
            self._note(session, round_, invitation, response, finished=finished)
            state = State.ANSWERED if response.given_at else State.DRAFT
            key = self._invitations.tell(session, invitation, round_, state, response.edited_at)
            questionnaire = questionnaire_of(session, round_, invitation)
        self._deliver(workspace_id, key)
        return questionnaire

    def add(self, workspace_id: str, round_id: int, person: str, details: Details) -> None:
        """Takes the second page: more about each answer, and which readings of their words the person confirms."""
        with self._sessions.begin() as session:
            round_ = answerable(session, workspace_id, round_id)
            invitation = invited(session, round_, person)
            response = self._response(session, round_, person)
            given = given_of(response)
            response.answers = kept({**given.answers, **_detailed(given.answers, details.answers)})
            confirmed = response.proposed if details.confirmed is None else details.confirmed
            response.read = list(dict.fromkeys([*response.read, *confirmed]))
            response.proposed = []
            self._note(session, round_, invitation, response, finished=True)

    def _read(self, words: str) -> Sequence[Report]:
        """The symptoms in a person's words; their answers are kept even where reading fails."""
        try:
            return self._guidance.read(words).present if words else ()
        except Exception:
            log.exception("a note could not be read", extra={"action": "note_unread"})
            return ()

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
        self._invitations.end(session, invitation, "they had answered before their hour came")
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
            proof.revise(session, self._alarm, self._teams, round_, self._guidance, self._clock())

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


def _merged(before: Given, now: Given) -> Given:
    """A choice that comes back empty was not touched; a text that comes back empty was taken out."""
    answers = dict(before.answers)
    for question, answer in now.answers.items():
        known = answers.get(question, Answer())
        answers[question] = replace(known, choice=answer.choice or known.choice, note=answer.note or known.note)
    return Given(answers, now.text, before.read)


def _detailed(before: Mapping[str, Answer], details: Mapping[str, Mapping[str, Any]]) -> dict[str, Answer]:
    return {question: replace(before[question], **parts) for question, parts in details.items() if question in before}


def _may_still_answer(row: Invitation) -> bool:
    return row.outcome in (Outcome.PENDING, Outcome.ASKED, Outcome.SENT) and row.declined_at is None
