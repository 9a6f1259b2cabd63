"""APScheduler as the clock: short beats call what is due; rows decide what that is, never the scheduler."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    """Something to look after every so many seconds; it must be harmless to do twice or late."""

    name: str
    every_s: float
    do: Callable[[], object]


class Beat:
    """Calls the duties until it is stopped; a duty that fails is logged and called again next time."""

    def __init__(self, duties: Sequence[Duty]) -> None:
        self._scheduler = BackgroundScheduler(timezone="UTC")
        for duty in duties:
            self._scheduler.add_job(
                _guarded,
                "interval",
                args=[duty],
                seconds=duty.every_s,
                id=duty.name,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)


def _guarded(duty: Duty) -> None:
    try:
        duty.do()
    except Exception:
        log.exception("a duty failed and is tried again", extra={"action": "duty_failed", "duty": duty.name})
