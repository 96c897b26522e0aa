"""What a program at rest sends to the terminal."""

from __future__ import annotations

from tests.bench.raw_terminal import Update, placed
from tests.terminal.terminal_emulator import Terminal


def updates_since(terminal: Terminal, start: int) -> list[Update]:
    """The updates since `start`."""
    return placed(bytes(terminal.raw), start)


def below_the_header(terminal: Terminal, start: int) -> list[bytes]:
    """The updates since `start`, but those of the first line, where clock and latency tick."""
    return [update.raw for update in updates_since(terminal, start) if update.line > 1]


def wait_for_ticks(terminal: Terminal, number: int) -> None:
    """Wait for so many ticks of the clock."""
    seen: set[str] = set()

    def ticked() -> bool:
        seen.add(terminal.lines()[0][-8:])
        return len(seen) > number

    terminal.wait(ticked, f"{number} ticks")


def wait_for_rest(terminal: Terminal) -> None:
    """Wait until nothing was written below the header from one tick of the clock to the second after it."""
    clocks: set[str] = set()
    written = -1

    def rests() -> bool:
        nonlocal written
        clocks.add(terminal.lines()[0][-8:])
        now = len(below_the_header(terminal, 0))
        if now != written:
            clocks.clear()
            written = now
        return len(clocks) > 2

    terminal.wait(rests, "a screen at rest")
