"""The tasks that pass the filter, in order: kept sorted as single tasks change, built anew in slices.

One sorted list of entries `(sort value, natural id, task)`. A change of one task is a bisection and a
move, whatever the number of tasks; only a new order or a new filter walks through all of them, and gives
the loop a turn every few thousand.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from backend_adapters.model import FINISHED, WAITING, Millis, Task, TaskId, TaskStatus
from tui.monitor.filters import Filter, took
from tui.monitor.store import Change, Store, natural

SLICE = 4_000
"""Tasks filtered and keyed between two turns of the loop: about 8 ms."""

BULK = 64
"""From this many changes on, sorting once is cheaper than moving one by one."""

Entry: TypeAlias = tuple[Any, tuple[int, TaskId], Task]


class Group(Struct, frozen=True):
    """A status tab: a key, a word and the statuses under it (None: all)."""

    key: str
    label: str
    statuses: frozenset[TaskStatus] | None


GROUPS = (
    Group("0", "All", None),
    Group("1", "Active", frozenset(TaskStatus) - FINISHED),
    Group("2", "Waiting", WAITING),
    Group("3", "Success", frozenset({TaskStatus.SUCCESS, TaskStatus.PARTIAL})),
    Group("4", "Failed", frozenset({TaskStatus.FAILED})),
    Group("5", "Cancelled", frozenset({TaskStatus.CANCELLED})),
)

_STATUS_ORDER = {status: number for number, status in enumerate(TaskStatus)}


def _born(task: Task, now: Millis) -> Millis:
    """When a task was created; GES tells it of no job that waits, and those are the newest there are."""
    if task.created is not None:
        return task.created
    return 0 if task.status.finished else now


SORTS: dict[str, Callable[[Task, Millis], Any]] = {
    "id": lambda task, now: 0,
    "status": lambda task, now: _STATUS_ORDER[task.status],
    "type": lambda task, now: task.type.casefold(),
    "name": lambda task, now: task.name.casefold(),
    "age": _born,
    "took": lambda task, now: -1 if (length := took(task, now)) is None else length,
    "progress": lambda task, now: task.progress or 0,
    "retries": lambda task, now: task.retries,
    "server": lambda task, now: task.server or "",
    "graph": lambda task, now: task.graph or "",
    "created": _born,
    "updated": lambda task, now: task.updated or 0,
}
"""How each column sorts, ascending (by age: the oldest first); ties are in the order of the ids."""


class Order(Struct, frozen=True):
    """By which column, and whether from the largest; from the newest to begin with."""

    column: str = "age"
    descending: bool = True


class Shape(Struct, frozen=True):
    """What a view shows of the store, and in which order."""

    order: Order = Order()
    filter: Filter = Filter()
    group: Group = GROUPS[0]

    def shows(self, task: Task, now: Millis) -> bool:
        """Whether the task is among the rows."""
        statuses = self.group.statuses
        return (statuses is None or task.status in statuses) and self.filter(task, now)

    def entry(self, task: Task, now: Millis) -> Entry:
        """The task with what it is sorted by."""
        return (SORTS[self.order.column](task, now), natural(task.id), task)


class View:
    """The rows of the table: a sequence of tasks. It satisfies the table's `Rows`."""

    def __init__(self, store: Store, now: Callable[[], Millis]) -> None:
        self.store = store
        self.shape = Shape()
        self._now = now
        self._at = now()
        self._entries: list[Entry] = []
        self._late: set[TaskId] | None = None

    def __len__(self) -> int:
        """How many rows."""
        return len(self._entries)

    def __getitem__(self, row: int) -> Task:
        """The task of a row."""
        return self._entries[~row if self.shape.order.descending else row][2]

    def position(self, task_id: TaskId) -> int | None:
        """The row of a task, or None where it is not among the rows."""
        task = self.store.get(task_id)
        index = None if task is None else self._find(task)
        if index is None:
            return None
        return len(self._entries) - 1 - index if self.shape.order.descending else index

    def update(self, changes: Sequence[Change]) -> None:
        """Follow what changed in the store."""
        if self._late is not None:
            self._late |= _ids(changes)
        if len(changes) >= BULK:
            self._replace(_ids(changes))
            return
        for change in changes:
            self._remove(change.old)
            self._insert(change.new)

    def tick(self) -> bool:
        """Let time pass where the order depends on it; true if rows may have moved."""
        if self.shape.order.column != "took" or self._late is not None:
            return False
        live = [self.store.tasks[task_id] for task_id in self.store.unfinished]
        for task in live:
            self._remove(task)
        self._at = self._now()
        for task in live:
            self._insert(task)
        return bool(live)

    async def rebuild(self, shape: Shape) -> None:
        """Show another shape. The rows stay as they are until all is ready, then change all at once.

        A newer rebuild ends an older one.
        """
        at = self._now()
        self._late = late = set[TaskId]()
        try:
            entries = await self._collect(shape, at)
            if self._late is not late:
                # A newer wish came in between; what changed since is known to that one only.
                return
        finally:
            if self._late is late:
                self._late = None
        self.shape, self._at, self._entries = shape, at, entries
        if late:
            self._replace(late)

    async def _collect(self, shape: Shape, at: Millis) -> list[Entry]:
        entries: list[Entry] = []
        tasks = list(self.store.tasks.values())
        for start in range(0, len(tasks), SLICE):
            part = [shape.entry(task, at) for task in tasks[start : start + SLICE] if shape.shows(task, at)]
            part.sort()
            entries += part
            await asyncio.sleep(0)
        # Sorted runs: merging them is what Python's sort does best.
        entries.sort()
        return entries

    def _find(self, task: Task) -> int | None:
        probe = self.shape.entry(task, self._at)[:2]
        index = bisect_left(self._entries, probe)
        if index < len(self._entries) and self._entries[index][2].id == task.id:
            return index
        return None

    def _remove(self, task: Task | None) -> None:
        if task is not None and (index := self._find(task)) is not None:
            del self._entries[index]

    def _insert(self, task: Task | None) -> None:
        if task is not None and self.shape.shows(task, self._at):
            insort(self._entries, self.shape.entry(task, self._at))

    def _replace(self, ids: set[TaskId]) -> None:
        entries = [entry for entry in self._entries if entry[2].id not in ids]
        for task_id in ids:
            task = self.store.get(task_id)
            if task is not None and self.shape.shows(task, self._at):
                entries.append(self.shape.entry(task, self._at))
        entries.sort()
        self._entries = entries


def _ids(changes: Iterable[Change]) -> set[TaskId]:
    return {task.id for change in changes for task in (change.old, change.new) if task is not None}
