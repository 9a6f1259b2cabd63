"""What a team's owners do with check-ins: set up, change, try, pause, copy, archive, delete, export."""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from bot.checkins import schedule, store
from bot.checkins.answers import LABELS, Choice
from bot.checkins.audience import team_of
from bot.checkins.ledger import Outcome
from bot.checkins.model import CheckIn, Round, Standing, Visibility
from bot.checkins.opening import Opener, Opening, questions_of
from bot.checkins.rounds import Ask, Crier, Rounds, open_symptoms
from bot.checkins.schedule import WEEKDAYS
from bot.checkins.summary import FEWEST_ANONYMOUS
from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import Outbox
from bot.errors import BotError, FormErrors, NotFound
from bot.slack.words import Attachment
from bot.teams.model import Role
from bot.teams.profile import TeamProfile
from bot.teams.service import Teams

DEFAULT_NAME = "Weekly check-in"
COLUMNS = ("team", "check_in", "period", "person", "question_id", "question", "answer", "note", "since", "severity")
FURTHER_COLUMNS = ("number", "answered_at", "edited_at")


@dataclass(frozen=True)
class Settings:
    """Everything an owner decides about a check-in."""

    name: str = DEFAULT_NAME
    visibility: Visibility = Visibility.NAMED
    weekdays: tuple[int, ...] = (3,)
    at: str = "10:00"
    working_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    work_from: str = "08:00"
    work_until: str = "18:00"
    country: str | None = None
    own_holidays: tuple[str, ...] = ()
    window_h: int = 24
    reminders: int = 2
    spacing_h: int = 4
    grace_h: int = 4
    asked: tuple[str, ...] = ()
    observers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Managed:
    """A check-in as its owners see it."""

    id: int
    team: TeamProfile
    standing: Standing
    settings: Settings
    next_day: date | None = None
    open_round: int | None = None


class Management:
    """The owners' use cases.

    Args:
        sessions: opens transactions.
        teams: who may do that.
        rounds: closes rounds.
        opener: makes test runs.
        crier: says it in Slack.
        outbox: shares exports.
        deliver: brings what was said under a key to Slack now.
        clock: tells the time.
    """

    def __init__(
        self,
        sessions: Sessions,
        teams: Teams,
        rounds: Rounds,
        opener: Opener,
        crier: Crier,
        outbox: Outbox,
        deliver: Callable[[str, str], object],
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._teams = teams
        self._rounds = rounds
        self._opener = opener
        self._crier = crier
        self._outbox = outbox
        self._deliver = deliver
        self._clock = clock

    def of_team(self, workspace_id: str, team_id: int, by: str) -> list[Managed]:
        """The team's check-ins, archived ones last."""
        self._teams.require(workspace_id, by, team_id, Role.TEAM_OWNER)
        team = self._teams.profile(workspace_id, team_id)
        with self._sessions.begin() as session:
            rows = [*store.check_ins(session, workspace_id, [team_id]), *store.archived(session, workspace_id, team_id)]
            return [_managed(session, row, team) for row in rows]

    def one(self, workspace_id: str, check_in_id: int, by: str) -> Managed:
        with self._sessions.begin() as session:
            row = _required(session, workspace_id, check_in_id)
            found = _managed(session, row, team_of(session, row))
        self._teams.require(workspace_id, by, found.team.id, Role.TEAM_OWNER)
        return found

    def create(self, workspace_id: str, team_id: int, by: str, settings: Settings) -> int:
        """Sets a check-in up.

        Raises:
            FormErrors: something in the settings cannot be.
        """
        self._teams.require(workspace_id, by, team_id, Role.TEAM_OWNER)
        check(settings)
        now = self._clock()
        team = self._teams.profile(workspace_id, team_id)
        with self._sessions.begin() as session:
            row = CheckIn(
                workspace_id=workspace_id,
                team_id=team_id,
                standing=Standing.ACTIVE,
                answered={},
                practices={},
                created_at=now,
                created_by=by,
                proved_until=now.date(),
                **_columns(settings),
            )
            _await_next(row, team, now)
            session.add(row)
            session.flush()
            self._audit(session, row, by, "created", None, settings.name)
            return row.id

    def change(self, workspace_id: str, check_in_id: int, by: str, settings: Settings) -> None:
        """Changes a check-in; who sees the answers of a round that is under way stays as it was said.

        Raises:
            FormErrors: something in the settings cannot be.
        """
        known = self.one(workspace_id, check_in_id, by)
        check(settings)
        now = self._clock()
        with self._sessions.begin() as session:
            row = _required(session, workspace_id, check_in_id)
            before = _columns(_settings(row))
            for name, value in _columns(settings).items():
                if before[name] != value:
                    self._audit(session, row, by, name, before[name], value)
                setattr(row, name, value)
            row.version += 1
            if row.standing == Standing.ACTIVE:
                _await_next(row, known.team, now)

    def pause(self, workspace_id: str, check_in_id: int, by: str) -> None:
        """Nobody is asked until it is resumed; answers stay open."""
        self._stand(workspace_id, check_in_id, by, Standing.PAUSED)

    def resume(self, workspace_id: str, check_in_id: int, by: str) -> None:
        self._stand(workspace_id, check_in_id, by, Standing.ACTIVE)

    def archive(self, workspace_id: str, check_in_id: int, by: str) -> None:
        """Out of sight, with its answers kept."""
        self._stand(workspace_id, check_in_id, by, Standing.ARCHIVED)

    def _stand(self, workspace_id: str, check_in_id: int, by: str, standing: Standing) -> None:
        known = self.one(workspace_id, check_in_id, by)
        now = self._clock()
        with self._sessions.begin() as session:
            row = _required(session, workspace_id, check_in_id)
            if row.standing == standing:
                return
            self._audit(session, row, by, "standing", row.standing, standing)
            row.standing, row.paused_at = standing, None if standing == Standing.ACTIVE else now
            row.next_day, row.next_due_at = None, None
            if standing == Standing.ACTIVE:
                _await_next(row, known.team, now)

    def duplicate(self, workspace_id: str, check_in_id: int, by: str) -> int:
        """A copy that is paused until it is resumed, so that nobody is asked twice by surprise."""
        known = self.one(workspace_id, check_in_id, by)
        settings = known.settings
        copied = self.create(
            workspace_id, known.team.id, by, Settings(**{**vars(settings), "name": f"Copy of {settings.name}"[:80]})
        )
        self.pause(workspace_id, copied, by)
        return copied

    def delete(self, workspace_id: str, check_in_id: int, by: str, typed_name: str) -> None:
        """Removes a check-in with everything that was ever answered in it.

        Raises:
            FormErrors: the name was not repeated.
        """
        known = self.one(workspace_id, check_in_id, by)
        if typed_name.strip().lower() != known.settings.name.lower():
            raise FormErrors({"name": f"Type {known.settings.name} to delete it with all its answers."})
        with self._sessions.begin() as session:
            row = _required(session, workspace_id, check_in_id)
            self._audit(session, row, by, "deleted", row.name, None)
            session.delete(row)

    def test_run(self, workspace_id: str, check_in_id: int, by: str) -> int:
        """Asks only the owner who tries it, at once; returns the round."""
        known = self.one(workspace_id, check_in_id, by)
        symptoms, now = open_symptoms(self._teams, known.team), self._clock()
        with self._sessions.begin() as session:
            row = _required(session, workspace_id, check_in_id)
            opening = Opening(now.date(), [by], symptoms, now, test_for=by)
            round_ = self._opener.open(session, row, known.team, opening)
            invitation = store.invitation(session, workspace_id, round_.id, by)
            assert invitation is not None
            invitation.outcome, invitation.at = Outcome.ASKED, now
            self._crier.invite(session, [Ask(invitation, round_, known.team, round_.closes_at)])
            key = invitation.message_key
        self._deliver(workspace_id, key or "")
        return round_.id

    def close_now(self, workspace_id: str, check_in_id: int, by: str) -> None:
        """Ends the open round; its summary is posted.

        Raises:
            BotError: no round is open.
        """
        known = self.one(workspace_id, check_in_id, by)
        if known.open_round is None:
            raise BotError("No check-in is open now.")
        self._rounds.close(workspace_id, known.open_round)
        self._deliver(workspace_id, f"checkin:summary:{known.open_round}")

    def export(self, workspace_id: str, check_in_id: int, by: str, kind: str) -> None:
        """Sends the answers to the owner, as `csv` or `json`.

        Raises:
            BotError: they are anonymous.
        """
        known = self.one(workspace_id, check_in_id, by)
        with self._sessions.begin() as session:
            rows = answers_of(session, _required(session, workspace_id, check_in_id), known.team)
            content = as_csv(rows) if kind == "csv" else json.dumps(rows, ensure_ascii=False, indent=1)
            key = f"checkin:export:{check_in_id}:{by}:{self._clock():%Y%m%dT%H%M%S%f}:{kind}"
            file = Attachment(f"check-in-{check_in_id}.{kind}", f"Answers of {known.settings.name}", content.encode())
            self._outbox.upload(session, file, workspace_id=workspace_id, key=key, target=by)
            self._teams.audit(session, workspace_id, known.team.id, by=by, what="checkin.exported", new=kind)
        self._deliver(workspace_id, key)

    def _audit(self, session: Session, row: CheckIn, by: str, what: str, old: object, new: object) -> None:
        self._teams.audit(session, row.workspace_id, row.team_id, by=by, what=f"checkin.{what}", old=old, new=new)


def check(settings: Settings) -> None:
    """Refuses what cannot be.

    Raises:
        FormErrors: by field, in words.
    """
    faults = {**_wrong_times(settings), **_wrong_days(settings), **_wrong_numbers(settings)}
    if not settings.name.strip():
        faults["name"] = "Give it a name."
    if faults:
        raise FormErrors(faults)


def _wrong_times(settings: Settings) -> dict[str, str]:
    at, begin, end = (as_time(text) for text in (settings.at, settings.work_from, settings.work_until))
    if begin is None or end is None or begin >= end:
        return {"work_hours": "Write working hours like 08:00-18:00."}
    if at is None:
        return {"at": "Write the time like 09:30."}
    if not begin <= at < end:
        return {"at": f"Nobody is asked outside working hours, {settings.work_from} to {settings.work_until}."}
    return {}


def _wrong_days(settings: Settings) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not settings.working_days:
        faults["working_days"] = "Choose at least one working day."
    if not settings.weekdays or not set(settings.weekdays) <= set(settings.working_days):
        faults["weekdays"] = "Choose at least one day, and only working days."
    if settings.country and not schedule.is_country(settings.country):
        faults["country"] = "I do not know this country; write its code, like DE, or with its region, like DE-BY."
    for day in settings.own_holidays:
        if not is_day(day):
            faults["own_holidays"] = f"“{day[:20]}” is not a date; write one per line, like 2026-12-24."
    return faults


def _wrong_numbers(settings: Settings) -> dict[str, str]:
    bounds = {"window_h": (2, 96), "spacing_h": (1, 48), "grace_h": (1, 12), "reminders": (0, 5)}
    return {
        name: f"That must be between {least} and {most}."
        for name, (least, most) in bounds.items()
        if not least <= getattr(settings, name) <= most
    }


def as_time(text: str) -> time | None:
    """A time of day as people type it: 9:30, 09:30, 9."""
    found = re.fullmatch(r"\s*(\d{1,2})(?:[:.](\d{2}))?\s*", text)
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    return time(int(found[1]), int(found[2] or 0))


def is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def answers_of(session: Session, check_in: CheckIn, team: TeamProfile) -> list[dict[str, Any]]:
    """Every answer ever given, a row for each question.

    Anonymous rounds give answers without names, and none where fewer than four people answered.
    """
    rows: list[dict[str, Any]] = []
    first, last = date.min, date.max
    for round_ in store.rounds_between(session, check_in.workspace_id, check_in.id, first, last):
        rows += _answers_of_round(session, check_in, round_, team)
    return rows


def _answers_of_round(session: Session, check_in: CheckIn, round_: Round, team: TeamProfile) -> list[dict[str, Any]]:
    responses = store.responses(session, round_.workspace_id, round_.id)
    if round_.visibility == Visibility.ANONYMOUS:
        return _levels_of_round(check_in, round_, team, len(responses))
    asked = questions_of(round_)
    rows = []
    for response in responses:
        said = {**response.answers, **({"text": {"note": response.text}} if response.text else {})}
        for question, answer in said.items():
            choice = answer.get("choice")
            rows.append(
                {
                    "team": team.name,
                    "check_in": check_in.name,
                    "period": round_.period,
                    "person": response.person,
                    "question_id": question,
                    "question": asked[question].text if question in asked else "",
                    "answer": LABELS[Choice(choice)] if choice else None,
                    "note": answer.get("note"),
                    "since": answer.get("since"),
                    "severity": answer.get("severity"),
                    "number": answer.get("number"),
                    "answered_at": _iso(response.given_at),
                    "edited_at": _iso(response.edited_at),
                }
            )
    return rows


def _levels_of_round(check_in: CheckIn, round_: Round, team: TeamProfile, answers: int) -> list[dict[str, Any]]:
    """What the team said together: single answers are in no file."""
    if answers < FEWEST_ANONYMOUS:
        return []
    empty = dict.fromkeys((*COLUMNS, *FURTHER_COLUMNS))
    where = {"team": team.name, "check_in": check_in.name, "period": round_.period}
    return [
        {**empty, **where, "question_id": f"symptom:{symptom}", "answer": LABELS[Choice(level)]}
        for symptom, level in round_.levels.items()
    ]


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """For spreadsheets; what would be a formula there is made text."""
    file = io.StringIO()
    writer = csv.DictWriter(file, [*COLUMNS, *FURTHER_COLUMNS])
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _harmless(value) for name, value in row.items()})
    return file.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _required(session: Session, workspace_id: str, check_in_id: int) -> CheckIn:
    row = store.check_in(session, workspace_id, check_in_id)
    if row is None:
        raise NotFound
    return row


def _await_next(row: CheckIn, team: TeamProfile, now: datetime) -> None:
    """From now on; what the old schedule would have asked is not owed any more."""
    plan = store.plan_of(row, team.timezone)
    day = schedule.first_day(plan, now)
    row.next_day, row.next_due_at = day, schedule.opens_at(plan, day)
    row.proved_until = day - schedule.DAY


def _managed(session: Session, row: CheckIn, team: TeamProfile) -> Managed:
    last = next(iter(store.rounds(session, row.workspace_id, row.id, 1)), None)
    return Managed(
        id=row.id,
        team=team,
        standing=Standing(row.standing),
        settings=_settings(row),
        next_day=row.next_day,
        open_round=last.id if last is not None and last.closed_at is None else None,
    )


def _settings(row: CheckIn) -> Settings:
    names = ("name", "at", "work_from", "work_until", "country", "window_h", "reminders", "spacing_h", "grace_h")
    lists = ("weekdays", "working_days", "own_holidays", "asked", "observers")
    values: dict[str, Any] = {name: getattr(row, name) for name in names}
    values |= {name: tuple(getattr(row, name)) for name in lists}
    return Settings(visibility=Visibility(row.visibility), **values)


def _columns(settings: Settings) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(settings).items()}


def described(settings: Settings) -> str:
    """The schedule as a person says it."""
    days = ", ".join(WEEKDAYS[day] for day in settings.weekdays)
    return f"{days} at {settings.at} in each person's own time zone, open for {settings.window_h} h"
