"""The engine on a long history: 5,000 finished tasks."""

from __future__ import annotations

import asyncio

from tests.live.conftest import BIG
from tests.live.figures import Figures
from tests.live.recorded_monitor import record_monitor, ticking
from tests.live.seeded_tasks import QUICK, SLEEP, Jobs
from tests.live.server import HugeGraphServer
from tests.live.test_monitor import quiet_poll


async def test_5000_tasks_are_all_there_and_cost_nothing_once_read(
    rocksdb_17: HugeGraphServer, big_graph: Jobs, figures: Figures
) -> None:
    async with ticking() as ticker, record_monitor(rocksdb_17, "big", interval=60) as watch:
        await watch.live()
        assert min(map(int, list(watch.born)[:100])) > BIG - 1000, "the newest come first"
        assert sorted(watch.ids) == list(range(1, BIG + 1))
        # Four clients submitted them, so the times of their creation are not quite in the order of the ids.
        assert watch.ids == watch.expected_order()
        assert set(watch.times_born.values()) == {1}
        whens = [when - watch.started for _, when in watch.born.values()]
        figures.note("5,000 tasks", "first rows ms", f"{min(whens) * 1000:.0f}")
        figures.note("5,000 tasks", "all rows ms", f"{max(whens) * 1000:.0f}")
        assert min(whens) < max(whens)
        assert ticker.busiest < max(whens) / 2, "most of the load went by without a turn of the loop"
        long = await quiet_poll(watch)
        figures.note("5,000 tasks", "quiet poll", f"{long[0]} req {long[1]} B")

    with Jobs(rocksdb_17) as few:
        await asyncio.to_thread(few.clear)
        ids = [await asyncio.to_thread(few.submit, QUICK) for _ in range(10)]
        await asyncio.to_thread(few.wait, ids[-1], "success")
        async with record_monitor(rocksdb_17, interval=60) as watch:
            await watch.live()
            assert await quiet_poll(watch) == long
            # One running task costs its own record and no more.
            running = await asyncio.to_thread(few.submit, SLEEP)
            await asyncio.to_thread(few.wait, running, "running")
            await watch.polled()
            requests, received = await quiet_poll(watch)
            assert requests == 1
            assert long[1] < received < 1000
        await asyncio.to_thread(few.clear)
    assert long[0] == 1
