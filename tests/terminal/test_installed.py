"""graphtop runs where it was installed, from a zip file, and without its source."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.support.patience import PATIENCE
from tests.support.simulated_servers import read_address
from tests.terminal.shipped_programs import Program
from tests.terminal.terminal_emulator import ROOT, Terminal
from tui import VERSION
from tui.cli.registry import COMMANDS

pytestmark = pytest.mark.xdist_group("packaging")


def test_nothing_comes_from_the_checkout(program: Program, tmp_path: Path) -> None:
    code = "import sys, tui, backend_adapters as b; print(tui.__file__, b.__file__, *sys.path, sep='\\n')"
    tui, adapters, *path = program.evaluate(tmp_path, code).splitlines()
    assert tui.startswith(str(program.place))
    assert adapters.startswith(str(program.place))
    assert str(ROOT) not in path


def test_it_says_its_version(program: Program, tmp_path: Path) -> None:
    assert program.output(tmp_path, "--version") == f"graphtop {VERSION}\n"


def test_it_helps(program: Program, tmp_path: Path) -> None:
    assert "List the tasks that pass a filter, newest first." in program.output(tmp_path, "ls", "--help")
    said = program.output(tmp_path, "--help")
    assert all(command.help in said for command in COMMANDS.values())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_completes(program: Program, tmp_path: Path, shell: str) -> None:
    assert f"__complete {shell}" in program.output(tmp_path, "completion", shell)
    offered = program.output(tmp_path, "__complete", shell, "").splitlines()
    assert offered == ["words", *(f"{name}\t{command.help}" for name, command in COMMANDS.items())]


def test_the_demo_shows_tasks_and_a_dialog_until_q(program: Program, tmp_path: Path) -> None:
    terminal = Terminal(
        [*program.command, "demo"], program.environment(tmp_path), width=80, height=24, cwd=tmp_path
    )
    with closing(terminal):
        terminal.wait(lambda: terminal.text().count("gremlin") > 1, "rows")
        terminal.send("?")
        terminal.wait_for("╭─ Help")
        terminal.send("\x1b")
        terminal.wait_gone("╭─ Help")
        terminal.send("q")
        assert terminal.exit_code() == 0


@pytest.fixture
def server(program: Program, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A simulated server on a free port."""
    command = [*program.command, "simulate", "--port", "0"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=program.environment(tmp_path), stdout=subprocess.PIPE
    ) as process:
        yield process
        process.kill()


def test_the_simulated_server_answers_until_sigterm(server: subprocess.Popen[bytes]) -> None:
    with httpx.Client(base_url=read_address(server), trust_env=False, timeout=PATIENCE) as client:
        assert client.get("/versions").json()["versions"]["core"] == "1.7.0"
        answer = client.get("/graphspaces/DEFAULT/graphs/hugegraph/tasks", params={"limit": 3})
        assert len(answer.json()["tasks"]) == 3
    server.terminate()
    assert server.wait(PATIENCE) == 0
