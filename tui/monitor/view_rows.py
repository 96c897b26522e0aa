"""The rows of one shape of the view, with their groups where it has any, kept up with each change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from backend_adapters.model import FAILURES, Millis, Task
from tui.monitor.cooperative import LoopYielder
from tui.monitor.filters import FilterError
from tui.monitor.group_index import GroupIndex, join_key, make_time_keys
from tui.monitor.sorted_chunks import SortedChunks, TaskRuns
from tui.monitor.store import Change
from tui.task_group import TaskGroup

if TYPE_CHECKING:
    from tui.monitor.view import Shape


class ViewRows:
    """Tasks that pass the filter of a shape, as they are ordered by it at one moment."""

    def __init__(self, shape: Shape, at: Millis) -> None:
        self.shape = shape
        self.at = at
        """The moment at which times are compared in filter and order."""
        self.has_failures = False
        """Whether any of these tasks has failed, or has been among them and had failed."""
        self.entries = SortedChunks()
        by_creation = shape.order.column in ("age", "created")
        self._index = (
            None if shape.grouped_by is None else GroupIndex(shape.grouped_by, has_times=not by_creation)
        )
        if self._index is not None and by_creation:
            self._index.times = self.entries
        self._runs, self._time_runs = TaskRuns(), TaskRuns()

    def __len__(self) -> int:
        """How many rows."""
        return len(self.entries)

    def __getitem__(self, row: int) -> Task:
        """The task of a row. Raises IndexError."""
        descending = self.shape.order.descending
        if self._index is not None:
            return self.entries[self._index.find_index(row, descending=descending)]
        return self.entries[~row if descending else row]

    def __iter__(self) -> Iterator[Task]:
        """All tasks in order."""
        descending = self.shape.order.descending
        if self._index is not None:
            return self._index.iter_tasks(self.entries, descending=descending)
        return reversed(self.entries) if descending else iter(self.entries)

    def read_slice(self, start: int, stop: int) -> list[Task]:
        """Some of the tasks, by their places in no particular order."""
        return list(self.entries.iter_range(start, min(stop, len(self.entries))))

    @property
    def groups(self) -> Sequence[TaskGroup]:
        """The groups in their order; none where the rows are not grouped."""
        return () if self._index is None else self._index.groups

    @property
    def chunks(self) -> list[SortedChunks]:
        """All that holds the tasks, to be freed in steps."""
        own = [] if self._index is None or self._index.times is self.entries else [self._index.times]
        return [self.entries, *own]

    def find_row(self, task: Task) -> int | None:
        """The row of a task, or None if it isn't shown."""
        descending, key = self.shape.order.descending, self.shape.make_key(task, self.at)
        if self._index is None:
            index = self.entries.find_index(key, task.key)
            return len(self.entries) - 1 - index if descending and index is not None else index
        number = self._index.find_number(task.key)
        index = None if number is None else self.entries.find_index(join_key(number, key), task.key)
        if number is None or index is None:
            return None
        return self._index.find_row(number, index, descending=descending)

    # Changes.

    def apply_changes(self, changes: Iterable[Change]) -> None:
        """Bring the rows up to date with changes of tasks, in their order."""
        for are_new, part in groupby(changes, key=_is_of_new_task):
            if are_new:
                self._put_in([change.new for change in part if change.new is not None])
            else:
                for change in part:
                    self._apply_change(change)

    def _apply_change(self, change: Change) -> None:
        if change.old is not None:
            self._take_out(change.old)
        if change.new is not None:
            self._put_in([change.new])

    def move_in_time(self, tasks: Iterable[Task], at: Millis) -> None:
        """Put tasks whose sort keys depend on the time where they belong at another moment."""
        moved = list(tasks)
        for task in moved:
            self._take_out(task)
        self.at = at
        self._put_in(moved)

    def _take_out(self, task: Task) -> None:
        number = None if self._index is None else self._index.remove_task(task)
        if self._index is None or number is not None:
            key = self.shape.make_key(task, self.at)
            self.entries.remove_task(key if number is None else join_key(number, key), task.key)

    def _put_in(self, tasks: Sequence[Task]) -> None:
        """Put in those of some tasks that pass the filter, none of which is among the rows."""
        shown = self.shape.pass_quick_tests(tasks, self.at)
        if self.shape.filter.patterns:
            shown = [task for task in shown if self._matches_patterns(task)]
        if not shown:
            return
        self._note_failures(shown)
        keys = self.shape.make_keys(shown, self.at)
        if self._index is not None:
            keys = _join_keys(self._index.add_tasks(shown), keys)
        self.entries.add_tasks(keys, shown)

    def _note_failures(self, tasks: Iterable[Task]) -> None:
        self.has_failures = self.has_failures or any(task.status in FAILURES for task in tasks)

    def _matches_patterns(self, task: Task) -> bool:
        try:
            return self.shape.filter.matches_patterns(task, self.at)
        except FilterError:
            # It arrived after the filter had been fast enough for all others; one task isn't worth a stall.
            return False

    # The first filling, in steps.

    def collect(self, tasks: Sequence[Task]) -> None:
        """Take in tasks that pass the filter; they are rows once they are merged."""
        self._note_failures(tasks)
        keys = self.shape.make_keys(tasks, self.at)
        if self._index is not None:
            numbers = self._index.sort_in(tasks)
            keys = _join_keys(numbers, keys)
            if self._index.has_times:
                self._time_runs.add_tasks(make_time_keys(numbers, tasks), tasks)
        self._runs.add_tasks(keys, tasks)

    async def merge_collected(self, loop: LoopYielder) -> None:
        """Make rows of all tasks that were taken in."""
        self.entries = await self._runs.merge(loop.yield_if_due)
        if self._index is not None:
            by_time = await self._time_runs.merge(loop.yield_if_due)
            self._index.times = by_time if self._index.has_times else self.entries


def _is_of_new_task(change: Change) -> bool:
    return change.old is None


def _join_keys(numbers: Iterable[int], keys: Iterable[Any]) -> list[Any]:
    """Sort keys as they stand in the groups of these numbers."""
    return [join_key(number, key) for number, key in zip(numbers, keys, strict=True)]
