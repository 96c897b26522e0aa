"""The world behind a simulated server: tasks are born, wait for a worker, run and end.

Nothing runs in the background. Every request first calls `World.advance`, which lets happen, in the order
of time, all that should have happened since the last one; so the same seed and clock always give the same
world, however often it is looked at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from random import Random

from backend_adapters.simulator.clock import Clock
from backend_adapters.simulator.deterministic_random import draw, mix
from backend_adapters.simulator.hugegraph.id_sequences import Counted, InBlocks, Numbers
from backend_adapters.simulator.hugegraph.records import Shelf, Story, Task
from backend_adapters.simulator.hugegraph.settings import Settings

CRON = 10_000
"""The distributed scheduler looks around once in this many ms (task.schedule_period)."""


class World:
    """All graphs of one server, its workers and its clock."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.start = self.now = clock()
        self.shelves = {place: Shelf(*place, _numbers(settings)) for place in settings.places()}
        self.busy = 0
        """How many of the workers have something to do."""
        self._queue: deque[Task] = deque()
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._entries = 0
        self._salts = 0
        if self.settings.has_cron:
            self.at(self.start + CRON, self._cron)

    @property
    def distributed(self) -> bool:
        """Whether the distributed scheduler runs the tasks."""
        return self.settings.scheduler == "distributed"

    def at(self, moment: int, happening: Callable[[], None]) -> None:
        """Let something happen at a moment, epoch ms."""
        self._entries += 1
        heappush(self._agenda, (moment, self._entries, happening))

    def advance(self) -> None:
        """Bring the world up to the clock."""
        until = max(self.now, self.clock())
        while self._agenda and self._agenda[0][0] <= until:
            moment, _, happening = heappop(self._agenda)
            self.now = max(self.now, moment)
            happening()
        self.now = until

    def salt(self) -> int:
        """The salt of the next new task."""
        self._salts += 1
        return mix(self.settings.seed * 1_000_003 + self._salts)

    # Births

    def breed(
        self,
        shelf: Shelf,
        seed: int,
        story_of: Callable[[int], Story],
        gaps: tuple[int, int],
        slowness: float,
    ) -> None:
        """Let tasks be born in a graph for ever, each `gaps` ms (times slowness) after the one before."""
        random = Random(seed)

        def born() -> None:
            salt = self.salt()
            self.submit(shelf, story_of(salt), salt)
            self.at(self.now + int(random.randint(*gaps) * slowness), born)

        self.at(self.now + int(random.randint(*gaps) * slowness), born)

    def submit(self, shelf: Shelf, story: Story, salt: int | None = None) -> Task:
        """A new task, as the scheduler takes it: queued at once, or new until the next cron."""
        task = make_task(story, self.salt() if salt is None else salt, self.now)
        if not self.distributed:
            task.status = "queued"
        shelf.add(task)
        if not self.distributed:
            self.enqueue(task)
        elif not self.settings.has_cron and self.busy < self.settings.workers:
            self.run(task)  # who finds no worker stays new for ever
        return task

    def enqueue(self, task: Task) -> None:
        """Let a queued task stand in the line a moment later; it begins when a worker is free."""
        task.server = self.settings.server_id
        task.in_memory = True
        wait = draw(task.salt, 55, *task.story.waits)
        self.at(self.now + wait, lambda: self._line_up(task))

    # Running

    def _line_up(self, task: Task) -> None:
        if task.status == "queued" and task.in_memory:  # it was not cancelled or forgotten meanwhile
            self._queue.append(task)
            self._begin_next()

    def _begin_next(self) -> None:
        while self._queue and self.busy < self.settings.workers:
            self.run(self._queue.popleft())

    def run(self, task: Task, *, since: int | None = None) -> None:
        """Occupy a worker with a task, from now or from an earlier moment on."""
        self.busy += 1
        task.in_memory = True
        task.started = self.now if since is None else since
        task.updated = task.started
        _move(task, "running")
        ends = max(self.now + 1, task.started + task.duration)
        self.at(ends, lambda: self._end(task))

    def _end(self, task: Task) -> None:
        """A run is over: the end is written, even over a record that was force deleted meanwhile."""
        if not task.in_memory:  # it was cancelled; who ignored the interrupt held its worker until now
            if not task.story.heeds_interrupt:
                self._free_worker()
            return
        if self.settings.has_cron and task.status != "running":  # the next round cancels or deletes it
            task.in_memory = False
        else:
            task.progress = task.duration * task.story.rate // 1000
            self._finish(task, task.fate)
        if task.shelf is not None and not self.settings.has_cron:
            task.shelf.put_back(task)
        self._free_worker()

    def _finish(self, task: Task, status: str) -> None:
        task.in_memory = False
        task.updated = self.now
        _move(task, status)

    def _free_worker(self) -> None:
        self.busy -= 1
        self._begin_next()

    # Cancelling

    def cancel(self, task: Task) -> None:
        """Ask for the end of an unfinished task. Who carries it out, and when, is the scheduler's affair."""
        if self.distributed:
            _move(task, "cancelling")
        elif task.server is None:
            self._finish(task, "cancelled")
        else:
            task.progress, task.updated = task.progress_at(self.now, fresh=False), task.updated_at(self.now)
            was_queued = task.status == "queued"
            if was_queued and task in self._queue:
                self._queue.remove(task)
            _move(task, "cancelling")
            if task.server == self.settings.server_id:
                low, high = (20, 900) if was_queued else task.story.cancel_millis
                wait = draw(task.salt, 51, low, high)
                self.at(self.now + wait, lambda: self._cancelled(task, ran=not was_queued))

    def _cancelled(self, task: Task, *, ran: bool) -> None:
        if task.status != "cancelling":
            return
        self._finish(task, "cancelled")
        if ran and task.story.heeds_interrupt:
            self._free_worker()

    # Deleting

    def forget(self, task: Task) -> None:
        """Remove a task's record. A run goes on, and writes the record again when it ends (Standard)."""
        if task.status == "queued":
            task.in_memory = False
        if task in self._queue:
            self._queue.remove(task)
        if task.shelf is not None:
            task.shelf.remove(task)

    def mark_deleting(self, task: Task) -> None:
        """Leave a task to the distributed scheduler's next round, which removes it."""
        _move(task, "deleting")

    # The distributed scheduler

    def _cron(self) -> None:
        for shelf in self.shelves.values():
            self._start_new(shelf)
            for task in shelf.among("cancelling", 0, None):
                self._stop(task)
                self._finish(task, "cancelled")
            for task in shelf.among("deleting", 0, None):
                self._stop(task)
                shelf.remove(task)
        self.at(self.now + CRON, self._cron)

    def _start_new(self, shelf: Shelf) -> None:
        for task in shelf.among("new", 0, None):
            if self.busy >= self.settings.workers:
                return
            self.run(task)

    def _stop(self, task: Task) -> None:
        running, task.in_memory = task.in_memory, False
        if running and task.story.heeds_interrupt:
            self.busy -= 1


def _numbers(settings: Settings) -> Numbers:
    return InBlocks(settings.servers) if settings.backend == "hstore" else Counted()


def make_task(story: Story, salt: int, created: int) -> Task:
    """A task whose length and end are settled by its salt, though it does not know them yet."""
    task = Task(story, salt, created)
    task.duration = draw(salt, 52, *story.millis)
    task.fate = "failed" if draw(salt, 53, 1, 100) <= story.failing else "success"
    return task


def _move(task: Task, status: str) -> None:
    if task.shelf is not None:
        task.shelf.move(task, status)
    else:
        task.status = status
