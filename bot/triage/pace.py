"""When somebody is reminded, and of what; pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.triage.model import Severity

OWNER_WITHIN = timedelta(minutes=5)
UPDATE_EVERY = {
    Severity.HURT: timedelta(minutes=15),
    Severity.DEGRADED: timedelta(minutes=30),
    Severity.ANNOYING: timedelta(minutes=60),
}
UPDATE_WHEN_UNSAID = timedelta(minutes=30)
WHEN_MITIGATED = timedelta(hours=4)
SNOOZE = timedelta(minutes=30)
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(7)
CHASE_EVERY = timedelta(days=7)
CHASE_FROM, CHASE_UNTIL = time(9), time(17)


def update_every(severity: int | None, *, mitigated: bool = False) -> timedelta:
    """How long an incident may go without an update."""
    if mitigated:
        return WHEN_MITIGATED
    return UPDATE_WHEN_UNSAID if severity is None else UPDATE_EVERY[Severity(severity)]


def next_nudge(now: datetime, severity: int | None, owner: str | None, *, mitigated: bool = False) -> datetime:
    """When to look again: soon while nobody owns it, then whenever an update is due."""
    wait = update_every(severity, mitigated=mitigated)
    return now + (min(OWNER_WITHIN, wait) if owner is None else wait)


def is_night(now: datetime, zone: str) -> bool:
    """Whether people in this time zone should be asleep."""
    local = now.astimezone(ZoneInfo(zone)).time()
    return local >= NIGHT_BEGINS or local < NIGHT_ENDS


def may_chase(now: datetime, zone: str, chased_at: datetime | None) -> bool:
    """Whether an overdue follow-up may be brought up: in working hours, at most once a week."""
    local = now.astimezone(ZoneInfo(zone))
    at_work = local.weekday() < 5 and CHASE_FROM <= local.time() < CHASE_UNTIL
    return at_work and (chased_at is None or now - chased_at >= CHASE_EVERY)
