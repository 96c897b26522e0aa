"""What `c` copies reaches the terminal: plain, and through tmux and GNU screen as they are installed."""

from __future__ import annotations

import base64
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE
from tests.support.requirements import require_program
from tests.terminal.conftest import Open
from tests.terminal.terminal_emulator import GRAPHTOP, Terminal, environment

LONG = "x" * 5_000
COPY_LONG = (
    "import sys; from tui.clipboard import clipboard_sequence as made; "
    f"sys.stdout.write(made('x' * {len(LONG)})); sys.stdout.flush(); sys.stdin.read()"
)
"""A program that copies a long text the way graphtop does, without a server in the way."""


def copied(terminal: Terminal) -> list[str]:
    """The texts that the terminal was given for its clipboard."""
    found = re.findall(rb"\x1b\]52;[a-z]*;([A-Za-z0-9+/=]*)(?:\a|\x1b\\)", bytes(terminal.raw))
    return [base64.b64decode(text).decode() for text in found]


def copy_id(terminal: Terminal) -> str:
    """Copy the id of the task under the cursor, and return it as the screen shows it."""
    terminal.wait_for("● live")
    terminal.send("c")
    terminal.wait_for("task id ")
    said = re.search(r"(?:Sent|Copied) task id (\d+)", terminal.text())
    assert said is not None
    return said[1]


def test_a_plain_terminal_is_given_the_text(graphtop: Open) -> None:
    terminal = graphtop("demo")
    task_id = copy_id(terminal)
    terminal.wait(lambda: copied(terminal) == [task_id], "the text")


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[list[str]]:
    """The command of a tmux of its own, with nobody's settings."""
    command = [require_program("tmux", "tmux"), "-S", str(tmp_path / "tmux"), "-f", "/dev/null"]
    yield command
    subprocess.run([*command, "kill-server"], check=False, capture_output=True, timeout=PATIENCE)


def test_in_tmux_the_text_is_in_its_buffer_and_at_the_terminal(graphtop: Open, tmux: list[str]) -> None:
    terminal = graphtop("new-session", shlex.join((*GRAPHTOP, "demo")), program=tmux)
    task_id = copy_id(terminal)
    terminal.wait(lambda: copied(terminal) == [task_id], "the text")
    buffer = subprocess.run([*tmux, "show-buffer"], check=True, capture_output=True, timeout=PATIENCE)
    assert buffer.stdout.decode() == task_id


def test_where_tmux_does_not_take_it_that_is_said(graphtop: Open, tmp_path: Path) -> None:
    broken = tmp_path / "tmux"
    broken.write_text("#!/bin/sh\necho 'unknown flag -w' >&2\nexit 1\n")
    broken.chmod(0o755)
    path = f"{tmp_path}:{environment(tmp_path)['PATH']}"
    terminal = graphtop("demo", env={"TMUX": "/nowhere,1,0", "PATH": path})
    terminal.wait_for("● live")
    terminal.send("c")
    terminal.wait_for("Couldn't copy. tmux failed: unknown flag -w.")
    assert "task id" not in terminal.text()
    assert copied(terminal) == []


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[tuple[list[str], dict[str, str | None]]]:
    """The command of a GNU screen with nobody's settings, and where it keeps its socket."""
    command = [require_program("screen", "screen"), "-c", "/dev/null", "-U"]
    folder = tmp_path / "screens"
    folder.mkdir(mode=0o700)
    env = {"SCREENDIR": str(folder)}
    yield command, dict(env)
    subprocess.run(
        [*command, "-X", "quit"],
        env=environment(tmp_path, dict(env)),
        check=False,
        capture_output=True,
        timeout=PATIENCE,
    )


def test_in_gnu_screen_the_text_reaches_the_terminal(
    graphtop: Open, screen: tuple[list[str], dict[str, str | None]]
) -> None:
    command, env = screen
    terminal = graphtop(*GRAPHTOP, "demo", program=command, env=env)
    task_id = copy_id(terminal)
    terminal.wait(lambda: copied(terminal) == [task_id], "the text")


def test_in_gnu_screen_a_long_text_reaches_the_terminal_whole(
    graphtop: Open, screen: tuple[list[str], dict[str, str | None]]
) -> None:
    command, env = screen
    terminal = graphtop(sys.executable, "-c", COPY_LONG, program=command, env=env)
    terminal.wait(lambda: copied(terminal) == [LONG], "the text")
