"""The look of each status: names that widgets turn into component classes."""

from __future__ import annotations

from typing import Literal, TypeAlias

from backend_adapters.model import Task, TaskStatus

StatusStyle: TypeAlias = Literal[
    "running", "waiting", "success", "failed", "cancelled", "transient", "stuck", "unknown"
]
"""The looks a status can have; `$status-<name>` is its colour in graphtop's themes."""

STATUS_STYLES: dict[TaskStatus, StatusStyle] = {
    TaskStatus.NEW: "waiting",
    TaskStatus.SCHEDULING: "waiting",
    TaskStatus.SCHEDULED: "waiting",
    TaskStatus.QUEUED: "waiting",
    TaskStatus.RESTORING: "waiting",
    TaskStatus.HANGING: "waiting",
    TaskStatus.RUNNING: "running",
    TaskStatus.CANCELLING: "transient",
    TaskStatus.DELETING: "transient",
    TaskStatus.SUCCESS: "success",
    TaskStatus.PARTIAL: "cancelled",
    TaskStatus.FAILED: "failed",
    TaskStatus.CANCELLED: "cancelled",
    TaskStatus.UNKNOWN: "unknown",
    TaskStatus.UNREADABLE: "stuck",
}


def status_style(status: TaskStatus) -> StatusStyle:
    """Return the look of a status."""
    return STATUS_STYLES[status]


def status_word(task: Task) -> str:
    """Return the word for a task's status; for an unknown status the server's own, not sanitized."""
    return task.raw_status or "unknown" if task.status is TaskStatus.UNKNOWN else task.status.value
