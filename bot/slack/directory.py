"""Who is who in a workspace, as Slack tells it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slack_sdk import WebClient

from bot.errors import SlackRefused
from bot.slack.client import slack_errors
from bot.slack.words import Account

PAGE = 200
#: What Slack says of people of other companies whom the bot does not share a channel with.
STRANGERS = frozenset({"user_not_visible", "user_not_found"})
GONE = frozenset({"channel_not_found", "no_such_subteam", "subteam_not_found"})


class SlackDirectory:
    """Looks people, channels and user groups up.

    Args:
        client_of: workspace id → its Web API.
    """

    def __init__(self, client_of: Callable[[str], WebClient]) -> None:
        self._client_of = client_of

    def person(self, workspace_id: str, person: str) -> Account:
        """One person; somebody whom Slack does not show is of another company.

        Raises:
            SlackTrouble: Slack does not tell, or not now.
        """
        try:
            with slack_errors():
                return account_of(self._client_of(workspace_id).users_info(user=person)["user"], workspace_id)
        except SlackRefused as refusal:
            if refusal.code in STRANGERS:
                return Account(person, person, is_foreign=True)
            raise

    def channel_members(self, workspace_id: str, channel: str) -> list[str]:
        """The people of a channel; nobody where there is no such channel (any more).

        Raises:
            SlackTrouble: Slack does not tell, or not now.
        """
        client = self._client_of(workspace_id)
        return _or_nobody(
            lambda: list(
                _pages(lambda cursor: client.conversations_members(channel=channel, limit=PAGE, cursor=cursor))
            )
        )

    def group_members(self, workspace_id: str, group: str) -> list[str]:
        """The people of a user group; nobody where there is no such group (any more).

        Raises:
            SlackTrouble: Slack does not tell, or not now.
        """
        client = self._client_of(workspace_id)
        return _or_nobody(lambda: [str(person) for person in client.usergroups_users_list(usergroup=group)["users"]])

    def groups(self, workspace_id: str) -> list[tuple[str, str]]:
        """The workspace's user groups: id and name.

        Raises:
            SlackTrouble: Slack does not tell, or not now.
        """
        with slack_errors():
            found = self._client_of(workspace_id).usergroups_list()["usergroups"]
            return [(str(group["id"]), str(group["name"])) for group in found]


def account_of(user: Mapping[str, Any], workspace_id: str) -> Account:
    """Slack's answer as a value; on an Enterprise Grid a colleague of another workspace is no stranger."""
    profile = user.get("profile") or {}
    workspaces = {user.get("team_id") or workspace_id, *((user.get("enterprise_user") or {}).get("teams") or [])}
    return Account(
        id=str(user["id"]),
        name=str(profile.get("display_name") or user.get("real_name") or profile.get("real_name") or user.get("name")),
        tz=user.get("tz") or None,
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_foreign=bool(user.get("is_stranger")) or workspace_id not in workspaces,
        is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        is_admin=bool(user.get("is_admin") or user.get("is_owner")),
        deleted=bool(user.get("deleted")),
    )


def _pages(fetch: Callable[[str | None], Any]) -> Iterator[str]:
    cursor: str | None = None
    while True:
        page = fetch(cursor)
        yield from (str(person) for person in page["members"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
        if cursor is None:
            return


def _or_nobody(fetch: Callable[[], list[str]]) -> list[str]:
    try:
        with slack_errors():
            return fetch()
    except SlackRefused as refusal:
        if refusal.code in GONE:
            return []
        raise
