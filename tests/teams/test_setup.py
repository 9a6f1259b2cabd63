"""Setting up, changing and pinning on real databases, also by two people at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from bot.database import Sessions
from bot.errors import FormErrors, NotFound
from bot.teams.admin import AuditLine, as_csv
from bot.teams.entered import PinWish
from bot.teams.model import Mark
from knowledge.base import GUIDANCE
from knowledge.library import load_library
from knowledge.model import Library, Phase
from tests.clocks import FixedClock
from tests.teams.parts import Parts, wish
from tests.teams.test_interface import Directory

W, OTHER = "T0TEST", "T0OTHER"


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(GUIDANCE)


@pytest.fixture
def parts(sessions: Sessions, clock: FixedClock, library: Library) -> Parts:
    return Parts(sessions, Directory(), clock, library)


def test_ten_people_taking_the_same_channel_make_one_team(parts: Parts) -> None:
    def create(number: int) -> str | None:
        try:
            parts.setup.create(W, f"U{number}", wish(f"Team {number}"))
        except FormErrors as refusal:
            return refusal.fields["home_channel"]
        return None

    with ThreadPoolExecutor(10) as pool:
        refusals = list(pool.map(create, range(10)))

    [team] = parts.teams.all(W)
    assert refusals.count(None) == 1
    assert refusals.count(f"This channel is already the home of the team {team.name}.") == 9


def test_the_same_channel_id_in_two_workspaces_is_two_homes(parts: Parts) -> None:
    ours, theirs = parts.setup.create(W, "UA", wish("Ours")), parts.setup.create(OTHER, "UA", wish("Theirs"))

    assert [team.name for team in parts.teams.of_person(W, "UA")] == ["Ours"]
    with pytest.raises(NotFound):
        parts.setup.edit(W, "UA", theirs.id, 1, {"name": "Stolen"})
    with pytest.raises(NotFound):
        parts.admin.audit(OTHER, "UA", ours.id)


def test_of_two_who_save_at_the_same_moment_one_is_shown_what_the_other_changed(parts: Parts) -> None:
    team = parts.setup.create(W, "UA", wish())
    parts.setup.edit(W, "UA", team.id, 1, {"owners": "UA, UB"})
    seen = parts.teams.profile(W, team.id).version

    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(parts.setup.edit, W, by, team.id, seen, {"name": f"By {by}"}) for by in ("UA", "UB")]
        conflicts = [done.result() for done in tries]

    [conflict] = [conflict for conflict in conflicts if conflict is not None]
    winner, loser = ("UA", "UB") if conflicts[0] is None else ("UB", "UA")
    assert parts.teams.profile(W, team.id).name == f"By {winner}"
    assert [(change.field, change.by, change.old, change.new) for change in conflict.changes] == [
        ("name", winner, "Payments", f"By {winner}")
    ]
    assert (conflict.values, conflict.version) == ({"name": f"By {loser}"}, seen + 1)


def test_a_home_cannot_move_to_another_teams_channel(parts: Parts) -> None:
    team = parts.setup.create(W, "UA", wish())
    parts.setup.create(W, "UA", wish("Search", "C0SEARCH"))

    with pytest.raises(FormErrors) as refusal:
        parts.setup.edit(W, "UA", team.id, 1, {"home_channel": "C0SEARCH"})

    assert refusal.value.fields == {"home_channel": "This channel is already the home of another team."}
    assert parts.teams.profile(W, team.id).version == 1


def test_facts_keep_their_dates_and_noise_is_not_announced(parts: Parts, clock: FixedClock) -> None:
    team = parts.setup.create(W, "UA", wish(users="1000"))
    for week in range(26):
        clock.pass_time(days=7)
        version = parts.teams.profile(W, team.id).version
        users = 1000 + (-45 if week % 2 else 45)
        parts.setup.edit(W, "UA", team.id, version, {"users": str(users)}, date(2026, 11, 1))

    assert [said for said in parts.announced.said if said[0] == "phase"] == [("phase", ("100-1k", "1k-10k"))]
    fact = parts.teams.profile(W, team.id).facts
    assert [(name, value.value, value.as_of) for name, value in fact.items()] == [("users", 955, date(2026, 11, 1))]


def test_a_pin_goes_before_the_numbers_until_it_is_taken_away(parts: Parts, clock: FixedClock) -> None:
    team = parts.setup.create(W, "UA", wish(users="5000"))
    parts.phases.pin(W, "UA", team.id, PinWish(Phase.P100_1K, "one big customer", date(2026, 12, 1)))
    parts.setup.edit(W, "UA", team.id, 1, {"users": "50000"})
    pinned = parts.teams.profile(W, team.id)
    parts.phases.unpin(W, "UA", team.id)
    parts.phases.unpin(W, "UA", team.id)

    assert (pinned.phase, pinned.phase_evidence[0]) == ("100-1k", "10k-100k: 50,000 registered users")
    assert parts.teams.profile(W, team.id).phase == "10k-100k"
    assert [said for said in parts.announced.said if said[0] == "phase"] == [
        ("phase", ("1k-10k", "100-1k")),
        ("phase", ("100-1k", "10k-100k")),
    ]


def test_two_processes_ask_about_a_pin_once_and_again_after_a_week(parts: Parts, clock: FixedClock) -> None:
    team = parts.setup.create(W, "UA", wish())
    parts.phases.pin(W, "UA", team.id, PinWish(Phase.P100_1K, "r", clock().date() + timedelta(days=1)))

    def beats() -> int:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: parts.phases.ask_again(), range(6)))
        return sum(kind == "look again" for kind, _ in parts.announced.said)

    assert beats() == 0
    clock.pass_time(days=1)
    assert beats() == 1
    clock.pass_time(days=6)
    assert beats() == 1
    clock.pass_time(days=1, minutes=1)
    assert beats() == 2
    parts.phases.keep_pin(W, "UA", team.id)
    clock.pass_time(days=20)
    assert beats() == 2


def test_marks_belong_to_their_team_and_a_second_one_replaces_the_first(parts: Parts) -> None:
    ours = parts.setup.create(W, "UA", wish())
    other = parts.setup.create(W, "UA", wish("Search", "C0SEARCH"))
    parts.phases.mark(W, "UA", ours.id, "stateless-app", Mark.IN_HAND)
    parts.phases.mark(W, "UA", ours.id, "stateless-app", Mark.DONE)
    parts.phases.mark(W, "UA", ours.id, "stateless-app", Mark.DONE)

    plans = [parts.phases.plan(W, "UA", team.id)[1] for team in (ours, other)]
    assert [[item.entry.id for item in plan.done] for plan in plans if plan] == [["stateless-app"], []]
    lines = [line for line in parts.admin.audit(W, "UA", ours.id) if line.what == "plan.stateless-app"]
    assert [(line.old, line.new) for line in lines] == [(None, "in hand"), ("in hand", "done")]
    assert [line for line in parts.admin.audit(W, "UA", other.id) if line.what.startswith("plan.")] == []
    with pytest.raises(NotFound):
        parts.phases.mark(W, "UA", ours.id, "no-such-entry", Mark.DONE)


def test_nothing_is_saved_when_the_announcement_cannot_be_written(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = parts.setup.create(W, "UA", wish(users="5000"))

    def fails(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(parts.announced, "phase_changed", fails)
        with pytest.raises(RuntimeError):
            parts.setup.edit(W, "UA", team.id, 1, {"users": "50000"})

    now = parts.teams.profile(W, team.id)
    assert (now.version, now.phase, now.facts["users"].value) == (1, "1k-10k", 5000)  # type: ignore[index]


def test_the_audit_as_a_table_is_safe_to_open_in_a_spreadsheet(clock: FixedClock) -> None:
    line = AuditLine(clock(), "UA", "team.name", '=HYPERLINK("x")', 'a, "b"\nc')

    assert as_csv([line]) == (
        'at,by,what,old,new\n2026-11-16T09:00:00+00:00,UA,team.name,"\'=HYPERLINK(""x"")","a, ""b""\nc"\n'
    )
