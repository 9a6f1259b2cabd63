"""What becomes of a form that was filled in while somebody else changed the same team; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Change:
    """Who changed a field, when, from what to what."""

    field: str
    old: str
    new: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Conflict:
    """What changed meanwhile, and the form as it should be looked at again before it is sent once more."""

    changes: tuple[Change, ...]
    values: Mapping[str, str] = field(hash=False)
    version: int = 0


def merged(mine: Mapping[str, str], now: Mapping[str, str], changes: Sequence[Change]) -> dict[str, str]:
    """My values, except where I left a field as it was and somebody else did not."""
    before: dict[str, str] = {}
    for change in changes:
        before.setdefault(change.field, change.old)
    return {name: now[name] if name in before and value == before[name] else value for name, value in mine.items()}


def changed(mine: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """The fields of mine that differ from now."""
    return {name: value for name, value in mine.items() if now.get(name, "") != value}
