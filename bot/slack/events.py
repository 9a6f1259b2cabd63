"""Events of Slack that several features want to hear: Bolt itself calls only the first listener that fits."""

from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltContext
from slack_sdk import WebClient

Hearer = Callable[[dict[str, Any], BoltContext, WebClient], None]


class Events:
    """Who hears what, in the order in which they asked for it."""

    def __init__(self) -> None:
        self._hearers: dict[str, list[Hearer]] = {}

    def on(self, event: str, hearer: Hearer) -> None:
        self._hearers.setdefault(event, []).append(hearer)

    def register(self, app: App) -> None:
        for event, hearers in self._hearers.items():
            app.event(event)(_telling(hearers))


def _telling(hearers: list[Hearer]) -> Hearer:
    """Tells everybody, also when one of them fails; then fails as the first one did, so that it is tried again."""

    def tell(event: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        failures: list[Exception] = []
        for hearer in hearers:
            try:
                hearer(event, context, client)
            except Exception as failure:
                failures.append(failure)
        if failures:
            raise failures[0]

    return tell
