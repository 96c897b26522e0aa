"""Which of the known tasks ended last, kept up with each change so that nobody has to look through all."""

from __future__ import annotations

from collections.abc import Mapping

from backend_adapters.model import Millis, Task, TaskId


class LastEnd:
    """The finished task with the latest end."""

    def __init__(self) -> None:
        self._task_id: TaskId | None = None
        self._moment: Millis = -1
        self._must_search = False
        """The task is gone, or did not end then: all others have to be compared again."""

    def note_change(self, task: Task) -> None:
        """Note what became of a task."""
        ended = task.updated if task.status.is_finished else None
        if ended is not None and ended >= self._moment:
            self._task_id, self._moment, self._must_search = task.id, ended, False
        elif task.id == self._task_id:
            self._must_search = True

    def forget_task(self, task_id: TaskId) -> None:
        """Note that a task is gone."""
        if task_id == self._task_id:
            self._must_search = True

    def find_task(self, tasks: Mapping[TaskId, Task]) -> Task | None:
        """The task among `tasks`, which are all that are known; None where none has ended at a known time."""
        if self._must_search:
            self._task_id, self._moment, self._must_search = None, -1, False
            for task in tasks.values():
                self.note_change(task)
        return tasks.get(self._task_id) if self._task_id is not None else None
