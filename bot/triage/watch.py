"""What incidents need from the clock: somebody to speak, follow-ups that are late, readings to finish."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.teams.service import Teams
from bot.triage import pace, store
from bot.triage.diagnosis import Diagnosis
from bot.triage.model import FollowUp, Incident, State

AT_ONCE = 20
OFFERS_KEPT = timedelta(days=7)


class Reminders(Protocol):
    """Says in Slack what people are reminded of; every call only writes down what is to be said."""

    def nudge(self, session: Session, incident: Incident, *, only: str | None) -> None: ...

    def chase(self, session: Session, follow_up: FollowUp) -> None: ...


class Watch:
    """Looks after incidents on every beat; each reminder is one row, so restarts and replicas repeat none.

    Args:
        diagnosis: reads again what was read by halves.
        teams: in which time zone people are.
        sessions: opens transactions.
        reminders: says it in Slack.
        clock: tells the time.
        loaded: whether the embedding model has been loaded.
    """

    def __init__(
        self,
        diagnosis: Diagnosis,
        teams: Teams,
        sessions: Sessions,
        reminders: Reminders,
        clock: Clock,
        loaded: Callable[[], bool],
    ) -> None:
        self._diagnosis = diagnosis
        self._teams = teams
        self._sessions = sessions
        self._reminders = reminders
        self._clock = clock
        self._loaded = loaded

    def nudge(self) -> None:
        """Asks for an owner or an update where none came for too long; at night only whoever leads is asked."""
        with self._sessions.begin() as session:
            due = [
                (row.workspace_id, row.id, row.owner or row.opened_by, row.timezone)
                for row in store.to_nudge(session, self._clock(), AT_ONCE)
            ]
        for workspace_id, incident_id, leader, zone in due:
            self._nudge(workspace_id, incident_id, leader, self._teams.person(workspace_id, leader).tz or zone)

    def chase(self) -> None:
        """Reminds the owners of late follow-ups, in their working hours, once a week."""
        now = self._clock()
        with self._sessions.begin() as session:
            late = [
                (row.workspace_id, row.id, row.owner)
                for row in store.overdue(session, now.date(), now - pace.CHASE_EVERY, AT_ONCE * 10)
            ]
        for workspace_id, follow_up_id, owner in late:
            self._chase(workspace_id, follow_up_id, self._teams.person(workspace_id, owner).tz or "UTC")

    def finish_reading(self) -> None:
        """Reads again, with the embedding model, what began while it was being loaded."""
        if not self._loaded():
            return
        with self._sessions.begin() as session:
            unread = [(row.workspace_id, row.id) for row in store.half_read(session, AT_ONCE)]
        for workspace_id, incident_id in unread:
            self._diagnosis.read_again(workspace_id, incident_id)

    def forget_offers(self) -> None:
        """Lets go of words in which somebody was offered a triage and did not take it."""
        with self._sessions.begin() as session:
            store.forget_offers(session, self._clock(), OFFERS_KEPT)

    def _nudge(self, workspace_id: str, incident_id: int, leader: str, zone: str) -> None:
        now = self._clock()
        with self._sessions.begin() as session:
            incident = store.incident(session, workspace_id, incident_id)
            if incident is None or not incident.under_way or incident.nudge_at is None or incident.nudge_at > now:
                return
            incident.nudges += 1
            mitigated = incident.state == State.MITIGATED
            incident.nudge_at = now + pace.update_every(incident.severity, mitigated=mitigated)
            self._reminders.nudge(session, incident, only=leader if pace.is_night(now, zone) else None)

    def _chase(self, workspace_id: str, follow_up_id: int, zone: str) -> None:
        now = self._clock()
        with self._sessions.begin() as session:
            found = store.follow_up(session, workspace_id, follow_up_id)
            if found is None or found.done_at is not None or not pace.may_chase(now, zone, found.chased_at):
                return
            found.chased_at, found.chases = now, found.chases + 1
            self._reminders.chase(session, found)
