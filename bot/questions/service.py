"""Use cases: ask, follow up, edit, rate; each opens its own transactions, and none of them spans the network."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import NotFound, TooMany
from bot.questions import store
from bot.questions.model import Question, Thread, Via, Vote
from knowledge.base import Answers, KnowledgeBase
from knowledge.model import Phase

EDITABLE_FOR = timedelta(minutes=10)
STOP_WORDS = frozenset({"stop", "stop it", "be quiet", "quiet", "thanks stop", "stop following", "leave it"})


@dataclass(frozen=True)
class Asked:
    """A question as it arrived: what, by whom, where."""

    workspace_id: str
    channel: str
    ts: str
    thread_ts: str
    person: str
    text: str
    via: Via
    response_url: str | None = None


@dataclass(frozen=True)
class Limits:
    """How many questions may be asked in an hour."""

    per_person: int = 60
    per_workspace: int = 600


class Announcer(Protocol):
    """Says in Slack what was decided; every call only writes down what is to be said."""

    def answer(self, session: Session, question: Question, answers: Answers, response_url: str | None) -> None: ...

    def revise(
        self, session: Session, question: Question, answers: Answers, *, whole: bool, response_url: str | None
    ) -> None: ...

    def usage(self, session: Session, asked: Asked) -> None: ...

    def unreachable(self, session: Session, question: Question, answers: Answers, why: str) -> None: ...


class Questions:
    """Answers questions and remembers them.

    Args:
        knowledge: where answers come from.
        sessions: opens transactions.
        announcer: says it in Slack.
        deliver: brings what was said under a key to Slack now; returns Slack's refusal, if it refused.
        clock: tells the time.
        limits: how much may be asked.
    """

    def __init__(
        self,
        knowledge: KnowledgeBase,
        sessions: Sessions,
        announcer: Announcer,
        deliver: Callable[[str, str], str | None],
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._knowledge = knowledge
        self._sessions = sessions
        self._announcer = announcer
        self._deliver = deliver
        self._clock = clock
        self._limits = limits

    def ask(self, asked: Asked) -> None:
        """Answers in the question's thread, once, whatever happens in between.

        Raises:
            TooMany: the person or the workspace asked too much in the last hour.
        """
        if not asked.text.strip():
            self._tell_usage(asked)
            return
        question = self._open(asked)
        if question is None or question.answered_at:
            return
        answers = self._find(question)
        with self._sessions.begin() as session:
            question = self._recorded(session, question, answers)
            self._announcer.answer(session, question, answers, asked.response_url)
        refusal = self._deliver(asked.workspace_id, question.key)
        if refusal is not None:
            self._reach_otherwise(question, answers, refusal)

    def follow_up(self, asked: Asked, *, to_somebody_else: bool) -> None:
        """Takes a further message of a thread as a question, if the thread is followed; "stop" ends that."""
        with self._sessions.begin() as session:
            thread = store.thread(session, asked.workspace_id, asked.channel, asked.thread_ts)
            if thread is None or not thread.following:
                return
            if to_somebody_else or asked.text.strip().strip(".!").lower() in STOP_WORDS:
                thread.following = False
                return
        if asked.text.strip():
            self.ask(replace(asked, via=Via.THREAD))

    def edit(self, workspace_id: str, channel: str, ts: str, text: str) -> None:
        """Answers a question again in place when its author changed it within ten minutes; once."""
        with self._sessions.begin() as session:
            question = store.question_at(session, workspace_id, channel, ts)
            if question is None or question.edited or not question.answered_at or question.text == text:
                return
            if not text.strip() or self._clock() - question.asked_at > EDITABLE_FOR:
                return
            question.text, question.edited = text, True
        self._answer_again(question, phase=None, whole=False, response_url=None)

    def show(
        self, workspace_id: str, question_id: int, *, phase: str | None, whole: bool, response_url: str | None
    ) -> None:
        """Shows an answer again in place: whole or short, or as it is for another phase."""
        question = self._known(workspace_id, question_id)
        self._answer_again(question, phase=phase or question.phase, whole=whole, response_url=response_url)

    def rate(self, workspace_id: str, question_id: int, person: str, *, helpful: bool) -> None:
        with self._sessions.begin() as session:
            self._require(session, workspace_id, question_id)
            row = {
                "workspace_id": workspace_id,
                "question_id": question_id,
                "person": person,
                "helpful": helpful,
                "reason": None,
                "at": self._clock(),
            }
            if insert_new(session, Vote, row, unique=("question_id", "person")):
                return
            vote = store.vote(session, workspace_id, question_id, person)
            if vote is not None and vote.helpful != helpful:
                vote.helpful, vote.at, vote.reason = helpful, self._clock(), None

    def explain_vote(self, workspace_id: str, question_id: int, person: str, reason: str | None) -> None:
        with self._sessions.begin() as session:
            vote = store.vote(session, workspace_id, question_id, person)
            if vote is None:
                raise NotFound
            vote.reason = reason

    def is_followed(self, workspace_id: str, channel: str, thread_ts: str) -> bool:
        with self._sessions.begin() as session:
            thread = store.thread(session, workspace_id, channel, thread_ts)
            return thread is not None and thread.following

    def _open(self, asked: Asked) -> Question | None:
        """The question's row, new or left half-way by a crash; None if somebody else is at it or has answered."""
        now = self._clock()
        with self._sessions.begin() as session:
            known = store.question_at(session, asked.workspace_id, asked.channel, asked.ts)
            if known is not None:
                return known
            self._check_limits(session, asked, now)
            row = {
                "workspace_id": asked.workspace_id,
                "channel": asked.channel,
                "ts": asked.ts,
                "thread_ts": asked.thread_ts,
                "asked_by": asked.person,
                "asked_at": now,
                "via": asked.via,
                "text": asked.text,
                "edited": False,
                "entries": [],
                "thread": [],
                "stacks": [],
                "version": 0,
            }
            insert_new(session, Question, row, unique=("workspace_id", "channel", "ts"))
            return store.question_at(session, asked.workspace_id, asked.channel, asked.ts)

    def _check_limits(self, session: Session, asked: Asked, now: datetime) -> None:
        since = now - timedelta(hours=1)
        if store.asked_since(session, asked.workspace_id, since, asked.person) >= self._limits.per_person:
            raise TooMany(
                f"You have asked {self._limits.per_person} questions within an hour, which is as many as I take. "
                "Please try again in a while."
            )
        if store.asked_since(session, asked.workspace_id, since) >= self._limits.per_workspace:
            raise TooMany("This workspace has asked more questions within an hour than I take. Please try again later.")

    def _find(self, question: Question, phase: str | None = None) -> Answers:
        with self._sessions.begin() as session:
            thread = store.earlier_in_thread(session, question)
        return self._knowledge.ask(question.text, phase=Phase(phase) if phase else None, thread=thread)

    def _recorded(self, session: Session, question: Question, answers: Answers) -> Question:
        fresh = session.get_one(Question, question.id, with_for_update=True)
        fresh.answered_at = self._clock()
        fresh.phase = answers.phase
        fresh.entries = [{"entry": answer.entry.id, "score": answer.score} for answer in answers.answers]
        fresh.thread = store.earlier_in_thread(session, fresh)
        fresh.fingerprint = self._knowledge.fingerprint
        if fresh.via != Via.COMMAND:
            self._follow(session, fresh)
        return fresh

    def _follow(self, session: Session, question: Question) -> None:
        row = {
            "workspace_id": question.workspace_id,
            "channel": question.channel,
            "thread_ts": question.thread_ts,
            "following": True,
            "since": self._clock(),
        }
        insert_new(session, Thread, row, unique=("workspace_id", "channel", "thread_ts"))
        if question.via in (Via.MENTION, Via.DIRECT):
            thread = store.thread(session, question.workspace_id, question.channel, question.thread_ts)
            if thread is not None:
                thread.following = True

    def _answer_again(self, question: Question, *, phase: str | None, whole: bool, response_url: str | None) -> None:
        answers = self._find(question, phase)
        with self._sessions.begin() as session:
            fresh = self._recorded(session, question, answers)
            fresh.version += 1
            self._announcer.revise(session, fresh, answers, whole=whole, response_url=response_url)
        self._deliver(question.workspace_id, f"{question.key}:{fresh.version}")

    def _reach_otherwise(self, question: Question, answers: Answers, refusal: str) -> None:
        with self._sessions.begin() as session:
            self._announcer.unreachable(session, question, answers, refusal)
        self._deliver(question.workspace_id, f"{question.key}:direct")

    def _tell_usage(self, asked: Asked) -> None:
        with self._sessions.begin() as session:
            self._announcer.usage(session, asked)
        self._deliver(asked.workspace_id, f"usage:{asked.channel}:{asked.ts}")

    def _known(self, workspace_id: str, question_id: int) -> Question:
        with self._sessions.begin() as session:
            return self._require(session, workspace_id, question_id)

    def _require(self, session: Session, workspace_id: str, question_id: int) -> Question:
        question = store.question(session, workspace_id, question_id)
        if question is None:
            raise NotFound
        return question
