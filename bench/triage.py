"""From a pasted alert to the first prompt in its thread: how long that takes us, Slack's own time not counted."""

import tempfile
import time
from typing import Any

from bench.parts import knowledge_base, percentile
from bot.assembly import build
from bot.database import migrate, open_engine
from bot.settings import Settings
from bot.slack.app import InlineExecutor
from bot.slack.client import web_client
from knowledge.golden import GOLDEN, load
from tests import payloads
from tests.slack_server import SlackServer

ROUNDS = 3


def run() -> dict[str, Any]:
    alerts = [str(case.fields["text"]) for case in load(GOLDEN / "alerts.yaml", "tune")] * ROUNDS
    with tempfile.TemporaryDirectory() as folder, SlackServer() as slack:
        engine = open_engine(f"sqlite:///{folder}/bench.db")
        migrate(engine)
        client = web_client("xoxb-bench", slack.url)
        advisor = build(Settings(_env_file=None), client, knowledge_base(), engine, executor_for=InlineExecutor)
        took = [_paste(advisor.app, slack, alert, number) for number, alert in enumerate(alerts)]
        prompts = sum("Incident" in message["text"] for message in slack.messages)
        engine.dispose()
    return {
        "alerts pasted": len(alerts),
        "prompts posted": prompts,
        "paste to first prompt p50 (ms)": percentile(took, 0.5),
        "paste to first prompt p95 (ms)": percentile(took, 0.95),
    }


def _paste(app: Any, slack: SlackServer, alert: str, number: int) -> float:
    shortcut = payloads.shortcut(
        "triage.this_message", alert, response_url=slack.response_url, ts=f"{number}.0", channel=f"C{number}"
    )
    began = time.perf_counter()
    app.dispatch(shortcut)
    return (time.perf_counter() - began) * 1000
