"""The only place that knows what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present instant, aware, in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)
