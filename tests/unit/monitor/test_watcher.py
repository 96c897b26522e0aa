"""The problems of all places that are watched: found as they come, told once, gone with their tasks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from backend_adapters.errors import Unreachable
from backend_adapters.model import Action, TaskDetail
from tests.support.one_place import watch_one
from tests.unit.fakes import START, FakeBackend, FakeClock, S, run_until_idle, task
from tests.unit.joint_monitor import JointMonitor
from tui.config.finding_settings import FindingLimits
from tui.monitor.findings.finding import Finding
from tui.monitor.findings.watcher import FindingsWatcher
from tui.monitor.listener import Listener
from tui.monitor.monitor import Monitor


class Watching:
    """A monitor with a watcher for its problems, and what that told."""

    def __init__(self, monitor: Monitor, clock: FakeClock, limits: FindingLimits) -> None:
        self.monitor, self.clock = monitor, clock
        self.told: list[tuple[Finding, ...]] = []
        self.watcher = FindingsWatcher(monitor, limits, self._tell)
        self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        await self.watcher.check_places()
        await self.watcher.run()

    async def aclose(self) -> None:
        self._looking.cancel()
        with suppress(asyncio.CancelledError):
            await self._looking
        await self.monitor.aclose()

    def _tell(self) -> None:
        self.told.append(self.watcher.findings)

    @property
    def rules(self) -> list[str]:
        return [f"{one.rule} {'+'.join(one.keys)}".strip() for one in self.watcher.findings]


@asynccontextmanager
async def watching(*rows, **limits) -> AsyncIterator[Watching]:
    clock = FakeClock()
    backend = FakeBackend(clock, rows)
    monitor = watch_one(backend, listener=Listener(), clock=clock)
    monitor.start_watching()
    one = Watching(monitor, clock, FindingLimits(**limits))
    one.backend = backend
    await run_until_idle()
    try:
        yield one
    finally:
        await one.aclose()


def make_runs(*minutes: float):
    before = START - 9_999_999
    return [
        task(100 + n, S.SUCCESS, name=f"import {n}", created=before, updated=before + round(60_000 * took))
        for n, took in enumerate(minutes)
    ]


async def test_a_task_becomes_slow_stuck_and_then_no_problem_at_all() -> None:
    row = task(7, S.RUNNING, name="import 7")
    async with watching(row, *make_runs(1, 1, 1, 1, 1)) as one:
        await one.clock.advance(80)
        assert one.rules == []
        await one.clock.advance(20)
        assert one.rules == ["slow 7"]
        assert one.watcher.find_finding("7").title.startswith("Running 1.")
        assert one.watcher.find_finding("7").rule == "slow"
        one.backend.set(7, S.CANCELLING)
        await one.clock.advance(30)
        assert one.rules == []
        await one.clock.advance(60)
        assert one.rules == ["stuck 7"]
        one.backend.set(7, S.CANCELLED, updated=START)
        await one.clock.advance(10)
        assert (one.rules, one.watcher.find_finding("7"), one.told[-1]) == ([], None, ())


async def test_a_rule_can_be_off() -> None:
    row = task(7, S.RUNNING, name="import 7")
    async with watching(row, *make_runs(1, 1, 1, 1, 1), slow=False) as one:
        await one.clock.advance(600)
        assert one.rules == []
        assert one.told == []


async def test_nothing_is_told_while_nothing_changes() -> None:
    async with watching(*(task(n, S.FAILED, reason="no index", updated=START) for n in (1, 2, 3))) as one:
        await one.clock.advance(60)
        assert [one.rule for one in one.watcher.findings] == ["failures"]
        assert len(one.told) == 1


async def test_a_wait_is_judged_by_those_that_were_seen() -> None:
    rows = [task(n, S.QUEUED, name=f"import {n}") for n in range(1, 7)]
    async with watching(*rows, waiting_after=1) as one:
        await one.clock.advance(30)
        for row in rows[:4]:
            one.backend.set(row.id, S.RUNNING)
        await one.clock.advance(30)
        assert one.rules == [], "four are no measure"
        one.backend.set(5, S.RUNNING)
        await one.clock.advance(30)
        assert one.rules == ["waiting 6"]


async def test_an_outage_is_a_problem_and_so_is_what_it_leaves() -> None:
    refused = Unreachable("nothing is listening on this port")
    refused.is_refused = True
    row = task(7, S.RUNNING, created=START, updated=START, server="server-1")
    async with watching(row) as one:
        await one.clock.advance(20)
        one.backend.always = {"connect": refused, "changes": refused, "snapshot": refused}
        await one.clock.advance(60)
        assert one.rules == ["no_answer"]
        assert one.watcher.findings[0].since <= START + 20_000
        one.backend.always = {}
        await one.clock.advance(60)
        assert one.rules == []
        await one.clock.advance(60)
        assert one.rules == ["restarted 7"]


async def test_a_silent_task_is_a_problem_once_another_one_ran_out_of_memory_beside_it() -> None:
    silent = task(7, S.RUNNING, created=START, updated=START, server="server-1")
    async with watching(silent, task(8, S.RUNNING, server="server-1")) as one:
        await one.clock.advance(3700)
        assert one.rules == []
        one.backend.set(8, S.FAILED, reason="java.lang.OutOfMemoryError: heap", updated=START + 3_700_000)
        await one.clock.advance(60)
        assert one.rules == ["silent 7"]
        assert one.watcher.findings[0].evidence == ("Task 8 ran out of memory; the server may have lost it.",)


async def test_a_silent_task_that_could_not_be_deleted_is_a_problem() -> None:
    silent = task(7, S.RUNNING, created=START, updated=START)
    async with watching(silent) as one:
        await one.clock.advance(3700)
        one.monitor.start_action(Action.DELETE, [silent])
        await one.clock.advance(60)
        assert one.rules == ["silent 7"]
        assert one.watcher.findings[0].step.command == "graphtop delete --force 7"


async def test_a_detail_that_was_read_tells_of_its_result() -> None:
    row = task(7, S.SUCCESS, updated=START - 60_000)
    async with watching(row) as one:
        one.watcher.note_detail(one.monitor.only, TaskDetail(task=row, raw=b"", result=None))
        await one.clock.advance(1)
        assert one.rules == ["no_result 7"]
        one.watcher.note_detail(one.monitor.only, TaskDetail(task=row, raw=b"", result=b"[1]"))
        await one.clock.advance(1)
        assert one.rules == []


async def test_places_come_and_go_with_their_problems() -> None:
    joint = JointMonitor(2.0)
    stuck = task(7, S.CANCELLING, updated=START - 600_000)
    joint.monitor.add_place(joint.connect("prod:g", stuck))
    other = joint.monitor.add_place(joint.connect("dev:g", stuck))
    joint.monitor.start_watching()
    one = Watching(joint.monitor, joint.clock, FindingLimits())
    try:
        await joint.clock.advance(30)
        assert sorted(one.rules) == ["stuck 1/7", "stuck 2/7"]
        assert one.watcher.find_finding("2/7").step.command == "graphtop delete --force dev:g/7"
        joint.monitor.hide_place(other)
        await joint.clock.advance(30)
        assert one.rules == ["stuck 1/7"]
        joint.monitor.show_place(other)
        await joint.clock.advance(30)
        assert len(one.rules) == 2
        joint.monitor.remove_place(other)
        await joint.clock.advance(30)
        assert one.rules == ["stuck 1/7"]
        assert other.followers == []
    finally:
        await one.aclose()


@pytest.mark.parametrize("number", [20_000])
async def test_no_slice_of_many_tasks_is_longer_than_a_frame(number: int) -> None:
    rows = [
        task(n, S.FAILED if n % 5 == 0 else S.SUCCESS, reason=f"no index {n}" if n % 5 == 0 else None,
             name=f"import {n % 50} of day", updated=START + n, server=f"server-{n % 3}")
        for n in range(number)
    ]  # fmt: skip
    rows += [task(number + n, S.RUNNING, name=f"import {n} of day") for n in range(2_000)]
    clock = FakeClock()
    monitor = watch_one(FakeBackend(clock, ()), listener=Listener(), clock=clock)
    store = monitor.only.store
    store.apply_answer(rows, asked=store.take_ticket())
    watcher = FindingsWatcher(monitor, FindingLimits(), lambda: None)
    longest, last, done = 0.0, time.thread_time(), False

    async def measure() -> None:
        nonlocal longest, last
        while not done:
            now = time.thread_time()
            longest, last = max(longest, now - last), now
            await asyncio.sleep(0)

    meter = asyncio.create_task(measure())
    await asyncio.sleep(0)
    await watcher.check_places()
    done = True
    await meter
    assert longest < 0.016
    await monitor.aclose()


async def test_many_tasks_with_the_same_problem_are_one_finding() -> None:
    rows = [task(n, S.CANCELLING, updated=START - 1000 * n) for n in range(1, 22)]
    async with watching(*rows) as one:
        await one.clock.advance(70)
        (found,) = one.watcher.findings
        assert (found.rule, found.title, found.numbers["tasks"]) == (
            "stuck", "21 tasks like this: cancelling for 1m", 21
        )  # fmt: skip
        assert found.evidence[0] == "This one has been so the longest. Of task 21: "
        assert found.step.command == "graphtop ls status=cancelling --limit 0"
        assert one.watcher.find_finding("5") is found
        one.backend.drop(5)
        await one.clock.advance(30)
        assert len(one.watcher.findings) == 20
