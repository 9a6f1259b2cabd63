"""What every use case does with an incident: finds and locks it, writes its timeline, shows its board anew."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import BotError, NotFound
from bot.teams.model import Role
from bot.teams.service import Teams
from bot.triage import pace, store
from bot.triage.board import Board, board_of
from bot.triage.model import CLOSED, Incident, Kind, Line, State
from knowledge.base import KnowledgeBase


class Over(BotError):
    """This incident is closed already."""


@dataclass(frozen=True)
class Click:
    """Who pressed what on which incident; `occasion` tells one click from another."""

    workspace_id: str
    incident_id: int
    person: str
    occasion: str
    channel: str = ""
    response_url: str | None = None


class Announcer(Protocol):
    """Says in Slack what follows from any click; every call only writes down what is to be said."""

    def redraw(self, session: Session, board: Board) -> None: ...

    def aside(self, session: Session, incident: Incident, person: str, text: str, occasion: str) -> None: ...


class Incidents:
    """What the use cases share; whoever clicks must be welcome, and no transaction spans the network.

    Args:
        knowledge: knows the steps.
        teams: who may use the bot.
        sessions: opens transactions.
        announcer: says it in Slack.
        deliver: brings what was said under a key to Slack now.
        clock: tells the time.
    """

    def __init__(
        self,
        knowledge: KnowledgeBase,
        teams: Teams,
        sessions: Sessions,
        announcer: Announcer,
        deliver: Callable[[str, str], object],
        clock: Clock,
    ) -> None:
        self._knowledge = knowledge
        self._teams = teams
        self._sessions = sessions
        self._announcer = announcer
        self._deliver = deliver
        self._clock = clock

    def welcome(self, workspace_id: str, person: str) -> None:
        """Lets in whoever may use the bot.

        Raises:
            NotAllowed: the person may not.
        """
        self._teams.require(workspace_id, person, None, Role.PERSON)

    @contextmanager
    def changing(self, click: Click) -> Iterator[tuple[Session, Incident]]:
        """Locks an incident, shows its board anew when the block ends, and brings what was said to Slack.

        Raises:
            Over: somebody has closed it.
        """
        self.welcome(click.workspace_id, click.person)
        with self._sessions.begin() as session:
            incident = self.required(session, click.workspace_id, click.incident_id)
            if incident.state in CLOSED:
                raise Over(_closed_words(incident))
            yield session, incident
            key = self.redraw(session, incident)
        self._deliver(click.workspace_id, key)

    def required(self, session: Session, workspace_id: str, incident_id: int) -> Incident:
        """Locks an incident.

        Raises:
            NotFound: this workspace has no such incident.
        """
        incident = store.incident(session, workspace_id, incident_id)
        if incident is None:
            raise NotFound
        return incident

    def shown(self, workspace_id: str, incident_id: int) -> Board:
        """An incident as it is shown now.

        Raises:
            NotFound: this workspace has no such incident.
        """
        with self._sessions.begin() as session:
            return self.board(session, self.required(session, workspace_id, incident_id))

    def board(self, session: Session, incident: Incident) -> Board:
        where, number = incident.workspace_id, incident.id
        return board_of(
            incident,
            self._knowledge.library,
            store.ticks(session, where, number),
            store.past_of(session, incident),
            store.follow_ups(session, where, number),
        )

    def redraw(self, session: Session, incident: Incident) -> str:
        """Shows the board anew; returns the key of this version.

        Bringing it brings everything said before it in that channel.
        """
        incident.version += 1
        self._announcer.redraw(session, self.board(session, incident))
        return f"{incident.key}:v{incident.version}"

    def write(self, session: Session, incident: Incident, kind: Kind, key: str, by: str, text: str) -> bool:
        """Adds a line to the timeline, once for each key; says whether it was not there yet."""
        row = {**incident.as_parent, "key": key[-120:], "kind": kind, "at": self._clock(), "by": by, "text": text}
        return insert_new(session, Line, row, unique=("incident_id", "key"))

    def wait_for_news(self, incident: Incident) -> None:
        """Nobody is asked for an owner or an update for a while."""
        mitigated = incident.state == State.MITIGATED
        incident.nudge_at = pace.next_nudge(self._clock(), incident.severity, incident.owner, mitigated=mitigated)


def _closed_words(incident: Incident) -> str:
    return f"<@{incident.closed_by}> has closed this incident already ({incident.state})."
