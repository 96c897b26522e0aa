"""Tasks that deserve attention beyond their status: stuck ones, and those whose server was lost."""

from __future__ import annotations

from backend_adapters.model import Millis, Task, TaskId, TaskStatus
from tui.monitor.store import Store

STUCK_AFTER: Millis = 60_000

SERVER_LOST = "No result: the server that ran it was probably lost."
"""The words for a task whose detail is `lost`."""

_TRANSIENT = frozenset(
    {TaskStatus.CANCELLING, TaskStatus.DELETING, TaskStatus.SCHEDULING, TaskStatus.SCHEDULED}
)


def find_transient_since(store: Store, task: Task) -> Millis | None:
    """When a task entered a status that servers leave within seconds; None if it isn't in one.

    Since graphtop saw it enter the state; where it was so from the beginning, by the server's time, and
    where that is not told either (the distributed scheduler does not), since it was first seen.
    """
    if task.status not in _TRANSIENT:
        return None
    seen = store.since.get(task.id)
    return seen if task.updated is None or task.id in store.watched else task.updated


def is_stuck(store: Store, task: Task, now: Millis) -> bool:
    """Whether a task has been in a transient status for over a minute.

    A HugeGraph task whose server is gone stays `cancelling` or `scheduled` for ever, and only a force
    delete removes it (hugegraph/PROTOCOL.md, section 3.4).
    """
    since = find_transient_since(store, task)
    return since is not None and now - since > STUCK_AFTER


def is_server_lost(task: Task) -> bool:
    """Whether a task's server was probably lost, so that its duration is unknown."""
    return task.reason == SERVER_LOST


def find_stuck_ids(store: Store, now: Millis) -> list[TaskId]:
    """The ids of the stuck tasks."""
    return [task_id for task_id in store.unfinished if is_stuck(store, store.tasks[task_id], now)]
