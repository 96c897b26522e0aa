"""Where the lines of a long text begin: a sparse index, so that 25 MB become no Python objects."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right

from tui.monitor.cooperative import Steps
from tui.monitor.document.json_blocks import ByteText

SLICE_BYTES = 1 << 17
"""Bytes worked on before the event loop has its turn: 1-2 ms, or 20 where all are secrets (measured)."""
BLOCK_BYTES = 1 << 12
"""Bytes per entry of the index."""
FOLD_BYTES = 1000
"""Bytes after which a line is folded that is longer than a block, or two."""
CACHED_BLOCKS = 64


class LineIndex:
    """The lines of some bytes; `build` must have run to its end."""

    def __init__(self, content: ByteText) -> None:
        self._content = content
        self._folds = array("Q")
        self._breaks_before = array("Q", [0])
        """How many line ends and folds lie before each block, and at the end how many there are."""
        self._cache: dict[int, list[int]] = {}

    def build(self) -> Steps[None]:
        """Find where lines begin."""
        content, blocks = self._content, range(0, len(self._content), BLOCK_BYTES)
        newlines = array("I")
        for start in blocks:
            newlines.append(content[start : start + BLOCK_BYTES].count(b"\n"))
            if start % SLICE_BYTES == 0:
                yield
        folded = 0
        for number, start in enumerate(blocks):
            if not newlines[number] and start >= folded:
                folded = yield from self._fold_line(start)
        total = 0
        for number, start in enumerate(blocks):
            total += newlines[number]
            self._breaks_before.append(total + bisect_right(self._folds, start + BLOCK_BYTES))
        self._breaks_before[-1] -= content[len(content) - 1 :] == b"\n"

    def __len__(self) -> int:
        """How many lines there are."""
        return self._breaks_before[-1] + 1 if self._content else 0

    def start_of(self, line: int) -> int:
        """The offset at which a line begins."""
        if line == 0:
            return 0
        block = bisect_left(self._breaks_before, line) - 1
        return self._find_breaks(block)[line - 1 - self._breaks_before[block]]

    def end_of(self, line: int) -> int:
        """The offset at which a line ends, after its line end."""
        return self.start_of(line + 1) if line + 1 < len(self) else len(self._content)

    def line_at(self, offset: int) -> int:
        """The line that holds a byte."""
        block = offset // BLOCK_BYTES
        breaks = bisect_right(self._find_breaks(block), offset)
        return min(self._breaks_before[block] + breaks, len(self) - 1)

    def _fold_line(self, inside: int) -> Steps[int]:
        """Fold the long line around a block without a line end, and return where that line ends."""
        at, end = yield from self._find_line(inside)
        if end - at <= BLOCK_BYTES:
            return end
        while at + FOLD_BYTES < end:
            at = self._find_fold(at)
            self._folds.append(at)
            if len(self._folds) % 512 == 0:
                yield
        return end

    def _find_fold(self, start: int) -> int:
        """Where to fold the line that begins at `start`: after a comma or a space, never in a character."""
        content = self._content[start : start + FOLD_BYTES + 1]
        at = FOLD_BYTES
        after_break = max(content.rfind(b",", at - 100, at), content.rfind(b" ", at - 100, at)) + 1
        if after_break:
            return start + after_break
        while content[at] & 0xC0 == 0x80 and at > FOLD_BYTES - 4:
            at -= 1
        return start + at

    def _find_line(self, inside: int) -> Steps[tuple[int, int]]:
        """Where the line begins that a block without a line end lies in, and where it ends."""
        content, at, end = self._content, inside, inside
        while at and (found := content[max(0, at - BLOCK_BYTES) : at].rfind(b"\n")) < 0:
            at = max(0, at - BLOCK_BYTES)
        at = at and max(0, at - BLOCK_BYTES) + found + 1
        while end < len(content):
            found = content[end : end + SLICE_BYTES].find(b"\n")
            if found >= 0:
                return at, end + found
            end += SLICE_BYTES
            yield
        return at, len(content)

    def _find_breaks(self, block: int) -> list[int]:
        """The offsets after each line end, and of each fold, that belong to a block."""
        breaks = self._cache.get(block)
        if breaks is None:
            first, last = block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES
            breaks = [first + found.end() for found in re.finditer(b"\n", self._content[first:last])]
            folds = self._folds[bisect_right(self._folds, first) : bisect_right(self._folds, last)]
            breaks = sorted([*breaks, *folds]) if folds else breaks
            if len(self._cache) > CACHED_BLOCKS:
                self._cache.clear()
            self._cache[block] = breaks
        return breaks
