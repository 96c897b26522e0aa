"""What a person sees first comes soon: how many requests one after the other it takes, and in which order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import httpx
import pytest

from backend_adapters.backend import Batch
from backend_adapters.hugegraph import connection
from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.transport import request_context
from backend_adapters.transport.client import IN_FLIGHT
from backend_adapters.transport.target import Target
from tests.adapters.scripted_servers import URL, ScriptedServer, record
from tests.support.rounds import Rounds
from tests.unit.fakes import run_until_idle


class Reading:
    """A snapshot that is read while the server answers in rounds, with the number of rounds of each batch."""

    def __init__(self, wire: ScriptedServer, **target: object) -> None:
        self.rounds = Rounds(wire)
        self.backend = HugeGraphBackend(Target(url=URL, http=self.rounds, **target))  # type: ignore[arg-type]
        self.batches: list[tuple[int, Batch]] = []
        self.asked: list[list[str]] = []
        self._work = asyncio.create_task(self._read())

    async def _read(self) -> None:
        await self.backend.connect(then_snapshot=True)
        async for batch in self.backend.snapshot(in_parts=True):
            self.batches.append((len(self.asked), batch))

    async def go(self, most: int = 100) -> None:
        """Answer round after round, until all is read."""
        while not self._work.done() and len(self.asked) < most:
            self.asked.append([])
            self.asked[-1] += await self.rounds.answer_round()

    def depth_of(self, *ids: int) -> int:
        """The rounds after which these tasks were there."""
        seen: set[str] = set()
        for depth, batch in self.batches:
            seen |= {task.id for task in batch.tasks}
            if {str(number) for number in ids} <= seen:
                return depth
        raise AssertionError(f"never came: {ids}")

    async def stop(self) -> None:
        """End it."""
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)
        await self.backend.aclose()


@asynccontextmanager
async def reading(wire: ScriptedServer, **target: object) -> AsyncIterator[Reading]:
    one = Reading(wire, **target)
    try:
        yield one
    finally:
        await one.stop()


@pytest.fixture(autouse=True)
def quick_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer comes at once, however busy the machine is: a slow one is followed by shorter requests."""
    monkeypatch.setattr(request_context, "time", SimpleNamespace(perf_counter=lambda: 0.0))


def history(count: int, running: Iterable[int] = ()) -> list[dict]:
    return [record(n, "running" if n in running else "success") for n in range(1, count + 1)]


@pytest.mark.parametrize("version", ["1.0.0", "1.3.0", "1.5.0", "1.7.0", "3.0.0"])
async def test_the_unfinished_come_with_the_third_request_and_the_newest_with_the_sixth(version):
    wire = ScriptedServer(history(5000, {4990, 3000}), version=version)
    async with reading(wire) as one:
        await one.go(7)
        assert one.depth_of(4990, 3000) == 3
        assert one.depth_of(*range(4991, 5001)) <= 6
        assert [batch.is_part for _, batch in one.batches][:2] == [True, True]


@pytest.mark.parametrize("count", [0, 1, 5, 30, 100, 1000, 5000, 20_000])
async def test_the_newest_come_soon_also_where_nothing_runs(count):
    async with reading(ScriptedServer(history(count))) as one:
        await one.go(8)
        assert count == 0 or one.depth_of(count) <= 6


async def test_the_first_batch_has_what_its_parts_had_and_no_part_has_what_stands_above_another():
    async with reading(ScriptedServer(history(500, {480, 499}))) as one:
        await one.go()
        parts = [batch for _, batch in one.batches if batch.is_part]
        whole = next(batch for _, batch in one.batches if not batch.is_part)
        unfinished, newest = ([task.id for task in batch.tasks] for batch in parts)
        assert set(unfinished) == {"480", "499"}
        assert newest == [str(500 - n) for n in range(len(newest))], "the newest, without a hole"
        assert {*unfinished, *newest} <= {task.id for task in whole.tasks}
        assert whole.has_newest
        assert whole.has_unfinished


async def test_without_parts_the_first_batch_has_both():
    wire = ScriptedServer(history(500, {480}))
    first = await anext(wire.backend().snapshot())
    assert {"480", "500", "301"} <= {task.id for task in first.tasks}
    assert not first.is_part


async def test_all_statuses_are_asked_for_side_by_side_once_and_later_four_at_a_time():
    async with reading(ScriptedServer(history(30, {29}))) as one:
        await one.go()
        lists = [[path for path in asked if "status=" in path] for asked in one.asked]
        assert [len(some) for some in lists if some] == [9]
        again = asyncio.create_task(anext(one.backend.snapshot()))
        widths = []
        while not again.done():
            widths.append(len(await one.rounds.answer_round()))
        assert max(widths) == IN_FLIGHT


async def test_a_server_that_answers_slowly_is_asked_for_four_statuses_at_a_time(monkeypatch):
    monkeypatch.setattr(connection, "PROMPT", 0.0)
    async with reading(ScriptedServer(history(30, {29}))) as one:
        await one.go()
        assert max(len([path for path in asked if "status=" in path]) for asked in one.asked[2:]) <= IN_FLIGHT


async def test_a_server_that_is_too_busy_for_all_statuses_at_once_is_asked_for_few():
    wire, most = ScriptedServer(history(30, {29})), 4
    rounds: list[int] = []

    def override(request: httpx.Request) -> httpx.Response | None:
        # As a server with two processors does: LoadDetectFilter, PROTOCOL.md, section 4.
        rounds[-1] += 1
        busy = rounds[-1] >= most and request.url.path != "/versions"
        return httpx.Response(503, json={"message": "The server is too busy"}) if busy else None

    wire.override = override
    async with reading(wire) as one:
        while len(one.asked) < 30:
            rounds.append(0)
            one.asked.append(await one.rounds.answer_round())
        assert one.depth_of(*range(1, 31)) < 15
        assert max(rounds[6:]) < most, "not asked for too many again"
    await run_until_idle()
