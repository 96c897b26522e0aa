"""The rows of a text on the screen: one for each line, or several where lines are wrapped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from textual.cache import LRUCache

from tui.widgets.wrapping import WrappedLine, WrappedRows, wrap_line


class ReadableText(Protocol):
    """A text to show: harmless lines with cheap access, and a search that doesn't block the loop."""

    @property
    def kind(self) -> str:
        """How it is coloured: `json`, `gremlin`, `error`, or plain."""

    @property
    def note(self) -> str:
        """What a reader must know about it, as sentences: cut, not valid, secrets hidden."""

    def __len__(self) -> int:
        """How many lines there are."""

    def line(self, number: int) -> str:
        """One line, harmless, of bounded length."""

    async def find(self, needle: str, start_line: int, *, backwards: bool = False) -> int | None:
        """Return the nearest line with `needle`, from `start_line` on, or back from it."""

    async def hits(self, needle: str) -> tuple[Sequence[int], bool]:
        """Return the lines with `needle`, and whether these are all."""


class TextRow(NamedTuple):
    """What a row shows: the characters [start, end) of a line, indented by `hang` cells."""

    line: int
    start: int
    end: int
    hang: int


class TextLayout:
    """A document and its rows: each line is one row where `rows` is None, else lines are wrapped."""

    def __init__(self, document: ReadableText, rows: WrappedRows | None) -> None:
        self.document = document
        self.rows = rows
        self._lines: LRUCache[int, str] = LRUCache(512)
        self._breaks: LRUCache[int, WrappedLine] = LRUCache(512)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.document) if self.rows is None else len(self.rows)

    def line_text(self, line: int) -> str:
        """The text of a line, cached."""
        text = self._lines.get(line)
        if text is None:
            text = self._lines[line] = self.document.line(line)
        return text

    def row_at(self, number: int) -> TextRow:
        """What a row shows."""
        if self.rows is None:
            return TextRow(number, 0, len(self.line_text(number)), 0)
        line, which = self.rows.locate_row(number)
        hang, starts = self._wrap_line(line, self.rows.width)
        end = starts[which + 1] if which + 1 < len(starts) else len(self.line_text(line))
        return TextRow(line, starts[which], end, hang if which else 0)

    def row_of(self, line: int, character: int) -> int:
        """The row that shows a character of a line; a line not yet measured counts as one row."""
        if self.rows is None:
            return line
        which = self._wrap_line(line, self.rows.width).row_of(character)
        return self.rows.first_row_of(line) + min(which, self.rows.height_of(line) - 1)

    def position_at(self, row: int) -> tuple[int, int]:
        """The line and the character that the row nearest to `row` begins with."""
        shown = self.row_at(max(0, min(row, len(self) - 1)))
        return shown.line, shown.start

    def _wrap_line(self, line: int, width: int) -> WrappedLine:
        """How a line is wrapped, cached."""
        broken = self._breaks.get(line)
        if broken is None:
            broken = self._breaks[line] = wrap_line(self.line_text(line), width)
        return broken
