"""Wraps long lines: where a line is broken, and which rows the lines of a text then take."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import NamedTuple

from rich.cells import get_character_cell_size

from tui.text import cell_width

WRAP_LIMIT = 20_000
"""Longer texts are not wrapped: that needs all lines measured, at some 10 µs each."""
MEASURE_SLICE = 1 << 14
"""Characters measured before the event loop runs again: 0.5 ms, or 4 ms without ASCII (measured)."""
HANGING_INDENT = 2
"""Cells by which the further rows of a line are indented more than the line itself."""

_LAST_BREAK = re.compile(r".*[ .,;:/)(=](?=[^ ,;:/)=])", re.DOTALL)
"""Matches up to the last good place for a break: no row is to begin with a `)` or a space."""


class WrappedLine(NamedTuple):
    """A line in rows: all rows after the first are indented by `hang` cells."""

    hang: int
    starts: tuple[int, ...]
    """The character that each row begins with; the first is 0."""

    def row_of(self, place: int) -> int:
        """The row that holds a character."""
        return bisect_right(self.starts, place) - 1


_ONE_ROW = WrappedLine(0, (0,))


def wrap_line(line: str, width: int) -> WrappedLine:
    """Break a harmless line into rows of at most `width` cells, 2 or more.

    A row ends after a space or a sign of punctuation beyond its first third if there is one. No wide
    character is halved, and no mark is taken from its letter.
    """
    if cell_width(line) <= width:
        return _ONE_ROW
    own = len(line) - len(line.lstrip(" "))
    hang = min(own + HANGING_INDENT, width // 2, width - 2)
    cells = None if line.isascii() else _cell_offsets(line)
    starts = [0]
    end = _find_row_end(line, cells, 0, width, own)
    while end < len(line):
        starts.append(end)
        end = _find_row_end(line, cells, end, width - hang, 0)
    return WrappedLine(hang, tuple(starts))


def wrap_sentence(sentence: str, width: int) -> list[str]:
    """Wrap a harmless sentence into rows of at most `width` cells (2 or more); one empty row for no text.

    A row ends at a blank beyond its first third if there is one.
    """
    sentence = sentence.rstrip()
    cells = _cell_offsets(sentence)
    rows, start = [], 0
    while cells[-1] - cells[start] > width:
        end = bisect_right(cells, cells[start] + width) - 1
        least = bisect_right(cells, cells[start] + width // 3)
        # The blank may be the first character that doesn't fit.
        blank = sentence.rfind(" ", least, end + 1)
        rows.append(sentence[start : end if blank < 0 else blank].rstrip())
        start = end if blank < 0 else blank + 1
    return [*rows, sentence[start:]]


def _cell_offsets(line: str) -> list[int]:
    """The cells before each character, and before the end."""
    return list(accumulate(map(get_character_cell_size, line), initial=0))


def _find_row_end(line: str, cells: list[int] | None, start: int, room: int, indent: int) -> int:
    """The end of the row that begins at `start`; there is no break within the first `indent` characters."""
    if cells is None:
        end = start + room
        least = start + room // 3
    else:
        end = bisect_right(cells, cells[start] + room) - 1
        least = bisect_right(cells, cells[start] + room // 3) - 1
    if end >= len(line):
        return len(line)
    well = _LAST_BREAK.match(line, max(least, indent), end + 1)
    if well is None:
        return end
    end = well.end()
    while cells is not None and cells[end + 1] == cells[end]:
        end += 1
    return end


class WrappedRows:
    """The rows that the lines of a text take at a width, as far as they have been measured.

    A line that has not been measured counts as one row.
    """

    def __init__(self, text: Callable[[int], str], lines: int, width: int) -> None:
        self.width = width
        self._text = text
        self._lines = lines
        self._starts = array("I", [0])

    @property
    def measured_lines(self) -> int:
        """How many lines have been measured."""
        return len(self._starts) - 1

    @property
    def is_complete(self) -> bool:
        """Whether all lines have been measured."""
        return self.measured_lines == self._lines

    def measure_more(self, characters: int = MEASURE_SLICE) -> None:
        """Measure at least one more line, and further lines until so many characters are measured."""
        row = self._starts[-1]
        while characters > 0 and not self.is_complete:
            line = self._text(self.measured_lines)
            row += len(wrap_line(line, self.width).starts)
            self._starts.append(row)
            characters -= len(line) + 40

    def __len__(self) -> int:
        """How many rows there are."""
        return self._starts[-1] + self._lines - self.measured_lines

    def first_row_of(self, line: int) -> int:
        """The first row of a line."""
        beyond = max(0, line - self.measured_lines)
        return self._starts[line - beyond] + beyond

    def height_of(self, line: int) -> int:
        """How many rows a line takes."""
        return self.first_row_of(line + 1) - self.first_row_of(line)

    def locate_row(self, row: int) -> tuple[int, int]:
        """The line of a row, and the row's number within that line."""
        beyond = row - self._starts[-1]
        if beyond >= 0:
            return self.measured_lines + beyond, 0
        line = bisect_right(self._starts, row) - 1
        return line, row - self._starts[line]


def begin_rows(text: Callable[[int], str], lines: int, size: tuple[int, int], bar: int) -> WrappedRows:
    """Begin to measure a text for a view of `size`, in which a scrollbar takes `bar` columns if it is needed.

    Whether it is needed is decided once, so that it can't come and go with the rows that it causes.
    """
    width, height = size
    if lines <= height:
        rows = WrappedRows(text, lines, width)
        rows.measure_more()
        if rows.is_complete and len(rows) <= height:
            return rows
    rows = WrappedRows(text, lines, width - bar)
    rows.measure_more(8 * MEASURE_SLICE)
    return rows
