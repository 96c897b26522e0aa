"""The styles of the task table: one for each look, plain and under the cursor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from rich.style import Style
from textual.widget import Widget

from tui.widgets.place_style import PLACE_LOOKS, PRODUCTION_LOOK

Palette: TypeAlias = Mapping[tuple[str, bool], Style]
"""(look, whether under the cursor) to the style drawn."""

TABLE_LOOKS = (
    *("head", "sorted", "text", "done", "dim", "mark", "empty"),
    *("running", "waiting", "success", "failed", "cancelled", "transient", "stuck", "unknown"),
    "old",
    *(PRODUCTION_LOOK, *PLACE_LOOKS),
)


def build_palette(table: Widget) -> Palette:
    """The styles of a table's component classes, as its theme and its focus have them."""
    cursor = table.get_component_rich_style("task-table--cursor")
    return {
        (look, under): _style_under_cursor(cursor, look, style) if under else style
        for look in TABLE_LOOKS
        for under in (False, True)
        # An old row under the cursor can be read as well as one that has ended, and is as grey.
        for style in (
            table.get_component_rich_style(f"task-table--{'done' if under and look == 'old' else look}"),
        )
    }


def _style_under_cursor(cursor: Style, look: str, style: Style) -> Style:
    """The style of a look under the cursor: muted looks become brighter; a reversed cursor has one style."""
    if cursor.reverse or look == "done":
        return cursor
    bold = Style(bold=True) if cursor.bold else Style()
    return style + Style(bgcolor=cursor.bgcolor) + bold
