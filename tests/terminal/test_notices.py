"""What is told of the end of a task, as bytes: plain, through tmux and GNU screen, and only out of sight."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE
from tests.support.requirements import require_program
from tests.terminal.conftest import Env, Open, Run, Simulate
from tests.terminal.terminal_emulator import GRAPHTOP, Terminal, environment
from tests.terminal.terminal_updates import wait_for_ticks

GHOSTTY: Env = {"TERM_PROGRAM": "ghostty", "TERM_PROGRAM_VERSION": "1.2.0"}
ENDED = r"\(Thread\.sleep\(600000\)\): cancelled after [\w. ]+"
FOCUS_IN, FOCUS_OUT, KNOWS_FOCUS = "\x1b[I", "\x1b[O", "\x1b[?1004;1$y"
ASKED = b"\x1b[?1004$p"


class Watched:
    """A task that goes on, on a server, and what ends it."""

    def __init__(self, simulate: Simulate, run: Run, folder: Path) -> None:
        self._run = run
        self.url = simulate().url
        (folder / "job").write_text("Thread.sleep(600000)")
        self.id = self._graphtop("submit", str(folder / "job")).strip()

    def _graphtop(self, *arguments: str) -> str:
        done = self._run(*arguments, "--url", self.url)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def cancel(self) -> None:
        """End it."""
        self._graphtop("cancel", "--yes", self.id)

    def ask(self, terminal: Terminal) -> None:
        """Ask in graphtop to be told of its end."""
        terminal.wait_for("● live")
        terminal.wait_for(self.id)
        terminal.send(f"/id={self.id}\r")
        terminal.wait_for(" 1 of ")
        terminal.send("m")
        terminal.wait_for("Tell me")
        terminal.send("\r")
        terminal.wait_for(f"You will be told when task {self.id} ends.")
        terminal.wait_for("♪ 1 task")


@pytest.fixture
def watched(simulate: Simulate, run: Run, tmp_path: Path) -> Watched:
    return Watched(simulate, run, tmp_path)


def find(terminal: Terminal, pattern: str) -> list[bytes]:
    """What was written that matches; a bell at the end of another sequence is none."""
    written = re.sub(rb"\x1b\](?:0|22);[^\x07]*\x07", b"", bytes(terminal.raw))
    return re.findall(pattern.encode(), written)


@pytest.mark.parametrize(
    ("env", "notice"),
    [
        (GHOSTTY, rf"\x1b\]777;notify;graphtop;\d+ {ENDED}\x1b\\"),
        ({"TERM": "xterm-kitty"}, rf"\x1b\]99;i=graphtop:p=body;\d+ {ENDED}\x1b\\"),
        ({"TERM_PROGRAM": "iTerm.app"}, rf"\x1b\]9;graphtop: \d+ {ENDED}\x1b\\"),
        ({}, r"\x07"),
    ],
    ids=["ghostty", "kitty", "iterm", "bell"],
)
def test_a_terminal_is_told_in_its_own_way_once(
    graphtop: Open, watched: Watched, env: Env, notice: str
) -> None:
    terminal = graphtop(watched.url, "--interval", "0.5", env=env)
    watched.ask(terminal)
    assert find(terminal, notice) == []
    watched.cancel()
    terminal.wait(lambda: len(find(terminal, notice)) == 1, "the notice")
    terminal.wait_for("cancelled after")
    terminal.wait_gone("♪")
    wait_for_ticks(terminal, 2)
    assert len(find(terminal, notice)) == 1


def test_nobody_is_told_by_the_terminal_while_it_has_the_focus(graphtop: Open, watched: Watched) -> None:
    terminal = graphtop(watched.url, "--interval", "0.5", env=GHOSTTY)
    watched.ask(terminal)
    assert ASKED in terminal.raw
    terminal.send(KNOWS_FOCUS)
    wait_for_ticks(terminal, 1)
    watched.cancel()
    terminal.wait_for("cancelled after")
    terminal.wait_gone("♪")
    wait_for_ticks(terminal, 2)
    assert find(terminal, "777;notify") == []


def test_who_looks_elsewhere_is_told(graphtop: Open, watched: Watched) -> None:
    terminal = graphtop(watched.url, "--interval", "0.5", env=GHOSTTY)
    watched.ask(terminal)
    terminal.send(KNOWS_FOCUS + FOCUS_IN + FOCUS_OUT)
    terminal.wait_for("(unfocused)")
    watched.cancel()
    terminal.wait(lambda: len(find(terminal, "777;notify")) == 1, "the notice")


def test_while_nothing_changes_a_notice_that_is_waited_for_costs_nothing(
    graphtop: Open, watched: Watched
) -> None:
    terminal = graphtop(watched.url, "--interval", "0.5", env=GHOSTTY)
    watched.ask(terminal)
    wait_for_ticks(terminal, 2)
    start = terminal.count()
    wait_for_ticks(terminal, 3)
    assert b"\x1b]9;4" not in terminal.raw[start:]
    assert b"777" not in terminal.raw[start:]


def test_a_command_gets_the_text_as_one_argument(graphtop: Open, watched: Watched, tmp_path: Path) -> None:
    said = tmp_path / "said"
    tell = "import sys; open(sys.argv[1], 'a').write(repr(sys.argv[2:]))"
    command = shlex.join([sys.executable, "-c", tell, str(said)])
    terminal = graphtop(watched.url, "--interval", "0.5", "--notify-command", command, env=GHOSTTY)
    watched.ask(terminal)
    watched.cancel()
    terminal.wait(lambda: said.exists() and said.read_text().endswith("]"), "the command")
    assert re.fullmatch(rf"\['\d+ {ENDED}'\]", said.read_text())
    assert find(terminal, "777;notify") == []


# Progress in the tab.

SHOWN, TAKEN_BACK = b"\x1b]9;4;3;0\x1b\\", b"\x1b]9;4;0;0\x1b\\"
HASTY = (
    "from tui.textual_ext import driver; driver.GRACE_SECONDS = 0.0; from tui.__main__ import main; main()"
)


def test_progress_is_shown_until_the_end_has_come(graphtop: Open, watched: Watched) -> None:
    terminal = graphtop(watched.url, "--interval", "0.5", env=GHOSTTY)
    watched.ask(terminal)
    terminal.wait(lambda: SHOWN in terminal.raw, "the progress")
    watched.cancel()
    terminal.wait(lambda: TAKEN_BACK in terminal.raw, "its end")
    assert (terminal.raw.count(SHOWN), terminal.raw.count(TAKEN_BACK)) == (1, 1)


@pytest.mark.parametrize("program", [GRAPHTOP, (sys.executable, "-c", HASTY)], ids=["in time", "no time"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_progress_is_taken_back_after_a_signal(
    graphtop: Open, watched: Watched, program: tuple[str, ...], number: int
) -> None:
    terminal = graphtop(watched.url, env=GHOSTTY, program=program)
    watched.ask(terminal)
    terminal.wait(lambda: SHOWN in terminal.raw, "the progress")
    terminal.signal(number)
    assert terminal.exit_code() == 128 + number
    assert terminal.raw.rindex(TAKEN_BACK) > terminal.raw.rindex(SHOWN)


def test_progress_is_taken_back_after_a_fault(watched: Watched, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.terminal.broken_program", "key", watched.url]
    terminal = Terminal(command, environment(tmp_path, GHOSTTY))
    try:
        watched.ask(terminal)
        terminal.wait(lambda: SHOWN in terminal.raw, "the progress")
        terminal.send("?")
        assert terminal.exit_code() == 1
        assert terminal.raw.rindex(TAKEN_BACK) > terminal.raw.rindex(SHOWN)
    finally:
        terminal.close()


@pytest.mark.parametrize(
    "env", [{}, {"TERM": "xterm-kitty"}, {"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.5.0"}]
)
def test_a_terminal_that_is_not_known_to_show_progress_gets_none(
    graphtop: Open, watched: Watched, env: Env
) -> None:
    terminal = graphtop(watched.url, env=env)
    watched.ask(terminal)
    wait_for_ticks(terminal, 2)
    terminal.signal(signal.SIGTERM)
    assert terminal.exit_code() == 143
    assert b"]9;4" not in terminal.raw


# Commands.


def test_a_command_that_waits_tells_its_terminal_wherever_its_output_goes(
    graphtop: Open, watched: Watched
) -> None:
    command = ("sh", "-c", '"$@" >/dev/null 2>&1; echo over', "sh", *GRAPHTOP, "wait", watched.id)
    terminal = graphtop("--for", "finished", "--notify", "--url", watched.url, program=command, env=GHOSTTY)
    watched.cancel()
    terminal.wait_for("over")
    told = rf"\x1b\]777;notify;graphtop;{watched.id} \S+ cancelled after .*Thread.sleep\(600000\)\x1b\\"
    assert len(find(terminal, told)) == 1


def test_a_command_that_watches_tells_of_what_comes_after_the_first_tasks(
    graphtop: Open, watched: Watched
) -> None:
    terminal = graphtop("watch", "name=Thread", "--notify", "--url", watched.url, env=GHOSTTY)
    terminal.wait_for(watched.id)
    watched.cancel()
    terminal.wait(lambda: len(find(terminal, rf"777;notify;graphtop;{watched.id} \S+ cancelled")) == 1, "it")
    assert find(terminal, r"777;notify[^\x1b]*queued") == []


def test_without_a_terminal_that_is_said_and_a_command_is_used(watched: Watched, tmp_path: Path) -> None:
    def wait(*arguments: str, env: Env | None = None) -> str:
        words = (*GRAPHTOP, "wait", watched.id, "--timeout", "1s", "--notify", "--url", watched.url)
        done = subprocess.run(
            [*words, *arguments],
            env=environment(tmp_path, env),
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
            timeout=PATIENCE,
        )
        return done.stderr

    assert "There is no terminal to notify." in wait()
    said = tmp_path / "said"
    tell = "import sys; open(sys.argv[1], 'a').write(sys.argv[2])"
    command = shlex.join([sys.executable, "-c", tell, str(said)])
    assert wait(env={"GRAPHTOP_NOTIFY_COMMAND": command}) == ""
    assert f"{watched.id} timed out after" in said.read_text()


# Multiplexers.


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[list[str]]:
    """The command of a tmux of its own, with nobody's settings."""
    command = [require_program("tmux", "tmux"), "-S", str(tmp_path / "tmux"), "-f", "/dev/null"]
    yield command
    subprocess.run([*command, "kill-server"], check=False, capture_output=True, timeout=PATIENCE)


@pytest.mark.parametrize("passes", ["on", "off"])
def test_through_tmux_the_terminal_that_it_is_shown_on_is_told(
    graphtop: Open, watched: Watched, tmux: list[str], passes: str
) -> None:
    inner = shlex.join((*GRAPHTOP, watched.url, "--interval", "0.5"))
    set_up = ("set", "-g", "allow-passthrough", passes)
    terminal = graphtop("new-session", "-x", "120", "-y", "36", inner, ";", *set_up, program=tmux)
    terminal.wait(lambda: b"\x1b[>q" in terminal.raw, "the question what it is")
    terminal.send("\x1bP>|ghostty 1.2.3\x1b\\")
    watched.ask(terminal)
    if passes == "on":
        terminal.wait(lambda: SHOWN in terminal.raw, "the progress")
    start = terminal.count()
    watched.cancel()
    notice = rf"\x1b\]777;notify;graphtop;\d+ {ENDED}\x1b\\" if passes == "on" else r"\x07"
    terminal.wait(lambda: bool(re.search(notice.encode(), terminal.raw[start:])), "the notice")
    assert (SHOWN in terminal.raw) == (TAKEN_BACK in terminal.raw) == (passes == "on")


def test_through_gnu_screen_the_terminal_is_told(graphtop: Open, watched: Watched, tmp_path: Path) -> None:
    command = [require_program("screen", "screen"), "-c", "/dev/null", "-U"]
    folder = tmp_path / "screens"
    folder.mkdir(mode=0o700)
    env: Env = {"SCREENDIR": str(folder), **GHOSTTY}
    inner = (*GRAPHTOP, watched.url, "--interval", "0.5")
    try:
        terminal = graphtop(*inner, program=command, env=env)
        watched.ask(terminal)
        terminal.wait(lambda: b"\x1b]9;4;3;0\x07" in terminal.raw, "the progress")
        watched.cancel()
        told = rf"\x1b\]777;notify;graphtop;\d+ {ENDED}\x07"
        terminal.wait(lambda: len(find(terminal, told)) == 1, "the notice")
        terminal.wait(lambda: b"\x1b]9;4;0;0\x07" in terminal.raw, "the end of the progress")
    finally:
        quit_screen = [*command, "-X", "quit"]
        subprocess.run(
            quit_screen, env=environment(tmp_path, env), check=False, capture_output=True, timeout=PATIENCE
        )
