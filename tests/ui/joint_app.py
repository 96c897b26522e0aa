"""The program on several places at once: a made-up company whose time stands still, or simulated servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from msgspec.structs import replace as alter
from textual.pilot import Pilot

from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphApp, HugeGraphSettings, hugegraph_app
from backend_adapters.simulator.company_urls import CLOUD_URL
from backend_adapters.simulator.demo_company import make_company_transports
from backend_adapters.simulator.ges import COMPANY_GES, ges_app
from backend_adapters.simulator.hugegraph.graphs_api import CONFIRM_DROP
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from screenshots.cells import PictureApp
from tests.ui.running_app import (
    NO_PROBLEMS,
    NOON,
    FastClock,
    FrozenClock,
    RunningApp,
    make_other_client,
    submit_job,
)
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.connection.demo import make_company_targets
from tui.connection.profile_source import Destination
from tui.monitor.clock import Clock
from tui.monitor.monitor import Monitor

LIVED = 26_000
"""Milliseconds that the company has lived when a picture is made of it: something runs, waits and fails."""


def make_company(clock: Clock, options: ScreenOptions, *, seed: int = 7) -> tuple[Destination, ...]:
    """All places of the company, whose servers began a moment ago by this clock and live by it."""
    is_born = False

    def now() -> int:
        return clock.now() if is_born else clock.now() - LIVED

    servers = dict(make_company_transports(seed, now))
    cloud = ges_app(replace(COMPANY_GES, seed=seed), now)
    servers[CLOUD_URL] = httpx.ASGITransport(cloud)
    is_born = True
    return tuple(
        Destination(_connect(place.target, servers, clock), alter(options, production=place.production))
        for place in make_company_targets(seed)
    )


def _connect(target: Target, servers: Mapping[str, httpx.AsyncBaseTransport], clock: Clock) -> Target:
    """The target on a server of this company, logged in where it asks for that."""
    found = alter(target, demo=None, http=servers[target.url], now=lambda: clock.now() / 1000)
    if target.dialect != "ges":
        return found
    # Signatures are made by the machine's own clock.
    login = Credentials(token=lambda: COMPANY_GES.tokens[0])
    return alter(found, credentials=login, project=COMPANY_GES.project)


def company_app(**options: object) -> PictureApp:
    """The program on the whole company, whose time stands still."""
    clock, chosen = FrozenClock(NOON), ScreenOptions(**{"findings": NO_PROBLEMS, **options})  # type: ignore[arg-type]
    return PictureApp(None, chosen, clock=clock, destinations=make_company(clock, chosen))


class ServerLine(httpx.AsyncBaseTransport):
    """The way to a simulated server, which a test can cut; what is asked meanwhile is refused at once.

    While `is_open` is not set, requests wait.
    """

    def __init__(self, server: HugeGraphApp) -> None:
        self.server = server
        self.is_cut = False
        self.is_open = asyncio.Event()
        self.is_open.set()
        self._way = httpx.ASGITransport(server)
        self._other = make_other_client(server)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_cut:
            raise httpx.ConnectError("All connection attempts failed", request=request)
        await self.is_open.wait()
        return await self._way.handle_async_request(request)

    async def create_graph(self, name: str) -> None:
        """Create a graph as somebody else would, before 1.7."""
        answer = await self._other.post(f"/graphs/{name}", content=f"store={name}")
        assert answer.status_code == 200, answer.text

    async def drop_graph(self, name: str) -> None:
        """Drop a graph as somebody else would."""
        answer = await self._other.delete(f"/graphs/{name}", params={"confirm_message": CONFIRM_DROP})
        assert answer.status_code == 204, answer.text

    async def submit(self, script: str, graph: str = "hugegraph") -> str:
        """Start a job as somebody else would."""
        return await submit_job(self._other, script, graph)


class JointApp(RunningApp):
    """The program on several places, of which a test has the servers by their profiles."""

    def __init__(self, app: Graphtop, pilot: Pilot[None], lines: Mapping[str, ServerLine]) -> None:
        first = next((line.server for line in lines.values()), None)
        super().__init__(app, pilot, first)  # type: ignore[arg-type]
        self.lines_to = lines

    @property
    def monitor(self) -> Monitor:
        """What watches the places that are shown."""
        assert self.screen.monitor is not None
        return self.screen.monitor

    def rows_of(self, words: str) -> list[str]:
        """The lines of the table that contain these words."""
        table = self.screen.parts.table.content_region
        return [line for line in self.lines()[table.y + 1 : table.bottom] if words in line]


@asynccontextmanager
async def run_places(
    *names: str,
    settings: Mapping[str, HugeGraphSettings] | None = None,
    size: tuple[int, int] = (120, 36),
    graphs: tuple[str, ...] = (),
    production: tuple[str, ...] = (),
    clock: Clock | None = None,
    cut: tuple[str, ...] = (),
    held: tuple[str, ...] = (),
    ready: bool = True,
    rows_folder: Path | None = None,
    **options: object,
) -> AsyncIterator[JointApp]:
    """Run the program on places named `prod:hugegraph`: each profile is a server, empty or as in `settings`.

    With `graphs` each profile stands for those of its server that fit. The servers of `cut` can't be reached,
    those of `held` answer nothing yet. Last known rows are in `rows_folder`, where one is given.
    """
    clock = clock or FastClock()
    chosen = ScreenOptions(**{"interval": 1.0, **options})  # type: ignore[arg-type]
    lines: dict[str, ServerLine] = {}
    found = []
    for name in names:
        profile, _, graph = name.partition(":")
        if profile not in lines:
            its = (settings or {}).get(profile, EMPTY_HUGEGRAPH)
            lines[profile] = ServerLine(hugegraph_app(its, clock.now))
            lines[profile].is_cut = profile in cut
            if profile in held:
                lines[profile].is_open.clear()
        target = Target(
            url=f"http://{profile}:8080", profile=profile, graph=graph or None, http=lines[profile]
        )
        own = alter(chosen, production=profile in production)
        found.append(Destination(target, own, graphs=graphs))
    app = Graphtop(None, chosen, clock=clock, destinations=tuple(found), rows_folder=rows_folder)
    async with app.run_test(size=size, notifications=True) as pilot:
        staged = JointApp(app, pilot, lines)
        if ready:
            await staged.until(staged.drawn, "the first scan of all")
        yield staged
