"""What a poll sends to the terminal: nothing where nothing changed, one cell where one cell did."""

from __future__ import annotations

from tests.bench.screens import placed
from tests.bench.servers import lasting, serving
from tests.terminal.conftest import Open
from tests.terminal.term import Terminal

POLLS = 6


def below_the_header(terminal: Terminal, start: int) -> list[bytes]:
    """The updates since `start`, but those of the first line, where clock and latency tick."""
    return [update for line, update in placed(bytes(terminal.raw[start:])) if line > 1]


def active(terminal: Terminal) -> None:
    """Show the tasks that never end, and wait until all is drawn."""
    terminal.wait_for("✓ success")
    terminal.send("1")
    terminal.wait_for("tasks · active")
    seen = -1

    def rests() -> bool:
        nonlocal seen
        seen, before = len(below_the_header(terminal, 0)), seen
        return seen == before

    clocks = terminal.lines()[0]
    terminal.wait(lambda: terminal.lines()[0] != clocks, "a tick of the clock")
    terminal.wait(rests, "the table at rest")


def clocks_seen(terminal: Terminal, number: int) -> None:
    """Wait for so many ticks of the clock."""
    seen: set[str] = set()

    def ticked() -> bool:
        seen.add(terminal.lines()[0][-8:])
        return len(seen) > number

    terminal.wait(ticked, f"{number} ticks")


def test_a_poll_that_changed_nothing_writes_nothing_below_the_header(graphtop: Open) -> None:
    with serving(*lasting(60, 40, old=True, moving=False)) as (url, _):
        terminal = graphtop(url, "--interval", "0.5")
        active(terminal)
        start = terminal.count()
        clocks_seen(terminal, POLLS // 2)
        assert below_the_header(terminal, start) == []


def test_a_changed_row_costs_less_than_150_bytes(graphtop: Open) -> None:
    with serving(*lasting(60, 40, old=True, moving=True)) as (url, _):
        terminal = graphtop(url, "--interval", "0.5")
        terminal.wait_for("✓ success")
        terminal.send("1")
        terminal.wait_for("tasks · active")
        terminal.wait_for("cancelling")
        terminal.wait_gone("cancelling")
        # The column may have grown for the longer word, and the whole table with it is drawn once more.
        clocks_seen(terminal, 2)
        start = terminal.count()
        clocks_seen(terminal, POLLS // 2)
        updates = below_the_header(terminal, start)
        assert len(updates) >= POLLS // 2
        assert [update for update in updates if len(update) >= 150] == []
