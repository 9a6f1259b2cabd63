"""Local times, DST, days off and deadlines: tables of values."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checkins import schedule
from bot.checkins.schedule import Plan


def a_plan(**more: object) -> Plan:
    return Plan(**{"weekdays": frozenset({3}), "at": time(10), "zone": "Europe/Berlin", **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        # the clocks go forward: the first valid minute after the gap
        ("Europe/Berlin", date(2027, 3, 28), time(2, 30), "2027-03-28T03:00:00+02:00"),
        ("Europe/London", date(2027, 3, 28), time(1, 15), "2027-03-28T02:00:00+01:00"),
        ("America/New_York", date(2027, 3, 14), time(2, 59), "2027-03-14T03:00:00-04:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 10), "2026-10-04T02:30:00+11:00"),
        # the clocks go back: the first of the two
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T02:30:00+02:00"),
        ("Europe/London", date(2026, 10, 25), time(1, 30), "2026-10-25T01:30:00+01:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T01:30:00-04:00"),
        # the hours around them
        ("Europe/Berlin", date(2027, 3, 28), time(3), "2027-03-28T03:00:00+02:00"),
        ("Europe/Berlin", date(2026, 10, 25), time(10), "2026-10-25T10:00:00+01:00"),
        ("Asia/Kolkata", date(2026, 10, 25), time(10), "2026-10-25T10:00:00+05:30"),
    ],
)
def test_the_instant_of_a_local_time(zone: str, day: date, at: time, expected: str) -> None:
    assert schedule.moment(day, at, zone).astimezone(ZoneInfo(zone)).isoformat() == expected


@settings(max_examples=200, deadline=None)
@given(
    day=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    minutes=st.integers(0, 24 * 60 - 1),
    zone=st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"]
    ),
)
def test_any_local_time_is_itself_or_the_first_valid_minute_after(day: date, minutes: int, zone: str) -> None:
    at = time(minutes // 60, minutes % 60)

    local = schedule.moment(day, at, zone).astimezone(ZoneInfo(zone))

    wanted = datetime.combine(day, at)
    assert local.replace(tzinfo=None) >= wanted
    if local.replace(tzinfo=None) != wanted:
        before = (local.astimezone(UTC) - timedelta(minutes=1)).astimezone(ZoneInfo(zone))
        assert before.replace(tzinfo=None) < wanted


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 19), None),
        (date(2026, 11, 21), "Saturday is not a working day"),
        (date(2026, 12, 25), "2026-12-25 is a holiday (Christmas Day)"),
        (date(2026, 12, 24), "2026-12-24 is one of the team's days off"),
    ],
)
def test_days_off_have_a_reason(day: date, expected: str | None) -> None:
    plan = a_plan(country="DE", own_holidays=frozenset({date(2026, 12, 24)}))

    assert schedule.day_off(plan, day) == expected


def test_regions_have_holidays_of_their_own() -> None:
    epiphany = date(2027, 1, 6)

    assert schedule.day_off(a_plan(country="DE-BY"), epiphany) == "2027-01-06 is a holiday (Epiphany)"
    assert schedule.day_off(a_plan(country="DE-BE"), epiphany) is None
    assert [schedule.is_country(code) for code in ("DE", "US-CA", "XX", "DE-XX")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("weekdays", "day", "expected"),
    [
        ({3}, date(2026, 11, 19), "2026-W47"),
        ({3}, date(2026, 12, 31), "2026-W53"),
        ({3}, date(2027, 1, 7), "2027-W01"),
        ({0, 3}, date(2026, 11, 19), "2026-W47-4"),
    ],
)
def test_a_period_is_a_week_or_its_day(weekdays: set[int], day: date, expected: str) -> None:
    assert schedule.period_of(a_plan(weekdays=frozenset(weekdays)), day) == expected


@pytest.mark.parametrize(
    ("zone", "instant", "expected"),
    [
        ("Europe/Berlin", "2026-11-19T09:00+01:00", "2026-11-19T09:00+01:00"),
        ("Europe/Berlin", "2026-11-19T07:59+01:00", "2026-11-19T08:00+01:00"),
        ("Europe/Berlin", "2026-11-19T18:00+01:00", "2026-11-20T08:00+01:00"),
        ("Europe/Berlin", "2026-11-20T19:00+01:00", "2026-11-23T08:00+01:00"),
        ("Europe/Berlin", "2026-12-24T19:00+01:00", "2026-12-28T08:00+01:00"),
        ("Asia/Singapore", "2026-11-20T12:00+00:00", "2026-11-23T08:00+08:00"),
    ],
)
def test_what_falls_outside_working_hours_waits_for_the_next_morning(zone: str, instant: str, expected: str) -> None:
    found = schedule.working_instant(a_plan(country="DE"), datetime.fromisoformat(instant), zone)

    assert found == datetime.fromisoformat(expected)


def test_reminders_stay_in_working_hours_and_end_with_the_round() -> None:
    asked = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    plan = a_plan(reminders=5)

    times = schedule.reminder_times(plan, asked, "Europe/Berlin", asked + timedelta(hours=27))

    assert [at.astimezone(ZoneInfo("Europe/Berlin")).isoformat() for at in times] == [
        "2026-11-19T14:00:00+01:00",
        "2026-11-20T08:00:00+01:00",
        "2026-11-20T12:00:00+01:00",
    ]


def test_the_grace_ends_with_the_working_day() -> None:
    due = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)  # 16:00 in Berlin

    assert schedule.ask_until(a_plan(), due, "Europe/Berlin") == datetime(2026, 11, 19, 17, 0, tzinfo=UTC)


def test_a_round_closes_when_the_team_is_at_work() -> None:
    last = datetime(2026, 11, 19, 18, 0, tzinfo=UTC)  # 10:00 in Los Angeles

    closes = schedule.closes_at(a_plan(), date(2026, 11, 19), last)

    assert closes.astimezone(ZoneInfo("Europe/Berlin")).isoformat() == "2026-11-23T08:00:00+01:00"


def test_the_day_begins_where_it_begins_first() -> None:
    opens = schedule.opens_at(a_plan(), date(2026, 11, 19))

    assert opens == datetime(2026, 11, 18, 20, 0, tzinfo=UTC)
    assert all(
        opens <= schedule.due_at(a_plan(), date(2026, 11, 19), zone)
        for zone in ("Pacific/Kiritimati", "Pacific/Auckland", "Asia/Tokyo", "Pacific/Pago_Pago")
    )


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-19T09:59+01:00", date(2026, 11, 19)),
        ("2026-11-19T10:00+01:00", date(2026, 11, 26)),
        ("2026-11-16T12:00+01:00", date(2026, 11, 19)),
    ],
)
def test_a_new_schedule_begins_with_the_first_day_that_is_still_whole(now: str, expected: date) -> None:
    assert schedule.first_day(a_plan(), datetime.fromisoformat(now)) == expected


def test_weeks_are_read_and_nonsense_is_refused() -> None:
    assert schedule.week_of("2026-W47") == (date(2026, 11, 16), date(2026, 11, 22))
    with pytest.raises(ValueError):
        schedule.week_of("last week")
