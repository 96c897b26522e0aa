"""Tables of records for a person: the columns, and how they share the width of a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from msgspec import Struct

from backend_adapters.model import is_task_id
from tui import text
from tui.cli.output.terminal import UNLIMITED
from tui.cli.output.values import Record

COLUMN_LEAST = 8
"""Cells that the column which takes what is left has at least."""
DROP_BELOW = 16
"""Cells below which that column makes others go that can be left out."""
COLUMN_MOST = 40
"""Cells of another column, at the most, where a line is too narrow for all: a UUID fits."""
_R = TypeVar("_R", bound=Record)


class Column(Struct, Generic[_R], frozen=True):
    """One column of a table: its head, and the text of a record, without control characters."""

    head: str
    show: Callable[[_R], str]
    plain: Callable[[_R], object] | None = None
    """The value for `tsv`, where it is another one than is shown."""
    right: bool = False
    takes_rest: bool = False
    """Takes what is left of the line, and is cut where that is too little."""
    drop_rank: int = 0
    """Left out of a table that a line is too narrow for, the highest rank first; 0: never."""
    style: Callable[[_R], str] | None = None
    """The SGR numbers that it is drawn with, `31`; empty for none."""


class Layout(Struct, Generic[_R], frozen=True, kw_only=True):
    """How records of one kind are printed; `json` and `csv` have the record's own fields."""

    columns: tuple[Column[_R], ...]
    more: tuple[Column[_R], ...] = ()
    """The further columns of `wide`."""
    id: Callable[[_R], str]
    is_id: Callable[[str], bool] = is_task_id
    """Which ids `-o id` gives to other commands: what could be an option or a path is left out."""
    line: Callable[[_R, Style], str] | None = None
    """A line for each record as it comes, instead of a table; these are printed at once."""


class Style(Struct, frozen=True):
    """What the output can show: colours, Unicode, and how wide a line is."""

    colour: bool = False
    ascii: bool = False
    width: int = UNLIMITED
    """Cells of a line."""

    def fit_rest(self, before: str, words: str) -> str:
        """Return words without control characters, cut to the room that is left after `before`."""
        room = max(COLUMN_LEAST, self.width - text.cell_width(before))
        return text.fit_cells(words, min(room, text.cell_width(words)), ascii=self.ascii).rstrip()

    def paint(self, words: str, numbers: str) -> str:
        """Return words in a colour, if there are colours."""
        return f"\x1b[{numbers}m{words}\x1b[0m" if self.colour and numbers else words


def render_table(
    columns: tuple[Column[_R], ...], rows: list[_R], width: int, style: Style, *, may_drop: bool = True
) -> list[str]:
    """Return the lines of a table; each column is as wide as its texts, if all fit into the line.

    Where they don't, columns with a `drop_rank` are left out, if they may be.
    """
    cells = [[column.show(row) for column in columns] for row in rows]
    widths = [
        max(text.cell_width(texts) for texts in (column.head, *(line[at] for line in cells)))
        for at, column in enumerate(columns)
    ]
    if may_drop:
        kept = _choose_columns(columns, widths, width)
        columns, widths = tuple(columns[at] for at in kept), [widths[at] for at in kept]
        cells = [[line[at] for at in kept] for line in cells]
    flexible = [at for at, column in enumerate(columns) if column.takes_rest]
    if flexible:
        widths = _fit_widths(widths, flexible, width)
    heads = [
        style.paint(_fit_cell(column, column.head, widths[at], style), "2")
        for at, column in enumerate(columns)
    ]
    drawn = (
        [_render_cell(columns[at], row, line[at], widths[at], style) for at in range(len(line))]
        for row, line in zip(rows, cells, strict=True)
    )
    return ["  ".join(line).rstrip() for line in (heads, *drawn)]


def _choose_columns(columns: tuple[Column[_R], ...], widths: list[int], width: int) -> list[int]:
    """Which columns a line has room for, so that little is left of none that takes the rest."""
    least = [
        min(one, DROP_BELOW) if column.takes_rest else one
        for column, one in zip(columns, widths, strict=True)
    ]
    kept = list(range(len(columns)))
    for at in sorted(kept, key=lambda at: columns[at].drop_rank, reverse=True):
        needed = sum(least[one] for one in kept) + 2 * (len(kept) - 1)
        if needed > width and columns[at].drop_rank:
            kept.remove(at)
    return kept


def _fit_widths(widths: list[int], flexible: list[int], width: int) -> list[int]:
    """The widths with which the columns fit into a line; the `flexible` ones take the room that is left."""
    gaps, rest = 2 * (len(widths) - 1), flexible[0]
    if len(flexible) > 1 and sum(widths) + gaps > width:
        # The last column of a line is cut by its end; the other one takes no more than its share.
        rest = flexible[-1]
        others = sum(one for at, one in enumerate(widths) if at not in flexible) + gaps
        share = max(COLUMN_LEAST, (width - others) * 2 // 5)
        widths = [min(one, share) if at in flexible[:-1] else one for at, one in enumerate(widths)]
    if sum(widths) - widths[rest] + gaps + COLUMN_LEAST > width:
        widths = [one if at == rest else min(one, COLUMN_MOST) for at, one in enumerate(widths)]
    others = sum(widths) - widths[rest] + gaps
    return [
        max(COLUMN_LEAST, min(one, width - others)) if at == rest else one for at, one in enumerate(widths)
    ]


def _render_cell(column: Column[_R], row: _R, words: str, width: int, style: Style) -> str:
    fitted = _fit_cell(column, words, width, style)
    return style.paint(fitted, column.style(row)) if column.style else fitted


def _fit_cell(column: Column[_R], words: str, width: int, style: Style) -> str:
    return text.fit_cells(words, width, align="right" if column.right else "left", ascii=style.ascii)
