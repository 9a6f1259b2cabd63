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

    def revise(
    session: Session, alarm: Alarm, teams: Teams, round_: Round, guidance: Guidance, now: datetime
) -> None:
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
