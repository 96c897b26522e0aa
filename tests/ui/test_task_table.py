"""The task table: what its lines read, and where the cursor goes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.geometry import Region

from backend_adapters.model import TaskStatus
from tests.ui.task_table_app import (
    NOW,
    TaskRows,
    TaskTableApp,
    cursor_line,
    ids,
    lines,
    newest_first,
    show,
    task,
)
from tui.text import cell_width
from tui.widgets.columns import RowOverlay

# --- lines -------------------------------------------------------------------------------------------


async def test_a_line_reads_as_the_design_says() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 8)) as pilot:
        app.table.show_sort("age", descending=True)
        show(
            app.table,
            TaskRows(
                [
                    task(4212, TaskStatus.QUEUED, created=NOW - 5_000),
                    task(4211, TaskStatus.FAILED, name="g.V().count()", type="rebuild_index"),
                    task(7, TaskStatus.RUNNING, created=None),
                ]
            ),
        )
        await pilot.pause()
        assert [line.rstrip() for line in lines(app.table)[:5]] == [
            "    ID  STATUS       TYPE           NAME                            AGE▾  TOOK",
            "  4212  ◦ queued     gremlin        job 4212                         5s      –",
            "  4211  ✗ failed     rebuild_index  g.V().count()                    3m    12s",
            "     7  ▶ running    gremlin        job 7                             –      –",
            "",
        ]


async def test_the_age_of_a_finished_task_changes_every_five_seconds_only() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 6)) as pilot:
        created = NOW - 12_000
        show(
            app.table,
            TaskRows(
                [
                    task(2, TaskStatus.RUNNING, created=created, updated=created),
                    task(1, created=created, updated=NOW - 8_000),
                ]
            ),
        )
        await pilot.pause()
        ages = list[list[str]]()
        for later in (0, 1_000, 2_000, 3_000):
            app.table.update_time(NOW + later)
            await pilot.pause()
            ages.append([line.split()[-2] for line in lines(app.table)[1:3]])
        assert ages == [["12s", "10s"], ["13s", "10s"], ["14s", "10s"], ["15s", "15s"]]


@pytest.mark.parametrize(("width", "wide"), [(20, True), (41, False), (60, True), (80, False), (200, True)])
@pytest.mark.parametrize("plain", [False, True])
async def test_every_line_has_exactly_the_width(width: int, wide: bool, plain: bool) -> None:
    app = TaskTableApp(ascii=plain)
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
        rows = TaskRows(
            task(number, name=name, type=name[:9], server=name, graph=name, decode_error=name, progress=10**9)
            for number, name in enumerate(names)
        )
        show(app.table, rows, _3=RowOverlay("取消 12s" * 9, note="ж" * 300))
        await pilot.pause()
        for y in range(app.table.size.height):
            strip = app.table.render_line(y)
            assert cell_width(strip.text) == strip.cell_length == app.table.size.width - 1
            assert "\x1b" not in strip.text


async def test_columns_align_behind_wide_characters() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 8)) as pilot:
        show(app.table, TaskRows([task(2, name="清理历史边索引 🚮"), task(1, name="plain")]))
        await pilot.pause()
        chinese, plain = lines(app.table)[1:3]
        assert cell_width(chinese[: chinese.index("3m")]) == plain.index("3m")


async def test_narrow_tables_give_up_the_type_first_and_the_name_last() -> None:
    app = TaskTableApp()
    heads = {}
    for width in (80, 52, 46, 36):
        async with app.run_test(size=(width, 8)) as pilot:
            show(app.table, newest_first(3))
            await pilot.pause()
            heads[width] = lines(app.table)[0].split()
        app = TaskTableApp()
    assert heads == {
        80: ["ID", "STATUS", "TYPE", "NAME", "AGE", "TOOK"],
        52: ["ID", "STATUS", "NAME", "AGE", "TOOK"],
        46: ["ID", "STATUS", "NAME", "TOOK"],
        36: ["ID", "STATUS", "NAME"],
    }


async def test_an_overlay_and_a_note_are_shown_and_leave_again() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(100, 6)) as pilot:
        rows = newest_first(2)
        show(
            app.table, rows, _2=RowOverlay("cancelling 12s"), _1=RowOverlay(note="IllegalArgument: no label")
        )
        await pilot.pause()
        assert "◌ cancelling 12s" in lines(app.table)[1]
        assert "✓ success" in lines(app.table)[2]
        assert "job 1  IllegalArgument: no label" in lines(app.table)[2]
        show(app.table, rows)
        assert "✓ success" in lines(app.table)[1]
        assert "IllegalArgument" not in lines(app.table)[2]


async def test_columns_grow_at_once_and_shrink_only_when_told() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 6)) as pilot:
        show(app.table, TaskRows([task(1)]))
        await pilot.pause()
        narrow = lines(app.table)[0].index("NAME")
        show(app.table, TaskRows([task(1, type="rebuild_index")]))
        grown = lines(app.table)[0].index("NAME")
        show(app.table, TaskRows([task(1)]))
        assert lines(app.table)[0].index("NAME") == grown == narrow + 6
        app.table.reset_widths()
        assert lines(app.table)[0].index("NAME") == narrow


async def test_times_and_the_further_columns() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(160, 6)) as pilot:
        show(app.table, TaskRows([task(1, progress=41_123, server="server-1", graph="g", retries=2)]))
        await pilot.pause()
        app.table.time_format = "utc"
        assert "07:43:40" in lines(app.table)[1]
        app.table.show_sort("age", descending=True)
        assert "CREATED▾" in lines(app.table)[0]
        assert "AGE" not in lines(app.table)[0]
        app.table.wide = True
        app.table.show_graphs(True)
        assert app.table.wide
        head, line = lines(app.table)[:2]
        assert [
            word in head for word in ("PROGRESS", "RETRIES", "SERVER", "GRAPH", "CREATED", "UPDATED")
        ] == [True] * 6
        assert head.count("CREATED") == 1
        assert "CREATED▾" in head, "the order by age is the order by creation"
        assert line.split()[-7:] == [*("41,123", "2", "server-1", "g"), *("07:43:40", "07:43:52", "12s")]
        app.table.time_format = "age"
        assert app.table.wide
        assert "AGE▾" in lines(app.table)[0]
        assert "CREATED " in lines(app.table)[0]


async def test_one_column_can_be_narrowed_again() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 6)) as pilot:
        rows = TaskRows([task(1, TaskStatus.RUNNING)])
        show(app.table, rows)
        await pilot.pause()
        before = lines(app.table)[0]
        app.table.show_rows(rows, overlays={"1": RowOverlay(label="cancelling 12m")}, now_ms=NOW)
        assert lines(app.table)[0] != before
        app.table.show_rows(rows, overlays={}, now_ms=NOW)
        assert lines(app.table)[0] != before, "by itself no column jumps back"
        app.table.reset_width("status")
        assert lines(app.table)[0] == before


async def test_rows_of_several_graphs_name_their_graph_and_long_ids_keep_their_ends() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 6)) as pilot:
        ids = [f"ff8080816a11c0de016a11d2f00d{number:04x}" for number in (7, 8)]
        app.table.show_graphs(True)
        show(app.table, TaskRows([task(1, graph="fraud_ring")]))
        await pilot.pause()
        assert "GRAPH" in lines(app.table)[0]
        assert "TYPE" not in lines(app.table)[0]
        assert "fraud_ring" in lines(app.table)[1]
        show(app.table, TaskRows([task(task_id, graph="fraud_ring") for task_id in ids]))
        await pilot.pause()
        assert [line.split()[0] for line in lines(app.table)[1:3]] == ["…1d2f00d0007", "…1d2f00d0008"]
        app.table.show_graphs(False)
        assert "GRAPH" not in lines(app.table)[0]


async def test_an_empty_table_says_why() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(60, 9)) as pilot:
        app.table.show_when_empty(["The filter hides 1204 tasks", "esc clears it"])
        show(app.table, TaskRows())
        await pilot.pause()
        said = [line for line in lines(app.table) if line.strip()]
        assert [line.strip() for line in said] == ["The filter hides 1204 tasks", "esc clears it"]
        left = said[0].index("The")
        assert left == (app.table.size.width - 1 - 27) // 2
        show(app.table, newest_first(1))
        assert "job 1" in lines(app.table)[1]
        assert app.table.cursor_key == "1"


async def test_an_empty_table_breaks_its_sentences_between_words_and_keeps_the_first_loud() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(40, 9)) as pilot:
        app.table.show_when_empty(
            [
                "The server wants a login, and has none",
                "Give --user and --password-command",
            ]
        )
        show(app.table, TaskRows())
        await pilot.pause()
        said = [line.strip() for line in lines(app.table) if line.strip()]
        assert said == ["The server wants a login, and has", "none", "Give --user and", "--password-command"]
        drawn = [segment for y in range(9) for segment in app.table.render_line(y)]
        server, none, give, flag = [piece.style for piece in drawn if piece.text.strip() in said]
        assert server == none != give == flag


# --- identity ----------------------------------------------------------------------------------------


async def test_new_tasks_push_in_at_the_top_and_the_cursor_stays_on_its_task() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(30))
        await pilot.press("down")
        assert app.table.cursor_key == "29"
        show(app.table, newest_first(32))
        assert ids(app.table)[:4] == ["32", "31", "30", "29"]
        assert cursor_line(app.table) == 4
        show(app.table, newest_first(45))
        assert app.table.cursor_key == "29"
        assert cursor_line(app.table) == 4, "it would have left the screen, so the view follows it"


async def test_a_cursor_that_nobody_touched_stays_at_the_top() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(30))
        show(app.table, newest_first(80))
        assert app.table.cursor_key == "80"
        assert ids(app.table)[0] == "80"
        await pilot.press("down")
        assert app.table.cursor_key == "79"
        show(app.table, newest_first(81))
        assert app.table.cursor_key == "79", "a person has chosen it"


async def test_scrolled_down_an_insert_above_moves_and_repaints_no_row() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(100))
        app.table.place_cursor("50")
        await pilot.pause()
        before = lines(app.table)
        app.table.painted.clear()
        show(app.table, newest_first(103))
        assert lines(app.table) == before
        assert app.table.painted == []
        assert app.table.cursor_key == "50"


async def test_a_sort_keeps_the_cursor_on_its_task_and_on_its_line() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        rows = newest_first(100)
        show(app.table, rows)
        app.table.place_cursor("60")
        await pilot.pause()
        line = cursor_line(app.table)
        show(app.table, TaskRows(reversed(rows)))
        assert (app.table.cursor_key, cursor_line(app.table)) == ("60", line)


async def test_each_move_of_the_cursor_is_told_once_also_where_the_rows_are_shown_again_after_it() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        show(app.table, newest_first(8))
        await pilot.pause()
        app.heard.clear()
        app.by_person.clear()
        await pilot.press("down")
        show(app.table, newest_first(9))
        await pilot.pause()
        assert app.heard == [("cursor", "7")]
        assert app.by_person == [True]


async def test_a_task_that_vanished_hands_the_cursor_to_the_next_one() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        rows = newest_first(8)
        show(app.table, rows)
        await pilot.press("down", "down")
        assert app.by_person[-1], "a reader turned the page"
        app.heard.clear()
        show(app.table, TaskRows([task(9), *(each for each in rows if each.id != "6")]))
        await pilot.pause()
        assert app.table.cursor_key == "5"
        assert not app.by_person[-1], "the open detail stays before its reader"
        assert app.heard == [("cursor", "5")]
        show(app.table, TaskRows())
        await pilot.pause()
        assert app.table.cursor_key is None
        assert app.table.cursor_task is None
        assert app.heard[-1] == ("cursor", None)


async def test_a_click_takes_the_task_that_is_drawn_though_the_rows_have_moved() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 11)) as pilot:
        rows = newest_first(8)
        show(app.table, rows)
        await pilot.pause()
        rows.insert(0, task(9))
        await pilot.click(app.table, offset=(10, 3))
        assert app.table.cursor_key == "6"


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
    app = TaskTableApp()
    async with app.run_test(size=(60, 9)) as pilot:
        table = app.table
        touched = False
        for numbers, key in steps:
            before, rows = table.cursor_key, TaskRows(task(number) for number in numbers)
            was_seen, was_top = cursor_line(table), table.scroll_offset.y == 0
            show(table, rows)
            if before is not None and rows.position(before) is not None and touched:
                assert table.cursor_key == before
                if was_seen and not was_top:
                    assert cursor_line(table) is not None
            assert (table.cursor_key is None) == (not rows)
            assert (table.cursor_task is None) == (not rows)
            top = table.scroll_offset.y
            shown = [str(number) for number in numbers[top : top + table.size.height - 1]]
            assert (ids(table) if rows else []) == shown
            touched = bool(rows) and (touched or key not in ("wheel", "nothing"))
            if key == "wheel":
                table.scroll_to(y=top + 3, animate=False)
            elif key != "nothing":
                await pilot.press(key)
                assert not rows or cursor_line(table) is not None


# --- how far a task is, and columns that say the same ------------------------------------------------


def import_of(lines: int) -> TaskRows:
    more = {"progress": lines, "progress_total": 1000, "progress_unit": "lines"}
    return TaskRows([task(7, TaskStatus.RUNNING, name="ImportGraph", **more)])


async def test_another_percentage_repaints_its_bar_and_nothing_else() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(80, 8)) as pilot:
        show(app.table, import_of(500))
        await pilot.pause()
        before = lines(app.table)[1]
        assert "━━━━━─────  50%" in before
        app.table.painted.clear()
        show(app.table, import_of(659))
        assert app.table.painted == [(Region(before.index("━"), 1, 15, 1),)]
        assert "━━━━━━╸───  65%" in lines(app.table)[1]


async def test_in_all_columns_the_percentage_stands_once_also_where_its_column_has_no_room() -> None:
    app = TaskTableApp()
    for width, wide in ((80, False), (80, True), (200, True)):
        async with TaskTableApp().run_test(size=(width, 8)) as pilot:
            app = pilot.app
            assert isinstance(app, TaskTableApp)
            app.table.wide = wide
            show(app.table, import_of(500))
            await pilot.pause()
            assert lines(app.table)[1].count("50%") == 1


async def test_hidden_columns_are_shown_again_with_all_columns() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(120, 8)) as pilot:
        show(app.table, newest_first(3))
        app.table.hide_columns(frozenset({"type"}))
        await pilot.pause()
        assert "TYPE" not in lines(app.table)[0]
        assert "gremlin" not in lines(app.table)[1]
        app.table.wide = True
        await pilot.pause()
        assert "TYPE" in lines(app.table)[0]
        app.table.wide = False
        app.table.painted.clear()
        app.table.hide_columns(frozenset({"type"}))
        assert app.table.painted == [], "nothing has changed"
