"""Why tasks failed: read once, one at a time, and only while the server answers."""

from __future__ import annotations

import asyncio

import pytest

from backend_adapters.errors import BadAnswer, Busy, NoSuchTask, Refused, ServerFault, Unreachable
from backend_adapters.model import Task, TaskDetail
from tests.unit.fake_monitor import run_fake_monitor
from tests.unit.fakes import START, FakeBackend, FakeClock, S, task
from tui.monitor.failure_headlines import FailureHeadlines
from tui.monitor.health import Phase


def failure(number: int, **more) -> tuple[Task, TaskDetail]:
    row = task(number, S.FAILED, **more)
    text = f"java.lang.RuntimeException: boom {number}\n\tat A.b(A.java:1)"
    return row, TaskDetail(task=row, raw=b"", result=text)


async def test_the_reasons_of_the_failures_on_the_screen_are_read_once_and_one_at_a_time():
    rows, details = zip(*[failure(n) for n in range(1, 6)], strict=True)
    async with run_fake_monitor(*rows, task(6)) as rig:
        rig.backend.details = {row.id: [detail] for row, detail in zip(rows, details, strict=True)}
        rig.backend.delays["detail"] = 1.0
        await rig.start()
        for _ in range(40):  # the screen is drawn again and again meanwhile
            rig.monitor.headlines.set_wanted(list(rig.monitor.store.tasks.values()))
            await rig.clock.advance(0.25)
        assert [rig.monitor.headlines.get(row).count(f"boom {row.id}") for row in rows] == [1] * 5
        assert rig.backend.count("detail") == 5
        assert rig.backend.most_in_flight["detail"] == 1
        assert rig.monitor.headlines.get(task(6)) == ""
        assert rig.monitor.headlines.get(task(1, S.FAILED, created=START + 1)) == "", "another task"


@pytest.mark.parametrize("error", [ServerFault("500"), BadAnswer("HTML"), NoSuchTask("gone"), Refused("no")])
async def test_a_failure_that_can_not_be_read_stands_before_no_other_and_is_not_asked_for_again(error):
    (first, _), (second, detail) = failure(1), failure(2)
    async with run_fake_monitor(first, second) as rig:
        rig.backend.details = {"2": [detail]}
        rig.backend.faults["detail"] = [error]
        await rig.start()
        for _ in range(10):
            rig.monitor.headlines.set_wanted([first, second])
            await rig.clock.advance(1)
        assert rig.monitor.headlines.get(first) == ""
        assert "boom 2" in rig.monitor.headlines.get(second)
        assert rig.backend.count("detail") == 2


async def test_a_failure_that_could_not_be_read_for_the_servers_sake_is_read_later():
    row, detail = failure(1)
    async with run_fake_monitor(row) as rig:
        rig.backend.details = {"1": [detail]}
        rig.backend.faults["detail"] = [Unreachable("gone")]
        await rig.start()
        rig.monitor.headlines.set_wanted([row])
        await rig.clock.advance(5)
        assert rig.backend.count("detail") == 1, "not by itself"
        rig.monitor.headlines.set_wanted([row])
        await rig.clock.advance(1)
        assert "boom 1" in rig.monitor.headlines.get(row)


async def test_reasons_are_read_only_while_the_server_answers():
    row, detail = failure(1)
    async with run_fake_monitor(row) as rig:
        rig.backend.details = {"1": [detail]}
        await rig.start()
        rig.backend.always["changes"] = Busy("too busy")
        await rig.clock.advance(3)
        assert rig.monitor.health.phase is Phase.OFFLINE
        rig.monitor.headlines.set_wanted([row])
        await rig.clock.advance(20)
        assert rig.backend.count("detail") == 0
        rig.backend.always.clear()
        await rig.clock.advance(40)
        assert rig.backend.count("detail") == 1
        assert "boom 1" in rig.monitor.headlines.get(row)
        assert "boom 1" in rig.monitor.headlines.get(task(1, S.FAILED, created=None)), "the same task"
        rig.monitor.headlines.set_wanted([task(1, S.FAILED, created=None)])
        await rig.clock.advance(2)
        assert rig.backend.count("detail") == 1


async def test_only_the_beginning_of_a_failure_is_read_and_only_so_often():
    rows, details = zip(*[failure(n) for n in range(1, 4)], strict=True)
    async with run_fake_monitor(*rows) as rig:
        rig.backend.details = {row.id: [detail] for row, detail in zip(rows, details, strict=True)}
        await rig.start()
        asked: list[tuple[float, int]] = []
        detail = rig.backend.detail

        async def timed(task_id, *, cap, progress=None):
            asked.append((rig.clock.time, cap))
            return await detail(task_id, cap=cap, progress=progress)

        rig.backend.detail = timed
        rig.ears.told.clear()
        began = rig.clock.time
        rig.monitor.headlines.set_wanted(rows)
        await rig.clock.advance(1)
        assert [cap for _, cap in asked] == [32_768] * 3
        assert [time - began for time, _ in asked] == pytest.approx([0, 0.1, 0.2])
        assert rig.ears.told == ["overlays"] * 3


async def test_while_the_server_can_not_be_read_from_it_is_asked_once_a_second_whether_it_can():
    row, detail = failure(1)
    clock = FakeClock()
    backend = FakeBackend(clock, [row])
    backend.details = {"1": [detail]}
    asked: list[float] = []

    def ready() -> bool:
        asked.append(clock.time - 1000)
        return len(asked) > 3

    reasons = FailureHeadlines(backend, clock=clock, on_reason=lambda: None, ready=ready)
    run = asyncio.create_task(reasons.run())
    reasons.set_wanted([row])
    await clock.advance(10)
    run.cancel()
    assert asked == [0, 1, 2, 3]
    assert reasons.get(row) == "RuntimeException: boom 1"


async def test_a_reason_waits_while_the_server_works_on_something_heavy():
    row, detail = failure(1)
    async with run_fake_monitor(row) as rig:
        rig.backend.details = {"1": [detail]}
        await rig.start()
        rig.backend.is_busy = True
        rig.monitor.headlines.set_wanted([row])
        await rig.clock.advance(5)
        assert rig.monitor.headlines.get(row) == ""
        rig.backend.is_busy = False
        await rig.clock.advance(2)
        assert rig.monitor.headlines.get(row) == "RuntimeException: boom 1"


async def test_what_is_no_longer_on_the_screen_is_not_read():
    (first, _), (second, detail) = failure(1), failure(2)
    async with run_fake_monitor(first, second) as rig:
        rig.backend.details = {"2": [detail]}
        await rig.start()
        rig.monitor.headlines.set_wanted([first])
        rig.monitor.headlines.set_wanted([second])
        await rig.clock.advance(5)
        assert [asked for name, asked in rig.backend.calls if name == "detail"] == ["2"]


def test_a_detail_that_was_read_anyway_tells_why_its_task_failed_and_nothing_else():
    row, detail = failure(1)
    reasons = FailureHeadlines(FakeBackend(FakeClock()), clock=FakeClock(), on_reason=lambda: None)
    reasons.learn_from(TaskDetail(task=row, raw=b"", result=None))
    reasons.learn_from(TaskDetail(task=task(2, S.SUCCESS), raw=b"", result="fine"))
    assert (reasons.get(row), reasons.get(task(2, S.SUCCESS))) == ("", "")
    reasons.learn_from(detail)
    assert reasons.get(row) == "RuntimeException: boom 1"
    reasons.learn_from(TaskDetail(task=task(3, S.FAILED), raw=b"", result="x" * 32_768 + "y"))
    assert reasons.get(task(3, S.FAILED)) == "x" * 500


def test_a_detail_of_a_lost_server_says_so():
    row, _ = failure(1)
    reasons = FailureHeadlines(FakeBackend(FakeClock()), clock=FakeClock(), on_reason=lambda: None)
    reasons.learn_from(TaskDetail(task=row, raw=b"", lost=True))
    assert (reasons.get(row), reasons.is_server_lost(row)) == (
        "No result: the server that ran it was probably lost.",
        True,
    )
    assert not reasons.is_server_lost(task(2, S.FAILED))
