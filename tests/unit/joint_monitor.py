"""The engine on several fake servers at once, and ears that keep the rows they are told of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from backend_adapters.model import Place, Source, Task
from tests.unit.fake_monitor import RecordingListener
from tests.unit.fakes import FakeBackend, FakeClock, FakeServer, run_until_idle
from tui.monitor.health import Health
from tui.monitor.monitor import Monitor
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


class JointEars(RecordingListener):
    """Keeps the tasks as changes tell of them, and all that is said besides."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, Task] = {}
        self.healths: list[Health] = []

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

    def health_changed(self, health: Health) -> None:
        self.healths.append(health)


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

    def find_task(self, key: str) -> Task:
        """The task with this key, which is shown."""
        found = self.monitor.tasks.find_task(key)
        assert found is not None
        return found

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
