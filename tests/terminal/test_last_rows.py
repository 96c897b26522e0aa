"""A second session begins with the rows of the first one, while the server that it asks does not answer."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.terminal.conftest import Open, Simulate
from tests.terminal.terminal_emulator import Terminal, assert_clean


def end(terminal: Terminal) -> None:
    terminal.send("q")
    assert terminal.exit_code() == 0
    assert_clean(terminal)


def test_the_rows_of_the_last_session_stand_there_until_a_hanging_server_answers(
    graphtop: Open, simulate: Simulate
) -> None:
    server = simulate("--tasks", "60", "--pace", "0")
    terminal = graphtop(server.url)
    terminal.wait_for("● live")
    terminal.wait_for("✓ success")
    end(terminal)
    os.kill(server.process.pid, signal.SIGSTOP)
    terminal = graphtop(server.url)
    terminal.wait_for("connecting…")
    terminal.wait_for("✓ success")
    assert "as of " in terminal.lines()[0]
    assert "last known at" in terminal.text()
    terminal.send("C")
    terminal.wait_for("Nothing can be sent before the server has confirmed it.")
    os.kill(server.process.pid, signal.SIGCONT)
    terminal.wait_for("● live")
    terminal.wait_gone("last known at")
    terminal.wait_gone("┊")
    end(terminal)


def test_a_session_that_was_killed_leaves_what_it_kept_last(
    graphtop: Open, simulate: Simulate, tmp_path: Path
) -> None:
    server = simulate("--tasks", "60", "--pace", "0")
    terminal = graphtop(server.url)
    terminal.wait_for("● live")
    folder = tmp_path / ".local" / "state" / "graphtop" / "rows"
    terminal.wait(lambda: folder.is_dir() and any(folder.glob("*.json")), "the rows being kept")
    terminal.process.kill()
    os.kill(server.process.pid, signal.SIGSTOP)
    terminal = graphtop(server.url)
    terminal.wait_for("last known at")
    terminal.wait_for("✓ success")


def test_without_a_cache_nothing_is_shown(graphtop: Open, simulate: Simulate) -> None:
    server = simulate("--tasks", "60", "--pace", "0")
    terminal = graphtop(server.url)
    terminal.wait_for("● live")
    end(terminal)
    os.kill(server.process.pid, signal.SIGSTOP)
    terminal = graphtop(server.url, "--no-cache")
    terminal.wait_for("Connecting…")
    assert "✓ success" not in terminal.text()
