"""What a poll asks and gets, with 1,000 and with 100,000 finished tasks and 5 unfinished; on a cluster, too.

The small history is the large one without its older tasks, and time stands still: so ids and answers have
the same number of digits, and what differs could only be the number of tasks.
"""

from __future__ import annotations

import asyncio

import httpx

from backend_adapters.backend import KnownTasks
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.simulator import HugeGraphApp, HugeGraphSettings, hugegraph_app
from backend_adapters.transport.target import Target
from tests.bench.figures import Figure, report

MANY, FEW = 100_000, 1_000
UNFINISHED = 5
POLLS = 20
NOW = 1_795_420_000_000


CLUSTER_POLLS = 5
"""Requests that a quiet poll of a cluster may take."""


def cluster(tasks: int) -> HugeGraphApp:
    """Two servers that give ids out in blocks, with so many finished tasks, and 5 that are unfinished."""
    settings = HugeGraphSettings(
        history=tasks, specials=False, pace=0, unfinished=UNFINISHED, backend="hstore", servers=2
    )
    return hugegraph_app(settings, clock=lambda: NOW)


def world(keep: int, made: int = MANY) -> HugeGraphApp:
    """A server with so many finished tasks, the newest of those it made, and 5 that are unfinished."""
    settings = HugeGraphSettings(history=made, specials=False, pace=0, unfinished=UNFINISHED)
    app = hugegraph_app(settings, clock=lambda: NOW)
    graph_tasks = next(iter(app.world.graphs.values()))
    for task in list(graph_tasks)[: made - keep]:
        graph_tasks.remove_task(task)
    return app


class Counted(httpx.AsyncBaseTransport):
    """A server in this process that counts what it is asked and what it answers."""

    def __init__(self, app: HugeGraphApp) -> None:
        self._inner = httpx.ASGITransport(app)
        self.requests = self.asked = self.answered = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on."""
        self.requests += 1
        self.asked += len(request.url.raw_path) + _size(request.headers)
        response = await self._inner.handle_async_request(request)
        body = await response.aread()
        self.answered += len(body) + _size(response.headers)
        return httpx.Response(response.status_code, headers=response.headers, content=body)

    def figures(self) -> tuple[int, int, int]:
        """Requests, bytes asked, bytes answered."""
        return self.requests, self.asked, self.answered


def _size(headers: httpx.Headers) -> int:
    return sum(len(name) + len(value) for name, value in headers.raw)


async def polled(app: HugeGraphApp, *, scanned: bool = False) -> tuple[int, ...]:
    """What some polls of a graph that is known whole take: requests, bytes asked, bytes answered.

    `scanned`: after a snapshot, which tells how ids are given out.
    """
    graph_tasks = next(iter(app.world.graphs.values()))
    known = KnownTasks(
        frozenset(str(task.id) for task in graph_tasks if not task.is_finished), str(graph_tasks.ids.last)
    )
    wire = Counted(app)
    backend = HugeGraphBackend(Target(url="http://simulated", http=wire))
    try:
        await backend.connect()
        if scanned:
            async for _ in backend.snapshot():
                pass
        before = wire.figures()
        for _ in range(POLLS):
            await backend.changes(known)
        return tuple(now - then for now, then in zip(wire.figures(), before, strict=True))
    finally:
        await backend.aclose()


def main() -> None:
    """Compare the two."""
    few, many = asyncio.run(polled(world(FEW))), asyncio.run(polled(world(MANY)))
    for what, ours, baseline, unit in zip(
        ("requests", "bytes asked", "bytes answered"), many, few, ("", "B", "B"), strict=True
    ):
        report(
            Figure(
                what=f"a poll with 100,000 finished tasks and 5 unfinished: {what}",
                ours=ours / POLLS,
                unit=unit,
                goal="equal",
                limit=1.0,
                baseline=baseline / POLLS,
                against="with 1,000 finished tasks",
                by_ratio=True,
            )
        )
    requests, _, answered = asyncio.run(polled(cluster(MANY), scanned=True))
    report(
        Figure(
            what="a poll of a cluster with 100,000 finished tasks and 5 unfinished: requests",
            ours=requests / POLLS,
            unit="",
            goal=f"<= {CLUSTER_POLLS}",
            limit=CLUSTER_POLLS,
        )
    )
    report(
        Figure(
            what="a poll of a cluster with 100,000 finished tasks and 5 unfinished: bytes answered",
            ours=answered / POLLS,
            unit="B",
            goal="<= 1.1 x",
            limit=1.1,
            baseline=asyncio.run(polled(cluster(FEW), scanned=True))[2] / POLLS,
            against="with 1,000 finished tasks",
            by_ratio=True,
        )
    )


if __name__ == "__main__":
    main()
