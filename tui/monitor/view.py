"""The tasks that pass the filter, in order: updated as single tasks change, rebuilt in slices.

A change of one task takes a bisection and a move, however many tasks there are; only a new order or filter
walks through all of them, and lets the event loop run every few milliseconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.model import FAILURES, FINISHED, WAITING, Millis, Task, TaskKey, TaskStatus
from tui.fields import SORTS
from tui.monitor import filters
from tui.monitor.constant_columns import ConstantColumns
from tui.monitor.cooperative import LoopYielder
from tui.monitor.filters import Filter
from tui.monitor.sorted_chunks import SortedChunks
from tui.monitor.store import Change
from tui.monitor.unreadable import tab_status
from tui.monitor.view_rows import ViewRows
from tui.task_group import GroupKind, TaskGroup

if TYPE_CHECKING:
    from tui.monitor.task_source import TaskSource

VIEW_SLICE = 250
"""Tasks filtered and given sort keys between two checks of the time: half a millisecond."""

_BLOCK = 1 << 140
"""Keys of tasks that run are just below twice this, of those that wait just below it; no time is as large."""
_CREATED_BITS, _ID_DIGITS = 70, 20
"""How far a time is shifted to make room for an id: of two equal times the lower id is the older task."""

TICKED_TASKS = 200
"""Up to this many unfinished tasks are moved every second as they age; for more the view is rebuilt."""


class TabGroup(Struct, frozen=True):
    """A status tab: its key, its label and its statuses (None for all)."""

    key: str
    label: str
    statuses: frozenset[TaskStatus] | None
    """As returned by `tab_status`."""
    test: Callable[[Task], bool] | None = None
    """What else its tasks have in common; None where that is all."""

    @property
    def is_all(self) -> bool:
        """Whether it shows every task."""
        return self.statuses is None and self.test is None


TAB_GROUPS = (
    TabGroup("0", "All", None),
    TabGroup("1", "Active", filters.STATUS_GROUPS["active"]),
    TabGroup("2", "Waiting", WAITING),
    TabGroup("3", "Success", frozenset({TaskStatus.SUCCESS})),
    TabGroup("4", "Failed", FAILURES),
    TabGroup("5", "Cancelled", frozenset({TaskStatus.CANCELLED})),
)

PROBLEMS_KEY = "6"


def make_problem_group(has_problem: Callable[[Task], bool]) -> TabGroup:
    """The tab of the tasks that need a person."""
    return TabGroup(PROBLEMS_KEY, "Problems", None, has_problem)


ALL_GROUPS = (*TAB_GROUPS, make_problem_group(lambda task: False))
"""With the tab of the problems, as it is where nobody looks for them."""


class Order(Struct, frozen=True):
    """The sort column and direction; newest first by default."""

    column: str = "age"
    descending: bool = True


class Shape(Struct, frozen=True):
    """Which tasks of the store a view shows, and in which order."""

    order: Order = Order()
    filter: Filter = Filter()
    group: TabGroup = TAB_GROUPS[0]
    grouped_by: GroupKind | None = None
    """What the tasks are grouped by; in a group they are in the order. By cause only failures are shown."""
    is_one_list: bool = False
    """Whether the unfinished tasks stand among the others in any order, as in a printed list."""

    def shows_task(self, task: Task, now: Millis) -> bool:
        """Whether the task is among the rows. Raises FilterError where it takes too long to tell."""
        statuses = self.statuses
        test = self.group.test
        is_in_group = (statuses is None or tab_status(task) in statuses) and (test is None or test(task))
        return is_in_group and self.filter(task, now)

    @property
    def statuses(self) -> frozenset[TaskStatus] | None:
        """The statuses of the tasks that can be shown, as returned by `tab_status`; None for all."""
        if self.grouped_by != "cause":
            return self.group.statuses
        return FAILURES if self.group.statuses is None else FAILURES & self.group.statuses

    def pass_quick_tests(self, tasks: Sequence[Task], now: Millis) -> Sequence[Task]:
        """The tasks of the group that pass the filter, but for its regular expressions."""
        statuses = self.statuses
        if statuses is not None:
            broken = TaskStatus.UNREADABLE
            # Not by `shows_task`, which would be called for each of 100,000 tasks.
            tasks = [
                task
                for task in tasks
                if task.status in statuses or (task.status is broken and tab_status(task) in statuses)
            ]
        if (test := self.group.test) is not None:
            tasks = [task for task in tasks if test(task)]
        return self.filter.pass_quick_tests(tasks, now)

    @property
    def depends_on_problems(self) -> bool:
        """Whether a task can come or go by what is found wrong with it."""
        return self.group.test is not None or self.filter.asks_problems

    @property
    def unfinished_first(self) -> bool:
        """Whether what runs stands above all others, the oldest first, and below it what waits.

        So it is unless a person has chosen a column or a direction.
        """
        is_usual = not self.is_one_list and self.grouped_by is None and self.order == Order()
        return is_usual and self.group in TAB_GROUPS[:2]

    @property
    def _sort_key(self) -> Callable[[Task, Millis], Any]:
        """What tells a task's place in the order."""
        return _block_key if self.unfinished_first else SORTS[self.order.column].key

    def make_key(self, task: Task, now: Millis) -> Any:
        """The task's sort key."""
        return self._sort_key(task, now)

    def make_keys(self, tasks: Iterable[Task], now: Millis) -> list[Any]:
        """The sort keys of tasks."""
        key = self._sort_key
        return [key(task, now) for task in tasks]


def _block_key(task: Task, now: Millis) -> Any:
    """The key of a task in an order that has the unfinished ones on top: of these the older is the larger."""
    created = SORTS["age"].key(task, now)
    return created if task.status in FINISHED else _unfinished_key(task, created)


def _unfinished_key(task: Task, created: Millis) -> int:
    status = tab_status(task)
    if status.is_finished:
        return created
    number = int(task.id) if task.id.isdecimal() and len(task.id) <= _ID_DIGITS else 0
    rank = 1 if status.is_waiting else 2
    return rank * _BLOCK - (created << _CREATED_BITS) - number


class View:
    """The rows of the table, as a sequence of tasks; implements the table's `RowSource`."""

    def __init__(self, source: TaskSource, now: Callable[[], Millis], shape: Shape | None = None) -> None:
        """`shape` is the one of the rows that come first; the usual one where none is given."""
        self.source = source
        self._now = now
        self._rows = ViewRows(shape or Shape(), now())
        self._late: deque[Change] | None = None
        self._built = False
        """Whether the rows have followed the store since they were built; it may be filled before that."""
        self._is_outdated = False
        self._left: list[SortedChunks] = []
        self._constant = ConstantColumns()
        self.expects_ended = False
        """Tasks that have ended are still to come."""

    def __len__(self) -> int:
        """How many rows."""
        return len(self._rows)

    def __getitem__(self, row: int) -> Task:
        """The task of a row."""
        return self._rows[row]

    def __iter__(self) -> Iterator[Task]:
        """All tasks in order."""
        return iter(self._rows)

    @property
    def shape(self) -> Shape:
        """Which tasks are shown, and in which order."""
        return self._rows.shape

    @property
    def has_failures(self) -> bool:
        """Whether any row has failed since the rows were built."""
        return self._rows.has_failures

    @property
    def constant_columns(self) -> frozenset[str]:
        """The columns that said the same in every row when all rows were last gone through.

        What is sorted by is none of them; where nothing has begun to run, nothing has taken any time.
        """
        statuses = self.shape.group.statuses
        idle = {"took"} if statuses is not None and statuses <= WAITING else set[str]()
        return (self._constant.keys | idle) - {self.shape.order.column}

    async def find_constant_columns(self) -> None:
        """Go through all rows once more, after everything was read."""
        constant, rows, loop = ConstantColumns(), self._rows, LoopYielder()
        for start in range(0, len(rows), VIEW_SLICE):
            constant.note_rows(rows.read_slice(start, start + VIEW_SLICE))
            await loop.yield_if_due()
        if rows is self._rows:
            self._constant = constant

    @property
    def running_rows(self) -> int:
        """How many rows at the top are of tasks that run; 0 where they stand among the others."""
        return self._rows.entries.count_from(_BLOCK + _BLOCK // 2) if self._has_block else 0

    @property
    def waiting_rows(self) -> int:
        """How many rows below these are of tasks that wait; 0 where they stand among the others."""
        return self._rows.entries.count_from(_BLOCK // 2) - self.running_rows if self._has_block else 0

    @property
    def groups(self) -> Sequence[TaskGroup]:
        """The groups of the rows, in their order; none where the rows are not grouped."""
        return self._rows.groups

    @property
    def _has_block(self) -> bool:
        return self.shape.unfinished_first and self.shape.group.statuses is None

    def position(self, key: TaskKey) -> int | None:
        """The row of a task, or None if it isn't shown."""
        task = self.source.find_task(key)
        return None if task is None else self._rows.find_row(task)

    def follow_changes(self, changes: Sequence[Change]) -> None:
        """Apply changes of the store to the rows."""
        self._built = True
        if self._late is not None:
            self._late += changes
        self._rows.apply_changes(changes)

    def mark_outdated(self) -> None:
        """Note that names of places have changed, and no task has: the next rebuild finds the rows anew."""
        self._is_outdated = True

    @property
    def depends_on_time(self) -> bool:
        """Whether time alone changes the rows in a way that needs a rebuild."""
        return self.shape.filter.depends_on_time or (
            self.shape.order.column == "took" and not self._few_move()
        )

    def advance_time(self) -> bool:
        """Reorder rows whose sort key depends on the time; true if any may have moved."""
        if self.shape.order.column != "took" or self._late is not None or not self._few_move():
            return False
        live = list(self.source.iter_unfinished())
        self._rows.move_in_time(live, self._now())
        return bool(live)

    def _few_move(self) -> bool:
        return self.source.unfinished_count <= TICKED_TASKS

    async def rebuild(self, shape: Shape) -> bool:
        """Show another shape; false if a newer request has replaced this one.

        The rows stay as they are until all is ready, then change all at once. Raises FilterError where a
        regular expression takes too long.
        """
        if self._is_turned(shape):
            self._rows.shape = shape
            return True
        rows = ViewRows(shape, self._now())
        self._late = late = deque[Change]()
        try:
            constant = await self._fill_rows(rows, late)
            if self._late is not late:
                # Only the newer request knows what changed since.
                return False
        finally:
            if self._late is late:
                self._late = None
        self._left += self._rows.chunks
        self._rows, self._constant = rows, constant
        self._built, self._is_outdated = True, False
        return True

    def _is_turned(self, shape: Shape) -> bool:
        """Whether a shape differs from the shown one in direction at most, so that no rebuild is needed."""
        if not self._built or self._is_outdated:
            return False
        turned = replace(self.shape, order=replace(self.shape.order, descending=shape.order.descending))
        same_keys = turned.unfinished_first == self.shape.unfinished_first
        return turned == shape and same_keys and self._late is None and not self.depends_on_time

    async def free_replaced_rows(self) -> None:
        """Free the rows that a rebuild has replaced, in slices: 100,000 at once take 10 ms (measured)."""
        loop = LoopYielder()
        while self._left:
            if not self._left[-1].drop_last_chunk():
                self._left.pop()
            await loop.yield_if_due()

    async def _fill_rows(self, rows: ViewRows, late: deque[Change]) -> ConstantColumns:
        """Fill the rows of a shape, including what changes meanwhile; returns what all of them say."""
        loop, constant = LoopYielder(), ConstantColumns()
        async for tasks in self._select_tasks(rows.shape, rows.at, loop):
            rows.collect(tasks)
            constant.note_rows(tasks)
        await rows.merge_collected(loop)
        while late:
            rows.apply_changes([late.popleft()])
            await loop.yield_if_due()
        return constant

    async def _select_tasks(
        self, shape: Shape, at: Millis, loop: LoopYielder
    ) -> AsyncIterator[Sequence[Task]]:
        """The tasks that pass the filter of a shape, in slices. Raises FilterError."""
        tasks = self.source.list_tasks()
        for start in range(0, len(tasks), VIEW_SLICE):
            passing = shape.pass_quick_tests(tasks[start : start + VIEW_SLICE], at)
            if shape.filter.patterns:
                passing = await loop.run_steps(shape.filter.select_by_patterns(passing))
            yield passing
            await loop.yield_if_due()
