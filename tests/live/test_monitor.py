"""The engine on every kind of real server: what it shows, and what that costs."""

from __future__ import annotations

import asyncio
import json
import time
from statistics import median
from typing import Any

import httpx
import pytest

from backend_adapters.model import Action, TaskStatus, change_task
from tests.live.figures import Figures
from tests.live.recorded_monitor import RecordedMonitor, record_monitor, ticking
from tests.live.seeded_tasks import BIG, BOOM, QUICK, SLEEP, Jobs
from tests.live.server import HugeGraphServer
from tests.live.server_kinds import KINDS, kind_of, on
from tui.monitor import poller
from tui.monitor.health import Phase
from tui.monitor.outcomes import Outcome

both_rocksdb = on("rocksdb_17", "rocksdb_15")


async def quiet_poll(watch: RecordedMonitor) -> tuple[int, int]:
    """What a poll costs when nothing happens: requests and bytes of answers, the median of five."""
    transport, costs = watch.backend.transport, []
    for _ in range(5):
        before = (transport.request_count, transport.received_bytes)
        await watch.polled()
        costs.append((transport.request_count - before[0], transport.received_bytes - before[1]))
    # One poll in ten also looks at the newest task; a median does not see it.
    return int(median(cost[0] for cost in costs)), int(median(cost[1] for cost in costs))


@on(*KINDS)
async def test_a_server_is_watched_and_acted_on(
    server: HugeGraphServer, jobs: Jobs, figures: Figures
) -> None:
    kind = kind_of(server)
    figures.note(kind, "start-up s", f"{server.started_in:.1f}")
    done = [await asyncio.to_thread(jobs.submit, QUICK) for _ in range(10)]
    running = await asyncio.to_thread(jobs.submit, SLEEP)
    for task in (done[-1], running):
        await asyncio.to_thread(jobs.wait, task, "success", "running")

    async with record_monitor(server) as watch:
        await watch.live()
        first = min(when for _, when in watch.born.values()) - watch.started
        last = max(when for _, when in watch.born.values()) - watch.started
        figures.note(kind, "first rows ms", f"{first * 1000:.0f}")
        figures.note(kind, "all rows ms", f"{last * 1000:.0f}")
        assert watch.ids == [running, *reversed(done)]
        assert (watch.word(running), watch.word(done[0])) == ("running", "success")
        assert (watch.health.info.version, watch.health.note) == (server.spec.version, "")

        polls, began = watch.polls, time.monotonic()
        new = await asyncio.to_thread(jobs.submit, QUICK)
        polls_then = watch.polls
        await watch.shows(new, "success")
        seen, when = watch.born[str(new)]
        # A poll that was under way when the task was made may have missed it, the next one may not.
        assert polls <= seen <= polls_then + 1
        figures.note(kind, "new task ms", f"{(when - began) * 1000:.0f}")

        cancel = await watch.act_on(Action.CANCEL, running)
        assert (cancel.outcome, cancel.last.status) == (Outcome.CANCELLED, TaskStatus.CANCELLED)
        assert (await asyncio.to_thread(jobs.get, running))["task_status"] == "cancelled"
        assert watch.word(running) == "cancelled"
        delete = await watch.act_on(Action.DELETE, running)
        # Where every delete is answered with 400, no answer tells whose request it was.
        gone = Outcome.GONE_MEANWHILE if server.spec.scheduler == "distributed" else Outcome.DELETED
        assert (delete.outcome, delete.last) == (gone, None)
        assert await asyncio.to_thread(jobs.get, running) is None
        assert watch.word(running) == "gone"
        code = 400 if server.spec.scheduler == "distributed" else None
        assert (cancel.code, delete.code) == (code or 202, code or 204)
        figures.note(kind, "cancel ms", f"{cancel.elapsed * 1000:.0f}")
        figures.note(kind, "delete ms", f"{delete.elapsed * 1000:.0f}")

    async with record_monitor(server, interval=60) as watch:
        await watch.live()
        cost = await quiet_poll(watch)
        assert cost == (1, len('{"tasks":[]}'))
        figures.note(kind, "quiet poll", f"{cost[0]} req {cost[1]} B")


@both_rocksdb
async def test_a_failure_shows_its_exception(server: HugeGraphServer, jobs: Jobs) -> None:
    async with record_monitor(server) as watch:
        await watch.live()
        task = await watch.shows(await asyncio.to_thread(jobs.submit, BOOM), "failed")
        detail = await watch.monitor.only.details.read_detail(task.id)
        assert detail.task == change_task(task, reason=None)
        assert b"Exception: boom" in detail.result.splitlines()[0]
        assert json.loads(detail.input)["gremlin"] == BOOM
        assert json.loads(detail.raw)["id"] == int(task.id)

        watch.monitor.only.headlines.set_wanted([task])
        await watch.until(lambda: watch.monitor.only.store.tasks[task.id].reason)
        assert "boom" in watch.monitor.only.store.tasks[task.id].reason


@both_rocksdb
async def test_a_released_server_is_asked_to_leave_a_result_out_once(
    server: HugeGraphServer, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No release does so, or has a path for results alone: graphtop finds it out, and lets it be."""
    asked: list[str] = []
    send = httpx.AsyncClient.send

    async def note(http: httpx.AsyncClient, request: httpx.Request, **how: Any) -> httpx.Response:
        asked.append(request.url.raw_path.decode().partition("/tasks")[2])
        return await send(http, request, **how)

    task = str(await asyncio.to_thread(jobs.submit, QUICK))
    await asyncio.to_thread(jobs.wait, int(task), "success")
    async with record_monitor(server) as watch:
        await watch.live()
        monkeypatch.setattr(httpx.AsyncClient, "send", note)
        for _ in range(2):
            detail = await watch.backend.detail(task, cap=100_000, result=False)
            assert (detail.result, detail.result_left_out) == (b"1", False)
            assert [piece async for piece in watch.backend.stream(task, "result")] == [b"1"]
    of_it = [line for line in asked if line.startswith(f"/{task}")]
    assert of_it == [f"/{task}?with_result=false", f"/{task}/result", f"/{task}", f"/{task}", f"/{task}"]


@both_rocksdb
async def test_a_detail_of_25_mb_arrives_whole_and_leaves_the_loop_free(
    server: HugeGraphServer, jobs: Jobs, figures: Figures
) -> None:
    async with record_monitor(server, interval=1) as watch:
        await watch.live()
        task = await watch.shows(await asyncio.to_thread(jobs.submit, BIG), "success")
        received: list[int] = []
        began = time.monotonic()
        async with ticking() as ticker:
            detail = await watch.monitor.only.details.read_detail(task.id, received.append)
        took = time.monotonic() - began
        assert detail.size == len(detail.raw) == received[-1] > 20_000_000
        assert received == sorted(received)
        assert not detail.truncated
        assert detail.result.startswith(b"[")
        assert detail.result.endswith(b"]")
        assert b'"vertex number 300000"' in detail.result.replace(b'\\"', b'"')
        stall = f"{ticker.busiest * 1000:.0f}/{ticker.longest * 1000:.0f}"
        figures.note(kind_of(server), "25 MB detail", f"{took:.1f} s {stall}")
        assert watch.health.phase is Phase.LIVE


@both_rocksdb
async def test_tasks_that_others_deleted_vanish(
    server: HugeGraphServer, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "VISIBLE_EVERY", 0.5)
    ids = [await asyncio.to_thread(jobs.submit, QUICK) for _ in range(30)]
    await asyncio.to_thread(jobs.wait, ids[-1], "success")
    async with record_monitor(server) as watch:
        await watch.live()
        # A list of the unfinished can be old, and each poll looks at what is unfinished.
        await watch.until(lambda: all(watch.word(number) == "success" for number in ids))
        watch.screen = [str(ids[4])]
        for gone in (ids[4], ids[7]):
            assert (await asyncio.to_thread(jobs.delete, gone)).status_code == 204
        await watch.until(lambda: watch.word(ids[4]) == "gone")
        # What is not on the screen is found missing by the next full scan.
        assert watch.word(ids[7]) == "success"
        watch.monitor.only.poller.refresh_all()
        await watch.until(lambda: watch.word(ids[7]) == "gone")
        assert watch.ids == [number for number in reversed(ids) if number not in (ids[4], ids[7])]


@both_rocksdb
async def test_a_switch_to_another_graph_shows_its_tasks(server: HugeGraphServer, jobs: Jobs) -> None:
    first = await asyncio.to_thread(jobs.submit, QUICK)
    with Jobs(server, "second") as other:
        try:
            ids = [await asyncio.to_thread(other.submit, BOOM) for _ in range(first + 2)]
            async with record_monitor(server) as watch:
                await watch.live()
                assert watch.ids == [first]
                scopes = await watch.monitor.only.backend.scopes()
            assert {scope.graph for scope in scopes} == set(server.spec.graphs)
            second = next(scope for scope in scopes if scope.graph == "second")
            async with record_monitor(server, second.graph, graphspace=second.graphspace) as watch:
                await watch.live()
                assert watch.ids == ids[::-1]
                await watch.until(lambda: {watch.word(task) for task in ids} == {"failed"})
                assert watch.backend.source.graph == "second"
        finally:
            await asyncio.to_thread(other.clear)
