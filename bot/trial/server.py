"""Runs local-slack, a stand-alone Slack server, so that the very same bot can be tried without a Slack workspace."""

import http.client
import platform
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

from bot.errors import SettingsError

BOT_TOKEN = "xoxb-local-trial"
APP_TOKEN = "xapp-local-trial"
WORKSPACE = Path(__file__).with_name("workspace.yaml")
INSTALLED_IN = Path(__file__).parents[2] / ".cache/local-slack/node_modules"
START_WITHIN_S = 20.0


def installed_server() -> Path | None:
    """The local-slack program for this machine, as `make setup` installs it from npm; None where there is none."""
    machine = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine())
    system = platform.system().lower()
    name = "local-slack.exe" if system == "windows" else "local-slack"
    program = INSTALLED_IN / f"local-slack-{system}-{machine}" / "bin" / name
    return program if program.exists() else None


class TrialServer:
    """A running local-slack with the made-up workspace; stops with the `with` block.

    Args:
        program: local-slack's binary.
        port: where its page, its Web API and its sockets are.
        workspace: its configuration.
    """

    def __init__(self, program: Path, port: int, workspace: Path = WORKSPACE) -> None:
        self._program = program
        self._port = port
        self._workspace = workspace
        self._files = tempfile.TemporaryDirectory(prefix="advisor-trial-")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> "TrialServer":
        if self._is_taken():
            raise SettingsError(
                [f"TRIAL_PORT: port {self._port} is taken, maybe by an earlier trial; stop that or set another port"]
            )
        command = [
            str(self._program),
            "--config",
            str(self._workspace),
            "--port",
            str(self._port),
            "--base-host",
            "127.0.0.1",
            "--files-dir",
            self._files.name,
        ]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches only us: we say good-bye to Slack before we stop it
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=5)
        self._files.cleanup()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.1)
        raise SettingsError([f"the local Slack server did not start on port {self._port}; try another TRIAL_PORT"])

    def _is_taken(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=1)
        try:
            connection.request("GET", "/_control/state")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()
