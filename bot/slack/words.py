"""What is said in Slack, and where it went: plain values that services may know."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Words:
    """Blocks as Slack wants them, and the plain text that stands for them in notifications and screen readers."""

    text: str
    blocks: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True)
class Attachment:
    """A file, and what it shows in words for those who cannot see it."""

    filename: str
    description: str
    content: bytes


@dataclass(frozen=True)
class Landed:
    """Where a message is."""

    channel: str
    ts: str


@dataclass(frozen=True)
class Account:
    """A person as Slack knows them."""

    id: str
    name: str
    tz: str | None = None
    is_guest: bool = False
    is_foreign: bool = False
    is_bot: bool = False
    is_admin: bool = False
    deleted: bool = False
