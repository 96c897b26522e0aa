"""Long work gives the loop its turn when its time is used up, and not before."""

from __future__ import annotations

import asyncio

from tui.monitor import cooperative
from tui.monitor.cooperative import SLICE_SECONDS, LoopYielder


async def test_the_loop_has_its_turn_when_the_budget_is_used_up_and_then_the_budget_begins_anew(monkeypatch):
    now, had = 100.0, 0

    async def others() -> None:
        nonlocal had
        while True:
            await asyncio.sleep(0)
            had += 1

    monkeypatch.setattr(cooperative.time, "perf_counter", lambda: now)
    others_run = asyncio.create_task(others())
    await asyncio.sleep(0)
    work, seen = LoopYielder(), []
    for spent in (0.0, SLICE_SECONDS / 2, SLICE_SECONDS, 0.0, SLICE_SECONDS / 2, SLICE_SECONDS / 2):
        now += spent
        await work.yield_if_due()
        seen.append(had)
    others_run.cancel()
    assert seen == [0, 0, 1, 1, 1, 2]
