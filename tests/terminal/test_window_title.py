"""The terminal's title says what goes on, is changed seldom, and is given back however the program ends."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import psutil
import pytest

from tests.bench.servers import lasting, serving
from tests.terminal.conftest import Open
from tests.terminal.terminal_emulator import Terminal, environment
from tests.terminal.terminal_updates import wait_for_ticks

CTRL_Q = "\x11"
_TITLE = re.compile(rb"\x1b\]0;([^\x07]*)\x07")
SAVED, RESTORED = b"\x1b[22;0t", b"\x1b]0;\x07\x1b[23;0t"


def titles(terminal: Terminal) -> list[str]:
    """The titles that were set, in order; the empty one before the old one comes back is not among them."""
    return [title.decode() for title in _TITLE.findall(bytes(terminal.raw)) if title]


def wait_for_title(terminal: Terminal) -> None:
    terminal.wait(lambda: "running" in titles(terminal)[-1], "the title")


def assert_given_back(terminal: Terminal) -> None:
    """Assert that the title was saved once, and is restored by the last that was written of it."""
    raw = bytes(terminal.raw)
    assert raw.count(SAVED) == 1
    assert raw.count(RESTORED) == 1
    assert raw.rindex(RESTORED) > max(found.start() for found in _TITLE.finditer(raw) if found[1])


def test_it_says_what_goes_on_and_changes_only_with_it(graphtop: Open) -> None:
    with serving(*lasting(60, 40, old=True, moving=False)) as (url, _):
        terminal = graphtop(url, "--interval", "0.5")
        terminal.wait(lambda: titles(terminal)[-1] == "graphtop: 40 running", "the title")
        start = terminal.count()
        wait_for_ticks(terminal, 3)
        assert b"\x1b]0;" not in terminal.raw[start:]


def test_it_is_given_back_at_the_end(graphtop: Open) -> None:
    terminal = graphtop("demo")
    wait_for_title(terminal)
    terminal.send(CTRL_Q)
    assert terminal.exit_code() == 0
    assert_given_back(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_it_is_given_back_after_a_signal(graphtop: Open, number: int) -> None:
    terminal = graphtop("demo")
    wait_for_title(terminal)
    terminal.signal(number)
    assert terminal.exit_code() == 128 + number
    assert_given_back(terminal)


HASTY = (
    "from tui.textual_ext import driver; driver.GRACE_SECONDS = 0.0; from tui.__main__ import main; main()"
)


def test_it_is_given_back_where_there_is_no_time_to_end(graphtop: Open) -> None:
    terminal = graphtop("demo", program=(sys.executable, "-c", HASTY))
    wait_for_title(terminal)
    terminal.signal(signal.SIGTERM)
    assert terminal.exit_code() == 143
    assert RESTORED in terminal.raw


def test_it_is_given_back_after_a_fault(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.terminal.broken_program", "key", "demo"]
    terminal = Terminal(command, environment(tmp_path))
    try:
        wait_for_title(terminal)
        terminal.send("?")
        assert terminal.exit_code() == 1
        assert_given_back(terminal)
    finally:
        terminal.close()


def test_it_is_given_back_while_the_program_is_stopped_and_set_again_after_that(graphtop: Open) -> None:
    terminal = graphtop("demo")
    wait_for_title(terminal)
    terminal.signal(signal.SIGTSTP)
    process = psutil.Process(terminal.process.pid)
    terminal.wait(lambda: process.status() == psutil.STATUS_STOPPED, "the stop")
    terminal.drain()
    assert RESTORED in terminal.raw
    start = terminal.count()
    terminal.signal(signal.SIGCONT)
    terminal.wait(lambda: SAVED in terminal.raw[start:], "the new title")


@pytest.mark.parametrize(
    ("arguments", "term"), [((), "linux"), (("--no-title",), "xterm-256color")], ids=["console", "unwanted"]
)
def test_a_console_has_none_and_a_person_may_want_none(
    graphtop: Open, arguments: tuple[str, ...], term: str
) -> None:
    terminal = graphtop("demo", *arguments, env={"TERM": term})
    terminal.wait_for("● live")
    wait_for_ticks(terminal, 3)
    terminal.send(CTRL_Q)
    assert terminal.exit_code() == 0
    assert b"\x1b]0;" not in terminal.raw
    assert SAVED not in terminal.raw
