"""What a terminal shows after many small updates is what the screen drew."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from msgspec import structs
from textual import events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from backend_adapters.model import Task, TaskStatus
from backend_adapters.simulator import DEMO_HUGEGRAPH
from tests.support.emulated_driver import EmulatedDriver, is_shown, terminal_of
from tests.support.emulated_screen import least_bytes
from tests.ui.running_app import PATIENCE, FrozenClock, RunningApp, run_app, wait_for_rest, wait_until
from tui.textual_ext import screen_cells
from tui.textual_ext.cell_app import CellApp
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


class Tables(Screen[None]):
    def compose(self) -> ComposeResult:
        yield HeaderBar()
        yield TaskTable()


class Live(CellApp):
    def __init__(self) -> None:
        super().__init__(driver_class=EmulatedDriver)

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
            await wait_until(pilot, lambda: is_shown(app), "the whole picture")


async def test_no_number_of_different_signs_is_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    # A letter with marks is given a sign; here there is room for 253 of them and not for 65,533.
    monkeypatch.setattr(screen_cells, "_FIRST_CLUSTER", "\U0010ff00")
    monkeypatch.setattr(screen_cells, "_MOST_SIGNS", 100)
    app, rows = Live(), Tasks([task(1, random.Random(1))])
    marks = [chr(code) for code in range(0x300, 0x330)]
    async with app.run_test(size=SIZE, headless=False) as pilot:
        table = app.query_one(TaskTable)
        for first in marks:
            name = "".join(f"e{first}{second}" for second in marks[:40])
            rows[0] = structs.replace(rows[0], name=name)
            table.show_rows(rows, overlays={}, now_ms=NOW)
            await pilot.pause()
        await wait_until(pilot, lambda: is_shown(app), "the whole picture")


async def test_one_changed_cell_costs_less_than_two_hundred_bytes() -> None:
    app, dice = Live(), random.Random(3)
    rows = Tasks(task(number, dice) for number in range(40))
    async with app.run_test(size=SIZE, headless=False) as pilot:
        table = app.query_one(TaskTable)
        table.show_rows(rows, overlays={}, now_ms=NOW)
        await pilot.press("f5")
        await wait_until(pilot, lambda: is_shown(app), "the whole picture")
        terminal = terminal_of(app)
        terminal.sent = 0
        table.show_rows(rows, overlays={}, now_ms=NOW)
        await pilot.pause()
        assert terminal.sent == 0
        table.show_rows(rows, overlays={rows[5].id: RowOverlay("deleting")}, now_ms=NOW)
        await pilot.pause()
        assert 0 < terminal.sent < 200


@asynccontextmanager
async def run_on_terminal(size: tuple[int, int] = (120, 36)) -> AsyncIterator[RunningApp]:
    """The program on a terminal, with rows that stay as they are."""
    settings = replace(DEMO_HUGEGRAPH, history=60, pace=0)
    async with run_app(settings, size=size, clock=FrozenClock(), terminal=EmulatedDriver) as at:
        await wait_for_rest(at.pilot)
        await at.until(lambda: is_shown(at.app), "the first rows on the terminal")
        yield at


async def test_whatever_is_opened_is_on_the_terminal() -> None:
    async with run_on_terminal() as at:
        # Screens of their own, panes, other columns, and back.
        for keys in (
            "enter",
            "i",
            "f",
            "escape",
            "escape",
            "w",
            "question_mark",
            "escape",
            "S",
            "down enter",
        ):
            await at.press(*keys.split())
            await at.until(lambda: is_shown(at.app), f"the picture after {keys}")
        for keys in ("slash", "g", "V", "escape", "colon", "escape", "M", "escape", "G", "asterisk", "U"):
            await at.press(keys)
            await at.until(lambda: is_shown(at.app), f"the picture after {keys}")


@pytest.mark.parametrize("theme", ["graphtop-light", "ansi-dark", "nord"])
async def test_another_theme_is_on_the_terminal(theme: str) -> None:
    async with run_on_terminal((80, 24)) as at:
        at.app.theme = theme
        await at.until(lambda: is_shown(at.app), "the picture in another theme")
        await at.press("enter")
        await at.until(lambda: is_shown(at.app), "the detail in another theme")


async def test_a_dialog_is_sent_once_and_not_in_pieces() -> None:
    async with run_on_terminal() as at:
        terminal = terminal_of(at.app)
        before, terminal.sent = terminal.emulated.picture(), 0
        await at.press("question_mark")
        await at.until_seen("Move up or down")
        await at.until(lambda: is_shown(at.app), "the help")
        assert terminal.sent <= 1.5 * least_bytes(before, terminal.emulated.picture()) + 150


class Measured(Static):
    """Says in which size it was laid out, which it learns only then."""

    def on_resize(self, event: events.Resize) -> None:
        self.update(f"{event.size.width} wide")


class Dialog(ModalScreen[None]):
    def compose(self) -> ComposeResult:
        yield Measured()


async def test_a_dialog_does_not_wait_for_textuals_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.screen.UPDATE_PERIOD", 3600.0)
    monkeypatch.setattr("tui.textual_ext.cell_app.LONGEST_WAIT_SECONDS", 3600.0)
    app = Live()
    async with app.run_test(size=SIZE, headless=False) as pilot:
        await pilot.press("x")
        terminal, shown = terminal_of(app), asyncio.Event()
        write = terminal.write

        def written(data: str) -> None:
            write(data)
            if any(f"{SIZE[0]} wide" in line for line in terminal.emulated.screen.display):
                shown.set()

        monkeypatch.setattr(terminal, "write", written)
        app.push_screen(Dialog())
        # Not by the pilot, whose every pause does what the timer does.
        await asyncio.wait_for(shown.wait(), PATIENCE)


async def test_what_another_has_written_is_gone_after_ctrl_l() -> None:
    async with run_on_terminal() as at:
        for dialog in ("", "question_mark", "slash"):
            if dialog:
                await at.press(dialog)
                await at.until(lambda: is_shown(at.app), "the dialog")
            terminal_of(at.app).emulated.feed(b"\x1b[2;3H\x1b[41;1mBroadcast message\x1b[m\x1b[?7l")
            assert not is_shown(at.app)
            await at.press("ctrl+l")
            await at.until(lambda: is_shown(at.app), "the screen as it was")
            await at.press("escape")


async def test_a_terminal_that_was_small_for_a_moment_shows_all_again() -> None:
    async with run_on_terminal() as at:
        for sizes in (((40, 10), (120, 36)), ((80, 24),), ((200, 50), (80, 24), (81, 24), (80, 24))):
            for size in sizes:
                terminal_of(at.app).emulated.screen.resize(size[1], size[0])
                at.app.post_message(events.Resize(Size(*size), Size(*size)))
            await at.pilot.resize_terminal(*sizes[-1])
            await at.until(lambda: is_shown(at.app), f"the picture after {sizes}")


async def test_a_driver_that_starts_anew_is_sent_everything() -> None:
    async with run_on_terminal() as at:
        terminal = terminal_of(at.app)
        terminal.emulated.screen.reset()
        terminal.emulated.feed(b"\x1b[?7l")
        # As after a stop: it says its size, which is the same.
        terminal.start_application_mode()
        await at.until(lambda: is_shown(at.app), "the screen as it was")


async def test_long_updates_are_shown_at_once_by_terminals_that_can_do_that() -> None:
    async with run_on_terminal() as at:
        written = list[str]()
        terminal = terminal_of(at.app)
        write = terminal.write
        at.app._sync_available = True
        terminal.write = lambda data: (written.append(data), write(data))[1]  # type: ignore[method-assign]
        await at.press("j")
        await at.until(lambda: is_shown(at.app), "the next row")
        assert SYNC_START not in written
        await at.press("question_mark")
        await at.until_seen("Move up or down")
        await at.until(lambda: is_shown(at.app), "the help")
        assert written.count(SYNC_START) == written.count(SYNC_END) > 0
        begin = written.index(SYNC_START)
        assert written[begin + 2] == SYNC_END


async def test_the_cursor_stands_where_a_person_types() -> None:
    async with run_on_terminal() as at:
        await at.press("slash", *"status")
        await at.until(lambda: is_shown(at.app), "the filter")
        cursor = terminal_of(at.app).emulated.screen.cursor
        assert (cursor.x, cursor.y) == at.app.cursor_position
