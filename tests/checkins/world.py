"""A team with its check-in around a real database, a clock that is moved by hand and a Slack that can fail."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Engine, select

from bot.checkins.answers import Answer, Choice, Given
from bot.checkins.manage import Settings
from bot.checkins.model import CheckIn, Invitation, Reminder, Response, Round
from bot.checkins.own import OwnQuestion
from bot.checkins.parts import Parts, build_parts
from bot.checkins.simulation import WithoutModel, due_instants
from bot.database import open_sessions
from bot.delivery.model import Outgoing
from bot.delivery.postman import Postman, Voice
from bot.delivery.service import Outbox
from bot.errors import SlackRefused, SlackTrouble
from bot.slack.words import Account, Attachment, Landed
from bot.teams.model import AuditEntry, MemberKind, Observation, Team, TeamMember, TeamOwner
from bot.teams.people import People
from bot.teams.service import Teams
from tests.clocks import FixedClock
from tests.slack_server import WORKSPACE

HOME = "C0ENG"
THURSDAY = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)  # 10:00 in Berlin


@cache
def guidance() -> WithoutModel:
    return WithoutModel()


@dataclass(frozen=True)
class Said:
    """Something the bot said."""

    at: datetime
    target: str
    mark: str
    text: str
    blocks: Sequence[Mapping[str, Any]]


class FakeSlack:
    """Hears what is said; `trouble` may raise instead, before it hears or after."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.said: list[Said] = []
        self.updates: list[Said] = []
        self.files: list[tuple[str, Attachment]] = []
        self.zones: dict[str, str] = {}
        self.deleted: set[str] = set()
        self.members: dict[str, list[str]] = {}
        self.trouble: Callable[[str], None] = lambda target: None
        self.answer_lost: Callable[[str], None] = lambda target: None

    def post(self, channel: str, text: str, blocks: list[dict[str, Any]], thread_ts: str | None, mark: str) -> Landed:
        self.trouble(channel)
        self.said.append(Said(self.clock.now, channel, mark, text, blocks))
        self.answer_lost(channel)
        return Landed(channel, f"18.{len(self.said)}")

    def update(self, channel: str, ts: str, text: str, blocks: list[dict[str, Any]]) -> Landed:
        self.trouble(channel)
        self.updates.append(Said(self.clock.now, channel, ts, text, blocks))
        return Landed(channel, ts)

    def whisper(
        self, channel: str, person: str, text: str, blocks: list[dict[str, Any]], thread_ts: str | None
    ) -> None:
        self.said.append(Said(self.clock.now, person, "", text, blocks))

    def respond(self, response_url: str, text: str, blocks: list[dict[str, Any]], *, replace: bool) -> None:
        self.said.append(Said(self.clock.now, "", "", text, blocks))

    def find(self, channel: str, thread_ts: str | None, mark: str) -> Landed | None:
        self.trouble(channel)
        places = (n for n, said in enumerate(self.said, 1) if (said.target, said.mark) == (channel, mark))
        return next((Landed(channel, f"18.{n}") for n in places), None)

    def upload(self, channel: str, thread_ts: str | None, file: Attachment) -> None:
        self.trouble(channel)
        self.files.append((channel, file))

    def has_file(self, channel: str, thread_ts: str | None, filename: str) -> bool:
        return any(file.filename == filename for _, file in self.files)

    def person(self, workspace_id: str, person: str) -> Account:
        return Account(person, person.title(), self.zones.get(person), deleted=person in self.deleted)

    def channel_members(self, workspace_id: str, channel: str) -> list[str]:
        return self.members.get(channel, [])

    def group_members(self, workspace_id: str, group: str) -> list[str]:
        return self.members.get(group, [])

    def groups(self, workspace_id: str) -> list[tuple[str, str]]:
        return []


class World:
    """One process of the bot; several may share a database and a Slack.

    Args:
        engine: its database.
        clock: its time.
        slack: where it speaks.
        voice: how it speaks, if not straight to `slack`.
    """

    def __init__(
        self,
        engine: Engine,
        clock: FixedClock,
        slack: FakeSlack,
        voice: Voice | None = None,
        own: Sequence[OwnQuestion] = (),
    ) -> None:
        self.engine, self.clock, self.slack = engine, clock, slack
        self.sessions = open_sessions(engine)
        self.outbox = Outbox(self.sessions, clock)
        self.postman = Postman(self.outbox, lambda workspace_id: voice or slack)
        self.people = People(self.sessions, slack, clock)
        self.teams = Teams(self.sessions, self.people, clock)
        self.parts: Parts = build_parts(
            self.sessions, self.teams, self.people, guidance(), own, self.outbox, self.postman.bring, clock
        )
        self.questionnaires, self.answering = self.parts.questionnaires, self.parts.answering
        self.preferences, self.management = self.parts.preferences, self.parts.management
        self.rounds, self.proof = self.parts.rounds, self.parts.proof

    def team(self, zones: Mapping[str, str | None], *, zone: str = "Europe/Berlin", users: str = "1k-10k") -> int:
        """A team whose first person owns it; Slack names these zones."""
        self.slack.zones.update({person: zone for person, zone in zones.items() if zone})
        owner = next(iter(zones))
        with self.sessions.begin() as session:
            team = Team(
                workspace_id=WORKSPACE,
                name="Shop",
                home_channel=HOME,
                timezone=zone,
                stacks=["postgres", "rails"],
                phase=users,
                phase_evidence=[],
                created_at=self.clock.now,
                created_by=owner,
            )
            session.add(team)
            session.flush()
            session.add(TeamOwner(workspace_id=WORKSPACE, team_id=team.id, person=owner))
            session.add_all(
                TeamMember(workspace_id=WORKSPACE, team_id=team.id, kind=MemberKind.PERSON, who=person)
                for person in zones
            )
            team_id = team.id
        self.teams.members(WORKSPACE, team_id)
        for person in zones:
            self.people.person(WORKSPACE, person)
        return team_id

    def check_in(self, team_id: int, owner: str, **settings: Any) -> int:
        return self.management.create(WORKSPACE, team_id, owner, Settings(**settings))

    def beat(self, times: int = 1) -> None:
        """Every duty, and everything that can be said at this instant."""
        for _ in range(times):
            for duty in self.parts.duties():
                duty.do()
            self.postman.deliver()

    def until(self, moment: datetime, step: timedelta = timedelta(hours=2)) -> None:
        """Time passes from one due thing to the next, at most `step` at once, each with all that can be said then."""
        while self.clock.now < moment:
            with self.sessions.begin() as session:
                dues = [due for due in due_instants(session) if due is not None and due > self.clock.now]
            self.clock.set(min([moment, self.clock.now + step, *dues]))
            self.beat()
            for _ in range(20):
                if not self.postman.deliver():
                    break
            self.proof.settle()

    def answer(self, round_id: int, person: str, text: str | None = None, **symptoms: str) -> None:
        asked = self.questionnaires.of_round(WORKSPACE, round_id, person)
        said = {
            question.id: Answer(Choice(symptoms.get(question.about.replace("-", "_"), "no")))
            for question in asked.questions
            if Choice.NO in question.choices
        }
        self.answering.submit(WORKSPACE, round_id, person, Given(said, text))

    def all(self, table: type[Any]) -> list[Any]:
        with self.sessions.begin() as session:
            return list(session.scalars(select(table).order_by(table.id)))

    @property
    def invitations(self) -> list[Invitation]:
        return self.all(Invitation)

    @property
    def round(self) -> Round:
        rounds: list[Round] = [one for one in self.all(Round) if one.test_for is None]
        return rounds[-1]

    @property
    def audit(self) -> list[AuditEntry]:
        return self.all(AuditEntry)

    @property
    def observations(self) -> list[Observation]:
        return self.all(Observation)

    @property
    def reminders(self) -> list[Reminder]:
        return self.all(Reminder)

    @property
    def responses(self) -> list[Response]:
        return self.all(Response)

    @property
    def known(self) -> CheckIn:
        return self.all(CheckIn)[0]  # type: ignore[no-any-return]

    @property
    def outgoing(self) -> list[Outgoing]:
        return self.all(Outgoing)

    def outcomes(self) -> dict[str, tuple[str, str | None]]:
        """Person → how the last round's ask ended and why."""
        last = self.round.id
        return {row.person: (row.outcome, row.reason) for row in self.invitations if row.round_id == last}

    def marks(self, kind: str) -> list[str]:
        """What was said under keys of this kind, in order."""
        return [said.mark for said in self.slack.said if said.mark.startswith(f"checkin:{kind}:")]


def twice(marks: Sequence[str]) -> list[str]:
    return [mark for mark, times in Counter(marks).items() if times > 1]


def refuse(code: str, *targets: str) -> Callable[[str], None]:
    def trouble(target: str) -> None:
        if target in targets:
            raise SlackRefused(code)

    return trouble


def fail(error: SlackTrouble, *, when: Callable[[], bool] = lambda: True) -> Callable[[str], None]:
    def trouble(target: str) -> None:
        if when():
            raise error

    return trouble
