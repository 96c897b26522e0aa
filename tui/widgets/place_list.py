"""The list of places that are watched together: one line for each, drawn only where it is visible."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import ClassVar, Literal

from msgspec import Struct
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.text import NO_VALUE, cell_width, fit_cells
from tui.widgets.header_bar import ConnectionState
from tui.widgets.line_widget import TextRun
from tui.widgets.place_style import PLACE_LOOKS, PRODUCTION_LOOK, write_place_styles
from tui.widgets.task_line import make_strip

COLUMN_GAP_CELLS = 2
SHORT_NAME_CELLS, LEAST_NAME_CELLS = 20, 14
"""To these the names are cut before the first column, and before the columns of counts, are left out."""
HEADS = {
    "name": "PLACE",
    "state": "STATE",
    "running": "RUNNING",
    "waiting": "WAITING",
    "failed": "FAILED 24H",
    "oldest": "OLDEST",
    "latency": "LATENCY",
    "requests": "REQ/MIN",
    "version": "VERSION",
}
"""The columns in their order."""
LEFT_COLUMNS = frozenset({"name", "state", "version"})
"""The columns of texts; the others are of numbers, which stand at their right edges."""
PLACE_DROP_ORDER = ("requests", "version", "latency", "oldest", "waiting", "failed")
"""What is left out first where there is no room."""


class PlaceLine(Struct, frozen=True, kw_only=True):
    """What the line of one place says; equal lines look the same."""

    cells: Mapping[str, TextRun]
    """The harmless text and the look of each column, by its key."""
    detail: str = ""
    """Stands behind the state where there is room in all lines."""
    sign: str = ""
    """Stands before a place of production."""


def fit_place_columns(widths: Mapping[str, int], room: int) -> dict[str, int]:
    """The columns that there is room for, with their widths; the name is cut where need be."""
    kept = dict(widths)

    def count_missing() -> int:
        return sum(kept.values()) + COLUMN_GAP_CELLS * (len(kept) - 1) - room

    def cut_name(least: int) -> None:
        kept["name"] = max(min(least, kept["name"]), kept["name"] - max(0, count_missing()))

    cut_name(SHORT_NAME_CELLS)
    for key in PLACE_DROP_ORDER:
        if key == "oldest":
            cut_name(LEAST_NAME_CELLS)
        if count_missing() <= 0:
            break
        kept.pop(key, None)
    cut_name(1)
    kept["name"] = min(widths["name"], kept["name"] - min(0, count_missing()))
    return kept


class PlaceList(ScrollView, can_focus=True):
    """Shows a line for each place below the heads. The cursor is held by a place, not by a line."""

    class CursorMoved(Message):
        """The cursor is on another place."""

    class Opened(Message):
        """A place was clicked twice."""

    LOOKS = (
        *("head", "text", "muted", "dim", "running", "failed", PRODUCTION_LOOK),
        *(state.value for state in ConnectionState),
        *PLACE_LOOKS,
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"place-list--{look}" for look in (*LOOKS, "cursor")}
    DEFAULT_CSS = """
    PlaceList {
        overflow-x: hidden;
        scrollbar-gutter: stable;
        & > .place-list--head, & > .place-list--dim { color: $text-disabled; }
        & > .place-list--text { color: $text; }
        & > .place-list--muted, & > .place-list--connecting { color: $text-muted; }
        & > .place-list--running { color: $text-primary; }
        & > .place-list--live { color: $text-success; }
        & > .place-list--paused { color: $text-warning; }
        & > .place-list--stale { color: $text-warning; text-style: bold; }
        & > .place-list--offline, & > .place-list--stopped { color: $text-error; text-style: bold; }
        & > .place-list--failed { color: $text-error; }
        & > .place-list--cursor { background: $primary 20%; color: $text; }
        PLACES
        &:ansi {
            & > .place-list--head, & > .place-list--dim, & > .place-list--muted { text-style: dim; }
            & > .place-list--cursor { background: ansi_default; text-style: reverse; }
        }
    }
    """.replace("PLACES", write_place_styles("place-list--"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home,g", "first", show=False),
        Binding("end,G", "last", show=False),
    ]

    def __init__(
        self, make_line: Callable[[int], PlaceLine], *, cursor: int | None = None, ascii: bool
    ) -> None:
        """`make_line` is called with the number of a visible place; the cursor begins on `cursor`."""
        super().__init__()
        self._make_line = make_line
        self._ascii = ascii
        self._places: tuple[int, ...] = ()
        self._name_width = 0
        self._has_signs = False
        self._cursor = cursor
        self._cursor_at = 0
        self._widths = {key: cell_width(head) for key, head in HEADS.items()}
        self._detail_width = 0
        self._frame: list[list[TextRun]] = []
        self._framed: int | None = None
        """The cursor's line in the frame."""
        self._styles: dict[tuple[str, bool], Style] = {}

    @property
    def cursor_place(self) -> int | None:
        """The number of the place under the cursor; None where there is no place."""
        return self._cursor

    def show_places(self, names: Mapping[int, str], *, has_signs: bool) -> None:
        """Show these places, by number, in this order; `has_signs`: some of them are of production.

        The cursor stays on its place; where that is gone it goes to the one that has taken its line.
        """
        places, before = tuple(names), self._cursor
        self._name_width = max((cell_width(name) for name in names.values()), default=0)
        self._has_signs = has_signs
        if places != self._places:
            self._places = places
            self.virtual_size = Size(0, len(places) + 1)
            if self._cursor in names:
                self._cursor_at = places.index(self._cursor)
            self._put_cursor(self._cursor_at)
        self.update_lines()
        if self._cursor != before:
            self.post_message(self.CursorMoved())

    def update_lines(self) -> None:
        """Draw the lines again that say something else."""
        before, was_at = self._frame, self._framed
        top, room = self.scroll_offset.y, max(0, self.size.height - 1)
        visible = self._places[top : top + room]
        lines = [self._make_line(place) for place in visible]
        columns, has_details = self._choose_columns(lines)
        self._frame = [
            self._draw_heads(columns),
            *(self._draw_line(one, columns, has_details) for one in lines),
        ]
        self._framed = 1 + visible.index(self._cursor) if self._cursor in visible else None
        for y in range(max(len(before), len(self._frame))):
            old, new = (frame[y] if y < len(frame) else None for frame in (before, self._frame))
            if old != new or (was_at != self._framed and y in (was_at, self._framed)):
                self.refresh(Region(0, y, self.size.width, 1))

    def _choose_columns(self, lines: list[PlaceLine]) -> tuple[dict[str, int], bool]:
        """The columns that fit, and whether the details do; widths only grow, so that nothing jumps."""
        for line in lines:
            for key, (text, _) in line.cells.items():
                if key != "name":
                    self._widths[key] = max(self._widths[key], cell_width(text))
            said = cell_width(line.cells["state"][0] + line.detail)
            self._detail_width = max(self._detail_width, said)
        self._widths["name"] = max(cell_width(HEADS["name"]), self._name_width)
        room = self.scrollable_content_region.width - (2 if self._has_signs else 0)
        whole = {**self._widths, "state": max(self._detail_width, self._widths["state"])}
        if fit_place_columns(whole, room) == whole:
            return whole, True
        return fit_place_columns(self._widths, room), False

    def _draw_heads(self, columns: Mapping[str, int]) -> list[TextRun]:
        runs: list[TextRun] = [("  ", "head")] if self._has_signs else []
        for key, width in columns.items():
            runs += [(self._fit_cell(key, HEADS[key], width), "head"), (" " * COLUMN_GAP_CELLS, "head")]
        return runs

    def _draw_line(self, line: PlaceLine, columns: Mapping[str, int], has_details: bool) -> list[TextRun]:
        runs: list[TextRun] = [(line.sign.ljust(2), PRODUCTION_LOOK)] if self._has_signs else []
        widths = dict(columns)
        text = line.cells["state"][0]
        if line.detail and (has_details or _make_room_for_detail(line, widths)):
            text += line.detail
        for key, width in widths.items():
            said, look = (text, line.cells[key][1]) if key == "state" else line.cells[key]
            runs += [(self._fit_cell(key, said, width), look), (" " * COLUMN_GAP_CELLS, "text")]
        return runs

    def _fit_cell(self, key: str, text: str, width: int) -> str:
        align: Literal["left", "right"] = "left" if key in LEFT_COLUMNS else "right"
        return fit_cells(
            text, width, align=align, keep="ends" if key == "name" else "head", ascii=self._ascii
        )

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        runs = self._frame[y] if y < len(self._frame) else []
        under = y == self._framed
        styles = {look: self._find_style(look, under) for _, look in runs}
        return make_strip(runs, self.size.width, styles, self._find_style("text", under))

    def _find_style(self, look: str, under: bool) -> Style:
        """The style of a look, plain or under the cursor, where what is dim becomes brighter."""
        if (look, under) not in self._styles:
            style = self.get_component_rich_style(f"place-list--{look}")
            if under:
                cursor = self.get_component_rich_style("place-list--cursor")
                is_plain = cursor.reverse or look in ("dim", "text")
                style = cursor if is_plain else style + Style(bgcolor=cursor.bgcolor)
            self._styles[look, under] = style
        return self._styles[look, under]

    def notify_style_update(self) -> None:
        """Forget the styles: the theme changed."""
        super().notify_style_update()
        self._styles.clear()

    # The cursor.

    def _put_cursor(self, at: int) -> None:
        """Put the cursor on the place at a line, or on the nearest one there is, and scroll to it."""
        self._cursor_at = max(0, min(at, len(self._places) - 1))
        self._cursor = self._places[self._cursor_at] if self._places else None
        top, page = self.scroll_offset.y, self._page_lines
        if self.size.height > 1:
            wanted = max(min(top, self._cursor_at), self._cursor_at - page + 1)
            if wanted != top:
                self.scroll_to(y=wanted, animate=False, force=True)

    @property
    def _page_lines(self) -> int:
        return max(1, self.size.height - 1)

    def _move_to(self, at: int) -> None:
        before = self._cursor
        self._put_cursor(at)
        self.update_lines()
        if self._cursor != before:
            self.post_message(self.CursorMoved())

    def action_move(self, lines: int) -> None:
        """Move the cursor up or down."""
        self._move_to(self._cursor_at + lines)

    def action_page(self, pages: int) -> None:
        """Move the cursor by so many screens."""
        self._move_to(self._cursor_at + pages * self._page_lines)

    def action_first(self) -> None:
        """Go to the first place."""
        self._move_to(0)

    def action_last(self) -> None:
        """Go to the last place."""
        self._move_to(len(self._places) - 1)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the place under the pointer; open it on a double click."""
        spot = event.get_content_offset(self)
        at = -1 if spot is None else spot.y - 1 + self.scroll_offset.y
        if spot is None or spot.y < 1 or at >= len(self._places):
            return
        if event.chain == 1:
            self._move_to(at)
        elif event.chain == 2 and at == self._cursor_at:
            self.post_message(self.Opened())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw the lines that have come."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.update_lines()

    def on_resize(self) -> None:
        """Fit the lines into the new width, and keep the cursor visible."""
        self._put_cursor(self._cursor_at)
        self.update_lines()


def _make_room_for_detail(line: PlaceLine, widths: dict[str, int]) -> bool:
    """Let the state lie over the columns behind it that have no value, if its detail fits then."""
    keys = list(widths)
    behind = keys[keys.index("state") + 1 :]
    over = list(takewhile(lambda key: line.cells[key][0] == NO_VALUE, behind))
    room = widths["state"] + sum(widths[key] + COLUMN_GAP_CELLS for key in over)
    fits = cell_width(line.cells["state"][0] + line.detail) <= room
    if fits:
        for key in over:
            del widths[key]
        widths["state"] = room
    return fits
