"""The engine on a real server, with all that it tells written down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.model import Action, Task, TaskId
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.live.server import HugeGraphServer
from tests.support.one_place import watch_one
from tests.support.patience import PATIENCE
from tui.monitor.health import Health, Phase
from tui.monitor.id_order import natural_key
from tui.monitor.listener import Listener
from tui.monitor.outcomes import Report
from tui.monitor.store import Change
from tui.monitor.unreadable import tab_status


def target_of(server: HugeGraphServer, graph: str | None = None, **options: object) -> Target:
    """The target of a server, with the right login."""
    login = Credentials()
    if server.auth is not None:
        user, password = server.auth
        login = Credentials(user, lambda: password)
    return Target(**{"url": server.url, "graph": graph, "credentials": login} | options)


class Backend(HugeGraphBackend):
    """The adapter; notes what it was asked to do to tasks, and can be held back just before it asks."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.sent: list[tuple[Action, TaskId]] = []
        self.hold: Callable[[], object] | None = None
        """Called in a thread before an action is sent."""

    async def act(self, action, task_id):
        if self.hold is not None:
            await asyncio.to_thread(self.hold)
        self.sent.append((action, task_id))
        return await super().act(action, task_id)


class RecordedMonitor(Listener):
    """A monitor on a server; itself the listener."""

    def __init__(self, target: Target, interval: float) -> None:
        self.healths: list[Health] = []
        self.reports: list[Report] = []
        self.faults: list[BaseException] = []
        self.screen: Sequence[TaskId] = ()
        """The ids that are on the screen."""
        self.height = 0
        """Rows that the screen shows from the top, where `screen` names none."""
        self.born: dict[TaskId, tuple[int, float]] = {}
        """For each task that appeared: the polls that were complete by then, and when (monotonic)."""
        self.times_born: dict[TaskId, int] = {}
        self.polls = 0
        """Complete polls so far."""
        self.backend = Backend(target)
        self.monitor = watch_one(self.backend, listener=self, interval=interval)
        self.started = time.monotonic()

    def rows_changed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.old is None and change.new is not None:
                self.born[change.new.id] = (self.polls, time.monotonic())
                self.times_born[change.new.id] = self.times_born.get(change.new.id, 0) + 1

    def health_changed(self, health: Health) -> None:
        if health.last_ok is not None and (not self.healths or health.last_ok != self.healths[-1].last_ok):
            self.polls += 1
        self.healths.append(health)

    def operation_ended(self, report: Report) -> None:
        self.reports.append(report)

    def ids_on_screen(self) -> Sequence[TaskId]:
        shown = range(min(self.height, len(self.monitor.view)))
        return self.screen or [self.monitor.view[row].id for row in shown]

    def on_internal_error(self, error: BaseException) -> None:
        self.faults.append(error)

    @property
    def health(self) -> Health:
        return self.monitor.health

    @property
    def ids(self) -> list[int]:
        """The ids of the rows, as the table shows them."""
        return [int(self.monitor.view[row].id) for row in range(len(self.monitor.view))]

    def task(self, task_id: int) -> Task | None:
        """The task as the screen shows it."""
        return self.monitor.only.store.tasks.get(str(task_id))

    def expected_order(self) -> list[int]:
        """The ids of all known tasks as they ought to be shown, by creation, then by id.

        First what runs, the oldest first, then what waits, then what has ended, the newest first. Those whose
        creation is not known are left out.
        """
        dated = (task for task in self.monitor.only.store.tasks.values() if task.created is not None)
        order = sorted(dated, key=lambda task: (task.created, int(task.id)))
        ended = [task for task in order if tab_status(task).is_finished]
        unfinished = [task for task in order if not tab_status(task).is_finished]
        unfinished.sort(key=lambda task: task.status.is_waiting)
        return [int(task.id) for task in (*unfinished, *reversed(ended))]

    def word(self, task_id: int) -> str:
        """The server's word for a task's status, `gone` where it isn't shown."""
        task = self.task(task_id)
        return "gone" if task is None else task.raw_status

    async def until(self, true: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Wait for something to be seen."""
        end = time.monotonic() + seconds
        while not true():
            assert not self.faults, self.faults
            assert time.monotonic() < end, f"not within {seconds:g} s; {self.health}; rows {self.ids[:20]}"
            await asyncio.sleep(0.01)

    async def live(self) -> None:
        """Wait until it is live, with everything read."""
        await self.until(lambda: self.health.phase is Phase.LIVE and self.health.scanned)
        await self.until(lambda: not self.health.scanning)

    async def polled(self) -> None:
        """Poll now and wait for the answer."""
        polls = self.polls
        self.monitor.only.poller.poll_now()
        await self.until(lambda: self.polls > polls)

    async def shows(self, task_id: int, *words: str) -> Task:
        """Wait until a task is shown in one of these states."""
        await self.until(lambda: self.word(task_id) in words)
        task = self.task(task_id)
        assert task is not None
        return task

    async def act(self, action: Action, *shown: int | Task) -> list[Report]:
        """Act on tasks as they are shown, and wait for the reports, in the order of the tasks."""
        before = len(self.reports)
        tasks = [one if isinstance(one, Task) else self.monitor.only.store.tasks[str(one)] for one in shown]
        self.monitor.start_action(action, tasks)
        await self.until(lambda: len(self.reports) - before >= len(tasks))
        place = {task.id: number for number, task in enumerate(tasks)}
        return sorted(self.reports[before:], key=lambda report: place[report.task.id])

    async def act_on(self, action: Action, shown: int | Task) -> Report:
        """Act on one task."""
        return (await self.act(action, shown))[0]


@asynccontextmanager
async def record_monitor(
    server: HugeGraphServer, graph: str | None = None, *, interval: float = 0.5, **options: object
) -> AsyncIterator[RecordedMonitor]:
    """Watch a graph; at the end all must be in order, and nothing be left running."""
    others = asyncio.all_tasks()
    watch = RecordedMonitor(target_of(server, graph, **options), interval)
    watch.monitor.start_watching()
    try:
        yield watch
        await watch.until(lambda: not watch.monitor.only.operations.under_way)
        undated = {task.id for task in watch.monitor.only.store.tasks.values() if task.created is None}
        assert [number for number in watch.ids if str(number) not in undated] == watch.expected_order()
        assert sorted(watch.monitor.only.store.tasks, key=natural_key) == [
            str(number) for number in sorted(watch.ids)
        ]
        assert watch.faults == []
    finally:
        await watch.monitor.aclose()
    # A fixture's end runs in another task than its beginning.
    left = asyncio.all_tasks() - others - {asyncio.current_task()}
    assert not left, f"left running: {left}"


class Ticker:
    """Measures how long the loop is not free, every 5 ms."""

    def __init__(self) -> None:
        self.longest = 0.0
        """Seconds between two ticks by the wall clock: a loaded machine makes it long too."""
        self.busiest = 0.0
        """Seconds that this thread worked between two ticks: what the code itself is to blame for."""

    async def run(self) -> None:
        """Tick until cancelled."""
        wall, work = time.perf_counter(), time.thread_time()
        while True:
            await asyncio.sleep(0.005)
            now, worked = time.perf_counter(), time.thread_time()
            self.longest = max(self.longest, now - wall - 0.005)
            self.busiest = max(self.busiest, worked - work)
            wall, work = now, worked


@asynccontextmanager
async def ticking() -> AsyncIterator[Ticker]:
    """Measure the loop meanwhile."""
    ticker = Ticker()
    run = asyncio.create_task(ticker.run())
    try:
        yield ticker
    finally:
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
