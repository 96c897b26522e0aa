"""Groups in the table: heads that fold, where the cursor stays, what keys do on a head, and what is drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_adapters.model import Task, TaskStatus
from backend_adapters.simulator import DEMO_HUGEGRAPH
from tests.ui.running_app import FrozenClock, RunningApp, run_app
from tests.ui.task_table_app import NOW, TaskRows, TaskTableApp, cursor_line, lines, show, task
from tui.task_group import UNREAD_CAUSE, TaskGroup
from tui.widgets.task_table import TaskTable

FAILED = TaskStatus.FAILED
QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)
SIZE = (80, 20)


def grouped(**groups: range) -> TaskRows:
    """Failures in groups by their reasons: `boom=range(9, 0, -3)` are tasks 9, 6, 3."""
    rows, told = TaskRows(), []
    for reason, numbers in groups.items():
        inside = [task(number, FAILED, reason=reason, created=NOW - 90_000 + number) for number in numbers]
        rows += inside
        told.append(tell_group(reason, inside))
    rows.groups = tuple(told)
    return rows


def tell_group(reason: str, inside: list[Task]) -> TaskGroup:
    is_unread = reason == "unread"
    return TaskGroup(
        kind="cause",
        key=UNREAD_CAUSE if is_unread else f"={reason}",
        count=len(inside),
        label="reason not read yet" if is_unread else reason,
        newest=inside[0],
        first=inside[-1].created,
        last=inside[0].created,
    )


def drawn(table: TaskTable) -> list[str]:
    """The heads by label and the tasks by id, as they stand on the screen."""
    return [
        line.split()[2] if line[0] in "▸▾+-" else line.lstrip("▌ ").split()[0]
        for line in lines(table)[1:]
        if line.strip()
    ]


THREE = {"boom": range(30, 20, -1), "bang": range(9, 5, -1), "crash": range(3, 2, -1)}


async def test_all_are_folded_at_first_and_enter_shows_the_tasks_of_one() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, grouped(**THREE))
        await pilot.pause()
        head, first, *_ = lines(app.table)
        assert head.split() == ["TASKS", "CAUSE", "LAST", "FIRST"]
        assert first.split() == ["▸", "10", "boom", "1m", "…", "1m"]
        assert drawn(app.table) == ["boom", "bang", "crash"]
        app.heard.clear()
        await pilot.press("down", "enter")
        assert drawn(app.table) == ["boom", "bang", "9", "8", "7", "6", "crash"]
        assert lines(app.table)[0].split()[0] == "ID", "the columns are those of the tasks"
        assert lines(app.table)[2].startswith("▾")
        assert (app.table.cursor_group.label, app.table.cursor_key) == ("bang", None)
        await pilot.press("down", "enter")
        assert app.heard[-1] == ("opened", "9")
        await pilot.press("up", "enter")
        assert drawn(app.table) == ["boom", "bang", "crash"]


async def test_a_group_at_the_bottom_is_scrolled_up_to_show_its_tasks() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, grouped(**{f"cause{n}": range(10 * n + 9, 10 * n, -1) for n in range(1, 20)}))
        await pilot.press("G", "enter")
        assert drawn(app.table)[-10:] == ["cause19", *map(str, range(199, 190, -1))]


async def test_the_cursor_stays_on_its_head_whatever_happens_to_the_groups() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, grouped(**THREE))
        await pilot.press("down")
        show(app.table, grouped(new=range(50, 40, -1), crash=range(3, 2, -1), bang=range(9, 4, -1)))
        assert app.table.cursor_group.label == "bang"
        assert lines(app.table)[cursor_line(app.table)].split()[1:3] == ["5", "bang"]
        show(app.table, grouped(new=range(50, 40, -1), crash=range(3, 2, -1)))
        assert app.table.cursor_group.label == "crash", "the head above, as the vanished one was the last"


async def test_a_task_that_moves_into_a_folded_group_keeps_the_cursor() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, grouped(boom=range(30, 20, -1), unread=range(9, 5, -1)))
        await pilot.press("down", "enter", "down", "down")
        assert app.table.cursor_key == "8"
        y = cursor_line(app.table)
        rows = grouped(boom=range(30, 20, -1), unread=range(9, 5, -1))
        moved = rows.pop(11)
        rows.insert(10, moved)
        boom, unread = rows.groups
        rows.groups = (
            tell_group("boom", [*rows[:11]]),
            tell_group("unread", [*rows[11:]]),
        )
        assert (boom.count, unread.count) == (10, 4)
        show(app.table, rows)
        await pilot.pause()
        assert app.table.cursor_key == "8"
        assert drawn(app.table)[:3] == ["boom", "8", "reason"]
        assert cursor_line(app.table) <= y
        await pilot.press("down")
        assert drawn(app.table) == ["boom", "reason", "9", "7", "6"], "it is folded again"
        assert app.table.cursor_group.key == UNREAD_CAUSE


async def test_marks_take_what_is_shown_and_never_what_is_folded() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, grouped(**THREE))
        await pilot.press("space", "asterisk")
        assert (app.table.marks, app.heard.count("refused")) == ((), 2)
        await pilot.press("down", "enter", "asterisk")
        assert app.table.marks == ("9", "8", "7", "6")
        await pilot.press("space")
        assert app.table.marks == (), "on the head of an unfolded group: all of it"
        assert app.table.cursor_group.label == "crash"
        await pilot.press("up", "up", "space", "up", "up", "V")
        assert app.table.marks == ("7", "8")
        assert app.heard.count("refused") == 2


async def test_what_has_changed_since_it_was_drawn_is_neither_marked_nor_folded_by_its_old_place() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        rows = grouped(**THREE)
        show(app.table, rows)
        await pilot.press("down", "enter", "down", "down", "down", "down", "down", "enter", "end")
        assert (app.table.cursor_key, drawn(app.table)[-2:]) == ("3", ["crash", "3"])
        more = grouped(**{**THREE, "crash": range(4, 2, -1)})
        rows[:], rows.groups = more, more.groups
        assert app.table.fold_group_of_cursor()
        assert app.table.cursor_group.label == "crash"
        await pilot.press("enter", "up", "up", "up", "up", "up")
        assert app.table.cursor_group.label == "bang"
        fewer = grouped(**{**THREE, "bang": range(9, 8, -1), "crash": range(4, 2, -1)})
        rows[:], rows.groups = fewer, fewer.groups
        app.table.action_mark()
        assert app.table.marks == ("9",)


async def test_a_count_that_changes_repaints_its_cells_only_and_nothing_else() -> None:
    app = TaskTableApp()
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, grouped(**THREE))
        await pilot.pause()
        app.table.painted.clear()
        show(app.table, grouped(**THREE))
        assert app.table.painted == []
        show(app.table, grouped(**{**THREE, "bang": range(9, 4, -1)}))
        (regions,) = app.table.painted
        assert [(region.y, region.height) for region in regions] == [(2, 1)]
        assert sum(region.width for region in regions) < 12


@pytest.mark.parametrize("ascii", [False, True])
async def test_clicks_choose_a_head_and_a_double_click_unfolds_it(ascii: bool) -> None:
    app = TaskTableApp(ascii=ascii)
    async with app.run_test(size=SIZE) as pilot:
        show(app.table, grouped(**THREE))
        await pilot.pause()
        await pilot.click(app.table, offset=(20, 0))
        assert ("head", "group label") not in app.heard
        await pilot.click(app.table, offset=(20, 3))
        assert app.table.cursor_group.label == "crash"
        await pilot.click(app.table, offset=(20, 2), times=2)
        assert drawn(app.table) == ["boom", "bang", "9", "8", "7", "6", "crash"]
        assert [line[0] for line in lines(app.table)[1:3]] == list("+-" if ascii else "▸▾")


# --- the whole program ---


async def group_by(at: RunningApp, kind: str) -> None:
    await at.press("B")
    await at.until_seen("Group by")
    await at.press(*kind, "enter")
    await at.until(lambda: at.screen.monitor.view.shape.grouped_by == kind, f"groups by {kind}")
    await at.until_gone("Group by")


async def all_reasons(at: RunningApp) -> None:
    """Wait until the reasons of all failures have been read: those on the screen are."""
    await at.until(lambda: not at.screen.monitor.only.store.unread_reasons, "the reasons")


def heads(at: RunningApp) -> list[str]:
    return [line[1:] for line in at.lines() if line[:2] in ("│▸", "│▾")]


async def test_the_tab_failed_offers_the_cause_first_and_tells_of_causes_in_the_title() -> None:
    async with run_app(QUIET, size=(100, 36), clock=FrozenClock()) as at:
        await at.press("B")
        await at.until_seen("Group by")
        assert at.text().index("status  running") < at.text().index("type    gremlin")
        await at.press("escape", "4")
        await all_reasons(at)
        await at.press("B")
        await at.until_seen("cause   failures")
        assert at.text().index("cause   failures") < at.text().index("status  running")
        await at.press("enter")
        await at.until_seen("failures by cause · ")
        assert "reason not read yet" not in at.text()
        number = len(heads(at))
        assert f"failures by cause · {number} causes · 23 of {len(at.screen.monitor.only.store)}" in at.text()
        assert any("OutOfMemoryError: Java heap space" in head for head in heads(at))


async def test_a_reason_moves_its_task_into_the_group_of_its_kind() -> None:
    async with run_app(size=(100, 30)) as at:
        for number in range(3):
            await at.submit(f"throw new RuntimeException('boom {number}')")
        await at.until_seen("4 Failed 3")
        await group_by(at, "cause")
        await at.until_seen("failures by cause · 1 cause · 3")
        assert [head.split()[:2] for head in heads(at)] == [["▸", "3"]]


async def test_esc_leads_from_a_task_to_its_head_and_then_out_of_the_groups() -> None:
    async with run_app(QUIET, size=(100, 36), clock=FrozenClock()) as at:
        await group_by(at, "status")
        await at.until_seen("tasks by status · ")
        table = at.screen.parts.table
        await at.press("enter", "down", "down", "space", "up")
        task_id = table.cursor_key
        assert task_id is not None
        await at.press("escape")
        assert (table.cursor_key, table.cursor_group.label) == (None, "running")
        assert all(head.startswith("▸") for head in heads(at))
        await at.press("escape")
        assert table.marks == ()
        await at.press("escape")
        await at.until_seen("unfinished ─")
        assert at.screen.monitor.wanted.grouped_by is None
        assert table.cursor_key == "375", "the newest of the group"


async def test_the_cursor_goes_to_the_head_of_its_tasks_group_and_the_filter_keeps_it_there() -> None:
    async with run_app(QUIET, size=(100, 36), clock=FrozenClock()) as at:
        table = at.screen.parts.table
        table.place_cursor("347")
        await group_by(at, "type")
        assert table.cursor_group.label == "rebuild_index"
        rows = len(at.screen.monitor.view)
        at.screen.view_controller.filter_rows("status=success")
        await at.until(lambda: len(at.screen.monitor.view) < rows, "the filter")
        assert table.cursor_group.label == "rebuild_index"
        await at.press("3")
        await at.until_seen("tasks by type · success")
        assert table.cursor_group.label == "rebuild_index"


@pytest.mark.parametrize("key", ["C", "F", "ctrl+d", "delete", "c", "Y"])
async def test_nothing_is_done_with_a_group_by_its_head(key: str) -> None:
    async with run_app(QUIET, size=(100, 36), clock=FrozenClock()) as at:
        await group_by(at, "status")
        sent = len(at.sent("PUT")) + len(at.sent("DELETE"))
        await at.press(key)
        await at.until_seen("This is a group of 5 tasks: press enter to show them.")
        assert len(at.app.screen_stack) == 1
        assert len(at.sent("PUT")) + len(at.sent("DELETE")) == sent


async def test_marks_that_are_refused_say_why() -> None:
    async with run_app(QUIET, size=(100, 36), clock=FrozenClock()) as at:
        await group_by(at, "status")
        await at.press("asterisk")
        await at.until_seen("Folded tasks are not marked.")


async def test_the_detail_of_a_head_tells_of_its_group() -> None:
    async with run_app(QUIET, size=(140, 36), clock=FrozenClock()) as at:
        await at.press("4")
        await all_reasons(at)
        await group_by(at, "cause")
        await at.press("v")
        table = at.screen.parts.table
        await at.until_seen("press enter to show")
        await at.press("tab", "enter", "down")
        await at.until_seen(f"{table.cursor_key} · ")
        await at.press("escape", "escape")
        assert not at.screen.panes.is_reading


async def test_a_tab_without_failures_says_why_there_is_no_cause() -> None:
    async with run_app(QUIET, size=(100, 36), clock=FrozenClock()) as at:
        await group_by(at, "cause")
        await at.press("3")
        await at.until_seen("Only failures have a cause.")
        await at.press("B")
        await at.until_seen("Group by")
        assert "failures of the same kind" not in at.text()
        await at.press(*"no", "enter")
        await at.until_seen("tasks · success")


async def test_groups_stay_with_another_graph() -> None:
    async with run_app(QUIET, size=(100, 36)) as at:
        await group_by(at, "type")
        before = at.screen
        await at.press("b")
        await at.until_seen("supply_chain")
        await at.press("down", "enter")
        await at.until(lambda: at.screen is not before and at.screen.monitor is not None, "the other screen")
        await at.until_seen("tasks by type · ")
