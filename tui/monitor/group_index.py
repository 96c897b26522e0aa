"""Which group each of the tasks in a view belongs to, and where the groups stand: kept up with each change.

The entries of a grouped view begin with the number of their group, so that those of a group stand together.
The numbers are given as groups are met; in which order the groups are shown is kept apart from it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from backend_adapters.model import Millis, Task, TaskKey, TaskStatus
from tui.fields import SORTS, UNKNOWN_NEWEST
from tui.monitor.sorted_chunks import SortedChunks
from tui.monitor.task_keys import read_task_keys
from tui.task_group import NO_CAUSE, OTHER_GROUPS, UNREAD_CAUSE, GroupKind, TaskGroup

MAX_GROUPS = 1_000
"""With so many groups, what would make a new one goes into a group of all others."""

_STATUS_ORDER = {
    status: place
    for place, status in enumerate(
        sorted(TaskStatus, key=lambda status: (status is not TaskStatus.RUNNING, status.is_finished))
    )
}
"""What runs first, then what has not ended, then what has."""
_LABELS = {UNREAD_CAUSE: "reason not read yet", NO_CAUSE: "no reason given", OTHER_GROUPS: "all others"}
_LAST = (OTHER_GROUPS, NO_CAUSE, UNREAD_CAUSE)
"""These stand below all others, the last one at the bottom."""
_KEY_BITS = 150
"""How far the number of a group is shifted to make room for a sort key."""
_LARGEST_KEY = 1 << (_KEY_BITS - 2)
"""Sort keys beyond this, which a server can send, count as this: they must not reach into other groups."""


class GroupIndex:
    """The groups of a view's rows. It is told of each task that comes into the rows or leaves them."""

    def __init__(self, kind: GroupKind, *, has_times: bool) -> None:
        """Without times of its own, it is given the view's entries, which are in their order, as `times`."""
        self.kind = kind
        self.times = SortedChunks()
        """The same tasks as the view's entries, of each group in the order of their creation."""
        self.has_times = has_times
        self._number_by_key: dict[str, int] = {}
        self._keys: list[str] = []
        self._counts: list[int] = []
        self._empty: set[int] = set()
        """The numbers of the groups without tasks, which others may get."""
        self._numbers: dict[TaskKey, int] = {}
        self._groups: list[TaskGroup | None] = []
        """By number: the group as it was last told; None where it has changed, or is empty."""
        self._shown: list[TaskGroup] | None = None
        self._shown_numbers: list[int] = []
        self._places: list[int] = []
        """By number: the place among those that are shown."""
        self._offsets: list[int] = []
        """By place: the first row."""
        self._starts: list[int] = []
        """By number: the index of the first entry."""

    # Tasks come and go.

    def sort_in(self, tasks: Sequence[Task]) -> list[int]:
        """Put tasks into groups, and return the numbers of these.

        Only `times` is left to the caller, who merges many of them at once.
        """
        numbers = [self._find_group(self._key_of(task)) for task in tasks]
        self._numbers.update(zip(read_task_keys(tasks), numbers, strict=True))
        for number, count in Counter(numbers).items():
            self._counts[number] += count
            self._note_change(number)
        return numbers

    def add_tasks(self, tasks: Sequence[Task]) -> list[int]:
        """Put tasks into their groups, and return the numbers of these."""
        numbers = self.sort_in(tasks)
        if self.has_times:
            self.times.add_tasks(make_time_keys(numbers, tasks), tasks)
        return numbers

    def remove_task(self, task: Task) -> int | None:
        """Take a task out of its group and return that one's number; None where it is in none."""
        number = self._numbers.pop(task.key, None)
        if number is not None:
            self._counts[number] -= 1
            if not self._counts[number] and self._keys[number] not in _LABELS:
                self._empty.add(number)
            if self.has_times:
                self.times.remove_task(join_key(number, _time_key(task)), task.key)
            self._note_change(number)
        return number

    def find_number(self, task_key: TaskKey) -> int | None:
        """The number of a task's group; None where it is not among the rows."""
        return self._numbers.get(task_key)

    def _find_group(self, key: str) -> int:
        """The number of the group with this key, which gets a task now."""
        number = self._number_by_key.get(key)
        if number is None:
            number = self._add_group(key)
        self._empty.discard(number)
        return number

    def _add_group(self, key: str) -> int:
        """Make a group, in the place of an empty one if there are too many, and return its number."""
        if len(self._keys) >= MAX_GROUPS and key not in _LABELS:
            if self._empty:
                number = self._empty.pop()
                del self._number_by_key[self._keys[number]]
                self._keys[number] = key
                self._number_by_key[key] = number
                return number
            key = OTHER_GROUPS
        number = self._number_by_key.setdefault(key, len(self._keys))
        if number == len(self._keys):
            self._keys.append(key)
            self._counts.append(0)
            self._groups.append(None)
        return number

    def _key_of(self, task: Task) -> str:
        if self.kind == "type":
            return f"={task.type}"
        if self.kind == "status":
            unknown = f" {task.raw_status}" if task.status is TaskStatus.UNKNOWN else ""
            return f"={task.status.value}{unknown}"
        if self.kind == "place":
            return "=" if task.place is None else f"={task.place.number}"
        if task.reason:
            # Imported here: the first rows are in no groups.
            from tui.monitor.normalize_reason import normalize_reason

            return f"={normalize_reason(task.reason)}"
        return UNREAD_CAUSE if task.lacks_reason else NO_CAUSE

    def _note_change(self, number: int) -> None:
        self._groups[number] = None
        self._shown = None

    # What is shown.

    @property
    def groups(self) -> Sequence[TaskGroup]:
        """The groups that have tasks, in the order in which they are shown."""
        if self._shown is None:
            self._arrange_groups()
        return self._shown or ()

    def _arrange_groups(self) -> None:
        self._starts = list(accumulate(self._counts, initial=0))
        held = [number for number, count in enumerate(self._counts) if count]
        for number in held:
            if self._groups[number] is None:
                self._groups[number] = self._read_group(number)
        pairs = [(group, number) for number in held if (group := self._groups[number]) is not None]
        pairs.sort(key=lambda pair: (_rank_group(pair[0]), pair[1]))
        self._shown = [group for group, _ in pairs]
        self._shown_numbers = [number for _, number in pairs]
        self._places = [0] * len(self._counts)
        for place, number in enumerate(self._shown_numbers):
            self._places[number] = place
        self._offsets = list(accumulate((group.count for group in self._shown), initial=0))

    def _read_group(self, number: int) -> TaskGroup:
        start, key = self._starts[number], self._keys[number]
        stop = start + self._counts[number]
        newest = self.times[stop - 1]
        # Where a time isn't known, the task stands before or behind all those whose time is.
        known = len(self.times) - self.times.count_from(join_key(number, 1))
        end = len(self.times) - self.times.count_from(join_key(number, UNKNOWN_NEWEST))
        return TaskGroup(
            kind=self.kind,
            key=key,
            count=stop - start,
            label=_LABELS[key] if key in _LABELS else self._label_of(newest),
            newest=newest,
            first=self.times[known].created if known < end else None,
            last=self.times[end - 1].created if known < end else None,
        )

    def _label_of(self, task: Task) -> str:
        if self.kind == "type":
            return task.type
        if self.kind == "status":
            return task.raw_status if task.status is TaskStatus.UNKNOWN else task.status.value
        if self.kind == "place":
            return "" if task.place is None else task.place.label or task.place.name
        return task.reason or ""

    # Rows are counted in the order of the groups, entries in the order of their numbers.

    def find_index(self, row: int, *, descending: bool) -> int:
        """The index of the entry of a row. Raises IndexError."""
        groups = self.groups
        if not 0 <= row < self._offsets[-1]:
            raise IndexError(row)
        place = bisect_right(self._offsets, row) - 1
        start, at = self._starts[self._shown_numbers[place]], row - self._offsets[place]
        return start + (groups[place].count - 1 - at if descending else at)

    def find_row(self, number: int, index: int, *, descending: bool) -> int:
        """The row of an entry in a group."""
        groups = self.groups
        place = self._places[number]
        at = index - self._starts[number]
        return self._offsets[place] + (groups[place].count - 1 - at if descending else at)

    def iter_tasks(self, entries: SortedChunks, *, descending: bool) -> Iterator[Task]:
        """The tasks of all entries in the order of the rows."""
        for group, number in zip(self.groups, self._shown_numbers, strict=True):
            start = self._starts[number]
            found = entries.iter_range(start, start + group.count)
            yield from reversed(list(found)) if descending else found


def join_key(number: int, key: Any) -> Any:
    """A sort key with the number of a group before it."""
    # One number takes half the time of a pair, and the garbage collector has nothing to look at.
    if type(key) is not int:
        return (number, key)
    if not -_LARGEST_KEY < key < _LARGEST_KEY:
        key = _LARGEST_KEY if key > 0 else -_LARGEST_KEY
    return (number << _KEY_BITS) + key


def make_time_keys(numbers: Iterable[int], tasks: Iterable[Task]) -> list[Any]:
    """The keys of tasks in `GroupIndex.times`, by the numbers of their groups."""
    return [join_key(number, _time_key(task)) for number, task in zip(numbers, tasks, strict=True)]


def _time_key(task: Task) -> Millis:
    """What orders tasks by their creation; times don't depend on the present one."""
    created: Millis = SORTS["created"].key(task, 0)
    return created


def _rank_group(group: TaskGroup) -> tuple[int, int, str]:
    """What orders groups: causes by their newest failure, types by their number, statuses as they go on.

    Places are in the order of their labels.
    """
    rank = _LAST.index(group.key) + 1 if group.key in _LAST else 0
    if group.kind == "cause":
        return (rank, -(group.last or 0), "")
    if group.kind == "type":
        return (rank, -group.count, group.key)
    if group.kind == "place":
        return (rank, 0, group.label.casefold())
    return (rank, _STATUS_ORDER[group.newest.status], group.key)
