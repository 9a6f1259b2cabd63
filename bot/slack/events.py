"""Events of Slack that several features want to hear: Bolt itself calls only the first listener that fits."""

from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltContext
from slack_sdk import WebClient

Hearer = Callable[[dict[str, Any], BoltContext, WebClient], bool | None]
"""What a feature does with an event; True keeps it from those who hear it later."""


class Events:
    """Who hears what: whoever asked to be `first`, then the others in the order in which they asked."""

    def __init__(self) -> None:
        self._hearers: dict[str, list[Hearer]] = {}

    def on(self, event: str, hearer: Hearer, *, first: bool = False) -> None:
        hearers = self._hearers.setdefault(event, [])
        hearers.insert(0 if first else len(hearers), hearer)

    def register(self, app: App) -> None:
        for event, hearers in self._hearers.items():
            app.event(event)(_telling(hearers))


def _telling(hearers: list[Hearer]) -> Callable[[dict[str, Any], BoltContext, WebClient], None]:
    """Tells everybody, also when one of them fails; then fails as the first one did, so that it is tried again."""

    def tell(event: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        failures: list[Exception] = []
        for hearer in hearers:
            try:
                if hearer(event, context, client):
                    break
            except Exception as failure:
                failures.append(failure)
        if failures:
            raise failures[0]

    return tell
