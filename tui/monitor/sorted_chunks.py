"""Tasks in a long sorted sequence, in chunks: a change costs the same anywhere, and it is built in steps.

Merging one flat list of 100,000 rows takes 70 to 140 ms in a single call (measured), during which no key is
answered. Keys and tasks stand in lists of their own: a tuple for each row takes five times the memory, and
the garbage collector has to look at it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import accumulate, chain, islice
from operator import eq
from typing import Any, TypeAlias

from msgspec import Struct

from backend_adapters.model import Task, TaskKey
from tui.monitor.id_order import are_in_order, natural_key, natural_keys
from tui.monitor.task_keys import read_task_keys

OrderKey: TypeAlias = tuple[Any, int, str]
"""What orders tasks: the sort key, and the task's own key in numeric order (two parts)."""

RUN_LENGTH = 4_000
"""Tasks sorted in one call before the runs are merged: 1 ms."""

CHUNK_LENGTH = 1_000
"""Tasks of a new chunk; one that has grown to twice as many is split."""

_ADDED_AT_ONCE = 250
"""Tasks that are inserted in one call where each has a place of its own: a millisecond."""


class SortedRun(Struct, frozen=True):
    """Tasks in order, each with its sort key."""

    keys: list[Any]
    tasks: list[Task]

    def cut(self, start: int, stop: int | None = None) -> SortedRun:
        """A part of it."""
        return SortedRun(self.keys[start:stop], self.tasks[start:stop])

    def make_order_key(self, index: int) -> OrderKey:
        """What orders the task at an index."""
        return (self.keys[index], *natural_key(self.tasks[index].key))

    def find_index(self, order: OrderKey) -> int:
        """The index of the first task that does not stand before this order key."""
        start = bisect_left(self.keys, order[0])
        if start == len(self.keys) or self.keys[start] != order[0]:
            return start
        stop = bisect_right(self.keys, order[0], start)
        return bisect_left(self.tasks, order[1:], start, stop, key=_id_key)


def sort_tasks(keys: Sequence[Any], tasks: Sequence[Task], *, by_id: bool = False) -> SortedRun:
    """Tasks in the order of their keys, those of equal keys in the order of their ids.

    `by_id` says that those of equal keys come in this order already.
    """
    order = sorted(range(len(keys)), key=keys.__getitem__)
    in_order = [keys[index] for index in order]
    if not by_id and any(map(eq, in_order, islice(in_order, 1, None))):
        ids = read_task_keys(tasks)
        if not are_in_order(ids):
            order = sorted(range(len(keys)), key=natural_keys(ids).__getitem__)
            order.sort(key=keys.__getitem__)
    return SortedRun(in_order, [tasks[index] for index in order])


class SortedChunks:
    """Distinct tasks in ascending order."""

    def __init__(self) -> None:
        self._chunks: list[SortedRun] = []
        self._last: list[OrderKey] = []
        self._starts: list[int] | None = None

    def __len__(self) -> int:
        """How many tasks."""
        return self._chunk_offsets()[-1]

    def __getitem__(self, index: int) -> Task:
        """The task at an index, from the end if negative. Raises IndexError."""
        offsets = self._chunk_offsets()
        at = index + offsets[-1] if index < 0 else index
        if not 0 <= at < offsets[-1]:
            raise IndexError(index)
        number = bisect_right(offsets, at) - 1
        return self._chunks[number].tasks[at - offsets[number]]

    def __iter__(self) -> Iterator[Task]:
        """All tasks in order."""
        return chain.from_iterable(chunk.tasks for chunk in self._chunks)

    def __reversed__(self) -> Iterator[Task]:
        """All tasks in reverse order."""
        return chain.from_iterable(reversed(chunk.tasks) for chunk in reversed(self._chunks))

    def iter_range(self, start: int, stop: int) -> Iterator[Task]:
        """The tasks from one index to before another."""
        offsets = self._chunk_offsets()
        number = bisect_right(offsets, start) - 1
        while start < stop:
            tasks, at = self._chunks[number].tasks, start - offsets[number]
            yield from tasks[at : at + stop - start]
            start, number = offsets[number + 1], number + 1

    def find_index(self, key: Any, task_key: TaskKey) -> int | None:
        """The index of the task with this sort key and this key of its own, or None."""
        found = self._find_task(key, task_key)
        return None if found is None else self._chunk_offsets()[found[0]] + found[1]

    def count_from(self, key: Any) -> int:
        """How many tasks have this key or a larger one."""
        number = bisect_left(self._last, (key,))
        if number == len(self._chunks):
            return 0
        offsets = self._chunk_offsets()
        return offsets[-1] - offsets[number] - bisect_left(self._chunks[number].keys, key)

    def add_tasks(self, keys: Sequence[Any], tasks: Sequence[Task]) -> None:
        """Insert tasks, in any order, where their keys and ids say."""
        left = sort_tasks(keys, tasks)
        if not self._chunks:
            self._append_parts(left)
            return
        self._starts = None
        start = 0
        while start < len(left.keys):
            start = self._insert_next(left, start)

    def _insert_next(self, left: SortedRun, start: int) -> int:
        """Insert the task at `start`, and with it those that follow it without another in between."""
        order = left.make_order_key(start)
        number = min(bisect_left(self._last, order), len(self._chunks) - 1)
        chunk = self._chunks[number]
        at = chunk.find_index(order)
        stop = len(left.keys)
        if at < len(chunk.keys):
            stop = max(start + 1, bisect_left(left.keys, chunk.keys[at], start))
        chunk.keys[at:at] = left.keys[start:stop]
        chunk.tasks[at:at] = left.tasks[start:stop]
        self._last[number] = chunk.make_order_key(-1)
        if len(chunk.keys) >= 2 * CHUNK_LENGTH:
            self._split_chunk(number)
        return stop

    def remove_task(self, key: Any, task_key: TaskKey) -> None:
        """Remove the task with this sort key and this key of its own, if it is there."""
        found = self._find_task(key, task_key)
        if found is None:
            return
        number, at = found
        chunk = self._chunks[number]
        del chunk.keys[at], chunk.tasks[at]
        self._starts = None
        if chunk.keys:
            self._last[number] = chunk.make_order_key(-1)
        else:
            del self._chunks[number], self._last[number]

    def append_run(self, run: SortedRun) -> None:
        """Append sorted tasks that all come after the present ones, as one chunk or more."""
        if len(run.keys) < 2 * CHUNK_LENGTH:
            self._append_chunk(run)
        else:
            self._append_parts(run)

    def drop_last_chunk(self) -> bool:
        """Drop the last chunk; false if none is left."""
        self._starts = None
        if self._chunks:
            del self._chunks[-1], self._last[-1]
        return bool(self._chunks)

    def _append_parts(self, run: SortedRun) -> None:
        for start in range(0, len(run.keys), CHUNK_LENGTH):
            self._append_chunk(run.cut(start, start + CHUNK_LENGTH))

    def _append_chunk(self, chunk: SortedRun) -> None:
        if chunk.keys:
            self._starts = None
            self._chunks.append(chunk)
            self._last.append(chunk.make_order_key(-1))

    def _find_task(self, key: Any, task_key: TaskKey) -> tuple[int, int] | None:
        """The chunk, and the index in it, of the task with this sort key and this key of its own."""
        order = (key, *natural_key(task_key))
        number = bisect_left(self._last, order)
        if number == len(self._chunks):
            return None
        chunk = self._chunks[number]
        at = chunk.find_index(order)
        return (number, at) if chunk.keys[at] == key and chunk.tasks[at].key == task_key else None

    def _split_chunk(self, number: int) -> None:
        chunk = self._chunks[number]
        parts = [chunk.cut(start, start + CHUNK_LENGTH) for start in range(0, len(chunk.keys), CHUNK_LENGTH)]
        self._chunks[number : number + 1] = parts
        self._last[number : number + 1] = [part.make_order_key(-1) for part in parts]

    def _chunk_offsets(self) -> list[int]:
        """The index at which each chunk begins, and the total."""
        if self._starts is None:
            self._starts = list(accumulate((len(chunk.keys) for chunk in self._chunks), initial=0))
        return self._starts


class TaskRuns:
    """Tasks in any order that come in small numbers, to be merged into one sequence at the end.

    Most come in the order of their ids. Then a sort, which leaves equal ones as they are, needs no ids.
    """

    def __init__(self) -> None:
        self._by_id = _RunMaker(by_id=True)
        self._others = _RunMaker()
        self._last_id: TaskKey | None = None
        """The last one of those that came in the order of their ids."""

    def add_tasks(self, keys: Sequence[Any], tasks: Sequence[Task]) -> None:
        """Take in some tasks with their sort keys."""
        if not tasks:
            return
        ids = read_task_keys(tasks)
        if are_in_order(ids if self._last_id is None else [self._last_id, *ids]):
            self._by_id.add_tasks(keys, tasks)
            self._last_id = ids[-1]
        else:
            self._others.add_tasks(keys, tasks)

    async def merge(self, turn: Callable[[], Awaitable[None]]) -> SortedChunks:
        """All tasks in order; `turn` is awaited between the steps."""
        most, few = self._by_id.end(), self._others.end()
        if len(few) > 1:
            return await merge_runs([*most, *few], turn)
        whole = await merge_runs(most, turn, by_id=True)
        for run in few:
            for start in range(0, len(run.keys), _ADDED_AT_ONCE):
                part = run.cut(start, start + _ADDED_AT_ONCE)
                whole.add_tasks(part.keys, part.tasks)
                await turn()
        return whole


class _RunMaker:
    """Makes sorted runs of tasks that come in small numbers."""

    def __init__(self, *, by_id: bool = False) -> None:
        """`by_id` says that all come in the order of their ids."""
        self._by_id = by_id
        self._runs: list[SortedRun] = []
        self._keys: list[Any] = []
        self._tasks: list[Task] = []

    def add_tasks(self, keys: Sequence[Any], tasks: Sequence[Task]) -> None:
        self._keys += keys
        self._tasks += tasks
        if len(self._keys) >= RUN_LENGTH:
            self._end_run()

    def end(self) -> list[SortedRun]:
        """All runs; none of them is empty."""
        if self._keys:
            self._end_run()
        runs, self._runs = self._runs, []
        return runs

    def _end_run(self) -> None:
        self._runs.append(sort_tasks(self._keys, self._tasks, by_id=self._by_id))
        self._keys, self._tasks = [], []


async def merge_runs(
    runs: Sequence[SortedRun], turn: Callable[[], Awaitable[None]], *, by_id: bool = False
) -> SortedChunks:
    """Merge sorted runs, none of them empty; `turn` is awaited after each chunk.

    A sample of the runs tells where to cut all of them so that the pieces of one cut make one chunk. `by_id`
    says that each run has only ids that come after those of the runs before it.
    """
    whole = SortedChunks()
    before = [0] * len(runs)
    for cut in await _choose_cuts(runs, turn):
        ends = [len(run.keys) if cut is None else run.find_index(cut) for run in runs]
        keys: list[Any] = []
        tasks: list[Task] = []
        for run, start, end in zip(runs, before, ends, strict=True):
            keys += run.keys[start:end]
            tasks += run.tasks[start:end]
        whole.append_run(sort_tasks(keys, tasks, by_id=by_id))
        before = ends
        await turn()
    return whole


async def _choose_cuts(
    runs: Sequence[SortedRun], turn: Callable[[], Awaitable[None]]
) -> list[OrderKey | None]:
    """The first order keys of all chunks but the first one, and None for the end."""
    step, sample = max(1, CHUNK_LENGTH // 16), list[OrderKey]()
    for run in runs:
        sample += [run.make_order_key(at) for at in range(step // 2, len(run.keys), step)]
        await turn()
    sample.sort()
    return [*sample[CHUNK_LENGTH // step :: CHUNK_LENGTH // step], None]


def _id_key(task: Task) -> tuple[int, str]:
    return natural_key(task.key)
