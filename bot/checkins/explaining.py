"""Why a person was or was not asked: from the rows of the ledger, and from the schedule where there are none."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.checkins import schedule, store
from bot.checkins.ledger import told, when
from bot.checkins.model import CheckIn, Standing
from bot.checkins.proof import row_of
from bot.checkins.schedule import Plan
from bot.teams.profile import TeamProfile


def explain(session: Session, team: TeamProfile, person: str, first: date, last: date, now: datetime) -> list[str]:
    """A sentence for each check-in of the team and each of its days."""
    lines: list[str] = []
    for check_in in store.check_ins(session, team.workspace_id, [team.id]):
        found = of_check_in(session, check_in, team, person, first, last, now)
        lines += [f"{team.name}, {check_in.name}: {line}" for line in found]
    return lines


def of_check_in(
    session: Session, check_in: CheckIn, team: TeamProfile, person: str, first: date, last: date, now: datetime
) -> list[str]:
    """A sentence for each day of the schedule between two days, both included."""
    plan = store.plan_of(check_in, team.timezone)
    days = schedule.days_between(plan, first - schedule.DAY, last)
    lines = {day: _without_round(check_in, plan, day, now) for day in days}
    for one in store.rounds_between(session, check_in.workspace_id, check_in.id, first, last):
        reason = f"nobody was asked, because {one.left_out}" if one.left_out else "not asked, because they were not "
        lines[one.day] = f"{one.period}: {reason}" + ("" if one.left_out else "among those who are asked then")
    rows = store.invitations_of_person(session, check_in.workspace_id, person, [check_in.id], first, last)
    lines.update({round_.day: told(row_of(row, round_, response)) for row, round_, response in rows})
    return [line for _, line in sorted(lines.items())]


def _without_round(check_in: CheckIn, plan: Plan, day: date, now: datetime) -> str:
    """Why there is no round for a day of the schedule."""
    name = schedule.period_of(plan, day)
    off = schedule.day_off(plan, day)
    if off:
        return f"{name}: nobody is asked, because {off}"
    if check_in.standing != Standing.ACTIVE:
        return f"{name}: not asked, because the check-in is {check_in.standing}"
    if check_in.created_at > schedule.moment(day, plan.at, plan.zone):
        return f"{name}: not asked, because the check-in was only set up {when(check_in.created_at, plan.zone)}"
    if schedule.opens_at(plan, day) > now:
        return f"{name}: not yet due"
    return f"{name}: not asked, because the check-in was paused or did not ask on that day then"
