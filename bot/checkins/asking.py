"""Whether a person whose hour has come is asked; pure."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.checkins import schedule
from bot.checkins.ledger import when
from bot.checkins.schedule import Plan

OUT = "out until "


@dataclass(frozen=True)
class Person:
    """What decides about asking one person.

    Attributes:
        zone: where they are.
        belongs: they are (still) among those whom the check-in asks.
        works: their account is not deactivated.
        out_until: the day on which they are back.
        has_answered: they did so before they were asked.
    """

    zone: str
    belongs: bool = True
    works: bool = True
    out_until: date | None = None
    has_answered: bool = False


def reason_against(plan: Plan, person: Person, due: datetime, now: datetime) -> str | None:
    """Why a person is not asked now that it is due, or None if they are."""
    reasons = (
        "they had answered before their hour came" if person.has_answered else None,
        "their Slack account is deactivated" if not person.works else None,
        "they are no longer among those who are asked" if not person.belongs else None,
        _absence(person, now),
        _lateness(plan, person, due, now),
        None
        if schedule.is_working_time(plan, now, person.zone)
        else f"{when(now, person.zone)} is outside working hours",
    )
    return next((reason for reason in reasons if reason), None)


def _absence(person: Person, now: datetime) -> str | None:
    today = now.astimezone(ZoneInfo(person.zone)).date()
    return f"{OUT}{person.out_until}" if person.out_until and today < person.out_until else None


def _lateness(plan: Plan, person: Person, due: datetime, now: datetime) -> str | None:
    last = schedule.ask_until(plan, due, person.zone)
    return f"I was not running then, and asked no later than {when(last, person.zone)}" if now > last else None
