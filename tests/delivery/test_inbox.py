"""Each delivery from Slack is worked once; one whose worker died is worked again."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.database import Sessions
from bot.delivery.service import Inbox
from tests.clocks import FixedClock

BODY = {"type": "event_callback", "event_id": "Ev1"}


@pytest.fixture
def inbox(sessions: Sessions, clock: FixedClock) -> Inbox:
    return Inbox(sessions, clock)


def test_an_event_is_taken_in_once(inbox: Inbox) -> None:
    assert inbox.take_in("T1", "event:Ev1") == 1
    assert inbox.take_in("T1", "event:Ev1") == 0
    inbox.finish("T1", "event:Ev1")
    assert inbox.take_in("T1", "event:Ev1") == 0


def test_two_workspaces_have_their_own_events(inbox: Inbox) -> None:
    assert inbox.take_in("T1", "event:Ev1") == 1
    assert inbox.take_in("T2", "event:Ev1") == 1


def test_an_event_that_failed_is_worked_when_it_comes_again(inbox: Inbox) -> None:
    inbox.take_in("T1", "event:Ev1")
    inbox.release("T1", "event:Ev1")

    assert inbox.take_in("T1", "event:Ev1") == 2


def test_an_event_whose_worker_died_is_handed_out_again(inbox: Inbox, clock: FixedClock) -> None:
    inbox.take_in("T1", "event:Ev1", BODY)
    clock.pass_time(seconds=89)
    assert inbox.abandoned() == []

    clock.pass_time(seconds=2)

    assert inbox.abandoned() == [BODY]
    assert inbox.take_in("T1", "event:Ev1", BODY) == 2
    assert inbox.abandoned() == []


def test_an_event_that_kills_its_worker_three_times_is_given_up(inbox: Inbox, clock: FixedClock) -> None:
    for _ in range(3):
        assert inbox.take_in("T1", "event:Ev1", BODY) > 0
        clock.pass_time(seconds=91)

    assert inbox.abandoned() == []
    assert inbox.take_in("T1", "event:Ev1", BODY) == 0


def test_old_events_are_forgotten(inbox: Inbox, clock: FixedClock) -> None:
    inbox.take_in("T1", "event:Ev1")
    inbox.finish("T1", "event:Ev1")
    clock.pass_time(days=8)

    inbox.forget()

    assert inbox.take_in("T1", "event:Ev1") == 1


def test_of_workers_that_race_one_takes_the_event(inbox: Inbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: inbox.take_in("T1", "event:Ev1"), range(40)))

    assert sorted(taken) == [0] * 39 + [1]
