"""What a server sent in one text (input, result, failure, whole answer) as lines to be read and searched."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Literal, TypeAlias

from tui.monitor.cooperative import Steps, run_in_turns
from tui.monitor.document import index
from tui.monitor.document.index import LineIndex
from tui.monitor.document.json_blocks import ByteText
from tui.text import sanitize

DocumentKind: TypeAlias = Literal["empty", "json", "gremlin", "text", "error"]

SHOWN_LENGTH = 10_000
"""Characters of one line that are shown at the most."""
MOST_HITS = 10_000
"""Lines with a match that are counted at the most."""


class Document:
    """Lines to be read, already harmless and without secrets; `build_index` must have run to its end.

    `content` is what they are made of, as UTF-8; `headline` is an error's class and message; `note` says, in
    sentences, what a reader must know of the text (cut, not valid, secrets hidden); `size` is bytes received.
    """

    def __init__(
        self,
        content: ByteText,
        *,
        kind: DocumentKind,
        headline: str,
        note: str,
        truncated: bool,
        size: int,
    ) -> None:
        self.content = content
        self.kind = kind
        self.headline = headline
        self.note = note
        self.truncated = truncated
        self.size = size
        self._index = LineIndex(content)

    def build_index(self) -> Steps[None]:
        """Find where lines begin."""
        return self._index.build()

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self._index)

    def line(self, number: int) -> str:
        """Return line `number`, counted from 0, harmless and cropped. Raises IndexError beyond the end."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        raw = self.content[self._index.start_of(number) : self._index.end_of(number)].rstrip(b"\r\n")
        return sanitize(raw.decode("utf-8", "replace").expandtabs(4))[:SHOWN_LENGTH]

    async def find(self, needle: str, start_line: int, *, backwards: bool = False) -> int | None:
        """Return the nearest line from `start_line` on (or back from it) that holds `needle`, or None.

        Latin letters match in either case. The event loop is left free.
        """
        wanted = needle.encode("utf-8", "replace").lower()
        if not wanted or not len(self):
            return None
        line = min(max(0, start_line), len(self) - 1)
        search = self._search_backwards if backwards else self._search_forwards
        at = await run_in_turns(search(wanted, line))
        return None if at < 0 else self._index.line_at(at)

    async def hits(self, needle: str, *, most: int = MOST_HITS) -> tuple[Sequence[int], bool]:
        """Return the lines that hold `needle`, in order, and whether these are all; the loop is left free."""
        wanted = needle.encode("utf-8", "replace").lower()
        return await run_in_turns(self._search_all(wanted, most)) if wanted else ((), True)

    def _search_all(self, wanted: bytes, most: int) -> Steps[tuple[Sequence[int], bool]]:
        lines = array("Q")
        for start in range(0, len(self.content), index.SLICE_BYTES):
            low = self._lower(start, start + index.SLICE_BYTES, wanted)
            at = low.find(wanted)
            while at >= 0:
                line = self._index.line_at(start + at)
                if not lines or lines[-1] != line:
                    if len(lines) == most:
                        return lines, False
                    lines.append(line)
                    if len(lines) % 1024 == 0:
                        yield
                at = low.find(wanted, self._index.end_of(line) - start)
            yield
        return lines, True

    def _search_forwards(self, wanted: bytes, line: int) -> Steps[int]:
        """The offset of the first match in `line` or after it, or -1."""
        for start in range(self._index.start_of(line), len(self.content), index.SLICE_BYTES):
            found = self._lower(start, start + index.SLICE_BYTES, wanted).find(wanted)
            if found >= 0:
                return start + found
            yield
        return -1

    def _search_backwards(self, wanted: bytes, line: int) -> Steps[int]:
        """The offset of the last match that begins in `line` or before it, or -1."""
        end = self._index.end_of(line)
        while end > 0:
            start = max(0, end - index.SLICE_BYTES)
            found = self._lower(start, end, wanted).rfind(wanted)
            if found >= 0:
                return start + found
            end = start
            yield
        return -1

    def _lower(self, start: int, end: int, wanted: bytes) -> bytes:
        """A slice in small letters, with all of a match that begins in it."""
        return self.content[start : end + len(wanted) - 1].lower()
