"""Long lines on a narrow screen: where a line is broken, and on which rows the lines of a text then lie."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import NamedTuple

from rich.cells import get_character_cell_size

from tui.text import cell_width

MOST = 20_000
"""Lines of a text that is wrapped at the most: all of its lines are measured for that, some 10 µs each."""
SLICE = 1 << 14
"""Characters measured before the event loop has its turn: 0.5 ms, or 4 where none is ASCII (measured)."""
HANG = 2
"""Cells by which the rows after a line's first are indented further than the line."""

_TO_BREAK = re.compile(r".*[ .,;:/)(=](?=[^ ,;:/)=])", re.DOTALL)
"""As far as the last character after which a line is broken well: no row begins with a `)` or a space."""


class Wrapped(NamedTuple):
    """A line in rows: all rows after the first are indented by `hang` cells."""

    hang: int
    starts: tuple[int, ...]
    """The character that each row begins with; the first is 0."""

    def row_of(self, place: int) -> int:
        """Which row holds a character."""
        return bisect_right(self.starts, place) - 1


_WHOLE = Wrapped(0, (0,))


def wrapped(line: str, width: int) -> Wrapped:
    """Break a harmless line into rows of at most `width` cells, 2 or more.

    A row ends after a space or a sign of punctuation beyond its first third if there is one. No wide
    character is halved, and no mark is taken from its letter.
    """
    if cell_width(line) <= width:
        return _WHOLE
    own = len(line) - len(line.lstrip(" "))
    hang = min(own + HANG, width // 2, width - 2)
    cells = None if line.isascii() else _cells(line)
    starts = [0]
    end = _row_end(line, cells, 0, width, own)
    while end < len(line):
        starts.append(end)
        end = _row_end(line, cells, end, width - hang, 0)
    return Wrapped(hang, tuple(starts))


def sentence_rows(sentence: str, width: int) -> list[str]:
    """A harmless sentence whole, in rows of at most `width` cells, 2 or more; one empty row for nothing.

    A row ends at a blank beyond its first third if there is one.
    """
    sentence = sentence.rstrip()
    cells = _cells(sentence)
    rows, start = [], 0
    while cells[-1] - cells[start] > width:
        end = bisect_right(cells, cells[start] + width) - 1
        least = bisect_right(cells, cells[start] + width // 3)
        # The blank may be the first character that has no room.
        blank = sentence.rfind(" ", least, end + 1)
        rows.append(sentence[start : end if blank < 0 else blank].rstrip())
        start = end if blank < 0 else blank + 1
    return [*rows, sentence[start:]]


def _cells(line: str) -> list[int]:
    """How many cells lie before each character, and before the end."""
    return list(accumulate(map(get_character_cell_size, line), initial=0))


def _row_end(line: str, cells: list[int] | None, start: int, room: int, indent: int) -> int:
    """Where the row ends that begins at `start`; it is not broken within the first `indent` characters."""
    if cells is None:
        end = start + room
        least = start + room // 3
    else:
        end = bisect_right(cells, cells[start] + room) - 1
        least = bisect_right(cells, cells[start] + room // 3) - 1
    if end >= len(line):
        return len(line)
    well = _TO_BREAK.match(line, max(least, indent), end + 1)
    if well is None:
        return end
    end = well.end()
    while cells is not None and cells[end + 1] == cells[end]:
        end += 1
    return end


class Rows:
    """Which rows of the screen the lines of a text take at a width, as far as they have been measured.

    A line that has not been measured counts as one row.
    """

    def __init__(self, text: Callable[[int], str], lines: int, width: int) -> None:
        self.width = width
        self._text = text
        self._lines = lines
        self._starts = array("I", [0])

    @property
    def measured(self) -> int:
        """How many lines have been measured."""
        return len(self._starts) - 1

    @property
    def whole(self) -> bool:
        """Whether all lines have been measured."""
        return self.measured == self._lines

    def measure(self, characters: int = SLICE) -> None:
        """Measure further lines, at least one, until so many characters have been gone through."""
        row = self._starts[-1]
        while characters > 0 and not self.whole:
            line = self._text(self.measured)
            row += len(wrapped(line, self.width).starts)
            self._starts.append(row)
            characters -= len(line) + 40

    def afresh(self) -> Rows:
        """The same rows, none of them measured."""
        return Rows(self._text, self._lines, self.width)

    def __len__(self) -> int:
        """How many rows there are."""
        return self._starts[-1] + self._lines - self.measured

    def first_of(self, line: int) -> int:
        """The first row of a line."""
        beyond = max(0, line - self.measured)
        return self._starts[line - beyond] + beyond

    def height_of(self, line: int) -> int:
        """How many rows a line takes."""
        return self.first_of(line + 1) - self.first_of(line)

    def at(self, row: int) -> tuple[int, int]:
        """The line that a row belongs to, and which of the line's rows it is."""
        beyond = row - self._starts[-1]
        if beyond >= 0:
            return self.measured + beyond, 0
        line = bisect_right(self._starts, row) - 1
        return line, row - self._starts[line]


def rows_for(text: Callable[[int], str], lines: int, size: tuple[int, int], bar: int) -> Rows:
    """Begin to measure a text for a view of `size`, in which a scrollbar takes `bar` columns if it is needed.

    Whether it is needed is settled here, so that it can't come and go with the rows that it causes.
    """
    width, height = size
    if lines <= height:
        rows = Rows(text, lines, width)
        rows.measure()
        if rows.whole and len(rows) <= height:
            return rows
    rows = Rows(text, lines, width - bar)
    rows.measure(8 * SLICE)
    return rows
