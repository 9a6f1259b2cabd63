"""Who may do what: each use case, each role."""

from collections.abc import Callable
from datetime import date

import pytest

from bot.database import Sessions
from bot.errors import NotAllowed
from bot.slack.words import Account
from bot.teams.entered import PinWish
from bot.teams.model import Mark, Role, RoleGrant
from bot.teams.phases import Reply
from knowledge.base import GUIDANCE
from knowledge.library import load_library
from knowledge.model import Library, Phase
from tests.clocks import FixedClock
from tests.teams.parts import Parts, wish
from tests.teams.test_interface import Directory

W = "T0TEST"
ROLES = ("guest", "foreigner", "bot", "gone", "person", "member", "owner", "advisor_admin", "workspace_admin")
PEOPLE = {role: f"U{role.upper()}" for role in ROLES}
PIN = PinWish(Phase.P10K_100K, "launch", date(2026, 12, 1))
FROM_MEMBER = ("member", "owner", "advisor_admin", "workspace_admin")
FROM_OWNER = ("owner", "advisor_admin", "workspace_admin")
FROM_ADMIN = ("advisor_admin", "workspace_admin")

UseCase = Callable[[Parts, str, int], object]
TABLE: dict[str, tuple[UseCase, tuple[str, ...]]] = {
    "set up a team": (lambda p, who, t: p.setup.create(W, who, wish("New", f"C{who}")), ("person", *FROM_MEMBER)),
    "open numbers": (lambda p, who, t: p.setup.editable(W, who, t, Role.MEMBER), FROM_MEMBER),
    "open settings": (lambda p, who, t: p.setup.editable(W, who, t, Role.TEAM_OWNER), FROM_OWNER),
    "change numbers": (lambda p, who, t: p.setup.edit(W, who, t, 99, {"users": "6000"}), FROM_MEMBER),
    "change the name": (lambda p, who, t: p.setup.edit(W, who, t, 99, {"name": "N"}), FROM_OWNER),
    "change owners": (lambda p, who, t: p.setup.edit(W, who, t, 99, {"owners": who}), FROM_OWNER),
    "change both": (lambda p, who, t: p.setup.edit(W, who, t, 99, {"users": "6000", "name": "N"}), FROM_OWNER),
    "see the plan": (lambda p, who, t: p.phases.plan(W, who, t), FROM_MEMBER),
    "be told the plan": (lambda p, who, t: p.phases.tell_plan(W, t, Reply(who, "url", "1")), FROM_MEMBER),
    "mark an item": (lambda p, who, t: p.phases.mark(W, who, t, "stateless-app", Mark.DONE), FROM_MEMBER),
    "pin": (lambda p, who, t: p.phases.pin(W, who, t, PIN), FROM_OWNER),
    "keep a pin": (lambda p, who, t: p.phases.keep_pin(W, who, t), FROM_OWNER),
    "unpin": (lambda p, who, t: p.phases.unpin(W, who, t), FROM_OWNER),
    "close a symptom": (lambda p, who, t: p.admin.close(W, who, t, "outage"), FROM_MEMBER),
    "speak for a team": (lambda p, who, t: p.admin.speak_for(W, who, t), FROM_MEMBER),
    "read a team's audit": (lambda p, who, t: p.admin.audit(W, who, t), FROM_OWNER),
    "export a team's audit": (lambda p, who, t: p.admin.export(W, who, t, "1"), FROM_OWNER),
    "read the workspace's audit": (lambda p, who, t: p.admin.audit(W, who, None), FROM_ADMIN),
    "see who may use it": (lambda p, who, t: p.admin.access(W, who), FROM_ADMIN),
    "say who may use it": (lambda p, who, t: p.admin.set_access(W, who, guests=True, foreigners=True), FROM_ADMIN),
    "name admins": (lambda p, who, t: p.admin.set_admins(W, who, [who]), ("workspace_admin",)),
}


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(GUIDANCE)


@pytest.fixture
def parts(sessions: Sessions, clock: FixedClock, library: Library) -> Parts:
    directory = Directory()
    directory.accounts = {
        PEOPLE["guest"]: Account(PEOPLE["guest"], "g", is_guest=True),
        PEOPLE["foreigner"]: Account(PEOPLE["foreigner"], "f", is_foreign=True, is_admin=True),
        PEOPLE["bot"]: Account(PEOPLE["bot"], "b", is_bot=True),
        PEOPLE["gone"]: Account(PEOPLE["gone"], "x", deleted=True),
        PEOPLE["workspace_admin"]: Account(PEOPLE["workspace_admin"], "w", is_admin=True),
    }
    return Parts(sessions, directory, clock, library)


@pytest.fixture
def team(parts: Parts, sessions: Sessions, clock: FixedClock) -> int:
    team = parts.setup.create(W, PEOPLE["owner"], wish())
    belong = ", ".join(f"person:{PEOPLE[role]}" for role in ("member", "guest", "foreigner", "bot", "gone"))
    parts.setup.edit(W, PEOPLE["owner"], team.id, 1, {"members": belong})
    parts.phases.pin(W, PEOPLE["owner"], team.id, PIN)
    with sessions.begin() as session:
        grant = RoleGrant(workspace_id=W, person=PEOPLE["advisor_admin"], role=4, granted_by="U", granted_at=clock())
        session.add(grant)
    return team.id


@pytest.mark.parametrize("use_case", TABLE)
def test_each_use_case_lets_exactly_these_roles_in(parts: Parts, team: int, use_case: str) -> None:
    do, allowed = TABLE[use_case]
    let_in = []
    for role in ROLES:
        try:
            do(parts, PEOPLE[role], team)
        except NotAllowed:
            continue
        else:
            let_in.append(role)
            if use_case in ("unpin", "say who may use it", "change owners"):
                parts.admin.set_access(W, PEOPLE["workspace_admin"], guests=False, foreigners=False)
                parts.setup.edit(W, PEOPLE["workspace_admin"], team, 99, {"owners": PEOPLE["owner"]})

    assert tuple(let_in) == allowed


def test_every_public_use_case_is_in_the_table() -> None:
    from bot.teams.admin import Admin
    from bot.teams.phases import Phases
    from bot.teams.setup import TeamSetup

    public = {name for kind in (TeamSetup, Phases, Admin) for name in vars(kind) if not name.startswith("_")}
    not_by_people = {"greet", "plan_of", "item", "reconsider", "ask_again"}
    tabled = {
        "create", "editable", "edit", "plan", "tell_plan", "mark", "pin", "keep_pin", "unpin", "close", "speak_for",
        "audit", "export", "access", "set_access", "set_admins",
    }  # fmt: skip
    assert public - not_by_people == tabled
