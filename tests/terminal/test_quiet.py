"""What a poll sends to the terminal: nothing where nothing changed, one cell where one cell did."""

from __future__ import annotations

from tests.bench.servers import lasting, serving
from tests.terminal.conftest import Open
from tests.terminal.terminal_emulator import Terminal
from tests.terminal.terminal_updates import below_the_header, wait_for_rest, wait_for_ticks

POLLS = 6


def active(terminal: Terminal) -> None:
    """Show the tasks that never end."""
    terminal.wait_for("✓ success")
    terminal.send("1")
    terminal.wait_for("tasks · active")


def test_a_poll_that_changed_nothing_writes_nothing_below_the_header(graphtop: Open) -> None:
    with serving(*lasting(60, 40, old=True, moving=False)) as (url, _):
        terminal = graphtop(url, "--interval", "0.5")
        active(terminal)
        wait_for_rest(terminal)
        start = terminal.count()
        wait_for_ticks(terminal, POLLS // 2)
        assert below_the_header(terminal, start) == []


def test_a_changed_row_costs_less_than_150_bytes(graphtop: Open) -> None:
    with serving(*lasting(60, 40, old=True, moving=True)) as (url, _):
        terminal = graphtop(url, "--interval", "0.5")
        active(terminal)
        # To the newest, of which one moves.
        terminal.send("G")
        # The column may grow for the longer word, and the whole table with it is drawn once more.
        for _ in range(2):
            terminal.wait_for("cancelling")
            terminal.wait_gone("cancelling")
        costs = list[int]()
        for change in [terminal.wait_for, terminal.wait_gone] * (POLLS // 2):
            start = terminal.count()
            change("cancelling")
            costs.append(sum(map(len, below_the_header(terminal, start))))
        assert all(0 < cost < 150 for cost in costs), costs
