"""Taking events in once, and saying things once: both are rows, so that crashes and retries lose and double nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery import store
from bot.delivery.model import Action, Outgoing, State, TakenIn
from bot.slack.words import Attachment, Landed, Words

CLAIM = timedelta(seconds=90)
GIVE_UP_AFTER = timedelta(hours=24)
TRIES_OF_AN_EVENT = 3


@dataclass(frozen=True)
class Post:
    """One of many messages that are meant to be posted together; see `Outbox.post` for the fields."""

    words: Words
    workspace_id: str
    key: str
    target: str
    not_after: datetime | None = None


class Outbox:
    """Everything the bot says goes through here, in the transaction that decides to say it."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def post(
        self,
        session: Session,
        words: Words,
        *,
        workspace_id: str,
        key: str,
        target: str,
        thread_ts: str | None = None,
        thread_of: str | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> bool:
        """Means to post a message, once per `key`.

        Args:
            session: the transaction in which it was decided.
            words: what to say.
            workspace_id: Slack's team id.
            key: what is said, to whom, on which occasion.
            target: a channel id, or a person's id for a direct message.
            thread_ts: the thread to answer in.
            thread_of: the key of the message whose thread to answer in, if its time stamp is not known yet.
            not_before: when it may be said at the earliest; at once if not given.
            not_after: when it is too late to say it; then it fails with `too_late`.

        Returns:
            Whether this is new: False when the same key was meant to be said before.
        """
        return self._mean(
            session,
            words,
            workspace_id=workspace_id,
            key=key,
            action=Action.POST,
            target=target,
            thread_ts=thread_ts,
            thread_of=thread_of,
            not_before=not_before or self._clock(),
            not_after=not_after,
        )

    def post_all(self, session: Session, posts: Sequence[Post]) -> None:
        """Means to post many messages, each once per key, in one go."""
        now = self._clock()
        rows = [
            self._row(
                post.words,
                workspace_id=post.workspace_id,
                key=post.key,
                action=Action.POST,
                target=post.target,
                not_before=now,
                not_after=post.not_after,
            )
            for post in posts
        ]
        insert_all_new(session, Outgoing, rows)

    def upload(
        self,
        session: Session,
        file: Attachment,
        *,
        workspace_id: str,
        key: str,
        target: str,
        thread_ts: str | None = None,
        thread_of: str | None = None,
    ) -> bool:
        """Means to share a file, in a thread if `thread_ts` or the key `thread_of` names one, once per `key`."""
        return self._mean(
            session,
            Words(file.description),
            workspace_id=workspace_id,
            key=key,
            action=Action.UPLOAD,
            target=target,
            thread_ts=thread_ts,
            thread_of=thread_of,
            filename=file.filename,
            content=file.content,
            not_before=self._clock(),
        )

    def withdraw(self, session: Session, workspace_id: str, key: str) -> bool:
        """Takes back what is not said yet; says whether it could."""
        return store.withdraw(session, workspace_id, key)

    def update(
        self,
        session: Session,
        words: Words,
        *,
        workspace_id: str,
        key: str,
        of_key: str,
        response_url: str | None = None,
    ) -> bool:
        """Means to replace the message that was posted under `of_key`; an update of it still unsaid is dropped.

        An answer to a command can only be replaced through a click's `response_url`; other messages need none.
        """
        original = store.outgoing(session, workspace_id, of_key)
        if original is None:
            return False
        store.supersede_updates(session, workspace_id, of_key)
        return self._mean(
            session,
            words,
            workspace_id=workspace_id,
            key=key,
            action=Action.UPDATE,
            target=original.target,
            of_key=of_key,
            not_before=self._clock(),
            response_url=response_url if original.action == Action.RESPOND else None,
        )

    def whisper(
        self,
        session: Session,
        words: Words,
        *,
        workspace_id: str,
        key: str,
        channel: str,
        person: str,
        thread_ts: str | None = None,
    ) -> bool:
        """Means to say something that only `person` sees, in a channel."""
        return self._mean(
            session,
            words,
            workspace_id=workspace_id,
            key=key,
            action=Action.EPHEMERAL,
            target=channel,
            person=person,
            thread_ts=thread_ts,
            not_before=self._clock(),
        )

    def respond(
        self, session: Session, words: Words, *, workspace_id: str, key: str, person: str, response_url: str
    ) -> bool:
        """Means to answer a command or click, seen only by `person`; Slack takes it for 30 minutes."""
        return self._mean(
            session,
            words,
            workspace_id=workspace_id,
            key=key,
            action=Action.RESPOND,
            target=f"to:{person}",
            person=person,
            response_url=response_url,
            not_before=self._clock(),
        )

    def where(self, session: Session, workspace_id: str, key: str) -> Landed | None:
        """Where the message said under `key` is, or None if it has not arrived (yet)."""
        row = store.outgoing(session, workspace_id, key)
        return Landed(row.channel, row.ts) if row and row.channel and row.ts else None

    def fate(self, session: Session, workspace_id: str, key: str) -> tuple[State, str | None] | None:
        """What became of the message under `key`: its state and Slack's error; None if nobody meant to say it."""
        row = store.outgoing(session, workspace_id, key)
        return (row.state, row.error) if row else None

    def claim(self, limit: int, target: str | None = None) -> Sequence[Outgoing]:
        """Takes what may be said now; the rows are detached and belong to the caller until its claim runs out."""
        now = self._clock()
        with self._sessions.begin() as session:
            store.give_up_claims(session, now)
            rows = store.speakable(session, now, limit, target)
            for row in rows:
                row.state, row.claimed_until, row.attempts = State.SENDING, now + CLAIM, row.attempts + 1
            return rows

    def sent(self, row: Outgoing, landed: Landed | None) -> None:
        self._record(
            row,
            state=State.SENT,
            sent_at=self._clock(),
            error=None,
            text=None,
            blocks=None,
            content=None,
            uncertain=False,
            channel=landed.channel if landed else None,
            ts=landed.ts if landed else None,
            response_url=None,
        )

    def failed(self, row: Outgoing, error: str) -> None:
        self._record(row, state=State.FAILED, error=error[:255], text=None, blocks=None, content=None)

    def is_too_late(self, row: Outgoing) -> bool:
        return row.not_after is not None and self._clock() > row.not_after

    def postponed(self, row: Outgoing, delay: timedelta, error: str, *, uncertain: bool) -> None:
        """Lets it wait, unless it has waited for a day already."""
        now = self._clock()
        if now - row.created_at > GIVE_UP_AFTER:
            self.failed(row, error)
            return
        self._record(
            row, state=State.WAITING, not_before=now + delay, error=error[:255], uncertain=row.uncertain or uncertain
        )

    def lookup(self, workspace_id: str, key: str) -> Landed | None:
        with self._sessions.begin() as session:
            return self.where(session, workspace_id, key)

    def target_of(self, workspace_id: str, key: str) -> str | None:
        with self._sessions.begin() as session:
            row = store.outgoing(session, workspace_id, key)
            return row.target if row else None

    def refusal(self, workspace_id: str, key: str) -> str | None:
        with self._sessions.begin() as session:
            fate = self.fate(session, workspace_id, key)
        return (fate[1] or "refused") if fate and fate[0] == State.FAILED else None

    def _record(self, row: Outgoing, **values: Any) -> None:
        with self._sessions.begin() as session:
            fresh = session.get_one(Outgoing, row.id, with_for_update=True)
            for name, value in values.items():
                setattr(fresh, name, value)

    def _mean(self, session: Session, words: Words, **values: Any) -> bool:
        return insert_new(session, Outgoing, self._row(words, **values))

    def _row(self, words: Words, **values: Any) -> dict[str, Any]:
        return {
            "text": words.text,
            "blocks": list(words.blocks),
            "created_at": self._clock(),
            "state": State.WAITING,
            "attempts": 0,
            "uncertain": False,
            **values,
        }


class Inbox:
    """Every event, click and submit is worked once, however often Slack delivers it."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def take_in(self, workspace_id: str, key: str, body: dict[str, Any] | None = None) -> int:
        """Claims an event.

        Args:
            workspace_id: Slack's team id.
            key: Slack's id of the event, click or submit.
            body: the event itself, kept until it is done so that it can be worked again after a crash.

        Returns:
            Which attempt at it this is, from 1; 0 when it was worked before, or is being worked.
        """
        now = self._clock()
        row = {
            "workspace_id": workspace_id,
            "key": key,
            "at": now,
            "done": False,
            "claimed_until": now + CLAIM,
            "attempts": 1,
            "body": body,
        }
        with self._sessions.begin() as session:
            if insert_new(session, TakenIn, row):
                return 1
            known = store.taken_in(session, workspace_id, key)
            if known is None or known.done or known.claimed_until > now:
                return 0
            known.claimed_until, known.attempts = now + CLAIM, known.attempts + 1
            return known.attempts

    def finish(self, workspace_id: str, key: str) -> None:
        with self._sessions.begin() as session:
            if row := store.taken_in(session, workspace_id, key):
                row.done, row.body = True, None

    def release(self, workspace_id: str, key: str) -> None:
        """Gives an unfinished one back: the next delivery of it is worked again."""
        with self._sessions.begin() as session:
            if row := store.taken_in(session, workspace_id, key):
                row.claimed_until = self._clock()

    def abandoned(self, limit: int = 50) -> list[dict[str, Any]]:
        """Events whose worker died: their bodies, free to be taken in again. After three tries one is given up."""
        with self._sessions.begin() as session:
            rows = store.abandoned(session, self._clock(), limit)
            for row in rows:
                if row.attempts >= TRIES_OF_AN_EVENT or row.body is None:
                    row.done, row.body = True, None
            return [row.body for row in rows if row.body is not None]

    def forget(self, older_than: timedelta = timedelta(days=7)) -> None:
        with self._sessions.begin() as session:
            store.forget_before(session, self._clock() - older_than)


def insert_new(
    session: Session, table: type[Any], row: dict[str, Any], unique: Iterable[str] = ("workspace_id", "key")
) -> bool:
    """Inserts a row unless one with the same unique columns is there; says whether it did."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(row).on_conflict_do_nothing(index_elements=list(unique))
    return session.scalar(statement.returning(table.id)) is not None


def insert_all_new(
    session: Session,
    table: type[Any],
    rows: Sequence[dict[str, Any]],
    unique: Iterable[str] = ("workspace_id", "key"),
) -> None:
    """Inserts the rows, all with the same columns, save those whose unique columns are there already."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    if rows:
        session.execute(dialect.insert(table).on_conflict_do_nothing(index_elements=list(unique)), rows)
