"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta


class FixedClock:
    """Gives the same instant until `pass_time` or `set`."""

    def __init__(self, now: datetime = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **spans: float) -> None:
        self.now += timedelta(**spans)

    def set(self, now: datetime) -> None:
        self.now = now
