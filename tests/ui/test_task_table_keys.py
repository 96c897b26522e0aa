"""The task table: what it repaints, and what its keys and the mouse do."""

from __future__ import annotations

import pytest
from textual.geometry import Region

from backend_adapters.model import TaskStatus
from tests.ui.task_table_app import (
    NOW,
    CountingTable,
    TaskRows,
    TaskTableApp,
    cursor_line,
    lines,
    newest_first,
    show,
    task,
)

# --- repainting --------------------------------------------------------------------------------------


async def test_equal_content_repaints_nothing() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 24)) as pilot:
        show(app.table, newest_first(200))
        await pilot.pause()
        app.table.painted.clear()
        show(app.table, newest_first(200), now=NOW + 999)
        app.table.update_time(NOW + 59_000)
        await pilot.pause()
        assert app.table.painted == []


async def test_only_the_changed_cells_are_repainted() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = newest_first(200)
        rows[4] = task(196, TaskStatus.RUNNING)
        show(app.table, rows)
        await pilot.pause()
        app.table.painted.clear()
        rows[2] = task(198, TaskStatus.FAILED)
        show(app.table, rows)
        # The text beside the status is of the same look, so the status is the only cell.
        assert app.table.painted == [(Region(8, 3, 11, 1),)]
        app.table.painted.clear()
        app.table.update_time(NOW + 60_000)
        (regions,) = app.table.painted
        assert len(regions) == 23 + 1, "23 ages and one running time"
        assert {region.height for region in regions} == {1}


async def test_a_row_that_changed_much_is_one_region_and_a_new_page_is_one() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = newest_first(200)
        show(app.table, rows)
        await pilot.pause()
        width = app.table.size.width - 1
        app.table.painted.clear()
        rows[2] = task(198, TaskStatus.FAILED, name="other", type="x", created=NOW - 1000, updated=NOW)
        show(app.table, rows)
        assert app.table.painted == [(Region(0, 3, width, 1),)]
        app.table.painted.clear()
        show(app.table, TaskRows(task(number, type="rebuild", created=NOW) for number in range(200)))
        assert app.table.painted == [(Region(0, 1, width, 23),)]


async def test_a_key_down_repaints_two_rows() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 24)) as pilot:
        show(app.table, newest_first(200))
        await pilot.pause()
        app.table.painted.clear()
        await pilot.press("down")
        width = app.table.size.width - 1
        assert app.table.painted == [(Region(0, 1, width, 1), Region(0, 2, width, 1))]


# --- keys, marks, mouse ------------------------------------------------------------------------------


async def test_the_keys_move_and_the_cursor_stays_in_sight() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(100))
        for key, expected in (
            ("j", "99"),
            ("k", "100"),
            ("up", "100"),
            ("pagedown", "91"),
            ("pageup", "100"),
            ("G", "1"),
            ("down", "1"),
            ("g", "100"),
            ("end", "1"),
            ("home", "100"),
        ):
            await pilot.press(key)
            assert app.table.cursor_key == expected, key
            assert cursor_line(app.table) is not None, key


async def test_marks_by_key_and_their_messages() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(9))
        await pilot.press("space", "down", "down", "V")
        assert app.table.marks == ("9", "8", "7", "6")
        assert [line[0] for line in lines(app.table)[1:6]] == ["▌", "▌", "▌", "▌", " "]
        assert app.heard[-1] == ("marks", ("9", "8", "7", "6"))
        show(app.table, TaskRows(reversed(newest_first(9))))
        assert app.table.marks == ("9", "8", "7", "6"), "marks are held by id"
        app.table.drop_marks(["8", "unknown"])
        assert app.table.marks == ("9", "7", "6")
        await pilot.press("asterisk")
        assert len(app.table.marks) == 9
        await pilot.press("U")
        assert app.table.marks == ()
        await pilot.press("V")
        assert app.table.marks == ("6",), "with nothing marked before, the range is the cursor's row"


async def test_space_takes_a_mark_away_again() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(1))
        await pilot.press("space", "space")
        assert app.table.marks == ()


async def test_enter_and_a_double_click_open_and_a_head_sorts() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(9))
        await pilot.press("enter")
        await pilot.click(app.table, offset=(10, 3), times=2)
        await pilot.click(app.table, offset=(3, 0))
        await pilot.pause()
        assert app.table.cursor_key == "7"
        assert [message for message in app.heard if message[0] in {"opened", "head"}] == [  # type: ignore[index]
            ("opened", "9"),
            ("opened", "7"),
            ("head", "id"),
        ]


async def test_a_smaller_window_keeps_the_cursor_in_view() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 30)) as pilot:
        show(app.table, newest_first(100))
        app.table.place_cursor("75")
        await pilot.resize_terminal(60, 10)
        await pilot.pause()
        assert cursor_line(app.table) is not None


async def test_rows_that_come_just_before_a_smaller_window_is_told_keep_the_cursor_in_view(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = TaskTableApp()
    rows = newest_first(100)
    resized = CountingTable.on_resize

    def rows_first(table: CountingTable) -> None:
        show(table, rows)
        resized(table)

    async with app.run_test(size=(80, 30)) as pilot:
        show(app.table, rows)
        app.table.place_cursor("80")
        await pilot.pause()
        monkeypatch.setattr(CountingTable, "on_resize", rows_first)
        await pilot.resize_terminal(60, 10)
        await pilot.pause()
        assert cursor_line(app.table) is not None


@pytest.mark.parametrize("theme", ["graphtop-light", "textual-dark", "ansi-dark", "nord", "solarized-light"])
async def test_every_theme_tells_the_cursor_from_the_other_rows(theme: str) -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(9))
        app.theme = theme
        await pilot.pause()
        first, second = (app.table.render_line(y)._segments[-1].style for y in (1, 2))
        assert first != second


@pytest.mark.parametrize(
    ("theme", "reversed_"), [("graphtop-dark", False), ("graphtop-light", False), ("ansi-dark", True)]
)
async def test_under_the_cursor_each_cell_keeps_its_colour_unless_the_row_is_reversed(
    theme: str, reversed_: bool
) -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, TaskRows([task(2, TaskStatus.FAILED), task(1, TaskStatus.FAILED)]))
        app.theme = theme
        await pilot.pause()
        under, beside = (
            {segment.text.strip(): segment.style for segment in app.table.render_line(y)} for y in (1, 2)
        )
        colours = {style.color for style in under.values()}
        assert {bool(style.reverse) for style in under.values()} == {reversed_}
        assert len({style.bgcolor for style in under.values()}) == 1
        if reversed_:
            assert len(set(under.values())) == 1
        else:
            assert len(colours) > 1
            assert under["✗ failed"].color == beside["✗ failed"].color
            assert under["✗ failed"].bgcolor != beside["✗ failed"].bgcolor
