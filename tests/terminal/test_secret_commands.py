"""Commands for secrets in a real terminal: they may ask before the screen opens, and reach nothing after."""

from __future__ import annotations

import shlex
import termios
from pathlib import Path

import pytest

from tests.support.requirements import require_program
from tests.terminal.configured_home import SECRET, configure, leave
from tests.terminal.conftest import Open, Server, Simulate
from tests.terminal.terminal_emulator import GRAPHTOP, Terminal, assert_clean

ASK = """\
stty -echo < /dev/tty
printf 'PIN: ' > /dev/tty
read pin < /dev/tty
stty echo < /dev/tty
echo "$pin"
"""
REACH = f"""\
touch ran
{{ printf 'reached by the command' > /dev/tty; }} 2> /dev/null
echo {SECRET}
"""


@pytest.fixture
def server(simulate: Simulate) -> Server:
    """A server that wants the secret."""
    return simulate("--user", "admin", "--tasks", "20", env={"GRAPHTOP_PASSWORD": SECRET})


@pytest.fixture
def asking(tmp_path: Path, server: Server) -> Path:
    """A profile whose command asks on the terminal; gives the folder."""
    profile(tmp_path, server, ASK)
    return tmp_path


def profile(folder: Path, server: Server, script: str, more: str = "") -> None:
    """Write a profile with a script for its password."""
    (folder / "ask.sh").write_text(script)
    command = f"sh {folder / 'ask.sh'}"
    configure(
        folder,
        f'{more}[profiles.p]\nurl = "{server.url}"\nuser = "admin"\npassword_command = "{command}"\n',
    )


def echoes(terminal: Terminal) -> bool:
    """Whether the terminal shows what is typed."""
    return bool(termios.tcgetattr(terminal.master)[3] & termios.ECHO)


def test_before_the_screen_a_command_asks_and_the_screen_opens(asking: Path, graphtop: Open) -> None:
    terminal = graphtop("p")
    terminal.wait_for("PIN:")
    terminal.wait(lambda: not echoes(terminal), "no echo")
    terminal.send(f"{SECRET}\n")
    terminal.wait_for("● live")
    leave(terminal)
    assert_clean(terminal)
    assert SECRET.encode() not in terminal.raw


def test_a_command_asks_on_the_command_line(asking: Path, graphtop: Open) -> None:
    terminal = graphtop("ls", "-p", "p", "--limit", "3", "-o", "table")
    terminal.wait_for("PIN:")
    terminal.send(f"{SECRET}\n")
    assert terminal.exit_code() == 0
    assert "the newest 3" in terminal.text()
    assert terminal.restored()


def test_ctrl_c_at_its_question_ends_both_and_leaves_the_terminal_as_it_was(
    asking: Path, graphtop: Open
) -> None:
    terminal = graphtop("ls", "-p", "p")
    terminal.wait_for("PIN:")
    terminal.wait(lambda: not echoes(terminal), "no echo")
    terminal.send(b"\x03")
    assert terminal.exit_code() == 130
    assert "graphtop: Interrupted." in terminal.text()
    assert terminal.restored()


def test_ctrl_z_at_its_question_stops_both_and_fg_goes_on(asking: Path, graphtop: Open) -> None:
    bash = require_program("bash", "bash")
    terminal = graphtop(program=(bash, "--norc", "--noprofile", "-i"), env={"PS1": "shell> "})
    terminal.wait_for("shell>")
    terminal.send(f"{shlex.join(GRAPHTOP)} ls -p p --limit 3 -o table\n")
    terminal.wait_for("PIN:")
    terminal.wait(lambda: not echoes(terminal), "no echo")
    terminal.send(b"\x1a")
    terminal.wait_for("Stopped")
    terminal.send("fg\n")
    terminal.wait(lambda: terminal.text().count("tui ls") > 2 and not echoes(terminal), "the question again")
    terminal.send(f"{SECRET}\n")
    terminal.wait_for("the newest 3")
    assert SECRET.encode() not in terminal.raw
    terminal.send("exit\n")
    assert terminal.exit_code() == 0


def test_while_the_screen_runs_a_command_reaches_no_terminal(
    tmp_path: Path, server: Server, simulate: Simulate, graphtop: Open
) -> None:
    other = simulate("--tasks", "20")
    profile(tmp_path, server, REACH.replace("ran", str(tmp_path / "ran")))
    terminal = graphtop(other.url)
    terminal.wait_for("● live")
    terminal.send("Pp\r")
    terminal.wait((tmp_path / "ran").exists, "that the command ran")
    terminal.wait_for("p · DEFAULT")
    terminal.wait_for("● live")
    leave(terminal)
    assert b"reached by the command" not in terminal.raw
    assert_clean(terminal)
