"""The contract suite on the simulated GES: each dialect of the jobs center, and a graph's own engine."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from backend_adapters.backend import Backend
from backend_adapters.model import TaskId, TaskStatus
from backend_adapters.simulator.ges import EMPTY_GES, GesApp, ges_app
from backend_adapters.simulator.ges.graph_engines import ENGINE_JOB_KINDS
from backend_adapters.transport.credentials import AccessKeys, Credentials
from backend_adapters.transport.target import Target
from tests.adapters import contract
from tests.support.ges_jobs import submit_job

TOKEN = Credentials(token=lambda: "demo-token")
KEYS = Credentials(keys=lambda: AccessKeys("demo-ak", "demo-sk"))
TEMPORARY = Credentials(
    keys=lambda: AccessKeys("demo-temporary-ak", "demo-temporary-sk", "demo-security-token")
)
WRONG = (
    Credentials(),
    Credentials(token=lambda: "no-such-token"),
    Credentials(keys=lambda: AccessKeys("demo-ak", "wrong")),
    Credentials(keys=lambda: AccessKeys("nobody", "demo-sk")),
)

PAGERANK = next(work for work in ENGINE_JOB_KINDS if "pagerank" in work.request)


@dataclass(frozen=True)
class Guise:
    """A dialect with a login, and what the simulated project is like."""

    dialect: str
    credentials: Credentials
    graph: str | None = None
    settings: dict[str, Any] | None = None


GUISES = {
    "ges keys": Guise("ges", KEYS),
    "ges token": Guise("ges", TOKEN),
    "ges one graph": Guise("ges", KEYS, "fraud_ring"),
    "ges history": Guise("ges", KEYS, None, {"history": 450, "specials": True}),
    "ges-v1-2019": Guise("ges-v1-2019", TEMPORARY, "fraud_ring", {"graph_keys": ("graphName",)}),
    "ges-v2": Guise("ges-v2", KEYS),
    "ges-v2 one graph": Guise("ges-v2", TOKEN, "fraud_ring"),
    "ges-v2 small pages": Guise("ges-v2", TOKEN, None, {"page_cap": 20, "history": 90}),
    "ges-graph memory": Guise("ges-graph", TOKEN, "fraud_ring"),
    "ges-graph history": Guise("ges-graph", TOKEN, "fraud_ring", {"history": 300}),
}


class _Clock:
    """The simulator's clock, moved by hand from now on: signatures are of now."""

    def __init__(self) -> None:
        self.now = int(time.time() * 1000)

    def __call__(self) -> int:
        """Epoch milliseconds; a request takes one."""
        self.now += 1
        return self.now

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * 1000)


def starts(app: GesApp, dialect: str) -> Callable[[Backend, str], Awaitable[TaskId]]:
    """How a job comes to be: somebody starts it in the console, or in the graph."""

    async def start(backend: Backend, script: str) -> TaskId:
        outcome = "failed" if script == contract.BOOM else "success"
        millis = 60_000 if script == contract.SLEEP else 30
        if dialect != "ges-graph":
            reason = "boom" if script == contract.BOOM else None
            return submit_job(
                app.world, "ExportGraph", "fraud_ring", outcome=outcome, millis=millis, reason=reason
            ).id
        app.world.advance_to_now()
        work = replace(PAGERANK, failure="boom")
        return app.world.engines["fraud_ring"].submit_job(work, millis=millis, outcome=outcome).id

    return start


@pytest.fixture(params=GUISES)
def stand(request: pytest.FixtureRequest) -> contract.ContractServer:
    guise, clock = GUISES[request.param], _Clock()
    app = ges_app(replace(EMPTY_GES, **(guise.settings or {})), clock)
    return contract.ContractServer(
        name=f"simulated {request.param}",
        target=Target(
            url="http://demo",
            http=httpx.ASGITransport(app),
            dialect=guise.dialect,
            project="demo-project",
            graph=guise.graph,
            credentials=guise.credentials,
        ),
        pause=clock.pause,
        starts=starts(app, guise.dialect),
        wrong=WRONG,
    )


@pytest.mark.parametrize("check", contract.EVERYWHERE, ids=lambda check: check.__name__)
async def test_the_simulated_ges_keeps_it(stand: contract.ContractServer, check: contract.Check) -> None:
    await contract.run_check(check, stand)


async def test_the_database_edition_lists_jobs_that_can_not_be_judged_to_be_stoppable() -> None:
    app = ges_app(replace(EMPTY_GES, edition="database"), _Clock())
    target = Target(
        url="http://demo", http=httpx.ASGITransport(app), dialect="ges-graph", project="demo-project",
        graph="fraud_ring", credentials=TOKEN,
    )  # fmt: skip
    job_id = app.world.engines["fraud_ring"].submit_job(PAGERANK, millis=60_000).id
    async with contract.open_run(contract.ContractServer(name="database", target=target)) as bench:
        (task,) = (await bench.all_tasks()).values()
        assert (task.id, task.status, task.stoppable) == (job_id, TaskStatus.RUNNING, None)
        assert task.name
