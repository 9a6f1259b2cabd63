from datetime import timedelta

import pytest

from bot.database import Sessions
from bot.errors import NotAllowed, NotFound, SlackBusy
from bot.slack.words import Account
from bot.teams.model import MemberKind, Origin, Role, Team, TeamMember, TeamOwner
from bot.teams.people import People
from bot.teams.profile import Seen
from bot.teams.service import Teams
from tests.clocks import FixedClock

W, OTHER = "T0TEST", "T0OTHER"


class Directory:
    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.lists: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.down = False

    def person(self, workspace_id: str, person: str) -> Account:
        self._note(person)
        return self.accounts.get(person, Account(person, person.title(), "Europe/Berlin"))

    def channel_members(self, workspace_id: str, channel: str) -> list[str]:
        self._note(channel)
        return self.lists.get(channel, [])

    group_members = channel_members

    def groups(self, workspace_id: str) -> list[tuple[str, str]]:
        return []

    def _note(self, what: str) -> None:
        self.asked.append(what)
        if self.down:
            raise SlackBusy


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def teams(sessions: Sessions, directory: Directory, clock: FixedClock) -> Teams:
    return Teams(sessions, People(sessions, directory, clock), clock)


def a_team(
    sessions: Sessions,
    clock: FixedClock,
    name: str = "Payments",
    channel: str = "C0ENG",
    *,
    workspace: str = W,
    owner: str = "UOWNER",
    members: tuple[tuple[MemberKind, str], ...] = (),
) -> int:
    with sessions.begin() as session:
        team = Team(
            workspace_id=workspace,
            name=name,
            home_channel=channel,
            timezone="Europe/Berlin",
            created_at=clock(),
            created_by=owner,
        )
        session.add(team)
        session.flush()
        session.add(TeamOwner(workspace_id=workspace, team_id=team.id, person=owner))
        session.add_all(TeamMember(workspace_id=workspace, team_id=team.id, kind=k, who=w) for k, w in members)
        return team.id


def seen(key: str, clock: FixedClock, symptom: str = "slow-queries", severity: int = 3) -> Seen:
    return Seen(key, symptom, clock(), severity, Origin.QUESTION, "UOWNER")


def test_people_belong_by_name_channel_and_group_and_bots_and_the_gone_do_not(
    teams: Teams, sessions: Sessions, clock: FixedClock, directory: Directory
) -> None:
    directory.lists = {"C0ENG": ["UA", "UBOT", "UOWNER"], "S0G": ["UB", "UGONE"]}
    directory.accounts = {"UBOT": Account("UBOT", "bot", is_bot=True), "UGONE": Account("UGONE", "g", deleted=True)}
    by = ((MemberKind.PERSON, "UC"), (MemberKind.CHANNEL, "C0ENG"), (MemberKind.GROUP, "S0G"))
    team = a_team(sessions, clock, members=by)

    assert teams.members(W, team) == ["UOWNER", "UC", "UA", "UB"]
    assert [found.id for found in teams.of_person(W, "UA")] == [team]
    assert [found.id for found in teams.of_person(W, "UB")] == [team]
    assert teams.of_person(W, "UX") == []


def test_membership_follows_slack_and_stays_while_slack_is_down(
    teams: Teams, sessions: Sessions, clock: FixedClock, directory: Directory
) -> None:
    directory.lists = {"C0ENG": ["UA"]}
    team = a_team(sessions, clock, members=((MemberKind.CHANNEL, "C0ENG"),))
    assert teams.members(W, team) == ["UOWNER", "UA"]

    clock.pass_time(minutes=16)
    directory.lists = {"C0ENG": ["UB"]}
    assert teams.members(W, team) == ["UOWNER", "UB"]

    clock.pass_time(minutes=16)
    directory.down = True
    assert teams.members(W, team) == ["UOWNER", "UB"]


def test_a_person_is_asked_for_once_and_again_after_half_a_day(
    teams: Teams, clock: FixedClock, directory: Directory
) -> None:
    directory.accounts["UA"] = Account("UA", "Ann", "Asia/Tokyo")
    assert [teams.person(W, "UA").tz for _ in range(3)] == ["Asia/Tokyo"] * 3
    assert directory.asked == ["UA"]

    clock.pass_time(hours=13)
    directory.accounts["UA"] = Account("UA", "Ann", "America/New_York")
    assert teams.person(W, "UA").tz == "America/New_York"


def test_a_channel_is_the_home_of_its_own_workspaces_team(teams: Teams, sessions: Sessions, clock: FixedClock) -> None:
    ours = a_team(sessions, clock)
    theirs = a_team(sessions, clock, "Theirs", workspace=OTHER)

    assert teams.of_channel(W, "C0ENG") == teams.profile(W, ours)
    assert teams.of_channel(W, "C0ELSE") is None
    with pytest.raises(NotFound):
        teams.profile(W, theirs)


def test_roles_include_those_below_them(
    teams: Teams, sessions: Sessions, clock: FixedClock, directory: Directory
) -> None:
    directory.accounts = {
        "UADMIN": Account("UADMIN", "a", is_admin=True),
        "UGUEST": Account("UGUEST", "g", is_guest=True),
        "UFAR": Account("UFAR", "f", is_foreign=True, is_admin=True),
    }
    team = a_team(sessions, clock, members=((MemberKind.PERSON, "UMEMBER"), (MemberKind.PERSON, "UGUEST")))

    roles = {who: teams.role(W, who, team) for who in ("UADMIN", "UOWNER", "UMEMBER", "UELSE", "UGUEST", "UFAR")}
    assert roles == {
        "UADMIN": Role.WORKSPACE_ADMIN,
        "UOWNER": Role.TEAM_OWNER,
        "UMEMBER": Role.MEMBER,
        "UELSE": Role.PERSON,
        "UGUEST": Role.NOBODY,
        "UFAR": Role.NOBODY,
    }
    with pytest.raises(NotAllowed, match="guests"):
        teams.require(W, "UGUEST", team, Role.MEMBER)
    with pytest.raises(NotAllowed, match="Slack Connect"):
        teams.require(W, "UFAR", None, Role.PERSON)
    with pytest.raises(NotAllowed, match="owner"):
        teams.require(W, "UMEMBER", team, Role.TEAM_OWNER)


def test_an_observation_is_recorded_once_and_closed_for_its_team_only(
    teams: Teams, sessions: Sessions, clock: FixedClock
) -> None:
    team, other = a_team(sessions, clock), a_team(sessions, clock, "Search", "C0SEARCH")
    with sessions.begin() as session:
        assert teams.observe(session, W, team, seen("q:1", clock))
        assert not teams.observe(session, W, team, seen("q:1", clock))
        assert teams.observe(session, W, other, seen("q:2", clock))
    clock.pass_time(days=1)
    with sessions.begin() as session:
        assert teams.close_observations(session, W, team, ["slow-queries"], by="UOWNER") == 1

    assert [(found.symptom, found.closed_at) for found in teams.observations(W, team)] == [("slow-queries", clock())]
    assert teams.observations(W, team, open_only=True) == []
    assert len(teams.observations(W, other, since=clock() - timedelta(days=2), open_only=True)) == 1
