"""The state behind a simulated server: tasks are submitted, wait for a worker, run and end.

Nothing runs in the background. Every request first calls `advance_to_now`, which catches up, in order of
time, with all that was due since the last one. So the same seed and clock always give the same tasks, however
often the server is asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from random import Random

from backend_adapters.simulator.clock import EpochClock
from backend_adapters.simulator.deterministic_random import draw_number, scatter_bits
from backend_adapters.simulator.hugegraph.id_sequences import BlockIds, IdSequence
from backend_adapters.simulator.hugegraph.records import GraphTasks, SimulatedTask, TaskKind
from backend_adapters.simulator.hugegraph.settings import HugeGraphSettings

CRON_PERIOD = 10_000
"""Milliseconds between two rounds of the distributed scheduler (task.schedule_period)."""


class HugeGraphWorld:
    """All graphs of one server, its workers and its clock."""

    def __init__(self, settings: HugeGraphSettings, clock: EpochClock) -> None:
        self.settings = settings
        self.clock = clock
        self.start = self.now = clock()
        self.graphs: dict[tuple[str, str], GraphTasks] = {}
        """The tasks of each graph, by graphspace and graph."""
        for place in settings.split_graphs():
            self.create_graph(*place)
        self.busy_workers = 0
        """How many workers run a task."""
        self._queue: deque[SimulatedTask] = deque()
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._entries = 0
        self._salts = 0
        if self.settings.has_cron:
            self.call_at(self.start + CRON_PERIOD, self._run_cron)

    @property
    def is_distributed(self) -> bool:
        """Whether the distributed scheduler runs the tasks."""
        return self.settings.scheduler == "distributed"

    def call_at(self, moment: int, happening: Callable[[], None]) -> None:
        """Call `happening` once the clock reaches a moment, epoch ms."""
        self._entries += 1
        heappush(self._agenda, (moment, self._entries, happening))

    def advance_to_now(self) -> None:
        """Do all that is due by the clock."""
        until = max(self.now, self.clock())
        while self._agenda and self._agenda[0][0] <= until:
            moment, _, happening = heappop(self._agenda)
            self.now = max(self.now, moment)
            happening()
        self.now = until

    def next_salt(self) -> int:
        """The salt of the next new task."""
        self._salts += 1
        return scatter_bits(self.settings.seed * 1_000_003 + self._salts)

    # Graphs

    def create_graph(self, space: str, graph: str) -> GraphTasks:
        """Create a graph, which has no tasks yet."""
        ids = BlockIds(self.settings.servers) if self.settings.is_cluster else IdSequence()
        graph_tasks = self.graphs[space, graph] = GraphTasks(space, graph, ids)
        return graph_tasks

    def drop_graph(self, graph_tasks: GraphTasks) -> None:
        """Drop a graph with its tasks. What runs there keeps its worker until it ends."""
        del self.graphs[graph_tasks.space, graph_tasks.graph]
        for task in graph_tasks.select_tasks("queued", 0, None):
            self.delete_record(task)

    def _has_graph(self, graph_tasks: GraphTasks) -> bool:
        """Whether a graph has not been dropped; one of the same name may have been created since."""
        return self.graphs.get((graph_tasks.space, graph_tasks.graph)) is graph_tasks

    # Submitting

    def keep_submitting(
        self,
        graph_tasks: GraphTasks,
        seed: int,
        pick_kind: Callable[[int], TaskKind],
        gaps: tuple[int, int],
        slowness: float,
    ) -> None:
        """Submit tasks to a graph as long as it is there, each `gaps` ms (times slowness) after another."""
        random = Random(seed)

        def submit_next() -> None:
            if not self._has_graph(graph_tasks):
                return
            salt = self.next_salt()
            self.submit_task(graph_tasks, pick_kind(salt), salt)
            self.call_at(self.now + int(random.randint(*gaps) * slowness), submit_next)

        self.call_at(self.now + int(random.randint(*gaps) * slowness), submit_next)

    def submit_task(self, graph_tasks: GraphTasks, kind: TaskKind, salt: int | None = None) -> SimulatedTask:
        """Submit a new task: the local scheduler queues it at once, the distributed one in its next round."""
        task = make_task(kind, self.next_salt() if salt is None else salt, self.now)
        if not self.is_distributed:
            task.status = "queued"
        graph_tasks.add_task(task)
        if not self.is_distributed:
            self.enqueue_task(task)
        elif not self.settings.has_cron and self.busy_workers < self.settings.workers:
            self.run_task(task)  # without a free worker it stays new for ever
        return task

    def enqueue_task(self, task: SimulatedTask) -> None:
        """Put a task into the queue a moment later; it begins when a worker is free."""
        task.server = self.settings.server_id
        task.in_memory = True
        wait = draw_number(task.salt, 55, *task.kind.queue_millis)
        self.call_at(self.now + wait, lambda: self._line_up(task))

    # Running

    def _line_up(self, task: SimulatedTask) -> None:
        if task.status == "queued" and task.in_memory:  # not cancelled or deleted meanwhile
            self._queue.append(task)
            self._begin_next()

    def _begin_next(self) -> None:
        while self._queue and self.busy_workers < self.settings.workers:
            self.run_task(self._queue.popleft())

    def run_task(self, task: SimulatedTask, *, since: int | None = None) -> None:
        """Run a task on a worker, from now or from an earlier moment on."""
        self.busy_workers += 1
        task.in_memory = True
        task.started = self.now if since is None else since
        task.updated = task.started
        task.graph_tasks.set_status(task, "running")
        ends = max(self.now + 1, task.started + task.duration)
        self.call_at(ends, lambda: self._end_run(task))

    def _end_run(self, task: SimulatedTask) -> None:
        """End a run. This writes the record, even if it was force deleted meanwhile."""
        if not task.in_memory:  # cancelled; a run that ignores the interrupt kept its worker until now
            if not task.kind.heeds_interrupt:
                self._free_worker()
            return
        if self.settings.has_cron and task.status != "running":  # the next round cancels or deletes it
            task.in_memory = False
        else:
            task.progress = task.kind.count_progress(task.duration)
            self._finish_task(task, task.outcome)
        if not self.settings.has_cron:
            task.graph_tasks.keep_record(task)
        self._free_worker()

    def _finish_task(self, task: SimulatedTask, status: str) -> None:
        task.in_memory = False
        task.updated = self.now
        task.graph_tasks.set_status(task, status)

    def _free_worker(self) -> None:
        self.busy_workers -= 1
        self._begin_next()

    # Cancelling

    def cancel_task(self, task: SimulatedTask) -> None:
        """Cancel an unfinished task, at the time and in the way of the scheduler."""
        if self.is_distributed:
            task.graph_tasks.set_status(task, "cancelling")
        elif task.server is None:
            self._finish_task(task, "cancelled")
        else:
            task.progress, task.updated = task.progress_at(self.now, fresh=False), task.updated_at(self.now)
            was_queued = task.status == "queued"
            if was_queued and task in self._queue:
                self._queue.remove(task)
            task.graph_tasks.set_status(task, "cancelling")
            if task.server == self.settings.server_id:
                low, high = (20, 900) if was_queued else task.kind.cancel_millis
                wait = draw_number(task.salt, 51, low, high)
                self.call_at(self.now + wait, lambda: self._finish_cancel(task, ran=not was_queued))

    def _finish_cancel(self, task: SimulatedTask, *, ran: bool) -> None:
        if task.status != "cancelling":
            return
        self._finish_task(task, "cancelled")
        if ran and task.kind.heeds_interrupt:
            self._free_worker()

    # Deleting

    def delete_record(self, task: SimulatedTask) -> None:
        """Remove a task's record. The standard scheduler writes it again when the run ends."""
        if task.status == "queued":
            task.in_memory = False
        if task in self._queue:
            self._queue.remove(task)
        task.graph_tasks.remove_task(task)

    # The distributed scheduler

    def _run_cron(self) -> None:
        for graph_tasks in self.graphs.values():
            for task in graph_tasks.select_tasks("new", 0, max(0, self.settings.workers - self.busy_workers)):
                self.run_task(task)
            for task in graph_tasks.select_tasks("cancelling", 0, None):
                self._stop_run(task)
                self._finish_task(task, "cancelled")
            for task in graph_tasks.select_tasks("deleting", 0, None):
                self._stop_run(task)
                graph_tasks.remove_task(task)
        self.call_at(self.now + CRON_PERIOD, self._run_cron)

    def _stop_run(self, task: SimulatedTask) -> None:
        running, task.in_memory = task.in_memory, False
        if running and task.kind.heeds_interrupt:
            self.busy_workers -= 1


def make_task(kind: TaskKind, salt: int, created: int) -> SimulatedTask:
    """Make a new task; its salt decides how long it will run and how it will end."""
    outcome = "failed" if draw_number(salt, 53, 1, 100) <= kind.fail_percent else "success"
    return SimulatedTask(kind, salt, created, draw_number(salt, 52, *kind.run_millis), outcome)
