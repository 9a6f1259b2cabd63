"""Starting with nothing set, stopping by Ctrl-C and SIGTERM, a port that is taken, no local Slack server."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.person import Person
from tests.e2e.screen import Screen
from tests.e2e.trial import Trial, clean_environment, is_listening

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_and_leaves_nothing_behind(
    number: signal.Signals, local_slack: Path, tmp_path: Path
) -> None:
    trial = Trial(tmp_path)
    trial.wait_until_ready()
    assert is_listening(trial.port)

    assert trial.stop(number) == 0
    assert not is_listening(trial.port)
    assert "Traceback" not in trial.printed


def test_a_signal_while_it_is_still_loading_ends_it_too(local_slack: Path, tmp_path: Path) -> None:
    trial = Trial(tmp_path, INDEX_FOLDER=str(tmp_path / "index"))  # there is no index: loading takes a while
    trial.wait_until_listening()

    assert trial.stop() == 0
    assert not is_listening(trial.port)
    assert "Three things to try" not in trial.printed
    assert "Traceback" not in trial.printed


def test_it_tells_where_it_is_and_what_to_try(trial: Trial) -> None:
    assert trial.url in trial.printed
    assert [line.strip()[:2] for line in trial.printed.splitlines() if line.startswith("  ")][:3] == ["1.", "2.", "3."]


def test_what_was_asked_before_a_restart_is_still_known_after_it(local_slack: Path, tmp_path: Path) -> None:
    for run in (1, 2):
        trial = Trial(tmp_path)
        trial.wait_until_ready()
        screen = Screen(trial.url)
        maya = Person(trial.url, screen, "U0MAYA")
        maya.sees_reply(maya.mention(f"our backups were never restored, question {run}"))
        screen.close()
        assert trial.stop() == 0

    assert trial.rows("SELECT COUNT(*) FROM questions") == [(2,)]


def test_a_taken_port_is_told_in_one_line(local_slack: Path, tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = run(tmp_path, TRIAL_PORT=str(port))

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"TRIAL_PORT: port {port} is taken, maybe by an earlier trial; stop that or set another port"
    ]


def run(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder,
        env=clean_environment(**settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
