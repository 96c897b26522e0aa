"""Bytes from the keyboard as text: no legacy mouse reports, and no pasted control characters."""

from __future__ import annotations

import codecs
import re

from tui.text import PASTE_LIMIT


class InputDecoder:
    """Decodes bytes from the keyboard. Bytes that are not UTF-8 become U+FFFD.

    Mouse reports of the X10 kind, three raw bytes after `ESC [ M`, are left out: graphtop never asks for
    them, but a terminal that was reset sends them all the same. Control bytes in a pasted text are left out,
    because Textual's parser takes what follows a pasted ESC for keys. So is what exceeds a sensible length of
    a paste, because the parser needs seconds for a megabyte; this holds for text that comes in large pieces
    without the marks of a paste, too.
    """

    _MOUSE = re.compile(rb"\x1b\[M...", re.DOTALL)
    _CUT_MOUSE = re.compile(rb"\x1b\[M.{0,2}\Z", re.DOTALL)
    _PASTE, _PASTE_END = b"\x1b[200~", b"\x1b[201~"
    _CUT_PASTE_END = re.compile(rb"\x1b(?:\[(?:2(?:0(?:1)?)?)?)?\Z")
    _CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
    _ANY_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
    _PIECE = 512
    """Bytes in one piece from which on they can't have been typed."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._undecoded = b""
        self._last_bytes = b""
        self._paste_room: int | None = None
        self._unmarked_bytes = 0

    @property
    def is_in_paste(self) -> bool:
        """Whether the mark that ends a paste is still to come."""
        return self._paste_room is not None

    def decode(self, data: bytes) -> str:
        """Return the text of all characters that are complete so far."""
        data, self._undecoded = self._undecoded + data, b""
        if self._paste_room is None and self._is_flood(data):
            return ""
        parts: list[bytes] = []
        while data:
            part, data = (
                self._split_typed(data)
                if self._paste_room is None
                else self._split_pasted(data, self._paste_room)
            )
            parts.append(part)
        return self._decoder.decode(b"".join(parts))

    def _is_flood(self, data: bytes) -> bool:
        """Whether large pieces without paste marks have come to more than a paste may have."""
        large = len(data) >= self._PIECE and self._ANY_CONTROL.search(data) is None
        self._unmarked_bytes = self._unmarked_bytes + len(data) if large else 0
        return self._unmarked_bytes > 4 * PASTE_LIMIT

    def _split_typed(self, data: bytes) -> tuple[bytes, bytes]:
        """Split off what was typed, up to and including the mark that begins a paste."""
        # An ESC is passed on at once, so the mark may be split between two pieces.
        at = (self._last_bytes + data).find(self._PASTE)
        if at >= 0:
            end = at + len(self._PASTE) - len(self._last_bytes)
            self._last_bytes, self._paste_room = b"", 4 * PASTE_LIMIT
            return self._MOUSE.sub(b"", data[:end]), data[end:]
        self._last_bytes = (self._last_bytes + data)[1 - len(self._PASTE) :]
        data = self._MOUSE.sub(b"", data)
        cut = self._CUT_MOUSE.search(data)
        end = cut.start() if cut else len(data)
        self._undecoded = data[end:]
        return data[:end], b""

    def _split_pasted(self, data: bytes, room: int) -> tuple[bytes, bytes]:
        """Split off what was pasted, up to and including the mark that ends the paste."""
        end, mark = data.find(self._PASTE_END), b""
        if end >= 0:
            mark, following, self._paste_room = self._PASTE_END, data[end + len(self._PASTE_END) :], None
        else:
            cut = self._CUT_PASTE_END.search(data)
            end, following = cut.start() if cut else len(data), b""
            self._undecoded = data[end:]
            self._paste_room = max(0, room - end)
        return self._CONTROLS.sub(b"", data[: min(end, room)]) + mark, following
