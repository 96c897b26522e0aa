"""Keeps what the terminal shows, and writes what turns it into what it is to show.

A program over a slow line is as fast as what it sends is short: here only cells that differ are sent, with
the shortest moves between them and only what changes in their look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import ne, or_

from tui.textual_ext.cell_look import CellLook, change_look
from tui.textual_ext.cursor_moves import CursorPlace, move_terminal_cursor
from tui.textual_ext.screen_cells import FORGOTTEN, NOT_DRAWN, SECOND_HALF, Cells, CellTable

_DIFFERENT = re.compile(b"\x01+")
_MOST_CHANGES = 5_000
"""Changes of look that are kept; a session has some hundred."""
_SHORT_GAP = 4
"""Equal cells that are sent again where that is no longer than a move over them."""


class CellDiffer:
    """What one terminal of a certain size shows, and what it is to show."""

    def __init__(self, table: CellTable, width: int, height: int) -> None:
        self.table, self.width, self.height = table, width, height
        self._texts = [NOT_DRAWN * width] * height
        self._looks = ["\0" * width] * height
        self._sent_texts = list(self._texts)
        self._sent_looks = list(self._looks)
        self._changed = set[int]()
        self._place: CursorPlace | None = None
        self._look = ""
        """The sign of the look in which the terminal writes; empty where that is not known."""
        self._look_changes: dict[str, tuple[str, str]] = {}
        """From the signs of two looks to the sequence and the sign of the look that it leaves."""

    # What it is to show.

    def draw(self, y: int, x: int, cells: Cells, start: int = 0, stop: int | None = None) -> None:
        """Draw cells at a place; of them those from `start` to `stop`, and whole wide characters."""
        texts, looks = cells.texts, cells.looks
        stop = len(texts) if stop is None else min(stop, len(texts))
        while 0 < start < stop and texts[start] == SECOND_HALF:
            start -= 1
        while stop < len(texts) and texts[stop] == SECOND_HALF:
            stop += 1
        if (start, stop) != (0, len(texts)):
            texts, looks, x = texts[start:stop], looks[start:stop], x + start
        room = max(0, self.width - x)
        self._replace(y, x, texts[:room], looks[:room])

    def _replace(self, y: int, x: int, texts: str, looks: str) -> None:
        line, end = self._texts[y], x + len(texts)
        if line[x:end] == texts and self._looks[y][x:end] == looks:
            return
        left, right = line[:x], line[end:]
        # Half of a wide character whose other half is covered is a blank.
        if right[:1] == SECOND_HALF:
            right = " " + right[1:]
        if left and line[x : x + 1] == SECOND_HALF and texts[:1] != SECOND_HALF:
            left = left[:-1] + " "
        self._texts[y] = left + texts + right
        self._looks[y] = self._looks[y][:x] + looks + self._looks[y][end:]
        self._changed.add(y)

    def forget_sent(self) -> None:
        """Take nothing that the terminal shows for known: the next time all is sent."""
        self._sent_texts = [
            "".join(NOT_DRAWN if sign == NOT_DRAWN else FORGOTTEN for sign in line) for line in self._texts
        ]
        self._changed = set(range(self.height))
        self._place, self._look = None, ""

    # What is sent for it.

    def take_changes(self) -> str:
        """Return what turns what the terminal shows into what it is to show."""
        parts = list[str]()
        for y in sorted(self._changed):
            for start, stop in self._find_runs(y):
                self._write_run(parts, y, start, stop)
            self._sent_texts[y], self._sent_looks[y] = self._texts[y], self._looks[y]
        self._changed.clear()
        return "".join(parts)

    def move(self, y: int, x: int) -> str:
        """Return what moves the cursor to a cell."""
        sequence = move_terminal_cursor(self._place, y, x)
        self._place = CursorPlace(y, x)
        return sequence

    def _find_runs(self, y: int) -> Iterator[tuple[int, int]]:
        """The first and the end of each run of cells to be sent."""
        texts, looks = self._texts[y], self._looks[y]
        differs = bytes(map(or_, map(ne, texts, self._sent_texts[y]), map(ne, looks, self._sent_looks[y])))
        start = stop = -1
        for found in _DIFFERENT.finditer(differs):
            if start < 0:
                start = found.start()
            elif not self._joins(y, stop, found.start()):
                yield start, stop
                start = found.start()
            stop = found.end()
            if texts[stop : stop + 1] == SECOND_HALF:
                stop += 1
        if start >= 0:
            yield start, stop

    def _joins(self, y: int, stop: int, start: int) -> bool:
        """Whether the equal cells between two runs are sent again."""
        gap = start - stop
        if gap > _SHORT_GAP or gap > len(move_terminal_cursor(CursorPlace(y, stop), y, start)):
            return False
        looks = self._looks[y]
        return self._texts[y][stop:start].isascii() and looks[stop:start] == looks[stop - 1] * gap

    def _write_run(self, parts: list[str], y: int, x: int, stop: int) -> None:
        """Write some cells of a line."""
        parts.append(move_terminal_cursor(self._place, y, x))
        texts, looks = self._texts[y][x:stop], self._looks[y][x:stop]
        is_certain = texts.isascii()
        while looks:
            if looks[0] != self._look:
                parts.append(self._change_look(looks[0]))
            rest = looks.lstrip(looks[0])
            size = len(looks) - len(rest)
            parts.append(texts[:size] if is_certain else texts[:size].translate(self.table.clusters))
            texts, looks = texts[size:], rest
        # In the last column, terminals differ in where the cursor is then.
        self._place = None if stop >= self.width else CursorPlace(y, stop, is_certain)

    def _change_look(self, sign: str) -> str:
        """Return what lets what follows look as a sign says."""
        known = self._look_changes.get(self._look + sign)
        if known is None:
            if len(self._look_changes) >= _MOST_CHANGES:
                self._look_changes.clear()
            old: CellLook | None = self.table.look(self._look) if self._look else None
            sequence, set_look = change_look(old, self.table.look(sign))
            known = self._look_changes[self._look + sign] = (sequence, self.table.look_sign(set_look))
        sequence, self._look = known
        return sequence
