"""Very many graphs of one server: what is the server's is asked once, and each graph takes few requests."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace as change
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from backend_adapters.backend import Backend, Batch, KnownTasks
from backend_adapters.errors import NoSuchGraph, NotLoggedIn, Unreachable
from backend_adapters.hugegraph.short_list import MANY_PLACES, SHORT_LIST
from backend_adapters.model import Task
from backend_adapters.registry import open_backend
from backend_adapters.simulator import EMPTY_HUGEGRAPH, hugegraph_app
from backend_adapters.simulator.hugegraph.graph_load import GraphLoad
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.request_budget import RequestBudget
from backend_adapters.transport.target import Target
from tests.adapters.scripted_servers import URL, ScriptedServer, failure, record
from tests.support.counted_server import CountedServer
from tests.support.patience import PATIENCE
from tests.support.simulated_servers import serve_in_loop
from tui.config.options import ScreenOptions
from tui.connection.profile_source import Destination
from tui.monitor.clock import Clock
from tui.monitor.listener import Listener
from tui.monitor_factory import MonitorFactory
from tui.screens.retired_monitors import RetiredMonitors

GRAPHS = tuple(f"graph_{number}" for number in range(30))
MANY = tuple(f"g{number}" for number in range(MANY_PLACES))
OPTIONS = ScreenOptions(cache=False, journal=False)


class ManyGraphs(ScriptedServer):
    """A server all of whose graphs have the same tasks."""

    def __init__(self, *records: dict[str, Any], graphs: tuple[str, ...] = MANY) -> None:
        super().__init__(records)
        self.graphs = list(graphs)
        self.target = Target(url=URL, http=httpx.MockTransport(self.answer_later), budget=RequestBudget())

    def backends(self, graphs: tuple[str, ...] = MANY) -> list[Backend]:
        return [open_backend(replace(self.target, dialect="hugegraph", graph=graph)) for graph in graphs]

    async def answer_later(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        return self(request)

    def count(self, path: str, mark: int = 0) -> int:
        return self.since(mark).count(f"GET {path}")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.rpartition("/")[0].endswith("/graphs"):
            return httpx.Response(200, json={"backend": self.store})
        return super()._answer(request)


async def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def read_batches(backend: Backend) -> list[Batch]:
    await backend.connect(then_snapshot=True)
    async with aclosing(backend.snapshot(in_parts=True)) as batches:
        return [batch async for batch in batches]


def tasks_of(batches: list[Batch]) -> dict[str, Task]:
    return {task.id: task for batch in batches for task in batch.tasks}


async def test_all_graphs_of_a_server_start_with_six_requests_each() -> None:
    # The interval is long: what is asked again after the start is not counted, however slow the machine is.
    loads = {name: GraphLoad(history=200, unfinished=3) for name in GRAPHS}
    server = CountedServer(hugegraph_app(change(EMPTY_HUGEGRAPH, pace=0, graphs=GRAPHS, loads=loads)))
    factory = MonitorFactory(Clock(), RetiredMonitors(lambda work: work), lambda text: None)
    async with serve_in_loop(server) as url:
        monitor = factory.watch_many(
            [Destination(Target(url=url), OPTIONS, graphs=("*",))], Listener(), interval=PATIENCE
        )
        monitor.start_watching()
        try:
            await wait_until(
                lambda: (
                    len(monitor.places) == len(GRAPHS)
                    and all(place.health.scanned and place.is_answering for place in monitor.places)
                )
            )
            # Reasons of failures are read one after the other as time goes by, however long this took.
            asked = [path for path in server.asked if not re.search(r"/tasks/\d+$", path)]
        finally:
            await monitor.aclose()
    assert len(asked) <= 6 * len(GRAPHS)
    assert asked.count("/versions") == 1
    assert asked.count("/graphspaces/DEFAULT/graphs") == 2, "by the places, and by who looks for graphs"
    assert len(monitor.tasks) >= 200 * len(GRAPHS)


async def test_a_short_list_is_all_that_is_asked_for_and_brings_the_same_as_a_graph_alone() -> None:
    wire = ManyGraphs(*(record(n, "running" if n == 7 else "success") for n in range(1, 301)))
    alone = ManyGraphs(*wire.records.values(), graphs=MANY[:1])
    expected = await read_batches(*alone.backends(MANY[:1]))
    backends = wire.backends()
    mark = len(wire.requests)
    (batch,) = await read_batches(backends[0])
    assert tasks_of([batch]) == tasks_of(expected)
    assert (batch.has_newest, batch.has_unfinished, batch.is_part) == (True, True, False)
    assert len(wire.since(mark)) == 2 + 1 + 4, "the server's two, the store, and four pages"
    mark = len(wire.requests)
    changes = await backends[0].changes(KnownTasks(("7",), "300"))
    assert ([task.id for task in changes.tasks], len(wire.since(mark))) == (["7"], 1)


@pytest.mark.parametrize("graphs", [MANY[:-1], ()])
async def test_few_graphs_begin_with_what_is_unfinished(graphs: tuple[str, ...]) -> None:
    wire = ManyGraphs(*(record(n) for n in range(1, 11)))
    backends = wire.backends(graphs) or [wire.backend(graph="g0")]
    await read_batches(backends[0])
    assert "status=RUNNING" in str(next(r.url for r in wire.requests if r.url.path.endswith("/tasks")))


async def test_of_a_long_list_each_page_is_read_once_and_first_comes_what_is_unfinished_and_new() -> None:
    wire = ManyGraphs(*(record(n, "running" if n == 3 else "success") for n in range(1, 2 * SHORT_LIST + 1)))
    backend, *_ = wire.backends()
    batches = await read_batches(backend)
    assert [task.id for task in batches[0].tasks] == ["3"]
    assert batches[0].is_part
    assert len(tasks_of(batches)) == 2 * SHORT_LIST
    pages = [str(r.url) for r in wire.requests if "page=" in str(r.url) and "status=" not in str(r.url)]
    assert len(pages) == len(set(pages)) == 6
    mark = len(wire.requests)
    await read_batches(backend)
    asked = [str(r.url) for r in wire.requests[mark:] if r.url.path.endswith("/tasks")]
    assert "status=" in asked[0], "it is known to be long by now"


async def test_a_list_that_breaks_is_read_like_that_of_a_graph_alone() -> None:
    wire = ManyGraphs(*(record(n) for n in range(1, 41)))
    words = "Failed to update/query TaskStore: task 20"

    def override(request: httpx.Request) -> httpx.Response | None:
        broken = any(row["id"] == 20 for row in wire.listed(request))
        return failure(400, "org.apache.hugegraph.HugeException", words) if broken else None

    wire.override = override
    batches = await read_batches(wire.backends()[0])
    assert len(tasks_of(batches)) == 40


async def test_a_server_that_came_back_as_another_version_is_asked_once_for_all() -> None:
    wire = ManyGraphs(record(1))
    backends = wire.backends()
    assert {(await one.connect()).version for one in backends} == {"1.7.0"}
    assert wire.count("/versions") == wire.count("/graphspaces/DEFAULT/graphs") == 1

    def cut(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    wire.override = cut
    for one in backends:
        with pytest.raises(Unreachable):
            await one.changes(KnownTasks((), "1"))
    wire.override, wire.version, mark = lambda request: None, "1.8.0", len(wire.requests)
    assert {(await one.connect()).version for one in backends} == {"1.8.0"}
    assert wire.count("/versions", mark) == wire.count("/graphspaces/DEFAULT/graphs", mark) == 1


async def test_a_graph_that_was_created_since_is_looked_for() -> None:
    wire = ManyGraphs(record(1), graphs=("g0",))
    first, new, gone = wire.backends(("g0", "new", "gone"))
    await first.connect()
    wire.graphs.append("new")
    await new.connect()
    assert new.source.graph == "new"
    with pytest.raises(NoSuchGraph, match="g0, new"):
        await gone.connect()
    assert wire.count("/versions") == 1


async def test_each_login_asks_for_itself_and_a_refused_one_is_refused_once() -> None:
    wire = ManyGraphs(record(1))
    wire.override = lambda request: (
        failure(401, "NotAuthorizedException", "no")
        if request.headers.get("Authorization") != "Bearer right"
        else None
    )
    right, wrong = (Credentials(token=lambda word=word: word) for word in ("right", "wrong"))
    targets = [
        replace(wire.target, dialect="hugegraph", graph="g1", credentials=login)
        for login in (right, right, wrong, wrong, wrong)
    ]
    backends = [open_backend(target) for target in targets]
    done = await asyncio.gather(*(one.connect() for one in backends), return_exceptions=True)
    assert [isinstance(one, NotLoggedIn) for one in done] == [False, False, True, True, True]
    logins = [r.headers["Authorization"] for r in wire.requests if r.url.path == "/versions"]
    assert logins.count("Bearer right") == 1
    assert logins.count("Bearer wrong") == 1
