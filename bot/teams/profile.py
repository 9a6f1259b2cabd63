"""Teams and people as the rest of the bot sees them: frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.teams.model import Origin, Role
from knowledge.model import Phase


class FactName(StrEnum):
    """The numbers the advisor asks a team for."""

    USERS = "users"
    GROWTH = "growth"
    PEAK = "peak_requests"
    DATABASE = "database_gb"
    ENGINEERS = "engineers"
    DEPLOYS = "deploys_per_week"
    INCIDENTS = "incidents_per_month"


@dataclass(frozen=True)
class FactValue:
    """A number and the day it was true."""

    value: float
    as_of: date


@dataclass(frozen=True)
class Pinned:
    """Why and until when a team is held in a phase."""

    phase: Phase
    reason: str
    by: str
    review_on: date


@dataclass(frozen=True)
class TeamProfile:
    """A team as it is now; `phase` is the pinned one where an owner pinned it."""

    id: int
    workspace_id: str
    name: str
    home_channel: str
    owners: tuple[str, ...]
    phase: Phase | None
    phase_evidence: tuple[str, ...]
    stacks: tuple[str, ...]
    timezone: str
    facts: Mapping[FactName, FactValue] = field(hash=False)
    pinned: Pinned | None = None
    version: int = 1


@dataclass(frozen=True)
class PersonProfile:
    """A person as far as the bot needs to know them; `tz` is None where Slack does not tell."""

    id: str
    workspace_id: str
    name: str
    tz: str | None = None
    is_guest: bool = False
    is_foreign: bool = False
    is_bot: bool = False
    is_admin: bool = False
    deleted: bool = False


@dataclass(frozen=True)
class Visitor:
    """Who looks at App Home, for which of their teams (None: they have none), and what they may do there."""

    workspace_id: str
    person: PersonProfile
    role: Role
    team: TeamProfile | None
    teams: tuple[TeamProfile, ...]


@dataclass(frozen=True)
class Seen:
    """A symptom a team saw, to be recorded once per `key`."""

    key: str
    symptom: str
    seen_at: datetime
    severity: int
    origin: Origin
    by: str
    note: str | None = None


@dataclass(frozen=True)
class Observed(Seen):
    """An observation as recorded."""

    id: int = 0
    team_id: int = 0
    closed_at: datetime | None = None
