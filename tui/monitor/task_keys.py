"""The keys of many tasks at once."""

from __future__ import annotations

from collections.abc import Sequence

from backend_adapters.model import Task, TaskKey


def read_task_keys(tasks: Sequence[Task]) -> list[TaskKey]:
    """The keys of tasks, all of which have a place or none: where one place is watched, none has."""
    if tasks and tasks[0].place is None:
        # Not by `Task.key`, which would be called for each of 100,000 tasks.
        return [task.id for task in tasks]
    return [task.key for task in tasks]
