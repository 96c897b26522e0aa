"""Cancel and delete through a server that does not run the task."""

from __future__ import annotations

import asyncio

import pytest

from backend_adapters.model import Action
from tests.cluster.cluster import Cluster, on
from tests.live.recorded_monitor import record_monitor
from tests.live.seeded_tasks import QUICK, SLEEP, Jobs
from tui.monitor.outcomes import Outcome

pytestmark = pytest.mark.timeout(1800)


@on("1.5.0", "1.7.0")
async def test_what_the_other_server_runs_is_cancelled_and_deleted_and_seen_to_be_so(cluster: Cluster):
    with Jobs(cluster.b) as jobs:
        running, ended = [await asyncio.to_thread(jobs.submit, script) for script in (SLEEP, QUICK)]
        async with record_monitor(cluster.a, "hugegraph") as watch:
            await watch.live()
            await watch.shows(running, "running")
            await watch.shows(ended, "success")
            cancel = await watch.act_on(Action.CANCEL, running)
            assert (cancel.outcome, cancel.code) == (Outcome.CANCELLED, 400)
            assert (await asyncio.to_thread(jobs.get, running))["task_status"] == "cancelled"
            both = await watch.act(Action.DELETE, running, ended)
            assert all(report.outcome.is_removed for report in both)
            for number in (running, ended):
                assert await asyncio.to_thread(jobs.get, number) is None
                assert watch.task(number) is None
