"""What a terminal shows that was sent some bytes, and what a perfect program would have sent."""

from __future__ import annotations

import re
import unicodedata

import pyte
from pyte.screens import Char
from wcwidth import wcwidth

# The keyboard protocol and the questions, which pyte would draw as letters.
_FOREIGN = re.compile(rb"\x1b\[[<>=][\d;]*u|\x1b\[\?[\d;]*\$p")
_CUT = re.compile(rb"\x1b(?:\[[<>=?]?[\d;]*\$?)?\Z")
_SCREENS = re.compile(rb"(\x1b\[\?1049[hl])")

Picture = list[list[Char]]
"""The cells of each line."""


class _Screen(pyte.Screen):
    """pyte's screen, which leaves out the rest of a text behind a mark that it can't compose."""

    def draw(self, data: str) -> None:
        """Draw a text without such marks."""
        super().draw("".join(sign for sign in data if wcwidth(sign) or unicodedata.combining(sign)))


class EmulatedScreen:
    """A terminal of a certain size that draws what it is sent."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = _Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self._cut = b""

    def feed(self, data: bytes) -> None:
        """Draw some bytes, which may end within a sequence."""
        data = self._cut + data
        cut = _CUT.search(data)
        end = cut.start() if cut else len(data)
        data, self._cut = data[:end], data[end:]
        for piece in _SCREENS.split(_FOREIGN.sub(b"", data)):
            if _SCREENS.fullmatch(piece):
                self.screen.erase_in_display(2)
            else:
                self._stream.feed(piece)

    def picture(self) -> Picture:
        """All cells as they are now."""
        buffer, columns = self.screen.buffer, range(self.screen.columns)
        return [[buffer[y][x] for x in columns] for y in range(self.screen.lines)]


SeenCell = tuple[object, ...]
"""What a person sees of a cell: a colour of letters isn't seen on a blank."""


def read_cells(terminal: EmulatedScreen) -> list[list[SeenCell]]:
    """What a person sees of each line."""
    return [[_see_cell(cell) for cell in line] for line in terminal.picture()]


def _see_cell(cell: Char) -> SeenCell:
    shows = cell.underscore or cell.reverse or cell.strikethrough
    return (cell.data, cell.bg) if cell.data == " " and not shows else cell


def least_bytes(before: Picture, after: Picture) -> int:
    """The bytes that a perfect program sends to turn one picture into another.

    For each run of cells that differ a jump (within a line at most that of a relative one), for each change
    of the look one sequence that sets what is new in it (17 bytes a colour, 3 another attribute, 3 around
    them), and the characters.
    """
    total, look, place = 0, _NO_LOOK, (-1, -1)
    for y, (old_line, new_line) in enumerate(zip(before, after, strict=True)):
        for x, (old, new) in enumerate(zip(old_line, new_line, strict=True)):
            if old == new:
                continue
            total += _jump(place, (y, x))
            if (wanted := _look(new)) != look:
                total += _look_change(look, wanted)
                look = wanted
            total += len(new.data.encode())
            place = (y, x + 1)
    return total


def count_changes(before: Picture, after: Picture) -> int:
    """How many cells differ between two pictures."""
    return sum(
        old != new
        for old_line, new_line in zip(before, after, strict=True)
        for old, new in zip(old_line, new_line, strict=True)
    )


Look = tuple[object, ...]
_NO_LOOK: Look = (None,) * 7


def _look(cell: Char) -> Look:
    return cell.fg, cell.bg, cell.bold, cell.italics, cell.underscore, cell.strikethrough, cell.reverse


def _look_change(old: Look, new: Look) -> int:
    changed = [(part, value) for part, (had, value) in enumerate(zip(old, new, strict=True)) if had != value]
    return 3 + sum(17 if part < 2 and value != "default" else 3 for part, value in changed)


def _jump(old: tuple[int, int], new: tuple[int, int]) -> int:
    """The bytes of a move; a short one goes over equal cells by drawing them again."""
    gap = new[1] - old[1]
    if old[0] != new[0] or gap < 0:
        return len(f"\x1b[{new[0] + 1};{new[1] + 1}H")
    return gap if gap <= 4 else len(f"\x1b[{gap}C")
