"""A large result comes to a person who asks for it, whatever the background asks for."""

from __future__ import annotations

import asyncio

from tests.heavy.large_results import TASKS, each_version, heavy, out_of_memory
from tests.live.commands import Process, Start
from tests.live.recorded_monitor import record_monitor
from tests.live.seeded_tasks import Jobs
from tests.live.server import HugeGraphServer
from tests.support.faulty_proxy import FaultyProxy
from tests.support.patience import PATIENCE
from tests.support.proxy_rules import Held
from tui.cli.exit_codes import OK

LARGE = 20_000_000
"""Bytes that each result has at the least."""


async def waits(held: Held) -> None:
    """Wait until a request is held back."""
    assert await asyncio.to_thread(held.holding.wait, PATIENCE), "nothing came"


async def output(process: Process) -> bytes:
    """What a command prints, once it has ended well."""
    out, err = await asyncio.to_thread(process.communicate, None, PATIENCE)
    assert process.returncode == OK, err.decode()
    return out


@each_version
async def test_a_result_is_read_while_lists_are_under_way(
    server: HugeGraphServer, proxy: FaultyProxy
) -> None:
    scan = proxy.hold(heavy)
    async with record_monitor(server, url=proxy.url) as watch:
        await waits(scan)
        first = await watch.monitor.only.details.read_detail(str(TASKS))
        assert not scan.free
        scan.let_go()
        await watch.live()
        poll = proxy.hold(lambda request: request.lists)
        watch.monitor.only.poller.poll_now()
        await waits(poll)
        second = await watch.monitor.only.details.read_detail("1")
        assert not poll.free
        poll.let_go()
        await watch.polled()
    for detail in (first, second):
        assert detail.size > LARGE
        assert not detail.truncated
        assert detail.result.endswith(b"]")
    assert out_of_memory(server) == 0


@each_version
async def test_a_result_is_saved_whole_while_lists_are_under_way(
    server: HugeGraphServer, proxy: FaultyProxy, start: Start
) -> None:
    with Jobs(server) as jobs:
        task = await asyncio.to_thread(jobs.get, TASKS // 2)
    async with record_monitor(server, url=proxy.url, interval=0.2) as watch:
        await watch.until(lambda: watch.ids)
        # The scan goes on meanwhile.
        saved = await output(start(server, "result", str(TASKS // 2), url=proxy.url))
        assert saved.decode() == task["task_result"]
        assert len(saved) > LARGE
        await watch.live()
        poll = proxy.hold(lambda request: request.lists)
        await waits(poll)
        again = await output(start(server, "result", str(TASKS // 2), url=proxy.url))
        assert not poll.free
        poll.let_go()
        assert again == saved
        await watch.polled()
    assert out_of_memory(server) == 0
