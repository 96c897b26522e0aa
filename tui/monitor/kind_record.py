"""What became of the tasks of the same kind: how many succeeded and failed, and how long they usually take.

Tasks are of one kind that have the same type, the same graph, and the same name but for the numbers in it.
All tasks in memory are gone through, in slices, when a person opens a task; nothing is done as time goes by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from backend_adapters.model import Task, TaskStatus
from tui import text
from tui.monitor.clock import Clock
from tui.monitor.cooperative import LoopYielder
from tui.monitor.history.kinds import KindKey, find_kind
from tui.monitor.history.statistics import UsualRange, find_usual_range
from tui.monitor.store import Store

FEW_TASKS = 1_000
"""So many tasks are gone through at once: two milliseconds (measured)."""
KEPT_SECONDS = 60.0
KINDS_KEPT = 200
_SLICE = 250


class KindRecord(Struct, frozen=True):
    """The ends of the tasks of one kind, as far as they are in memory."""

    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    usual: UsualRange | None = None
    """Of those that succeeded."""

    def describe(self, task: Task, *, ascii: bool) -> str:
        """The record for whoever looks at `task`: `same kind: 23 ok, 2 failed, usually 38m–51m`.

        Empty where no other task of this kind has ended.
        """
        counts = ((self.succeeded, "ok"), (self.failed, "failed"), (self.cancelled, "cancelled"))
        if sum(number for number, _ in counts) <= task.status.is_finished:
            return ""
        parts = [f"{text.format_count(number)} {word}" for number, word in counts if number]
        if self.usual is not None:
            parts.append(self.usual.describe(ascii=ascii))
        return f"same kind: {', '.join(parts)}"


class KindRecords:
    """The records of the kinds that were asked for, each kept for a minute."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kept: dict[KindKey, tuple[float, KindRecord]] = {}

    def find_at_once(self, task: Task) -> KindRecord | None:
        """The record of a task's kind; None where that takes so long that `count` has to find it."""
        kind = find_kind(task)
        at, record = self._kept.get(kind, (0.0, None))
        if record is not None and self._clock.monotonic() - at < KEPT_SECONDS:
            return record
        if len(self._store) > FEW_TASKS:
            return None
        return self._keep(kind, _make_record(_select_ended(self._store.tasks.values(), kind)))

    async def count(self, task: Task) -> KindRecord:
        """The record of a task's kind, counted while everything else goes on."""
        known = self.find_at_once(task)
        if known is not None:
            return known
        kind, loop, ended = find_kind(task), LoopYielder(), list[Task]()
        tasks = list(self._store.tasks.values())
        for start in range(0, len(tasks), _SLICE):
            ended += _select_ended(tasks[start : start + _SLICE], kind)
            await loop.yield_if_due()
        return self._keep(kind, _make_record(ended))

    def _keep(self, kind: KindKey, record: KindRecord) -> KindRecord:
        while len(self._kept) >= KINDS_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[kind] = (self._clock.monotonic(), record)
        return record


def _select_ended(tasks: Iterable[Task], kind: KindKey) -> list[Task]:
    """The tasks of a kind that have ended."""
    type_, graph, pattern = kind
    # Most names differ before their first number, and need not be searched for one.
    head = pattern.partition("#")[0]
    return [
        task
        for task in tasks
        if task.type == type_
        and task.graph == graph
        and task.name.startswith(head)
        and task.status.is_finished
        and find_kind(task) == kind
    ]


def _make_record(ended: Sequence[Task]) -> KindRecord:
    counts = Counter(task.status for task in ended)
    took = sorted(
        task.duration for task in ended if task.status is TaskStatus.SUCCESS and task.duration is not None
    )
    return KindRecord(
        succeeded=counts[TaskStatus.SUCCESS],
        failed=counts[TaskStatus.FAILED] + counts[TaskStatus.PARTIAL],
        cancelled=counts[TaskStatus.CANCELLED],
        usual=find_usual_range(took),
    )
