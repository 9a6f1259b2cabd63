"""Use cases on a team's phase: what its numbers say, holding it in a phase, its plan."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import FormErrors, NotFound
from bot.teams import store
from bot.teams.entered import REASON, PinWish
from bot.teams.model import Mark, PhaseChange, Pin, PlanMark, Role, Team
from bot.teams.phase import detect
from bot.teams.plan import Difference, Marked, Plan, difference, plan_for
from bot.teams.profile import FactName, Pinned, TeamProfile
from bot.teams.service import Teams, effective_phase, profile_of
from knowledge.model import Entry, Library, Phase

KEEP_FOR = timedelta(days=28)
ASK_AGAIN_AFTER = timedelta(days=7)
ASKED_AT = time(9)


@dataclass(frozen=True)
class Changed:
    """A change of phase with what it means."""

    id: int
    old: Phase | None
    new: Phase
    evidence: tuple[str, ...]
    means: Difference


@dataclass(frozen=True)
class Reply:
    """To whom and how a command is answered."""

    person: str
    response_url: str
    occasion: str


class Announcer(Protocol):
    """Says in Slack what was decided about teams; every call only writes down what is to be said."""

    def welcome(self, session: Session, team: TeamProfile, by: str) -> str: ...

    def unwelcome(self, session: Session, team: TeamProfile, by: str, refusal: str) -> str: ...

    def phase_changed(self, session: Session, team: TeamProfile, change: Changed) -> None: ...

    def look_again(self, session: Session, team: TeamProfile, pinned: Pinned, occasion: str) -> None: ...

    def plan(self, session: Session, team: TeamProfile, plan: Plan | None, reply: Reply) -> str: ...


class Phases:
    """Keeps every team in the phase its numbers, or its owners, put it in.

    Args:
        teams: who may do what.
        library: the guidance as it is now.
        sessions: opens transactions.
        announcer: says it in Slack; changes of phase may wait for the next beat.
        deliver: brings what was said under a key to Slack now.
        clock: tells the time.
    """

    def __init__(
        self,
        teams: Teams,
        library: Callable[[], Library],
        sessions: Sessions,
        announcer: Announcer,
        deliver: Callable[[str, str], str | None],
        clock: Clock,
    ) -> None:
        self._teams = teams
        self._library = library
        self._sessions = sessions
        self._announcer = announcer
        self._deliver = deliver
        self._clock = clock

    def plan(self, workspace_id: str, by: str, team_id: int) -> tuple[TeamProfile, Plan | None]:
        """A team's plan; None while its phase is not known."""
        self._teams.require(workspace_id, by, team_id, Role.MEMBER)
        return self.plan_of(self._teams.profile(workspace_id, team_id))

    def tell_plan(self, workspace_id: str, team_id: int, reply: Reply) -> None:
        """Answers a command with a team's plan."""
        team, plan = self.plan(workspace_id, reply.person, team_id)
        with self._sessions.begin() as session:
            key = self._announcer.plan(session, team, plan, reply)
        self._deliver(workspace_id, key)

    def plan_of(self, team: TeamProfile) -> tuple[TeamProfile, Plan | None]:
        """The plan of a team that somebody was already let see."""
        with self._sessions.begin() as session:
            marks = store.marks(session, team.workspace_id, team.id)
        marked = {mark.entry: Marked(Mark(mark.mark), mark.reason) for mark in marks}
        return team, plan_for(self._library(), team.phase, marked) if team.phase else None

    def item(self, entry: str) -> Entry:
        """An item of the plan.

        Raises:
            NotFound: the guidance has no such entry (any more).
        """
        found = self._library().get(entry)
        if found is None:
            raise NotFound
        return found

    def mark(
        self, workspace_id: str, by: str, team_id: int, entry: str, mark: Mark | None, reason: str | None = None
    ) -> None:
        """Says that an item of the plan is done, in hand or not for this team; None takes that back.

        Raises:
            FormErrors: "not for us" needs a reason.
        """
        self._teams.require(workspace_id, by, team_id, Role.MEMBER)
        self.item(entry)
        if mark == Mark.NOT_FOR_US and not reason:
            raise FormErrors({REASON: "Say why in a few words; the others will ask."})
        with self._sessions.begin() as session:
            old = self._set_mark(session, workspace_id, by, team_id, entry, mark, reason)
            new = _said(mark, reason) if mark else None
            if old != new:
                self._teams.audit(session, workspace_id, team_id, by=by, what=f"plan.{entry}"[:80], old=old, new=new)

    def pin(self, workspace_id: str, by: str, team_id: int, wish: PinWish) -> None:
        """Holds a team in a phase until a day on which its owners are asked again."""
        self._teams.require(workspace_id, by, team_id, Role.TEAM_OWNER)
        with self._sessions.begin() as session:
            team = _locked(session, workspace_id, team_id)
            before = effective_phase(team, store.pin(session, workspace_id, team_id))
            old = self._take_pin_away(session, team)
            pin = self._pin(team, by, wish)
            session.add(pin)
            self._teams.audit(session, workspace_id, team_id, by=by, what="phase.pin", old=old, new=_pin_text(pin))
            self._settle(session, team, by, before, say=True)

    def unpin(self, workspace_id: str, by: str, team_id: int) -> None:
        """Lets a team's numbers decide again; nothing happens where they already do."""
        self._teams.require(workspace_id, by, team_id, Role.TEAM_OWNER)
        with self._sessions.begin() as session:
            team = _locked(session, workspace_id, team_id)
            before = effective_phase(team, store.pin(session, workspace_id, team_id))
            old = self._take_pin_away(session, team)
            if old is None:
                return
            self._teams.audit(session, workspace_id, team_id, by=by, what="phase.pin", old=old, new=None)
            self._settle(session, team, by, before, say=True)

    def keep_pin(self, workspace_id: str, by: str, team_id: int) -> None:
        """Holds a pinned team four more weeks."""
        self._teams.require(workspace_id, by, team_id, Role.TEAM_OWNER)
        with self._sessions.begin() as session:
            team = _locked(session, workspace_id, team_id)
            pin = store.pin(session, workspace_id, team_id)
            if pin is None:
                raise NotFound("The phase is not pinned any more.")
            old = pin.review_on
            today = self._clock().astimezone(ZoneInfo(team.timezone)).date()
            pin.review_on, pin.asked_again_at = max(old, today + KEEP_FOR), None
            if pin.review_on != old:
                self._teams.audit(
                    session, workspace_id, team_id, by=by, what="phase.pin_review_on", old=old, new=pin.review_on
                )

    def reconsider(self, session: Session, team: Team, by: str, *, say: bool) -> None:
        """Detects the phase anew, in the transaction that changed a number."""
        before = effective_phase(team, store.pin(session, team.workspace_id, team.id))
        facts = store.newest_facts(session, team.workspace_id, team.id)
        detected = detect(
            {FactName(fact.name): fact.value for fact in facts}, Phase(team.phase) if team.phase else None
        )
        team.phase, team.phase_evidence = detected.phase, list(detected.evidence)
        self._settle(session, team, by, before, say=say)

    def ask_again(self, limit: int = 50) -> None:
        """Asks the owners of pins whose day has come whether they still hold; weekly until somebody says so."""
        now = self._clock()
        tomorrow = (now + timedelta(days=1)).date()  # somewhere it is tomorrow already
        with self._sessions.begin() as session:
            for pin, team in store.pins_to_review(session, tomorrow, now - ASK_AGAIN_AFTER, limit):
                self._ask_about(session, pin, team, now)

    def _ask_about(self, session: Session, pin: Pin, team: Team, now: datetime) -> None:
        if now < datetime.combine(pin.review_on, ASKED_AT, tzinfo=ZoneInfo(team.timezone)):
            return
        pin.asked_again_at = now
        profile = profile_of(session, team)
        assert profile.pinned is not None
        self._announcer.look_again(session, profile, profile.pinned, f"{pin.id}:{now:%Y-%m-%d}")

    def _pin(self, team: Team, by: str, wish: PinWish) -> Pin:
        return Pin(
            workspace_id=team.workspace_id,
            team_id=team.id,
            phase=wish.phase,
            reason=wish.reason,
            pinned_by=by,
            pinned_at=self._clock(),
            review_on=wish.review_on,
        )

    def _take_pin_away(self, session: Session, team: Team) -> str | None:
        """Removes the pin; returns what it was, for the audit."""
        pin = store.pin(session, team.workspace_id, team.id)
        if pin is None:
            return None
        session.delete(pin)
        session.flush()
        return _pin_text(pin)

    def _settle(self, session: Session, team: Team, by: str, before: Phase | None, *, say: bool) -> None:
        """Records a change of the phase that counts, and means to announce it."""
        session.flush()
        profile = profile_of(session, team)
        if profile.phase is None or profile.phase == before:
            return
        change = self._record(session, profile, by, before)
        if say:
            self._announcer.phase_changed(session, profile, change)

    def _record(self, session: Session, team: TeamProfile, by: str, before: Phase | None) -> Changed:
        assert team.phase is not None
        evidence = [_pinned_line(team.pinned), *team.phase_evidence] if team.pinned else list(team.phase_evidence)
        row = PhaseChange(
            workspace_id=team.workspace_id,
            team_id=team.id,
            old=before,
            new=team.phase,
            evidence=evidence,
            at=self._clock(),
        )
        session.add(row)
        session.flush()
        self._teams.audit(
            session, team.workspace_id, team.id, by=by, what="phase", old=before, new=f"{team.phase} ({evidence[0]})"
        )
        return Changed(row.id, before, team.phase, tuple(evidence), difference(self._library(), before, team.phase))

    def _set_mark(
        self,
        session: Session,
        workspace_id: str,
        by: str,
        team_id: int,
        entry: str,
        mark: Mark | None,
        reason: str | None,
    ) -> str | None:
        """Writes or takes away a mark; returns what it was."""
        known = store.mark(session, workspace_id, team_id, entry)
        old = _said(known.mark, known.reason) if known else None
        if known is not None:
            session.delete(known)
            session.flush()
        if mark is not None:
            row = {
                "workspace_id": workspace_id,
                "team_id": team_id,
                "entry": entry,
                "mark": mark,
                "reason": reason,
                "marked_by": by,
                "marked_at": self._clock(),
            }
            insert_new(session, PlanMark, row, unique=("team_id", "entry"))
        return old


def _locked(session: Session, workspace_id: str, team_id: int) -> Team:
    team = store.team_to_change(session, workspace_id, team_id)
    if team is None:
        raise NotFound
    return team


def _said(mark: Mark, reason: str | None) -> str:
    return f"{mark}: {reason}" if reason else str(mark)


def _pin_text(pin: Pin) -> str:
    return f"{pin.phase} until {pin.review_on}: {pin.reason}"


def _pinned_line(pinned: Pinned) -> str:
    return f"Pinned to {pinned.phase} by an owner until {pinned.review_on}: {pinned.reason}"
