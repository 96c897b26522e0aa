"""Profiles for the pilots: read from a real file, but their servers are simulated ones in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace as changed
from urllib.parse import urlsplit

import httpx
from msgspec.structs import replace

from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from backend_adapters.transport.target import Target
from tests.support.faulty_hugegraph import FaultyHugeGraph
from tests.ui.running_app import FastClock, RunningApp
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.connection.profile_source import Destination
from tui.connection.profile_switcher import ProfileSwitcher
from tui.monitor.clock import Clock

STAGE_AND_PROD = """
[profiles.stage]
url = "http://stage:8080"
[profiles.prod]
url = "http://prod:8080"
production = true
"""
"""The text of a file, for `make_stages`."""


class StageProfiles(ProfileSwitcher):
    """The profiles of the file, with the servers that a test has by their hosts."""

    def __init__(self, servers: Mapping[str, FaultyHugeGraph], path: str = "") -> None:
        self.servers = servers
        self._path = path

    @property
    def path(self) -> str:
        return self._path or super().path

    async def open_profile(self, name: str, now: ScreenOptions) -> Destination:
        destination = await super().open_profile(name, now)
        return replace(destination, target=self._wired(destination.target))

    def parse_target(self, typed: str) -> Target:
        return self._wired(super().parse_target(typed))

    def make_demo_target(self) -> Target:
        server = FaultyHugeGraph(changed(DEMO_HUGEGRAPH, pace=0.0))
        return replace(super().make_demo_target(), demo=None, http=httpx.ASGITransport(server))

    def _wired(self, target: Target) -> Target:
        host = urlsplit(target.url).hostname or ""
        server = self.servers.get(host)

        def nobody(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("nobody is there", request=request)

        http = httpx.ASGITransport(server) if server is not None else httpx.MockTransport(nobody)
        return replace(target, http=http)


def make_stages() -> StageProfiles:
    """Two profiles, each with an empty server; that of prod has two graphs."""
    now = FastClock().now
    prod = changed(EMPTY_HUGEGRAPH, graphs=("hugegraph", "ledger"))
    return StageProfiles({"stage": FaultyHugeGraph(EMPTY_HUGEGRAPH, now), "prod": FaultyHugeGraph(prod, now)})


@asynccontextmanager
async def welcome(
    profile_source: StageProfiles,
    *,
    size: tuple[int, int] = (80, 24),
    options: ScreenOptions | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[RunningApp]:
    """Run the program with nothing to watch yet."""
    app = Graphtop(
        None,
        options or ScreenOptions(interval=1.0),
        clock=clock or FastClock(),
        profile_source=profile_source,
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield RunningApp(
            app, pilot, next(iter(profile_source.servers.values()), FaultyHugeGraph(DEMO_HUGEGRAPH))
        )
