"""What may be set, what is wrong with what was set; never the value itself."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.assembly import check_tokens, guidance_folders, open_database
from bot.errors import SettingsError
from bot.settings import Settings, read_settings
from bot.slack.client import web_client
from tests.slack_server import SlackServer

ROOT = Path(__file__).parents[1]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def set_all(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return set_all


def test_the_example_names_every_setting_with_its_default() -> None:
    named = dict(line.split("=", 1) for line in EXAMPLE if line and not line.startswith("#"))
    defaults = {name.upper(): shown(field.default) for name, field in Settings.model_fields.items()}

    assert named == defaults


def test_every_setting_of_the_example_has_a_comment_above_it() -> None:
    for before, line in itertools.pairwise(EXAMPLE):
        if line and not line.startswith("#"):
            assert before.startswith("# ") or "=" in before, line


def test_only_the_settings_read_the_environment() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for folder in ("bot", "knowledge")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b|\bgetenv\(", path.read_text(encoding="utf-8"))
    ]

    assert readers == []


def test_nothing_set_means_the_local_trial() -> None:
    assert not read_settings().has_tokens


def test_a_file_is_read_and_the_environment_wins(tmp_path: Path, setting: Callable[..., None]) -> None:
    (tmp_path / ".env").write_text("TRIAL_PORT=4000\nLOG_LEVEL=debug\nUNKNOWN=1\n", encoding="utf-8")
    setting(TRIAL_PORT="4001")

    assert read_settings().trial_port == 4001
    assert read_settings().log_level == "debug"


def test_an_empty_value_means_the_default(setting: Callable[..., None]) -> None:
    setting(TRIAL_PORT="", GUIDANCE_FOLDER="", SLACK_BOT_TOKEN="", SLACK_APP_TOKEN="")

    assert read_settings() == Settings(_env_file=None)


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        (
            {"SLACK_BOT_TOKEN": "xoxb-secret-1"},
            ["SLACK_APP_TOKEN is missing: set both tokens for your Slack, or neither for the local trial"],
        ),
        (
            {"SLACK_APP_TOKEN": "xapp-secret-1"},
            ["SLACK_BOT_TOKEN is missing: set both tokens for your Slack, or neither for the local trial"],
        ),
        (
            {"SLACK_BOT_TOKEN": "xapp-secret-1", "SLACK_APP_TOKEN": "xoxb-secret-2"},
            [
                "SLACK_BOT_TOKEN: must begin with xoxb- (a bot token; Slack shows it under OAuth & Permissions)",
                "SLACK_APP_TOKEN: must begin with xapp- (an app-level token; Slack shows it under Basic Information)",
            ],
        ),
        (
            {"TRIAL_PORT": "secret-port"},
            ["TRIAL_PORT: Input should be a valid integer, unable to parse string as an integer"],
        ),
        ({"TRIAL_PORT": "70000"}, ["TRIAL_PORT: Input should be less than or equal to 65535"]),
        ({"LOG_LEVEL": "secret"}, ["LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error'"]),
        ({"SLACK_API_URL": "secret.example"}, ["SLACK_API_URL: must begin with https://"]),
    ],
)
def test_what_is_wrong_is_told_in_a_line_each_without_the_value(
    values: dict[str, str], faults: list[str], setting: Callable[..., None]
) -> None:
    setting(**values)

    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert refused.value.faults == faults
    assert "secret" not in str(refused.value)


def test_a_token_never_shows_in_print(setting: Callable[..., None]) -> None:
    setting(SLACK_BOT_TOKEN="xoxb-secret", SLACK_APP_TOKEN="xapp-secret")

    assert "secret" not in repr(read_settings())


def test_tokens_that_slack_refuses_are_told_one_by_one(slack: SlackServer) -> None:
    refused = {"ok": False, "error": "invalid_auth"}
    slack.answers.update(
        {"auth.test": refused, "apps.connections.open": {"ok": False, "error": "not_allowed_token_type"}}
    )

    with pytest.raises(SettingsError) as told:
        check_tokens(web_client("xoxb-secret", slack.url), "xapp-secret")
    assert told.value.faults == [
        "SLACK_BOT_TOKEN: Slack does not take it (invalid_auth)",
        "SLACK_APP_TOKEN: Slack does not take it (not_allowed_token_type)",
    ]


def test_a_slack_that_cannot_be_reached_is_told() -> None:
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN: Slack could not be reached"):
        check_tokens(web_client("xoxb-secret", "http://127.0.0.1:9/api/"), "xapp-secret")


def test_good_tokens_are_taken(slack: SlackServer) -> None:
    check_tokens(web_client("xoxb-secret", slack.url), "xapp-secret")

    assert [call.method for call in slack.calls_made] == ["auth.test", "apps.connections.open"]


@pytest.mark.parametrize(
    "url",
    ["nonsense", "oracle://secret@host/name", "postgresql://me:secret@127.0.0.1:9/none", "sqlite:////proc/none/x.db"],
)
def test_a_database_that_cannot_be_opened_is_told_without_its_address(url: str) -> None:
    with pytest.raises(SettingsError) as told:
        open_database(Settings(_env_file=None, database_url=url))
    assert len(told.value.faults) == 1
    assert told.value.faults[0].startswith("DATABASE_URL: cannot be opened (")
    assert "secret" not in str(told.value)


def test_a_guidance_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="GUIDANCE_FOLDER: there is no folder"):
        guidance_folders(Settings(_env_file=None, guidance_folder=tmp_path / "none"))


def shown(default: object) -> str:
    if default is None:
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)
