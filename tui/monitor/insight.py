"""What deserves a person's attention beyond a task's status."""

from __future__ import annotations

from backend_adapters.model import Millis, Task, TaskStatus

STUCK_AFTER: Millis = 60_000

_TRANSIENT = frozenset(
    {TaskStatus.CANCELLING, TaskStatus.DELETING, TaskStatus.SCHEDULING, TaskStatus.SCHEDULED}
)


def stuck(task: Task, now: Millis) -> bool:
    """Whether a task stands in a state that servers leave within seconds when all is well.

    A HugeGraph task whose server is gone stays `cancelling` or `scheduled` for ever, and only a force
    delete removes it (facts: HugeGraph, sections 6 and 13 #12).
    """
    since = task.updated if task.updated is not None else task.created
    return task.status in _TRANSIENT and since is not None and now - since > STUCK_AFTER
