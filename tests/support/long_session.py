"""A session of hours in seconds: the whole program on a server whose tasks come, run, end and are purged."""

from __future__ import annotations

import gc
import tracemalloc
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from textual.pilot import Pilot

from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphApp, HugeGraphSettings, hugegraph_app
from backend_adapters.simulator.hugegraph.records import SimulatedTask
from backend_adapters.simulator.hugegraph.task_kinds import LONG_QUERY
from backend_adapters.simulator.hugegraph.world import make_task
from backend_adapters.transport.target import Target
from tests.unit.fakes import FakeClock
from tui.app import Graphtop
from tui.config.options import ScreenOptions

INTERVAL = 30.0
"""Seconds between two polls."""
RUNNING_MINUTES, KEPT_MINUTES = 3, 30
"""Minutes that a task runs, and after which it is purged."""
FAILING_SHARE = 20
"""Each task of so many fails."""

_OURS = (
    tracemalloc.Filter(True, "*/tui/*"),
    tracemalloc.Filter(True, "*/backend_adapters/*"),
    tracemalloc.Filter(True, "*/textual/*"),
    tracemalloc.Filter(True, "*/rich/*"),
)
_THEIRS = (tracemalloc.Filter(False, "*/simulator/*"),)


class LongSession:
    """A running program, its clock and its server."""

    def __init__(
        self, app: Graphtop, pilot: Pilot[None], clock: FakeClock, server: HugeGraphApp, tasks_a_minute: int
    ) -> None:
        self.app = app
        self._pilot = pilot
        self._clock = clock
        self._server = server
        self._tasks_a_minute = tasks_a_minute
        self._living: deque[list[SimulatedTask]] = deque()
        self._count = 0

    async def live(self, minutes: int) -> None:
        """Let so many minutes go by."""
        for _ in range(minutes):
            self._turn_over()
            await self._clock.advance(60.0)
            await self._pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys, each after what the one before it brought."""
        for key in keys:
            await self._pilot.press(key)
            await self._clock.advance(1.0)
            await self._pilot.pause()

    def _turn_over(self) -> None:
        """One minute on the server: new tasks come, older ones end, and the oldest are purged."""
        (graph_tasks,) = self._server.world.graphs.values()
        now = self._clock.now()
        fresh: list[SimulatedTask] = []
        for _ in range(self._tasks_a_minute):
            self._count += 1
            task = make_task(LONG_QUERY, self._count, now)
            task.status, task.updated, task.server = "running", now + 5, "server-1"
            graph_tasks.add_task(task)
            fresh.append(task)
        self._living.append(fresh)
        if len(self._living) > RUNNING_MINUTES:
            for number, task in enumerate(self._living[-1 - RUNNING_MINUTES]):
                task.updated = now
                graph_tasks.set_status(task, "success" if number % FAILING_SHARE else "failed")
        if len(self._living) > KEPT_MINUTES:
            for task in self._living.popleft():
                graph_tasks.remove_task(task)


@asynccontextmanager
async def run_session(
    settings: HugeGraphSettings = EMPTY_HUGEGRAPH, *, tasks_a_minute: int
) -> AsyncIterator[LongSession]:
    """Run the program until the end of the block; time goes by only as the session says."""
    clock = FakeClock()
    server = hugegraph_app(settings, clock.now)
    target = Target(url="http://stage:8080", profile="stage", http=httpx.ASGITransport(server))
    app = Graphtop(target, ScreenOptions(interval=INTERVAL), clock=clock)
    async with app.run_test(size=(120, 36)) as pilot:
        yield LongSession(app, pilot, clock, server, tasks_a_minute)


def kept_bytes() -> int:
    """What the program's own code, and the libraries that draw it, hold now; tracemalloc must be on."""
    gc.collect()
    taken = tracemalloc.take_snapshot().filter_traces(_OURS).filter_traces(_THEIRS)
    return sum(trace.size for trace in taken.traces)
