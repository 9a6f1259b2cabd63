"""`advisor run`, `advisor chat`: in your Slack, in the local trial, or in the terminal."""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from bot.cli.asking import print_answers
from bot.cli.output import err, opened_knowledge, out
from bot.settings import Settings, read_settings
from knowledge.base import Answers

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def add_to(app: typer.Typer) -> None:
    for command in (run, chat):
        app.command()(command)


def run() -> None:
    """Start the advisor: in your Slack with tokens in .env, else the local trial in your browser."""
    from bot import logs
    from bot.trial.server import installed_server

    settings = read_settings()
    logs.set_up(settings.log_level)
    if settings.has_tokens:
        _run_in_slack(settings)
    elif (server := installed_server()) is not None:
        _run_trial(settings, server)
    else:
        err.print("No Slack tokens in .env and no local Slack server (it needs npm): let us talk here instead.")
        _converse(settings)


def chat() -> None:
    """Talk to the advisor in the terminal."""
    _converse(read_settings())


def _converse(settings: Settings) -> None:
    """A conversation in the terminal: the same answers, with the thread's context."""
    thread: list[str] = []
    with opened_knowledge(settings) as knowledge:
        out.print(
            "Ask me what to fix at your size, and what to leave alone yet. An empty line ends it, `more` shows all."
        )
        last: Answers | None = None
        while question := _typed():
            if question.lower() == "more" and last:
                print_answers(last)
                continue
            last = knowledge.ask(question, thread=thread)
            thread.append(question)
            print_answers(last, whole=False)


def _typed() -> str:
    try:
        return out.input("\n[bold]you>[/bold] ").strip()
    except (EOFError, KeyboardInterrupt):
        return ""


def _run_in_slack(settings: Settings) -> None:
    from bot.assembly import check_tokens
    from bot.slack.client import web_client

    assert settings.slack_bot_token is not None
    assert settings.slack_app_token is not None
    bot_token, app_token = settings.slack_bot_token.get_secret_value(), settings.slack_app_token.get_secret_value()
    check_tokens(web_client(bot_token, settings.slack_api_url), app_token)
    with _until_stopped():
        _serve(settings, bot_token, app_token, settings.slack_api_url, "The advisor is in your Slack. Ctrl-C stops it.")


def _run_trial(settings: Settings, program: Path) -> None:
    from bot.trial.server import APP_TOKEN, BOT_TOKEN, TrialServer

    with _until_stopped(), TrialServer(program, settings.trial_port) as server:
        welcome = (
            f"\nThe local trial is at {server.url} – a made-up workspace with the very same bot.\n"
            "Three things to try:\n"
            "  1. in #engineering: @advisor our dashboard takes 3 seconds since we passed 800 users\n"
            "  2. in the same thread, without a tag: and on MySQL?\n"
            "  3. anywhere: /advisor ask should we move to Kubernetes?\n"
            "(The local server listens on all interfaces of this machine.) Ctrl-C stops everything.\n"
        )
        _serve(settings, BOT_TOKEN, APP_TOKEN, f"{server.url}/api/", welcome)


def _serve(settings: Settings, bot_token: str, app_token: str, url: str, welcome: str) -> None:
    from bot.assembly import Running, opening_knowledge

    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    with err.status("starting …") as status:
        knowledge = opening_knowledge(settings, lambda step: status.update(f"{step} …"))
        running = Running(settings, knowledge, bot_token, app_token, url)
    try:
        running.start()
        with err.status("connected; loading the embedding model …") as status:
            knowledge.load()
        err.print(welcome, markup=False, highlight=False, soft_wrap=True)
        threading.Event().wait()
    finally:
        err.print("Stopping …")
        running.stop()


@contextmanager
def _until_stopped() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the block, wherever it is; what it opened is then closed without being disturbed again."""

    def stop(number: int, frame: object) -> None:
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in STOP_SIGNALS:
        signal.signal(each, stop)
    with suppress(KeyboardInterrupt):
        yield
