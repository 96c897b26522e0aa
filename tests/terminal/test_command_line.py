"""The command line without a screen: what it says, and its exit codes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.terminal.conftest import Open, Run, Simulate
from tui.cli.exit_codes import USAGE

SECRET = "hunter2-Sesame"
URL = "http://127.0.0.1:9"


def printing(tmp_path: Path, *, says: str = "", complains: str = "", code: int = 0) -> str:
    """A command line that prints, complains and ends so; the secret is in the file, not in the arguments."""
    script = tmp_path / "ask.py"
    script.write_text(
        f"import sys\nsys.stdout.write({says!r})\nsys.stderr.write({complains!r})\nsys.exit({code})\n"
    )
    return f"{sys.executable} {script}"


def test_version(run: Run) -> None:
    done = run("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("graphtop 0.")


@pytest.mark.parametrize("command", [(), ("demo",), ("simulate",)])
def test_help_fits_a_hundred_columns(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, "--help", env={"COLUMNS": "100"})
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "usage: graphtop" in done.stdout


def test_help_names_every_command_and_exit_code(run: Run) -> None:
    said = run("--help").stdout
    for word in ("graphtop http://host:8080", "demo", "simulate", "--graphspace", "GRAPHTOP_PASSWORD", "143"):
        assert word in said


@pytest.mark.parametrize("url", ["ftp://host", "http://", "http://host:99999", "http://[::1"])
def test_an_address_that_is_none(run: Run, url: str) -> None:
    done = run(url)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr == (
        f'graphtop: "{url}" is not a valid server address. Write it as http://host:8080.\n'
    )


@pytest.mark.parametrize("url", [f"http://admin:{SECRET}@host:8080", f"admin:{SECRET}@host"])
def test_a_password_in_the_address_is_refused_and_not_repeated(run: Run, url: str) -> None:
    done = run(url)
    assert done.returncode == USAGE
    assert "--user" in done.stderr
    assert SECRET not in done.stderr + done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        (URL, "--interval", "0"),
        (URL, "--dialect", "sql"),
        (URL, "--pass", "x"),
        ("simulate", "--port", "70000"),
        ("simulate", "--tasks", "-1"),
        ("simulate", "--pace", "nan"),
        ("simulate", "--user", "admin"),
        ("simulate", "--servers", "2"),
        ("simulate", "--backend", "hstore", "--servers", "0"),
    ],
    ids=" ".join,
)
def test_flags_that_are_wrong(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert "Traceback" not in done.stderr
    assert re.match(r"graphtop( \w+)?: ", done.stderr)


@pytest.mark.parametrize("arguments", [("demo",), (URL,)])
def test_the_screen_needs_a_terminal(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr == "graphtop: The screen needs a terminal, but standard input or output is not one.\n"


@pytest.mark.parametrize("kind", ["dumb", None])
def test_a_terminal_that_cannot_place_text_is_refused(graphtop: Open, kind: str | None) -> None:
    terminal = graphtop("demo", env={"TERM": kind})
    assert terminal.exit_code() == USAGE
    assert "TERM is" in terminal.text()
    assert "TERM=xterm-256color" in terminal.text()
    assert b"\x1b" not in terminal.raw


def test_a_user_without_a_password_and_without_a_terminal(run: Run) -> None:
    done = run(URL, "--user", "admin")
    assert (done.returncode, done.stdout) == (USAGE, "")
    words = "No password, and no terminal to ask on. Set GRAPHTOP_PASSWORD, or use --password-command."
    assert done.stderr == f"graphtop: {words}\n"


def test_a_password_prompt_that_is_left(graphtop: Open) -> None:
    terminal = graphtop(URL, "--user", "admin")
    terminal.wait_for("Password for admin at 127.0.0.1:")
    terminal.send("\x04")
    assert terminal.exit_code() == USAGE
    assert "No password was typed" in terminal.text()
    assert terminal.restored()


def test_a_password_prompt_that_is_interrupted(graphtop: Open) -> None:
    terminal = graphtop(URL, "--user", "admin")
    terminal.wait_for("Password for admin at 127.0.0.1:")
    terminal.send("\x03")
    assert terminal.exit_code() == 130
    assert "graphtop: Interrupted." in terminal.text()
    assert b"Traceback" not in terminal.raw
    assert terminal.restored()


@pytest.mark.parametrize(
    ("says", "complains", "code", "reason"),
    [(SECRET, "the vault is sealed\n", 3, "exit code 3"), ("", "", 0, "it printed nothing")],
)
def test_a_password_command_that_fails(
    run: Run, tmp_path: Path, says: str, complains: str, code: int, reason: str
) -> None:
    command = printing(tmp_path, says=says, complains=complains, code=code)
    done = run(URL, "--user", "admin", "--password-command", command)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr == f"{complains}graphtop: --password-command gave no password ({reason}).\n"


def test_a_password_command_that_does_not_exist(run: Run) -> None:
    done = run(URL, "--user", "admin", "--password-command", "/no/such/command")
    assert done.returncode == USAGE
    assert "it could not be run: No such file or directory" in done.stderr


def test_simulate_on_a_port_that_is_taken(run: Run, simulate: Simulate) -> None:
    port = simulate().url.rpartition(":")[2]
    done = run("simulate", "--port", port)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"graphtop: Can't listen on 127.0.0.1, port {port}: Address already in use.\n"
