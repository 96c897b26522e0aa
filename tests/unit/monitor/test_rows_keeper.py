"""What is kept of a session's rows, and when: the newest, seldom, and only what the server has told."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

from msgspec.structs import replace

from backend_adapters.errors import NoSuchGraph, NotAllowed, NotLoggedIn, ServerFault, Unreachable
from backend_adapters.transport.target import Target
from tests.support.patience import PATIENCE
from tests.unit.fake_monitor import run_fake_monitor
from tests.unit.fakes import START, S, run_until_idle, task
from tui.monitor.filters import compile_filter
from tui.monitor.rows_file import ROWS_MOST, KeptRows, RowsFile
from tui.monitor.rows_keeper import KEEP_EVERY, KEEP_FIRST, RowsKeeper
from tui.monitor.view import Order, Shape


class RecordedFile(RowsFile):
    """Keeps in memory what is written."""

    def __init__(self) -> None:
        super().__init__(Path("/nowhere"), Target(url="http://fake"))
        self.written: list[KeptRows] = []
        self.removed = 0

    def write(self, rows: KeptRows) -> None:
        self.written.append(rows)

    def remove(self) -> None:
        self.removed += 1

    @property
    def ids(self) -> list[str]:
        """The ids of the rows that were written last."""
        return [row.id for row in self.written[-1].rows]

    async def until_written(self, times: int) -> None:
        """Wait for the thread that writes."""
        end = time.monotonic() + PATIENCE
        while len(self.written) < times:
            assert time.monotonic() < end, f"written {len(self.written)} times"
            await asyncio.sleep(0.001)
        await run_until_idle()


def ended(number: int, **more):
    created = START - 7_200_000 + number * 1000
    return task(number, S.SUCCESS, **{"created": created, "updated": created + 500, **more})


async def test_they_are_kept_soon_then_once_a_minute_where_they_changed():
    file = RecordedFile()
    async with run_fake_monitor(ended(1), file=file) as rig:
        await rig.start()
        await rig.clock.advance(KEEP_FIRST - 1)
        assert file.written == []
        await rig.clock.advance(1)
        await file.until_written(1)
        assert file.ids == ["1"]
        rig.backend.put(task(2))
        await rig.clock.advance(KEEP_EVERY - 1)
        assert len(file.written) == 1
        await rig.clock.advance(2)
        await file.until_written(2)
        assert file.ids == ["2", "1"]
        await rig.clock.advance(10 * KEEP_EVERY)
        assert len(file.written) == 2, "nothing has changed"


async def test_all_tasks_are_looked_at_once_a_minute_although_nothing_changes(monkeypatch):
    looks: list[float] = []
    choose = RowsKeeper._choose_rows

    async def note_and_choose(keeper):
        looks.append(rig.clock.time)
        return await choose(keeper)

    monkeypatch.setattr(RowsKeeper, "_choose_rows", note_and_choose)
    file = RecordedFile()
    async with run_fake_monitor(ended(1), file=file) as rig:
        await rig.start()
        rig.monitor.show_shape(Shape(order=Order("name", descending=False)))
        await rig.clock.advance(KEEP_FIRST)
        await file.until_written(1)
        await rig.clock.advance(10 * KEEP_EVERY)
    assert len(looks) == 11


async def test_they_are_kept_at_the_end_with_the_moment_of_the_last_answer():
    file = RecordedFile()
    async with run_fake_monitor(ended(1), task(2), file=file) as rig:
        await rig.start()
        await rig.clock.advance(3)
    assert file.ids == ["2", "1"]
    kept = file.written[-1]
    assert (kept.dialect, kept.graph, kept.graphspace, kept.noun) == ("fake", "g", None, "tasks")
    assert START < kept.as_of <= rig.clock.now()
    assert len(file.written) == 1


class LateFile(RecordedFile):
    """Takes a while to write in a thread: longer than it takes to come there as well."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    def write(self, rows: KeptRows) -> None:
        if threading.current_thread() is not threading.main_thread():
            self.begun.set()
            threading.Event().wait(0.05)
        super().write(rows)


async def test_what_is_still_being_written_does_not_replace_the_rows_of_the_end():
    file = LateFile()
    async with run_fake_monitor(ended(1), file=file) as rig:
        await rig.start()
        await rig.clock.advance(KEEP_FIRST)
        assert file.begun.wait(PATIENCE)
        rig.backend.put(task(2))
        await rig.clock.advance(3)
    await file.until_written(2)
    assert file.ids == ["2", "1"]


async def test_nothing_is_kept_before_the_server_has_answered():
    file = RecordedFile()
    async with run_fake_monitor(ended(1), file=file) as rig:
        rig.backend.delays["page"] = 600.0
        await rig.start()
        await rig.clock.advance(300)
    assert (file.written, file.removed) == ([], 0)


async def test_nothing_is_kept_while_the_server_is_ill_and_what_was_kept_stays():
    file = RecordedFile()
    async with run_fake_monitor(ended(1), file=file) as rig:
        await rig.start()
        await rig.clock.advance(KEEP_FIRST)
        await file.until_written(1)
        rig.backend.put(task(2))
        await rig.clock.advance(3)
        rig.backend.always["changes"] = rig.backend.always["connect"] = ServerFault("Server error 500.")
        await rig.clock.advance(600)
        rig.backend.always["connect"] = rig.backend.always["changes"] = Unreachable("gone")
        await rig.clock.advance(600)
    assert len(file.written) == 1
    assert file.removed == 0


async def test_a_list_that_is_empty_now_leaves_no_old_rows():
    file = RecordedFile()
    async with run_fake_monitor(file=file) as rig:
        await rig.start()
        await rig.clock.advance(3)
    assert (file.written, file.removed) == ([], 1)


async def test_what_may_not_be_seen_any_more_is_not_kept_but_what_comes_after_that_is():
    for refusal in (NotAllowed("Forbidden."), NoSuchGraph("There is no graph g.")):
        file = RecordedFile()
        async with run_fake_monitor(ended(1), file=file) as rig:
            await rig.start()
            await rig.clock.advance(KEEP_FIRST)
            await file.until_written(1)
            rig.backend.always["changes"] = rig.backend.always["connect"] = refusal
            await rig.clock.advance(30)
            assert file.removed == 1
            rig.backend.always.clear()
            rig.monitor.only.poller.refresh_all()
            await rig.clock.advance(2 * KEEP_EVERY)
            await file.until_written(2)


async def test_after_a_login_that_was_refused_the_rows_of_the_user_stay():
    file = RecordedFile()
    async with run_fake_monitor(ended(1), file=file) as rig:
        rig.backend.always["connect"] = NotLoggedIn("no")
        await rig.start()
        await rig.clock.advance(30)
    assert (file.written, file.removed) == ([], 0)


async def test_of_many_the_newest_are_kept_and_not_only_what_waits():
    file = RecordedFile()
    history = [ended(number) for number in range(1, 301)]
    queue = [task(number, S.QUEUED, created=START + number) for number in range(301, 601)]
    async with run_fake_monitor(*history, *queue, file=file) as rig:
        rig.backend.batch = 1000
        await rig.start()
        await rig.clock.advance(3)
    half = ROWS_MOST // 2
    assert file.ids == [str(301 + at) for at in range(half)] + [str(300 - at) for at in range(half)]


async def test_whatever_is_filtered_and_sorted_the_newest_are_kept():
    file = RecordedFile()
    history = [ended(number, name=f"n{number}") for number in range(1, 301)]
    async with run_fake_monitor(*history, task(301), task(302, S.QUEUED), file=file) as rig:
        rig.backend.batch = 1000
        await rig.start()
        shape = Shape(order=Order("name", descending=False), filter=compile_filter("n7"))
        rig.monitor.show_shape(shape)
        await rig.clock.advance(KEEP_FIRST)
        await file.until_written(1)
        newest = ["301", "302", *(str(300 - at) for at in range(ROWS_MOST - 2))]
        assert file.ids == newest
        rig.backend.set(301, S.SUCCESS, updated=START + 5)
        await rig.clock.advance(4)
    assert file.ids == newest, "the same tasks at the end"
    assert file.written[-1].rows[0].status is S.SUCCESS


async def test_a_filtered_screen_that_ends_at_once_keeps_what_was_kept_before():
    file = RecordedFile()
    async with run_fake_monitor(ended(1), file=file) as rig:
        await rig.start()
        rig.monitor.show_shape(replace(Shape(), filter=compile_filter("x")))
        await rig.clock.advance(1)
    assert (file.written, file.removed) == ([], 0)


async def test_a_place_that_is_left_is_kept_before_its_actions_end():
    file = RecordedFile()
    async with run_fake_monitor(ended(1), file=file) as rig:
        await rig.start()
        await rig.clock.advance(3)
        await rig.clock.wait_for(rig.monitor.finish_and_close())
        assert len(file.written) == 1
