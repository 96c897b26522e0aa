"""The head of a group of tasks as a line of the table: how many, what they have in common, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from backend_adapters.model import Millis
from tui.field_rules import CellContext, ColumnRule
from tui.fields import COLUMNS
from tui.task_group import NAMELESS_GROUPS, GroupKind, TaskGroup
from tui.text import (
    NO_VALUE,
    format_age,
    format_count,
    format_short_timestamp,
    sanitize_label,
    status_glyph,
)
from tui.widgets.columns import LEFT_EDGE, RIGHT_MARGIN, SLOT_GAP, Cell, Slot, place_cell
from tui.widgets.place_style import place_sign
from tui.widgets.status_style import status_style

GROUP_KEYS = ("group count", "group label", "group last", "group first")
"""The columns of a head."""
_SIGN_GAP = 1
"""The blank behind the sign belongs to the column of the counts: its title needs it."""
LABEL_MIN_WIDTH = 20
"""Times are left out until the label has this many cells."""
_LABEL_TITLES: Mapping[GroupKind, str] = {
    "cause": "CAUSE",
    "place": "PLACE",
    "status": "STATUS",
    "type": "TYPE",
}
_COUNT = ColumnRule("TASKS", 5, 13, right=True)
_LAST = ColumnRule("LAST", 4, 11, right=True)
_FIRST = ColumnRule("FIRST", 5, 13, right=True)


class GroupLine(NamedTuple):
    """The head of a group as it stands on the screen. Equal lines look the same."""

    key: str
    cells: tuple[Cell, ...]
    folded: bool
    cursor: bool


def build_group_line(group: TaskGroup, context: CellContext, *, folded: bool, cursor: bool) -> GroupLine:
    """Make the head of a group."""
    last, first = (_format_moment(moment, context) for moment in (group.last, group.first))
    dots = ".." if context.ascii else "…"
    cells = (
        Cell(format_count(group.count), "text"),
        _label_cell(group, context),
        Cell(last, "dim" if last == NO_VALUE else "done"),
        # One task has one time.
        Cell(f"{dots} {first}" if group.first != group.last else "", "done"),
    )
    return GroupLine(group.key, cells, folded, cursor)


def _label_cell(group: TaskGroup, context: CellContext) -> Cell:
    label = sanitize_label(group.label) or NO_VALUE
    if group.key in NAMELESS_GROUPS or label == NO_VALUE:
        return Cell(label, "dim")
    if group.kind == "status":
        status = group.newest.status
        return Cell(f"{status_glyph(status, ascii=context.ascii)} {label}", status_style(status))
    if group.kind == "place":
        place = group.newest.place
        sign = place_sign(place, ascii=context.ascii)
        return place_cell(f"{sign} {label}" if sign else label, place, ascii=context.ascii)
    return Cell(label, "failed" if group.kind == "cause" else "text")


def _format_moment(moment: Millis | None, context: CellContext) -> str:
    if context.times == "age":
        return format_age(moment, context.now, is_calm=True)
    return format_short_timestamp(moment, context.now, utc=context.utc)


def arrange_group_columns(width: int, kind: GroupKind, widths: Mapping[str, int]) -> tuple[Slot, ...]:
    """Lay the columns of the heads out in `width` cells; the label takes the room that the others leave."""
    rules = {
        "group count": _COUNT,
        "group label": ColumnRule(_LABEL_TITLES[kind], 0, 0),
        "group last": _LAST,
        "group first": _FIRST,
    }
    needs = {
        key: min(max(widths.get(key, 0), rules[key].least), rules[key].most)
        for key in GROUP_KEYS
        if key != "group label"
    }
    # The counts end where the ids of the tasks do, so that the labels begin where their status does.
    ids = max(widths.get("id", 0), COLUMNS["id"].least)
    needs["group count"] = min(max(widths.get("group count", 0), ids) + _SIGN_GAP, _COUNT.most)
    room = width - LEFT_EDGE + _SIGN_GAP - RIGHT_MARGIN
    while len(needs) > 1 and room - sum(needs.values()) - SLOT_GAP * len(needs) < LABEL_MIN_WIDTH:
        needs.popitem()
    needs["group label"] = max(1, room - sum(needs.values()) - SLOT_GAP * len(needs))
    slots, x = [], LEFT_EDGE - _SIGN_GAP
    for key in GROUP_KEYS:
        if key in needs:
            slots.append(Slot(key, rules[key], x, needs[key]))
            x += needs[key] + SLOT_GAP
    return tuple(slots)


def fold_sign(line: GroupLine, *, ascii: bool) -> str:
    """The sign before a head: whether its tasks stand behind it or below it."""
    return ("+-" if ascii else "▸▾")[not line.folded]
