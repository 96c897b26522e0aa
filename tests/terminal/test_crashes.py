"""Whatever breaks inside graphtop, the terminal is left as it was found, and the words do no harm."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz import terminal_stream
from tests.terminal.broken_program import PARTS
from tests.terminal.terminal_emulator import Terminal, assert_clean, environment
from tui.cli.exit_codes import FAILED


@pytest.fixture
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    """graphtop's demo with a part that raises."""
    command = [sys.executable, "-m", "tests.terminal.broken_program", request.param, "demo"]
    terminal = Terminal(command, environment(tmp_path))
    yield terminal
    terminal.close()


@pytest.mark.parametrize("broken", PARTS, indirect=True)
def test_a_part_that_raises(broken: Terminal) -> None:
    # What is only called when something is done: the help, the cursor, the detail.
    broken.wait(
        lambda: "● live" in broken.text() or broken.process.poll() is not None, "the start or the end"
    )
    broken.send("j\r?")
    assert_ended_with_words(broken)


def test_a_thread_that_raises_while_the_program_has_no_time_to_end(tmp_path: Path) -> None:
    no_time = "from tui.textual_ext import driver; driver.GRACE_SECONDS = 0.0"
    hasty = f"{no_time}; from tests.terminal.broken_program import main; main()"
    command = [sys.executable, "-c", hasty, "output thread", "demo"]
    terminal = Terminal(command, environment(tmp_path))
    try:
        assert_ended_with_words(terminal)
    finally:
        terminal.close()


def assert_ended_with_words(broken: Terminal) -> None:
    """Assert that it ended by its fault, said so, and did no harm."""
    assert broken.exit_code() == FAILED
    assert_clean(broken)
    assert b"Broken" in broken.raw
    written = terminal_stream.read(bytes(broken.raw), width=120, height=36)
    assert written.foreign == []
    assert written.copied == []
