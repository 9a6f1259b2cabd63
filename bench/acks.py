"""Slack's events acknowledged at 50 a second while slow answers are going on: how fast, and whether any is lost."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import func, select

from bench.parts import knowledge_base, percentile
from bot.assembly import build
from bot.database import migrate, open_engine
from bot.questions.model import Question
from bot.settings import Settings
from bot.slack.client import web_client
from knowledge.base import Answers
from tests import payloads
from tests.slack_server import SlackServer

RATE, SECONDS, SLOW_S = 50, 8, 2.0


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, SlackServer() as slack:
        engine = open_engine(f"sqlite:///{folder}/bench.db", connections=40)
        migrate(engine)
        settings = Settings(_env_file=None, questions_per_person_hour=10_000, questions_per_workspace_hour=100_000)
        advisor = build(settings, web_client("xoxb-bench", slack.url), _slow(), engine)
        acks = _load(advisor.app)
        advisor.app.listener_runner.listener_executor.shutdown(wait=True)
        with advisor.sessions.begin() as session:
            answered = session.scalar(select(func.count(Question.id)).where(Question.answered_at.is_not(None)))
        engine.dispose()
    return {
        "events": len(acks),
        "ack p50 (ms)": percentile(acks, 0.5),
        "ack p99 (ms)": percentile(acks, 0.99),
        "acknowledged per second": len(acks) / SECONDS,
        "lost": len(acks) - int(answered or 0),
    }


def _slow() -> Any:
    """The real knowledge base, every twentieth answer of which takes two seconds."""
    base = knowledge_base()

    class Slow:
        def __init__(self) -> None:
            self.asked = 0

        def ask(self, *args: Any, **kwargs: Any) -> Answers:
            self.asked += 1
            if self.asked % 20 == 0:
                time.sleep(SLOW_S)
            return base.ask(*args, **kwargs)

        def __getattr__(self, name: str) -> Any:
            return getattr(base, name)

    return Slow()


def _load(app: Any) -> list[float]:
    """Dispatches from ten threads, as slack_sdk's socket client does; each event has its moment."""
    began = time.perf_counter()

    def send(number: int) -> float:
        due = began + number / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        app.dispatch(payloads.mention("our queries are slow at 800 users", ts=f"{number}.0", channel=f"C{number}"))
        return (time.perf_counter() - due) * 1000

    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(send, range(RATE * SECONDS)))
