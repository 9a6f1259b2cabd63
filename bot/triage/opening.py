"""Begins an incident: from an alert or a sentence, or offered where somebody's words read like one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.teams.profile import Observed, TeamProfile
from bot.teams.service import Teams
from bot.triage import store
from bot.triage.board import Board, title_of
from bot.triage.diagnosis import candidates_of
from bot.triage.incidents import Click, Incidents
from bot.triage.model import Incident, Kind, State, Via
from bot.triage.reading import reads_like_incident
from knowledge.base import KnowledgeBase
from knowledge.model import Library
from knowledge.triage import Recognised

REMEMBERED_FOR = timedelta(days=21)
REMEMBERED_SEVERITY = 3
REMEMBERED_LINES = 3


@dataclass(frozen=True)
class Report:
    """What somebody says is broken: by whom, where, and from which message or form.

    Args:
        source_ts: the thread's root, a command's trigger or a form: the same one begins one incident.
        thread_ts: the thread to live in; None to begin one.
        message_ts: the message that was pasted or marked, whose edits are followed.
    """

    workspace_id: str
    channel: str
    source_ts: str
    person: str
    text: str
    via: Via
    thread_ts: str | None = None
    message_ts: str | None = None
    severity: int | None = None
    response_url: str | None = None


@dataclass(frozen=True)
class _Affected:
    """Whose incident it is, as far as that is known, and what they saw lately."""

    team: TeamProfile | None = None
    seen: Sequence[Observed] = ()


class Herald(Protocol):
    """Says in Slack that an incident begins, or may; every call only writes down what is to be said."""

    def begin(self, session: Session, board: Board) -> None: ...

    def offer(self, session: Session, incident: Incident, likely: str) -> None: ...

    def already(self, session: Session, incident: Incident, report: Report) -> None: ...

    def unreachable(self, session: Session, board: Board, report: Report, why: str) -> None: ...


class Opening:
    """Opens incidents, each source only once.

    Args:
        incidents: what all use cases share.
        knowledge: recognises symptoms.
        teams: who people are, what a team runs and saw.
        sessions: opens transactions.
        herald: says it in Slack.
        deliver: brings what was said under a key to Slack now; returns Slack's refusal, if it refused.
        clock: tells the time.
    """

    def __init__(
        self,
        incidents: Incidents,
        knowledge: KnowledgeBase,
        teams: Teams,
        sessions: Sessions,
        herald: Herald,
        deliver: Callable[[str, str], str | None],
        clock: Clock,
    ) -> None:
        self._incidents = incidents
        self._knowledge = knowledge
        self._teams = teams
        self._sessions = sessions
        self._herald = herald
        self._deliver = deliver
        self._clock = clock

    def start(self, report: Report) -> None:
        """Begins an incident's thread, once for each source; a second start shows the first.

        Raises:
            NotAllowed: the person may not use the bot.
        """
        self._incidents.welcome(report.workspace_id, report.person)
        affected = self._affected(report)
        found = self._recognise(report.text, affected)
        with self._sessions.begin() as session:
            incident, new = self._open(session, report, found, affected)
            if new:
                self._herald.begin(session, self._incidents.board(session, incident))
            else:
                self._herald.already(session, incident, report)
            key = incident.key if new else already_key(incident, report)
        refusal = self._deliver(report.workspace_id, key)
        if new and refusal is not None:
            self._reach_otherwise(report, incident.id, refusal)

    def offer(self, report: Report) -> bool:
        """Offers a triage where somebody's words to the bot read like an incident; says whether it did."""
        found = self._knowledge.triage(report.text)
        if not reads_like_incident(report.text, found) or not self._teams.is_welcome(
            report.workspace_id, report.person
        ):
            return False
        affected = self._affected(report)
        with self._sessions.begin() as session:
            incident, new = self._insert(session, report, found, affected, State.OFFERED)
            if not new:
                return False
            likely = title_of(found.suspects[0].symptom, self._knowledge.library)
            self._herald.offer(session, incident, likely)
            key = offer_key(incident)
        self._deliver(report.workspace_id, key)
        return True

    def accept(self, click: Click) -> None:
        """Begins the incident that was offered; a second click shows the first."""
        self._incidents.welcome(click.workspace_id, click.person)
        with self._sessions.begin() as session:
            incident = self._incidents.required(session, click.workspace_id, click.incident_id)
            if incident.state == State.OFFERED:
                self._take_up(session, incident, click.person)
                self._herald.begin(session, self._incidents.board(session, incident))
            key = incident.key
        self._deliver(click.workspace_id, key)

    def _affected(self, report: Report) -> _Affected:
        """The channel's team, else the only team of whoever reports; and what it saw lately."""
        team = self._teams.of_channel(report.workspace_id, report.channel)
        if team is None:
            own = self._teams.of_person(report.workspace_id, report.person)
            team = own[0] if len(own) == 1 else None
        if team is None:
            return _Affected()
        since = self._clock() - REMEMBERED_FOR
        return _Affected(team, self._teams.observations(report.workspace_id, team.id, since, open_only=True))

    def _recognise(self, text: str, affected: _Affected) -> Recognised:
        stacks = affected.team.stacks if affected.team else ()
        return self._knowledge.triage(text, stacks, [one.symptom for one in affected.seen])

    def _open(self, session: Session, report: Report, found: Recognised, affected: _Affected) -> tuple[Incident, bool]:
        """The incident of a source, and whether it begins now."""
        incident, new = self._insert(session, report, found, affected, State.OPEN)
        if new:
            self._begin(session, incident)
        elif incident.state == State.OFFERED:
            self._take_up(session, incident, report.person)
            new = True
        return incident, new

    def _insert(
        self, session: Session, report: Report, found: Recognised, affected: _Affected, state: State
    ) -> tuple[Incident, bool]:
        """The incident's row, and whether this call made it."""
        team = affected.team
        row = {
            **_reported(report),
            "team_id": team.id if team else None,
            "opened_at": self._clock(),
            "timezone": team.timezone if team else "UTC",
            "state": state,
            "symptom": found.suspects[0].symptom if found.suspects else None,
            "confirmed": False,
            "candidates": candidates_of(found),
            "ruled_out": [],
            "stacks": list(dict.fromkeys(found.stacks)),
            "remembered": _remembered(affected.seen, self._knowledge.library),
            "read_fully": self._knowledge.loaded,
            "whole": False,
            "version": 0,
            "nudges": 0,
        }
        new = insert_new(session, Incident, row, unique=("workspace_id", "channel", "source_ts"))
        incident = store.started_from(session, report.workspace_id, report.channel, report.source_ts)
        assert incident is not None
        return incident, new

    def _take_up(self, session: Session, incident: Incident, by: str) -> None:
        """What was only offered begins."""
        incident.state, incident.opened_by, incident.opened_at = State.OPEN, by, self._clock()
        self._begin(session, incident)

    def _begin(self, session: Session, incident: Incident) -> None:
        self._incidents.write(session, incident, Kind.OPENED, "opened", incident.opened_by, "Triage began")
        self._incidents.wait_for_news(incident)

    def _reach_otherwise(self, report: Report, incident_id: int, why: str) -> None:
        """Tells whoever began it in person where the channel is closed to the bot."""
        with self._sessions.begin() as session:
            incident = store.incident(session, report.workspace_id, incident_id)
            if incident is None:
                return
            board = self._incidents.board(session, incident)
            self._herald.unreachable(session, board, report, why)
        self._deliver(report.workspace_id, f"{board.incident.key}:direct")


def offer_key(incident: Incident) -> str:
    return f"incident-offer:{incident.id}"


def already_key(incident: Incident, report: Report) -> str:
    return f"{incident.key}:again:{report.person}:{report.source_ts}"


def _reported(report: Report) -> dict[str, object]:
    return {
        "workspace_id": report.workspace_id,
        "channel": report.channel,
        "source_ts": report.source_ts,
        "thread_ts": report.thread_ts,
        "message_ts": report.message_ts,
        "via": report.via,
        "opened_by": report.person,
        "text": report.text,
        "severity": report.severity,
    }


def _remembered(seen: Sequence[Observed], library: Library) -> list[str]:
    """What the team called bad lately, worst and newest first."""
    bad = [one for one in seen if one.severity >= REMEMBERED_SEVERITY]
    bad.sort(key=lambda one: (-one.severity, -one.seen_at.timestamp()))
    newest = {one.symptom: one for one in reversed(bad)}
    ordered = [one for one in bad if newest[one.symptom] is one][:REMEMBERED_LINES]
    return [_memory(one, library) for one in ordered]


def _memory(seen: Observed, library: Library) -> str:
    note = f" – “{seen.note}”" if seen.note else ""
    return f"{seen.seen_at.date().isoformat()}: {title_of(seen.symptom, library)}{note}"
