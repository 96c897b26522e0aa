"""A view of a long text (JSON, a script, a failure or plain text) that draws only the visible rows."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.text import cell_width, format_count, format_size
from tui.widgets.syntax_spans import (
    TEXT_STYLES,
    TEXT_VIEW_CSS,
    find_matches,
)
from tui.widgets.text_layout import ReadableText, TextLayout
from tui.widgets.text_painter import TextPainter
from tui.widgets.wrapping import WRAP_LIMIT, WrappedRows, begin_rows, wrap_sentence

SIDEWAYS_STEP = 8
"""Columns that one press of an arrow key scrolls."""

SEARCH_WORKERS = "text-view-moves"
"""The group of the workers that move to matches."""

WRAPPED_KINDS = ("error", "text", "gremlin")
"""The kinds of text that are wrapped by default."""


class TextView(ScrollView, can_focus=True):
    """A read-only text; its cost depends on the size of the screen, not of the text."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"text-view--{name}" for name in TEXT_STYLES}
    DEFAULT_CSS = TEXT_VIEW_CSS

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("home,g", "edge(False)", show=False),
        Binding("end,G", "edge(True)", show=False),
        Binding("right", "sideways(1)", show=False),
        Binding("left", "sideways(-1)", show=False),
        Binding("n", "next_hit", "Next match"),
        Binding("N", "previous_hit", show=False),
        Binding("W", "wrap", show=False),
    ]

    @dataclass
    class SearchResult(Message):
        """The state of a search; `total` follows in a second message once the whole text is searched."""

        needle: str
        line: int | None
        """The line with the current match, from 0; None: no match, or none shown yet."""
        index: int | None
        """Its number among the lines with a match, from 1; None while it is unknown."""
        total: int | None
        """How many lines have a match; None: unknown, or too many to count."""

    @dataclass
    class Notice(Message):
        """A sentence for the person at the screen."""

        sentence: str

    def __init__(
        self, *, empty: str = "Nothing here.", id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._layout: TextLayout | None = None
        self._message = empty
        self._painter = TextPainter(self._text_style)
        self._hits: tuple[Sequence[int], bool] | None = None
        self._moves: deque[bool] = deque()
        """Moves to matches that are still to be made; true for one backwards."""
        self._wrap = False

    # What is shown

    @property
    def document(self) -> ReadableText | None:
        """The document that is shown, if there is one."""
        return self._layout.document if self._layout else None

    def show_document(
        self, document: ReadableText | None, *, empty: str = "Nothing here.", keep: bool = False
    ) -> None:
        """Show a document from its top, or with `keep` from the current position.

        Where there is none, or it has no lines, `empty` says so.
        """
        place, x = (self._top_position(), self.scroll_offset.x) if keep else ((0, 0), 0)
        if not keep or self._layout is None:
            self._wrap = document is not None and document.kind in WRAPPED_KINDS
        self._message = empty
        self._painter.match_line, self._hits = None, None
        self._stop_moving()
        self._layout = TextLayout(document, None) if document is not None and len(document) else None
        self._lay_out(place, x)
        if self._painter.needle and self._layout:
            self._start_count()

    def show_loading(self, received: int) -> None:
        """Show that a document is loading, and how much of it has been received."""
        message = f"Loading… {format_size(received)}" if received else "Loading…"
        if self._layout is None and message == self._message:
            return
        self.show_document(None, empty=message)

    # Searching

    def start_search(self, needle: str) -> None:
        """Mark all matches and go to the first one below the top of the screen; no needle ends the search."""
        self._painter.needle, self._painter.match_line, self._hits = needle, None, None
        self._redraw()
        self.refresh_bindings()
        self._stop_moving()
        if needle and self._layout:
            self.action_next_hit()
            self._start_count()

    def action_next_hit(self) -> None:
        """Go to the next line with a match, after the last one to the first."""
        self._move_to_hit(backwards=False)

    def action_previous_hit(self) -> None:
        """Go to the previous line with a match, before the first one to the last."""
        self._move_to_hit(backwards=True)

    def _move_to_hit(self, *, backwards: bool) -> None:
        """Go to the nearest match in one direction, after the moves that are still under way."""
        if self.document is None or not self._painter.needle:
            return
        self._moves.append(backwards)
        if len(self._moves) == 1:
            self.run_worker(self._make_moves(), group=SEARCH_WORKERS, exclusive=True, exit_on_error=False)

    def _stop_moving(self) -> None:
        """Cancel the moves that are still under way."""
        self._moves.clear()
        self.workers.cancel_group(self, SEARCH_WORKERS)

    async def _make_moves(self) -> None:
        """Make one move after the other without blocking the loop."""
        while (document := self.document) is not None and self._moves:
            found = await self._nearest_hit(document, backwards=self._moves[0])
            self._moves.popleft()
            self._painter.match_line = found
            self._redraw()
            if found is not None:
                self._reveal_line(found)
            self._post_result()

    async def _nearest_hit(self, document: ReadableText, *, backwards: bool) -> int | None:
        """Find the nearest line with a match in one direction, wrapping around at the end."""
        last, top = len(document) - 1, self._top_position()[0]
        if backwards:
            line = (top if self._painter.match_line is None else self._painter.match_line) - 1
        else:
            line = top if self._painter.match_line is None else self._painter.match_line + 1
        edge = last if backwards else 0
        for start in dict.fromkeys((line if 0 <= line <= last else edge, edge)):
            found = await document.find(self._painter.needle, start, backwards=backwards)
            if found is not None:
                return found
        return None

    def _reveal_line(self, line: int) -> None:
        """Scroll to a line's first match; one that was not visible comes to the middle."""
        layout = self._layout
        if layout is None:
            return
        text = layout.line_text(line)
        start, end = next(find_matches(text, self._painter.needle), (0, 1))
        width, height = self.scrollable_content_region.size
        x, y = self.scroll_offset
        first, last = layout.row_of(line, start), layout.row_of(line, end - 1)
        if not (y <= first and last < y + height):
            y = max(0, first - height // 2)
        if layout.rows is None:
            left, right = cell_width(text[:start]), cell_width(text[:end])
            if not (x <= left and right <= x + width):
                x = 0 if right <= width else max(0, left - width // 3)
            self.virtual_size = Size(max(self.virtual_size.width, cell_width(text)), len(layout))
        self.scroll_to(x, y, animate=False, force=True)

    def _start_count(self) -> None:
        self.run_worker(self._count_hits(), group="text-view", exclusive=True, exit_on_error=False)

    async def _count_hits(self) -> None:
        """Count all lines with a match without blocking the loop, and post the result."""
        document, needle = self.document, self._painter.needle
        if document is None:
            return
        hits = await document.hits(needle)
        if document is self.document and needle == self._painter.needle:
            self._hits = hits
            self._post_result()

    def _post_result(self) -> None:
        """Post the state of the search."""
        line, index, total = self._painter.match_line, None, None
        if self._hits is not None:
            lines, is_complete = self._hits
            total = len(lines) if is_complete else None
            if line is not None and lines and line <= lines[-1]:
                index = bisect_left(lines, line) + 1
        self.post_message(self.SearchResult(self._painter.needle, line, index, total))

    # Wrapping

    def _top_position(self) -> tuple[int, int]:
        """The line at the top of the screen, and the character that the top row begins with."""
        return self._layout.position_at(self.scroll_offset.y) if self._layout else (0, 0)

    def _can_wrap(self, document: ReadableText) -> bool:
        """Whether the document should and can be wrapped."""
        return self._wrap and len(document) <= WRAP_LIMIT and self.container_size.width > 2

    def _lay_out(self, place: tuple[int, int], x: int = 0) -> None:
        """Lay the document out for the current width, with `place` at the top of the screen.

        A long document is wrapped at its beginning; the rest follows when all of it is measured. A layout
        for another width stays until then.
        """
        document = self.document
        if document is None or not self._can_wrap(document):
            self._apply_layout(document, None, place, x)
            return
        bar = self.styles.scrollbar_size_vertical
        rows = begin_rows(document.line, len(document), self.container_size, bar)
        if rows.is_complete or self._layout is None or self._layout.rows is None:
            self._apply_layout(document, rows, place)
        if not rows.is_complete:
            self.run_worker(self._measure_rows(document, rows.width), group="text-rows", exclusive=True)

    async def _measure_rows(self, document: ReadableText, width: int) -> None:
        """Measure a whole document without blocking the loop, and then lay it out."""
        rows = WrappedRows(document.line, len(document), width)
        while not rows.is_complete:
            await asyncio.sleep(0)
            if document is not self.document or not self._can_wrap(document):
                return
            rows.measure_more()
        here = self._painter.match_line if self._is_on_screen(self._painter.match_line) else None
        self._apply_layout(document, rows, self._top_position())
        if here is not None:
            self._reveal_line(here)

    def _is_on_screen(self, line: int | None) -> bool:
        """Whether the beginning of a line is visible."""
        if line is None or self._layout is None:
            return False
        below = self._layout.row_of(line, 0) - self.scroll_offset.y
        return 0 <= below < self.scrollable_content_region.height

    def _apply_layout(
        self, document: ReadableText | None, rows: WrappedRows | None, place: tuple[int, int], x: int = 0
    ) -> None:
        """Show the document in these rows, or one line per row, with `place` at the top."""
        self._layout = layout = TextLayout(document, rows) if document is not None else None
        self._redraw()
        height = len(layout) if layout else len(self._message_rows())
        self.virtual_size = Size(self.virtual_size.width if x else 0, height)
        if layout:
            line = min(place[0], len(layout.document) - 1)
            self.scroll_to(x, layout.row_of(line, place[1]), animate=False, force=True)
            self._widen_to_lines()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        x, top = self.scroll_offset
        width = self.size.width
        if self._layout is None:
            rows = self._message_rows()
            message = rows[top + y] if top + y < len(rows) else ""
            strip = Strip([Segment(message, self._text_style("empty"))])
            return strip.crop_extend(0, width, self.rich_style)
        if top + y >= len(self._layout):
            return Strip.blank(width, self.rich_style)
        strip = self._painter.draw_row(self._layout, top + y, self.rich_style)
        return strip.crop_extend(x, x + width, self.rich_style)

    def _message_rows(self) -> list[str]:
        """The rows of the message that is shown without a document; a scrollbar fits beside them."""
        return wrap_sentence(self._message, max(2, self.container_size.width - 1))

    def _text_style(self, name: str) -> Style:
        return self.get_component_rich_style(f"text-view--{name}")

    def _redraw(self) -> None:
        """Draw all rows again."""
        self._painter.forget_lines()
        self.refresh()

    def _widen_to_lines(self) -> None:
        """Let the view scroll as far to the right as the visible lines are long."""
        layout = self._layout
        if layout is None or layout.rows is not None:
            return
        top = self.scroll_offset.y
        shown = range(top, min(top + self.size.height, len(layout)))
        widest = max((cell_width(layout.line_text(number)) for number in shown), default=0)
        if widest > self.virtual_size.width:
            self.virtual_size = Size(widest, len(layout))

    def notify_style_update(self) -> None:
        """Forget lines drawn in the old styles."""
        super().notify_style_update()
        self._painter.forget_lines()

    def on_resize(self) -> None:
        """Wrap lines for the new width, or make room for lines that are visible now."""
        if self._layout is None or self._can_wrap(self._layout.document):
            self._lay_out(self._top_position())
        else:
            self._widen_to_lines()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Make room for the lines that are visible now."""
        super().watch_scroll_y(old_value, new_value)
        self._widen_to_lines()

    # Keys

    def action_move(self, lines: int) -> None:
        """Scroll by lines."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by pages; one line stays visible."""
        page = max(1, self.scrollable_content_region.height - 1)
        self.scroll_to(y=self.scroll_offset.y + pages * page, animate=False)

    def action_edge(self, bottom: bool) -> None:
        """Go to the top or to the bottom, at the left edge."""
        self.scroll_to(0, self.max_scroll_y if bottom else 0, animate=False)

    def action_sideways(self, steps: int) -> None:
        """Scroll to the side."""
        self.scroll_to(x=self.scroll_offset.x + steps * SIDEWAYS_STEP, animate=False)

    def action_wrap(self) -> None:
        """Turn the wrapping of the document's lines on or off."""
        lines = len(self._layout.document) if self._layout else 0
        if lines > WRAP_LIMIT:
            told = f"Too long to wrap: {format_count(lines)} lines (at most {format_count(WRAP_LIMIT)})."
            self.post_message(self.Notice(told))
        elif lines:
            self._wrap = not self._wrap
            self._lay_out(self._top_position())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the keys for matches only during a search."""
        del parameters
        return bool(self._painter.needle) if action in ("next_hit", "previous_hit") else True
