"""Running tasks that show no sign of life, and how to describe them.

A HugeGraph whose worker died of an OutOfMemoryError shows its task as running for ever, and refuses to delete
it. No single look can prove that: most jobs tell nothing while they run. So it is said what is known, and no
more.
"""

from __future__ import annotations

from msgspec import Struct

from backend_adapters.model import Millis, Task, TaskId, TaskStatus
from tui import text
from tui.monitor.store import Store

SILENT_AFTER: Millis = 3_600_000
"""A task without an update for this long is mentioned."""


class Silence(Struct, frozen=True):
    """A running task's lack of updates, as far as it is known."""

    length: Millis
    doubt: str
    """What that may mean, as a sentence."""


def find_last_sign(store: Store, task: Task) -> Millis | None:
    """When an unfinished task last showed a sign of life, as far as is known."""
    known = (task.updated, task.created, store.moved.get(task.id))
    return max((moment for moment in known if moment is not None), default=None)


def measure_silence(store: Store, task: Task, now: Millis, after: Millis = SILENT_AFTER) -> Millis | None:
    """How long a running task has had no update, as far as is known; None if less than `after`."""
    if task.status is not TaskStatus.RUNNING:
        return None
    last = find_last_sign(store, task)
    return now - last if last is not None and now - last >= after else None


def describe_silence(silent: Millis, *, refused: bool = False, other: TaskId | None = None) -> str:
    """Describe a task that has had no update for so long, as a sentence without its subject.

    `refused`: a delete of it was; `other` is a task that failed for want of memory on the same server.
    """
    return f"running for {text.format_duration(silent)} without an update; {_describe_doubt(refused, other)}"


def explain_silence(silent: Millis, *, refused: bool = False, other: TaskId | None = None) -> Silence:
    """The same for a place that tells by itself how long the task has been running."""
    doubt = _describe_doubt(refused, other)
    return Silence(silent, f"{doubt[0].upper()}{doubt[1:]}")


def _describe_doubt(refused: bool, other: TaskId | None) -> str:
    parts = ["delete was refused"] if refused else []
    if other is not None:
        parts.append(f"task {text.sanitize(other)} ran out of memory")
    if not parts:
        return "the server may or may not still be working on it."
    return f"{'; '.join(parts)}; the server may have lost it."


def find_silent_tasks(store: Store, now: Millis) -> list[tuple[Task, Millis]]:
    """The silent tasks with the times since their last updates, longest first."""
    tasks = (store.tasks[task_id] for task_id in store.unfinished)
    found = [(task, silent) for task in tasks if (silent := measure_silence(store, task, now)) is not None]
    return sorted(found, key=lambda one: -one[1])
