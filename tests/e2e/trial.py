"""The process that `make run` starts, as a subprocess with its own data folder."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
READY = "Ctrl-C stops everything"  # the last line of the welcome
START_WITHIN_S = 300.0  # the index may have to be built first, on a busy machine
STOP_WITHIN_S = 30.0


class Trial:
    """`advisor run` without tokens: the local Slack server and the bot connected to it.

    Args:
        folder: where it runs; its data, and what it prints, stay there.
        settings: further environment.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.database = folder / "advisor.db"
        self._log = folder / "printed.txt"
        self._ready = threading.Event()
        usual = {
            "TRIAL_PORT": str(self.port),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "INDEX_FOLDER": str(ROOT / ".cache" / "test-index"),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env=clean_environment(**usual | settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def printed(self) -> str:
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    def wait_until_ready(self) -> None:
        assert self._ready.wait(START_WITHIN_S), f"did not start:\n{self.printed}"
        assert self.process.poll() is None, f"ended instead of starting:\n{self.printed}"

    def wait_until_listening(self) -> None:
        """The local Slack server is up, the bot is still loading."""
        deadline = time.monotonic() + START_WITHIN_S
        while not is_listening(self.port):
            assert self.process.poll() is None, f"ended instead of starting:\n{self.printed}"
            assert time.monotonic() < deadline, f"nothing listens:\n{self.printed}"
            time.sleep(0.05)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What its database answers."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Sends a signal, waits for the end and returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"did not stop within {STOP_WITHIN_S:g} s:\n{self.printed}") from None
        finally:
            self._reader.join(STOP_WITHIN_S)

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self._log.open("w", encoding="utf-8") as log, self.process.stderr as printed:
            for line in printed:
                log.write(line)
                log.flush()
                if READY in line:
                    self._ready.set()
        self._ready.set()  # it ended: whoever waits looks at how


def clean_environment(**settings: str) -> dict[str, str]:
    """Our environment without the settings of whoever runs the tests, so that no test talks to a real Slack."""
    inherited = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    return {**inherited, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", **settings}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
