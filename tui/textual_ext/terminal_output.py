"""The terminal that the screen is written to: it may be gone, and has the encoding of the locale."""

from __future__ import annotations

import codecs
import os
import select
import threading
from collections.abc import Callable
from typing import TextIO

from rich.cells import cell_len

from tui.config.terminal_encoding import is_utf8_locale

_ASCII_LOOKALIKES = {
    "-": "─━╸╺╴╶–—⊘▔▀",
    "|": "│┃▏▎▍▌▕▐",
    "+": "┌┐└┘├┤┬┴┼╭╮╰╯✓",
    "#": "▋▊▉█▇▆▅",
    "=": "▄▃▂‖",
    "_": "▁",
    "~": "…◌",
    "*": "•●",
    ">": "⟩▶⏎❱",
    "<": "⟨",
    "x": "×✗",
    ".": "·",
    "%": "◐",
    "o": "◦",
    "v": "▾↓",
    "^": "▴↑",
    "/ ": "🔎",
}
_TO_ASCII = str.maketrans({sign: plain for plain, signs in _ASCII_LOOKALIKES.items() for sign in signs})
"""Signs that graphtop and Textual draw, and similar ASCII signs of the same width."""


class TerminalOutput:
    """The terminal that the screen is written to: it may be gone, and has the encoding of the locale."""

    def __init__(self, stream: TextIO, *, on_fault: Callable[[Exception], None], ascii: bool = False) -> None:
        """Write to a stream's descriptor; `on_fault` is called with an unexpected error.

        `ascii` replaces the signs that graphtop and Textual draw by similar ASCII signs, wherever they stand;
        other characters of a server's text are written as they are.
        """
        self._signs = _TO_ASCII if ascii else None
        self._descriptor = stream.fileno()
        self._on_fault = on_fault
        self._encoding = "utf-8" if is_utf8_locale() else "ascii"
        self._pieces: list[str] = []
        self._is_gone = False
        self._write_lock = threading.Lock()

    def fileno(self) -> int:
        """The file descriptor."""
        return self._descriptor

    def block_writes(self, seconds: float) -> None:
        """Let nothing more be written; wait at most so long for a write that is under way.

        Later writes block for ever: the process is about to end.
        """
        self._write_lock.acquire(timeout=seconds)

    def write(self, text: str) -> None:
        """Collect some text for the next flush."""
        self._pieces.append(text)

    def flush(self) -> None:
        """Write what was collected, unless the terminal is gone."""
        try:
            self._write_pieces()
        except Exception as error:
            # It would end Textual's writer thread: nothing would be drawn any more, and no key handled.
            self._pieces.clear()
            self._on_fault(error)

    def _write_pieces(self) -> None:
        text = "".join(self._pieces)
        if self._signs is not None:
            text = text.translate(self._signs)
        data = memoryview(text.encode(self._encoding, "graphtop-cells"))
        self._pieces.clear()
        while data and not self._is_gone:
            try:
                with self._write_lock:
                    written = os.write(self._descriptor, data)
                data = data[written:]
            except BlockingIOError:
                # Another program has made the terminal non-blocking for all that share it.
                select.select([], [self._descriptor], [])
            except OSError:
                self._is_gone = True


def _replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    """Return similar characters of the same width for those that the encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_TO_ASCII)
    return "".join(sign if sign.isascii() else "?" * cell_len(sign) for sign in text), error.end


codecs.register_error("graphtop-cells", _replace_unencodable)
