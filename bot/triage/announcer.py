"""Says what incidents have to say, through the outbox."""

from sqlalchemy.orm import Session

from bot.delivery.service import Outbox
from bot.slack.words import Attachment, Words
from bot.triage import messages
from bot.triage.board import Board
from bot.triage.coordination import Update
from bot.triage.model import FollowUp, Incident
from bot.triage.opening import Report, already_key, offer_key
from bot.triage.records import Wanted
from bot.triage.timeline import Event


class TriageAnnouncer:
    """Writes down what is to be said about incidents."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def begin(self, session: Session, board: Board) -> None:
        incident = board.incident
        self._outbox.post(
            session,
            messages.board(board),
            workspace_id=incident.workspace_id,
            key=incident.key,
            target=incident.channel,
            thread_ts=incident.thread_ts,
        )

    def redraw(self, session: Session, board: Board) -> None:
        incident = board.incident
        self._outbox.update(
            session,
            messages.board(board),
            workspace_id=incident.workspace_id,
            key=f"{incident.key}:v{incident.version}",
            of_key=incident.key,
        )

    def offer(self, session: Session, incident: Incident, likely: str) -> None:
        self._outbox.post(
            session,
            messages.offer(incident, likely),
            workspace_id=incident.workspace_id,
            key=offer_key(incident),
            target=incident.channel,
            thread_ts=incident.thread_ts,
        )

    def already(self, session: Session, incident: Incident, report: Report) -> None:
        words = messages.already(incident)
        self._privately(session, incident, report.person, words, already_key(incident, report), report.response_url)

    def unreachable(self, session: Session, board: Board, report: Report, why: str) -> None:
        self._outbox.post(
            session,
            messages.unreachable(board, why),
            workspace_id=report.workspace_id,
            key=f"{board.incident.key}:direct",
            target=report.person,
        )

    def update(self, session: Session, incident: Incident, update: Update, by: str, occasion: str) -> None:
        self._in_thread(session, incident, messages.update(incident, update, by), f"update:{occasion}")

    def handed_over(self, session: Session, board: Board, by: str, note: str | None, occasion: str) -> None:
        self._in_thread(session, board.incident, messages.handed_over(board, by, note), f"handed:{occasion}")

    def call_help(self, session: Session, board: Board, group: str, by: str, occasion: str) -> None:
        self._in_thread(session, board.incident, messages.call_help(board, group, by), f"help:{occasion}")

    def ended(self, session: Session, board: Board) -> None:
        self._in_thread(session, board.incident, messages.ended(board), "ended")

    def aside(self, session: Session, incident: Incident, person: str, text: str, occasion: str) -> None:
        words = messages.aside(text)
        self._privately(session, incident, person, words, f"{incident.key}:aside:{person}:{occasion}", None)

    def nudge(self, session: Session, incident: Incident, *, only: str | None) -> None:
        """Asks in the thread; at night only in a direct message to whoever leads."""
        key = f"nudge:{incident.nudges}"
        words = messages.nudge(incident, privately=only is not None)
        if only is None:
            self._in_thread(session, incident, words, key)
        else:
            self._outbox.post(
                session, words, workspace_id=incident.workspace_id, key=f"{incident.key}:{key}", target=only
            )

    def chase(self, session: Session, follow_up: FollowUp) -> None:
        self._outbox.post(
            session,
            messages.chase(follow_up),
            workspace_id=follow_up.workspace_id,
            key=f"follow-up:{follow_up.id}:{follow_up.chases}",
            target=follow_up.owner,
        )

    def timeline(self, session: Session, board: Board, events: list[Event], wanted: Wanted) -> str:
        return self._shown_to(session, messages.timeline(board, events), wanted)

    def no_timeline(self, session: Session, wanted: Wanted) -> str:
        return self._shown_to(session, messages.no_timeline(), wanted)

    def answer(self, session: Session, text: str, wanted: Wanted) -> str:
        return self._shown_to(session, messages.aside(text), wanted)

    def file(self, session: Session, incident: Incident, name: str, title: str, text: str, occasion: str) -> str:
        key = f"{incident.key}:file:{occasion}"
        self._outbox.upload(
            session,
            Attachment(name, title, text.encode()),
            workspace_id=incident.workspace_id,
            key=key,
            target=incident.channel,
            thread_ts=incident.thread_ts,
            thread_of=None if incident.thread_ts else incident.key,
        )
        return key

    def _shown_to(self, session: Session, words: Words, wanted: Wanted) -> str:
        key = f"timeline:{wanted.person}:{wanted.occasion}"
        self._outbox.respond(
            session,
            words,
            workspace_id=wanted.workspace_id,
            key=key,
            person=wanted.person,
            response_url=wanted.response_url,
        )
        return key

    def _in_thread(self, session: Session, incident: Incident, words: Words, what: str) -> None:
        self._outbox.post(
            session,
            words,
            workspace_id=incident.workspace_id,
            key=f"{incident.key}:{what}",
            target=incident.channel,
            thread_ts=incident.thread_ts,
            thread_of=None if incident.thread_ts else incident.key,
        )

    def _privately(
        self, session: Session, incident: Incident, person: str, words: Words, key: str, response_url: str | None
    ) -> None:
        where = incident.workspace_id
        if response_url:
            self._outbox.respond(session, words, workspace_id=where, key=key, person=person, response_url=response_url)
        else:
            self._outbox.whisper(
                session,
                words,
                workspace_id=where,
                key=key,
                channel=incident.channel,
                person=person,
                thread_ts=incident.thread_ts,
            )
