"""Opens a round: which questions, whom, when; in the transaction of the caller."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session

from bot.checkins import ledger, schedule, store
from bot.checkins.answers import Choice, Question
from bot.checkins.audience import Zone, zones
from bot.checkins.ledger import Outcome
from bot.checkins.model import CheckIn, Round, Visibility
from bot.checkins.own import OwnQuestion, for_team
from bot.checkins.questions import Past, deal, pool
from bot.checkins.schedule import Plan
from bot.delivery.service import insert_new
from bot.teams.profile import TeamProfile
from knowledge.model import Library
from knowledge.symptoms import SymptomReading


class Guidance(Protocol):
    """What check-ins need of the knowledge base."""

    @property
    def library(self) -> Library: ...

    def read(self, text: str) -> SymptomReading: ...


@dataclass(frozen=True)
class Opening:
    """What a round is opened with.

    Attributes:
        day: the day it is about.
        people: whom it asks.
        open_symptoms: what the team has, worst first.
        now: the present instant.
        test_for: the owner who tries it.
    """

    day: date
    people: Sequence[str]
    open_symptoms: Sequence[str]
    now: datetime
    test_for: str | None = None


class Opener:
    """Makes rounds; the same period is only ever opened once.

    Args:
        guidance: where questions come from.
        own: the teams' own questions.
    """

    def __init__(self, guidance: Guidance, own: Sequence[OwnQuestion]) -> None:
        self._guidance = guidance
        self._own = own

    def open(self, session: Session, check_in: CheckIn, team: TeamProfile, opening: Opening) -> Round:
        """The round of that day, new or already there."""
        plan = store.plan_of(check_in, team.timezone)
        period = _period(plan, opening)
        reason = None if opening.test_for else self.reason_against(plan, opening)
        where = {} if reason else zones(session, check_in.workspace_id, opening.people, team.timezone)
        dues = {person: _due(plan, opening, zone[0]) for person, zone in where.items()}
        row = _round(check_in, plan, opening, period, reason, dues)
        hands = self._hands(check_in, team, opening) if dues else {}
        row["questions"] = {q.id: _kept(q) for hand in hands.values() for q in hand}
        if insert_new(session, Round, row, unique=("check_in_id", "period")):
            opened = store.round_of_period(session, check_in.workspace_id, check_in.id, period)
            assert opened is not None
            store.add_invitations(session, _invitations(opened, where, dues, hands))
            return opened
        known = store.round_of_period(session, check_in.workspace_id, check_in.id, period)
        assert known is not None
        return known

    def invite_more(
        self, session: Session, check_in: CheckIn, team: TeamProfile, round_: Round, opening: Opening
    ) -> None:
        """Adds people who came after the round was opened; they get questions that the round has anyway."""
        plan = store.plan_of(check_in, team.timezone)
        where = zones(session, check_in.workspace_id, opening.people, team.timezone)
        dues = {person: _due(plan, opening, zone[0]) for person, zone in where.items()}
        asked = questions_of(round_)
        past = Past(opening.open_symptoms)
        hands = deal(
            list(asked.values()), past, opening.people, opening.day, together=round_.visibility == Visibility.ANONYMOUS
        )
        store.add_invitations(session, _invitations(round_, where, dues, hands))
        for due in dues.values():
            extend(round_, plan, due)

    def reason_against(self, plan: Plan, opening: Opening) -> str | None:
        if not opening.people:
            return "nobody is in the team, or nobody in it can be asked"
        return schedule.day_off(plan, opening.day)

    def _hands(self, check_in: CheckIn, team: TeamProfile, opening: Opening) -> dict[str, tuple[Question, ...]]:
        questions = pool(self._guidance.library, team.phase, team.stacks, for_team(self._own, team.name))
        past = Past(
            opening.open_symptoms,
            {question: date.fromisoformat(day) for question, day in check_in.answered.items()},
            _settled(check_in),
        )
        together = check_in.visibility == Visibility.ANONYMOUS
        return deal(questions, past, opening.people, opening.day, together=together)


def extend(round_: Round, plan: Plan, due: datetime) -> None:
    """Somebody is asked at `due`: the round lasts until they have had their time, and is proven after that."""
    round_.closes_at = max(round_.closes_at, schedule.closes_at(plan, round_.day, due))
    round_.audit_at = max(round_.audit_at, due + plan.grace + ledger.SETTLED_AFTER)


def questions_of(round_: Round) -> dict[str, Question]:
    """The questions of a round as they were asked, by id."""
    return {
        name: Question(**{**kept, "id": name, "choices": tuple(Choice(choice) for choice in kept["choices"])})
        for name, kept in round_.questions.items()
    }


def _kept(question: Question) -> dict[str, Any]:
    kept = asdict(question)
    return {name: value for name, value in kept.items() if name != "id"}


def _settled(check_in: CheckIn) -> dict[str, date]:
    """Practices that everyone who answered has."""
    return {
        f"practice:{fix}": date.fromisoformat(said["on"])
        for fix, said in check_in.practices.items()
        if said.get("yes") and not said.get("no")
    }


def _period(plan: Plan, opening: Opening) -> str:
    if opening.test_for:
        return f"test:{opening.test_for}:{opening.now:%Y%m%dT%H%M%S%f}"
    return schedule.period_of(plan, opening.day)


def _due(plan: Plan, opening: Opening, zone: str) -> datetime:
    return opening.now if opening.test_for else schedule.due_at(plan, opening.day, zone)


def _round(
    check_in: CheckIn, plan: Plan, opening: Opening, period: str, reason: str | None, dues: dict[str, datetime]
) -> dict[str, Any]:
    last_due = max(dues.values(), default=opening.now)
    closes_at = schedule.closes_at(plan, opening.day, last_due) if dues else opening.now
    if opening.test_for:
        closes_at = opening.now + timedelta(hours=24)
    return {
        "workspace_id": check_in.workspace_id,
        "check_in_id": check_in.id,
        "team_id": check_in.team_id,
        "period": period,
        "day": opening.day,
        "opened_at": opening.now,
        "closes_at": closes_at,
        "closed_at": opening.now if reason else None,
        "left_out": reason,
        "test_for": opening.test_for,
        "visibility": check_in.visibility,
        "levels": {},
        "version": 0,
        "unpublished": 0,
        "audit_at": last_due + plan.grace + ledger.SETTLED_AFTER,
        "audited_at": opening.now if opening.test_for else None,
    }


def _invitations(
    round_: Round, where: dict[str, Zone], dues: dict[str, datetime], hands: dict[str, tuple[Question, ...]]
) -> list[dict[str, object]]:
    return [
        {
            "workspace_id": round_.workspace_id,
            "round_id": round_.id,
            "person": person,
            "zone": zone,
            "zone_from": zone_from,
            "due_at": dues[person],
            "outcome": Outcome.PENDING,
            "questions": [question.id for question in hands.get(person, ())],
            "version": 0,
        }
        for person, (zone, zone_from) in where.items()
    ]
