"""Three days of one session: what came and went leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sized
from itertools import count
from types import FunctionType, ModuleType

from backend_adapters.model import Task
from tests.support.one_place import watch_one
from tests.unit.fakes import FakeBackend, FakeClock, S, task
from tui.monitor.listener import Listener
from tui.monitor.monitor import Monitor

DAY = 24 * 60
"""Minutes."""
TASKS_A_MINUTE = 4
LASTS, KEPT = 2, 40
"""Minutes that a task runs, and after which it is purged."""


class BusyServer:
    """Tasks that come, run, end in each possible way, and are purged."""

    def __init__(self, clock: FakeClock) -> None:
        self.backend = FakeBackend(clock)
        self.backend.batch = 1000
        self._numbers = count(1)
        self._living: list[list[Task]] = []

    def live_a_minute(self) -> None:
        """Let a minute's tasks come, and older ones end and go."""
        fresh = [task(next(self._numbers), updated=self.backend.clock.now()) for _ in range(TASKS_A_MINUTE)]
        self.backend.put(*fresh)
        self._living.append(fresh)
        if len(self._living) > LASTS:
            ends = (S.SUCCESS, S.FAILED, S.CANCELLED)
            for row in self._living[-1 - LASTS]:
                # Of each fourth task the end is never written.
                unwritten = {} if int(row.id) % 4 == 0 else {"updated": self.backend.clock.now()}
                self.backend.set(row.id, ends[int(row.id) % 3], **unwritten)
        if len(self._living) > KEPT:
            self.backend.drop(*(row.id for row in self._living.pop(0)))
        # The fake writes down what it was asked.
        self.backend.calls.clear()
        self.backend.urgent.clear()


def count_kept(engine: Monitor) -> int:
    """How many entries all that the engine holds has by now, its server's own left out."""
    seen, found, total = {id(engine.only.backend), id(engine.clock)}, [vars(engine)], 0
    while found:
        one = found.pop()
        if id(one) in seen or isinstance(one, (type, ModuleType, FunctionType, asyncio.Future)):
            continue
        seen.add(id(one))
        total += len(one) if isinstance(one, Sized) else 0
        found += gc.get_referents(one)
    return total


async def test_three_days_of_tasks_that_come_and_go_leave_nothing_behind() -> None:
    clock = FakeClock()
    server = BusyServer(clock)
    monitor = watch_one(server.backend, listener=Listener(), clock=clock, interval=60.0)
    monitor.start_watching()
    kept: list[int] = []
    try:
        for _ in range(3):
            for _ in range(DAY):
                server.live_a_minute()
                await clock.advance(60.0)
            assert KEPT * TASKS_A_MINUTE <= len(monitor.only.store) < 2 * KEPT * TASKS_A_MINUTE
            kept.append(count_kept(monitor))
    finally:
        await monitor.aclose()
    assert kept[2] < 1.05 * kept[1], kept
