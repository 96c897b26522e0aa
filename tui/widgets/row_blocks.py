"""Where rows of the table are drawn: unfinished tasks in a block that stays, the others scrolled below it.

A *place* is a line that the cursor can be on, counted from the top over both parts: the tasks of the block,
the line that stands for those which have no room in it, and the tasks below.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from tui.text import format_count
from tui.widgets.list_cursor import FOLD_HEAD
from tui.widgets.row_source import RowSource

BLOCK_SHARE = 3
"""The block takes one line in so many."""
LEAST_LINES = 6
"""With fewer lines than this there is no block."""


class RowBlocks(Struct, frozen=True):
    """The rows that stand in the block, and where the others begin."""

    top: tuple[int, ...] = ()
    """The rows of the block that are shown."""
    running_folded: int = 0
    """How many tasks that run have no room in the block."""
    waiting_folded: int = 0
    """How many tasks that wait have no room in it."""
    first: int = 0
    """The first row below the block."""
    count: int = 0
    """All rows."""

    @property
    def folded(self) -> int:
        """How many tasks one line stands for."""
        return self.running_folded + self.waiting_folded

    @property
    def has_rule(self) -> bool:
        """Whether a rule stands below the block."""
        return self.first > 0

    @property
    def height(self) -> int:
        """The lines of the block."""
        return len(self.top) + bool(self.folded)

    @property
    def fixed_lines(self) -> int:
        """The lines of the block and the rule, which are not scrolled."""
        return self.height + self.has_rule

    @property
    def places(self) -> int:
        """How many places there are."""
        return self.height + self.count - self.first

    def row_at(self, place: int) -> int | None:
        """The row at a place; None on the line of the folded tasks."""
        if place < len(self.top):
            return self.top[place]
        return None if place < self.height else self.first + place - self.height

    def head_at(self, place: int) -> str | None:
        """The key of the line of the folded tasks; None elsewhere."""
        return FOLD_HEAD if len(self.top) <= place < self.height else None

    def place_of(self, row: int) -> int | None:
        """The place of a row; None where it is folded."""
        if row >= self.first:
            return self.height + row - self.first
        return self.top.index(row) if row in self.top else None

    def place_of_head(self, key: str) -> int | None:
        """The place of the line that stands for the folded tasks."""
        return len(self.top) if self.folded and key == FOLD_HEAD else None

    def row_ranges(self, first: int, end: int) -> Iterable[range]:
        """The rows at the places from `first` to before `end`: none that is folded."""
        for row in self.top[first:end]:
            yield range(row, row + 1)
        start = max(first, self.height)
        if start < end:
            below = self.first - self.height
            yield range(below + start, below + min(end, self.places))

    def describe_folded(self, *, is_counted: bool = True) -> str:
        """`+2 running, 2412 waiting`; without numbers where they are not known."""
        if not is_counted:
            return "+ more running or waiting"
        parts = ((self.running_folded, "running"), (self.waiting_folded, "waiting"))
        return "+" + ", ".join(f"{format_count(number)} {what}" for number, what in parts if number)


def arrange_rows(rows: RowSource, lines: int, keep: int | None) -> RowBlocks:
    """Arrange rows on so many lines; `keep` is the cursor's row, which is never folded.

    Where nothing has ended, or there are few lines, there is no block: all tasks are scrolled.
    """
    unfinished, count = rows.running_rows + rows.waiting_rows, len(rows)
    none_ended = unfinished == count and not rows.expects_ended
    if not unfinished or none_ended or lines < LEAST_LINES:
        return RowBlocks(count=count)
    most = lines // BLOCK_SHARE
    if unfinished <= most:
        return RowBlocks(tuple(range(unfinished)), first=unfinished, count=count)
    top = list(range(most - 1))
    if keep is not None and most - 1 <= keep < unfinished:
        top[-1] = keep
    running = sum(row < rows.running_rows for row in top)
    return RowBlocks(
        tuple(top),
        running_folded=rows.running_rows - running,
        waiting_folded=rows.waiting_rows - (len(top) - running),
        first=unfinished,
        count=count,
    )
