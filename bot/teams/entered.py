"""What people type into the team's forms, read or refused field by field; pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from typing import Any
from zoneinfo import available_timezones

from bot.errors import FormErrors
from bot.teams.model import MemberKind
from bot.teams.profile import FactName
from knowledge.model import STACKS, Phase

NAME_LIMIT = 80
REASON_LIMIT = 500
PIN_AT_MOST = timedelta(days=366)
SCALES = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}
NUMBER = re.compile(
    r"^[~≈]?\s*(?P<digits>-?\d+(?:[,' ]\d{3})*|-?\d+)(?P<decimals>[.,]\d+)?\s*(?P<scale>k|m|thousand|million)?"
    r"\s*(?:%|gb|users|a month|a week|/s|/week|/month)?$",
    re.IGNORECASE,
)


class Field(StrEnum):
    """What of a team can be changed, besides its numbers; block ids of the forms and names in the audit."""

    NAME = "name"
    HOME = "home_channel"
    TIMEZONE = "timezone"
    STACKS = "stacks"
    OWNERS = "owners"
    MEMBERS = "members"


#: Block ids that only forms know.
EVERYBODY, PEOPLE, CHANNELS, GROUP, AS_OF = "everybody", "people", "channels", "group", "as_of"
PHASE, REASON, REVIEW_ON = "phase", "reason", "review_on"

#: At most ten each, as many as Slack takes in checkboxes.
STACK_GROUPS: Mapping[str, tuple[str, ...]] = {
    "stack_language": ("rails", "django", "laravel", "node", "java", "go", "php", "elixir"),
    "stack_database": ("postgres", "mysql", "mongodb", "elasticsearch"),
    "stack_cache": ("redis", "memcached", "rabbitmq", "kafka", "sidekiq", "celery", "bullmq"),
    "stack_hosting": ("linux", "docker", "kubernetes", "aws", "gcp", "azure", "cloudflare", "nginx", "haproxy"),
}


@dataclass(frozen=True)
class Bounds:
    """What a number may be."""

    least: float
    most: float
    whole: bool = False


BOUNDS: Mapping[FactName, Bounds] = {
    FactName.USERS: Bounds(0, 10_000_000_000, whole=True),
    FactName.GROWTH: Bounds(-100, 1_000),
    FactName.PEAK: Bounds(0, 10_000_000),
    FactName.DATABASE: Bounds(0, 10_000_000),
    FactName.ENGINEERS: Bounds(0, 100_000, whole=True),
    FactName.DEPLOYS: Bounds(0, 100_000),
    FactName.INCIDENTS: Bounds(0, 10_000),
}


@dataclass(frozen=True)
class NewTeam:
    """A team as wished for; values as the audit writes them."""

    values: Mapping[str, str] = field(hash=False)
    everybody: bool = True


@dataclass(frozen=True)
class PinWish:
    """A phase to be held in, why, and when to ask again."""

    phase: Phase
    reason: str
    review_on: date


class _Faults:
    """Collects what is wrong, so that a person sees all of it at once."""

    def __init__(self) -> None:
        self._fields: dict[str, str] = {}

    def read(self, name: str, parse: Callable[[], str]) -> str:
        try:
            return parse()
        except ValueError as fault:
            self._fields[name] = str(fault)
            return ""

    def check(self) -> None:
        if self._fields:
            raise FormErrors(self._fields)


def read_new_team(filled: Mapping[str, Any], now: Mapping[str, str]) -> NewTeam:
    """A set-up form; what comes back without a value is as the form showed it (`now`).

    Raises:
        FormErrors: by field.
    """
    faults = _Faults()
    values = {**_basics(filled, now, faults), **_numbers(filled, (FactName.USERS,), faults)}
    faults.check()
    return NewTeam(values, everybody=filled.get(EVERYBODY) != "no")


def read_basics(filled: Mapping[str, Any], now: Mapping[str, str]) -> dict[str, str]:
    """A settings form; what comes back without a value stays as it is `now`.

    Raises:
        FormErrors: by field.
    """
    faults = _Faults()
    values = _basics(filled, now, faults)
    faults.check()
    return values


def read_facts(filled: Mapping[str, Any], today: date) -> tuple[dict[str, str], date]:
    """A form of numbers: those that were filled in, and the day they are of.

    Raises:
        FormErrors: by field.
    """
    faults = _Faults()
    values = _numbers(filled, tuple(FactName), faults)
    as_of = faults.read(AS_OF, lambda: _day_until(filled.get(AS_OF) or today.isoformat(), today))
    faults.check()
    return values, date.fromisoformat(as_of)


def read_people(filled: Mapping[str, Any], now: Mapping[str, str]) -> dict[str, str]:
    """A form of owners and members; what the form did not show stays as it is `now`.

    Raises:
        FormErrors: by field.
    """
    faults = _Faults()
    owners = faults.read(Field.OWNERS, lambda: joined(_some(filled.get(Field.OWNERS), "Name at least one owner.")))
    faults.check()
    groups = [filled[GROUP]] if filled.get(GROUP) else []
    if GROUP not in filled:
        groups = [who for kind, who in map(member, parted(now.get(Field.MEMBERS, ""))) if kind == MemberKind.GROUP]
    members = [
        *(f"{MemberKind.PERSON}:{who}" for who in filled.get(PEOPLE) or []),
        *(f"{MemberKind.CHANNEL}:{who}" for who in filled.get(CHANNELS) or []),
        *(f"{MemberKind.GROUP}:{who}" for who in groups),
    ]
    return {Field.OWNERS: owners, Field.MEMBERS: joined(members)}


def member(text: str) -> tuple[MemberKind, str]:
    """A member as the audit writes it: `channel:C0ENG`."""
    kind, _, who = text.partition(":")
    return MemberKind(kind), who


def read_pin(filled: Mapping[str, Any], today: date) -> PinWish:
    """A form that holds a team in a phase.

    Raises:
        FormErrors: by field.
    """
    faults = _Faults()
    phase = faults.read(PHASE, lambda: _one_of(filled.get(PHASE), list(Phase), "Choose a phase."))
    reason = faults.read(REASON, lambda: read_reason(filled.get(REASON)))
    review_on = faults.read(REVIEW_ON, lambda: _day_ahead(filled.get(REVIEW_ON), today))
    faults.check()
    return PinWish(Phase(phase), reason, date.fromisoformat(review_on))


def read_reason(text: str | None) -> str:
    """Some words, not only blanks."""
    if not (text or "").strip():
        raise ValueError("Say why in a few words; the others will ask.")
    return _at_most((text or "").strip(), REASON_LIMIT)


def read_number(name: FactName, text: str) -> float:
    """A number as people write it: 1200, 1,200, 1.2k, 12 %."""
    found = NUMBER.match(text.strip())
    if found is None:
        raise ValueError("Write a number, such as 1200, 1.2k or 3 million.")
    value = _value(found, BOUNDS[name])
    bounds = BOUNDS[name]
    if not bounds.least <= value <= bounds.most:
        raise ValueError(f"That must be between {bounds.least:,.0f} and {bounds.most:,.0f}.")
    if bounds.whole and not value.is_integer():
        raise ValueError("That must be a whole number.")
    return value


def read_timezone(text: str | None) -> str:
    """A zone of the tz database; its last part ("Berlin") is enough where it is the only one."""
    typed = (text or "").strip().replace(" ", "_")
    zones = {zone.lower(): zone for zone in available_timezones() if "/" in zone or zone == "UTC"}
    if typed.lower() in zones:
        return zones[typed.lower()]
    cities = [zone for zone in sorted(zones.values()) if zone.rsplit("/", 1)[-1].lower() == typed.lower()]
    if len(cities) == 1:
        return cities[0]
    near = cities or [zones[name] for name in get_close_matches(typed.lower(), zones, n=3, cutoff=0.6)]
    hint = f" Did you mean {' or '.join(near[:3])}?" if near else " Write it like Europe/Berlin or America/New_York."
    raise ValueError(f"I do not know this time zone.{hint}")


def number_text(value: float) -> str:
    """A number as forms and the audit write it."""
    return f"{value:.15g}"


def joined(parts: Sequence[str]) -> str:
    """Several values as the audit writes them."""
    return ", ".join(dict.fromkeys(parts))


def parted(text: str) -> list[str]:
    """The values `joined` put together."""
    return [part for part in text.split(", ") if part]


def _basics(filled: Mapping[str, Any], now: Mapping[str, str], faults: _Faults) -> dict[str, str]:
    return {
        Field.NAME: faults.read(Field.NAME, lambda: _name(filled.get(Field.NAME) or now.get(Field.NAME))),
        Field.HOME: faults.read(Field.HOME, lambda: _channel(filled.get(Field.HOME) or now.get(Field.HOME))),
        Field.TIMEZONE: faults.read(
            Field.TIMEZONE, lambda: read_timezone(filled.get(Field.TIMEZONE) or now.get(Field.TIMEZONE))
        ),
        Field.STACKS: _stacks(filled, parted(now.get(Field.STACKS, ""))),
    }


def _numbers(filled: Mapping[str, Any], names: Sequence[FactName], faults: _Faults) -> dict[str, str]:
    typed = {name: str(filled[name]) for name in names if filled.get(name)}
    return {name: faults.read(name, partial(_number, name, text)) for name, text in typed.items()}


def _number(name: FactName, text: str) -> str:
    return number_text(read_number(name, text))


def _stacks(filled: Mapping[str, Any], now: Sequence[str]) -> str:
    """The ticked ones; a group that the form did not bring back stays as it is, as does all where nothing is ticked.

    The local trial shows no box as ticked, so there an empty form means that nobody looked at it.
    """
    ticked: list[str] = []
    for group, names in STACK_GROUPS.items():
        of_group = filled[group] if filled.get(group) is not None else now
        ticked += [name for name in names if name in of_group]
    return joined([stack for stack in STACKS if stack in (ticked or now)])


def _value(found: re.Match[str], bounds: Bounds) -> float:
    decimals, scale = (found["decimals"] or "").replace(",", "."), (found["scale"] or "").lower()
    if bounds.whole and len(decimals) == 4 and not scale:
        digits = found["digits"] + decimals[1:]
        raise ValueError(f"That reads as {found['digits']} or as {digits}: write {digits} without a point.")
    return round(float(re.sub(r"[,' ]", "", found["digits"]) + decimals) * SCALES.get(scale, 1), 4)


def _name(text: str | None) -> str:
    if not (text or "").strip():
        raise ValueError("A team needs a name.")
    return _at_most(" ".join((text or "").split()), NAME_LIMIT)


def _channel(channel: str | None) -> str:
    if not channel:
        raise ValueError("Choose the channel in which I tell the team things.")
    if not channel.startswith(("C", "G")):
        raise ValueError("Choose a channel, not a direct message.")
    return channel


def _at_most(text: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(f"At most {limit} characters, please; these are {len(text)}.")
    return text


def _some(values: Sequence[str] | None, fault: str) -> Sequence[str]:
    if not values:
        raise ValueError(fault)
    return values


def _one_of(value: str | None, allowed: Sequence[str], fault: str) -> str:
    if value not in allowed:
        raise ValueError(fault)
    return value or ""


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise ValueError("Choose a day.") from None


def _day_until(text: str, today: date) -> str:
    day = _day(text)
    if day > today + timedelta(days=1):  # somewhere it is tomorrow already
        raise ValueError("That day has not come yet.")
    return day.isoformat()


def _day_ahead(text: str | None, today: date) -> str:
    day = _day(text)
    if day <= today:
        raise ValueError("Choose a day to come.")
    if day > today + PIN_AT_MOST:
        raise ValueError("Choose a day within a year.")
    return day.isoformat()
