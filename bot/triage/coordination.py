"""Who works on an incident and what they tell each other: severity, lead, help, updates and being asked for them."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import NotFound
from bot.teams.model import Role
from bot.teams.profile import TeamProfile
from bot.teams.service import Teams
from bot.triage import pace, store
from bot.triage.board import Board
from bot.triage.incidents import Announcer, Click, Incidents
from bot.triage.model import HelpGroup, Incident, Kind, Severity

NOBODY_TO_CALL = (
    "I do not know whom to call: nobody has told me this team's group. An owner of the team can: "
    "`/advisor triage group @your-group`."
)


@dataclass(frozen=True)
class Update:
    """How things stand: always in these three parts."""

    see: str
    do: str
    need: str


class Messenger(Announcer, Protocol):
    """Passes on in Slack what people tell each other; every call only writes down what is to be said."""

    def update(self, session: Session, incident: Incident, update: Update, by: str, occasion: str) -> None: ...

    def handed_over(self, session: Session, board: Board, by: str, note: str | None, occasion: str) -> None: ...

    def call_help(self, session: Session, board: Board, group: str, by: str, occasion: str) -> None: ...


class Coordination:
    """Brings the people of an incident together.

    Args:
        incidents: what all use cases share.
        teams: who owns a team.
        sessions: opens transactions.
        messenger: says it in Slack.
        clock: tells the time.
        help_group: the user group to call where a team has none of its own.
    """

    def __init__(
        self,
        incidents: Incidents,
        teams: Teams,
        sessions: Sessions,
        messenger: Messenger,
        clock: Clock,
        help_group: str | None = None,
    ) -> None:
        self._incidents = incidents
        self._teams = teams
        self._sessions = sessions
        self._messenger = messenger
        self._clock = clock
        self._help_group = help_group

    def set_severity(self, click: Click, severity: Severity) -> None:
        with self._incidents.changing(click) as (session, incident):
            if incident.severity == severity:
                return
            incident.severity = severity
            self._write(session, incident, Kind.SEVERITY, f"sev:{click.occasion}", click, f"Severity {severity.value}")
            self._incidents.wait_for_news(incident)

    def own(self, click: Click) -> None:
        """Takes the lead, unless somebody has it: from them it is handed over."""
        with self._incidents.changing(click) as (session, incident):
            if incident.owner is not None:
                self._messenger.aside(
                    session, incident, click.person, f"<@{incident.owner}> has it already.", click.occasion
                )
                return
            incident.owner = click.person
            self._write(session, incident, Kind.OWNER, f"own:{click.occasion}", click, "Took the lead")
            self._incidents.wait_for_news(incident)

    def hand_over(self, click: Click, to: str, note: str | None) -> None:
        """Gives the lead to somebody, with a summary for them."""
        self._incidents.welcome(click.workspace_id, to)
        with self._incidents.changing(click) as (session, incident):
            incident.owner = to
            words = f"Handed over to <@{to}>" + (f": {note}" if note else "")
            new = self._write(session, incident, Kind.OWNER, f"hand:{click.occasion}", click, words)
            if new:
                board = self._incidents.board(session, incident)
                self._messenger.handed_over(session, board, click.person, note, click.occasion)
            self._incidents.wait_for_news(incident)

    def call_help(self, click: Click) -> None:
        """Tags the team's group in the thread."""
        with self._incidents.changing(click) as (session, incident):
            group = self._group_of(session, incident)
            if group is None:
                self._messenger.aside(session, incident, click.person, NOBODY_TO_CALL, click.occasion)
                return
            board = self._incidents.board(session, incident)
            self._messenger.call_help(session, board, group, click.person, click.occasion)
            self._write(session, incident, Kind.HELP, f"help:{click.occasion}", click, "Called for help")

    def set_help_group(self, workspace_id: str, channel: str, person: str, group: str) -> TeamProfile:
        """Remembers whom the channel's team calls for help.

        Raises:
            NotAllowed: the person is no owner of the team.
            NotFound: the channel is no team's home.
        """
        team = self._teams.of_channel(workspace_id, channel)
        if team is None:
            raise NotFound("This channel is no team's home yet; `/advisor setup` makes it one.")
        self._teams.require(workspace_id, person, team.id, Role.TEAM_OWNER)
        with self._sessions.begin() as session:
            row = {"workspace_id": workspace_id, "team_id": team.id, "user_group": group, "set_by": person}
            insert_new(session, HelpGroup, row, unique=("team_id",))
            known = store.help_group(session, workspace_id, team.id)
            if known is not None:
                old, known.user_group, known.set_by = known.user_group, group, person
                self._teams.audit(
                    session, workspace_id, team.id, by=person, what="triage.help_group", old=old, new=group
                )
        return team

    def tell_update(self, click: Click, update: Update) -> None:
        """Posts how things stand; nobody is asked for news for a while."""
        with self._incidents.changing(click) as (session, incident):
            words = f"Update. We see: {update.see} We do: {update.do} We need: {update.need}"
            if self._write(session, incident, Kind.UPDATE, f"update:{click.occasion}", click, words):
                self._messenger.update(session, incident, update, click.person, click.occasion)
            self._incidents.wait_for_news(incident)

    def snooze(self, click: Click) -> None:
        """Asks for no news for half an hour."""
        with self._incidents.changing(click) as (session, incident):
            incident.nudge_at = self._clock() + pace.SNOOZE
            self._messenger.aside(
                session, incident, click.person, "I ask again in half an hour.", f"snooze:{click.occasion}"
            )

    def stop_nudging(self, click: Click) -> None:
        with self._incidents.changing(click) as (session, incident):
            incident.nudge_at = None
            self._messenger.aside(
                session, incident, click.person, "I ask no more in this incident.", f"stop:{click.occasion}"
            )

    def _group_of(self, session: Session, incident: Incident) -> str | None:
        own = store.help_group(session, incident.workspace_id, incident.team_id) if incident.team_id else None
        return own.user_group if own else self._help_group

    def _write(self, session: Session, incident: Incident, kind: Kind, key: str, click: Click, text: str) -> bool:
        return self._incidents.write(session, incident, kind, key, click.person, text)
