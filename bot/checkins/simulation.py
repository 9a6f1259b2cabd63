"""A made-up team's check-ins over some weeks on a fake clock: the real services, a real database, a recording Slack."""

import heapq
import itertools
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.checkins import store
from bot.checkins.answering import Details
from bot.checkins.answers import Answer, Choice, Given
from bot.checkins.ledger import Outcome
from bot.checkins.manage import Settings
from bot.checkins.model import CheckIn, Invitation, Reminder, ReminderState, Round
from bot.checkins.opening import Guidance
from bot.checkins.parts import Parts, build_parts
from bot.checkins.questionnaire import Questionnaire
from bot.database import Sessions, migrate, open_engine, open_sessions
from bot.delivery.model import Outgoing
from bot.delivery.model import State as Delivery
from bot.delivery.postman import Postman
from bot.delivery.service import Outbox
from bot.slack.words import Account, Attachment, Landed
from bot.teams.model import MemberKind, Team, TeamMember, TeamOwner
from bot.teams.people import People
from bot.teams.service import Teams
from knowledge.base import GUIDANCE
from knowledge.clauses import clauses_of
from knowledge.index import Words
from knowledge.library import load_library
from knowledge.model import Library
from knowledge.symptoms import SymptomReader, SymptomReading

WORKSPACE, CHANNEL, TEAM_ZONE = "T0SIMULATED", "C0ENGINEERING", "Europe/Berlin"
FIRST_MONDAY = date(2026, 9, 21)  # twelve weeks from here cross the end of summer time in Europe and in America
PEOPLE: tuple[tuple[str, str, str], ...] = (
    ("U0ANA", "Ana", "Europe/Berlin"),
    ("U0BEN", "Ben", "Europe/London"),
    ("U0CHI", "Chi", "Asia/Singapore"),
    ("U0DEV", "Dev", "Asia/Kolkata"),
    ("U0EVE", "Eve", "America/New_York"),
    ("U0FAY", "Fay", "America/Los_Angeles"),
    ("U0GUS", "Gus", "America/Sao_Paulo"),
    ("U0HAL", "Hal", "Australia/Sydney"),
    ("U0IDA", "Ida", "Europe/Berlin"),
)
#: What hurts the made-up team in which weeks.
TROUBLES: dict[str, range] = {
    "slow-queries": range(1, 6),
    "failed-deploy": range(3, 5),
    "queue-backlog": range(5, 10),
    "support-overload": range(8, 12),
}
REMARKS = (
    "Nothing to report, quiet week.",
    "The nightly export has been timing out since Tuesday.",
    "We rolled back twice, the deploy on Friday broke checkout.",
    "Support asks me about the same three bugs every day.",
)
ODDS = (
    ("soon", 42),
    ("later", 18),
    ("skip", 7),
    ("snooze", 9),
    ("out", 4),
    ("forget", 6),
    ("late", 6),
    ("edit", 8),
)


@dataclass(frozen=True)
class Event:
    """Something that happened to somebody."""

    at: datetime
    event: str
    round: str
    user: str | None = None
    timezone: str | None = None
    detail: str | None = None

    def as_json(self) -> dict[str, str]:
        zone = ZoneInfo(self.timezone or TEAM_ZONE)
        told = {"at": self.at.astimezone(zone).isoformat(timespec="seconds"), "event": self.event, "user": self.user}
        told |= {"timezone": self.timezone, "round": self.round, "detail": self.detail}
        return {name: value for name, value in told.items() if value is not None}


class SimulatedClock:
    """Time as the simulation says it is."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class WithoutModel:
    """The guidance, which reads notes by signs and error texts alone: with no model to load, it begins at once."""

    def __init__(self, folders: Sequence[Path] = (GUIDANCE,)) -> None:
        self.library: Library = load_library(*folders)
        self._reader = SymptomReader(self.library, Words())

    def read(self, text: str) -> SymptomReading:
        clauses = clauses_of(text)
        return self._reader.read(text, clauses, [None] * len(clauses))


class RecordingSlack:
    """Hears everything the bot says; also tells who is who."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []
        self._numbers = itertools.count(1)

    def post(self, channel: str, text: str, blocks: list[dict[str, Any]], thread_ts: str | None, mark: str) -> Landed:
        self.heard.append((channel, mark, text))
        return Landed(channel, f"1800000000.{next(self._numbers):06}")

    def update(self, channel: str, ts: str, text: str, blocks: list[dict[str, Any]]) -> Landed:
        return Landed(channel, ts)

    def whisper(
        self, channel: str, person: str, text: str, blocks: list[dict[str, Any]], thread_ts: str | None
    ) -> None:
        self.heard.append((person, "", text))

    def respond(self, response_url: str, text: str, blocks: list[dict[str, Any]], *, replace: bool) -> None:
        self.heard.append(("", "", text))

    def find(self, channel: str, thread_ts: str | None, mark: str) -> Landed | None:
        return None

    def upload(self, channel: str, thread_ts: str | None, file: Attachment) -> None:
        self.heard.append((channel, "", file.description))

    def has_file(self, channel: str, thread_ts: str | None, filename: str) -> bool:
        return False

    def person(self, workspace_id: str, person: str) -> Account:
        name, zone = next((name, zone) for id_, name, zone in PEOPLE if id_ == person)
        return Account(person, name, zone)

    def channel_members(self, workspace_id: str, channel: str) -> list[str]:
        return [person for person, _, _ in PEOPLE]

    def group_members(self, workspace_id: str, group: str) -> list[str]:
        return []

    def groups(self, workspace_id: str) -> list[tuple[str, str]]:
        return []


class Simulation:
    """Runs the weeks.

    Args:
        guidance: where questions and advice come from.
        folder: where the database of the run is kept.
        seed: what people do depends on it and on nothing else.
        weeks: for how long.
    """

    def __init__(self, guidance: Guidance, folder: Path, seed: int, weeks: int) -> None:
        self._weeks = weeks
        self._seed = seed
        self._clock = SimulatedClock(datetime.combine(FIRST_MONDAY, time(8), tzinfo=UTC))
        self._end = self._clock.now + timedelta(weeks=weeks)
        self.slack = RecordingSlack()
        self._engine = open_engine(f"sqlite:///{folder / 'simulation.db'}")
        migrate(self._engine)
        self.sessions: Sessions = open_sessions(self._engine)
        self._outbox = Outbox(self.sessions, self._clock)
        self._postman = Postman(self._outbox, lambda workspace_id: self.slack)
        people = People(self.sessions, self.slack, self._clock)
        self._teams = Teams(self.sessions, people, self._clock)
        self.parts: Parts = build_parts(
            self.sessions, self._teams, people, guidance, [], self._outbox, self._postman.bring, self._clock
        )
        self._plans: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._zones = {person: zone for person, _, zone in PEOPLE}
        self.names = {person: name for person, name, _ in PEOPLE}
        self._listened = 0
        self._told: set[int] = set()
        self._closed: set[int] = set()
        self.events: list[Event] = []

    def close(self) -> None:
        self._engine.dispose()

    def run(self) -> Iterator[Event]:
        """What happens, in order."""
        self._set_up()
        while self._clock.now < self._end:
            self._work()
            yield from self._fresh()
            following = self._next_instant()
            if following is None or following >= self._end:
                break
            self._clock.now = max(following, self._clock.now + timedelta(seconds=1))
            self._act()
        yield from self._fresh()

    def _fresh(self) -> list[Event]:
        fresh, self.events = self.events, []
        return fresh

    def _set_up(self) -> None:
        lead = PEOPLE[0][0]
        with self.sessions.begin() as session:
            team = Team(
                workspace_id=WORKSPACE,
                name="Engineering",
                home_channel=CHANNEL,
                timezone=TEAM_ZONE,
                stacks=["postgres", "rails", "sidekiq"],
                phase="1k-10k",
                phase_evidence=[],
                created_at=self._clock.now,
                created_by=lead,
            )
            session.add(team)
            session.flush()
            session.add(TeamOwner(workspace_id=WORKSPACE, team_id=team.id, person=lead))
            session.add(TeamMember(workspace_id=WORKSPACE, team_id=team.id, kind=MemberKind.CHANNEL, who=CHANNEL))
            team_id = team.id
        self._teams.members(WORKSPACE, team_id)
        self.parts.management.create(WORKSPACE, team_id, lead, Settings(country="DE"))

    def _work(self) -> None:
        """Everything that is due at this instant, until nothing is left to say; the proof comes a little later."""
        for _ in range(50):
            self.parts.rounds.beat()
            self._postman.deliver()
            self._listen()
            if not self._waiting():
                break
            self._clock.now += timedelta(seconds=1)
        self.parts.proof.settle()
        self.parts.proof.audit()
        self._watch()

    def _waiting(self) -> int:
        with self.sessions.begin() as session:
            return session.scalar(select(func.count(Outgoing.id)).where(Outgoing.state == Delivery.WAITING)) or 0

    def _listen(self) -> None:
        """What Slack heard since the last time."""
        for channel, mark, _ in self.slack.heard[self._listened :]:
            what, _, rest = mark.removeprefix("checkin:").partition(":")
            if what in ("invite", "remind"):
                self._on_asked(what, int(rest.split(":")[0]), channel)
            elif what == "summary" and channel == CHANNEL:
                self._on_summary(int(rest))
        self._listened = len(self.slack.heard)

    def _on_asked(self, what: str, round_id: int, person: str) -> None:
        if what == "remind":
            self._note("reminded", round_id, person)
            return
        self._note("invited", round_id, person)
        self._decide(round_id, person)

    def _on_summary(self, round_id: int) -> None:
        with self.sessions.begin() as session:
            answers = len(store.responses(session, WORKSPACE, round_id))
        self._note("summarised", round_id, None, f"{answers} answers in the summary")

    def _watch(self) -> None:
        """What people are not told: who was not asked and why, and who let the time pass."""
        with self.sessions.begin() as session:
            skipped = session.scalars(select(Invitation).where(Invitation.outcome == Outcome.SKIPPED)).all()
            closed = session.scalars(select(Round).where(Round.closed_at.is_not(None))).all()
        for row in skipped:
            if row.id not in self._told:
                self._told.add(row.id)
                self._note("skipped", row.round_id, row.person, row.reason)
        for round_ in closed:
            if round_.id not in self._closed:
                self._closed.add(round_.id)
                self._on_closed(round_)

    def _on_closed(self, round_: Round) -> None:
        if round_.left_out:
            self.events.append(Event(self._clock.now, "skipped", round_.period, None, TEAM_ZONE, round_.left_out))
        with self.sessions.begin() as session:
            answered = {row.person for row in store.responses(session, WORKSPACE, round_.id)}
            rows = store.invitations(session, WORKSPACE, round_.id)
        for row in rows:
            asked = row.outcome in (Outcome.ASKED, Outcome.SENT)
            if asked and row.declined_at is None and row.person not in answered:
                self._note("missed", round_.id, row.person)

    def _note(self, event: str, round_id: int, person: str | None, detail: str | None = None) -> None:
        with self.sessions.begin() as session:
            period = session.get_one(Round, round_id).period
        zone = self._zones[person] if person else TEAM_ZONE
        self.events.append(Event(self._clock.now, event, period, person, zone, detail))

    def _decide(self, round_id: int, person: str) -> None:
        """What the person will do about this ask, and when."""
        dice = random.Random(f"{self._seed}:{round_id}:{person}")
        choice = dice.choices([name for name, _ in ODDS], [weight for _, weight in ODDS])[0]
        minutes = dice.randint(2, 150)
        do = {
            "soon": lambda: self._in(minutes, lambda: self._answer(round_id, person)),
            "later": lambda: self._in(minutes + 300, lambda: self._answer(round_id, person)),
            "skip": lambda: self._in(minutes, lambda: self._skip(round_id, person)),
            "snooze": lambda: self._in(
                minutes // 8 + 1, lambda: self._snooze(round_id, person, dice.randint(130, 220))
            ),
            "out": lambda: self._in(minutes, lambda: self._go(round_id, person)),
            "forget": lambda: None,
            "late": lambda: self._in(4 * 24 * 60 + 8 * 60 + minutes, lambda: self._answer(round_id, person)),
            "edit": lambda: self._answer_and_edit(round_id, person, minutes, dice.randint(20, 3000)),
        }
        do[choice]()

    def _in(self, minutes: int, do: Callable[[], None]) -> None:
        heapq.heappush(self._plans, (self._clock.now + timedelta(minutes=minutes), next(self._order), do))

    def _act(self) -> None:
        while self._plans and self._plans[0][0] <= self._clock.now:
            heapq.heappop(self._plans)[2]()

    def _answer_and_edit(self, round_id: int, person: str, minutes: int, afterwards: int) -> None:
        self._in(minutes, lambda: self._answer(round_id, person))
        self._in(minutes + afterwards, lambda: self._answer(round_id, person, event="edited"))

    def _answer(self, round_id: int, person: str, event: str = "answered") -> None:
        asked = self.parts.questionnaires.of_round(WORKSPACE, round_id, person)
        given = self._given(asked, person, changed=event == "edited")
        asked = self.parts.answering.submit(WORKSPACE, round_id, person, given)
        if asked.proposed:
            self.parts.answering.add(WORKSPACE, round_id, person, Details(confirmed=asked.proposed))
        detail = "after the check-in had closed" if asked.is_closed else None
        self._note(event, round_id, person, detail)

    def _given(self, asked: Questionnaire, person: str, *, changed: bool) -> Given:
        week = max(0, (self._clock.now.date() - FIRST_MONDAY).days // 7)
        dice = random.Random(f"{self._seed}:{asked.period}:{person}:{changed}")
        answers = {question.id: Answer(self._choice(question.id, week, dice)) for question in asked.questions}
        text = dice.choice(REMARKS) if dice.random() < 0.2 else None
        return Given({name: answer for name, answer in answers.items() if answer.choice in _allowed(asked, name)}, text)

    def _choice(self, question: str, week: int, dice: random.Random) -> Choice:
        kind, _, about = question.partition(":")
        if kind == "practice":
            return dice.choice([Choice.YES, Choice.NO, Choice.UNKNOWN])
        if week in TROUBLES.get(about, ()):
            return dice.choice([Choice.SOMETIMES, Choice.OFTEN, Choice.OFTEN])
        return dice.choices([Choice.NO, Choice.UNKNOWN, Choice.SOMETIMES], [86, 12, 2])[0]

    def _skip(self, round_id: int, person: str) -> None:
        self.parts.invitations.skip(WORKSPACE, round_id, person)
        self._note("skipped", round_id, person, "pressed “Skip this week”")

    def _snooze(self, round_id: int, person: str, then: int) -> None:
        again = self.parts.invitations.snooze(WORKSPACE, round_id, person)
        local = again.astimezone(ZoneInfo(self._zones[person]))
        self._note("snoozed", round_id, person, f"until {local:%H:%M}")
        wait = int((again - self._clock.now).total_seconds() // 60)
        self._in(wait + then // 6, lambda: self._answer(round_id, person))

    def _go(self, round_id: int, person: str) -> None:
        until = self._clock.now.astimezone(ZoneInfo(self._zones[person])).date() + timedelta(days=9)
        self.parts.preferences.out(WORKSPACE, person, until)
        self._note("skipped", round_id, person, f"out until {until}")

    def _next_instant(self) -> datetime | None:
        """When something is due next, for the bot or for a person."""
        with self.sessions.begin() as session:
            instants = [moment for moment in due_instants(session) if moment is not None]
        if self._plans:
            instants.append(self._plans[0][0])
        return min(instants, default=None)


def _allowed(asked: Questionnaire, question: str) -> tuple[Choice, ...]:
    return next(one.choices for one in asked.questions if one.id == question)


def due_instants(session: Session) -> list[datetime | None]:
    """The next instants at which the beat has something to do."""
    return [
        session.scalar(select(func.min(CheckIn.next_due_at))),
        session.scalar(select(func.min(Invitation.due_at)).where(Invitation.outcome == Outcome.PENDING)),
        session.scalar(select(func.min(Reminder.due_at)).where(Reminder.state == ReminderState.PENDING)),
        session.scalar(select(func.min(Round.closes_at)).where(Round.closed_at.is_(None))),
        session.scalar(select(func.min(Round.audit_at)).where(Round.audited_at.is_(None))),
        session.scalar(select(func.min(Outgoing.not_before)).where(Outgoing.state == Delivery.WAITING)),
    ]


@contextmanager
def simulation(guidance: Guidance, seed: int, weeks: int) -> Iterator[Simulation]:
    """A simulation with a database of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="advisor-simulation-") as folder:
        run = Simulation(guidance, Path(folder), seed, weeks)
        try:
            yield run
        finally:
            run.close()


def proven(run: Simulation) -> dict[str, int]:
    """What the ledger says at the end: how many asks ended how."""
    with run.sessions.begin() as session:
        counts = session.execute(select(Invitation.outcome, func.count()).group_by(Invitation.outcome))
        return {str(outcome): number for outcome, number in counts}
