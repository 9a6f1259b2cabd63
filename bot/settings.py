"""The only place that reads the environment."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError


class Settings(BaseSettings):
    """How the advisor runs; `.env.example` has each setting with a comment."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    answer_bots: bool = False
    questions_per_person_hour: Annotated[int, Field(ge=1)] = 60
    questions_per_workspace_hour: Annotated[int, Field(ge=1)] = 600
    database_url: str = "sqlite:///data/advisor.db"
    index_folder: Path = Path("data/index")
    guidance_folder: Path | None = None
    questions_folder: Path | None = None
    triage_help_group: str | None = None
    triage_emoji: str = "pushpin"
    embedding_model: str | None = None
    trial_port: Annotated[int, Field(ge=1, le=65535)] = 3901
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("slack_api_url")
    @classmethod
    def _ends_with_a_slash(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must begin with https://")
        return url if url.endswith("/") else url + "/"

    @field_validator("slack_bot_token")
    @classmethod
    def _is_a_bot_token(cls, token: SecretStr | None) -> SecretStr | None:
        return _of_kind(token, "xoxb-", "a bot token; Slack shows it under OAuth & Permissions")

    @field_validator("slack_app_token")
    @classmethod
    def _is_an_app_token(cls, token: SecretStr | None) -> SecretStr | None:
        return _of_kind(token, "xapp-", "an app-level token; Slack shows it under Basic Information")

    @model_validator(mode="after")
    def _both_tokens_or_none(self) -> Self:
        if (self.slack_bot_token is None) != (self.slack_app_token is None):
            missing = "SLACK_APP_TOKEN" if self.slack_app_token is None else "SLACK_BOT_TOKEN"
            raise ValueError(f"{missing} is missing: set both tokens for your Slack, or neither for the local trial")
        return self

    @property
    def has_tokens(self) -> bool:
        return self.slack_bot_token is not None


def _of_kind(token: SecretStr | None, prefix: str, what: str) -> SecretStr | None:
    if token is not None and not token.get_secret_value().startswith(prefix):
        raise ValueError(f"must begin with {prefix} ({what})")
    return token


def read_settings() -> Settings:
    """The settings of the environment and of `.env`.

    Raises:
        SettingsError: something is missing or wrong; one readable line each, without the value.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError([_line(fault) for fault in error.errors(include_input=False)]) from None


def _line(fault: object) -> str:
    assert isinstance(fault, dict)
    name = "_".join(str(part) for part in fault["loc"]).upper()
    problem = str(fault["msg"]).removeprefix("Value error, ")
    return f"{name}: {problem}" if name else problem
