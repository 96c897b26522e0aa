"""Tasks that the server fails over, and lists that are not whole, as a person sees them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing

import pytest
from msgspec.structs import replace as changed
from textual.pilot import Pilot

from backend_adapters.backend import Changes, LookResult
from backend_adapters.errors import Unreadable
from backend_adapters.model import Task, TaskStatus
from backend_adapters.simulator import EMPTY_HUGEGRAPH
from tests.ui.picture_app import ROOMY, USUAL, app
from tests.ui.running_app import RunningApp, run_app, wait_for_rest
from tests.unit.fakes import unreadable_task
from tui.monitor.monitor import Monitor
from tui.screens.tasks.screen import TasksScreen

WORDS = (
    "HugeGraph answered 500: java.lang.IllegalArgumentException: Invalid status code: 9 while it read the "
    "record, and nothing else of it came."
)


class Failing:
    """Lets the server of a monitor fail over some ids, and over a part of its list."""

    def __init__(self, monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
        self.backend = monitor.only.backend
        self.ids: set[str] = set()
        self.partial = ""
        self.stops = False
        """Whether the server stops answering over them."""
        self.asked: list[str] = []
        """The ids whose detail was asked for."""
        self._whole = {
            name: getattr(self.backend, name) for name in ("snapshot", "changes", "look", "detail")
        }
        for name in self._whole:
            monkeypatch.setattr(self.backend, name, getattr(self, f"_{name}"))

    def _told(self, tasks: Iterable[Task], never: Iterable[str] = ()) -> tuple[Task, ...]:
        seen = {task.id: task for task in tasks} | dict.fromkeys(never)
        bad = {one: unreadable_task(one, WORDS, stops_server=self.stops) for one in self.ids}
        return tuple(bad.get(one, task) for one, task in seen.items())

    async def _snapshot(self, *, in_parts: bool = False):
        # In parts or not: what these tests are about comes with the first batch.
        async with aclosing(self._whole["snapshot"]()) as batches:
            async for batch in batches:
                yield changed(batch, tasks=self._told(batch.tasks, self.ids), partial=self.partial)
                if self.partial:
                    return

    async def _changes(self, known) -> Changes:
        changes = await self._whole["changes"](known)
        return changed(changes, tasks=self._told(changes.tasks), missing=changes.missing - self.ids)

    async def _look(self, ids, **how) -> LookResult:
        looked = await self._whole["look"](ids, **how)
        never = self.ids & set(ids)
        return changed(looked, tasks=self._told(looked.tasks, never), missing=looked.missing - self.ids)

    async def _detail(self, task_id, **more):
        self.asked.append(task_id)
        if task_id in self.ids:
            raise Unreadable(WORDS)
        return await self._whole["detail"](task_id, **more)


async def fail(at: RunningApp, failing: Failing, *ids: str) -> None:
    """Let the server fail over these tasks from now on, and wait until it is seen."""
    failing.ids = set(ids)
    at.screen.monitor.only.poller.refresh_all()
    store = at.screen.monitor.only.store

    def seen() -> bool:
        rows = [store.tasks.get(one) for one in ids]
        return all(row is not None and row.status is TaskStatus.UNREADABLE for row in rows)

    await at.until(lambda: seen() and at.drawn(), "the tasks becoming unreadable")


def pane_lines(at: RunningApp) -> str:
    """What the detail pane says."""
    region = at.screen.panes.pane.content_region
    return "\n".join(line[region.x : region.right] for line in at.lines()[region.y : region.bottom])


def pane(at: RunningApp) -> str:
    """The same without blanks and line breaks."""
    return squeezed(pane_lines(at))


def squeezed(words: str) -> str:
    """Words without blanks."""
    return "".join(words.split())


async def test_the_row_the_tab_and_the_detail_say_what_is_wrong_and_the_server_is_asked_once(
    monkeypatch,
) -> None:
    async with run_app(size=(110, 40)) as at:
        first = await at.submit("// count\n6 * 7")
        await at.until_seen("success")
        failing = Failing(at.screen.monitor, monkeypatch)
        await fail(at, failing, first)
        assert "▒ unreadable" in at.row(first)
        assert "HugeGraph answered 500" in at.row(first)
        assert "4 Failed 1" in at.text()
        assert "3 Success 0" in at.text()
        await at.press("4", "enter")
        await at.until(lambda: squeezed(WORDS) in pane(at), "all of the server's words")
        assert squeezed("When last read, it was success; the fields below are from then.") in pane(at)
        assert squeezed("press r to retry now. You can still delete it. Check the") in pane(at)
        await at.until(lambda: failing.asked == [first], "the detail being asked for")
        await at.press("o")
        await at.until_seen("The server can't read this record")
        assert squeezed(f"{WORDS} graphtop retries it from time") in pane(at), "whole, in rows"
        asked = len(failing.asked)
        for _ in range(3):
            at.screen.monitor.only.poller.poll_now()
            await at.pilot.pause(0.1)
        assert len(failing.asked) == asked == 1
        failing.ids = set()
        await at.press("r")
        await at.until_seen("No failed tasks.")
        await at.press("i")
        await at.until_seen("// count")
        assert set(failing.asked) == {first}


async def test_what_was_read_before_stays_open_and_is_not_asked_for_again(monkeypatch) -> None:
    async with run_app() as at:
        first = await at.submit("// count\n6 * 7")
        await at.until_seen("success")
        failing = Failing(at.screen.monitor, monkeypatch)
        await at.press("i")
        await at.until_seen("// count")
        await fail(at, failing, first)
        await at.until(lambda: "▒ unreadable" in at.text(), "its status")
        await at.press("p")
        await at.until_seen("paused")
        assert "// count" in pane_lines(at)
        assert failing.asked == [first]


async def test_one_over_which_the_server_stops_answering_is_asked_for_only_by_r(monkeypatch) -> None:
    async with run_app(size=(110, 40)) as at:
        first = await at.submit("// count\n6 * 7")
        await at.until_seen("success")
        failing = Failing(at.screen.monitor, monkeypatch)
        failing.stops = True
        await fail(at, failing, first)
        await at.press("enter")
        await at.until(lambda: squeezed("Reading it can block the server for") in pane(at), "what it does")
        await at.press("o")
        await at.until(lambda: squeezed("Reading it can block the server") in pane(at), "what asking does")
        polls = len(at.sent("GET"))
        await at.until(lambda: len(at.sent("GET")) > polls + 2, "polls")
        assert failing.asked == []
        await at.press("r")
        await at.until(lambda: failing.asked == [first], "it being asked for")


async def test_it_can_be_deleted_and_cancelled_only_if_it_had_not_ended(monkeypatch) -> None:
    async with run_app() as at:
        first = await at.submit("// count\n6 * 7")
        await at.until_seen("success")
        failing = Failing(at.screen.monitor, monkeypatch)
        await fail(at, failing, first)
        await at.press("C")
        await at.until_seen(f"Task {first} has already finished (success).")
        await at.ask("delete")
        assert "Its record can't be read" in at.text()
        backend = at.screen.monitor.only.backend
        act = backend.act

        async def act_and_mend(*asked: object) -> object:
            answer = await act(*asked)
            failing.ids = set()
            return answer

        monkeypatch.setattr(backend, "act", act_and_mend)
        await at.press("y")
        await at.until_seen(f"Deleted {first}")
        assert len(at.sent("DELETE")) == 1


async def test_a_list_that_is_not_whole_says_so_until_it_is(monkeypatch) -> None:
    async with run_app() as at:
        await at.submit("// count\n6 * 7")
        await at.until_seen("success")
        failing = Failing(at.screen.monitor, monkeypatch)
        failing.partial = "The server fails over page 7 of its list."
        await at.press("r")
        await at.until_seen("Not all tasks could be read. The server fails over page 7 of its list.")
        assert "0 All 1+" in at.text()
        assert "tasks · 1+" in at.text()
        failing.partial = ""
        await at.press("r")
        await at.until_gone("Not all tasks could be read.")
        assert "0 All 1 " in at.text()


async def test_an_empty_list_that_is_not_whole_does_not_say_that_there_are_no_tasks(monkeypatch) -> None:
    async with run_app(EMPTY_HUGEGRAPH) as at:
        await at.until_seen("No tasks, or none")
        failing = Failing(at.screen.monitor, monkeypatch)
        failing.partial = "The server fails over page 1 of its list."
        at.screen.monitor.only.poller.refresh_all()
        await at.until_seen("Not all tasks could be read.")
        assert "No tasks" not in at.text()


@pytest.mark.parametrize("size", [USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_picture_of_the_table_and_the_detail(snap_compare, monkeypatch, size) -> None:
    async def run(pilot: Pilot) -> None:
        await wait_for_rest(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, TasksScreen)
        monitor = screen.monitor
        failing = Failing(monitor, monkeypatch)
        failed = [one.id for one in monitor.view if one.status is TaskStatus.FAILED][:1]
        going = [one.id for one in monitor.view if one.status is TaskStatus.RUNNING][:1]
        failing.ids, failing.partial = {*failed, *going, "9000"}, "The server fails over page 2 of its list."
        monitor.only.poller.refresh_all()
        while monitor.only.store.tasks.get("9000") is None or monitor.health.scanning:
            await pilot.pause(0.02)
        await wait_for_rest(pilot)
        for key in ("4", "enter"):
            await pilot.press(key)
            await wait_for_rest(pilot)
        pilot.app.clear_notifications()
        await wait_for_rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=run)
