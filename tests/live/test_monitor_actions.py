"""Cancel and delete on real servers with the standard scheduler: the report says what the server did."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from backend_adapters.model import Action, TaskStatus
from tests.live.recorded_monitor import RecordedMonitor, record_monitor
from tests.live.seeded_tasks import FINISHED, QUICK, SLEEP, Jobs, stubborn
from tests.live.server import HugeGraphServer
from tests.live.server_kinds import on
from tui.monitor.outcomes import Outcome

both_rocksdb = on("rocksdb_17", "rocksdb_15")


@pytest.fixture
async def watch(server: HugeGraphServer, jobs: Jobs) -> AsyncIterator[RecordedMonitor]:
    """The first graph of the server, live and without a task."""
    async with record_monitor(server) as one:
        await one.live()
        yield one


async def started(watch: RecordedMonitor, jobs: Jobs, script: str) -> int:
    """Start a script and wait until it is shown as running."""
    task = await asyncio.to_thread(jobs.submit, script)
    await watch.shows(task, "running")
    return task


@both_rocksdb
async def test_a_second_cancel_does_no_harm_and_tells_the_truth(watch: RecordedMonitor, jobs: Jobs) -> None:
    task = await started(watch, jobs, SLEEP)
    running = watch.task(task)
    both = await watch.act(Action.CANCEL, running, running)
    assert {report.outcome for report in both} == {Outcome.CANCELLED, Outcome.NOT_SENT}
    assert watch.backend.sent == [(Action.CANCEL, str(task))], "it was sent twice"

    cancelled = await watch.shows(task, "cancelled")
    again = await watch.act_on(Action.CANCEL, cancelled)
    assert (again.outcome, again.code) == (Outcome.ALREADY_CANCELLED, None)
    assert again.words == "Already cancelled; nothing sent."

    late = await watch.act_on(Action.CANCEL, running)
    assert (late.outcome, late.code) == (Outcome.ALREADY_CANCELLED, None)
    assert len(watch.backend.sent) == 1
    assert (await asyncio.to_thread(jobs.get, task))["task_status"] == "cancelled"


@both_rocksdb
async def test_a_cancel_of_what_somebody_else_cancels_is_seen_to_its_end(
    watch: RecordedMonitor, jobs: Jobs
) -> None:
    task = await started(watch, jobs, SLEEP)
    watch.backend.hold = lambda: jobs.cancel(task)
    report = await watch.act_on(Action.CANCEL, task)
    # The second one comes while the first is carried out, or just after.
    assert (report.outcome, report.code) == (Outcome.CANCELLED, 400)


@both_rocksdb
async def test_a_stubborn_task_is_cancelled_by_its_status(watch: RecordedMonitor, jobs: Jobs) -> None:
    task = await started(watch, jobs, stubborn(4))
    report = await watch.act_on(Action.CANCEL, task)
    assert (report.outcome, report.code) == (Outcome.CANCELLED, 202)
    assert (await asyncio.to_thread(jobs.get, task))["task_status"] == "cancelled"


@both_rocksdb
async def test_a_task_that_ends_before_the_cancel_has_finished_first(
    watch: RecordedMonitor, jobs: Jobs
) -> None:
    task = await started(watch, jobs, "Thread.sleep(5000)")
    watch.backend.hold = lambda: jobs.wait(task, "success")
    report = await watch.act_on(Action.CANCEL, task)
    assert (report.outcome, report.code) == (Outcome.FINISHED_FIRST, 400)
    assert "completed or cancelling" in report.words
    assert report.last.status is TaskStatus.SUCCESS
    assert (await asyncio.to_thread(jobs.get, task))["task_status"] == "success"


@both_rocksdb
async def test_a_delete_of_a_running_task_is_refused_in_the_servers_words(
    watch: RecordedMonitor, jobs: Jobs
) -> None:
    task = await started(watch, jobs, SLEEP)
    report = await watch.act_on(Action.DELETE, task)
    assert (report.outcome, report.code) == (Outcome.REFUSED, 400)
    assert report.words == (
        f"Can't delete incomplete task '{task}' in status RUNNING, Please try to cancel the task first"
    )
    assert (await asyncio.to_thread(jobs.get, task))["task_status"] == "running"


@both_rocksdb
async def test_a_delete_of_what_is_gone_sends_nothing(watch: RecordedMonitor, jobs: Jobs) -> None:
    task = await asyncio.to_thread(jobs.submit, QUICK)
    shown = await watch.shows(task, "success")
    await asyncio.to_thread(jobs.delete, task)
    report = await watch.act_on(Action.DELETE, shown)
    assert (report.outcome, watch.backend.sent) == (Outcome.GONE, [])
    assert watch.word(task) == "gone"


@both_rocksdb
async def test_many_are_acted_on_at_once_and_each_is_reported_once(
    watch: RecordedMonitor, jobs: Jobs
) -> None:
    done = [await asyncio.to_thread(jobs.submit, QUICK) for _ in range(20)]
    await watch.until(lambda: all(watch.word(task) == "success" for task in done))
    running = [await asyncio.to_thread(jobs.submit, SLEEP) for _ in range(5)]
    await watch.until(lambda: sorted(watch.word(task) for task in running) == ["queued"] + ["running"] * 4)

    deleted = await watch.act(Action.DELETE, *done)
    assert [report.outcome for report in deleted] == [Outcome.DELETED] * 20
    cancelled = await watch.act(Action.CANCEL, *running)
    assert [report.outcome for report in cancelled] == [Outcome.CANCELLED] * 5
    left = {task["id"]: task["task_status"] for task in await asyncio.to_thread(jobs.tasks, limit=-1)}
    assert left == dict.fromkeys(running, "cancelled")
    assert len(watch.backend.sent) == 25


@on("rocksdb_15", "rocksdb_17")
async def test_force_delete_removes_what_has_ended(watch: RecordedMonitor, jobs: Jobs) -> None:
    task = await asyncio.to_thread(jobs.submit, QUICK)
    await watch.shows(task, *FINISHED)
    assert watch.monitor.ability_for(Action.FORCE_DELETE)
    report = await watch.act_on(Action.FORCE_DELETE, task)
    assert (report.outcome, report.code) == (Outcome.DELETED, 204)
    assert await asyncio.to_thread(jobs.get, task) is None
