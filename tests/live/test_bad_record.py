"""A task that a real server fails over hides no other one: it is a row that says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest

from backend_adapters.hugegraph.unreadable_records import FIRST_RETRY_AFTER
from backend_adapters.model import TaskStatus
from tests.live.commands import Call
from tests.live.recorded_monitor import RecordedMonitor, record_monitor
from tests.live.seeded_tasks import QUICK, SLEEP, Jobs
from tests.live.server import HugeGraphServer
from tests.live.server_kinds import on
from tests.support.faulty_proxy import INTERRUPTED, OUT_OF_MEMORY, FaultyProxy
from tests.support.proxy_rules import Request
from tui.cli.exit_codes import OK, UNREACHABLE
from tui.monitor.health import Phase

both_rocksdb = on("rocksdb_17", "rocksdb_15")

FLAVOURS = ((500, INTERRUPTED), (400, OUT_OF_MEMORY))


class History(NamedTuple):
    """The tasks of the graph, by how they are."""

    ended: list[int]
    running: list[int]

    @property
    def all(self) -> set[int]:
        """The ids of all of them."""
        return {*self.ended, *self.running}


BAD: dict[str, Callable[[History], int]] = {
    "an old one": lambda history: history.ended[4],
    "the newest": lambda history: history.ended[-1],
    "one that runs": lambda history: history.running[0],
}
each_bad = pytest.mark.parametrize("which", BAD)


@pytest.fixture
def history(jobs: Jobs) -> History:
    """Thirty tasks that have ended, and among them two that run."""
    old = jobs.submit_many(20)
    running = [jobs.submit(SLEEP) for _ in range(2)]
    new = [jobs.submit(QUICK) for _ in range(10)]
    for number in new:
        jobs.wait(number, "success")
    for number in running:
        jobs.wait(number, "running")
    return History([*old, *new], running)


@pytest.fixture
def proxy(server: HugeGraphServer) -> Iterator[FaultyProxy]:
    """What stands before the server and does wrong."""
    with FaultyProxy(server.url) as running:
        yield running


@asynccontextmanager
async def live(server: HugeGraphServer, proxy: FaultyProxy) -> AsyncIterator[RecordedMonitor]:
    """The engine, once it has read everything."""
    async with record_monitor(server, url=proxy.url, interval=0.2) as watch:
        await watch.live()
        yield watch


def bad_rows(watch: RecordedMonitor) -> dict[int, str]:
    """The words of those that are shown as unreadable, by id."""
    tasks = watch.monitor.only.store.tasks.values()
    return {int(task.id): task.decode_error or "" for task in tasks if task.status is TaskStatus.UNREADABLE}


def lists(request: Request) -> bool:
    """Whether a request asks for a list."""
    return request.lists


def pass_time(watch: RecordedMonitor, seconds: float) -> None:
    """Let the adapter believe that so many seconds have passed since it met the bad record."""
    records = watch.backend._connection.client.unreadable
    before = records._now
    records._now = lambda: before() + seconds


@each_bad
@both_rocksdb
async def test_all_others_stand_and_it_is_read_again_once_it_can_be(
    server: HugeGraphServer, proxy: FaultyProxy, history: History, which: str
) -> None:
    bad = BAD[which](history)
    for code, words in FLAVOURS:
        proxy.poison([bad], code, words)
        async with live(server, proxy) as watch:
            await watch.until(lambda: set(watch.ids) == history.all)
            (told,) = bad_rows(watch).items()
            assert told[0] == bad
            assert words.rpartition(": ")[2] in told[1]
            for number in history.all - {bad}:
                assert watch.word(number) == ("running" if number in history.running else "success")

            proxy.forget()
            for _ in range(3):
                await watch.polled()
            assert watch.health.phase is Phase.LIVE
            assert any(history.running[1] in request.ids for request in proxy.log)
            assert not any(bad in request.ids for request in proxy.log), "it is left out of polls"
            assert set(watch.ids) == history.all

            pass_time(watch, FIRST_RETRY_AFTER + 1)
            await asyncio.to_thread(proxy.wait, 1, lambda request: bad in request.ids)
            # It is asked for beside the polls, and what came of it is noted later than the request is seen.
            await watch.until(lambda: watch.backend._connection.client.unreadable.next_due_id() is None)
            for _ in range(2):
                await watch.polled()
            alone = [request for request in proxy.log if bad in request.ids]
            assert {request.ids for request in alone} == {frozenset([bad])}, "it is tried again, alone"
            assert list(bad_rows(watch)) == [bad]

            proxy.heal()
            pass_time(watch, 2 * FIRST_RETRY_AFTER + 1)
            await watch.shows(bad, "running" if which == "one that runs" else "success")
            assert bad_rows(watch) == {}


@both_rocksdb
async def test_what_begins_while_a_record_is_bad_is_shown(
    server: HugeGraphServer, jobs: Jobs, proxy: FaultyProxy, history: History
) -> None:
    proxy.poison([history.ended[-1]])
    async with live(server, proxy) as watch:
        new = await asyncio.to_thread(jobs.submit, QUICK)
        await watch.shows(new, "success")
        proxy.poison([new])
        newer = await asyncio.to_thread(jobs.submit, QUICK)
        await watch.shows(newer, "success")
        assert set(watch.ids) == {*history.all, new, newer}
        assert watch.health.phase is Phase.LIVE


@both_rocksdb
async def test_answers_that_are_cut_or_late_cost_no_row(
    server: HugeGraphServer, proxy: FaultyProxy, history: History
) -> None:
    proxy.cut(lambda request: request.lists and "page=" in request.query, times=1)
    proxy.delay(lists, 0.3, times=5)
    async with live(server, proxy) as watch:
        await watch.until(lambda: set(watch.ids) == history.all)
        for _ in range(3):
            proxy.cut(lists, times=1)
            await watch.polled()
        assert watch.health.phase is Phase.LIVE
        assert not any(health.error for health in watch.healths)
        assert bad_rows(watch) == {}


@both_rocksdb
async def test_lists_that_are_too_long_for_a_gateway_are_read_in_shorter_ones(
    server: HugeGraphServer, proxy: FaultyProxy, history: History
) -> None:
    proxy.shorten(7)
    async with live(server, proxy) as watch:
        await watch.until(lambda: set(watch.ids) == history.all)
        assert bad_rows(watch) == {}
        for _ in range(3):
            await watch.polled()
        assert watch.health.phase is Phase.LIVE
        assert not any(health.error for health in watch.healths)


@each_bad
@both_rocksdb
def test_the_commands_tell_which_one_and_go_on(
    server: HugeGraphServer, proxy: FaultyProxy, history: History, call: Call, which: str
) -> None:
    bad = BAD[which](history)
    proxy.poison([bad])
    done = call(server, "ls", "--limit", "0", "-o", "json", url=proxy.url)
    assert done.returncode == OK, done.stderr
    rows = {int(row["id"]): row["status"] for row in json.loads(done.stdout)}
    assert set(rows) == history.all
    assert [number for number, status in rows.items() if status == "unreadable"] == [bad]
    assert f"1 task can't be read: {bad} (" in done.stderr
    assert "InterruptedException" in done.stderr
    for command in (["get"], ["wait", "--timeout", "60s"], ["cancel", "--yes"]):
        done = call(server, *command, str(bad), url=proxy.url)
        assert done.returncode == UNREACHABLE, f"{command}: {done.stdout}{done.stderr}"
    assert proxy.count("PUT") == 0, "nothing is sent for what can't be read"
