"""A server whose tasks are heavy, or that answers late, or nothing: no more than it can bear."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import httpx
import pytest

from backend_adapters.backend import KnownTasks
from backend_adapters.errors import BackendError
from backend_adapters.hugegraph import responsiveness as answering
from backend_adapters.transport import request_context
from tests.adapters.failing_tasks import bad_rows, connected, listed, poison, read
from tests.adapters.scripted_servers import ScriptedServer, failure, record
from tests.support.faulty_proxy import INTERRUPTED, OUT_OF_MEMORY

HEAVY = 0.42
"""Seconds that a real 1.7.0 takes for a task with a result of 25 MB."""


class Heavy:
    """Lets finished tasks take time, and fails where more of them are listed at once than memory holds."""

    def __init__(self, wire: ScriptedServer, monkeypatch: pytest.MonkeyPatch, *, memory: int = 25) -> None:
        self.now = 0.0
        self.most = 0
        self.failed = 0
        self._wire = wire
        self._memory = memory
        clock = SimpleNamespace(perf_counter=lambda: self.now)
        for module in (request_context, answering):
            monkeypatch.setattr(module, "time", clock)
        wire.override = self._override

    def _override(self, request: httpx.Request) -> httpx.Response | None:
        ids = listed(self._wire, request)
        heavy = sum(self._wire.records[n]["task_status"] == "success" for n in ids)
        self.now += 0.003 + HEAVY * heavy
        self.most = max(self.most, heavy)
        if heavy <= self._memory:
            return None
        self.failed += 1
        return failure(400, "org.apache.hugegraph.HugeException", OUT_OF_MEMORY)


async def test_heavy_tasks_are_read_a_few_at_a_time_and_the_newest_soon(monkeypatch):
    wire = ScriptedServer(record(n) for n in range(1, 41))
    backend = await connected(wire)
    server = Heavy(wire, monkeypatch)
    batches = backend.snapshot()
    first = await anext(batches)
    assert "40" in {task.id for task in first.tasks}
    assert server.now < 5
    tasks = {task.id async for batch in batches for task in batch.tasks}
    assert tasks == {str(n) for n in range(1, 41)}
    assert server.failed == 0
    assert server.most <= 10
    assert server.now < 30


@pytest.mark.parametrize("count", [3, 12, 400, 1000])
async def test_heavy_or_not_no_request_holds_more_than_memory_does(count, monkeypatch):
    wire = ScriptedServer(record(n) for n in range(1, count + 1))
    backend = await connected(wire)
    server = Heavy(wire, monkeypatch, memory=12)
    _, tasks = await read(backend)
    assert len(tasks) == count
    assert server.failed == 0


@pytest.mark.parametrize("oldest", [40, 10, 1])
async def test_heavy_ones_that_are_old_are_read_a_few_at_a_time_though_the_newest_are_light(
    oldest, monkeypatch
):
    wire = ScriptedServer(record(n, "success" if n <= oldest else "failed") for n in range(1, 1001))
    backend = await connected(wire)
    server = Heavy(wire, monkeypatch)
    for _ in range(2):
        _, tasks = await read(backend)
        assert len(tasks) == 1000
    assert (server.failed, server.most <= 10) == (0, True)


async def test_heavy_ones_among_many_light_ones_are_met_too_many_at_once_only_once(monkeypatch):
    heavy = range(401, 441)
    wire = ScriptedServer(record(n, "success" if n in heavy else "failed") for n in range(1, 1001))
    backend = await connected(wire)
    server = Heavy(wire, monkeypatch)
    for _ in range(4):
        _, tasks = await read(backend)
        assert len(tasks) == 1000
    assert server.failed <= 1


async def test_of_light_tasks_as_many_as_ever_are_read_at_once(monkeypatch):
    wire = ScriptedServer(record(n) for n in range(1, 5001))
    backend = await connected(wire)
    monkeypatch.setattr(request_context, "time", SimpleNamespace(perf_counter=lambda: 0.0))
    mark = len(wire.requests)
    await read(backend)
    lists = [r.url.params for r in wire.requests[mark:] if "page" in r.url.params]
    pages = [params["limit"] for params in lists if "status" not in params]
    assert pages == ["10", "40", "160", *["400"] * 12]


async def test_a_poll_of_a_heavy_server_asks_for_few_of_the_next_ids(monkeypatch):
    wire = ScriptedServer(record(n) for n in range(1, 41))
    backend = await connected(wire)
    server = Heavy(wire, monkeypatch)
    await read(backend)
    wire.records |= {n: record(n) for n in range(41, 81)}
    server.most = 0
    changes = await backend.changes(KnownTasks([], "40"))
    assert {int(task.id) for task in changes.tasks} >= set(range(41, 81)) or changes.stale
    assert server.failed == 0
    assert server.most <= 10


@pytest.mark.parametrize(
    "answer",
    [
        lambda: failure(400, "org.apache.hugegraph.HugeException", OUT_OF_MEMORY),
        lambda: failure(500, "org.apache.hugegraph.HugeException", INTERRUPTED),
        lambda: httpx.Response(503, text="overloaded"),
        lambda: httpx.Response(502, html="<html>bad gateway</html>"),
    ],
)
async def test_a_server_that_answers_nothing_is_not_asked_again_and_again(
    answer: Callable[[], httpx.Response],
):
    wire = ScriptedServer(record(n) for n in range(1, 1001))
    backend = await connected(wire)
    await read(backend)
    wire.override = lambda request: answer() if request.url.path.endswith("/tasks") else None
    for ask in (
        lambda: backend.changes(KnownTasks(["3", "4"], "1000")),
        lambda: backend.look([str(n) for n in range(1, 301)]),
        lambda: read(backend),
    ):
        mark = len(wire.requests)
        with pytest.raises(BackendError) as caught:
            await ask()
        assert caught.value.retryable
        assert len(wire.requests) - mark <= 16


@pytest.mark.parametrize("code", [413, 500, 502, 503, 504])
async def test_a_list_that_is_too_long_for_whoever_stands_between_is_read_in_shorter_ones(code):
    wire = ScriptedServer(record(n) for n in range(1, 901))
    wire.override = lambda request: (
        httpx.Response(code, html="<html>no</html>") if len(listed(wire, request)) > 60 else None
    )
    backend = await connected(wire)
    batches, tasks = await read(backend)
    assert set(tasks) == {str(n) for n in range(1, 901)}
    assert bad_rows(tasks) == {}
    assert not any(batch.partial for batch in batches)


async def test_a_page_that_is_never_answered_is_asked_for_shorter_the_next_time():
    wire = ScriptedServer(record(n) for n in range(1, 3001))
    slow = 100

    def override(request: httpx.Request) -> httpx.Response | None:
        nonlocal busy
        if busy and request.url.path.endswith("/tasks"):
            raise httpx.ReadTimeout("busy")
        busy = len(listed(wire, request)) > slow
        if busy:
            raise httpx.ReadTimeout("too long")
        return None

    busy = False
    wire.override = override
    backend = await connected(wire)
    for _ in range(6):
        busy = False
        try:
            _, tasks = await read(backend)
        except BackendError:
            continue
        break
    assert len(tasks) == 3000


async def test_a_new_connection_to_the_graph_goes_on_with_what_is_known():
    wire = ScriptedServer(record(n) for n in range(1, 101))
    poison(wire, {50})
    backend = await connected(wire)
    await read(backend)
    before = backend._connection.client
    await backend.connect()
    assert backend._connection.client is not before
    assert 50 in backend._connection.client.unreadable
    assert backend._connection.client.batch is before.batch


async def test_a_hiccup_leaves_a_light_server_light(monkeypatch):
    wire = ScriptedServer(record(n) for n in range(1, 1001))
    backend = await connected(wire)
    now = 0.0
    monkeypatch.setattr(request_context, "time", SimpleNamespace(perf_counter=lambda: now))
    await read(backend)
    batch = backend._connection.client.batch
    assert batch.size == 400
    batch.note_answer(1, 0.35, 100)
    assert batch.size == 100
    batch.note_answer(60, 0.01, 1000)
    assert batch.size == 240


async def test_a_request_that_fails_leaves_the_way_free_for_the_next():
    wire = ScriptedServer(record(n) for n in range(1, 101))
    backend = await connected(wire)
    await read(backend)
    wire.override = lambda request: httpx.Response(503, text="overloaded")
    with pytest.raises(BackendError) as caught:
        await backend.look(["5", "6"], urgent=False)
    wire.override = lambda request: None
    assert not backend.is_busy
    assert len((await backend.look(["5", "6"], urgent=False)).tasks) == 2
    assert caught.value.code == 503
