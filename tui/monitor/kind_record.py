"""What became of the tasks of the same kind: how many succeeded and failed, and how long they usually take.

Tasks are of one kind that have the same type, the same graph, and the same name but for the numbers in it.
All tasks in memory are gone through, in slices, when somebody asks; what the history has besides is read in a
thread.
"""

from __future__ import annotations

import asyncio
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from heapq import nlargest
from typing import NamedTuple, TypeAlias

from msgspec import Struct, field

from backend_adapters.model import FINISHED, Millis, Task, TaskId, TaskStatus
from tui import text
from tui.monitor.clock import Clock
from tui.monitor.cooperative import LoopYielder
from tui.monitor.history.kinds import KindKey, find_kind
from tui.monitor.history.statistics import Estimate, UsualRange, estimate_end, find_usual_range
from tui.monitor.store import Store

FEW_TASKS = 1_000
"""So many tasks are gone through at once: two milliseconds (measured)."""
KEPT_SECONDS = 60.0
FEW_KEPT_SECONDS = 5.0
"""The same where there are few tasks to go through."""
KEPT_UNCHANGED_SECONDS = 600.0
"""A record is kept longer while no task has ended and none has gone."""
KINDS_KEPT = 200
LAST_RUNS = 12
_SLICE = 250


class PastRun(Struct, frozen=True, gc=False):
    """A task of a kind that has ended."""

    task_id: TaskId
    status: TaskStatus
    created: Millis | None
    ended: Millis | None
    took: Millis | None
    """From its creation to its end; None where that is not known."""
    waited: Millis | None = None
    """From its creation until it was seen to begin; None where nobody saw that."""


ReadRuns: TypeAlias = Callable[[Collection[KindKey]], Mapping[KindKey, Sequence[PastRun]]]
"""Reads what a history knows of kinds; it is called in a thread."""


class KindRecord(Struct, frozen=True):
    """The ends of the tasks of one kind, as far as they are known."""

    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    usual: UsualRange | None = None
    """Of those that succeeded."""
    lengths: Sequence[Millis] = field(default_factory=lambda: array("q"))
    """What those took, sorted."""
    waits: Sequence[Millis] = field(default_factory=lambda: array("q"))
    """How long those waited that somebody saw begin, sorted: only a history tells."""
    last: tuple[PastRun, ...] = ()
    """The last ones to end, oldest first."""
    is_whole: bool = True
    """What the history knows is in it, where there is one."""

    def describe(self, task: Task, *, ascii: bool, with_usual: bool = True) -> str:
        """The record for whoever looks at `task`: `same kind: 23 ok, 2 failed, usually 38m–51m`.

        Empty where no other task of this kind has ended.
        """
        counts = ((self.succeeded, "ok"), (self.failed, "failed"), (self.cancelled, "cancelled"))
        if sum(number for number, _ in counts) <= task.status.is_finished:
            return ""
        parts = [f"{text.format_count(number)} {word}" for number, word in counts if number]
        if self.usual is not None and with_usual:
            parts.append(self.usual.describe(ascii=ascii))
        return f"same kind: {', '.join(parts)}"

    def lacks(self, task: Task) -> bool:
        """Whether a task has ended since this was counted."""
        if not task.status.is_finished:
            return False
        newest = self.last[-1].ended or 0 if self.last else 0
        is_listed = any((run.task_id, run.created) == (task.id, task.created) for run in self.last)
        return not is_listed and (task.updated or 0) >= newest

    def estimate(self, task: Task, now: Millis) -> Estimate | None:
        """When a running task ends; None for others, and where too few others succeeded to say."""
        elapsed = task.running_time(now) if task.status is TaskStatus.RUNNING else None
        return None if elapsed is None else estimate_end(self.lengths, elapsed)


class _Kept(NamedTuple):
    """A record, when it was made, and of what."""

    at: float
    state: tuple[int, ...]
    record: KindRecord


class KindRecords:
    """The records of the kinds that were asked for, each kept for a minute, or until something changes."""

    def __init__(self, store: Store, clock: Clock, read_runs: ReadRuns | None = None) -> None:
        self.read_runs = read_runs
        """What reads the history; None where there is none."""
        self._store = store
        self._clock = clock
        self._kept: dict[KindKey, _Kept] = {}

    def find_kept(self, task: Task) -> KindRecord | None:
        """The record of a task's kind as it was counted last; None where it never was."""
        kept = self._kept.get(find_kind(task))
        return None if kept is None else kept.record

    def is_current(self, task: Task) -> bool:
        """Whether the record of a task's kind need not be counted again."""
        return self._find_current(find_kind(task), whole=True) is not None

    def find_at_once(self, task: Task) -> KindRecord | None:
        """The record of a task's kind; None where that takes so long that `count` has to find it.

        What the history knows is not in it before that was read: `is_whole`.
        """
        kind, are_few = find_kind(task), len(self._store) <= FEW_TASKS
        kept = self._kept.get(kind)
        if self.read_runs is not None and kept is not None and kept.record.is_whole:
            # An old one is better than one without the history, before `count` brings a newer one.
            return kept.record
        record = self._find_current(kind, whole=False, exact=are_few)
        if record is not None or not are_few:
            return record
        ended = _select_ended(self._store.tasks.values(), {kind})[kind]
        return self._keep(kind, _make_record(ended, is_whole=self.read_runs is None), self._state)

    async def count(self, task: Task) -> KindRecord:
        """The record of a task's kind, counted while everything else goes on."""
        kind = find_kind(task)
        known = self._find_current(kind, whole=True)
        if known is not None and not known.lacks(task):
            return known
        return (await self._count_kinds({kind}))[kind]

    async def count_all(self, tasks: Iterable[Task]) -> None:
        """Bring the records of the kinds of these tasks up to date, all together."""
        wanted = {find_kind(task) for task in tasks}
        late = {kind for kind in wanted if self._find_current(kind, whole=True) is None}
        if late:
            await self._count_kinds(late)

    async def _count_kinds(self, kinds: Collection[KindKey]) -> dict[KindKey, KindRecord]:
        loop, ended, state = LoopYielder(), defaultdict[KindKey, list[Task]](list), self._state
        tasks = list(self._store.tasks.values())
        for start in range(0, len(tasks), _SLICE):
            for kind, found in _select_ended(tasks[start : start + _SLICE], kinds).items():
                ended[kind] += found
            await loop.yield_if_due()
        past = {} if self.read_runs is None else await asyncio.to_thread(self.read_runs, kinds)
        return {
            kind: self._keep(kind, _make_record(ended[kind], past.get(kind, ())), state) for kind in kinds
        }

    def _find_current(self, kind: KindKey, *, whole: bool, exact: bool = False) -> KindRecord | None:
        """The record that was counted lately; with `exact` only as long as nothing has ended since."""
        kept = self._kept.get(kind)
        if kept is None or (whole and not kept.record.is_whole):
            return None
        age = self._clock.monotonic() - kept.at
        same = age < KEPT_UNCHANGED_SECONDS and kept.state == self._state
        most = FEW_KEPT_SECONDS if len(self._store) <= FEW_TASKS else KEPT_SECONDS
        return kept.record if same or (age < most and not exact) else None

    @property
    def _state(self) -> tuple[int, ...]:
        """What differs as soon as a task has ended, or has gone."""
        counts = self._store.counts
        return tuple(counts[status] for status in FINISHED)

    def _keep(self, kind: KindKey, record: KindRecord, state: tuple[int, ...]) -> KindRecord:
        self._kept.pop(kind, None)
        while len(self._kept) >= KINDS_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[kind] = _Kept(self._clock.monotonic(), state, record)
        return record


def _select_ended(tasks: Iterable[Task], kinds: Collection[KindKey]) -> dict[KindKey, list[Task]]:
    """The tasks of some kinds that have ended."""
    found: dict[KindKey, list[Task]] = {kind: [] for kind in kinds}
    sorts = {(kind.type, kind.graph) for kind in kinds}
    # Most names differ before their first number, and need not be searched for one.
    heads = tuple({kind.pattern.partition("#")[0] for kind in kinds})
    for task in tasks:
        if (
            task.status in FINISHED
            and (task.type, task.graph) in sorts
            and task.name.startswith(heads)
            and (ended := found.get(find_kind(task))) is not None
        ):
            ended.append(task)
    return found


def _make_record(ended: Sequence[Task], past: Sequence[PastRun] = (), *, is_whole: bool = True) -> KindRecord:
    """The record of what is in memory, and of what only the history has."""
    # Ids are given again after a graph was cleared.
    known = {(task.id, task.created) for task in ended} if past else set()
    others = [run for run in past if (run.task_id, run.created) not in known]
    counts = Counter(one.status for one in ended) + Counter(run.status for run in others)
    lengths = [task.duration for task in ended if task.status is TaskStatus.SUCCESS]
    lengths += [run.took for run in others if run.status is TaskStatus.SUCCESS]
    took = array("q", sorted(length for length in lengths if length is not None))
    return KindRecord(
        succeeded=counts[TaskStatus.SUCCESS],
        failed=counts[TaskStatus.FAILED] + counts[TaskStatus.PARTIAL],
        cancelled=counts[TaskStatus.CANCELLED],
        usual=find_usual_range(took),
        lengths=took,
        waits=array("q", sorted(run.waited for run in past if run.waited is not None)),
        last=_find_last(ended, others),
        is_whole=is_whole,
    )


def _find_last(ended: Iterable[Task], others: Iterable[PastRun]) -> tuple[PastRun, ...]:
    """The last ones to end, oldest first."""
    newest = nlargest(LAST_RUNS, ended, key=lambda task: task.updated or task.created or 0)
    runs = [PastRun(one.id, one.status, one.created, one.updated, one.duration) for one in newest]
    last = nlargest(LAST_RUNS, [*runs, *others], key=lambda run: run.ended or run.created or 0)
    return tuple(reversed(last))
