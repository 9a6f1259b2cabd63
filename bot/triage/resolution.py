"""How an incident ends: mitigated, resolved or none at all; what remains to be done and what the team learns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import NotFound
from bot.teams.model import Origin
from bot.teams.profile import Seen
from bot.teams.service import Teams
from bot.triage import store
from bot.triage.board import Board
from bot.triage.incidents import Click, Incidents
from bot.triage.model import FollowUp, Incident, Kind, Severity, State

OBSERVED_SEVERITY = {Severity.HURT: 5, Severity.DEGRADED: 4, Severity.ANNOYING: 3}
USUAL_SEVERITY = 4


@dataclass(frozen=True)
class Planned:
    """A follow-up to be done by somebody until a day."""

    text: str
    owner: str
    due: date


@dataclass(frozen=True)
class Ending:
    """What is known when an incident is closed."""

    cause: str | None
    helped: str | None
    impact: str | None
    planned: tuple[Planned, ...] = ()


class Closer(Protocol):
    """Says in Slack that it is over; the call only writes down what is to be said."""

    def ended(self, session: Session, board: Board) -> None: ...


class Resolution:
    """Ends incidents and keeps what follows from them.

    Args:
        incidents: what all use cases share.
        teams: keeps what a team saw.
        sessions: opens transactions.
        closer: says it in Slack.
        deliver: brings what was said under a key to Slack now.
        clock: tells the time.
    """

    def __init__(
        self,
        incidents: Incidents,
        teams: Teams,
        sessions: Sessions,
        closer: Closer,
        deliver: Callable[[str, str], object],
        clock: Clock,
    ) -> None:
        self._incidents = incidents
        self._teams = teams
        self._sessions = sessions
        self._closer = closer
        self._deliver = deliver
        self._clock = clock

    def mitigate(self, click: Click) -> None:
        """Notes that customers are no longer hit; the cause may still be looked for."""
        with self._incidents.changing(click) as (session, incident):
            if incident.state != State.OPEN:
                return
            incident.state, incident.mitigated_at = State.MITIGATED, self._clock()
            self._incidents.write(
                session, incident, Kind.MITIGATED, "mitigated", click.person, "Mitigated: customers are fine"
            )
            self._incidents.wait_for_news(incident)

    def no_incident(self, click: Click) -> None:
        """Ends it as a false alarm; nothing is learnt from it."""
        with self._incidents.changing(click) as (session, incident):
            self._end(session, incident, click.person, State.NO_INCIDENT)
            self._incidents.write(session, incident, Kind.CLOSED, "closed", click.person, "Not an incident")
            self._closer.ended(session, self._incidents.board(session, incident))

    def resolve(self, click: Click, ending: Ending) -> None:
        """Ends it with what is known, plans the follow-ups, and lets the team's picture learn from it.

        Raises:
            Over: somebody else has ended it.
        """
        for planned in ending.planned:
            self._incidents.welcome(click.workspace_id, planned.owner)
        with self._incidents.changing(click) as (session, incident):
            self._end(session, incident, click.person, State.RESOLVED)
            incident.cause, incident.helped, incident.impact = ending.cause, ending.helped, ending.impact
            cause = f": {ending.cause}" if ending.cause else ""
            self._incidents.write(session, incident, Kind.CLOSED, "closed", click.person, f"Resolved{cause}")
            self._plan(session, incident, ending.planned)
            self._observe(session, incident, click.person)
            self._closer.ended(session, self._incidents.board(session, incident))

    def finish_follow_up(self, workspace_id: str, follow_up_id: int, person: str) -> None:
        """Marks a follow-up as done."""
        self._incidents.welcome(workspace_id, person)
        with self._sessions.begin() as session:
            found = store.follow_up(session, workspace_id, follow_up_id)
            if found is None:
                raise NotFound
            if found.done_at is not None:
                return
            found.done_at, found.done_by = self._clock(), person
            incident = store.incident(session, workspace_id, found.incident_id)
            assert incident is not None
            words = f"Follow-up done: {found.text}"
            self._incidents.write(session, incident, Kind.FOLLOW_UP, f"done:{found.id}", person, words)
            key = self._incidents.redraw(session, incident)
        self._deliver(workspace_id, key)

    def _end(self, session: Session, incident: Incident, by: str, state: State) -> None:
        now = self._clock()
        incident.state, incident.closed_at, incident.closed_by, incident.nudge_at = state, now, by, None
        if state == State.RESOLVED and incident.mitigated_at is None:
            incident.mitigated_at = now
        store.forget_unmarked(session, incident)

    def _plan(self, session: Session, incident: Incident, planned: Sequence[Planned]) -> None:
        for number, one in enumerate(planned, 1):
            todo = {"number": number, "text": one.text, "owner": one.owner, "due": one.due, "chases": 0}
            insert_new(session, FollowUp, {**incident.as_parent, **todo}, unique=("incident_id", "number"))
        session.flush()

    def _observe(self, session: Session, incident: Incident, by: str) -> None:
        if incident.team_id is None or incident.symptom is None:
            return
        severity = USUAL_SEVERITY if incident.severity is None else OBSERVED_SEVERITY[Severity(incident.severity)]
        seen = Seen(
            key=f"{incident.key}:{incident.symptom}",
            symptom=incident.symptom,
            seen_at=incident.opened_at,
            severity=severity,
            origin=Origin.INCIDENT,
            by=by,
            note=incident.cause,
        )
        self._teams.observe(session, incident.workspace_id, incident.team_id, seen)
