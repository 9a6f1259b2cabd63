"""Builds the parts of the triage and says what the beat does for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import Outbox
from bot.scheduler import Duty
from bot.teams.service import Teams
from bot.triage.announcer import TriageAnnouncer
from bot.triage.coordination import Coordination
from bot.triage.diagnosis import Diagnosis
from bot.triage.incidents import Incidents
from bot.triage.opening import Opening
from bot.triage.records import Records
from bot.triage.resolution import Resolution
from bot.triage.steps import Steps
from bot.triage.thread import Threads
from bot.triage.watch import Watch
from knowledge.base import KnowledgeBase


@dataclass(frozen=True)
class Parts:
    """Everything the triage consists of."""

    incidents: Incidents
    opening: Opening
    diagnosis: Diagnosis
    steps: Steps
    coordination: Coordination
    resolution: Resolution
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
    incidents = Incidents(knowledge, teams, sessions, announcer, deliver, clock)
    diagnosis = Diagnosis(incidents, knowledge, sessions, deliver)
    return Parts(
        incidents=incidents,
        opening=Opening(incidents, knowledge, teams, sessions, announcer, deliver, clock),
        diagnosis=diagnosis,
        steps=Steps(incidents, knowledge, announcer, clock),
        coordination=Coordination(incidents, teams, sessions, announcer, clock, help_group),
        resolution=Resolution(incidents, teams, sessions, announcer, deliver, clock),
        threads=Threads(diagnosis, outbox, sessions, clock),
        records=Records(incidents, teams, sessions, announcer, deliver),
        watch=Watch(diagnosis, teams, sessions, announcer, clock, lambda: knowledge.loaded),
    )
