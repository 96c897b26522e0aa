"""The whole program on several simulated servers, each on a socket of its own, and what each received."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import Struct
from textual.pilot import Pilot

from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphSettings
from backend_adapters.transport.target import Target
from tests.support.faulty_hugegraph import Fault, FaultyHugeGraph, Wrong
from tests.support.simulated_servers import serve_in_loop
from tests.ui.running_app import FastClock, RunningApp, make_other_client, submit_job
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.config.resolved import OriginKind, ValueOrigin
from tui.connection.profile_source import Destination
from tui.monitor.watched_place import WatchedPlace

BY_PROFILE = ValueOrigin(OriginKind.PROFILE, "profile")
USUAL = ScreenOptions(interval=1.0)
PRODUCTION = ScreenOptions(interval=1.0, production=True, production_origin=BY_PROFILE)
READ_ONLY = ScreenOptions(interval=1.0, read_only=True, read_only_origin=BY_PROFILE)
LONG = "Thread.sleep(3600000)"


class ActingPlace(Struct, frozen=True):
    """A profile with a server of its own."""

    profile: str
    options: ScreenOptions = USUAL
    settings: HugeGraphSettings = EMPTY_HUGEGRAPH


class ActingApp(RunningApp):
    """One running program, with several servers behind it."""

    def __init__(self, app: Graphtop, pilot: Pilot[None], servers: dict[str, FaultyHugeGraph]) -> None:
        super().__init__(app, pilot, next(iter(servers.values())))
        self.servers = servers

    def place(self, profile: str) -> WatchedPlace:
        """The place of a profile, as it is watched."""
        assert self.screen.monitor is not None
        return next(
            one
            for one in self.screen.monitor.places
            if one.place is not None and one.place.profile == profile
        )

    def key(self, profile: str, task_id: str) -> str:
        """What tells a task of a profile from all others."""
        place = self.place(profile).place
        assert place is not None
        return place.make_key(task_id)

    def point_at(self, profile: str, task_id: str) -> None:
        """Put the cursor on a task."""
        assert self.screen.parts.table.place_cursor(self.key(profile, task_id))

    async def start_tasks(self, number: int, *profiles: str, begun: int = 0) -> None:
        """Start so many long tasks at each of these servers, whose ids are then the same: 1, 2, 3 …

        So many as `begun` were started before, and still run.
        """
        for profile in profiles:
            for _ in range(number):
                await self.submit_at(profile, LONG)
        total = begun + number * len(profiles)
        assert self.screen.monitor is not None
        self.screen.monitor.poll_now()
        await self.until_seen(f"1 Active {total}")

    async def submit_at(self, profile: str, script: str) -> str:
        """Start a job at one of the servers, as somebody else would."""
        return await submit_job(make_other_client(self.servers[profile]), script)

    async def cancel_at(self, profile: str, task_id: str) -> None:
        """Cancel a task at one of the servers, as somebody else would."""
        client = make_other_client(self.servers[profile])
        await client.put(f"/graphs/hugegraph/tasks/{task_id}", params={"action": "cancel"})

    def received(self, profile: str) -> list[str]:
        """The ids of the tasks that a server was asked to cancel or to delete, in order, each as often."""
        changes = [
            line.split()[1]
            for line in self.servers[profile].requests
            if line.startswith(("PUT", "DELETE")) and "other=1" not in line
        ]
        return sorted(path.partition("?")[0].rpartition("/")[2] for path in changes)

    async def silence(self, profile: str) -> None:
        """Let a server answer nothing any more, and wait until the program knows."""
        self.servers[profile].faults.append(Fault(Wrong.LOST, times=1_000_000))
        place = self.place(profile)
        place.poller.poll_now()
        await self.until(lambda: place.health.error is not None, f"{profile} being silent")
        await self.pilot.pause()


@asynccontextmanager
async def run_acting_app(
    places: Iterable[ActingPlace],
    *,
    size: tuple[int, int] = (120, 36),
    options: ScreenOptions = USUAL,
    clock: FastClock | None = None,
) -> AsyncIterator[ActingApp]:
    """Run the program on a simulated server for each of the places until the block ends."""
    clock = clock or FastClock()
    servers: dict[str, FaultyHugeGraph] = {}
    async with AsyncExitStack() as stack:
        destinations = []
        for place in places:
            server = servers[place.profile] = FaultyHugeGraph(place.settings, clock.now)
            url = await stack.enter_async_context(serve_in_loop(server))
            destinations.append(Destination(Target(url=url, profile=place.profile), place.options))
        app = Graphtop(None, options, clock=clock, destinations=tuple(destinations))
        async with app.run_test(size=size, notifications=True) as pilot:
            at = ActingApp(app, pilot, servers)
            await at.until(at.drawn, "the first scan")
            yield at
