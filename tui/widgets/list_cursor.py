"""The cursor of the table: it is held by what it is on, a task's key or a head's, never by a place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from backend_adapters.model import TaskKey
from tui.widgets.row_source import RowSource


class LineKey(NamedTuple):
    """What a line of the table is of: a task, or a head that stands for several; an empty one has neither."""

    task_key: TaskKey | None = None
    head: str | None = None


NO_LINE = LineKey()
FOLD_HEAD = "unfinished tasks without room"
"""The key of the line that stands for unfinished tasks which have no room in the block."""


class RowLayout(Protocol):
    """Where rows are drawn. A *place* is a line that the cursor can be on, counted from the top."""

    @property
    def places(self) -> int:
        """How many places there are."""

    @property
    def height(self) -> int:
        """How many of them are not scrolled: these are the first ones."""

    @property
    def fixed_lines(self) -> int:
        """The lines that are not scrolled, with the rule below them."""

    @property
    def has_rule(self) -> bool:
        """Whether a rule stands below the lines that are not scrolled."""

    def row_at(self, place: int, /) -> int | None:
        """The row at a place; None for a head."""

    def head_at(self, place: int, /) -> str | None:
        """The key of the head at a place; None for a row."""

    def place_of(self, row: int, /) -> int | None:
        """The place of a row; None where it stands behind a fold."""

    def place_of_head(self, key: str, /) -> int | None:
        """The place of a head; None where there is no such head."""

    def row_ranges(self, first: int, end: int, /) -> Iterable[range]:
        """The rows at the places from `first` to before `end`, in ascending order."""


class ListCursor:
    """What the cursor is on, and its place when the rows were last arranged."""

    def __init__(self) -> None:
        self.key = NO_LINE
        self.place = 0
        self.is_touched = False
        """A person has moved the cursor, or done something with its task: it stays there."""

    def find_row(self, rows: RowSource) -> int | None:
        """The row of its task; None on a head, and where the task is not among the rows."""
        return find_row(self.key, rows)

    def find_place(self, rows: RowSource, layout: RowLayout) -> int | None:
        """The place of what it is on; None where that is gone."""
        return find_place(self.key, rows, layout)

    def follow(self, rows: RowSource, layout: RowLayout) -> None:
        """Take over the place at which its line stands now; what is gone leaves the old one."""
        place = self.find_place(rows, layout)
        if place is not None:
            self.place = place

    def put_on(self, place: int, rows: RowSource, layout: RowLayout) -> None:
        """Put it on what stands at a place, or at the nearest one there is."""
        self.place = max(0, min(place, layout.places - 1))
        row = layout.row_at(self.place)
        if row is None:
            self.key = LineKey(head=layout.head_at(self.place))
        else:
            self.key = LineKey(task_key=rows[row].key) if row < len(rows) else NO_LINE


def find_row(key: LineKey, rows: RowSource) -> int | None:
    """The row of a line's task; None for a head, and where the task is not among the rows."""
    return None if key.task_key is None else rows.position(key.task_key)


def find_place(key: LineKey, rows: RowSource, layout: RowLayout) -> int | None:
    """The place of a line in an arrangement of rows; None where it isn't there."""
    if key.head is not None:
        return layout.place_of_head(key.head)
    row = find_row(key, rows)
    return None if row is None else layout.place_of(row)


def choose_next_line(
    drawn: Sequence[tuple[LineKey, bool]], gone: LineKey, is_on_top: Callable[[LineKey], bool | None]
) -> LineKey:
    """Return what is drawn below a vanished line, else above it, and is still there.

    Each line comes with whether it is one of those that are not scrolled. If possible, what is returned is of
    the same kind; `is_on_top` tells of which kind a line is now, and None of one that is gone.
    """
    lines = [line for line in drawn if line[0] != NO_LINE]
    at = next((at for at, (key, _) in enumerate(lines) if key == gone), None)
    other = NO_LINE
    for key, _ in () if at is None else (*lines[at + 1 :], *reversed(lines[:at])):
        now = None if key.head == FOLD_HEAD else is_on_top(key)
        if at is not None and now is lines[at][1]:
            return key
        if now is not None and other == NO_LINE:
            other = key
    return other
