"""Looks check-ins up in the database without Slack, for the command line."""

from sqlalchemy import Engine, select

from bot.checkins import schedule
from bot.checkins.explaining import explain
from bot.clock import Clock, system_clock
from bot.database import Sessions, open_sessions
from bot.teams import store as team_store
from bot.teams.model import Team
from bot.teams.service import profile_of


def explained(engine: Engine, person: str, week: str, workspace: str | None, clock: Clock = system_clock) -> list[str]:
    """Why the person was or was not asked in the week, in one workspace or in each.

    Raises:
        ValueError: that is not a week.
    """
    first, last = schedule.week_of(week)
    sessions = open_sessions(engine)
    lines: list[str] = []
    for workspace_id in [workspace] if workspace else _workspaces(sessions):
        with sessions.begin() as session:
            rows = team_store.teams_of_person(session, workspace_id, person)
            for team in [profile_of(session, row) for row in rows]:
                lines += explain(session, team, person, first, last, clock())
    return lines or [f"{person} belongs to no team that has a check-in."]


def _workspaces(sessions: Sessions) -> list[str]:
    with sessions.begin() as session:
        return list(session.scalars(select(Team.workspace_id).distinct().order_by(Team.workspace_id)))
