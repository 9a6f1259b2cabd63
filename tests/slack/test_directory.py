import pytest

from bot.errors import SlackBusy
from bot.slack.client import web_client
from bot.slack.directory import SlackDirectory
from bot.slack.words import Account
from tests.slack_server import WORKSPACE, Failure, SlackServer


@pytest.fixture
def directory(slack: SlackServer) -> SlackDirectory:
    client = web_client("xoxb-test", slack.url)
    return SlackDirectory(lambda workspace_id: client)


@pytest.mark.parametrize(
    ("told", "is_guest", "is_foreign"),
    [
        ({}, False, False),
        ({"team_id": WORKSPACE}, False, False),
        ({"is_restricted": True}, True, False),
        ({"is_ultra_restricted": True}, True, False),
        ({"team_id": "T0ELSE"}, False, True),
        ({"is_stranger": True}, False, True),
        ({"team_id": "T0ELSE", "enterprise_user": {"teams": [WORKSPACE]}}, False, False),
    ],
)
def test_guests_and_people_of_other_companies_are_told_apart(
    slack: SlackServer, directory: SlackDirectory, told: dict[str, object], is_guest: bool, is_foreign: bool
) -> None:
    slack.users["UA"] = told

    account = directory.person(WORKSPACE, "UA")

    assert (account.is_guest, account.is_foreign, account.tz) == (is_guest, is_foreign, "Europe/Berlin")


def test_somebody_whom_slack_does_not_show_is_of_another_company(slack: SlackServer, directory: SlackDirectory) -> None:
    slack.fail("users.info", Failure(200, {"ok": False, "error": "user_not_visible"}))

    assert directory.person(WORKSPACE, "UA") == Account("UA", "UA", is_foreign=True)


def test_long_channels_are_read_page_by_page_and_gone_ones_are_empty(
    slack: SlackServer, directory: SlackDirectory
) -> None:
    page = {"ok": True, "members": ["UA", "UB"], "response_metadata": {"next_cursor": "next"}}
    slack.fail("conversations.members", Failure(200, page))
    slack.members["C0ENG"] = ["UC"]

    assert directory.channel_members(WORKSPACE, "C0ENG") == ["UA", "UB", "UC"]
    assert [call.get("cursor") for call in slack.calls("conversations.members")] == [None, "next"]
    slack.fail("conversations.members", Failure(200, {"ok": False, "error": "channel_not_found"}))
    assert directory.channel_members(WORKSPACE, "C0ENG") == []
    slack.busy("conversations.members")
    with pytest.raises(SlackBusy):
        directory.channel_members(WORKSPACE, "C0ENG")
