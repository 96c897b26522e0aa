"""Finished tasks whose end the server has not written yet.

A HugeGraph reports a task's success from memory before it has written the record: until then `task_update` is
still the time at which the task began to run, and a rebuild of six hours seems to have taken a millisecond
(hugegraph/PROTOCOL.md, section 1.3). A poll doesn't look at finished tasks, except at these.
"""

from __future__ import annotations

from backend_adapters.model import Task, TaskId, TaskStatus

LOOKS_MOST = 7
"""Looks at one task, each after twice as many polls as the one before; some ends are never written."""


def is_end_unknown(before: Task | None, task: Task) -> bool:
    """Whether a task that ran has finished without any update since, so that its end time is unknown.

    So it is while the server writes the record, and for good on a cluster after its server was killed
    (hugegraph/PROTOCOL.md, section 3.4).
    """
    began = before is not None and before.status is TaskStatus.RUNNING and before.updated == task.updated
    return began and task.status.is_finished


class UnwrittenEnds:
    """Which of the finished tasks the next polls look at again."""

    def __init__(self) -> None:
        self._polls = 0
        self._looks: dict[TaskId, tuple[int, int]] = {}
        """How many looks each task had, and at which poll the next one is due."""

    def note_change(self, before: Task | None, task: Task) -> None:
        """Note what became of a task."""
        if is_end_unknown(before, task):
            self._looks[task.id] = (0, 0)
        else:
            self.forget_task(task.id)

    def forget_task(self, task_id: TaskId) -> None:
        """Don't look at this task again."""
        self._looks.pop(task_id, None)

    def take_due(self) -> frozenset[TaskId]:
        """The tasks that the poll which is about to be made is to look at again."""
        self._polls += 1
        due = [(task_id, looks) for task_id, (looks, poll) in self._looks.items() if poll <= self._polls]
        for task_id, looks in due:
            self._looks[task_id] = (looks + 1, self._polls + 2**looks)
            if looks + 1 == LOOKS_MOST:
                self.forget_task(task_id)
        return frozenset(task_id for task_id, _ in due)
