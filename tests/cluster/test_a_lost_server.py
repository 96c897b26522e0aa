"""What is told of the tasks of a server that was killed, and of what came through another."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from backend_adapters.model import Task
from tests.cluster.cluster import Cluster, on
from tests.cluster.command import graphtop
from tests.live.recorded_monitor import RecordedMonitor, record_monitor
from tests.live.seeded_tasks import SLEEP, Jobs
from tui.monitor.stuck import SERVER_LOST

pytestmark = pytest.mark.timeout(1800)


async def reason_of(watch: RecordedMonitor, task: Task) -> str:
    """Why a task on the screen failed, as the table tells it."""
    watch.monitor.only.headlines.set_wanted([task])
    await watch.until(lambda: watch.monitor.only.store.tasks[task.id].reason)
    return watch.monitor.only.store.tasks[task.id].reason or ""


@on("1.7.0")
async def test_a_task_whose_server_was_killed_is_said_to_be_lost_and_for_how_long_it_ran_is_not(
    cluster: Cluster, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with Jobs(cluster.b) as jobs:
        number = await asyncio.to_thread(jobs.submit, SLEEP)
        async with record_monitor(cluster.a, "hugegraph") as watch:
            await watch.live()
            await watch.shows(number, "running")
            await asyncio.to_thread(cluster.b.kill)
            request.addfinalizer(cluster.b.start)
            # The other server notices after half a minute.
            failed = await watch.shows(number, "failed")
            assert await reason_of(watch, failed) == SERVER_LOST
    done = await asyncio.to_thread(graphtop, tmp_path, cluster.a, "get", str(number), "-o", "json")
    (told,) = json.loads(done.stdout)
    assert (told["status"], told["took_ms"], told["fault"]) == (
        "failed",
        None,
        SERVER_LOST,
    )
