"""Servers that are not there, not known or not open: the screen says so, and tries again where it helps."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import psutil

from tests.support.ports import free_port
from tests.terminal.conftest import Open, Simulate
from tests.terminal.terminal_emulator import Terminal, assert_clean

SECRET = "hunter2-Sesame"


def assert_secret_kept(terminal: Terminal) -> None:
    """Neither the screen nor the list of processes shows the password."""
    assert SECRET.encode() not in terminal.raw
    assert SECRET not in " ".join(psutil.Process(terminal.process.pid).cmdline())


def test_a_refused_connection_becomes_live_when_the_server_comes(graphtop: Open, simulate: Simulate) -> None:
    port = free_port()
    terminal = graphtop(f"http://127.0.0.1:{port}")
    terminal.wait_for("offline")
    terminal.wait(lambda: re.search(r"retry in \ds", terminal.text()) is not None, "the countdown")
    assert f"127.0.0.1:{port}" in terminal.text().replace(terminal.lines()[0], "")
    assert "Retrying automatically." in terminal.text()
    simulate("--tasks", "20", port=port)
    terminal.send("r")
    terminal.wait_for("● live")
    terminal.wait_for("✓ success")
    terminal.send("q")
    assert terminal.exit_code() == 0
    assert_clean(terminal)


def test_an_unknown_graph_can_be_left_for_another(graphtop: Open, simulate: Simulate) -> None:
    terminal = graphtop(simulate("--tasks", "20").url, "--graph", "nope")
    terminal.wait_for("Press b to choose a graph.")
    assert "nope" in terminal.text().replace(terminal.lines()[0], "")
    assert "hugegraph, supply_c" in terminal.text(), "the graphs that there are"
    terminal.send("b")
    terminal.wait_for("Switch graph")
    terminal.wait_for("DEFAULT/supply_chain")
    terminal.send("supply")
    terminal.wait_gone("DEFAULT/hugegraph")
    terminal.send("\r")
    terminal.wait_for("● live")
    assert "DEFAULT/supply_chain" in terminal.lines()[0]


def test_a_wrong_password_is_asked_for_again(graphtop: Open, simulate: Simulate) -> None:
    server = simulate("--user", "admin", "--tasks", "20", env={"GRAPHTOP_PASSWORD": SECRET})
    terminal = graphtop(server.url, "--user", "admin", env={"GRAPHTOP_PASSWORD": "wrong"})
    terminal.wait_for("Sign in")
    terminal.answer(SECRET + "\r", "Sign in")
    terminal.wait_for("● live")
    terminal.wait_for("✓ success")
    assert_secret_kept(terminal)


def test_a_prompt_for_the_password(graphtop: Open, simulate: Simulate) -> None:
    server = simulate("--user", "admin", "--tasks", "20", env={"GRAPHTOP_PASSWORD": SECRET})
    terminal = graphtop(server.url, "--user", "admin")
    terminal.wait_for("Password for admin at 127.0.0.1:")
    terminal.send(SECRET + "\r")
    terminal.wait_for("● live")
    assert_secret_kept(terminal)


def test_a_command_for_the_password(graphtop: Open, simulate: Simulate, tmp_path: Path) -> None:
    server = simulate("--user", "admin", "--tasks", "20", env={"GRAPHTOP_PASSWORD": SECRET})
    script = tmp_path / "ask.py"
    script.write_text(f"print({SECRET!r})")
    terminal = graphtop(server.url, "--user", "admin", "--password-command", f"{sys.executable} {script}")
    terminal.wait_for("● live")
    assert_secret_kept(terminal)
