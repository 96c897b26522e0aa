"""The columns of the task table: what stands in a cell, and where each column stands in a line.

A cell is a text with the name of a look; it is not yet cut to a width, so that two cells can be compared
without measuring them. Every text of a cell has passed `sanitize`, and what a server says `sanitize_label`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from backend_adapters.model import Place, Task, TaskStatus
from tui.field_rules import CellContext, ColumnRule
from tui.fields import COLUMNS, DROP_ORDER
from tui.progress_text import PERCENT_WIDTH, PROGRESS_WIDTH, draw_percent, find_percent
from tui.task_name import readable_name
from tui.text import (
    NO_VALUE,
    cell_width,
    fit_cells,
    sanitize,
    sanitize_label,
    status_glyph,
)
from tui.widgets.place_style import PLACE_LOOKS, PRODUCTION_LOOK, place_look, place_sign
from tui.widgets.status_style import StatusStyle, status_style, status_word


class RowOverlay(Struct, frozen=True):
    """What the table shows of a task besides the server's data; the task itself is never changed."""

    label: str = ""
    """Replaces the status, as in `cancelling 12s`, unless it is empty."""
    style: StatusStyle = "transient"
    note: str = ""
    """Shown dim after the name where there is room."""
    end_unknown: bool = False
    """When it ended is not known, so its times don't say how long it ran."""
    as_of: str = ""
    """When it was as shown, where that is not known to be so any more: `12:04`."""
    eta: str = ""
    """In how long it ends, judged by others of its kind: `~12m`; empty where that can't be said."""


class Cell(NamedTuple):
    """The content of one column in one row, and its look."""

    text: str
    style: str
    note: str = ""
    """What else is told in the cell: behind a name, in place of a status' word, or the sign of a place."""
    percent: int | None = None
    """How much of the task is done: a bar at the right end of the name, where no other column shows it."""

    def with_percent(self, percent: int | None) -> Cell:
        """The same cell with another percentage."""
        return Cell(self.text, self.style, self.note, percent)


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
SIGN_WIDTH = 2
"""Cells of a status' sign and the gap behind it."""
GRAPH_MIN_WIDTH = 9
"""A graph's name with less room than this is left out."""
PLACE_MIN_WIDTH = 12
"""The name of a place is cut down to this before a column that tells a time is left out."""
SHORT_PLACE_WIDTH = 8
"""The cells of a place where nothing else can be left out: its column never is."""
CUT_GRAPH_WIDTH = 5
"""The name of a graph that is cut to less than this says nothing: then all of a place's name is cut."""
CUT_ID_WIDTH = 8
"""A long id is cut down to this before the name of its place is."""
NAME_MIN_WIDTH = 16
"""Columns are left out until the name has this many cells."""
REASON_MIN_WIDTH = 24
"""A reason has a column of its own where that has this many cells beside the shortest name."""
SHORT_NAME_WIDTH = 10
"""The cells of a name that has to make room for a reason."""
NOTE_MIN_WIDTH = 12
"""A note with less room than this would say nothing and is left out."""

ESTIMATE_MIN_WIDTH = 130
"""A table of fewer cells has the column ETA only among all columns."""

_KEPT_ENDS: dict[str, Literal["head", "tail", "ends"]] = {"id": "tail", "place": "ends"}
"""What stays of a text that is cut, where that is not its head."""
_FLEXIBLE = ("name", "reason")
"""These columns share the room that the others leave."""
_CUT_BEFORE = {
    "graph": ("graph", GRAPH_MIN_WIDTH),
    **dict.fromkeys(("age", "took"), ("place", PLACE_MIN_WIDTH)),
}
"""What is cut, and to how many cells at the least, before a column is left out."""
_ANY_EXCEPTION = re.compile(r"^(?:Huge|Runtime)?(?:Exception|Error): (?=.)")
_EXCEPTION_ENDING = re.compile(r"\b([A-Z]\w+?)(?:Exception|Error)(?=: )")
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
    if key == "eta":
        # What has ended is not awaited: no dash in most of the rows.
        text = overlay.eta if overlay is not None and overlay.eta else "" if body == "done" else NO_VALUE
        return Cell(text, "dim" if text == NO_VALUE else body)
    show = COLUMNS[key].text
    if show is None:
        return _name_cell(task, overlay, body)
    if key == "place":
        return place_cell(show(task, context), task.place, ascii=context.ascii)
    if key == "reason":
        return Cell(show(task, context), "failed" if task.reason else body)
    end_unknown = overlay is not None and overlay.end_unknown
    text = NO_VALUE if key == "took" and end_unknown else show(task, context)
    return Cell(text, "dim" if text == NO_VALUE else body)


def place_cell(text: str, place: Place | None, *, ascii: bool) -> Cell:
    """The cell of a place, whose sign `text` begins with."""
    if place is None:
        return Cell(text, "dim")
    return Cell(text, place_look(place.profile), place_sign(place, ascii=ascii))


def _status_cell(task: Task, overlay: RowOverlay | None, context: CellContext) -> Cell:
    if overlay is not None and overlay.label:
        sign = "!" if overlay.style == "stuck" else status_glyph(TaskStatus.CANCELLING, ascii=context.ascii)
        return Cell(f"{sign} {sanitize(overlay.label)}", overlay.style)
    sign = status_glyph(task.status, ascii=context.ascii)
    has_gone_on = overlay is not None and overlay.as_of and not task.status.is_finished
    word = f"as of {overlay.as_of}" if overlay is not None and has_gone_on else status_word(task)
    return Cell(f"{sign} {sanitize_label(word)}", status_style(task.status))


def _name_cell(task: Task, overlay: RowOverlay | None, body: str) -> Cell:
    note = task.decode_error or (overlay.note if overlay is not None else "")
    percent = find_percent(task)
    if not task.name:
        return Cell(NO_VALUE, "dim", sanitize_label(note), percent)
    return Cell(sanitize_label(readable_name(task)), body, sanitize_label(note), percent)


# --- where it stands ---------------------------------------------------------------------------------


def select_columns(
    *,
    wide: bool,
    graphs: bool,
    places: bool = False,
    moments: bool = False,
    reasons: bool = False,
    estimates: bool = False,
    hidden: Collection[str] = (),
) -> tuple[str, ...]:
    """The columns to show: the usual ones or all; with `graphs` the rows are of several graphs of a server.

    Jobs of a whole project are nearly all of one type, so there the graph has the type's place. With `places`
    the rows are of several places, whose column names such a graph, too. Where ages are told as `moments`,
    that column takes the place of the one of creation times, which is left out sooner. `reasons`: some have
    failed; `estimates`: there is room to tell when some of them end. All means those of `hidden` as well,
    which say the same in every row.
    """
    graphs = graphs and not places
    left_out = {key for key, has in (("reason", reasons), ("place", places), ("graph", graphs)) if not has}
    known = tuple(key for key in COLUMNS if key not in left_out)
    if wide:
        shown = list(known)
        if moments:
            shown.remove("age")
            shown[shown.index("created")] = "age"
        return tuple(shown)
    usual = (key for key in known if COLUMNS[key].usual or (estimates and key == "eta"))
    if not places:
        usual = ("graph" if graphs and key == "type" else key for key in usual)
    return tuple(key for key in usual if key not in hidden)


def grow_widths(widths: dict[str, int], keys: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Widen `widths` (key to cells) in place where a cell of `rows` asks for more."""
    for cells in rows:
        for key, cell in zip(keys, cells, strict=True):
            if key in _FLEXIBLE:
                continue
            need = cell_width(cell.text)
            if need > widths.get(key, 0):
                widths[key] = need


def arrange_columns(width: int, keys: Sequence[str], widths: Mapping[str, int]) -> tuple[Slot, ...]:
    """Lay the columns out in `width` cells; name and reason share the room that the others leave.

    Where that is too little for both, the slot of the reason lies over others: `place_cells`.
    """
    kept, widths = _fit_columns(width, keys, widths)
    shared = max(1, _shared_width(width, kept, widths))
    slots: list[Slot] = []
    x = LEFT_EDGE
    for key in kept:
        if key == "reason":
            slots.append(_reason_slot(slots, shared))
        else:
            cells = shared if key == "name" else _column_width(key, widths)
            slots.append(Slot(key, COLUMNS[key], x, cells))
            x += cells + SLOT_GAP
    return tuple(slots)


def _fit_columns(
    width: int, keys: Sequence[str], widths: Mapping[str, int]
) -> tuple[list[str], Mapping[str, int]]:
    """The columns that there is room for, and their widths: a graph and a place are cut first."""
    kept, widths = list(keys), _shorten_ids(width, keys, widths)
    for drop in DROP_ORDER:
        missing = _wanted_width(kept, drop) - _shared_width(width, kept, widths)
        if missing <= 0:
            break
        if drop in kept:
            cut, least = _CUT_BEFORE.get(drop, ("", 0))
            left = _column_width(cut, widths) - missing if cut in kept else 0
            if cut and left >= least:
                return kept, {**widths, cut: left}
            kept.remove(drop)
    missing = NAME_MIN_WIDTH - _shared_width(width, kept, widths)
    if "place" in kept and missing > 0:
        left = _column_width("place", widths) - missing
        return kept, {**widths, "place": max(SHORT_PLACE_WIDTH, left)}
    return kept, widths


def _shorten_ids(width: int, keys: Sequence[str], widths: Mapping[str, int]) -> Mapping[str, int]:
    """The widths with long ids cut, where several places are shown in little room: few of them have such."""
    missing = NAME_MIN_WIDTH + REASON_MIN_WIDTH - _shared_width(width, keys, widths)
    if "place" not in keys or missing <= 0:
        return widths
    present = _column_width("id", widths)
    return {**widths, "id": max(min(present, CUT_ID_WIDTH), present - missing)}


def _column_width(key: str, widths: Mapping[str, int]) -> int:
    column = COLUMNS[key]
    return min(max(widths.get(key, 0), column.least), column.most)


def _shared_width(width: int, keys: Sequence[str], widths: Mapping[str, int]) -> int:
    """The room that the other columns leave to the name and the reason."""
    fixed = (_column_width(key, widths) + SLOT_GAP for key in keys if key not in _FLEXIBLE)
    return width - LEFT_EDGE - RIGHT_MARGIN - sum(fixed)


def _wanted_width(keys: Sequence[str], drop: str) -> int:
    """The room for name and reason that is worth the column `drop`."""
    if "reason" not in keys or _can_lie_over(keys) or drop in _CUT_BEFORE:
        return NAME_MIN_WIDTH
    return NAME_MIN_WIDTH + SLOT_GAP + REASON_MIN_WIDTH


def _can_lie_over(keys: Sequence[str]) -> bool:
    """Whether a reason can lie over the columns between the status' sign and the name: not over a graph."""
    before = keys[: keys.index("name")] if "name" in keys else ()
    return "status" in before and set(before[before.index("status") :]) <= {"status", "type"}


def _reason_slot(before: Sequence[Slot], shared: int) -> Slot:
    """The slot of the reason.

    It is the second part of the name's slot where there is room for both. Otherwise it begins behind the
    sign of the status, and ends where a short name begins; or it is as wide as the name, in its place.
    """
    name, column = before[-1], COLUMNS["reason"]
    start = name.x
    if shared < NAME_MIN_WIDTH + SLOT_GAP + REASON_MIN_WIDTH and _can_lie_over([slot.key for slot in before]):
        start = next(slot.x for slot in before if slot.key == "status") + SIGN_WIDTH
    room = name.x + shared - start
    if start == name.x and room < NAME_MIN_WIDTH + SLOT_GAP + SHORT_NAME_WIDTH:
        return Slot("reason", column, start, room)
    short = max(SHORT_NAME_WIDTH, min(NAME_MIN_WIDTH, room - SLOT_GAP - REASON_MIN_WIDTH), room * 2 // 5)
    short = min(short, shared)
    if start < name.x:
        return Slot("reason", column, start, room - SLOT_GAP - short)
    return Slot("reason", column, name.x + short + SLOT_GAP, room - SLOT_GAP - short)


def match_slots(keys: Sequence[str], slots: Sequence[Slot]) -> tuple[Slot | None, ...]:
    """The slot of each cell of a row with the columns of `keys`; None where a cell has no room."""
    by_key = {slot.key: slot for slot in slots}
    return tuple(by_key.get(key) for key in keys)


def place_cells(slots: Sequence[Slot | None], cells: Sequence[Cell]) -> list[tuple[Slot, Cell]]:
    """The cells of a row that are drawn, each with its slot; where `slots` has None, a cell has no room.

    The slot of a reason lies over others, which the row of a failed task gives up for it.
    """
    placed = [(slot, cell) for slot, cell in zip(slots, cells, strict=True) if slot is not None]
    at = next((at for at, (slot, _) in enumerate(placed) if slot.key == "reason"), 0)
    if not at:
        return placed
    reason, told = placed.pop(at)
    name, name_cell = placed[at - 1]
    if reason.x > name.x:
        # A bar stands at the end of the name, not below the head of the reasons.
        if told.text or name_cell.percent is not None:
            placed[at - 1 : at] = [(_cut_slot(name, name.x, reason.x - SLOT_GAP), name_cell), (reason, told)]
    elif told.text and reason.x == name.x:
        placed[at - 1] = (reason, told)
    elif told.text:
        _lay_over(placed, at, reason, told)
    return placed


def head_slots(slots: Sequence[Slot], *, all_reasons: bool = False) -> tuple[Slot, ...]:
    """The slots of the heads: a reason has one of its own where it stands behind the name.

    One in the place of other columns has one only with `all_reasons`, where each row has a reason.
    """
    at = next((at for at, slot in enumerate(slots) if slot.key == "reason"), 0)
    if not at or slots[at - 1].key != "name":
        return tuple(slots)
    name, reason = slots[at - 1 : at + 1]
    if reason.x > name.x:
        return (*slots[: at - 1], _cut_slot(name, name.x, reason.x - SLOT_GAP), *slots[at:])
    if not all_reasons:
        return (*slots[:at], *slots[at + 1 :])
    if reason.x == name.x:
        return (*slots[: at - 1], *slots[at:])
    start = next(start for start, slot in enumerate(slots) if slot.key == "status")
    stop = reason.x + reason.width
    told = _cut_slot(reason, slots[start].x, stop)
    return (*slots[:start], told, _cut_slot(name, stop + SLOT_GAP, name.x + name.width), *slots[at + 1 :])


def _lay_over(placed: list[tuple[Slot, Cell]], end: int, reason: Slot, told: Cell) -> None:
    """Let a reason follow the sign of the status, and the name, the last before `end`, follow the reason."""
    at = next(at for at, (slot, _) in enumerate(placed) if slot.key == "status")
    (status, sign), (name, name_cell) = placed[at], placed[end - 1]
    if sign.style in ("transient", "stuck"):
        # What is done to the task has the place of its status.
        return
    stop = reason.x + reason.width
    placed[at:end] = [
        (_cut_slot(status, status.x, stop), Cell(sign.text[:1], sign.style, told.text)),
        (_cut_slot(name, stop + SLOT_GAP, name.x + name.width), name_cell),
    ]


def _cut_slot(slot: Slot, start: int, stop: int) -> Slot:
    return Slot(slot.key, slot.column, start, stop - start)


# --- how it is written -------------------------------------------------------------------------------


def cell_runs(cell: Cell, slot: Slot, *, ascii: bool) -> tuple[tuple[str, str], ...]:
    """Return the runs of text and look that fill a slot exactly."""
    if slot.key == "name":
        return _name_runs(cell, slot.width, ascii=ascii)
    if slot.key in ("place", "group label") and cell.style in PLACE_LOOKS:
        return _place_runs(cell, slot.width, ascii=ascii)
    if slot.key in ("reason", "group label"):
        return ((_fit_reason(cell.text, slot.width, ascii=ascii), cell.style),)
    if cell.note:
        sign = fit_cells(cell.text, SIGN_WIDTH)
        return ((sign, cell.style), (_fit_reason(cell.note, slot.width - SIGN_WIDTH, ascii=ascii), "failed"))
    align: Literal["left", "right"] = "right" if slot.column.right else "left"
    # Long ids all begin with the same host and process.
    keep: Literal["head", "tail", "ends"] = _KEPT_ENDS.get(slot.key, "head")
    return ((fit_cells(cell.text, slot.width, align=align, keep=keep, ascii=ascii), cell.style),)


def _place_runs(cell: Cell, width: int, *, ascii: bool) -> tuple[tuple[str, str], ...]:
    """The sign of a production place, and the name, of which the profile and the graph's end stay."""
    sign = cell_width(cell.note)
    name = _fit_place(cell.text[len(cell.note) :], width - sign, ascii=ascii)
    return ((cell.note, PRODUCTION_LOOK), (name, cell.style)) if sign else ((name, cell.style),)


def _fit_place(name: str, width: int, *, ascii: bool) -> str:
    """The name of a place in so many cells: first the graphspace is left out, then the graph is cut."""
    if cell_width(name) <= width:
        return fit_cells(name, width)
    # The room for the sign that other places have.
    indent = name[: len(name) - len(name.lstrip(" "))]
    profile, colon, graph = name.strip(" ").partition(":")
    width -= len(indent)
    space, _, own = graph.rpartition("/")
    short = f"{profile}:{'~' if ascii else '…'}/{own}" if space else name
    if cell_width(short) <= width:
        return indent + fit_cells(short, width)
    room = width - cell_width(profile) - 1
    if not colon or room < CUT_GRAPH_WIDTH:
        return indent + fit_cells(name.strip(" "), width, keep="ends", ascii=ascii)
    return f"{indent}{profile}:{fit_cells(own, room, keep='ends', ascii=ascii)}"


def _name_runs(cell: Cell, width: int, *, ascii: bool) -> tuple[tuple[str, str], ...]:
    taken = cell_width(cell.text)
    if cell.percent is not None and not cell.note and width >= NAME_MIN_WIDTH:
        bar = draw_percent(
            cell.percent, max(PERCENT_WIDTH, min(PROGRESS_WIDTH, width - taken - SLOT_GAP)), ascii=ascii
        )
        room = width - cell_width(bar) - SLOT_GAP
        return (
            (fit_cells(cell.text, room, ascii=ascii) + " " * SLOT_GAP, cell.style),
            (bar, status_style(TaskStatus.RUNNING)),
        )
    if taken > width and _PATH.fullmatch(cell.text):
        return ((fit_cells(cell.text, width, keep="tail", ascii=ascii), cell.style),)
    room = width - taken - SLOT_GAP
    if not cell.note or room < min(NOTE_MIN_WIDTH, cell_width(cell.note)):
        return ((fit_cells(cell.text, width, ascii=ascii), cell.style),)
    return ((cell.text + " " * SLOT_GAP, cell.style), (fit_cells(cell.note, room, ascii=ascii), "dim"))


def _fit_reason(reason: str, width: int, *, ascii: bool) -> str:
    """A reason in so many cells; one that is too long loses what any exception could be named.

    `HugeException: ` says nothing, and of `NotFoundException: ` the ending.
    """
    if cell_width(reason) > width:
        reason = _EXCEPTION_ENDING.sub(r"\1", _ANY_EXCEPTION.sub("", reason))
    return fit_cells(reason, width, ascii=ascii)
