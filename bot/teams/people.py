"""Who people are and who is in a channel or group: what Slack told, kept and asked for again after a while."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import Clock
from bot.database import Sessions
from bot.delivery.service import insert_new
from bot.errors import SlackTrouble
from bot.slack.words import Account
from bot.teams import store
from bot.teams.model import MemberKind, Person, Roster
from bot.teams.profile import PersonProfile

log = logging.getLogger(__name__)

PERSON_AGE = timedelta(hours=12)
ROSTER_AGE = timedelta(minutes=15)
LOOKED_UP_AT_ONCE = 50


class Directory(Protocol):
    """Slack's list of people; raises SlackTrouble where it does not tell."""

    def person(self, workspace_id: str, person: str) -> Account: ...

    def channel_members(self, workspace_id: str, channel: str) -> list[str]: ...

    def group_members(self, workspace_id: str, group: str) -> list[str]: ...

    def groups(self, workspace_id: str) -> list[tuple[str, str]]: ...


class People:
    """Keeps what Slack tells about people, so that few questions go to it and none while it is down."""

    def __init__(self, sessions: Sessions, directory: Directory, clock: Clock) -> None:
        self._sessions = sessions
        self._directory = directory
        self._clock = clock

    def person(self, workspace_id: str, person: str) -> PersonProfile:
        """A person; as last known where Slack does not tell now, and just by id where it never did."""
        with self._sessions.begin() as session:
            known = store.person(session, workspace_id, person)
        if known is not None and self._clock() - known.refreshed_at < PERSON_AGE:
            return _profile(known)
        return self._asked(workspace_id, person) or (
            _profile(known) if known else PersonProfile(id=person, workspace_id=workspace_id, name=person)
        )

    def at_work(self, workspace_id: str, people: Sequence[str]) -> list[str]:
        """Those of `people` who are neither bots nor deactivated, in the same order."""
        with self._sessions.begin() as session:
            known = store.known_people(session, workspace_id, people)
        unknown = [person for person in people if person not in known][:LOOKED_UP_AT_ONCE]
        profiles = {person: _profile(row) for person, row in known.items()}
        profiles |= {person: self.person(workspace_id, person) for person in unknown}
        return [person for person in people if person not in profiles or _works(profiles[person])]

    def in_roster(self, workspace_id: str, kind: MemberKind, who: str) -> list[str]:
        """The people of a channel or group; as last known where Slack does not tell now."""
        with self._sessions.begin() as session:
            roster = store.roster(session, workspace_id, kind, who)
        if roster is None or self._clock() - roster.refreshed_at >= ROSTER_AGE:
            self.refresh(workspace_id, kind, who)
        with self._sessions.begin() as session:
            return store.roster_people(session, workspace_id, kind, who)

    def refresh_rosters(self, limit: int = 20) -> None:
        """Asks again for the channels and groups that were not asked for in a while."""
        with self._sessions.begin() as session:
            due = store.rosters_needed(session, self._clock() - ROSTER_AGE, limit)
        for workspace_id, kind, who in due:
            self.refresh(workspace_id, kind, who)

    def refresh(self, workspace_id: str, kind: MemberKind, who: str) -> None:
        """Asks Slack for a channel's or group's people; what is known stays where it does not tell."""
        ask = self._directory.channel_members if kind == MemberKind.CHANNEL else self._directory.group_members
        people: Sequence[str] | None = None
        try:
            people = ask(workspace_id, who)
        except SlackTrouble as trouble:
            log.warning(
                "Slack does not say who is in %s: %s", who, trouble, extra={"action": "roster_unknown", "who": who}
            )
        now = self._clock()
        with self._sessions.begin() as session:
            row = {"workspace_id": workspace_id, "kind": kind, "who": who, "refreshed_at": now}
            insert_new(session, Roster, row, unique=("workspace_id", "kind", "who"))
            if (roster := store.roster(session, workspace_id, kind, who)) is not None:
                roster.refreshed_at = now
            if people is not None:
                store.replace_roster(session, workspace_id, kind, who, people)

    def groups(self, workspace_id: str) -> list[tuple[str, str]]:
        """The workspace's user groups, id and name; none where Slack does not tell."""
        try:
            return self._directory.groups(workspace_id)
        except SlackTrouble as trouble:
            log.info("Slack does not list user groups: %s", trouble, extra={"action": "groups_unknown"})
            return []

    def changed(self, workspace_id: str, account: Account) -> None:
        """Slack told of a change of a person."""
        with self._sessions.begin() as session:
            values = _values(account, self._clock())
            row = {"workspace_id": workspace_id, "person": account.id, **values}
            insert_new(session, Person, row, unique=("workspace_id", "person"))
            if (person := store.person(session, workspace_id, account.id)) is not None:
                for name, value in values.items():
                    setattr(person, name, value)

    def _asked(self, workspace_id: str, person: str) -> PersonProfile | None:
        try:
            account = self._directory.person(workspace_id, person)
        except SlackTrouble as trouble:
            log.warning("Slack does not say who a person is: %s", trouble, extra={"action": "person_unknown"})
            return None
        self.changed(workspace_id, account)
        return PersonProfile(
            account.id,
            workspace_id,
            account.name,
            account.tz,
            account.is_guest,
            account.is_foreign,
            account.is_bot,
            account.is_admin,
            account.deleted,
        )


def _values(account: Account, now: datetime) -> dict[str, object]:
    return {
        "name": account.name[:200],
        "tz": account.tz,
        "is_guest": account.is_guest,
        "is_foreign": account.is_foreign,
        "is_bot": account.is_bot,
        "is_admin": account.is_admin,
        "deleted": account.deleted,
        "refreshed_at": now,
    }


def _profile(row: Person) -> PersonProfile:
    return PersonProfile(
        row.person,
        row.workspace_id,
        row.name,
        row.tz,
        row.is_guest,
        row.is_foreign,
        row.is_bot,
        row.is_admin,
        row.deleted,
    )


def _works(person: PersonProfile) -> bool:
    return not person.is_bot and not person.deleted
