"""A detail that nobody waits for any more: its request is ended, as the server sees it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.simulator import EMPTY_HUGEGRAPH, hugegraph_app
from backend_adapters.transport.target import Target
from tests.support.patience import PATIENCE
from tests.support.simulated_servers import serve_in_loop
from tui.monitor.details import Details

SIZE = 60_000_000


class Counted:
    """An app, and how much of each detail it has sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.sent: list[int] = []
        self.under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope.get("path", "").endswith("/tasks/1"):
            await self._app(scope, receive, send)
            return
        number = len(self.sent)
        self.sent.append(0)

        async def counting(message: Message) -> None:
            self.sent[number] += len(message.get("body", b""))
            await send(message)

        self.under_way += 1
        try:
            await self._app(scope, receive, counting)
        finally:
            self.under_way -= 1


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Counted, HugeGraphBackend]]:
    """A server on a socket whose one task has a long result, and an adapter to it."""
    app = Counted(hugegraph_app(replace(EMPTY_HUGEGRAPH, huge=SIZE)))
    async with serve_in_loop(app) as url:
        backend = HugeGraphBackend(Target(url=url))
        await backend.connect()
        try:
            yield app, backend
        finally:
            await backend.aclose()


async def until(check: Callable[[], bool]) -> None:
    """Wait for the end of a request."""
    end = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < end, "it never came to its end"
        await asyncio.sleep(0.01)


async def test_of_details_that_are_wished_one_after_the_other_only_the_last_is_sent_whole() -> None:
    async with served() as (app, backend):
        details, done = Details(backend, cap=2 * SIZE), asyncio.Event()
        for _ in range(4):
            begun = asyncio.Event()
            details.fetch_detail(
                "1",
                done=lambda detail: done.set(),
                failed=lambda error: None,
                progress=lambda received, begun=begun: begun.set(),
            )
            await begun.wait()
        await asyncio.wait_for(done.wait(), PATIENCE)
        await until(lambda: app.under_way == 0)
        assert len(app.sent) == 4
        assert all(sent < SIZE / 2 for sent in app.sent[:3]), "they were ended on the way"
        assert app.sent[3] > SIZE


async def test_a_detail_that_is_dropped_ends_on_the_server_too() -> None:
    async with served() as (app, backend):
        details, begun, said = Details(backend, cap=2 * SIZE), asyncio.Event(), []
        details.fetch_detail("1", done=said.append, failed=said.append, progress=lambda received: begun.set())
        await begun.wait()
        details.drop_fetch()
        await until(lambda: app.under_way == 0)
        assert app.sent[0] < SIZE / 2
        assert said == []


async def test_a_stream_that_is_left_ends_on_the_server_too() -> None:
    async with served() as (app, backend):
        pieces = backend.stream("1", "result")
        await anext(pieces)
        await pieces.aclose()
        await until(lambda: app.under_way == 0)
        assert app.sent[0] < SIZE / 2


async def test_what_is_cut_at_the_cap_is_not_sent_to_its_end() -> None:
    async with served() as (app, backend):
        detail = await backend.detail("1", cap=1_000_000)
        assert (detail.truncated, len(detail.raw)) == (True, 1_000_000)
        await until(lambda: app.under_way == 0)
        assert app.sent[0] < SIZE / 2
