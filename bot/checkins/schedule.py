"""When people are asked: pure rules over dates, zones and working hours; no clock in here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from holidays import country_holidays

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
#: A day begins here before it begins anywhere else.
FIRST_ZONE = timezone(timedelta(hours=14))
MOST_DAYS_OFF = 366
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Plan:
    """The schedule of a check-in; weekdays count from Monday = 0.

    Attributes:
        weekdays: the days on which people are asked.
        at: the local time at which each is asked.
        zone: the team's.
        working_days: nobody is asked or reminded on others.
        work_from: nobody is asked or reminded earlier in the day …
        work_until: … or later.
        country: whose public holidays are free, as `DE` or `DE-BY`.
        own_holidays: further free days.
        grace: how late a person is still asked.
        window: how long they have to answer.
        reminders: how many there are at most.
        spacing: the time between them.
    """

    weekdays: frozenset[int]
    at: time
    zone: str
    working_days: frozenset[int] = frozenset(range(5))
    work_from: time = time(8)
    work_until: time = time(18)
    country: str | None = None
    own_holidays: frozenset[date] = field(default_factory=frozenset)
    grace: timedelta = timedelta(hours=4)
    window: timedelta = timedelta(hours=24)
    reminders: int = 2
    spacing: timedelta = timedelta(hours=4)


def moment(day: date, at: time, zone: str) -> datetime:
    """The instant of a local time: the first one of a repeated minute, the next valid one of a skipped minute."""
    wanted = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    instant = wanted.astimezone(UTC)
    if instant.astimezone(wanted.tzinfo).replace(tzinfo=None) == wanted.replace(tzinfo=None):
        return instant
    return _end_of_gap(wanted)


def _end_of_gap(wanted: datetime) -> datetime:
    """The clocks were put forward over `wanted`: the instant at which they were."""
    before, after = wanted.replace(fold=1).astimezone(UTC), wanted.astimezone(UTC)
    while after - before > MINUTE:
        middle = before + (after - before) // MINUTE // 2 * MINUTE
        jumped = middle.astimezone(wanted.tzinfo).replace(tzinfo=None) >= wanted.replace(tzinfo=None)
        before, after = (before, middle) if jumped else (middle, after)
    return after


def valid_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def period_of(plan: Plan, day: date) -> str:
    """What makes an ask the same as another: the week, or the day of the week where there are several."""
    year, week, weekday = day.isocalendar()
    return f"{year}-W{week:02}" + (f"-{weekday}" if len(plan.weekdays) > 1 else "")


def next_day(plan: Plan, after: date) -> date:
    """The next day of the plan after `after`; it may turn out to be a day off."""
    return next(day for day in _days_from(after + DAY) if day.weekday() in plan.weekdays)


def days_between(plan: Plan, after: date, until: date) -> list[date]:
    """The plan's days in (after, until]."""
    span = (until - after).days
    return [day for day in (after + DAY * n for n in range(1, span + 1)) if day.weekday() in plan.weekdays]


def opens_at(plan: Plan, day: date) -> datetime:
    """When the plan's hour of this day comes for the first time anywhere on earth."""
    return datetime.combine(day, plan.at, tzinfo=FIRST_ZONE).astimezone(UTC)


def first_day(plan: Plan, now: datetime) -> date:
    """The first day of the plan on which nobody has been left out already: today only if the team's hour is to come."""
    today = now.astimezone(ZoneInfo(plan.zone)).date()
    start = today - DAY if moment(today, plan.at, plan.zone) > now else today
    return next_day(plan, start)


def day_off(plan: Plan, day: date) -> str | None:
    """Why nobody is asked on this day, or None if people are."""
    if day.weekday() not in plan.working_days:
        return f"{WEEKDAYS[day.weekday()]} is not a working day"
    if day in plan.own_holidays:
        return f"{day} is one of the team's days off"
    name = holiday(plan.country, day)
    return f"{day} is a holiday ({name})" if name else None


def holiday(country: str | None, day: date) -> str | None:
    """The public holiday of a country or region on a day."""
    if not country:
        return None
    name, _, region = country.partition("-")
    return _calendar(name, region or None, day.year).get(day)


@lru_cache(maxsize=512)
def _calendar(country: str, region: str | None, year: int) -> dict[date, str]:
    found = country_holidays(country, subdiv=region, years=year, language="en_US")
    return {day: str(name) for day, name in found.items()}


def is_country(country: str) -> bool:
    """Whether there are holidays known under this code."""
    try:
        holiday(country, date(2026, 1, 1))
    except NotImplementedError:
        return False
    return True


def due_at(plan: Plan, day: date, zone: str) -> datetime:
    """When a person in this zone is asked."""
    return moment(day, plan.at, zone)


def ask_until(plan: Plan, due: datetime, zone: str) -> datetime:
    """The last instant at which a person who was due to be asked at `due` is still asked."""
    return min(due + plan.grace, working_until(plan, due, zone))


def working_instant(plan: Plan, instant: datetime, zone: str) -> datetime:
    """The instant itself if it is in working hours, else the next beginning of a working day."""
    local = instant.astimezone(ZoneInfo(zone))
    for n in range(MOST_DAYS_OFF):
        day = local.date() + DAY * n
        if day_off(plan, day) is None:
            starts, ends = moment(day, plan.work_from, zone), moment(day, plan.work_until, zone)
            if instant < ends:
                return max(instant, starts)
    return instant


def is_working_time(plan: Plan, instant: datetime, zone: str) -> bool:
    return working_instant(plan, instant, zone) == instant


def working_until(plan: Plan, instant: datetime, zone: str) -> datetime:
    """The end of the working day that `instant` lies in."""
    return moment(instant.astimezone(ZoneInfo(zone)).date(), plan.work_until, zone)


def reminder_times(plan: Plan, asked_at: datetime, zone: str, closes_at: datetime) -> list[datetime]:
    """When a person who does not answer is reminded."""
    times: list[datetime] = []
    last = asked_at
    for _ in range(plan.reminders):
        last = working_instant(plan, last + plan.spacing, zone)
        if last >= closes_at:
            break
        times.append(last)
    return times


def closes_at(plan: Plan, day: date, last_due: datetime) -> datetime:
    """When a round ends: the last person has had the window, and the team is at work to read the summary."""
    end = working_instant(plan, last_due + plan.window, plan.zone)
    return max(last_due + MINUTE, min(end, opens_at(plan, next_day(plan, day))))


def week_of(name: str) -> tuple[date, date]:
    """Monday and Sunday of `2026-W47`.

    Raises:
        ValueError: that is not a week.
    """
    monday = datetime.strptime(f"{name}-1", "%G-W%V-%u").replace(tzinfo=UTC).date()
    return monday, monday + 6 * DAY


def _days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += DAY
