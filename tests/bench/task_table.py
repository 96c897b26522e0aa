"""Measure the task table against Textual's DataTable: `python -m tests.bench.task_table`.

Both run in this process, one after the other, in an App whose driver counts the bytes that a terminal
would get. A DataTable can't insert a row, nor be told that nothing changed: there it is cleared and filled
again.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

from msgspec import structs
from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import DataTable

from backend_adapters.model import Task, TaskStatus
from tests.bench.figures import Figure, report
from tui.text import format_age, format_duration
from tui.textual_ext.cell_app import CellApp
from tui.widgets.task_table import TaskTable

NOW = 1_795_420_000_000
SIZE = (120, 40)
HEADS = ("ID", "STATUS", "TYPE", "NAME", "AGE", "TOOK")
STATUSES = (TaskStatus.SUCCESS, TaskStatus.RUNNING, TaskStatus.FAILED)

Cost = tuple[float, int]
"""Milliseconds of CPU, bytes to the terminal."""


class Counter(Driver):
    """A terminal that only counts."""

    written = 0

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        Counter.written += len(data.encode())

    def start_application_mode(self) -> None: ...

    def disable_input(self) -> None: ...

    def stop_application_mode(self) -> None: ...


class Tasks(list[Task]):
    """Rows by descending id, found as fast as the engine finds them."""

    running_rows = waiting_rows = 0
    groups = ()

    def position(self, task_id: str, /) -> int | None:
        row = int(self[0].id) - int(task_id) if self else -1
        return row if 0 <= row < len(self) else None


class Host(App[None]):
    """One table, full screen."""

    def __init__(self, table: Widget) -> None:
        super().__init__(driver_class=Counter)
        self.table = table

    def compose(self) -> ComposeResult:
        yield self.table


def tasks(count: int, first: int = 1) -> Tasks:
    """Make tasks, the newest first; every seventh has a Chinese name."""
    return Tasks(
        Task(
            id=str(number),
            type="gremlin" if number % 3 else "rebuild_index",
            name=f"清理历史边索引 {number}"
            if number % 7 == 0
            else f"g.V().hasLabel('person').count() // {number}",
            status=STATUSES[number % 11 == 0],
            raw_status="success",
            created=NOW - 3_600_000,
            updated=NOW - 3_590_000,
        )
        for number in range(first + count - 1, first - 1, -1)
    )


class FineHost(CellApp, Host):
    """A program as graphtop is: it sends changed cells only."""


async def measured(step: Callable[[], object]) -> Cost:
    """Run one step and let the screen settle."""
    await asyncio.sleep(0.1)
    Counter.written, start = 0, time.process_time()
    step()
    await asyncio.sleep(0.15)
    return (time.process_time() - start) * 1000, Counter.written


async def median(steps: list[Callable[[], object]]) -> Cost:
    """Run steps of one kind and take the medians."""
    costs = [await measured(step) for step in steps]
    return statistics.median(ms for ms, _ in costs), int(statistics.median(sent for _, sent in costs))


def changed(rows: Tasks, row: int, turn: int) -> None:
    """Give a row another status and another end: two cells."""
    status = (TaskStatus.FAILED, TaskStatus.SUCCESS)[turn % 2]
    rows[row] = structs.replace(rows[row], status=status, updated=NOW - 3_580_000 + turn * 1000)


async def ours(count: int, *, fine: bool = True) -> dict[str, Cost]:
    """The task table."""
    table, rows, found = TaskTable(), tasks(count), dict[str, Cost]()
    later, other = tasks(count, first=2), tasks(count, first=5 * count)

    def show(what: Tasks = rows) -> None:
        table.show_rows(what, overlays={}, now_ms=NOW)

    def change(turn: int) -> None:
        changed(rows, 5, turn)
        show()

    async def run(_: Pilot[None]) -> None:
        table.focus()
        found["load"] = await measured(show)
        found["same again"] = await median([show] * 5)
        found["one row changed"] = await median([lambda turn=turn: change(turn) for turn in range(1, 7)])
        found["cursor down"] = await median([lambda: table.action_move(1)] * 5)
        found["page down"] = await median([lambda: table.action_page(1)] * 5)
        found["one new task"] = await measured(lambda: show(later))
        found["all changed"] = await measured(lambda: show(other))

    await hosted(table, run, fine=fine)
    return found


async def theirs(count: int) -> dict[str, Cost]:
    """Textual's DataTable, fed with texts made beforehand."""
    table: DataTable[str] = DataTable(cursor_type="row")
    found: dict[str, Cost] = {}
    rows = [(task.id, texts(task)) for task in tasks(count)]

    def load(first: int = 0) -> None:
        table.clear()
        for key, cells in rows:
            table.add_row(*cells, key=f"{first}-{key}")

    def change(turn: int) -> None:
        for head, text in (("STATUS", ("failed", "success")[turn % 2]), ("TOOK", f"{turn}s")):
            table.update_cell(f"0-{count - 5}", head, text)

    async def run(_: Pilot[None]) -> None:
        table.focus()
        for head in HEADS:
            table.add_column(head, key=head)
        found["load"] = await measured(load)
        found["same again"] = await measured(lambda: load(0))
        found["one row changed"] = await median([lambda turn=turn: change(turn) for turn in range(1, 7)])
        found["cursor down"] = await median([table.action_cursor_down] * 5)
        found["page down"] = await median([table.action_page_down] * 5)
        found["one new task"] = found["same again"]
        found["all changed"] = await measured(lambda: load(1))

    await hosted(table, run, fine=False)
    return found


def texts(task: Task) -> tuple[str, ...]:
    """The cells of a row."""
    return (
        task.id,
        task.status.value,
        task.type,
        task.name,
        format_age(task.created, NOW),
        format_duration(task.duration),
    )


async def hosted(table: Widget, run: Callable[[Pilot[None]], Awaitable[None]], *, fine: bool) -> None:
    """Run something while an App shows the table."""
    gc.collect()
    async with (FineHost if fine else Host)(table).run_test(headless=False, size=SIZE) as pilot:
        await run(pilot)


async def main(counts: list[int]) -> None:
    """Report CPU and bytes of each step, for each number of tasks."""
    for count in counts:
        mine, plain, other = await ours(count), await ours(count, fine=False), await theirs(count)
        for name, (ms, sent) in mine.items():
            what = f"table, {count:,} tasks at {SIZE[0]}x{SIZE[1]}: {name}"
            report(
                Figure(what=f"{what}, CPU", ours=ms, unit="ms", baseline=other[name][0], against="DataTable"),
                Figure(
                    what=f"{what}, bytes",
                    ours=sent,
                    unit="B",
                    baseline=other[name][1],
                    against="DataTable",
                    note=f"{plain[name][1]:,} B on a screen of Textual's own",
                ),
            )


if __name__ == "__main__":
    asyncio.run(main([int(text) for text in sys.argv[1:]] or [10_000]))
