"""What can go wrong, as far as people need to know.

BotError                 its message is shown to the person who caused it
├── NotFound             what was asked for is not there (any more)
├── NotAllowed           this person may not do that
├── TooMany              a limit was reached
├── StillLoading         the guidance is not ready yet
└── FormErrors           fields of a form that must be corrected
SettingsError            the process cannot start; one readable line per fault
SlackTrouble             Slack did not do what it was asked
├── SlackRefused         … and will not: `code` is Slack's error
└── SlackBusy            … for now: try again after `retry_after` seconds
    └── SlackUncertain   … and may have done it: look before trying again
"""

from collections.abc import Mapping


class BotError(Exception):
    """Something did not work; please try again."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__ or "")


class NotFound(BotError):
    """That is no longer there. It may have been removed, or belong to another workspace."""


class NotAllowed(BotError):
    """You may not do that here. Ask an owner of the team or a workspace admin."""


class TooMany(BotError):
    """That was a lot of questions in a short time. Please try again in a while."""


class StillLoading(BotError):
    """I am still loading my guidance, which takes a minute. What you asked is kept and answered then."""


class FormErrors(BotError):
    """Please correct the marked fields."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__()
        self.fields = dict(fields)


class SettingsError(Exception):
    """The settings are not usable; `faults` has one readable line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class SlackTrouble(Exception):
    """Slack did not do what it was asked."""


class SlackRefused(SlackTrouble):
    """Slack will not do it, however often it is asked."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SlackBusy(SlackTrouble):
    """Slack did not do it and may do it after `retry_after` seconds."""

    def __init__(self, retry_after: float = 5.0) -> None:
        super().__init__(f"retry after {retry_after:g} s")
        self.retry_after = retry_after


class SlackUncertain(SlackBusy):
    """The connection broke or Slack failed half-way: it may have done it."""
