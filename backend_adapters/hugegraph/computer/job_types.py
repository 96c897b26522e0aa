"""Tells computer jobs from the other tasks of a graph."""

from __future__ import annotations

from collections.abc import Iterable

from backend_adapters.model import Task, TaskStatus

FORM_A = "computer-proxy"
FORM_B = "computer-dis"

_KINDS = (FORM_A, FORM_B)


def is_computer_job(task: Task) -> bool:
    """Whether a task is a computer job, by its type, or by its name where the type can't be read.

    Of one that the server fails over nothing tells it.
    """
    if task.status is TaskStatus.UNREADABLE:
        return False
    if task.type:
        return task.type in _KINDS
    # A record of which neither can be read is rather shown than lost.
    return not task.name or task.name.partition(":")[0] in _KINDS


def select_computer_jobs(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """The computer jobs among some tasks, in their order."""
    return tuple(task for task in tasks if is_computer_job(task))
