"""Use cases on roles, on who may use the bot at all, and on the audit; and whose team a person speaks for."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import NotAllowed
from bot.teams import store
from bot.teams.model import AuditEntry, ChosenTeam, Role, RoleGrant, WorkspaceRules
from bot.teams.profile import TeamProfile
from bot.teams.service import Teams

ONE_GRANT = ("workspace_id", "person", "role")
COLUMNS = ("at", "by", "what", "old", "new")


@dataclass(frozen=True)
class AuditLine:
    """Who changed what, when, from what to what."""

    at: datetime
    by: str
    what: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Access:
    """Who besides the workspace's own people may use the bot, and who administers it."""

    guests: bool
    foreigners: bool
    admins: tuple[str, ...]


class Announcer(Protocol):
    """Says in Slack what was asked for; only writes down what is to be said."""

    def export(
        self, session: Session, team: TeamProfile, by: str, lines: Sequence[AuditLine], occasion: str
    ) -> None: ...


class Admin:
    """What owners and admins look after."""

    def __init__(self, teams: Teams, sessions: Sessions, announcer: Announcer, clock: Clock) -> None:
        self._teams = teams
        self._sessions = sessions
        self._announcer = announcer
        self._clock = clock

    def speak_for(self, workspace_id: str, person: str, team_id: int) -> None:
        """Chooses the team that a person's direct messages and Home are about."""
        self._teams.require(workspace_id, person, team_id, Role.MEMBER)
        with self._sessions.begin() as session:
            row = {"workspace_id": workspace_id, "person": person, "team_id": team_id}
            insert_new(session, ChosenTeam, row, unique=("workspace_id", "person"))
            if (chosen := store.chosen_team(session, workspace_id, person)) is not None:
                chosen.team_id = team_id

    def close(self, workspace_id: str, by: str, team_id: int, symptom: str) -> None:
        """Says that a team no longer sees a symptom."""
        self._teams.require(workspace_id, by, team_id, Role.MEMBER)
        with self._sessions.begin() as session:
            self._teams.close_observations(session, workspace_id, team_id, [symptom], by=by)

    def access(self, workspace_id: str, by: str) -> Access:
        self._teams.require(workspace_id, by, None, Role.ADVISOR_ADMIN)
        with self._sessions.begin() as session:
            rules = store.rules(session, workspace_id)
            admins = tuple(grant.person for grant in store.grants(session, workspace_id))
        return Access(bool(rules and rules.guests_allowed), bool(rules and rules.foreigners_allowed), admins)

    def set_access(self, workspace_id: str, by: str, *, guests: bool, foreigners: bool) -> None:
        """Opens the bot to guests or to people of Slack Connect, or closes it."""
        self._teams.require(workspace_id, by, None, Role.ADVISOR_ADMIN)
        with self._sessions.begin() as session:
            row = {"workspace_id": workspace_id, "guests_allowed": False, "foreigners_allowed": False}
            insert_new(session, WorkspaceRules, row, unique=("workspace_id",))
            rules = store.rules(session, workspace_id)
            assert rules is not None
            for name, new in (("guests_allowed", guests), ("foreigners_allowed", foreigners)):
                old = getattr(rules, name)
                setattr(rules, name, new)
                if old != new:
                    self._teams.audit(session, workspace_id, None, by=by, what=f"access.{name}", old=old, new=new)

    def set_admins(self, workspace_id: str, by: str, people: Sequence[str]) -> None:
        """Makes exactly these people advisor admins.

        Raises:
            NotAllowed: one of them may not use the bot at all.
        """
        self._teams.require(workspace_id, by, None, Role.WORKSPACE_ADMIN)
        for person in people:
            if self._teams.role(workspace_id, person) < Role.PERSON:
                raise NotAllowed(f"<@{person}> may not use me, so they cannot look after me either.")
        with self._sessions.begin() as session:
            known = {grant.person: grant for grant in store.grants(session, workspace_id)}
            for person in [person for person in people if person not in known]:
                if insert_new(session, RoleGrant, self._grant(workspace_id, by, person), ONE_GRANT):
                    self._teams.audit(session, workspace_id, None, by=by, what="role.advisor_admin", new=person)
            for person in [person for person in known if person not in people]:
                session.delete(known[person])
                self._teams.audit(session, workspace_id, None, by=by, what="role.advisor_admin", old=person)

    def audit(self, workspace_id: str, by: str, team_id: int | None) -> list[AuditLine]:
        """What was changed in a team (for its owners) or in the workspace (for admins), oldest first."""
        role = Role.ADVISOR_ADMIN if team_id is None else Role.TEAM_OWNER
        self._teams.require(workspace_id, by, team_id, role)
        with self._sessions.begin() as session:
            return exported(session, workspace_id, team_id)

    def export(self, workspace_id: str, by: str, team_id: int, occasion: str) -> None:
        """Sends an owner the team's audit as a file, once per `occasion`."""
        lines = self.audit(workspace_id, by, team_id)
        team = self._teams.profile(workspace_id, team_id)
        with self._sessions.begin() as session:
            self._announcer.export(session, team, by, lines, occasion)

    def _grant(self, workspace_id: str, by: str, person: str) -> dict[str, object]:
        return {
            "workspace_id": workspace_id,
            "person": person,
            "role": Role.ADVISOR_ADMIN,
            "granted_by": by,
            "granted_at": self._clock(),
        }


def exported(session: Session, workspace_id: str, team_id: int | None) -> list[AuditLine]:
    """The audit for somebody who was already let see it, such as whoever runs the process."""
    return [_line(entry) for entry in store.audit_entries(session, workspace_id, team_id)]


def as_csv(lines: Sequence[AuditLine]) -> str:
    """The audit as a table for spreadsheets; what would be a formula there is made text."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow([line.at.isoformat(), line.by, line.what, _cell(line.old), _cell(line.new)])
    return file.getvalue()


def _cell(text: str | None) -> str:
    return f"'{text}" if text and text[0] in "=+-@\t\r" else text or ""


def _line(entry: AuditEntry) -> AuditLine:
    return AuditLine(entry.at, entry.by, entry.what, entry.old, entry.new)
