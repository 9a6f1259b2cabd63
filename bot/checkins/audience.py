"""Whom a check-in asks: the team, or the people, channels and groups it names; follows changes of membership."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.checkins import store
from bot.checkins.model import CheckIn, Preference, Round
from bot.checkins.schedule import valid_zone
from bot.teams.model import MemberKind
from bot.teams.people import People
from bot.teams.profile import TeamProfile
from bot.teams.service import Teams, profile_of, required

Zone = tuple[str, str]
"""A zone's name and whose setting it is: own, slack or team."""


class Audience:
    """Looks up whom to ask; may ask Slack, so never inside a transaction."""

    def __init__(self, teams: Teams, people: People) -> None:
        self._teams = teams
        self._people = people

    def of(self, workspace_id: str, team_id: int, asked: Sequence[str]) -> list[str]:
        """The people to ask: no bots, nobody who is gone."""
        if not asked:
            return self._teams.members(workspace_id, team_id)
        people: list[str] = []
        for named in asked:
            kind, _, who = named.partition(":")
            is_person = kind == MemberKind.PERSON
            people += [who] if is_person else self._people.in_roster(workspace_id, MemberKind(kind), who)
        return self._people.at_work(workspace_id, list(dict.fromkeys(people)))

    def of_check_in(self, check_in: CheckIn) -> list[str]:
        return self.of(check_in.workspace_id, check_in.team_id, check_in.asked)


def zones(session: Session, workspace_id: str, people: Sequence[str], team_zone: str) -> dict[str, Zone]:
    """Each person's zone: their own preference, else their Slack profile's, else the team's."""
    own = store.preferences(session, workspace_id, people)
    known = store.known_zones(session, workspace_id, people)
    return {person: _zone(own.get(person), known.get(person), team_zone) for person in people}


def _zone(own: Preference | None, slack: str | None, team_zone: str) -> Zone:
    if own is not None and own.timezone:
        return own.timezone, "own"
    if slack and valid_zone(slack):
        return slack, "slack"
    return team_zone, "team"


def team_of(session: Session, check_in: CheckIn | Round) -> TeamProfile:
    """The team a check-in or round belongs to."""
    return profile_of(session, required(session, check_in.workspace_id, check_in.team_id))
