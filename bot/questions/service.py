"""Use cases: ask, follow up, edit, rate; each opens its own transactions, and none of them spans the network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import NotFound, StillLoading, TooMany
from bot.questions import store
from bot.questions.model import Question, Thread, Via, Vote
from bot.teams.model import Origin, Role
from bot.teams.profile import FactName, Seen, TeamProfile
from bot.teams.service import Teams
from bot.teams.setup import TeamSetup
from knowledge.base import Answers, KnowledgeBase, NotLoaded
from knowledge.model import Entry, Kind, Phase
from knowledge.users import users_stated

EDITABLE_FOR = timedelta(minutes=10)
COUNTING_NOISE = 0.05
MOST_SYMPTOMS = 10  # as many as Slack takes in radio buttons
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


@dataclass(frozen=True)
class Asker:
    """For whom a question is answered.

    Args:
        team: whose phase and stack count; None where that is not known.
        several: the teams of somebody who did not say for which they ask.
        users: a number of users told in passing that the team's profile does not have.
    """

    team: TeamProfile | None = None
    several: tuple[TeamProfile, ...] = ()
    users: int | None = None


@dataclass(frozen=True)
class Problem:
    """What a team says it has; a symptom or severity not told is the likeliest."""

    symptom: str | None
    severity: int | None
    note: str | None


class Announcer(Protocol):
    """Says in Slack what was decided; every call only writes down what is to be said."""

    def answer(
        self, session: Session, question: Question, answers: Answers, asker: Asker, response_url: str | None
    ) -> None: ...

    def revise(
        self,
        session: Session,
        question: Question,
        answers: Answers,
        asker: Asker,
        *,
        whole: bool,
        response_url: str | None,
    ) -> None: ...

    def offer_setup(self, session: Session, question: Question) -> None: ...

    def which_team(self, session: Session, question: Question, teams: Sequence[TeamProfile]) -> None: ...

    def noted(self, session: Session, question: Question, team: TeamProfile, seen: Seen) -> None: ...

    def usage(self, session: Session, asked: Asked) -> None: ...

    def unreachable(self, session: Session, question: Question, answers: Answers, asker: Asker, why: str) -> None: ...


class Questions:
    """Answers questions and remembers them.

    Args:
        knowledge: where answers come from.
        teams: who is asking.
        setup: changes a team's numbers.
        sessions: opens transactions.
        announcer: says it in Slack.
        deliver: brings what was said under a key to Slack now; returns Slack's refusal, if it refused.
        clock: tells the time.
        limits: how much may be asked.
    """

    def __init__(
        self,
        knowledge: KnowledgeBase,
        teams: Teams,
        setup: TeamSetup,
        sessions: Sessions,
        announcer: Announcer,
        deliver: Callable[[str, str], str | None],
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._knowledge = knowledge
        self._teams = teams
        self._setup = setup
        self._sessions = sessions
        self._announcer = announcer
        self._deliver = deliver
        self._clock = clock
        self._limits = limits

    def ask(self, asked: Asked) -> None:
        """Answers in the question's thread, once, whatever happens in between.

        Raises:
            NotAllowed: guests and people of other companies, as long as nobody lets them in.
            TooMany: the person or the workspace asked too much in the last hour.
        """
        self._teams.welcome(asked.workspace_id, asked.person)
        if not asked.text.strip():
            self._tell_usage(asked)
            return
        question = self._open(asked)
        if question is None or question.answered_at:
            return
        asker = self._asker(question)
        answers = self._find(question, asker.team)
        with self._sessions.begin() as session:
            question = self._recorded(session, question, answers, asker)
            self._announcer.answer(session, question, answers, asker, asked.response_url)
            if answers.answered:
                self._get_to_know(session, question, asker)
        refusal = self._deliver(asked.workspace_id, question.key)
        if refusal is not None:
            self._reach_otherwise(question, answers, asker, refusal)

    def follow_up(self, asked: Asked, *, to_somebody_else: bool) -> None:
        """Takes a further message of a thread as a question, if the thread is followed; "stop" ends that."""
        with self._sessions.begin() as session:
            thread = store.thread(session, asked.workspace_id, asked.channel, asked.thread_ts)
            if thread is None or not thread.following:
                return
            if to_somebody_else or asked.text.strip().strip(".!").lower() in STOP_WORDS:
                thread.following = False
                return
        if not self._teams.is_welcome(asked.workspace_id, asked.person):
            return  # nobody asked for a lecture on guests in the middle of a conversation
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
        self,
        workspace_id: str,
        question_id: int,
        person: str,
        *,
        phase: str | None,
        whole: bool,
        response_url: str | None,
    ) -> None:
        """Shows an answer again in place: whole or short, or as it is for another phase."""
        self._teams.welcome(workspace_id, person)
        question = self._known(workspace_id, question_id)
        self._answer_again(question, phase=phase or question.phase, whole=whole, response_url=response_url)

    def rate(self, workspace_id: str, question_id: int, person: str, *, helpful: bool) -> None:
        self._teams.welcome(workspace_id, person)
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
        self._teams.welcome(workspace_id, person)
        with self._sessions.begin() as session:
            vote = store.vote(session, workspace_id, question_id, person)
            if vote is None:
                raise NotFound
            vote.reason = reason

    def take_number(self, workspace_id: str, question_id: int, person: str, response_url: str | None) -> None:
        """Takes the number of users that a question told into the team's profile, and answers with it."""
        question = self._known(workspace_id, question_id)
        asker = self._asker(question)
        if asker.team is None or asker.users is None:
            return
        wish = {FactName.USERS.value: str(asker.users)}
        self._setup.edit(workspace_id, person, asker.team.id, asker.team.version, wish)
        self._answer_again(question, phase=None, whole=False, response_url=response_url)

    def symptoms(self, workspace_id: str, question_id: int, person: str) -> list[str]:
        """What a team may mean by "we have this problem", the likeliest first.

        Raises:
            NotAllowed: the person does not belong to the question's team.
        """
        question = self._known(workspace_id, question_id)
        self._teams.require(workspace_id, person, self._team_of(question).id, Role.MEMBER)
        return symptoms_of([entry for found in question.entries if (entry := self._knowledge.entry(found["entry"]))])

    def report(self, workspace_id: str, question_id: int, person: str, problem: Problem) -> None:
        """Records that the question's team has a problem its answer is about; once per person and symptom."""
        likely = self.symptoms(workspace_id, question_id, person)
        symptom = problem.symptom or likely[0]
        if symptom not in likely:
            raise NotFound
        question = self._known(workspace_id, question_id)
        team, severity = self._team_of(question), problem.severity or self._usual_severity(symptom)
        key = f"question:{question_id}:{symptom}:{person}"
        seen = Seen(key, symptom, self._clock(), severity, Origin.QUESTION, person, problem.note)
        with self._sessions.begin() as session:
            if self._teams.observe(session, workspace_id, team.id, seen):
                self._announcer.noted(session, question, team, seen)

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

    def _find(self, question: Question, team: TeamProfile | None, phase: str | None = None) -> Answers:
        with self._sessions.begin() as session:
            thread = store.earlier_in_thread(session, question)
        given = Phase(phase) if phase else team.phase if team else None
        stacks = team.stacks if team else ()
        try:
            return self._knowledge.ask(question.text, phase=given, stacks=stacks, thread=thread)
        except NotLoaded as error:
            raise StillLoading from error

    def _asker(self, question: Question) -> Asker:
        """In a team's channel that team; in direct messages and commands the person's, where it is clear which."""
        if question.via in (Via.DIRECT, Via.COMMAND) or question.channel.startswith("D"):
            teams = self._teams.asked_for(question.workspace_id, question.channel, question.asked_by)
        else:
            of_channel = self._teams.of_channel(question.workspace_id, question.channel)
            teams = [of_channel] if of_channel else []
        if len(teams) != 1:
            return Asker(several=tuple(teams))
        return Asker(teams[0], users=_news(teams[0], users_stated(question.text)))

    def _team_of(self, question: Question) -> TeamProfile:
        team = self._asker(question).team
        if team is None:
            raise NotFound("I do not know which team this is about. Set it up with `/advisor setup`.")
        return team

    def _get_to_know(self, session: Session, question: Question, asker: Asker) -> None:
        """Offers to remember the team; once in a channel, and once to a person of several teams."""
        if asker.several:
            self._announcer.which_team(session, question, asker.several)
        elif asker.team is None and question.channel.startswith(("C", "G")) and question.via != Via.COMMAND:
            self._announcer.offer_setup(session, question)

    def _usual_severity(self, symptom: str) -> int:
        entry = self._knowledge.entry(symptom)
        return (entry.severity if entry else None) or 3

    def _recorded(self, session: Session, question: Question, answers: Answers, asker: Asker) -> Question:
        fresh = session.get_one(Question, question.id, with_for_update=True)
        fresh.answered_at = self._clock()
        fresh.phase = answers.phase
        fresh.stacks = list(asker.team.stacks) if asker.team else []
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
        asker = self._asker(question)
        answers = self._find(question, asker.team, phase)
        with self._sessions.begin() as session:
            fresh = self._recorded(session, question, answers, asker)
            fresh.version += 1
            self._announcer.revise(session, fresh, answers, asker, whole=whole, response_url=response_url)
        self._deliver(question.workspace_id, f"{question.key}:{fresh.version}")

    def _reach_otherwise(self, question: Question, answers: Answers, asker: Asker, refusal: str) -> None:
        with self._sessions.begin() as session:
            self._announcer.unreachable(session, question, answers, asker, refusal)
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


def symptoms_of(entries: Sequence[Entry]) -> list[str]:
    """The symptoms that entries are about, in their order."""
    found = [symptom for entry in entries for symptom in _symptoms(entry)]
    return list(dict.fromkeys(found))[:MOST_SYMPTOMS]


def _symptoms(entry: Entry) -> Sequence[str]:
    return (entry.id,) if entry.kind is Kind.SYMPTOM else entry.symptoms


def _news(team: TeamProfile, users: int | None) -> int | None:
    """The number that was told, if the profile's is another one by more than counting makes."""
    known = team.facts.get(FactName.USERS)
    if users is None or (known is not None and abs(users - known.value) <= COUNTING_NOISE * known.value):
        return None
    return users
