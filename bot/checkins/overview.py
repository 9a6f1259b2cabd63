"""A person's check-ins at a glance: when each asks them next, and why it did or did not ask them lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.checkins import explaining, schedule, store
from bot.checkins.audience import zones
from bot.checkins.model import CheckIn, Standing
from bot.checkins.schedule import Plan
from bot.clock import Clock
from bot.database import Sessions
from bot.teams.profile import TeamProfile
from bot.teams.service import Teams


@dataclass(frozen=True)
class Mine:
    """What App Home shows a person about a check-in."""

    team: str
    check_in: str
    next_at: datetime | None
    zone: str
    zone_from: str
    explained: tuple[str, ...]
    round_id: int | None = None
    is_answered: bool = False


class Overview:
    """Looks check-ins up for a person.

    Args:
        sessions: opens transactions.
        teams: who the teams are.
        clock: tells the time.
    """

    def __init__(self, sessions: Sessions, teams: Teams, clock: Clock) -> None:
        self._sessions = sessions
        self._teams = teams
        self._clock = clock

    def mine(self, workspace_id: str, person: str) -> list[Mine]:
        """Each check-in that may ask the person: when next, and why they were or were not asked this and last week."""
        found: list[Mine] = []
        for team in self._teams.of_person(workspace_id, person):
            with self._sessions.begin() as session:
                check_ins = store.check_ins(session, workspace_id, [team.id])
                found += [self._of_one(session, check_in, team, person) for check_in in check_ins]
        return found

    def _of_one(self, session: Session, check_in: CheckIn, team: TeamProfile, person: str) -> Mine:
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


def _next_ask(plan: Plan, check_in: CheckIn, zone: str, now: datetime) -> datetime | None:
    """The next day on which the person is asked; days off are passed over."""
    if check_in.standing != Standing.ACTIVE or check_in.next_day is None:
        return None
    day = check_in.next_day - timedelta(days=8)
    for _ in range(60):
        day = schedule.next_day(plan, day)
        due = schedule.due_at(plan, day, zone)
        if due > now and schedule.day_off(plan, day) is None:
            return due
    return None
