"""The steps of an incident's runbook: ticked off, shown whole or in part; telling what changed is one of them."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.delivery.service import insert_new
from bot.triage import store
from bot.triage.board import board_of
from bot.triage.incidents import Announcer, Click, Incidents
from bot.triage.model import Incident, Kind, Tick
from knowledge.base import KnowledgeBase
from knowledge.runbook import CHANGED, Task


class Steps:
    """Ticks off what people have done; executes nothing itself.

    Args:
        incidents: what all use cases share.
        knowledge: knows the steps.
        announcer: says it in Slack.
        clock: tells the time.
    """

    def __init__(self, incidents: Incidents, knowledge: KnowledgeBase, announcer: Announcer, clock: Clock) -> None:
        self._incidents = incidents
        self._knowledge = knowledge
        self._announcer = announcer
        self._clock = clock

    def tick(self, click: Click, task: str) -> None:
        """Marks a step as done; the second of two people sees who was first."""
        with self._incidents.changing(click) as (session, incident):
            if not self._insert(session, incident, click, task):
                self._ticked_before(session, incident, click, task)
                return
            words = next((one.text for one in self._tasks(incident) if one.id == task), None)
            if words is not None:
                self._incidents.write(session, incident, Kind.STEP, f"step:{task}", click.person, f"Done: {words}")

    def tell_change(self, click: Click, what: str) -> None:
        """Writes down what changed before it broke."""
        with self._incidents.changing(click) as (session, incident):
            key = f"change:{click.occasion}"
            self._incidents.write(session, incident, Kind.CHANGE, key, click.person, f"What changed: {what}")
            task = next((task for task in self._tasks(incident) if CHANGED.search(task.text)), None)
            if task is not None:
                self._insert(session, incident, click, task.id)

    def show(self, click: Click, *, whole: bool) -> None:
        """Shows every step, or only the next ones."""
        with self._incidents.changing(click) as (_, incident):
            incident.whole = whole

    def _insert(self, session: Session, incident: Incident, click: Click, task: str) -> bool:
        row = {**incident.as_parent, "task": task, "by": click.person, "at": self._clock()}
        return insert_new(session, Tick, row, unique=("incident_id", "task"))

    def _ticked_before(self, session: Session, incident: Incident, click: Click, task: str) -> None:
        known = next(t for t in store.ticks(session, incident.workspace_id, incident.id) if t.task == task)
        if known.by != click.person:
            words = f"<@{known.by}> has done that already."
            self._announcer.aside(session, incident, click.person, words, click.occasion)

    def _tasks(self, incident: Incident) -> Sequence[Task]:
        return board_of(incident, self._knowledge.library, ()).tasks
