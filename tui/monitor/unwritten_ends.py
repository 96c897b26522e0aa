"""Finished tasks whose end the server has not written yet.

A HugeGraph reports a task's success from memory before it has written the record: until then `task_update` is
still the time at which the task began to run, and a rebuild of six hours seems to have taken a millisecond
(hugegraph/PROTOCOL.md, section 1.3). A poll doesn't look at finished tasks, so these are looked at beside it.
"""

from __future__ import annotations

from msgspec import Struct

from backend_adapters.model import Millis, Task, TaskId, TaskStatus
from tui.monitor.unreadable import is_unreadable, last_read_status

LOOKS_MOST = 7
"""Looks at one task, each after twice as many polls as the one before; some ends are never written."""


def is_end_unknown(before: Task | None, task: Task) -> bool:
    """Whether a task that ran has finished without any update since, so that its end time is unknown.

    So it is while the server writes the record, and for good on a cluster after its server was killed
    (hugegraph/PROTOCOL.md, section 3.4).
    """
    if before is None or before.updated is None or before.updated != task.updated:
        return False
    return last_read_status(before) is TaskStatus.RUNNING and task.status.is_finished


class _Wait(Struct):
    """The wait for one end."""

    updated: Millis | None
    """The last update of the task, which is not its end."""
    next_look: int
    """The poll after which it is looked at."""
    looks: int = 0


class UnwrittenEnds:
    """The finished tasks whose end is not known, and which of them the next poll looks at again."""

    def __init__(self) -> None:
        self._polls = 0
        self._waits: dict[TaskId, _Wait] = {}
        self._looked_for: dict[TaskId, _Wait] = {}
        """Those for which looks are left: a poll goes through these, and not through all."""

    def __contains__(self, task_id: TaskId) -> bool:
        """Whether the end of this task is not known."""
        return task_id in self._waits

    def note_change(self, before: Task | None, task: Task) -> None:
        """Note what became of a task."""
        if is_end_unknown(before, task):
            begun = self._waits[task.id] = _Wait(task.updated, self._polls + 1)
            self._looked_for[task.id] = begun
            return
        wait = self._waits.get(task.id)
        if wait is None or is_unreadable(task):
            return
        if not task.status.is_finished or task.updated != wait.updated:
            self.forget_task(task.id)

    def forget_task(self, task_id: TaskId) -> None:
        """Don't look at this task again."""
        self._waits.pop(task_id, None)
        self._looked_for.pop(task_id, None)

    def note_poll(self) -> list[TaskId]:
        """Count a poll that was answered; returns the tasks to look at again."""
        self._polls += 1
        return [task_id for task_id, wait in self._looked_for.items() if wait.next_look < self._polls]

    def note_looks(self, ids: list[TaskId]) -> None:
        """Count a look at these tasks that was answered; the next one comes after twice as many polls."""
        for task_id in ids:
            if (wait := self._waits.get(task_id)) is not None:
                wait.next_look = self._polls + 2**wait.looks - 1
                wait.looks += 1
                if wait.looks >= LOOKS_MOST:
                    self._looked_for.pop(task_id, None)
