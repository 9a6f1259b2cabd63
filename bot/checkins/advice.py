"""What the guidance says about what a summary names."""

from bot.checkins.opening import Guidance
from bot.errors import NotFound
from bot.teams.profile import TeamProfile
from bot.teams.service import Teams
from knowledge.model import Entry


class Advice:
    """Looks entries of the guidance up for a team."""

    def __init__(self, teams: Teams, guidance: Guidance) -> None:
        self._teams = teams
        self._guidance = guidance

    def titles(self) -> dict[str, str]:
        """What each entry of the guidance is called."""
        return {entry.id: entry.title for entry in self._guidance.library}

    def on(self, workspace_id: str, team_id: int, entry_id: str) -> tuple[Entry, TeamProfile, dict[str, str]]:
        """An entry, and what it takes to word it for a team.

        Raises:
            NotFound: there is no such entry or team (any more).
        """
        entry = self._guidance.library.get(entry_id)
        if entry is None:
            raise NotFound
        return entry, self._teams.profile(workspace_id, team_id), self.titles()
