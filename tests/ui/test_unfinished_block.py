"""The unfinished tasks above the others: what stays, what is folded, where the cursor goes."""

from __future__ import annotations

import pytest

from backend_adapters.model import TaskStatus
from tests.ui.running_app import run_app
from tests.ui.task_table_app import NOW, TaskRows, TaskTableApp, cursor_line, ids, lines, show, task
from tests.ui.test_tasks_screen import LONG
from tui.widgets.task_table import TaskTable

RUNNING, QUEUED = TaskStatus.RUNNING, TaskStatus.QUEUED
SIZE = (80, 20)
"""Six lines for the unfinished tasks: a third of the 19 below the heads."""


def mixed(*, running: int = 2, waiting: int = 0, ended: int = 50, newest: int = 1_000) -> TaskRows:
    """Running tasks 1, 2, 3…, waiting ones 101, 102…, and ended ones down from `newest`."""
    return TaskRows(
        [
            *(task(1 + number, RUNNING) for number in range(running)),
            *(task(101 + number, QUEUED) for number in range(waiting)),
            *(task(newest - number) for number in range(ended)),
        ],
        running=running,
        waiting=waiting,
    )


def shown(table: TaskTable) -> list[str]:
    """The ids on the screen, from the top."""
    return [first for first in ids(table) if first.isdecimal()]


async def test_they_stay_on_top_while_the_others_are_scrolled() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        app.table.show_rule("ended · 50")
        show(app.table, mixed())
        await pilot.pause()
        assert shown(app.table)[:4] == ["1", "2", "1000", "999"]
        assert lines(app.table)[3].startswith("─ ended · 50 ──")
        await pilot.press("G")
        assert shown(app.table)[:2] == ["1", "2"]
        assert (shown(app.table)[-1], app.table.cursor_key) == ("951", "951")
        await pilot.press("g")
        assert (shown(app.table)[:3], app.table.cursor_key) == (["1", "2", "1000"], "1")


async def test_the_cursor_walks_over_all_of_them() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, mixed(waiting=9))
        met = []
        for _ in range(8):
            met.append(app.table.cursor_key or ("fold" if app.table.is_on_fold else None))
            await pilot.press("down")
        assert met == ["1", "2", "101", "102", "103", "fold", "1000", "999"]
        await pilot.press("up", "up", "up", "up")
        assert app.table.cursor_key == "103"


async def test_what_has_no_room_is_one_line_that_opens_them() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, mixed(running=3, waiting=2_412))
        await pilot.pause()
        assert "+2410 waiting" in lines(app.table)[6]
        await pilot.press("down", "down", "down", "down", "down")
        assert app.table.is_on_fold
        assert app.table.cursor_task is None
        app.heard.clear()
        await pilot.press("space", "enter")
        assert app.heard == ["fold"]
        assert app.table.marks == ()


async def test_marks_take_what_is_shown_and_never_what_is_folded() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, mixed(running=20, waiting=30, ended=2))
        await pilot.press("asterisk")
        assert app.table.marks == ("1", "2", "3", "4", "5", "1000", "999")
        await pilot.press("U", "down", "down", "down", "space", "down", "down", "V")
        assert app.table.marks == ("4", "5", "1000")


async def test_a_task_that_ends_takes_the_cursor_along() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, mixed(running=3))
        await pilot.press("down")
        assert app.table.cursor_key == "2"
        rows = mixed(running=3)
        ended = rows.pop(1)
        rows.insert(30, ended)
        rows.running_rows = 2
        show(app.table, rows)
        assert app.table.cursor_key == "2"
        assert cursor_line(app.table) is not None


async def test_the_cursor_stays_on_its_task_where_that_has_no_room_any_more() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, mixed(running=6))
        await pilot.press("down", "down", "down", "down", "down")
        assert app.table.cursor_key == "6"
        show(app.table, mixed(running=60))
        await pilot.pause()
        assert (app.table.cursor_key, shown(app.table)[4]) == ("6", "6")
        assert "+55 running" in lines(app.table)[6]
        assert app.table.place_cursor("33")
        assert (app.table.cursor_key, shown(app.table)[4]) == ("33", "33")


async def test_new_tasks_above_are_counted_on_the_rule() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, mixed())
        app.table.place_cursor("970")
        await pilot.pause()
        before = shown(app.table)
        show(app.table, mixed(ended=55, newest=1_005))
        assert shown(app.table) == before, "nothing is pushed"
        assert lines(app.table)[3].rstrip().endswith("↑ 5 new ─")
        await pilot.press("g")
        assert "new" not in lines(app.table)[3]
        assert shown(app.table)[2] == "1005"


async def test_a_cursor_that_the_mouse_has_scrolled_away_from_is_shown_before_a_key_acts() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, mixed())
        app.table.place_cursor("990")
        await pilot.pause()
        app.table.scroll_to(y=35, animate=False)
        await pilot.pause()
        assert "990" not in shown(app.table)
        await pilot.press("space")
        assert app.table.marks == ("990",)
        assert cursor_line(app.table) is not None
        assert {"990", "989"} <= set(shown(app.table))


async def test_from_a_task_that_was_kept_the_cursor_goes_to_the_line_of_the_others() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, mixed(running=60))
        assert app.table.place_cursor("33")
        await pilot.press("down")
        assert app.table.is_on_fold
        show(app.table, mixed(running=59))
        assert app.table.is_on_fold
        assert "+54 running" in lines(app.table)[6]
        await pilot.press("down")
        assert app.table.cursor_key == "1000"


async def test_the_rows_below_stay_where_they_are_when_many_end_at_once() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, mixed(running=6))
        await pilot.press("down")
        app.table.scroll_to(y=20, animate=False)
        await pilot.pause()
        first = shown(app.table)[6]
        rows = mixed(running=6)
        ended = [rows.pop(2) for _ in range(4)]
        rows += ended
        rows.running_rows = 2
        show(app.table, rows)
        assert (app.table.cursor_key, shown(app.table)[2]) == ("2", first)


async def test_who_has_scrolled_with_the_mouse_stays_there_when_the_last_task_ends() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, mixed(running=1))
        app.table.scroll_to(y=25, animate=False)
        await pilot.pause()
        first = shown(app.table)[1]
        rows = mixed(running=1)
        rows.append(rows.pop(0))
        rows.running_rows = 0
        show(app.table, rows)
        assert shown(app.table)[0] == first
        await pilot.press("space")
        assert app.table.marks == ("1000",), "the cursor that nobody has moved is at the top"
        assert "1000" in shown(app.table), "and is shown before the key acts"


async def test_those_that_come_first_stand_where_they_are_when_the_ended_ones_come() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        rows = mixed(running=3, waiting=9, ended=0)
        rows.expects_ended = True
        show(app.table, rows)
        await pilot.pause()
        before = lines(app.table)[:6]
        assert shown(app.table) == ["1", "2", "3", "101", "102"]
        rows = mixed(running=3, waiting=9)
        show(app.table, rows)
        await pilot.pause()
        assert lines(app.table)[:6] == before
        assert shown(app.table)[5] == "1000"


async def test_once_it_is_known_that_none_has_ended_all_of_them_are_listed() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        rows = mixed(running=3, waiting=9, ended=0)
        rows.expects_ended = True
        show(app.table, rows)
        rows.expects_ended = False
        show(app.table, rows)
        await pilot.pause()
        assert len(shown(app.table)) == 12


async def test_a_source_that_changes_before_it_is_shown_loses_no_cursor() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        rows = mixed(running=3)
        show(app.table, rows)
        await pilot.press("down")
        rows.append(rows.pop(1))
        rows.running_rows = 2
        app.table.update_time(NOW + 1_000)
        show(app.table, rows)
        assert app.table.cursor_key == "2"
        assert cursor_line(app.table) is not None


async def test_the_second_click_opens_what_the_first_has_chosen() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        rows = mixed(running=1)
        show(app.table, rows)
        await pilot.pause()
        await pilot.click(app.table, offset=(10, 6))
        chosen = app.table.cursor_key
        rows.insert(1, task(1_001))
        await pilot.click(app.table, offset=(10, 6), times=2)
        assert ("opened", app.table.cursor_key) in app.heard
        app.heard.clear()
        await pilot.double_click(app.table, offset=(10, 2))
        assert app.heard == [], "the rule is nothing that opens"
        assert chosen is not None


async def test_in_a_small_window_there_is_no_block() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(40, 5)) as pilot:
        show(app.table, mixed(running=2))
        await pilot.pause()
        assert shown(app.table) == ["1", "2", "1000", "999"]
        await pilot.press("down", "down", "down", "down")
        assert app.table.cursor_key in shown(app.table)


async def test_a_smaller_window_keeps_the_cursor_and_a_third() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, mixed(running=6))
        app.table.place_cursor("960")
        await pilot.pause()
        await pilot.resize_terminal(80, 10)
        await pilot.pause()
        assert "960" in shown(app.table)
        assert shown(app.table)[:2] == ["1", "2"]
        assert "+4 running" in lines(app.table)[3]


async def test_the_screen_opens_the_active_tasks_from_the_line_that_stands_for_them() -> None:
    async with run_app(size=(80, 24)) as at:
        await at.submit("g.V().count()")
        await at.until_seen("✓ success")
        for _ in range(12):
            await at.submit(LONG)
        await at.until_seen("1 Active 12")
        await at.until_seen("running")
        table = at.screen.parts.table
        assert isinstance(table, TaskTable)
        while not table.is_on_fold:
            await at.press("down")
        await at.press("enter")
        await at.until_seen("tasks · active · 12 of 13")


@pytest.mark.parametrize("key", ["enter", "v"])
async def test_the_cursor_stays_on_the_task_that_is_read(key: str) -> None:
    async with run_app() as at:
        first = await at.submit(LONG)
        await at.submit(LONG)
        await at.until_seen("1 Active 2")
        assert at.screen.parts.table.cursor_key == first
        await at.press(key)
        await at.cancel(first)
        await at.until_seen("1 Active 1")
        assert at.screen.parts.table.cursor_key == first


async def test_the_open_detail_shows_the_first_of_the_tasks_that_were_folded() -> None:
    async with run_app(size=(120, 24)) as at:
        await at.submit("g.V().count()")
        await at.until_seen("✓ success")
        for _ in range(12):
            await at.submit(LONG)
        await at.until_seen("1 Active 12")
        table = at.screen.parts.table
        await at.press("enter", "tab")
        while not table.is_on_fold:
            await at.press("down")
        await at.until_seen("No task is selected.")
        await at.press("enter")
        await at.until_seen("tasks · active · 12 of 13")
        await at.until_gone("No task is selected.")
        assert f"{table.cursor_key} · gremlin" in at.text()
