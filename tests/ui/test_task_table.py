"""The task table: what its lines read, where the cursor goes, what is repainted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.geometry import Region

from backend_adapters.model import Task, TaskStatus
from tui.styles.themes import THEMES
from tui.text import cell_width
from tui.widgets.task_table import Overlay, TaskTable

NOW = 1_795_420_000_000


class Tasks(list[Task]):
    """Rows as the engine gives them."""

    def position(self, task_id: str, /) -> int | None:
        return next((row for row, task in enumerate(self) if task.id == task_id), None)


def task(number: int, status: TaskStatus = TaskStatus.SUCCESS, **fields: object) -> Task:
    values: dict[str, object] = {
        "id": str(number),
        "type": "gremlin",
        "name": f"job {number}",
        "status": status,
        "word": status.value,
        "created": NOW - 180_000,
        "updated": NOW - 168_000,
    }
    return Task(**{**values, **fields})  # type: ignore[arg-type]


def newest_first(count: int) -> Tasks:
    return Tasks(task(number) for number in range(count, 0, -1))


class Painted(TaskTable):
    """Notes every region it asks to have repainted; an empty tuple is the whole widget."""

    def __init__(self, **options: bool) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.painted: list[tuple[Region, ...]] = []

    def refresh(self, *regions: Region, **options: bool) -> Painted:
        if options.get("repaint", True):
            self.painted.append(regions)
        return super().refresh(*regions, **options)


class Bench(App[None]):
    """The table alone, and the messages it sends."""

    def __init__(self, **options: bool) -> None:
        super().__init__()
        self.table = Painted(**options)
        self.heard: list[object] = []
        for theme in THEMES:
            self.register_theme(theme)

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.theme = THEMES[0].name
        self.table.focus()

    def on_task_table_cursor_moved(self, message: TaskTable.CursorMoved) -> None:
        self.heard.append(("cursor", message.task_id))

    def on_task_table_opened(self, message: TaskTable.Opened) -> None:
        self.heard.append(("opened", message.task_id))

    def on_task_table_marks_changed(self, message: TaskTable.MarksChanged) -> None:
        self.heard.append(("marks", message.ids))

    def on_task_table_head_clicked(self, message: TaskTable.HeadClicked) -> None:
        self.heard.append(("head", message.key))


def show(table: TaskTable, rows: Tasks, now: int = NOW, **overlays: Overlay) -> None:
    table.show(rows, overlays={key.lstrip("_"): overlay for key, overlay in overlays.items()}, now_ms=now)


def lines(table: TaskTable) -> list[str]:
    return [table.render_line(y).text for y in range(table.size.height)]


def ids(table: TaskTable) -> list[str]:
    return [line.split()[0] for line in (text.lstrip("▌ ") for text in lines(table)[1:]) if line]


def cursor_line(table: TaskTable) -> int | None:
    """The screen line that is drawn on the cursor's tint."""
    plain = table.get_component_rich_style("task-table--text").bgcolor
    for y in range(1, table.size.height):
        style = table.render_line(y)._segments[0].style
        if style is not None and style.bgcolor != plain:
            return y
    return None


# --- lines -------------------------------------------------------------------------------------------


async def test_a_line_reads_as_the_design_says() -> None:
    app = Bench()
    async with app.run_test(size=(80, 8)) as pilot:
        app.table.sort = ("age", True)
        show(
            app.table,
            Tasks(
                [
                    task(4212, TaskStatus.QUEUED, created=NOW - 5_000),
                    task(4211, TaskStatus.FAILED, name="g.V().count()", type="rebuild_index"),
                    task(7, TaskStatus.RUNNING, created=None),
                ]
            ),
        )
        await pilot.pause()
        assert [line.rstrip() for line in lines(app.table)[:5]] == [
            "    ID  STATUS     TYPE           NAME                              AGE▾  TOOK",
            "  4212  ◦ queued   gremlin        job 4212                           5s      –",
            "  4211  ✗ failed   rebuild_index  g.V().count()                      3m    12s",
            "     7  ▶ running  gremlin        job 7                               –      –",
            "",
        ]


@pytest.mark.parametrize(("width", "wide"), [(20, True), (41, False), (60, True), (80, False), (200, True)])
@pytest.mark.parametrize("plain", [False, True])
async def test_every_line_has_exactly_the_width(width: int, wide: bool, plain: bool) -> None:
    app = Bench(ascii=plain)
    names = [
        "清理历史边索引" * 9,
        "🚮 cleanup",
        "e\u0301tude " * 30,
        "\x1b[2J\n",
        "",
        "a.b.c.D" * 40,
        "a\u200db\u202e",
    ]
    async with app.run_test(size=(width, 12)) as pilot:
        app.table.wide = wide
        rows = Tasks(
            task(number, name=name, type=name[:9], server=name, graph=name, fault=name, progress=10**9)
            for number, name in enumerate(names)
        )
        show(app.table, rows, _3=Overlay("取消 12s" * 9, note="ж" * 300))
        await pilot.pause()
        for y in range(app.table.size.height):
            strip = app.table.render_line(y)
            assert cell_width(strip.text) == strip.cell_length == app.table.size.width - 1
            assert "\x1b" not in strip.text


async def test_columns_align_behind_wide_characters() -> None:
    app = Bench()
    async with app.run_test(size=(80, 8)) as pilot:
        show(app.table, Tasks([task(2, name="清理历史边索引 🚮"), task(1, name="plain")]))
        await pilot.pause()
        chinese, plain = lines(app.table)[1:3]
        assert cell_width(chinese[: chinese.index("3m")]) == plain.index("3m")


async def test_narrow_tables_give_up_the_type_first_and_the_name_last() -> None:
    app = Bench()
    heads = {}
    for width in (80, 52, 44, 36):
        async with app.run_test(size=(width, 8)) as pilot:
            show(app.table, newest_first(3))
            await pilot.pause()
            heads[width] = lines(app.table)[0].split()
        app = Bench()
    assert heads == {
        80: ["ID", "STATUS", "TYPE", "NAME", "AGE", "TOOK"],
        52: ["ID", "STATUS", "NAME", "AGE", "TOOK"],
        44: ["ID", "STATUS", "NAME", "TOOK"],
        36: ["ID", "STATUS", "NAME"],
    }


async def test_an_overlay_and_a_note_are_shown_and_leave_again() -> None:
    app = Bench()
    async with app.run_test(size=(100, 6)) as pilot:
        rows = newest_first(2)
        show(app.table, rows, _2=Overlay("cancelling 12s"), _1=Overlay(note="IllegalArgument: no label"))
        await pilot.pause()
        assert "◌ cancelling 12s" in lines(app.table)[1]
        assert "✓ success" in lines(app.table)[2]
        assert "job 1  IllegalArgument: no label" in lines(app.table)[2]
        show(app.table, rows)
        assert "✓ success" in lines(app.table)[1]
        assert "IllegalArgument" not in lines(app.table)[2]


async def test_columns_grow_at_once_and_shrink_only_when_told() -> None:
    app = Bench()
    async with app.run_test(size=(80, 6)) as pilot:
        show(app.table, Tasks([task(1)]))
        await pilot.pause()
        narrow = lines(app.table)[0].index("NAME")
        show(app.table, Tasks([task(1, type="rebuild_index")]))
        grown = lines(app.table)[0].index("NAME")
        show(app.table, Tasks([task(1)]))
        assert lines(app.table)[0].index("NAME") == grown == narrow + 6
        app.table.reset_widths()
        assert lines(app.table)[0].index("NAME") == narrow


async def test_times_and_the_further_columns() -> None:
    app = Bench()
    async with app.run_test(size=(160, 6)) as pilot:
        show(app.table, Tasks([task(1, progress=41_123, server="server-1", graph="g", retries=2)]))
        await pilot.pause()
        app.table.times = "utc"
        assert "07:43:40" in lines(app.table)[1]
        app.table.wide = True
        assert app.table.wide
        head, line = lines(app.table)[:2]
        assert [
            word in head for word in ("PROGRESS", "RETRIES", "SERVER", "GRAPH", "CREATED", "UPDATED")
        ] == [True] * 6
        assert line.split()[-8:] == [
            *("41,123", "2", "server-1", "g"),
            *("07:43:40", "07:43:52", "07:43:40", "12s"),
        ]


async def test_an_empty_table_says_why() -> None:
    app = Bench()
    async with app.run_test(size=(60, 9)) as pilot:
        app.table.empty_text = ["The filter hides 1204 tasks", "esc clears it"]
        show(app.table, Tasks())
        await pilot.pause()
        said = [line for line in lines(app.table) if line.strip()]
        assert [line.strip() for line in said] == ["The filter hides 1204 tasks", "esc clears it"]
        left = said[0].index("The")
        assert left == (app.table.size.width - 1 - 27) // 2
        show(app.table, newest_first(1))
        assert "job 1" in lines(app.table)[1]
        assert app.table.cursor_id == "1"


# --- identity ----------------------------------------------------------------------------------------


async def test_new_tasks_push_in_at_the_top_and_the_cursor_stays_on_its_task() -> None:
    app = Bench()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(30))
        await pilot.press("down")
        assert app.table.cursor_id == "29"
        show(app.table, newest_first(32))
        assert ids(app.table)[:4] == ["32", "31", "30", "29"]
        assert cursor_line(app.table) == 4
        show(app.table, newest_first(45))
        assert app.table.cursor_id == "29"
        assert cursor_line(app.table) == 4, "it would have left the screen, so the view follows it"


async def test_a_cursor_that_nobody_touched_does_not_hide_new_tasks() -> None:
    app = Bench()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(30))
        show(app.table, newest_first(80))
        assert app.table.cursor_id == "30"
        assert ids(app.table)[0] == "80"
        await pilot.press("down")
        assert app.table.cursor_id == "79", "the first key begins at what is seen"


async def test_scrolled_down_an_insert_above_moves_and_repaints_no_row() -> None:
    app = Bench()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(100))
        app.table.place_cursor("50")
        await pilot.pause()
        before = lines(app.table)
        app.table.painted.clear()
        show(app.table, newest_first(103))
        assert lines(app.table) == before
        assert app.table.painted == []
        assert app.table.cursor_id == "50"


async def test_a_sort_keeps_the_cursor_on_its_task_and_on_its_line() -> None:
    app = Bench()
    async with app.run_test(size=(80, 11)) as pilot:
        rows = newest_first(100)
        show(app.table, rows)
        app.table.place_cursor("60")
        await pilot.pause()
        line = cursor_line(app.table)
        show(app.table, Tasks(reversed(rows)))
        assert (app.table.cursor_id, cursor_line(app.table)) == ("60", line)


async def test_a_task_that_vanished_hands_the_cursor_to_the_next_one() -> None:
    app = Bench()
    async with app.run_test(size=(80, 11)) as pilot:
        rows = newest_first(8)
        show(app.table, rows)
        await pilot.press("down", "down")
        app.heard.clear()
        show(app.table, Tasks([task(9), *(each for each in rows if each.id != "6")]))
        await pilot.pause()
        assert app.table.cursor_id == "5"
        assert app.heard == [("cursor", "5")]
        show(app.table, Tasks())
        await pilot.pause()
        assert app.table.cursor_id is None
        assert app.table.cursor_task is None
        assert app.heard[-1] == ("cursor", None)


async def test_a_click_takes_the_task_that_is_drawn_though_the_rows_have_moved() -> None:
    app = Bench()
    async with app.run_test(size=(80, 11)) as pilot:
        rows = newest_first(8)
        show(app.table, rows)
        await pilot.pause()
        rows.insert(0, task(9))
        await pilot.click(app.table, offset=(10, 3))
        assert app.table.cursor_id == "6"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(1, 40), unique=True, max_size=40),
            st.sampled_from(["down", "up", "pagedown", "end", "home", "space", "wheel", "nothing"]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_whatever_is_shown_the_cursor_stays_on_its_id(steps: list[tuple[list[int], str]]) -> None:
    asyncio.run(_walk(steps))


async def _walk(steps: Iterable[tuple[list[int], str]]) -> None:
    app = Bench()
    async with app.run_test(size=(60, 9)) as pilot:
        table = app.table
        for numbers, key in steps:
            before, rows = table.cursor_id, Tasks(task(number) for number in numbers)
            was_seen, was_top = cursor_line(table), table.scroll_offset.y == 0
            show(table, rows)
            if before is not None and rows.position(before) is not None:
                assert table.cursor_id == before
                if was_seen and not was_top:
                    assert cursor_line(table) is not None
            assert (table.cursor_id is None) == (not rows)
            assert (table.cursor_task is None) == (not rows)
            top = table.scroll_offset.y
            shown = [str(number) for number in numbers[top : top + table.size.height - 1]]
            assert (ids(table) if rows else []) == shown
            if key == "wheel":
                table.scroll_to(y=top + 3, animate=False)
            elif key != "nothing":
                await pilot.press(key)
                assert not rows or cursor_line(table) is not None


# --- repainting --------------------------------------------------------------------------------------


async def test_equal_content_repaints_nothing() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        show(app.table, newest_first(200))
        await pilot.pause()
        app.table.painted.clear()
        show(app.table, newest_first(200), now=NOW + 999)
        app.table.tick(NOW + 59_000)
        await pilot.pause()
        assert app.table.painted == []


async def test_only_the_changed_cells_are_repainted() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = newest_first(200)
        rows[4] = task(196, TaskStatus.RUNNING)
        show(app.table, rows)
        await pilot.pause()
        app.table.painted.clear()
        rows[2] = task(198, TaskStatus.FAILED)
        show(app.table, rows)
        # The text beside the status is of the same look, so the status is the only cell.
        assert app.table.painted == [(Region(8, 3, 9, 1),)]
        app.table.painted.clear()
        app.table.tick(NOW + 60_000)
        (regions,) = app.table.painted
        assert len(regions) == 23 + 1, "23 ages and one running time"
        assert {region.height for region in regions} == {1}


async def test_a_row_that_changed_much_is_one_region_and_a_new_page_is_one() -> None:
    app = Bench()
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
        show(app.table, Tasks(task(number, type="rebuild", created=NOW) for number in range(200)))
        assert app.table.painted == [(Region(0, 1, width, 23),)]


async def test_a_key_down_repaints_two_rows() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        show(app.table, newest_first(200))
        await pilot.pause()
        app.table.painted.clear()
        await pilot.press("down")
        width = app.table.size.width - 1
        assert app.table.painted == [(Region(0, 1, width, 1), Region(0, 2, width, 1))]


# --- keys, marks, mouse ------------------------------------------------------------------------------


async def test_the_keys_move_and_the_cursor_stays_in_sight() -> None:
    app = Bench()
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
            assert app.table.cursor_id == expected, key
            assert cursor_line(app.table) is not None, key


async def test_marks_by_key_and_their_messages() -> None:
    app = Bench()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(9))
        await pilot.press("space", "down", "down", "V")
        assert app.table.marks == ("9", "8", "7", "6")
        assert [line[0] for line in lines(app.table)[1:6]] == ["▌", "▌", "▌", "▌", " "]
        assert app.heard[-1] == ("marks", ("9", "8", "7", "6"))
        show(app.table, Tasks(reversed(newest_first(9))))
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
    app = Bench()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(1))
        await pilot.press("space", "space")
        assert app.table.marks == ()


async def test_enter_and_a_double_click_open_and_a_head_sorts() -> None:
    app = Bench()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(9))
        await pilot.press("enter")
        await pilot.click(app.table, offset=(10, 3), times=2)
        await pilot.click(app.table, offset=(3, 0))
        await pilot.pause()
        assert app.table.cursor_id == "7"
        assert [message for message in app.heard if message[0] in {"opened", "head"}] == [  # type: ignore[index]
            ("opened", "9"),
            ("opened", "7"),
            ("head", "id"),
        ]


async def test_a_smaller_window_keeps_the_cursor_in_view() -> None:
    app = Bench()
    async with app.run_test(size=(80, 30)) as pilot:
        show(app.table, newest_first(100))
        app.table.place_cursor("75")
        await pilot.resize_terminal(60, 10)
        await pilot.pause()
        assert cursor_line(app.table) is not None


@pytest.mark.parametrize("theme", ["graphtop-light", "textual-dark", "ansi-dark", "nord", "solarized-light"])
async def test_every_theme_tells_the_cursor_from_the_other_rows(theme: str) -> None:
    app = Bench()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(9))
        app.theme = theme
        await pilot.pause()
        first, second = (app.table.render_line(y)._segments[-1].style for y in (1, 2))
        assert first != second
