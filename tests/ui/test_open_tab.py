"""Which tab of the detail `enter` opens, and what stays of a tab that a person has chosen."""

from __future__ import annotations

import pytest

from backend_adapters.model import TaskStatus
from tests.ui.running_app import RunningApp, run_app
from tests.unit.fakes import task
from tui.screens.tasks.tab_choice import TabChoice
from tui.widgets.detail_tab import DetailTab

LONG = "Thread.sleep(3600000)"
FAILING = "throw new IllegalStateException('no such vertex')"


def open_tab(at: RunningApp) -> DetailTab:
    return at.screen.panes.pane.tab


async def go_to(at: RunningApp, task_id: str) -> None:
    """Put the cursor on a task by the keys that a person uses."""
    at.screen.set_focus(at.screen.parts.table)
    await at.press("g")
    for _ in range(len(at.screen.monitor.view)):
        if at.screen.parts.table.cursor_key == task_id:
            return
        await at.press("j")
    raise AssertionError(f"task {task_id} is not among the rows")


async def submit_one_of_each(at: RunningApp) -> tuple[str, str, str]:
    """A task that failed, one that succeeded and one that runs."""
    failed, done = await at.submit(FAILING), await at.submit("6 * 7")
    await at.until_seen("Failed 1")
    await at.until_seen("Success 1")
    running = await at.submit(LONG)
    await at.until_seen("Active 1")
    return failed, done, running


async def test_enter_opens_the_tab_that_has_the_answer() -> None:
    async with run_app() as at:
        failed, done, running = await submit_one_of_each(at)
        for task_id, tab, words in (
            (failed, DetailTab.RESULT, "Error"),
            (done, DetailTab.RESULT, "Result"),
            (running, DetailTab.OVERVIEW, "running for"),
        ):
            await go_to(at, task_id)
            await at.press("enter")
            await at.until_seen(words)
            assert open_tab(at) is tab
            await at.press("escape")
        await at.cancel(running)
        await at.until_seen("Cancelled 1")
        await go_to(at, running)
        await at.press("enter")
        assert open_tab(at) is DetailTab.OVERVIEW


async def test_the_tab_that_a_person_went_to_is_opened_for_such_tasks_from_then_on() -> None:
    async with run_app() as at:
        failed, done, _ = await submit_one_of_each(at)
        await go_to(at, failed)
        await at.press("enter", "left_square_bracket")
        assert open_tab(at) is DetailTab.INPUT
        await at.press("escape", "enter")
        assert open_tab(at) is DetailTab.INPUT
        await at.press("escape")
        await go_to(at, done)
        await at.press("enter")
        assert open_tab(at) is DetailTab.RESULT, "another kind of state has its own tab"


async def test_a_direct_key_opens_its_tab_and_chooses_none_for_later() -> None:
    async with run_app() as at:
        failed, _, _ = await submit_one_of_each(at)
        await go_to(at, failed)
        await at.press("i")
        assert open_tab(at) is DetailTab.INPUT
        await at.press("escape", "enter")
        assert open_tab(at) is DetailTab.RESULT
        await at.press("y")
        assert open_tab(at) is DetailTab.RAW
        await at.press("escape", "enter")
        assert open_tab(at) is DetailTab.RAW, "in the open detail it was a choice"


@pytest.mark.parametrize("chosen", [False, True])
async def test_beside_the_open_detail_the_tab_follows_the_cursor_until_a_person_chose_one(
    chosen: bool,
) -> None:
    async with run_app(size=(120, 36)) as at:
        failed, done, running = await submit_one_of_each(at)
        await go_to(at, running)
        await at.press("enter")
        if chosen:
            await at.press("right_square_bracket")
        await at.press("tab")
        seen = {}
        for task_id in (done, failed):
            await go_to(at, task_id)
            seen[task_id] = open_tab(at)
        wanted = DetailTab.INPUT if chosen else DetailTab.RESULT
        assert seen == {done: wanted, failed: wanted}


async def test_the_tab_stays_when_the_shown_task_ends() -> None:
    async with run_app() as at:
        running = await at.submit(LONG)
        await at.until_seen("Active 1")
        await at.press("enter")
        await at.cancel(running)
        await at.until_seen("Cancelled 1")
        failing = await at.submit(FAILING)
        await at.until_seen("Failed 1")
        assert at.screen.panes.detail.task.id == running
        assert open_tab(at) is DetailTab.OVERVIEW
        assert failing != running


@pytest.mark.parametrize(
    ("status", "reason", "tab"),
    [
        (TaskStatus.FAILED, None, DetailTab.RESULT),
        (TaskStatus.FAILED, "no vertex", DetailTab.RESULT),
        (TaskStatus.FAILED, "", DetailTab.OVERVIEW),
        (TaskStatus.PARTIAL, "bad lines", DetailTab.OVERVIEW),
        (TaskStatus.UNREADABLE, None, DetailTab.OVERVIEW),
        (TaskStatus.QUEUED, None, DetailTab.OVERVIEW),
    ],
)
def test_where_there_is_no_text_the_overview_has_the_answer(status, reason, tab: DetailTab) -> None:
    assert TabChoice().find_tab(task(1, status, reason=reason)) is tab
