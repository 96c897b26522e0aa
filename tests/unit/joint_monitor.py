"""The engine on several fake servers at once, and ears that keep the rows they are told of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from backend_adapters.model import Place, Source, Task
from tests.unit.fakes import FakeBackend, FakeClock, FakeServer, run_until_idle
from tui.monitor.health import Health
from tui.monitor.listener import Listener
from tui.monitor.monitor import Monitor
from tui.monitor.outcomes import Report
from tui.monitor.store import Change
from tui.monitor.watched_place import PlaceConnection, WatchedPlace


class FakeGraph(FakeBackend):
    """A fake server that knows what it is called."""

    def __init__(
        self, clock: FakeClock, place: Place, rows: Sequence[Task], server: FakeServer | None
    ) -> None:
        super().__init__(clock, rows, server)
        self.told = Source(
            profile=place.profile,
            url=f"http://{place.profile}",
            dialect=place.dialect,
            graph=place.graph,
            graphspace=place.graphspace,
        )

    @property
    def source(self) -> Source:
        return self.told


class JointEars(Listener):
    """Keeps the tasks as changes tell of them, and all that is said besides."""

    def __init__(self) -> None:
        self.monitor: Monitor
        self.rows: dict[str, Task] = {}
        self.told: list[str] = []
        self.healths: list[Health] = []
        self.reports: list[Report] = []
        self.ended: list[list[Report]] = []
        self.broken: list[BaseException] = []
        self.on_screen: tuple[str, ...] = ()

    def rows_changed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.old is not None:
                assert self.rows.pop(change.old.key) is change.old, "an old task that nobody was told of"
            if change.new is not None:
                assert change.new.key not in self.rows, "a task that was told of already"
                self.rows[change.new.key] = change.new
        assert {task.key: task for task in self.monitor.tasks.list_tasks()} == self.rows
        assert {task.key for task in self.monitor.view} <= self.rows.keys()
        self.told.append("rows")

    def shape_changed(self) -> None:
        self.told.append("shape")

    def health_changed(self, health: Health) -> None:
        self.healths.append(health)

    def operation_ended(self, report: Report) -> None:
        self.reports.append(report)

    def batch_ended(self, reports: Sequence[Report]) -> None:
        assert all(report in self.reports for report in reports), "each was told before"
        self.ended.append(list(reports))

    def ids_on_screen(self) -> Sequence[str]:
        return self.on_screen

    def on_internal_error(self, error: BaseException) -> None:
        self.broken.append(error)


class JointMonitor:
    """A monitor of several places, each on a fake server of its own."""

    def __init__(self, interval: float) -> None:
        self.clock = FakeClock()
        self.ears = JointEars()
        self.backends: dict[int, FakeGraph] = {}
        self.monitor = self.ears.monitor = Monitor(
            [], listener=self.ears, clock=self.clock, interval=interval
        )

    def connect(self, name: str, *rows: Task, server: FakeServer | None = None, **more) -> PlaceConnection:
        """The way to a new place: `prod:DEFAULT/social`, with these tasks."""
        profile, _, graph = name.partition(":")
        space, slash, graph = graph.rpartition("/")
        place = Place(
            number=len(self.backends) + 1,
            profile=profile,
            dialect="hugegraph",
            graph=graph,
            graphspace=space if slash else None,
        )
        backend = self.backends[place.number] = FakeGraph(self.clock, place, rows, server)
        return PlaceConnection(backend=backend, place=place, **more)

    def add(self, name: str, *rows: Task, **more) -> WatchedPlace:
        """Watch one more place."""
        return self.monitor.add_place(self.connect(name, *rows, **more))

    async def start(self) -> None:
        self.monitor.start_watching()
        await run_until_idle()

    def backend(self, watched: WatchedPlace) -> FakeGraph:
        assert watched.place is not None
        return self.backends[watched.place.number]

    def keys(self) -> str:
        """The keys of the rows, from the top."""
        return " ".join(task.key for task in self.monitor.view)

    def labels(self) -> list[str]:
        return [one.place.label for one in self.monitor.places if one.place is not None]


@asynccontextmanager
async def run_joint_monitor(interval: float = 2.0) -> AsyncIterator[JointMonitor]:
    """A monitor without places yet; nothing is left running, and every connection is closed, at the end."""
    rig = JointMonitor(interval)
    yield rig
    await rig.clock.wait_for(rig.monitor.aclose())
    assert rig.ears.broken == []
    assert all(backend.closed for backend in rig.backends.values())
    assert len(asyncio.all_tasks()) == 1, "something was left running"
