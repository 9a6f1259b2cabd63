"""The team services around a real database, without Slack."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from bot.database import Sessions
from bot.teams.admin import Admin, AuditLine
from bot.teams.entered import NewTeam
from bot.teams.people import Directory, People
from bot.teams.phases import Changed, Phases, Reply
from bot.teams.plan import Plan
from bot.teams.profile import Pinned, TeamProfile
from bot.teams.service import Teams
from bot.teams.setup import TeamSetup
from knowledge.model import Library
from tests.clocks import FixedClock


@dataclass
class Announced:
    """Remembers what would be said."""

    said: list[tuple[str, object]] = field(default_factory=list)

    def welcome(self, session: Session, team: TeamProfile, by: str) -> str:
        self.said.append(("welcome", team.name))
        return "key"

    def unwelcome(self, session: Session, team: TeamProfile, by: str, refusal: str) -> str:
        self.said.append(("unwelcome", refusal))
        return "key"

    def phase_changed(self, session: Session, team: TeamProfile, change: Changed) -> None:
        self.said.append(("phase", (change.old, change.new)))

    def look_again(self, session: Session, team: TeamProfile, pinned: Pinned, occasion: str) -> None:
        self.said.append(("look again", occasion))

    def plan(self, session: Session, team: TeamProfile, plan: Plan | None, reply: Reply) -> str:
        self.said.append(("plan", team.name))
        return "key"

    def export(self, session: Session, team: TeamProfile, by: str, lines: Sequence[AuditLine], occasion: str) -> None:
        self.said.append(("export", len(lines)))


class Parts:
    """Everything of teams, built."""

    def __init__(self, sessions: Sessions, directory: Directory, clock: FixedClock, library: Library) -> None:
        self.announced = Announced()
        self.people = People(sessions, directory, clock)
        self.teams = Teams(sessions, self.people, clock)
        self.phases = Phases(self.teams, lambda: library, sessions, self.announced, self._deliver, clock)
        self.setup = TeamSetup(self.teams, self.phases, sessions, self.announced, self._deliver, clock)
        self.admin = Admin(self.teams, sessions, self.announced, clock)

    def _deliver(self, workspace_id: str, key: str) -> str | None:
        return None


def wish(name: str = "Payments", channel: str = "C0ENG", *, users: str = "5200", everybody: bool = False) -> NewTeam:
    values = {"name": name, "home_channel": channel, "timezone": "Europe/Berlin", "stacks": "mysql"}
    return NewTeam({**values, **({"users": users} if users else {})}, everybody=everybody)
