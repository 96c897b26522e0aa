"""A server that is a worker of its cluster: all is seen through it, and nothing can be done."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from backend_adapters.errors import WORKER_HINT
from backend_adapters.model import Action
from tests.cluster.cluster import Cluster, on
from tests.cluster.command import graphtop
from tests.live.recorded_monitor import record_monitor
from tests.live.seeded_tasks import QUICK, SLEEP, Jobs
from tui.monitor.outcomes import Outcome

pytestmark = pytest.mark.timeout(1800)


@on("1.5.0 with a worker")
async def test_a_worker_is_named_as_one_once_it_has_refused(cluster: Cluster, tmp_path: Path) -> None:
    with Jobs(cluster.a) as jobs:
        ended, running = [await asyncio.to_thread(jobs.submit, script) for script in (QUICK, SLEEP)]
        async with record_monitor(cluster.b, "hugegraph") as watch:
            await watch.live()
            await watch.shows(ended, "success")
            await watch.shows(running, "running")
            assert watch.monitor.only.warning == ""
            for action, number in ((Action.CANCEL, running), (Action.DELETE, ended)):
                report = await watch.act_on(action, number)
                assert report.outcome is Outcome.REFUSED
                assert WORKER_HINT in report.words
                assert f"refused the last {action.value}: it is a worker" in watch.monitor.only.warning
            assert (watch.word(running), watch.word(ended)) == ("running", "success")
        doctor = await asyncio.to_thread(graphtop, tmp_path, cluster.b, "doctor")
        assert "worker" not in doctor.stdout
        done = await asyncio.to_thread(graphtop, tmp_path, cluster.b, "delete", str(ended), "--yes")
        assert done.returncode == 4
        assert WORKER_HINT in done.stdout
        doctor = await asyncio.to_thread(graphtop, tmp_path, cluster.b, "doctor")
        assert doctor.returncode == 0
        assert "This server is a worker of its cluster: it refused a delete on " in doctor.stdout
        assert WORKER_HINT in doctor.stdout
        async with record_monitor(cluster.a, "hugegraph") as watch:
            await watch.live()
            assert (await watch.act_on(Action.CANCEL, running)).outcome is Outcome.CANCELLED
