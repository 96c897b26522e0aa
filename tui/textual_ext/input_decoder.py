"""Bytes from the keyboard as text: no legacy mouse reports, and no pasted control characters."""

from __future__ import annotations

import codecs
import re

from tui.text import PASTE_LIMIT


class InputDecoder:
    """Bytes from the keyboard as text. Bytes that are no UTF-8 become U+FFFD.

    Mouse reports of the X10 kind, three raw bytes after `ESC [ M`, are left out: graphtop never asks for
    them, and a terminal that forgot what it was asked sends them all the same. Of a pasted text the control
    bytes are left out, because Textual's parser takes what follows a pasted ESC for keys, and all that is
    longer than anybody pastes on purpose, because it needs seconds for a megabyte. So it is with characters
    that come in large pieces without the marks of a paste.
    """

    _MOUSE = re.compile(rb"\x1b\[M...", re.DOTALL)
    _CUT_MOUSE = re.compile(rb"\x1b\[M.{0,2}\Z", re.DOTALL)
    _PASTE, _PASTE_END = b"\x1b[200~", b"\x1b[201~"
    _CUT_PASTE_END = re.compile(rb"\x1b(?:\[(?:2(?:0(?:1)?)?)?)?\Z")
    _CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
    _ANY_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
    _PIECE = 512
    """Bytes in one piece from which on characters are not typed."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = b""
        self._before = b""
        self._room: int | None = None
        self._unmarked = 0

    def decode(self, data: bytes) -> str:
        """The text that is complete so far."""
        data, self._rest = self._rest + data, b""
        if self._room is None and self._too_much(data):
            return ""
        parts: list[bytes] = []
        while data:
            part, data = self._keys(data) if self._room is None else self._pasted(data, self._room)
            parts.append(part)
        return self._decoder.decode(b"".join(parts))

    def _too_much(self, data: bytes) -> bool:
        """Whether more characters have come in large pieces, one after the other, than a paste may have."""
        large = len(data) >= self._PIECE and self._ANY_CONTROL.search(data) is None
        self._unmarked = self._unmarked + len(data) if large else 0
        return self._unmarked > 4 * PASTE_LIMIT

    def _keys(self, data: bytes) -> tuple[bytes, bytes]:
        """What was typed, up to and with the beginning of a paste; and what follows."""
        # An escape must not wait for what may follow it, so the mark may have come in two pieces.
        at = (self._before + data).find(self._PASTE)
        if at >= 0:
            end = at + len(self._PASTE) - len(self._before)
            self._before, self._room = b"", 4 * PASTE_LIMIT
            return self._MOUSE.sub(b"", data[:end]), data[end:]
        self._before = (self._before + data)[1 - len(self._PASTE) :]
        data = self._MOUSE.sub(b"", data)
        cut = self._CUT_MOUSE.search(data)
        end = cut.start() if cut else len(data)
        self._rest = data[end:]
        return data[:end], b""

    def _pasted(self, data: bytes, room: int) -> tuple[bytes, bytes]:
        """What was pasted, up to and with the mark of its end; and what follows."""
        end, mark = data.find(self._PASTE_END), b""
        if end >= 0:
            mark, following, self._room = self._PASTE_END, data[end + len(self._PASTE_END) :], None
        else:
            cut = self._CUT_PASTE_END.search(data)
            end, following = cut.start() if cut else len(data), b""
            self._rest = data[end:]
            self._room = max(0, room - end)
        return self._CONTROLS.sub(b"", data[: min(end, room)]) + mark, following
