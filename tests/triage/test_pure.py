"""What the triage decides without a database: reminders, reading, pasted words, timelines."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.triage import pace, timeline
from bot.triage.model import Incident, Kind, Line, State, ThreadMessage
from bot.triage.pasted import words_of
from bot.triage.reading import reads_like_incident
from knowledge.triage import Recognised, Suspect

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
SURE = Recognised((Suspect("outage", 0.7, "x"),), ())


@pytest.mark.parametrize(
    ("severity", "owner", "minutes"),
    [(None, None, 5), (1, None, 5), (1, "U1", 15), (2, "U1", 30), (3, "U1", 60), (None, "U1", 30)],
)
def test_news_are_asked_for_sooner_the_worse_it_is(severity: int | None, owner: str | None, minutes: int) -> None:
    assert pace.next_nudge(NOW, severity, owner) == NOW + timedelta(minutes=minutes)


def test_once_customers_are_fine_there_is_time() -> None:
    assert pace.next_nudge(NOW, 1, "U1", mitigated=True) == NOW + timedelta(hours=4)


@pytest.mark.parametrize(
    ("moment", "zone", "night"),
    [
        (datetime(2026, 11, 16, 21, 59, tzinfo=UTC), "UTC", False),
        (datetime(2026, 11, 16, 22, 0, tzinfo=UTC), "UTC", True),
        (datetime(2026, 11, 16, 6, 59, tzinfo=UTC), "UTC", True),
        (datetime(2026, 11, 16, 7, 0, tzinfo=UTC), "UTC", False),
        (datetime(2026, 11, 16, 18, 0, tzinfo=UTC), "Asia/Tokyo", True),
        (datetime(2026, 10, 25, 5, 30, tzinfo=UTC), "Europe/London", True),
    ],
)
def test_night_is_where_people_are(moment: datetime, zone: str, night: bool) -> None:
    assert pace.is_night(moment, zone) is night


@pytest.mark.parametrize(
    ("now", "chased_at", "may"),
    [
        (datetime(2026, 11, 16, 9, 0, tzinfo=UTC), None, True),
        (datetime(2026, 11, 16, 17, 0, tzinfo=UTC), None, False),
        (datetime(2026, 11, 15, 12, 0, tzinfo=UTC), None, False),
        (datetime(2026, 11, 16, 9, 0, tzinfo=UTC), datetime(2026, 11, 9, 9, 1, tzinfo=UTC), False),
        (datetime(2026, 11, 16, 9, 0, tzinfo=UTC), datetime(2026, 11, 9, 9, 0, tzinfo=UTC), True),
    ],
)
def test_late_follow_ups_are_brought_up_weekly_at_work(now: datetime, chased_at: datetime | None, may: bool) -> None:
    assert pace.may_chase(now, "UTC", chased_at) is may


@pytest.mark.parametrize(
    "text", ["the site is DOWN!!", "ERROR 1205: Lock wait timeout exceeded", "help, nothing loads since 10 min"]
)
def test_cries_for_help_read_like_an_incident(text: str) -> None:
    assert reads_like_incident(text, SURE)


@pytest.mark.parametrize(
    "text",
    [
        "should we add a replica before we go down?",
        "how do we avoid an outage on launch day",
        "our dashboard is slow since we passed 800 users",
    ],
)
def test_plans_and_slow_worries_do_not(text: str) -> None:
    assert not reads_like_incident(text, SURE)


def test_what_is_not_recognised_is_no_incident() -> None:
    assert not reads_like_incident("help, the coffee machine is down!!", Recognised((), ()))


def test_the_words_of_an_alert_are_found_wherever_they_are() -> None:
    message = {
        "text": "",
        "attachments": [
            {"title": "HighCpu", "fields": [{"title": "host", "value": "app-1"}], "fallback": "never shown"},
            {"fallback": "only a fallback"},
        ],
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "Alert"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "CPU &gt; 90 %"}, "fields": [{"text": "f1"}]},
            {"type": "divider"},
        ],
    }

    assert words_of(message).splitlines() == ["HighCpu", "host: app-1", "only a fallback", "Alert", "CPU > 90 %", "f1"]


def test_a_message_that_says_it_twice_is_read_once() -> None:
    message = {"text": "disk full", "blocks": [{"type": "section", "text": {"text": "disk full"}}]}

    assert words_of(message) == "disk full"


def an_incident(**values: object) -> Incident:
    usual = {
        "id": 7,
        "opened_at": NOW,
        "timezone": "Europe/Berlin",
        "state": State.OPEN,
        "mitigated_at": None,
        "closed_at": None,
    }
    return Incident(**{**usual, **values})


def test_a_timeline_is_in_order_with_dates_and_without_what_was_taken_back() -> None:
    lines = [Line(at=NOW, by="U1", text="Triage began", kind=Kind.OPENED)]
    said = [
        ThreadMessage(ts="1794819540.000000", by="U2", text="before\nit", edited_at=NOW),
        ThreadMessage(ts="1794819700.000000", by="U2", text=None, deleted_at=NOW),
    ]

    events = timeline.events_of(lines, said)
    text = timeline.as_markdown(an_incident(), "Disk full", events, {"U1": "Maya", "U2": "Ben"})

    assert text.splitlines() == [
        "# Timeline of incident 7: Disk full",
        "",
        "Times are in Europe/Berlin.",
        "",
        "- 2026-11-16 09:59 – Ben: “before it” (edited)",
        "- 2026-11-16 10:00 – Triage began (Maya)",
    ]


def test_people_named_in_a_line_are_called_by_name_in_the_file() -> None:
    events = [timeline.Event(NOW, "U1", "Handed over to <@U2>", Kind.OWNER)]

    [line] = timeline.timeline_lines(an_incident(), events, {"U1": "Maya", "U2": "Ben"})

    assert line == "- 2026-11-16 10:00 – Handed over to Ben (Maya)"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(None, None), (0, "less than a minute"), (12, "12 min"), (119, "119 min"), (125, "2 h 5 min")],
)
def test_how_long_it_lasted_is_said_as_people_say_it(minutes: int | None, words: str | None) -> None:
    end = None if minutes is None else NOW + timedelta(minutes=minutes)

    assert timeline.lasted(an_incident(mitigated_at=end)) == words
