"""The first rows come in parts: the unfinished as soon as they are there, the newest below them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from backend_adapters.simulator import HugeGraphSettings, hugegraph_app
from backend_adapters.transport.target import Target
from tests.support.faulty_hugegraph import FaultyHugeGraph
from tests.support.simulated_servers import serve_in_loop
from tests.ui.running_app import FrozenClock, run_app, wait_until
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.monitor.place_file import find_place_file
from tui.screens.tasks.screen import TasksScreen


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


async def start(url: str, *, cache: bool) -> None:
    """Start the program on a server, until it has read everything, and quit."""
    app = Graphtop(Target(url=url), ScreenOptions(interval=1.0, cache=cache))
    async with app.run_test() as pilot:
        screens = app.screen_stack
        await wait_until(
            pilot,
            lambda: any(
                isinstance(screen, TasksScreen) and screen.monitor and screen.monitor.health.scanned
                for screen in screens
            ),
            "the first scan",
        )
        await pilot.press("q")


async def test_a_server_is_known_at_the_next_start_unless_nothing_is_to_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    server = hugegraph_app(HugeGraphSettings(history=300, unfinished=3, specials=False, pace=0))
    highest = "ids=303&ids=302&"

    async def first_search(url: str, *, cache: bool) -> str:
        server.requests.clear()
        await start(url, cache=cache)
        return next(line for line in server.requests if "ids=" in line)

    async with serve_in_loop(server) as url:
        assert highest not in await first_search(url, cache=False)
        assert not find_place_file().exists()
        assert highest not in await first_search(url, cache=True)
        kept = find_place_file().read_text()
        assert "127.0.0.1" not in kept
        assert highest in await first_search(url, cache=True)
        assert highest not in await first_search(url, cache=False)
        assert find_place_file().read_text() == kept
