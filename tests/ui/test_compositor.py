"""What a terminal shows after many small updates is what the screen drew."""

from __future__ import annotations

import random

import pyte
from textual.app import ComposeResult
from textual.driver import Driver
from textual.screen import Screen

from backend_adapters.model import Task, TaskStatus
from tests.ui.running_app import read_screen, wait_until
from tui.textual_ext.cell_app import CellApp, is_at_rest
from tui.widgets.columns import RowOverlay
from tui.widgets.header_bar import ConnectionState, HeaderBar, HeaderState
from tui.widgets.task_table import TaskTable

NOW = 1_795_420_000_000
SIZE = (70, 16)


class Tasks(list[Task]):
    running_rows = waiting_rows = 0
    expects_ended = False
    groups = ()

    def position(self, task_id: str, /) -> int | None:
        return next((row for row, task in enumerate(self) if task.id == task_id), None)


class Terminal(Driver):
    """A terminal that shows what it gets."""

    screen = pyte.Screen(*SIZE)
    stream = pyte.Stream(screen)
    sent = 0

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        # Private modes with `$` (a question for the terminal) are drawn as text by pyte.
        if "$" not in data or not data.startswith("\x1b[?"):
            Terminal.sent += len(data)
            Terminal.stream.feed(data)

    def start_application_mode(self) -> None: ...

    def disable_input(self) -> None: ...

    def stop_application_mode(self) -> None: ...


class Tables(Screen[None]):
    def compose(self) -> ComposeResult:
        yield HeaderBar()
        yield TaskTable()


class Live(CellApp):
    def __init__(self) -> None:
        super().__init__(driver_class=Terminal)

    def get_default_screen(self) -> Screen[None]:
        return Tables()


def task(number: int, dice: random.Random) -> Task:
    status = dice.choice([TaskStatus.SUCCESS, TaskStatus.FAILED, TaskStatus.RUNNING])
    name = dice.choice(["plain", "清理历史边索引 orders", "🚮 図 x", "a long name of a job that is cut " * 2])
    return Task(
        id=str(number),
        type=dice.choice(["gremlin", "索引"]),
        name=name,
        status=status,
        raw_status=status.value,
        created=NOW - dice.randrange(10**7),
        updated=NOW,
    )


def shown() -> list[str]:
    """What the terminal shows."""
    return [line.rstrip() for line in Terminal.screen.display]


def drawn(app: Live) -> list[str]:
    """What the screen drew."""
    return [line.rstrip() for line in read_screen(app)]


async def test_small_updates_add_up_to_the_whole_picture() -> None:
    app, dice = Live(), random.Random(11)
    rows = Tasks(task(number, dice) for number in range(40))
    async with app.run_test(size=SIZE, headless=False) as pilot:
        table, where = app.query_one(TaskTable), app.query_one(HeaderBar)
        table.focus()
        for turn in range(16):
            for _ in range(dice.randrange(3)):
                at = dice.randrange(len(rows))
                rows[at] = task(int(rows[at].id), dice)
            overlays = {"3": RowOverlay(f"cancelling {turn}s")} if turn % 3 else {}
            table.show_rows(rows, overlays=overlays, now_ms=NOW + turn * 1000)
            where.show_state(
                HeaderState(
                    profile="図",
                    place="g",
                    connection=ConnectionState.LIVE,
                    latency=turn**2,
                    now=NOW + turn * 1000,
                )
            )
            await pilot.press(dice.choice(["down", "up", "space", "pagedown", "home", "f5"]))
            await pilot.pause()
            assert shown() == drawn(app)


async def test_one_changed_cell_costs_less_than_two_hundred_bytes() -> None:
    app, dice = Live(), random.Random(3)
    rows = Tasks(task(number, dice) for number in range(40))
    async with app.run_test(size=SIZE, headless=False) as pilot:
        table = app.query_one(TaskTable)
        table.show_rows(rows, overlays={}, now_ms=NOW)
        await pilot.press("f5")
        await wait_until(pilot, lambda: is_at_rest(app) and shown() == drawn(app), "the whole picture")
        Terminal.sent = 0
        table.show_rows(rows, overlays={}, now_ms=NOW)
        await pilot.pause()
        assert Terminal.sent == 0
        table.show_rows(rows, overlays={rows[5].id: RowOverlay("deleting")}, now_ms=NOW)
        await pilot.pause()
        assert 0 < Terminal.sent < 200
