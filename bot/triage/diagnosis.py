"""What an incident is taken for: confirmed, ruled out or chosen by people, and read anew when there is more to read."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from bot.database import Sessions
from bot.triage import store
from bot.triage.board import next_candidate, title_of
from bot.triage.incidents import Click, Incidents
from bot.triage.model import Incident, Kind
from knowledge.base import KnowledgeBase
from knowledge.triage import Recognised


class Diagnosis:
    """Moves between symptoms.

    Args:
        incidents: what all use cases share.
        knowledge: recognises symptoms.
        sessions: opens transactions.
        deliver: brings what was said under a key to Slack now.
    """

    def __init__(
        self,
        incidents: Incidents,
        knowledge: KnowledgeBase,
        sessions: Sessions,
        deliver: Callable[[str, str], object],
    ) -> None:
        self._incidents = incidents
        self._knowledge = knowledge
        self._sessions = sessions
        self._deliver = deliver

    def this_is_it(self, click: Click, symptom: str) -> None:
        """Confirms what it is."""
        with self._incidents.changing(click) as (session, incident):
            if incident.symptom != symptom or incident.confirmed:
                return
            incident.confirmed = True
            self._write(session, incident, click, f"This is it: {self._title(symptom)}")

    def not_this(self, click: Click, symptom: str) -> None:
        """Moves on to the next symptom, unless somebody has already."""
        with self._incidents.changing(click) as (session, incident):
            if incident.symptom != symptom:
                return
            incident.ruled_out = [*incident.ruled_out, symptom]
            incident.symptom, incident.confirmed = next_candidate(incident, self._knowledge.library), False
            then = f", now looking at: {self._title(incident.symptom)}" if incident.symptom else ""
            self._write(session, incident, click, f"Not this: {self._title(symptom)}{then}")

    def rather(self, click: Click, symptom: str) -> None:
        """Takes it for another symptom."""
        with self._incidents.changing(click) as (session, incident):
            if incident.symptom == symptom or self._knowledge.library.get(symptom) is None:
                return
            incident.symptom, incident.confirmed = symptom, False
            incident.ruled_out = [one for one in incident.ruled_out if one != symptom]
            self._write(session, incident, click, f"Rather: {self._title(symptom)}")

    def read_again(self, workspace_id: str, incident_id: int, text: str | None = None) -> None:
        """Recognises anew: because the pasted message was edited, or because the model has been loaded meanwhile."""
        with self._sessions.begin() as session:
            incident = store.incident(session, workspace_id, incident_id)
        if incident is None or not incident.under_way:
            return
        words = incident.text if text is None else text
        found = self._knowledge.triage(words, incident.stacks)
        with self._sessions.begin() as session:
            fresh = store.incident(session, workspace_id, incident_id)
            if fresh is None or not fresh.under_way:
                return
            self._take_over(session, fresh, words, found)
            key = self._incidents.redraw(session, fresh)
        self._deliver(workspace_id, key)

    def _take_over(self, session: Session, incident: Incident, text: str, found: Recognised) -> None:
        """What a new reading changes; whatever people have decided stays."""
        if text != incident.text:
            incident.text = text
            number = len(store.lines(session, incident.workspace_id, incident.id))
            self._incidents.write(
                session, incident, Kind.EDITED, f"edit:{number}", incident.opened_by, "The pasted message was edited"
            )
        incident.read_fully = self._knowledge.loaded
        incident.candidates = candidates_of(found)
        untouched = not incident.confirmed and not incident.ruled_out
        if untouched and found.suspects:
            incident.symptom = found.suspects[0].symptom

    def _write(self, session: Session, incident: Incident, click: Click, words: str) -> None:
        self._incidents.write(session, incident, Kind.SYMPTOM, f"symptom:{click.occasion}", click.person, words)

    def _title(self, symptom: str) -> str:
        return title_of(symptom, self._knowledge.library)


def candidates_of(found: Recognised) -> list[dict[str, object]]:
    """What it may be, as it is kept with the incident."""
    return [{"symptom": s.symptom, "score": s.score, "because": s.because} for s in found.suspects]
