"""One task's detail: fetched, dropped, and wished anew."""

from __future__ import annotations

import asyncio
import gc
import warnings

import pytest

from backend_adapters.errors import NoSuchTask, Unreachable
from tests.unit.fakes import FakeBackend, FakeClock, run_until_idle, task
from tui.monitor.details import Details


class Rig:
    """Details of a fake server, and what came of each wish."""

    def __init__(self, *rows) -> None:
        self.clock = FakeClock()
        self.backend = FakeBackend(self.clock, rows)
        self.details = Details(self.backend, cap=1000)
        self.said: list = []

    def fetch(self, task_id: str) -> None:
        self.details.fetch_detail(
            task_id,
            done=lambda detail: self.said.append(("done", task_id, detail)),
            failed=lambda error: self.said.append(("failed", task_id, error)),
            progress=lambda count: self.said.append(("progress", task_id, count)),
        )

    def fetch_result(self, task_id: str) -> None:
        self.details.fetch_result(
            task_id,
            done=lambda came: self.said.append(("done", task_id, came)),
            failed=lambda error: self.said.append(("failed", task_id, error)),
            progress=lambda count: self.said.append(("progress", task_id, count)),
        )

    def ends(self) -> list:
        return [(kind, task_id) for kind, task_id, _ in self.said if kind != "progress"]


async def test_a_detail_is_fetched_and_its_progress_told():
    rig = Rig(task(1))
    rig.fetch("1")
    assert rig.said == [], "not before the caller is done with what it is doing"
    await run_until_idle()
    assert rig.said[0] == ("progress", "1", 7)
    assert rig.ends() == [("done", "1")]
    assert rig.said[1][2].task.id == "1"


async def test_a_failure_is_told_once():
    rig = Rig()
    rig.fetch("1")
    await run_until_idle()
    assert rig.ends() == [("failed", "1")]
    assert isinstance(rig.said[-1][2], NoSuchTask)


async def test_a_newer_wish_ends_an_older_one():
    rig = Rig(task(1), task(2))
    rig.backend.delays["detail"] = 5.0
    rig.fetch("1")
    await rig.clock.advance(3)
    rig.fetch("2")
    await rig.clock.advance(10)
    assert rig.ends() == [("done", "2")]
    assert rig.backend.in_flight["detail"] == 0


@pytest.mark.parametrize("fails", [False, True])
async def test_a_reply_that_is_there_already_when_it_is_dropped_is_thrown_away(fails):
    rig = Rig(task(1))
    rig.backend.gates["detail"] = gate = asyncio.Event()
    if fails:
        rig.backend.always["detail"] = Unreachable("gone")
        rig.backend.delays["detail"] = 1.0
    rig.fetch("1")
    await run_until_idle()
    gate.set()  # its reply is ready to run now
    rig.details.drop_fetch()
    await rig.clock.advance(5)
    assert rig.ends() == []


async def test_a_drop_before_it_began_and_without_a_fetch_is_nothing():
    rig = Rig(task(1))
    rig.details.drop_fetch()
    rig.fetch("1")
    rig.details.drop_fetch()
    rig.details.drop_fetch()
    await run_until_idle()
    assert (rig.said, rig.backend.calls) == ([], [])


async def test_done_may_wish_for_the_next_one():
    rig = Rig(task(1), task(2))
    rig.details.fetch_detail(
        "1", done=lambda detail: rig.fetch("2"), failed=lambda error: None, progress=lambda count: None
    )
    await run_until_idle()
    assert rig.ends() == [("done", "2")]


async def test_reading_gives_what_the_server_tells_within_the_cap():
    rig = Rig(task(1))
    caps = []
    detail = rig.backend.detail

    async def watched(task_id, *, cap, progress=None, result):
        caps.append(cap)
        return await detail(task_id, cap=cap, progress=progress, result=result)

    rig.backend.detail = watched
    assert (await rig.clock.wait_for(rig.details.read_detail("1"))).task.id == "1"
    with pytest.raises(NoSuchTask):
        await rig.clock.wait_for(rig.details.read_detail("2"))
    rig.details = Details(rig.backend)
    await rig.clock.wait_for(rig.details.read_detail("1"))
    assert caps == [1000, 1000, 67_108_864], "64 MiB where nothing is said"


async def test_a_fault_of_our_own_comes_out_where_the_caller_watches():
    rig = Rig(task(1))
    spawned = []

    def spawn(work):
        spawned.append(asyncio.create_task(work))
        return spawned[-1]

    rig.details = Details(rig.backend, spawn=spawn)
    rig.details.fetch_detail("1", done=lambda detail: 1 / 0, failed=print, progress=lambda count: None)
    await run_until_idle()
    assert isinstance(spawned[0].exception(), ZeroDivisionError)


async def test_it_says_whether_the_result_is_needed():
    rig = Rig(task(1))
    asked = []
    detail = rig.backend.detail

    async def watched(task_id, *, cap, progress=None, result):
        asked.append(result)
        return await detail(task_id, cap=cap, progress=progress, result=result)

    rig.backend.detail = watched
    rig.fetch("1")
    await run_until_idle()
    rig.details.fetch_detail("1", done=print, failed=print, progress=lambda count: None, result=False)
    await run_until_idle()
    await rig.details.read_detail("1", result=False)
    assert asked == [True, False, False]


async def test_a_result_comes_alone_and_its_progress_is_told():
    rig = Rig(task(1))
    rig.backend.pieces = [b"[1,", b"2]"]
    rig.fetch_result("1")
    await run_until_idle()
    assert rig.said == [("progress", "1", 3), ("progress", "1", 5), ("done", "1", (b"[1,2]", False))]
    assert rig.backend.calls == [("stream", ("1", "result")), ("piece", None), ("piece", None)]


@pytest.mark.parametrize(("sizes", "cut", "read"), [
    ([600, 400], False, 2), ([600, 401], True, 2), ([600, 600, 600], True, 2),
    ([1001], True, 1), ([], False, 0),
])  # fmt: skip
async def test_a_result_is_read_up_to_the_cap(sizes, cut, read):
    rig = Rig(task(1))
    rig.backend.pieces = [b"x" * size for size in sizes]
    rig.fetch_result("1")
    await run_until_idle()
    content, was_cut = rig.said[-1][2]
    assert (len(content), was_cut) == (min(sum(sizes), 1000), cut)
    assert rig.backend.count("piece") == read


async def test_a_result_that_is_dropped_ends_its_request():
    rig = Rig(task(1))
    rig.backend.pieces = [b"[1]"]
    rig.backend.delays["piece"] = 5.0
    rig.fetch_result("1")
    await rig.clock.advance(3)
    assert rig.backend.in_flight["piece"] == 1
    rig.details.drop_fetch()
    await rig.clock.advance(10)
    assert (rig.ends(), rig.backend.in_flight["piece"]) == ([], 0)


async def test_a_newer_wish_for_a_detail_ends_the_reading_of_a_result():
    rig = Rig(task(1))
    rig.backend.pieces = [b"[1]"]
    rig.backend.delays["piece"] = 5.0
    rig.fetch_result("1")
    await rig.clock.advance(3)
    rig.fetch("1")
    await rig.clock.advance(10)
    assert [kind for kind, _ in rig.ends()] == ["done"]
    assert rig.said[-1][2].task.id == "1"


async def test_a_result_that_can_not_be_read_is_told_once():
    rig = Rig(task(1))
    rig.backend.faults["stream"] = [Unreachable("gone")]
    rig.fetch_result("1")
    await run_until_idle()
    assert rig.ends() == [("failed", "1")]


async def test_a_wish_that_is_dropped_before_it_was_begun_asks_for_nothing_and_warns_of_nothing():
    rig = Rig(task(1))
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        rig.fetch("1")
        rig.details.drop_fetch()
        await run_until_idle()
        gc.collect()
    assert rig.said == []
    assert not warned
