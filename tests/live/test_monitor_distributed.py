"""Cancel and delete with the distributed scheduler: it says 400 and obeys, or, without locks, never does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from backend_adapters.model import Action, TaskStatus
from tests.live.conftest import NewServer
from tests.live.recorded_monitor import RecordedMonitor, record_monitor
from tests.live.seeded_tasks import QUICK, SLEEP, Jobs
from tests.live.server import HugeGraphServer
from tests.live.server_config import Spec
from tests.live.server_kinds import on
from tui.monitor import outcomes as verdicts
from tui.monitor.outcomes import Outcome

distributed = on("distributed_17")


@pytest.fixture
async def watch(server: HugeGraphServer, jobs: Jobs) -> AsyncIterator[RecordedMonitor]:
    """The graph of the server, live and without a task."""
    async with record_monitor(server) as one:
        await one.live()
        yield one


@distributed
async def test_what_is_answered_400_is_seen_to_be_done(watch: RecordedMonitor, jobs: Jobs) -> None:
    done, cancelled, deleted = [await asyncio.to_thread(jobs.submit, text) for text in (QUICK, SLEEP, SLEEP)]
    await watch.shows(done, "success")
    for task in (cancelled, deleted):
        await watch.shows(task, "running")

    cancel = await watch.act_on(Action.CANCEL, cancelled)
    assert (cancel.outcome, cancel.code) == (Outcome.CANCELLED, 400)
    assert (await asyncio.to_thread(jobs.get, cancelled))["task_status"] == "cancelled"
    both = await watch.act(Action.DELETE, done, deleted)
    assert [(report.outcome, report.code) for report in both] == [(Outcome.GONE_MEANWHILE, 400)] * 2
    for task in (done, deleted):
        assert await asyncio.to_thread(jobs.get, task) is None
    assert watch.ids == [cancelled]


@distributed
async def test_a_forced_delete_of_a_running_task_is_watched_for_its_return(
    watch: RecordedMonitor, jobs: Jobs
) -> None:
    task = await asyncio.to_thread(jobs.submit, "Thread.sleep(5000)")
    await watch.shows(task, "running")
    first = await watch.act_on(Action.FORCE_DELETE, task)
    assert (first.outcome, first.code) == (Outcome.DELETED, 204)
    # The work is not stopped by it; when it ends, some seconds later, the server writes the record again.
    await watch.until(lambda: len(watch.reports) == 2)
    assert watch.reports[1].outcome is Outcome.CAME_BACK
    assert watch.reports[1].words == (
        "Its job kept running and recreated the record within 5 s. Delete it again."
    )
    assert watch.word(task) == "success"
    last = await watch.act_on(Action.DELETE, task)
    assert last.outcome.is_removed


@distributed
async def test_a_second_cancel_changes_nothing(watch: RecordedMonitor, jobs: Jobs) -> None:
    task = await asyncio.to_thread(jobs.submit, SLEEP)
    await watch.shows(task, "running")
    await watch.act_on(Action.CANCEL, task)
    shown = await watch.shows(task, "cancelled")
    again = await watch.act_on(Action.CANCEL, shown)
    assert (again.outcome, again.code) == (Outcome.ALREADY_CANCELLED, None)


async def test_without_locks_nothing_is_called_done_that_is_not(
    new_server: NewServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await asyncio.to_thread(new_server, Spec(backend="memory", scheduler="distributed", locks=False))
    with Jobs(server) as jobs:
        cancelled, deleted = [await asyncio.to_thread(jobs.submit, QUICK) for _ in range(2)]
        async with record_monitor(server) as watch:
            await watch.live()
            assert {watch.word(cancelled), watch.word(deleted)} == {"new"}
            cancel = watch.monitor.only.store.tasks[str(cancelled)]
            delete = watch.monitor.only.store.tasks[str(deleted)]
            with monkeypatch.context() as patch:
                patch.setattr(verdicts, "CONFIRM_SECONDS", 1.0)
                watch.monitor.start_action(Action.CANCEL, [cancel])
                watch.monitor.start_action(Action.DELETE, [delete])
                await watch.until(lambda: len(watch.reports) == 2)
            reports = {report.action: report for report in watch.reports}

            said = reports[Action.CANCEL]
            assert (said.outcome, said.code) == (Outcome.UNCONFIRMED, 400)
            assert said.last.status is TaskStatus.CANCELLING
            assert "The task is still cancelling" in said.words
            assert "It may still finish." in said.words
            said = reports[Action.DELETE]
            assert (said.outcome, said.code) == (Outcome.UNCONFIRMED, 400)
            assert said.last.status is TaskStatus.DELETING
            assert "The task is still deleting" in said.words
            assert {jobs.look(cancelled)["task_status"], jobs.look(deleted)["task_status"]} == {
                "cancelling",
                "deleting",
            }
            for task in (cancelled, deleted):
                forced = await watch.act_on(Action.FORCE_DELETE, task)
                assert (forced.outcome, forced.code) == (Outcome.DELETED, 204)
                assert await asyncio.to_thread(jobs.get, task) is None
