"""Where grouped rows of the table are drawn: each group has a head, and below it its tasks unless folded."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from itertools import accumulate

from tui.task_group import TaskGroup


class RowGroups:
    """An arrangement of the rows of groups; all of it is scrolled."""

    height = fixed_lines = 0
    has_rule = False

    def __init__(self, groups: Sequence[TaskGroup], unfolded: Set[str], keep: int | None) -> None:
        """`unfolded` are keys of groups; `keep` is the cursor's row, shown in a folded group as well."""
        self.groups = groups
        self._unfolded = unfolded
        self._starts = list(accumulate((group.count for group in groups), initial=0))
        """The first row of each group, and the number of rows."""
        self._keep = keep
        self._kept_in = -1
        """The folded group that shows the kept row."""
        if keep is not None and 0 <= keep < self._starts[-1]:
            number = bisect_right(self._starts, keep) - 1
            if groups[number].key not in unfolded:
                self._kept_in = number
        self._heads = list(
            accumulate((1 + self._count_shown(number) for number in range(len(groups))), initial=0)
        )
        """The place of each head, and the number of places."""

    def _count_shown(self, number: int) -> int:
        if number == self._kept_in:
            return 1
        group = self.groups[number]
        return group.count if group.key in self._unfolded else 0

    @property
    def places(self) -> int:
        """How many places there are."""
        return self._heads[-1]

    @property
    def is_all_folded(self) -> bool:
        """Whether there are heads only."""
        return self.places == len(self.groups)

    def row_at(self, place: int) -> int | None:
        """The row at a place; None for a head."""
        number = bisect_right(self._heads, place) - 1
        at = place - self._heads[number] - 1
        if at < 0 or number >= len(self.groups):
            return None
        return self._keep if number == self._kept_in else self._starts[number] + at

    def head_at(self, place: int) -> str | None:
        """The key of the group whose head is at a place; None for a row."""
        group = self.group_at(place)
        return None if group is None else group.key

    def group_at(self, place: int) -> TaskGroup | None:
        """The group whose head is at a place; None for a row."""
        number = bisect_right(self._heads, place) - 1
        is_head = number < len(self.groups) and self._heads[number] == place
        return self.groups[number] if is_head else None

    def find_group(self, key: str) -> TaskGroup | None:
        """The group with a key."""
        return next((group for group in self.groups if group.key == key), None)

    def group_of(self, row: int) -> TaskGroup:
        """The group of a row."""
        return self.groups[bisect_right(self._starts, row) - 1]

    def is_folded(self, key: str) -> bool:
        """Whether the tasks of a group stand behind its head."""
        return key not in self._unfolded

    def place_of(self, row: int) -> int | None:
        """The place of a row; None where its group is folded."""
        number = bisect_right(self._starts, row) - 1
        if number == self._kept_in:
            return self._heads[number] + 1 if row == self._keep else None
        if number >= len(self.groups) or self.groups[number].key not in self._unfolded:
            return None
        return self._heads[number] + 1 + row - self._starts[number]

    def place_of_head(self, key: str) -> int | None:
        """The place of the head of a group; None where there is no such group."""
        return next((self._heads[at] for at, group in enumerate(self.groups) if group.key == key), None)

    def row_ranges(self, first: int, end: int) -> Iterator[range]:
        """The rows at the places from `first` to before `end`: none that stands behind a fold."""
        for number, group in enumerate(self.groups):
            below = self._heads[number] + 1
            start, stop = max(first, below), min(end, self._heads[number + 1])
            if start < stop and number == self._kept_in and self._keep is not None:
                yield range(self._keep, self._keep + 1)
            elif start < stop and group.key in self._unfolded:
                shift = self._starts[number] - below
                yield range(shift + start, shift + stop)
