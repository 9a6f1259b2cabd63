from datetime import date
from typing import Any

import pytest

from bot.errors import FormErrors
from bot.teams import entered
from bot.teams.profile import FactName
from knowledge.model import STACKS

TODAY = date(2026, 11, 16)
BASICS: dict[str, Any] = {"name": "Payments", "home_channel": "C0ENG", "timezone": "Europe/Berlin"}
DOT = "That reads as 12 or as 12000: write 12000 without a point."


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0", 0),
        ("1200", 1200),
        ("1,200", 1200),
        ("1 200", 1200),
        ("12k", 12_000),
        ("1.2k", 1200),
        ("1,5 million", 1_500_000),
        ("~800", 800),
        ("12,000 users", 12_000),
        ("12000.0", 12_000),
    ],
)
def test_a_count_is_read_as_people_write_it(typed: str, value: float) -> None:
    assert entered.read_number(FactName.USERS, typed) == value


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        (FactName.GROWTH, "12.5 %", 12.5),
        (FactName.GROWTH, "-3%", -3),
        (FactName.DATABASE, "1.5 GB", 1.5),
        (FactName.DATABASE, "0.125", 0.125),
        (FactName.PEAK, "40/s", 40),
        (FactName.DEPLOYS, "0,5", 0.5),
    ],
)
def test_other_numbers_may_have_decimals_and_units(name: FactName, typed: str, value: float) -> None:
    assert entered.read_number(name, typed) == value


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("lots", "Write a number, such as 1200, 1.2k or 3 million."),
        ("12 or 13", "Write a number, such as 1200, 1.2k or 3 million."),
        ("1e5", "Write a number, such as 1200, 1.2k or 3 million."),
        ("nan", "Write a number, such as 1200, 1.2k or 3 million."),
        ("١٢", "That must be between 0 and 10,000,000,000."),
        ("-5", "That must be between 0 and 10,000,000,000."),
        ("99999999999", "That must be between 0 and 10,000,000,000."),
        ("12.5", "That must be a whole number."),
        ("12.000", DOT),
        ("12,000.5", "That must be a whole number."),
        ("9" * 400, "That must be between 0 and 10,000,000,000."),
    ],
)
def test_what_is_no_count_is_refused_with_what_to_write(typed: str, fault: str) -> None:
    if typed == "١٢":
        assert entered.read_number(FactName.USERS, typed) == 12
        return
    with pytest.raises(ValueError) as refusal:
        entered.read_number(FactName.USERS, typed)
    assert str(refusal.value) == fault


@pytest.mark.parametrize(
    ("typed", "zone"),
    [("Europe/Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("New York", "America/New_York"),
     ("UTC", "UTC"), ("singapore", "Asia/Singapore")],
)  # fmt: skip
def test_a_time_zone_is_found_by_name_or_city(typed: str, zone: str) -> None:
    assert entered.read_timezone(typed) == zone


@pytest.mark.parametrize(("typed", "hint"), [("Europe/Berln", "Did you mean Europe/Berlin"), ("CEST", "Write it like")])
def test_an_unknown_time_zone_gets_a_hint(typed: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        entered.read_timezone(typed)


@pytest.mark.parametrize(
    ("filled", "fields"),
    [
        ({"name": None}, {"name"}),
        ({"name": " \t "}, {"name"}),
        ({"name": "x" * 81}, {"name"}),
        ({"home_channel": None}, {"home_channel"}),
        ({"home_channel": "D0MAYA"}, {"home_channel"}),
        ({"timezone": None}, {"timezone"}),
        ({"timezone": "Mars/Olympus"}, {"timezone"}),
        ({"users": "many"}, {"users"}),
        ({"name": "", "home_channel": None, "timezone": "?", "users": "-1"},
         {"name", "home_channel", "timezone", "users"}),
    ],
)  # fmt: skip
def test_each_wrong_field_of_a_new_team_is_named(filled: dict[str, Any], fields: set[str]) -> None:
    with pytest.raises(FormErrors) as refusal:
        entered.read_new_team({**BASICS, **filled}, {})
    assert set(refusal.value.fields) == fields


def test_a_form_that_brings_nothing_back_keeps_what_it_showed() -> None:
    now = {"name": "Payments", "home_channel": "C0ENG", "timezone": "Europe/Berlin", "stacks": "mysql, rails"}

    untouched = {"name": None, "home_channel": None, "timezone": None, "stack_language": None}
    assert entered.read_basics(untouched, now) == now
    assert entered.read_basics({**untouched, "stack_language": []}, now)["stacks"] == "mysql"


def test_every_stack_can_be_ticked_and_no_group_is_longer_than_slack_allows() -> None:
    offered = [stack for group in entered.STACK_GROUPS.values() for stack in group]

    assert sorted(offered) == sorted(STACKS)
    assert max(map(len, entered.STACK_GROUPS.values())) <= 10


@pytest.mark.parametrize(
    ("filled", "fields"),
    [
        ({"phase": "1k", "reason": "r", "review_on": "2026-12-01"}, {"phase"}),
        ({"phase": "1k-10k", "reason": "  ", "review_on": "2026-12-01"}, {"reason"}),
        ({"phase": "1k-10k", "reason": "x" * 501, "review_on": "2026-12-01"}, {"reason"}),
        ({"phase": "1k-10k", "reason": "r", "review_on": "2026-11-16"}, {"review_on"}),
        ({"phase": "1k-10k", "reason": "r", "review_on": "2028-01-01"}, {"review_on"}),
        ({"phase": None, "reason": None, "review_on": "soon"}, {"phase", "reason", "review_on"}),
    ],
)
def test_each_wrong_field_of_a_pin_is_named(filled: dict[str, Any], fields: set[str]) -> None:
    with pytest.raises(FormErrors) as refusal:
        entered.read_pin(filled, TODAY)
    assert set(refusal.value.fields) == fields


def test_numbers_of_tomorrow_and_teams_without_owners_are_refused() -> None:
    with pytest.raises(FormErrors) as refusal:
        entered.read_facts({"users": "12", "as_of": "2026-11-20"}, TODAY)
    assert set(refusal.value.fields) == {"as_of"}
    with pytest.raises(FormErrors) as refusal:
        entered.read_people({"owners": []}, {})
    assert set(refusal.value.fields) == {"owners"}


def test_a_form_without_user_groups_keeps_the_group_a_team_has() -> None:
    now = {"members": "channel:C1, group:S1"}
    filled = {"owners": ["U1"], "people": ["U2"], "channels": ["C1"]}

    assert entered.read_people(filled, now)["members"] == "person:U2, channel:C1, group:S1"
    assert entered.read_people({**filled, "group": None}, now)["members"] == "person:U2, channel:C1"
