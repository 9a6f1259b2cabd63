"""Follows what people say and mark in incidents' threads: edits and deletions too, in whatever order they arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import Outbox, insert_new
from bot.triage import store
from bot.triage.diagnosis import Diagnosis
from bot.triage.model import How, Incident, MessageMark, ThreadMessage


@dataclass(frozen=True)
class Said:
    """A message as Slack tells of it; `thread_ts` is None where Slack does not say (reactions)."""

    workspace_id: str
    channel: str
    ts: str
    thread_ts: str | None
    by: str | None = None
    text: str | None = None


class Threads:
    """Keeps the words of incidents' threads while they go on, and of marked messages afterwards.

    Args:
        diagnosis: reads a pasted message anew when it is edited.
        outbox: knows where boards have arrived.
        sessions: opens transactions.
        clock: tells the time.
    """

    def __init__(self, diagnosis: Diagnosis, outbox: Outbox, sessions: Sessions, clock: Clock) -> None:
        self._diagnosis = diagnosis
        self._outbox = outbox
        self._sessions = sessions
        self._clock = clock

    def hear(self, said: Said) -> bool:
        """Keeps a message of an incident's thread, unless a later word of it came first; says whether it is one."""
        with self._sessions.begin() as session:
            incident = self._incident(session, said)
            if incident is None or not incident.under_way:
                return False
            self._keep(session, incident, said)
            return True

    def hear_edit(self, said: Said) -> None:
        """A message reads differently now; a pasted alert is read anew."""
        with self._sessions.begin() as session:
            source = store.of_message(session, said.workspace_id, said.channel, said.ts)
            incident = self._incident(session, said)
            if incident is not None:
                self._change(session, incident, said, edited_at=self._clock())
        if source is not None and said.text and said.text != source.text:
            self._diagnosis.read_again(said.workspace_id, source.id, said.text)

    def hear_deletion(self, said: Said) -> None:
        """A message was taken back: its words go."""
        with self._sessions.begin() as session:
            incident = self._incident(session, said) or self._marked_in(session, said)
            if incident is not None:
                self._change(session, incident, said, deleted_at=self._clock())

    def mark(self, said: Said, by: str, how: How) -> None:
        """Somebody wants a message in the timeline."""
        with self._sessions.begin() as session:
            for incident in self._perhaps(session, said):
                row = {**incident.as_parent, "ts": said.ts, "by": by, "how": how}
                insert_new(session, MessageMark, row, unique=("incident_id", "ts", "by", "how"))
                if said.text and said.thread_ts == incident.thread_ts:
                    self._keep(session, incident, said)

    def unmark(self, said: Said, by: str, how: How) -> None:
        with self._sessions.begin() as session:
            for incident in self._perhaps(session, said):
                store.unmark(session, incident, said.ts, by, how)

    def _keep(self, session: Session, incident: Incident, said: Said) -> None:
        row = {**incident.as_parent, "ts": said.ts, "by": said.by, "text": said.text}
        if insert_new(session, ThreadMessage, row, unique=("incident_id", "ts")):
            return
        known = store.message(session, incident, said.ts)
        if known is not None and known.by is None:
            known.by = said.by

    def _change(
        self,
        session: Session,
        incident: Incident,
        said: Said,
        *,
        edited_at: datetime | None = None,
        deleted_at: datetime | None = None,
    ) -> None:
        self._keep(session, incident, said)
        known = store.message(session, incident, said.ts)
        if known is None or known.deleted_at is not None:
            return
        known.text = None if deleted_at else said.text
        known.edited_at, known.deleted_at = edited_at or known.edited_at, deleted_at

    def _incident(self, session: Session, said: Said) -> Incident | None:
        """The incident in whose thread a message is; a thread that the bot began is learnt here."""
        if said.thread_ts is None:
            return None
        known = store.in_thread(session, said.workspace_id, said.channel, said.thread_ts)
        if known is not None:
            return known
        for incident in store.threadless(session, said.workspace_id, said.channel):
            landed = self._outbox.where(session, said.workspace_id, incident.key)
            if landed is not None:
                incident.thread_ts = landed.ts
            if incident.thread_ts == said.thread_ts:
                return incident
        return None

    def _marked_in(self, session: Session, said: Said) -> Incident | None:
        """The incident that knows a message of which Slack does not tell the thread."""
        return store.holding_message(session, said.workspace_id, said.channel, said.ts)

    def _perhaps(self, session: Session, said: Said) -> Sequence[Incident]:
        """The incident of a marked message; all that go on in the channel where the mark came before the message."""
        known = self._incident(session, said) or self._marked_in(session, said)
        return [known] if known else store.going_on_in(session, said.workspace_id, said.channel)
