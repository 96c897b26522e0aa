"""The rows of a document in their colours, with the matches of a search marked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from tui.widgets.syntax_spans import crop_segments, find_matches, highlight_line, overlay_matches
from tui.widgets.text_layout import TextLayout


class TextPainter:
    """Draws rows and remembers the lines that it has drawn, until `forget_lines`."""

    def __init__(self, get_style: Callable[[str], Style]) -> None:
        """`get_style` returns the style of one of `TEXT_STYLES`."""
        self._get_style = get_style
        self._lines: LRUCache[int, Strip] = LRUCache(512)
        self.needle = ""
        """The text whose matches are marked."""
        self.match_line: int | None = None
        """The line with the current match."""

    def forget_lines(self) -> None:
        """Draw everything anew: the document, its layout, the search or the styles have changed."""
        self._lines.clear()

    def draw_row(self, layout: TextLayout, number: int, plain: Style) -> Strip:
        """Return a row; what has no colour of its own is drawn in `plain`."""
        line, start, end, hang = layout.row_at(number)
        strip = self._lines.get(line)
        if strip is None:
            strip = self._lines[line] = Strip(list(self._draw_line(layout, line, plain)))
        if not start and end == len(layout.line_text(line)):
            return strip
        indent = [Segment(" " * hang, plain)] if hang else []
        return Strip([*indent, *crop_segments(strip, start, end)])

    def _draw_line(self, layout: TextLayout, number: int, plain: Style) -> Iterator[Segment]:
        line = layout.line_text(number)
        hits = list(find_matches(line, self.needle)) if self.needle else []
        at = 0
        for start, end, name in overlay_matches(highlight_line(layout.document.kind, number, line), hits):
            if at < start:
                yield Segment(line[at:start], plain)
            is_current = name == "hit" and number == self.match_line
            yield Segment(line[start:end], self._get_style("here" if is_current else name))
            at = end
        if at < len(line):
            yield Segment(line[at:], plain)
