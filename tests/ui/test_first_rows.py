"""The first rows come in parts: the unfinished as soon as they are there, the newest below them."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from backend_adapters.simulator import HugeGraphSettings
from tests.support.faulty_hugegraph import FaultyHugeGraph
from tests.ui.running_app import FrozenClock, run_app


class SlowSearches(FaultyHugeGraph):
    """Answers no request for tasks by their ids until it is let."""

    def __init__(self, settings: HugeGraphSettings, clock: FrozenClock) -> None:
        super().__init__(settings, clock.now)
        self.let_go = asyncio.Event()

    async def answer_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if b"ids=" in scope["query_string"]:
            await self.let_go.wait()
        await super().answer_request(scope, receive, send)


async def test_the_unfinished_are_there_and_stay_while_the_newest_are_searched_for() -> None:
    clock = FrozenClock()
    server = SlowSearches(HugeGraphSettings(history=300, unfinished=30, specials=False, pace=0), clock)
    async with run_app(server=server, clock=clock, ready=False) as at:
        await at.until_seen("30 unfinished")
        await at.until_seen("─ ended · …")
        table = at.screen.parts.table.content_region
        lines = slice(table.y + 1, table.y + 12)
        before = at.lines()[lines]
        assert "waiting" in before[-2], "folded as they will be"
        assert "─ ended" in before[-1]
        server.let_go.set()
        await at.until(at.drawn, "all of them")
        after = at.lines()[lines]
        assert [line[:20] for line in after[:-1]] == [line[:20] for line in before[:-1]], "no row has moved"
        assert "─ ended · 300 " in after[-1]
