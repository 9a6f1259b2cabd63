"""Use cases of an incident: begin, look, move between symptoms, lead, tell, end; no transaction spans the network."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import BotError, NotFound
from bot.teams.model import Origin, Role
from bot.teams.profile import Observed, Seen, TeamProfile
from bot.teams.service import Teams
from bot.triage import pace, store
from bot.triage.board import Board, board_of, next_candidate
from bot.triage.model import (
    CLOSED,
    FollowUp,
    HelpGroup,
    Incident,
    Kind,
    Line,
    Severity,
    State,
    Tick,
    Via,
)
from bot.triage.reading import reads_like_incident
from knowledge.base import KnowledgeBase
from knowledge.runbook import CHANGED
from knowledge.triage import Recognised

REMEMBERED_FOR = timedelta(days=21)
REMEMBERED_SEVERITY = 3
REMEMBERED_LINES = 3
OBSERVED_SEVERITY = {Severity.HURT: 5, Severity.DEGRADED: 4, Severity.ANNOYING: 3}
USUAL_SEVERITY = 4
NOBODY_TO_CALL = (
    "I do not know whom to call: nobody has told me this team's group. An owner of the team can: "
    "`/advisor triage group @your-group`."
)


class Over(BotError):
    """This incident is closed already."""


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
class Click:
    """Who pressed what on which incident; `occasion` tells one click from another."""

    workspace_id: str
    incident_id: int
    person: str
    occasion: str
    channel: str = ""
    response_url: str | None = None


@dataclass(frozen=True)
class Update:
    """How things stand: always in these three parts."""

    see: str
    do: str
    need: str


@dataclass(frozen=True)
class Planned:
    """A follow-up to be done by somebody until a day."""

    text: str
    owner: str
    due: date


@dataclass(frozen=True)
class Ending:
    """What is known when an incident is closed."""

    cause: str | None
    helped: str | None
    impact: str | None
    planned: tuple[Planned, ...] = ()


class Announcer(Protocol):
    """Says in Slack what was decided; every call only writes down what is to be said."""

    def begin(self, session: Session, board: Board) -> None: ...

    def redraw(self, session: Session, board: Board) -> None: ...

    def offer(self, session: Session, incident: Incident, likely: str) -> None: ...

    def already(self, session: Session, incident: Incident, report: Report) -> None: ...

    def unreachable(self, session: Session, board: Board, report: Report, why: str) -> None: ...

    def update(self, session: Session, incident: Incident, update: Update, by: str, occasion: str) -> None: ...

    def handed_over(self, session: Session, board: Board, by: str, note: str | None, occasion: str) -> None: ...

    def call_help(self, session: Session, board: Board, group: str, by: str, occasion: str) -> None: ...

    def ended(self, session: Session, board: Board) -> None: ...

    def aside(self, session: Session, incident: Incident, person: str, text: str, occasion: str) -> None: ...


class Triage:
    """Stands beside whoever is on call; executes nothing itself.

    Args:
        knowledge: recognises symptoms and knows the steps.
        teams: who people are, what a team runs and saw.
        sessions: opens transactions.
        announcer: says it in Slack.
        deliver: brings what was said under a key to Slack now; returns Slack's refusal, if it refused.
        clock: tells the time.
        help_group: the user group to call where a team has none of its own.
    """

    def __init__(
        self,
        knowledge: KnowledgeBase,
        teams: Teams,
        sessions: Sessions,
        announcer: Announcer,
        deliver: Callable[[str, str], str | None],
        clock: Clock,
        help_group: str | None = None,
    ) -> None:
        self._knowledge = knowledge
        self._teams = teams
        self._sessions = sessions
        self._announcer = announcer
        self._deliver = deliver
        self._clock = clock
        self._help_group = help_group

    # ── begin ──

    def start(self, report: Report) -> None:
        """Begins an incident's thread, once for each source; a second start shows the first.

        Raises:
            NotAllowed: the person may not use the bot.
        """
        self._welcome(report.workspace_id, report.person)
        team, seen = self._team_of(report)
        found = self._recognise(report.text, team, seen)
        with self._sessions.begin() as session:
            incident, new = self._open(session, report, found, team, seen)
            if new:
                self._announcer.begin(session, self._board(session, incident))
            else:
                self._announcer.already(session, incident, report)
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
        team, seen = self._team_of(report)
        with self._sessions.begin() as session:
            incident, new = self._insert(session, report, found, team, seen, State.OFFERED)
            if not new:
                return False
            entry = self._knowledge.library.get(found.suspects[0].symptom)
            self._announcer.offer(session, incident, entry.title if entry else found.suspects[0].symptom)
            key = offer_key(incident)
        self._deliver(report.workspace_id, key)
        return True

    def accept(self, click: Click) -> None:
        """Begins the incident that was offered; a second click shows the first."""
        self._welcome(click.workspace_id, click.person)
        with self._sessions.begin() as session:
            incident = self._required(session, click)
            if incident.state == State.OFFERED:
                incident.state, incident.opened_by, incident.opened_at = State.OPEN, click.person, self._clock()
                self._opened(session, incident)
                self._announcer.begin(session, self._board(session, incident))
            key = incident.key
        self._deliver(click.workspace_id, key)

    # ── look and stop the bleeding ──

    def tick(self, click: Click, task: str) -> None:
        """Marks a step as done; the second of two people sees who was first."""
        with self._changing(click) as (session, incident):
            row = {**_of(incident), "task": task, "by": click.person, "at": self._clock()}
            new = insert_new(session, Tick, row, unique=("incident_id", "task"))
            if not new:
                self._ticked_before(session, incident, click, task)
            elif (words := self._words_of(incident, task)) is not None:
                self._write(session, incident, Kind.STEP, f"step:{task}", click.person, f"Done: {words}")

    def this_is_it(self, click: Click, symptom: str) -> None:
        """Confirms what it is."""
        with self._changing(click) as (session, incident):
            if incident.symptom != symptom or incident.confirmed:
                return
            incident.confirmed = True
            self._tell_symptom(session, incident, click, f"This is it: {self._title(symptom)}")

    def not_this(self, click: Click, symptom: str) -> None:
        """Moves on to the next symptom, unless somebody has already."""
        with self._changing(click) as (session, incident):
            if incident.symptom != symptom:
                return
            incident.ruled_out = [*incident.ruled_out, symptom]
            incident.symptom, incident.confirmed = next_candidate(incident, self._knowledge.library), False
            then = f", now looking at: {self._title(incident.symptom)}" if incident.symptom else ""
            self._tell_symptom(session, incident, click, f"Not this: {self._title(symptom)}{then}")

    def rather(self, click: Click, symptom: str) -> None:
        """Takes it for another symptom."""
        with self._changing(click) as (session, incident):
            if incident.symptom == symptom or self._knowledge.library.get(symptom) is None:
                return
            incident.symptom, incident.confirmed = symptom, False
            incident.ruled_out = [one for one in incident.ruled_out if one != symptom]
            self._tell_symptom(session, incident, click, f"Rather: {self._title(symptom)}")

    def show_steps(self, click: Click, *, whole: bool) -> None:
        with self._changing(click) as (_, incident):
            incident.whole = whole

    def tell_change(self, click: Click, what: str) -> None:
        """Writes down what changed before it broke."""
        with self._changing(click) as (session, incident):
            self._write(
                session, incident, Kind.CHANGE, f"change:{click.occasion}", click.person, f"What changed: {what}"
            )
            task = next((task for task in self._board(session, incident).tasks if CHANGED.search(task.text)), None)
            if task is not None:
                row = {**_of(incident), "task": task.id, "by": click.person, "at": self._clock()}
                insert_new(session, Tick, row, unique=("incident_id", "task"))

    # ── people ──

    def set_severity(self, click: Click, severity: Severity) -> None:
        with self._changing(click) as (session, incident):
            if incident.severity == severity:
                return
            incident.severity = severity
            self._write(
                session, incident, Kind.SEVERITY, f"sev:{click.occasion}", click.person, f"Severity {severity.value}"
            )
            self._wait_for_news(incident)

    def own(self, click: Click) -> None:
        """Takes the lead, unless somebody has it: from them it is handed over."""
        with self._changing(click) as (session, incident):
            if incident.owner is not None:
                self._announcer.aside(
                    session, incident, click.person, f"<@{incident.owner}> has it already.", click.occasion
                )
                return
            incident.owner = click.person
            self._write(session, incident, Kind.OWNER, f"own:{click.occasion}", click.person, "Took the lead")
            self._wait_for_news(incident)

    def hand_over(self, click: Click, to: str, note: str | None) -> None:
        """Gives the lead to somebody, with a summary for them."""
        self._welcome(click.workspace_id, to)
        with self._changing(click) as (session, incident):
            incident.owner = to
            words = f"Handed over to <@{to}>" + (f": {note}" if note else "")
            new = self._write(session, incident, Kind.OWNER, f"hand:{click.occasion}", click.person, words)
            if new:
                board = self._board(session, incident)
                self._announcer.handed_over(session, board, click.person, note, click.occasion)
            self._wait_for_news(incident)

    def call_help(self, click: Click) -> None:
        """Tags the team's group in the thread."""
        with self._changing(click) as (session, incident):
            group = self._group_of(session, incident)
            if group is None:
                self._announcer.aside(session, incident, click.person, NOBODY_TO_CALL, click.occasion)
                return
            self._announcer.call_help(session, self._board(session, incident), group, click.person, click.occasion)
            self._write(session, incident, Kind.HELP, f"help:{click.occasion}", click.person, "Called for help")

    def set_help_group(self, workspace_id: str, channel: str, person: str, group: str) -> TeamProfile:
        """Remembers whom the channel's team calls for help.

        Raises:
            NotAllowed: the person is no owner of the team.
            NotFound: the channel is no team's home.
        """
        team = self._teams.of_channel(workspace_id, channel)
        if team is None:
            raise NotFound("This channel is no team's home yet; `/advisor setup` makes it one.")
        self._teams.require(workspace_id, person, team.id, Role.TEAM_OWNER)
        with self._sessions.begin() as session:
            row = {"workspace_id": workspace_id, "team_id": team.id, "user_group": group, "set_by": person}
            insert_new(session, HelpGroup, row, unique=("team_id",))
            known = store.help_group(session, workspace_id, team.id)
            if known is not None:
                old, known.user_group, known.set_by = known.user_group, group, person
                self._teams.audit(
                    session, workspace_id, team.id, by=person, what="triage.help_group", old=old, new=group
                )
        return team

    def tell_update(self, click: Click, update: Update) -> None:
        """Posts how things stand; nobody is asked for news for a while."""
        with self._changing(click) as (session, incident):
            words = f"Update. We see: {update.see} We do: {update.do} We need: {update.need}"
            if self._write(session, incident, Kind.UPDATE, f"update:{click.occasion}", click.person, words):
                self._announcer.update(session, incident, update, click.person, click.occasion)
            self._wait_for_news(incident)

    def snooze(self, click: Click) -> None:
        """Asks for no news for half an hour."""
        with self._changing(click) as (session, incident):
            incident.nudge_at = self._clock() + pace.SNOOZE
            self._announcer.aside(
                session, incident, click.person, "I ask again in half an hour.", f"snooze:{click.occasion}"
            )

    def stop_nudging(self, click: Click) -> None:
        with self._changing(click) as (session, incident):
            incident.nudge_at = None
            self._announcer.aside(
                session, incident, click.person, "I ask no more in this incident.", f"stop:{click.occasion}"
            )

    # ── end ──

    def mitigate(self, click: Click) -> None:
        """Notes that customers are no longer hit; the cause may still be looked for."""
        with self._changing(click) as (session, incident):
            if incident.state != State.OPEN:
                return
            incident.state, incident.mitigated_at = State.MITIGATED, self._clock()
            self._write(session, incident, Kind.MITIGATED, "mitigated", click.person, "Mitigated: customers are fine")
            self._wait_for_news(incident)

    def no_incident(self, click: Click) -> None:
        """Ends it as a false alarm; nothing is learnt from it."""
        with self._changing(click) as (session, incident):
            self._end(session, incident, click.person, State.NO_INCIDENT)
            self._write(session, incident, Kind.CLOSED, "closed", click.person, "Not an incident")
            self._announcer.ended(session, self._board(session, incident))

    def resolve(self, click: Click, ending: Ending) -> None:
        """Ends it with what is known, plans the follow-ups, and lets the team's picture learn from it.

        Raises:
            Over: somebody else has ended it.
        """
        for planned in ending.planned:
            self._welcome(click.workspace_id, planned.owner)
        with self._changing(click) as (session, incident):
            self._end(session, incident, click.person, State.RESOLVED)
            incident.cause, incident.helped, incident.impact = ending.cause, ending.helped, ending.impact
            cause = f": {ending.cause}" if ending.cause else ""
            self._write(session, incident, Kind.CLOSED, "closed", click.person, f"Resolved{cause}")
            self._plan(session, incident, ending.planned)
            self._observe(session, incident, click.person)
            self._announcer.ended(session, self._board(session, incident))

    def finish_follow_up(self, workspace_id: str, follow_up_id: int, person: str) -> None:
        """Marks a follow-up as done."""
        self._welcome(workspace_id, person)
        with self._sessions.begin() as session:
            found = store.follow_up(session, workspace_id, follow_up_id)
            if found is None:
                raise NotFound
            if found.done_at is not None:
                return
            found.done_at, found.done_by = self._clock(), person
            incident = store.incident(session, workspace_id, found.incident_id)
            assert incident is not None
            self._write(session, incident, Kind.FOLLOW_UP, f"done:{found.id}", person, f"Follow-up done: {found.text}")
            self._redraw(session, incident)
            key = _shown_key(incident)
        self._deliver(workspace_id, key)

    # ── what others of this feature need ──

    def board(self, workspace_id: str, incident_id: int) -> Board:
        """An incident as it is shown now.

        Raises:
            NotFound: this workspace has no such incident.
        """
        with self._sessions.begin() as session:
            incident = store.incident(session, workspace_id, incident_id)
            if incident is None:
                raise NotFound
            return self._board(session, incident)

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
            key = _shown_key(fresh)
        self._deliver(workspace_id, key)

    def _take_over(self, session: Session, incident: Incident, text: str, found: Recognised) -> None:
        """What a new reading changes; whatever people have decided stays."""
        if text != incident.text:
            incident.text = text
            number = len(store.lines(session, incident.workspace_id, incident.id))
            self._write(
                session, incident, Kind.EDITED, f"edit:{number}", incident.opened_by, "The pasted message was edited"
            )
        incident.read_fully = self._knowledge.loaded
        incident.candidates = _as_rows(found)
        untouched = not incident.confirmed and not incident.ruled_out
        if untouched and found.suspects:
            incident.symptom = found.suspects[0].symptom
        self._redraw(session, incident)

    # ── inside ──

    @contextmanager
    def _changing(self, click: Click) -> Iterator[tuple[Session, Incident]]:
        """Locks an incident, shows its board anew when the block ends, and brings what was said to Slack."""
        self._welcome(click.workspace_id, click.person)
        with self._sessions.begin() as session:
            incident = self._required(session, click)
            if incident.state in CLOSED:
                raise Over(_closed_words(incident))
            yield session, incident
            self._redraw(session, incident)
            key = _shown_key(incident)
        self._deliver(click.workspace_id, key)

    def _redraw(self, session: Session, incident: Incident) -> None:
        incident.version += 1
        self._announcer.redraw(session, self._board(session, incident))

    def _board(self, session: Session, incident: Incident) -> Board:
        where, number = incident.workspace_id, incident.id
        return board_of(
            incident,
            self._knowledge.library,
            store.ticks(session, where, number),
            store.past_of(session, incident),
            store.follow_ups(session, where, number),
        )

    def _required(self, session: Session, click: Click) -> Incident:
        incident = store.incident(session, click.workspace_id, click.incident_id)
        if incident is None:
            raise NotFound
        return incident

    def _welcome(self, workspace_id: str, person: str) -> None:
        self._teams.require(workspace_id, person, None, Role.PERSON)

    def _team_of(self, report: Report) -> tuple[TeamProfile | None, list[Observed]]:
        """Whose incident it is: the channel's team, else the only team of whoever reports; and what it saw lately."""
        team = self._teams.of_channel(report.workspace_id, report.channel)
        if team is None:
            own = self._teams.of_person(report.workspace_id, report.person)
            team = own[0] if len(own) == 1 else None
        if team is None:
            return None, []
        since = self._clock() - REMEMBERED_FOR
        return team, self._teams.observations(report.workspace_id, team.id, since, open_only=True)

    def _recognise(self, text: str, team: TeamProfile | None, seen: Sequence[Observed]) -> Recognised:
        return self._knowledge.triage(text, team.stacks if team else (), [one.symptom for one in seen])

    def _open(
        self,
        session: Session,
        report: Report,
        found: Recognised,
        team: TeamProfile | None,
        seen: Sequence[Observed],
    ) -> tuple[Incident, bool]:
        """The incident of a source, and whether it begins now."""
        incident, new = self._insert(session, report, found, team, seen, State.OPEN)
        if not new and incident.state == State.OFFERED:
            incident.state, incident.opened_by, incident.opened_at = State.OPEN, report.person, self._clock()
            new = True
        if new:
            self._opened(session, incident)
        return incident, new

    def _insert(
        self,
        session: Session,
        report: Report,
        found: Recognised,
        team: TeamProfile | None,
        seen: Sequence[Observed],
        state: State,
    ) -> tuple[Incident, bool]:
        """The incident's row, and whether this call made it."""
        row = {
            **_reported(report),
            "team_id": team.id if team else None,
            "opened_at": self._clock(),
            "timezone": team.timezone if team else "UTC",
            "state": state,
            "symptom": found.suspects[0].symptom if found.suspects else None,
            "confirmed": False,
            "candidates": _as_rows(found),
            "ruled_out": [],
            "stacks": list(dict.fromkeys(found.stacks)),
            "remembered": self._remembered(seen),
            "read_fully": self._knowledge.loaded,
            "whole": False,
            "version": 0,
            "nudges": 0,
        }
        new = insert_new(session, Incident, row, unique=("workspace_id", "channel", "source_ts"))
        incident = store.started_from(session, report.workspace_id, report.channel, report.source_ts)
        assert incident is not None
        return incident, new

    def _opened(self, session: Session, incident: Incident) -> None:
        self._write(session, incident, Kind.OPENED, "opened", incident.opened_by, "Triage began")
        self._wait_for_news(incident)

    def _remembered(self, seen: Sequence[Observed]) -> list[str]:
        """What the team called bad lately, worst and newest first."""
        bad = [one for one in seen if one.severity >= REMEMBERED_SEVERITY]
        bad.sort(key=lambda one: (-one.severity, -one.seen_at.timestamp()))
        newest = {one.symptom: one for one in reversed(bad)}
        ordered = [one for one in bad if newest[one.symptom] is one][:REMEMBERED_LINES]
        return [self._memory(one) for one in ordered]

    def _memory(self, seen: Observed) -> str:
        note = f" – “{seen.note}”" if seen.note else ""
        return f"{seen.seen_at.date().isoformat()}: {self._title(seen.symptom)}{note}"

    def _write(self, session: Session, incident: Incident, kind: Kind, key: str, by: str, text: str) -> bool:
        row = {**_of(incident), "key": key[-120:], "kind": kind, "at": self._clock(), "by": by, "text": text}
        return insert_new(session, Line, row, unique=("incident_id", "key"))

    def _tell_symptom(self, session: Session, incident: Incident, click: Click, words: str) -> None:
        self._write(session, incident, Kind.SYMPTOM, f"symptom:{click.occasion}", click.person, words)

    def _ticked_before(self, session: Session, incident: Incident, click: Click, task: str) -> None:
        known = next(t for t in store.ticks(session, incident.workspace_id, incident.id) if t.task == task)
        if known.by != click.person:
            self._announcer.aside(
                session, incident, click.person, f"<@{known.by}> has done that already.", click.occasion
            )

    def _words_of(self, incident: Incident, task: str) -> str | None:
        board = board_of(incident, self._knowledge.library, ())
        return next((one.text for one in board.tasks if one.id == task), None)

    def _wait_for_news(self, incident: Incident) -> None:
        mitigated = incident.state == State.MITIGATED
        incident.nudge_at = pace.next_nudge(self._clock(), incident.severity, incident.owner, mitigated=mitigated)

    def _end(self, session: Session, incident: Incident, by: str, state: State) -> None:
        now = self._clock()
        incident.state, incident.closed_at, incident.closed_by, incident.nudge_at = state, now, by, None
        if state == State.RESOLVED and incident.mitigated_at is None:
            incident.mitigated_at = now
        store.forget_unmarked(session, incident)

    def _plan(self, session: Session, incident: Incident, planned: Sequence[Planned]) -> None:
        for number, one in enumerate(planned, 1):
            row = {**_of(incident), "number": number, "text": one.text, "owner": one.owner, "due": one.due, "chases": 0}
            insert_new(session, FollowUp, row, unique=("incident_id", "number"))
        session.flush()

    def _observe(self, session: Session, incident: Incident, by: str) -> None:
        if incident.team_id is None or incident.symptom is None:
            return
        severity = USUAL_SEVERITY if incident.severity is None else OBSERVED_SEVERITY[Severity(incident.severity)]
        seen = Seen(
            key=f"{incident.key}:{incident.symptom}",
            symptom=incident.symptom,
            seen_at=incident.opened_at,
            severity=severity,
            origin=Origin.INCIDENT,
            by=by,
            note=incident.cause,
        )
        self._teams.observe(session, incident.workspace_id, incident.team_id, seen)

    def _group_of(self, session: Session, incident: Incident) -> str | None:
        own = store.help_group(session, incident.workspace_id, incident.team_id) if incident.team_id else None
        return own.user_group if own else self._help_group

    def _title(self, symptom: str) -> str:
        entry = self._knowledge.library.get(symptom)
        return entry.title if entry else symptom

    def _reach_otherwise(self, report: Report, incident_id: int, why: str) -> None:
        """Tells whoever began it in person where the channel is closed to the bot."""
        with self._sessions.begin() as session:
            incident = store.incident(session, report.workspace_id, incident_id)
            if incident is None:
                return
            board = self._board(session, incident)
            self._announcer.unreachable(session, board, report, why)
        self._deliver(report.workspace_id, f"{board.incident.key}:direct")


def offer_key(incident: Incident) -> str:
    return f"incident-offer:{incident.id}"


def already_key(incident: Incident, report: Report) -> str:
    return f"{incident.key}:again:{report.person}:{report.source_ts}"


def _shown_key(incident: Incident) -> str:
    """The newest version of the board: bringing it brings everything said before it in that channel."""
    return f"{incident.key}:v{incident.version}"


def _of(incident: Incident) -> dict[str, object]:
    return {"workspace_id": incident.workspace_id, "incident_id": incident.id}


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


def _as_rows(found: Recognised) -> list[dict[str, object]]:
    return [{"symptom": s.symptom, "score": s.score, "because": s.because} for s in found.suspects]


def _closed_words(incident: Incident) -> str:
    return f"<@{incident.closed_by}> has closed this incident already ({incident.state})."
