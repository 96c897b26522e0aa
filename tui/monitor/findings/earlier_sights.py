"""Recalls from the history since when tasks are in a status of which the server doesn't tell the time.

The distributed scheduler tells no time of a cancel or a delete: without the history such a task is stuck only
a minute after it was seen first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from backend_adapters.model import Millis, Task, TaskId
from tui.monitor.history.records import Transition
from tui.monitor.store import Store
from tui.monitor.stuck import find_transient_since

RECALLED_AT_ONCE = 20
"""Tasks whose past is read in one go."""


class EarlierSights:
    """Recalls each task once."""

    def __init__(
        self, store: Store, read_transitions: Callable[[Sequence[Task]], Sequence[Sequence[Transition]]]
    ) -> None:
        """`read_transitions` reads what is kept of each of some tasks; it is called in a thread."""
        self._store = store
        self._read_transitions = read_transitions
        self._asked: dict[TaskId, str] = {}

    async def recall(self, ahead: Millis) -> None:
        """Recall some of the tasks that are in such a status now; `ahead` is of the server's clock."""
        tasks = self._choose_tasks(self._store.iter_unfinished())
        if not tasks:
            return
        known = await asyncio.to_thread(self._read_transitions, tasks)
        for task, transitions in zip(tasks, known, strict=True):
            last = transitions[-1] if transitions else None
            if last is not None and last.status is task.status:
                since = last.at if last.at is not None else last.seen + ahead
                self._store.recall_status_time(task, since)

    def _choose_tasks(self, unfinished: Iterable[Task]) -> list[Task]:
        chosen: list[Task] = []
        for task in unfinished:
            # What is not in such a status costs nothing here.
            if task.updated is not None or find_transient_since(self._store, task) is None:
                continue
            if self._asked.get(task.id) != task.raw_status and task.id not in self._store.watched:
                self._asked[task.id] = task.raw_status
                chosen.append(task)
                if len(chosen) >= RECALLED_AT_ONCE:
                    break
        return chosen
