"""The columns of the task table: what stands in a cell, and where each column stands in a line.

A cell is a text with the name of a look; it is not yet cut to a width, so that two cells can be compared
without measuring them. Every text of a cell has passed `sanitize`, and what a server says `sanitize_label`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from backend_adapters.model import Task, TaskStatus
from tui.field_rules import CellContext, ColumnRule
from tui.fields import COLUMNS, DROP_ORDER
from tui.task_name import readable_name
from tui.text import (
    NO_VALUE,
    cell_width,
    fit_cells,
    sanitize,
    sanitize_label,
    status_glyph,
)
from tui.widgets.status_style import StatusStyle, status_style, status_word


class RowOverlay(Struct, frozen=True):
    """What the table shows of a task besides the server's data; the task itself is never changed."""

    label: str = ""
    """Replaces the status, as in `cancelling 12s`, unless it is empty."""
    style: StatusStyle = "transient"
    note: str = ""
    """Shown dim after the name where there is room, such as a failure's first line."""
    end_unknown: bool = False
    """When it ended is not known, so its times don't say how long it ran."""


class Cell(NamedTuple):
    """The content of one column in one row, and its look."""

    text: str
    style: str
    note: str = ""


class Slot(Struct, frozen=True):
    """A column and its position in a line."""

    key: str
    column: ColumnRule
    x: int
    width: int


LEFT_EDGE = 2
"""Cells at the left edge: the mark and a gap."""
SLOT_GAP = 2
RIGHT_MARGIN = 1
"""Cells left free at the right edge."""
NAME_MIN_WIDTH = 16
"""Columns are left out until the name has this many cells."""
NOTE_MIN_WIDTH = 12
"""A note with less room than this would say nothing and is left out."""

_PATH = re.compile(r"[\w$-]+(?:[./][\w$-]+){2,}")


# --- what stands in a cell ---------------------------------------------------------------------------


def row_cells(
    task: Task, overlay: RowOverlay | None, keys: Iterable[str], context: CellContext
) -> tuple[Cell, ...]:
    """Return the cells of a row for the columns of `keys`."""
    return tuple(_cell(key, task, overlay, context) for key in keys)


def _cell(key: str, task: Task, overlay: RowOverlay | None, context: CellContext) -> Cell:
    body = "done" if task.status.is_finished else "text"
    if key == "status":
        return _status_cell(task, overlay, context)
    show = COLUMNS[key].text
    if show is None:
        return _name_cell(task, overlay, body)
    end_unknown = overlay is not None and overlay.end_unknown
    text = NO_VALUE if key == "took" and end_unknown else show(task, context)
    return Cell(text, "dim" if text == NO_VALUE else body)


def _status_cell(task: Task, overlay: RowOverlay | None, context: CellContext) -> Cell:
    if overlay is not None and overlay.label:
        sign = "!" if overlay.style == "stuck" else status_glyph(TaskStatus.CANCELLING, ascii=context.ascii)
        return Cell(f"{sign} {sanitize(overlay.label)}", overlay.style)
    sign = status_glyph(task.status, ascii=context.ascii)
    return Cell(f"{sign} {sanitize_label(status_word(task))}", status_style(task.status))


def _name_cell(task: Task, overlay: RowOverlay | None, body: str) -> Cell:
    note = task.decode_error or task.reason or (overlay.note if overlay is not None else "")
    if not task.name:
        return Cell(NO_VALUE, "dim", sanitize_label(note))
    return Cell(sanitize_label(readable_name(task)), body, sanitize_label(note))


# --- where it stands ---------------------------------------------------------------------------------


def select_columns(*, wide: bool, graphs: bool, moments: bool = False) -> tuple[str, ...]:
    """The columns to show: the usual ones or all; with `graphs` the rows are of several graphs.

    Jobs of a whole project are nearly all of one type, so there the graph has the type's place. Where ages
    are told as `moments`, the column of creation times tells the same already.
    """
    if wide:
        left_out = {"reason", *(() if graphs else ("graph",)), *(("age",) if moments else ())}
        return tuple(key for key in COLUMNS if key not in left_out)
    usual = (key for key, rule in COLUMNS.items() if rule.usual and key != "reason")
    return tuple("graph" if graphs and key == "type" else key for key in usual)


def grow_widths(widths: dict[str, int], keys: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Widen `widths` (key to cells) in place where a cell of `rows` asks for more."""
    for cells in rows:
        for key, cell in zip(keys, cells, strict=True):
            need = cell_width(cell.text)
            if need > widths.get(key, 0):
                widths[key] = need


def arrange_columns(width: int, keys: Sequence[str], widths: Mapping[str, int]) -> tuple[Slot, ...]:
    """Lay the columns out in `width` cells; the name takes the room that the others leave."""
    kept = list(keys)
    for drop in DROP_ORDER:
        if _name_width(width, kept, widths) >= NAME_MIN_WIDTH:
            break
        if drop in kept:
            kept.remove(drop)
    slots, x = [], LEFT_EDGE
    for key in kept:
        cells = _column_width(key, widths) if key != "name" else max(1, _name_width(width, kept, widths))
        slots.append(Slot(key, COLUMNS[key], x, cells))
        x += cells + SLOT_GAP
    return tuple(slots)


def _column_width(key: str, widths: Mapping[str, int]) -> int:
    column = COLUMNS[key]
    return min(max(widths.get(key, 0), column.least), column.most)


def _name_width(width: int, keys: Sequence[str], widths: Mapping[str, int]) -> int:
    return (
        width
        - LEFT_EDGE
        - RIGHT_MARGIN
        - sum(_column_width(key, widths) + SLOT_GAP for key in keys if key != "name")
    )


# --- how it is written -------------------------------------------------------------------------------


def cell_runs(cell: Cell, slot: Slot, *, ascii: bool) -> tuple[tuple[str, str], ...]:
    """Return the runs of text and look that fill a slot exactly."""
    if slot.key == "name":
        return _name_runs(cell, slot.width, ascii=ascii)
    align: Literal["left", "right"] = "right" if slot.column.right else "left"
    # Long ids all begin with the same host and process.
    keep: Literal["head", "tail"] = "tail" if slot.key == "id" else "head"
    return ((fit_cells(cell.text, slot.width, align=align, keep=keep, ascii=ascii), cell.style),)


def _name_runs(cell: Cell, width: int, *, ascii: bool) -> tuple[tuple[str, str], ...]:
    taken = cell_width(cell.text)
    if taken > width and _PATH.fullmatch(cell.text):
        return ((fit_cells(cell.text, width, keep="tail", ascii=ascii), cell.style),)
    room = width - taken - SLOT_GAP
    if not cell.note or room < min(NOTE_MIN_WIDTH, cell_width(cell.note)):
        return ((fit_cells(cell.text, width, ascii=ascii), cell.style),)
    return ((cell.text + " " * SLOT_GAP, cell.style), (fit_cells(cell.note, room, ascii=ascii), "dim"))
