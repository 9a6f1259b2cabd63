"""Builds the parts of the triage and says what the beat does for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import Outbox
from bot.scheduler import Duty
from bot.teams.service import Teams
from bot.triage.announcer import TriageAnnouncer
from bot.triage.records import Records
from bot.triage.service import Triage
from bot.triage.thread import Threads
from bot.triage.watch import Watch
from knowledge.base import KnowledgeBase


@dataclass(frozen=True)
class Parts:
    """Everything the triage consists of."""

    triage: Triage
    threads: Threads
    records: Records
    watch: Watch

    def duties(self) -> Sequence[Duty]:
        return [
            Duty("incident-nudges", 30, self.watch.nudge),
            Duty("incident-readings", 5, self.watch.finish_reading),
            Duty("follow-ups", 600, self.watch.chase),
            Duty("triage-offers", 3600, self.watch.forget_offers),
        ]


def build_parts(
    sessions: Sessions,
    teams: Teams,
    knowledge: KnowledgeBase,
    outbox: Outbox,
    deliver: Callable[[str, str], str | None],
    clock: Clock,
    help_group: str | None,
) -> Parts:
    announcer = TriageAnnouncer(outbox)
    triage = Triage(knowledge, teams, sessions, announcer, deliver, clock, help_group)
    return Parts(
        triage,
        Threads(triage, outbox, sessions, clock),
        Records(triage, teams, sessions, announcer, deliver),
        Watch(triage, teams, sessions, announcer, clock, lambda: knowledge.loaded),
    )
