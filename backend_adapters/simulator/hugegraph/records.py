"""The tasks of a simulated server, and the list of one graph's tasks."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from backend_adapters.simulator.hugegraph.id_sequences import IdSequence

STATUS_ORDER = (
    "unknown",
    "new",
    "scheduling",
    "scheduled",
    "queued",
    "restoring",
    "running",
    "success",
    "cancelling",
    "cancelled",
    "failed",
    "hanging",
    "deleting",
)
"""The names of TaskStatus in the order of the enum, which the server's error text lists."""

ENDED_STATUSES = frozenset({"success", "cancelled", "failed"})

SAVE_INTERVAL = 30_000
"""A running task's record is written at most this often, ms (TaskCallable)."""


@dataclass(frozen=True, slots=True)
class TaskKind:
    """A kind of task. Its texts are made from the task's salt when a client asks for them."""

    type: str
    callable: str
    name: Callable[[int], str]
    input: Callable[[int, str], str | None]
    """Made from the salt and the graph's name."""
    result: Callable[[int], str]
    failure: Callable[[int], str]
    run_millis: tuple[int, int]
    """The shortest and the longest run, ms."""
    weight: int = 1
    fail_percent: int = 5
    """How many of a hundred tasks fail."""
    progress_rate: int = 0
    """How much `task_progress` grows in `progress_millis` of running."""
    progress_millis: int = 1000
    cancel_millis: tuple[int, int] = (40, 900)
    """How long `cancelling` lasts, ms."""
    heeds_interrupt: bool = True
    """Whether a cancelled run frees its worker at once, or only when it would have ended."""
    queue_millis: tuple[int, int] = (2, 2)
    """How long a task is queued at least, ms: pods of a computer job have to start first."""
    result_while_running: str | None = None
    """`task_result` while the task runs."""

    def count_progress(self, ran: int) -> int:
        """`task_progress` after so many milliseconds of running."""
        return ran * self.progress_rate // self.progress_millis


@dataclass(slots=True, eq=False)
class SimulatedTask:
    """One task. All its texts follow from `salt`, so a hundred thousand tasks need little memory."""

    kind: TaskKind
    salt: int
    created: int
    duration: int
    outcome: str
    id: int = 0
    graph_tasks: GraphTasks = field(init=False)
    """Set when the task is added to its graph."""
    status: str = "new"
    updated: int | None = None
    started: int = 0
    progress: int = 0
    retries: int = 0
    server: str | None = None
    in_memory: bool = False
    """Whether this server's scheduler holds it; a query by `ids` lists such tasks first, up to date."""
    dependencies: tuple[int, ...] | None = None
    description: str | None = None

    @property
    def name(self) -> str:
        """The task's name."""
        return self.kind.name(self.salt)

    @property
    def is_finished(self) -> bool:
        """Whether the task has ended."""
        return self.status in ENDED_STATUSES

    def progress_at(self, now: int, *, fresh: bool) -> int:
        """`task_progress`: the current one (`fresh`), or the one that was last saved."""
        if self.status not in {"running", "cancelling"} or not self.kind.progress_rate or not self.in_memory:
            return self.progress
        ran = now - self.started
        return self.kind.count_progress(ran if fresh else ran - ran % SAVE_INTERVAL)

    def updated_at(self, now: int) -> int | None:
        """When the record was last written, epoch ms, or None before the task has begun."""
        if self.status != "running" or not self.kind.progress_rate or not self.in_memory:
            return self.updated
        ran = now - self.started
        return self.started + ran - ran % SAVE_INTERVAL

    @property
    def input(self) -> str | None:
        """`task_input`."""
        return self.kind.input(self.salt, self.graph_tasks.graph)

    @property
    def result(self) -> str | None:
        """`task_result`: JSON, a Throwable's text, or None."""
        if self.status in {"running", "cancelling"}:
            return self.kind.result_while_running
        if self.status == "success":
            return self.kind.result(self.salt)
        return self.kind.failure(self.salt) if self.status == "failed" else None


class GraphTasks:
    """The tasks of one graph, in the order of the store's list, and those of each status by id."""

    def __init__(self, space: str, graph: str, numbers: IdSequence) -> None:
        self.space = space
        self.graph = graph
        self.ids = numbers
        self._tasks: dict[int, SimulatedTask] = {}
        self._positions: list[int] = []
        self._by_status: dict[str, list[int]] = {status: [] for status in STATUS_ORDER}

    def __len__(self) -> int:
        return len(self._positions)

    def __iter__(self) -> Iterator[SimulatedTask]:
        return (self._tasks[self.ids.id_at(place)] for place in self._positions)

    def find_task(self, task_id: int) -> SimulatedTask | None:
        """The task with this id, or None."""
        return self._tasks.get(task_id)

    def add_task(self, task: SimulatedTask) -> None:
        """Add a new task under the next id."""
        task.id = self.ids.next_id()
        task.graph_tasks = self
        self.keep_record(task)

    def keep_record(self, task: SimulatedTask) -> None:
        """Add the record of a task that has an id, unless it is here already."""
        if task.id not in self._tasks:
            self._tasks[task.id] = task
            insort(self._positions, self.ids.position_of(task.id))
            insort(self._by_status[task.status], task.id)

    def remove_task(self, task: SimulatedTask) -> None:
        """Remove a task's record."""
        if self._tasks.pop(task.id, None) is not None:
            _remove_sorted(self._positions, self.ids.position_of(task.id))
            _remove_sorted(self._by_status[task.status], task.id)

    def set_status(self, task: SimulatedTask, status: str) -> None:
        """Change a task's status, whether its record is still here or not."""
        if task.id in self._tasks:
            _remove_sorted(self._by_status[task.status], task.id)
            insort(self._by_status[status], task.id)
        task.status = status

    def select_tasks(self, status: str | None, first: int, count: int | None) -> list[SimulatedTask]:
        """At most `count` tasks (None: all) of a status (None: any), from position (id) `first` on."""
        keys = self._positions if status is None else self._by_status[status]
        start = bisect_left(keys, first)
        chosen = keys[start:] if count is None else keys[start : start + count]
        numbers = map(self.ids.id_at, chosen) if status is None else chosen
        return [self._tasks[number] for number in numbers]

    def position_of(self, status: str | None, task: SimulatedTask) -> int:
        """A task's position in the list of all tasks, or in that of a status."""
        return self.ids.position_of(task.id) if status is None else task.id


def _remove_sorted(ids: list[int], task_id: int) -> None:
    at = bisect_left(ids, task_id)
    if at < len(ids) and ids[at] == task_id:
        del ids[at]
