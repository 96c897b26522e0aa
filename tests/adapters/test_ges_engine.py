"""The engine on the simulated GES: a cancel that is verified, and keys that run out while it watches."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx

from backend_adapters.errors import NotLoggedIn
from backend_adapters.model import Action, TaskStatus
from backend_adapters.registry import open_backend
from backend_adapters.simulator.ges import EMPTY_GES, GesApp, ges_app
from backend_adapters.simulator.ges.graph_engines import ENGINE_JOB_KINDS
from backend_adapters.transport.credentials import AccessKeys, Credentials
from backend_adapters.transport.target import Target
from tests.support.ges_jobs import submit_job
from tests.support.one_place import watch_one
from tests.support.patience import PATIENCE
from tui.monitor.health import Phase
from tui.monitor.listener import Listener
from tui.monitor.monitor import Monitor
from tui.monitor.outcomes import Outcome, Report


class Heard(Listener):
    """Notes how actions ended."""

    def __init__(self) -> None:
        self.reports: list[Report] = []

    def operation_ended(self, report: Report) -> None:
        self.reports.append(report)


async def until(true: Callable[[], object]) -> None:
    """Wait for something, a while."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def watching(
    app: GesApp, dialect: str, credentials: Credentials
) -> AsyncIterator[tuple[Monitor, Heard]]:
    graph = "fraud_ring" if dialect == "ges-graph" else None
    target = Target(
        url="http://demo",
        http=httpx.ASGITransport(app),
        dialect=dialect,
        project="demo-project",
        graph=graph,
        credentials=credentials,
    )
    heard = Heard()
    monitor = watch_one(open_backend(target), listener=heard, interval=0.1)
    monitor.start_watching()
    try:
        await until(lambda: monitor.health.scanned)
        yield monitor, heard
    finally:
        await monitor.aclose()


async def test_a_cancel_is_seen_through_and_what_can_not_be_stopped_is_left_alone():
    app = ges_app(EMPTY_GES)
    stoppable = next(work for work in ENGINE_JOB_KINDS if work.is_stoppable)
    engine = app.world.engines["fraud_ring"]
    ids = [
        engine.submit_job(work, millis=60_000).id
        for work in (stoppable, replace(stoppable, is_stoppable=False))
    ]
    async with watching(app, "ges-graph", Credentials(token=lambda: "demo-token")) as (monitor, heard):
        tasks = [monitor.only.store.tasks[task_id] for task_id in ids]
        monitor.start_action(Action.CANCEL, tasks)
        await until(lambda: len(heard.reports) == 2)
        outcomes = {report.task.id: report for report in heard.reports}
        assert outcomes[ids[0]].outcome is Outcome.CANCELLED
        assert outcomes[ids[1]].outcome is Outcome.REFUSED
        assert "can't be stopped" in outcomes[ids[1]].words
        await until(lambda: monitor.only.store.tasks[ids[0]].status is TaskStatus.CANCELLED)
    assert [line.rsplit("/", 1)[1] for line in app.requests if line.startswith("DELETE")] == [ids[0]]


async def test_the_engine_follows_a_project_and_asks_seldom():
    app = ges_app(replace(EMPTY_GES, history=250))
    async with watching(app, "ges", Credentials(keys=lambda: AccessKeys("demo-ak", "demo-sk"))) as (
        monitor,
        _,
    ):
        assert len(monitor.only.store) == 250
        job = submit_job(app.world, "ExportGraph", "fraud_ring", millis=400)
        await until(lambda: job.id in monitor.only.store.tasks)
        await until(lambda: monitor.only.store.tasks[job.id].status is TaskStatus.SUCCESS)
        assert monitor.health.note == ""
        assert not monitor.only.store.unfinished
        scan = [line for line in app.requests if "offset=99" in line]
        assert len(scan) == 1, "the list was read whole more than once"


async def test_keys_that_run_out_are_asked_for_without_losing_the_screen():
    app = ges_app(replace(EMPTY_GES, history=20))
    credentials = Credentials(keys=lambda: AccessKeys("demo-ak", "demo-sk"))
    async with watching(app, "ges-v2", credentials) as (monitor, _):
        app.gateway.revoke_secret("demo-ak")
        await until(lambda: monitor.health.phase is Phase.BLOCKED)
        error = monitor.health.error
        assert isinstance(error, NotLoggedIn)
        assert error.wants == "keys"
        assert len(monitor.only.store) == 20
        credentials.use_token(lambda: "demo-token")
        monitor.only.poller.refresh_all()
        await until(lambda: monitor.health.phase is Phase.LIVE)
        assert len(monitor.only.store) == 20
