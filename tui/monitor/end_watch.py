"""The tasks whose ends a person wants to be told of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec import Struct

from backend_adapters.model import Millis, Place, Task, TaskKey, is_different_task
from tui.monitor.store import Change
from tui.monitor.unreadable import is_unreadable
from tui.monitor.unwritten_ends import is_end_unknown


class EndKind(Enum):
    """What became of a task."""

    ENDED = "ended"
    GONE = "gone"
    """The server has it no more; how it ended is not known."""
    REPLACED = "replaced"
    """Another task has its id now."""
    LEFT = "left"
    """Its place is no longer watched."""


class TaskEnd(Struct, frozen=True):
    """What became of one task."""

    task: Task
    """As it ended, or as it was last seen."""
    kind: EndKind
    took: Millis | None = None
    """How long it took, where the server has written it."""


class EndWatch:
    """Watches for the ends of tasks, each known by its key: its place and its id."""

    def __init__(self) -> None:
        self._asked: dict[TaskKey, Task] = {}
        self.asked_count = 0
        """How many ends were asked for since there was none left to wait for."""

    def __len__(self) -> int:
        return len(self._asked)

    def __contains__(self, key: TaskKey) -> bool:
        return key in self._asked

    def list_asked(self) -> list[Task]:
        """The tasks that are waited for, as they were last seen."""
        return list(self._asked.values())

    def add_tasks(self, tasks: Iterable[Task]) -> None:
        """Watch for the ends of these tasks as well."""
        if not self._asked:
            self.asked_count = 0
        for task in tasks:
            self.asked_count += task.key not in self._asked
            self._asked[task.key] = task

    def remove_tasks(self, keys: Iterable[TaskKey]) -> None:
        """Watch for the ends of these tasks no longer."""
        for key in keys:
            self.asked_count -= self._asked.pop(key, None) is not None

    def follow_changes(self, changes: Sequence[Change]) -> list[TaskEnd]:
        """Take in what changed; returns what became of the tasks that are waited for."""
        if not self._asked:
            return []
        ends: list[TaskEnd] = []
        for change in changes:
            present = change.new or change.old
            asked = None if present is None else self._asked.get(present.key)
            if asked is not None and (end := self._judge_change(asked, change.new)) is not None:
                del self._asked[asked.key]
                ends.append(end)
        return ends

    def _judge_change(self, asked: Task, now: Task | None) -> TaskEnd | None:
        if now is None:
            return TaskEnd(asked, EndKind.GONE)
        if is_different_task(asked, now):
            return TaskEnd(asked, EndKind.REPLACED)
        if is_unreadable(now):
            # What became of it is not known; it may be read again.
            return None
        if now.status.is_finished:
            return TaskEnd(now, EndKind.ENDED, None if is_end_unknown(asked, now) else now.duration)
        self._asked[asked.key] = now
        return None

    def drop_place(self, place: Place | None) -> list[TaskEnd]:
        """Wait no longer for the tasks of a place that is left; returns them."""
        left = [task for task in self._asked.values() if task.place is place]
        for task in left:
            del self._asked[task.key]
        return [TaskEnd(task, EndKind.LEFT) for task in left]
