from datetime import UTC, datetime

from bot.teams.merge import Change, changed, merged

AT = datetime(2026, 11, 16, tzinfo=UTC)


def change(field: str, old: str, new: str) -> Change:
    return Change(field, old, new, "U0BEN", AT)


def test_what_i_left_alone_takes_the_others_value_and_what_i_changed_stays_mine() -> None:
    mine = {"name": "Money", "timezone": "UTC", "stacks": "mysql"}
    now = {"name": "Pay", "timezone": "Asia/Tokyo", "stacks": "mysql"}

    result = merged(mine, now, [change("name", "Payments", "Pay"), change("timezone", "UTC", "Asia/Tokyo")])

    assert result == {"name": "Money", "timezone": "Asia/Tokyo", "stacks": "mysql"}


def test_several_changes_of_one_field_are_measured_from_the_first() -> None:
    now = {"name": "C"}
    assert merged({"name": "A"}, now, [change("name", "A", "B"), change("name", "B", "C")]) == {"name": "C"}
    assert merged({"name": "B"}, now, [change("name", "A", "B"), change("name", "B", "C")]) == {"name": "B"}


def test_only_real_changes_count() -> None:
    assert changed({"name": "A", "users": "5"}, {"name": "A"}) == {"users": "5"}
