"""Tasks whose records the server can't read: what is kept, where they count, and how they are described."""

from __future__ import annotations

from collections.abc import Collection

from backend_adapters.model import Task, TaskStatus, change_task, is_different_task
from tui.text import join_some


def is_unreadable(task: Task) -> bool:
    """Whether the server last failed to read this task."""
    return task.status is TaskStatus.UNREADABLE


def last_read_status(task: Task) -> TaskStatus | None:
    """The status a task had when it was last read; None if it never was."""
    return task.status_before if is_unreadable(task) else task.status


def keep_known_fields(known: Task | None, told: Task) -> Task:
    """An unreadable task with all that was known before it became unreadable."""
    if known is None or is_different_task(known, told):
        return told
    return change_task(
        known,
        status=told.status,
        raw_status=told.raw_status,
        decode_error=told.decode_error,
        status_before=last_read_status(known) or told.status_before,
        stops_server=told.stops_server,
    )


def tab_status(task: Task) -> TaskStatus:
    """The status whose tab counts and shows a task: its own, if it can be read.

    Where it cannot: `unknown` (Active) if it had not ended when it was last read, else `failed`.
    """
    if not is_unreadable(task):
        return task.status
    return (
        TaskStatus.FAILED
        if task.status_before is None or task.status_before.is_finished
        else TaskStatus.UNKNOWN
    )


def describe_unreadable(tasks: Collection[Task]) -> str:
    """Say which tasks can't be read and why; empty for none.

    `1 task can't be read: 450 (the server's words).`, `7 tasks can't be read: 1, 2, 3, 4, 5 and 2 more (…).`
    """
    if not tasks:
        return ""
    number = "1 task" if len(tasks) == 1 else f"{len(tasks):,} tasks"
    words = next((task.decode_error for task in tasks if task.decode_error), "").rstrip(".")
    others = "; others for different reasons" if len({task.decode_error for task in tasks}) > 1 else ""
    why = f" ({words}{others})" if words else ""
    return f"{number} can't be read: {join_some([task.id for task in tasks])}{why}."
