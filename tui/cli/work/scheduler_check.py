"""Finds out whether a server's scheduler has stopped: tasks that it should move on do not change."""

from __future__ import annotations

from backend_adapters.errors import BackendError
from backend_adapters.model import Task, TaskStatus
from tui.cli.output.standard_error import clear_progress, show_progress
from tui.cli.work.session import Session, sort_by_id
from tui.text import join_some

AFFECTED_VERSIONS = "1.5."
"""As shipped, its scheduler ends on a cluster with its first run (hugegraph/PROTOCOL.md, section 3.3)."""
SETTLES_WITHIN = 15.0
"""Seconds; a scheduler that works cancels within 7 and deletes within 10."""
STUCK_ADVICE = (
    "Remove such records with `graphtop delete --force`. From 1.7.0 on, the scheduler of a cluster works."
)


async def find_stuck_tasks(session: Session) -> list[Task]:
    """Return the tasks that only a scheduler moves on, and that did not change while they were watched.

    Nobody waits where there are none, or where the server is of another version.
    """
    if session.info is None or not (session.info.version or "").startswith(AFFECTED_VERSIONS):
        return []
    before = list_waiting_tasks(session)
    if not before:
        return []
    show_progress(
        f"Watching for {SETTLES_WITHIN:.0f} s whether the server makes progress with {_name_tasks(before)}"
    )
    try:
        await session.clock.sleep(SETTLES_WITHIN)
        await session.refresh_tasks([task.id for task in before])
    except BackendError:
        # The checks that come after tell of it.
        return []
    finally:
        clear_progress()
    now = session.store.tasks
    return [task for task in before if task.id in now and now[task.id].status is task.status]


def list_waiting_tasks(session: Session) -> list[Task]:
    """Return the tasks that wait for a cancel or a delete and, if nothing runs, those that wait to begin."""
    tasks = session.store.tasks.values()
    waits = {TaskStatus.CANCELLING, TaskStatus.DELETING}
    if not any(task.status is TaskStatus.RUNNING for task in tasks):
        waits.add(TaskStatus.NEW)
    return sort_by_id(task for task in tasks if task.status in waits)


def describe_stuck_tasks(tasks: list[Task]) -> str:
    """Return a sentence on which tasks are stuck and why; empty for none."""
    if not tasks:
        return ""
    return (
        f"No progress within {SETTLES_WITHIN:.0f} s: {_name_tasks(tasks)}. On a cluster the scheduler of"
        " 1.5.0 stops silently, and such tasks never finish."
    )


def _name_tasks(tasks: list[Task]) -> str:
    """`task 7 (deleting)`, `tasks 7 (deleting), 8 (new) and 3 more`."""
    named = join_some([f"{task.id} ({task.status.value})" for task in tasks])
    return f"{'task' if len(tasks) == 1 else 'tasks'} {named}"
