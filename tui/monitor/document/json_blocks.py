"""Long JSON shown indented without the indented text being kept.

The JSON stays as it came, with a list of places at which it is cut into blocks. A block is indented when it
is read: 64 kB take 0.1 ms, which is less than an index of the whole would save.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple, Protocol

from tui.monitor.cooperative import Steps
from tui.monitor.document.json import indent_json

JSON_BLOCK_BYTES = 1 << 16
"""Bytes of JSON that are indented at once."""
KEPT_BLOCKS = 4
"""Indented blocks that are kept: a screen, or a step of a search, lies in one or two."""
KEPT_BYTES = 1 << 22
"""Bytes of them at the most, beside the newest: indented, deeply nested JSON is a thousand times as long."""

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[\]{},]', re.DOTALL)
"""A string, with its end if that has come, or a sign of structure."""
_STRING_PIECE = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_ITEM_HEAD = re.compile(rb'\s*[\[{"]?+(?:(?<=\{)\s*"[^"\\]{0,40}+"\s*:)?+')
"""How an item begins that others beside it begin like."""
_UNICODE_ESCAPE = 6
"""Bytes of the longest escape in a string."""
_CLOSING = {ord("["): b"]", ord("{"): b"}"}
_INDENT = 2


class ByteText(Protocol):
    """A text as UTF-8 that is read in parts."""

    def __len__(self) -> int:
        """How many bytes there are."""

    def __getitem__(self, part: slice, /) -> bytes:
        """Some of the bytes."""


class _Frame(NamedTuple):
    """What makes a part of JSON a whole, and how many bytes of the indented text belong to that."""

    json: bytes
    length: int


class JsonBlocks:
    """The indented text of JSON; `cut_blocks` must have run to its end, and found it to be valid.

    The place of a cut is described by the brackets that are open there, as `[{`, and a `"` behind them where
    it lies in a string: a string that is longer than a block is cut at any place.
    """

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._cuts = array("Q", [0])
        """Where the blocks begin in the source, and its end."""
        self._starts = array("Q", [0])
        """Where they begin in the indented text, and its end."""
        self._places = [b""]
        self._kept: dict[int, bytes] = {}

    def __len__(self) -> int:
        """Bytes of the indented text."""
        return self._starts[-1]

    def __getitem__(self, part: slice, /) -> bytes:
        """Some of the indented text."""
        start, stop, _ = part.indices(len(self))
        number = bisect_right(self._starts, start) - 1
        parts: list[bytes] = []
        while start < stop:
            first, last = self._starts[number], self._starts[number + 1]
            parts.append(self._read_block(number)[start - first : stop - first])
            start, number = last, number + 1
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def cut_blocks(self) -> Steps[bool]:
        """Cut the source into blocks. False where it is not valid, or there is no good place for a cut."""
        alike = b""
        while self._cuts[-1] < len(self._source):
            if not (self._is_in_long_string() and self._cut_string()) and not self._cut_where_alike(alike):
                found = self._find_cut()
                if found is None or not self._add_block(*found):
                    return False
                alike = self._learn_cut()
            yield
        return len(self._cuts) > 1 and self._places[-1] == b""

    def _add_block(self, end: int, place: bytes) -> bool:
        """Add the block that ends at a place, if it is valid."""
        at, before = self._cuts[-1], self._places[-1]
        if _is_inside(before, place):
            piece = self._source[at:end]
            indented = piece if indent_json(b'"%b"' % piece) is not None else None
        else:
            indented = self._indent(at, before, end, place)
        if indented is None:
            return False
        self._starts.append(self._starts[-1] + len(indented))
        self._cuts.append(end)
        # Equal places are one object: there are few, and many blocks.
        self._places.append(self._places[-1] if place == self._places[-1] else place)
        return True

    def _read_block(self, number: int) -> bytes:
        start, end = self._cuts[number], self._cuts[number + 1]
        before, after = self._places[number], self._places[number + 1]
        if _is_inside(before, after):
            return self._source[start:end]
        indented = self._kept.get(number)
        if indented is None:
            indented = self._indent(start, before, end, after)
            assert indented is not None, "it was valid when it was cut"
            while len(self._kept) >= KEPT_BLOCKS or sum(map(len, self._kept.values())) > KEPT_BYTES:
                del self._kept[next(iter(self._kept))]
            self._kept[number] = indented
        return indented

    def _indent(self, start: int, before: bytes, end: int, after: bytes) -> bytes | None:
        """A part of the source as it stands in the indented text; None where it is not valid."""
        head, tail = _opening_frame(before), _closing_frame(after)
        indented = indent_json(b"%b%b%b" % (head.json, self._source[start:end], tail.json))
        return None if indented is None else indented[head.length : len(indented) - tail.length]

    # Where to cut

    def _is_in_long_string(self) -> bool:
        at = self._cuts[-1]
        return self._places[-1].endswith(b'"') and self._source[at : at + 1] != b'"'

    def _cut_string(self) -> bool:
        """Add a piece of a long string; False where it is not valid."""
        start = self._cuts[-1]
        found = _STRING_PIECE.match(self._source, start, start + JSON_BLOCK_BYTES)
        end = found.end() if found else start
        if self._source[end : end + 1] != b'"':
            end = _before_escape(self._source, start, end)
        return end > start and self._add_block(end, self._places[-1])

    def _cut_where_alike(self, alike: bytes) -> bool:
        """Add a block that ends at such a place as the last one, between two items of the same list.

        Whether the place is one is known when the block is valid within the same brackets.
        """
        at, place = self._cuts[-1], self._places[-1]
        if not alike or place.endswith(b'"') or len(self._source) - at <= JSON_BLOCK_BYTES:
            return False
        found = self._source.rfind(alike, at + JSON_BLOCK_BYTES // 4, at + JSON_BLOCK_BYTES)
        return found >= 0 and self._add_block(found + alike.index(b",") + 1, place)

    def _learn_cut(self) -> bytes:
        """What stands around the last cut; nothing where it is the end, or lies in a string."""
        end, place = self._cuts[-1], self._places[-1]
        if not place or place.endswith(b'"'):
            return b""
        head = _ITEM_HEAD.match(self._source, end)
        before = self._source[end - 2 : end - 1]
        return (before if before in (b"}", b"]", b'"') else b"") + b"," + (head[0] if head else b"")

    def _find_cut(self) -> tuple[int, bytes] | None:
        """Where to end the next block, and what is open there: at a comma in the fewest brackets.

        Without a comma it is where the long string begins. None where there is neither.
        """
        at, place = self._cuts[-1], self._places[-1]
        if len(self._source) - at <= JSON_BLOCK_BYTES:
            return len(self._source), b""
        open_brackets, depth = bytearray(place.rstrip(b'"')), 1 << 30
        late, best = at + JSON_BLOCK_BYTES // 2, None
        for token in _TOKEN.finditer(self._source, at + place.endswith(b'"'), at + JSON_BLOCK_BYTES):
            sign = self._source[token.start()]
            if sign == 0x2C:
                if token.start() < late or len(open_brackets) <= depth:
                    depth = len(open_brackets) if token.start() >= late else depth
                    best = token.end(), bytes(open_brackets)
            elif sign in _CLOSING:
                open_brackets.append(sign)
            elif sign != 0x22:
                if not open_brackets or _CLOSING[open_brackets.pop()][0] != sign:
                    return None
            elif not token[1]:
                return best or (token.start() + 1, bytes(open_brackets) + b'"')
        return best


def _is_inside(before: bytes, after: bytes) -> bool:
    """Whether all that lies between two places is the inside of one long string."""
    return before.endswith(b'"') and after.endswith(b'"')


def _before_escape(data: bytes, start: int, end: int) -> int:
    """A place at or just before `end` that splits no character and no escape."""
    while end > start and data[end - 1 : end] >= b"\x80" and b"\x80" <= data[end : end + 1] < b"\xc0":
        end -= 1
    slash = data.rfind(b"\\", max(start, end - _UNICODE_ESCAPE), end)
    return slash if slash >= 0 and data[slash - 1 : slash] != b"\\" else end


@lru_cache(maxsize=64)
def _opening_frame(place: bytes) -> _Frame:
    """What precedes a part that begins at a place, down to the line that the part begins."""
    brackets, inside = place.rstrip(b'"'), place.endswith(b'"')
    json, length = b"", 0
    for depth, bracket in enumerate(brackets, 1):
        is_last = depth == len(brackets)
        name = b'"":' if bracket == ord("{") and (inside or not is_last) else b""
        json += bytes([bracket]) + name
        # The bracket, a line end, and where the line goes on, its indentation and name.
        length += 2 + (0 if is_last and not inside else _INDENT * depth) + (4 if name else 0)
    if inside:
        return _Frame(json + b'"', length + 1)
    item = _spare_item(brackets)
    # It stands on a line, with a comma.
    return _Frame(json + item + b"," * bool(item), length + (_spare_length(brackets, item) + 2) * bool(item))


@lru_cache(maxsize=64)
def _closing_frame(place: bytes) -> _Frame:
    """What follows a part that ends at a place, at the comma there or within a string."""
    brackets, inside = place.rstrip(b'"'), place.endswith(b'"')
    closing = b"".join(_CLOSING[bracket] for bracket in reversed(brackets))
    item = b'"' if inside else _spare_item(brackets)
    length = len(item) if inside else _spare_length(brackets, item)
    # Each bracket stands on a line of its own, indented.
    return _Frame(item + closing, length + sum(2 + _INDENT * depth for depth in range(len(brackets))))


def _spare_item(brackets: bytes) -> bytes:
    """An item beside a comma at which it is cut; without one, the part could lack an item there."""
    return b"" if not brackets else b'"":0' if brackets.endswith(b"{") else b"0"


def _spare_length(brackets: bytes, item: bytes) -> int:
    """Bytes of such an item in the indented text: a blank follows the colon."""
    return _INDENT * len(brackets) + len(item) + (b":" in item) if item else 0
