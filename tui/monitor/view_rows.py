"""The rows of one shape of the view, with their groups where it has any, kept up with each change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from backend_adapters.model import FAILURES, Millis, Task
from tui.monitor.cooperative import LoopYielder
from tui.monitor.filters import FilterError
from tui.monitor.group_index import GroupIndex, join_key
from tui.monitor.sorted_chunks import EntryRuns, SortedChunks, SortEntry
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
        self._runs, self._time_runs = EntryRuns(), EntryRuns()

    def __len__(self) -> int:
        """How many rows."""
        return len(self.entries)

    def __getitem__(self, row: int) -> Task:
        """The task of a row. Raises IndexError."""
        descending = self.shape.order.descending
        if self._index is not None:
            return self.entries[self._index.find_index(row, descending=descending)][3]
        return self.entries[~row if descending else row][3]

    def __iter__(self) -> Iterator[Task]:
        """All tasks in order."""
        descending = self.shape.order.descending
        if self._index is not None:
            entries = self._index.iter_entries(self.entries, descending=descending)
        else:
            entries = reversed(self.entries) if descending else iter(self.entries)
        return (entry[3] for entry in entries)

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
        descending, entry = self.shape.order.descending, self.shape.make_entry(task, self.at)
        if self._index is None:
            index = self.entries.find_index(entry)
            return len(self.entries) - 1 - index if descending and index is not None else index
        number = self._index.find_number(task.id)
        index = None if number is None else self.entries.find_index(_in_group(number, entry))
        if number is None or index is None:
            return None
        return self._index.find_row(number, index, descending=descending)

    # Changes.

    def apply_change(self, change: Change) -> None:
        """Bring the rows up to date with the change of one task."""
        if change.old is not None:
            self._take_out(change.old)
        if change.new is not None and self._is_shown(change.new):
            self._put_in(change.new)

    def move_in_time(self, tasks: Iterable[Task], at: Millis) -> None:
        """Put tasks whose sort keys depend on the time where they belong at another moment."""
        moved = list(tasks)
        for task in moved:
            self._take_out(task)
        self.at = at
        for task in moved:
            self.apply_change(Change(None, task))

    def _take_out(self, task: Task) -> None:
        number = None if self._index is None else self._index.remove_task(task)
        if self._index is None or number is not None:
            self.entries.remove_entry(_in_group(number, self.shape.make_entry(task, self.at)))

    def _put_in(self, task: Task) -> None:
        self.has_failures = self.has_failures or task.status in FAILURES
        number = None if self._index is None else self._index.add_task(task)
        self.entries.add_entry(_in_group(number, self.shape.make_entry(task, self.at)))

    def _is_shown(self, task: Task) -> bool:
        try:
            return self.shape.shows_task(task, self.at)
        except FilterError:
            # It arrived after the filter had been fast enough for all others; one task isn't worth a stall.
            return False

    # The first filling, in steps.

    def collect(self, tasks: Collection[Task]) -> None:
        """Take in tasks that pass the filter; they are rows once they are merged."""
        self.has_failures = self.has_failures or any(task.status in FAILURES for task in tasks)
        entries = self.shape.make_entries(tasks, self.at)
        if self._index is not None:
            entries, times = self._index.sort_in(entries)
            self._time_runs.add_entries(times)
        self._runs.add_entries(entries)

    async def merge_collected(self, loop: LoopYielder) -> None:
        """Make rows of all tasks that were taken in."""
        self.entries = await self._runs.merge(loop.yield_if_due)
        if self._index is not None:
            by_time = await self._time_runs.merge(loop.yield_if_due)
            self._index.times = by_time if self._index.has_times else self.entries


def _in_group(number: int | None, entry: SortEntry) -> SortEntry:
    """The entry as it stands in a group; as it is where there are no groups."""
    return entry if number is None else (join_key(number, entry[0]), *entry[1:])
