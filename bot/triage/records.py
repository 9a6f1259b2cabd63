"""What is kept of incidents: the timeline to look at and to take along, and the page that is written afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from bot.database import Sessions
from bot.errors import NotFound
from bot.teams.model import Role
from bot.teams.service import Teams
from bot.triage import store, timeline
from bot.triage.board import Board
from bot.triage.incidents import Incidents
from bot.triage.model import Incident
from bot.triage.timeline import Event


@dataclass(frozen=True)
class Wanted:
    """Who wants to see a timeline, and where it may be shown to them only."""

    workspace_id: str
    channel: str
    person: str
    response_url: str
    occasion: str


class Archivist(Protocol):
    """Says in Slack what is kept; every call only writes down what is to be said."""

    def timeline(self, session: Session, board: Board, events: list[Event], wanted: Wanted) -> str: ...

    def no_timeline(self, session: Session, wanted: Wanted) -> str: ...

    def answer(self, session: Session, text: str, wanted: Wanted) -> str: ...

    def file(self, session: Session, incident: Incident, name: str, title: str, text: str, occasion: str) -> str: ...


class Records:
    """Shows and exports what happened.

    Args:
        incidents: puts boards together.
        teams: who may look.
        sessions: opens transactions.
        archivist: says it in Slack.
        deliver: brings what was said under a key to Slack now.
    """

    def __init__(
        self,
        incidents: Incidents,
        teams: Teams,
        sessions: Sessions,
        archivist: Archivist,
        deliver: Callable[[str, str], object],
    ) -> None:
        self._incidents = incidents
        self._teams = teams
        self._sessions = sessions
        self._archivist = archivist
        self._deliver = deliver

    def show(self, wanted: Wanted, incident_id: int | None = None) -> None:
        """Shows the timeline of an incident of this channel, by default of the one that goes on."""
        self._teams.require(wanted.workspace_id, wanted.person, None, Role.PERSON)
        found = self._in_channel(wanted, incident_id)
        board = self._incidents.shown(wanted.workspace_id, found) if found is not None else None
        with self._sessions.begin() as session:
            if board is None:
                key = self._archivist.no_timeline(session, wanted)
            else:
                key = self._archivist.timeline(session, board, self._events(session, board.incident), wanted)
        self._deliver(wanted.workspace_id, key)

    def export(self, workspace_id: str, incident_id: int, person: str, occasion: str) -> None:
        """Puts the timeline into the thread as a Markdown file."""
        self._put(workspace_id, incident_id, person, "timeline", occasion)

    def write_page(self, workspace_id: str, incident_id: int, person: str, occasion: str) -> None:
        """Puts the post-incident page into the thread as a Markdown file."""
        self._put(workspace_id, incident_id, person, "post-incident", occasion)

    def answer(self, wanted: Wanted, text: str) -> None:
        """Says a line to one person."""
        with self._sessions.begin() as session:
            key = self._archivist.answer(session, text, wanted)
        self._deliver(wanted.workspace_id, key)

    def _put(self, workspace_id: str, incident_id: int, person: str, what: str, occasion: str) -> None:
        self._teams.require(workspace_id, person, None, Role.PERSON)
        board = self._incidents.shown(workspace_id, incident_id)
        with self._sessions.begin() as session:
            events = self._events(session, board.incident)
            names = store.names(session, workspace_id, _people(board, events))
            text = _written(what, board, events, names)
            name, title = f"{what}-{incident_id}.md", f"{what.capitalize()} of incident {incident_id}"
            key = self._archivist.file(session, board.incident, name, title, text, occasion)
        self._deliver(workspace_id, key)

    def _in_channel(self, wanted: Wanted, incident_id: int | None) -> int | None:
        """Only what happened in a channel is shown in it: who is in there may read it."""
        with self._sessions.begin() as session:
            if incident_id is None:
                newest = store.newest_in_channel(session, wanted.workspace_id, wanted.channel)
                return newest.id if newest else None
            named = store.incident(session, wanted.workspace_id, incident_id)
            if named is None or named.channel != wanted.channel:
                raise NotFound(f"There is no incident {incident_id} in this channel.")
            return named.id

    def _events(self, session: Session, incident: Incident) -> list[Event]:
        where, number = incident.workspace_id, incident.id
        return timeline.events_of(store.lines(session, where, number), store.marked(session, where, number))


def _written(what: str, board: Board, events: list[Event], names: dict[str, str]) -> str:
    if what == "timeline":
        return timeline.as_markdown(board.incident, board.title, events, names)
    return timeline.page(board, events, names)


def _people(board: Board, events: list[Event]) -> set[str]:
    mentioned = {person for event in events for person in timeline.mentioned(event.text)}
    named = {event.by for event in events} | {todo.owner for todo in board.todos} | {board.incident.owner}
    return {person for person in named | mentioned if person}
