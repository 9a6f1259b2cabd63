"""The proof of the schedule: what should have happened, what did, and how to tell a person; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.checkins import schedule
from bot.checkins.schedule import Plan

#: After so long past the last instant at which somebody could be asked, everything must have ended one way or another.
SETTLED_AFTER = timedelta(minutes=30)


class Outcome(StrEnum):
    """How a due ask stands; it ends as sent, skipped or failed."""

    PENDING = "pending"
    ASKED = "asked"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


ENDS = frozenset({Outcome.SENT, Outcome.SKIPPED, Outcome.FAILED})

#: Slack's errors as people say them.
REFUSALS = {
    "user_disabled": "their Slack account is deactivated",
    "account_inactive": "their Slack account is deactivated",
    "user_not_found": "Slack does not know them any more",
    "users_not_found": "Slack does not know them any more",
    "cannot_dm_bot": "they are a bot",
    "cannot_dm": "Slack does not let me write to them directly",
    "user_not_visible": "Slack does not let me write to them directly",
    "messages_tab_disabled": "direct messages to me are switched off",
    "too_late": "Slack could not be reached before the end of their working day",
    "not_in_channel": "I am not in the channel",
    "channel_not_found": "I am not in the channel",
    "is_archived": "the channel is archived",
}


def refusal(code: str | None) -> str:
    return REFUSALS.get(code or "", f"Slack refused ({code})" if code else "Slack refused")


@dataclass(frozen=True)
class Row:
    """What became of one due ask."""

    period: str
    day: date
    person: str
    zone: str
    zone_from: str
    due_at: datetime
    outcome: Outcome
    reason: str | None
    at: datetime | None
    answered_at: datetime | None = None


def missed_days(plan: Plan, proved_until: date, day: date, opened: Iterable[date]) -> list[date]:
    """Days on which the schedule says that people are asked, and there is no round, not even one left out."""
    known = set(opened)
    return [due for due in schedule.days_between(plan, proved_until, day) if due not in known]


def unfinished(rows: Sequence[Row], now: datetime) -> list[Row]:
    """Asks that should have ended by now and did not."""
    return [row for row in rows if row.outcome not in ENDS and row.due_at + SETTLED_AFTER < now]


def told(row: Row) -> str:
    """Why a person was or was not asked, as a sentence."""
    due = when(row.due_at, row.zone)
    source = {"own": "your own setting", "slack": "your Slack profile", "team": "the team's setting"}[row.zone_from]
    asked = f"due {due} (time zone from {source})"
    said = {
        Outcome.PENDING: f"not yet asked: {asked}",
        Outcome.ASKED: f"being asked: {asked}; the message is on its way",
        Outcome.SENT: f"asked {when(row.at or row.due_at, row.zone)}; {asked}",
        Outcome.SKIPPED: f"not asked, because {row.reason}; {asked}",
        Outcome.FAILED: f"could not be asked: {row.reason}; {asked}",
    }[row.outcome]
    answered = f"; answered {when(row.answered_at, row.zone)}" if row.answered_at else ""
    return f"{row.period}: {said}{answered}"


def when(instant: datetime, zone: str) -> str:
    """An instant with its day, its time and the name of its zone."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:%a %Y-%m-%d %H:%M} ({zone})"
