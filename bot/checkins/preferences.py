"""A person's own settings: their time zone, whether they are reminded, and until when they are away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.checkins import proof, schedule, store
from bot.checkins.asking import OUT
from bot.checkins.audience import team_of, zones
from bot.checkins.invitations import Invitations
from bot.checkins.ledger import Outcome
from bot.checkins.model import CheckIn, Invitation, Preference, Round, State
from bot.checkins.schedule import Plan
from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import BotError
from bot.teams.service import Teams


@dataclass(frozen=True)
class Wishes:
    """A person's own settings."""

    timezone: str | None = None
    reminders: bool = True
    out_until: date | None = None


class Preferences:
    """Changes what a person wishes; what is still to be asked follows at once.

    Args:
        sessions: opens transactions.
        teams: who the teams are.
        invitations: takes back what is not wanted any more.
        deliver: brings what was said under a key to Slack now.
        clock: tells the time.
    """

    def __init__(
        self,
        sessions: Sessions,
        teams: Teams,
        invitations: Invitations,
        deliver: Callable[[str, str], object],
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._teams = teams
        self._invitations = invitations
        self._deliver = deliver
        self._clock = clock

    def wishes(self, workspace_id: str, person: str) -> Wishes:
        with self._sessions.begin() as session:
            row = store.preferences(session, workspace_id, [person]).get(person)
            return Wishes(row.timezone, row.reminders, row.out_until) if row else Wishes()

    def prefer(self, workspace_id: str, person: str, wishes: Wishes) -> None:
        """Changes the person's own settings; what is still to be asked moves with their zone."""
        with self._sessions.begin() as session:
            mine = _preference(session, workspace_id, person)
            mine.timezone, mine.reminders = wishes.timezone, wishes.reminders
            session.flush()
            undecided = store.undecided_of_person(session, workspace_id, person)
            pending = [(round_.id, round_.team_id) for row, round_ in undecided if row.outcome == Outcome.PENDING]
            if not wishes.reminders:
                for invitation, _ in undecided:
                    self._invitations.no_more_reminders(session, invitation)
        for round_id, team_id in pending:
            team = self._teams.profile(workspace_id, team_id)
            with self._sessions.begin() as session:
                zone, source = zones(session, workspace_id, [person], team.timezone)[person]
                proof.move(session, workspace_id, round_id, person, zone, source)

    def out(self, workspace_id: str, person: str, until: date) -> None:
        """The person is away and back on `until`; nobody asks or reminds them before.

        Raises:
            BotError: that day is not in the future.
        """
        now = self._clock()
        keys: list[str] = []
        with self._sessions.begin() as session:
            wishes = _preference(session, workspace_id, person)
            mine = store.undecided_of_person(session, workspace_id, person)
            zone = mine[0][0].zone if mine else (wishes.timezone or "UTC")
            if until <= now.astimezone(ZoneInfo(zone)).date():
                raise BotError("Choose the day on which you are back; it must be after today.")
            wishes.out_until = until
            answered = store.has_answered(session, [round_.id for _, round_ in mine])
            for invitation, round_ in mine:
                asked = invitation.outcome in (Outcome.ASKED, Outcome.SENT)
                if asked and (round_.id, person) not in answered:
                    keys.append(self._invitations.decline(session, round_, invitation, State.OUT))
        for key in keys:
            self._deliver(workspace_id, key)

    def back(self, workspace_id: str, person: str) -> None:
        """The person is back: they are asked and reminded again, in this round too if it is still open."""
        now = self._clock()
        with self._sessions.begin() as session:
            wishes = _preference(session, workspace_id, person)
            wishes.out_until = None
            for invitation, round_ in store.undecided_of_person(session, workspace_id, person):
                check_in = session.get_one(CheckIn, round_.check_in_id)
                plan = store.plan_of(check_in, team_of(session, check_in).timezone)
                self._ask_again(session, plan, invitation, round_, now)

    def _ask_again(self, session: Session, plan: Plan, invitation: Invitation, round_: Round, now: datetime) -> None:
        soon = schedule.working_instant(plan, now, invitation.zone)
        if soon >= round_.closes_at:
            return
        if invitation.outcome == Outcome.SKIPPED and (invitation.reason or "").startswith(OUT):
            invitation.outcome, invitation.reason, invitation.at = Outcome.PENDING, None, None
            invitation.due_at = max(soon, invitation.due_at)
        elif invitation.declined_at is not None:
            invitation.declined_at = None
            self._invitations.remind_from(session, plan, round_, invitation, soon)


def _preference(session: Session, workspace_id: str, person: str) -> Preference:
    row = {"workspace_id": workspace_id, "person": person, "reminders": True}
    insert_new(session, Preference, row, unique=("workspace_id", "person"))
    preference = store.preference(session, workspace_id, person)
    assert preference is not None
    return preference
