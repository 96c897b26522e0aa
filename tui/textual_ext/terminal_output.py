"""Where the screen is written: a terminal that may be gone, in the encoding of the locale."""

from __future__ import annotations

import codecs
import os
import select
import threading
from collections.abc import Callable
from typing import TextIO

from rich.cells import cell_len

from tui.config.terminal_encoding import is_utf8_locale

_LIKE = {
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
_ASCII = str.maketrans({sign: plain for plain, signs in _LIKE.items() for sign in signs})
"""Signs that graphtop and Textual draw, and ASCII signs of the same width that are like them."""


class Output:
    """Where the screen is written: a terminal that may be gone, in the encoding of the locale."""

    def __init__(self, stream: TextIO, *, broke: Callable[[Exception], None], ascii: bool = False) -> None:
        """Write to a stream's descriptor; `broke` hears of a fault of graphtop's own that keeps it from that.

        `ascii` writes the signs that graphtop and Textual draw as ASCII signs like them, wherever they stand;
        what else a server's text holds is written as it is.
        """
        self._signs = _ASCII if ascii else None
        self._descriptor = stream.fileno()
        self._broke = broke
        self._encoding = "utf-8" if is_utf8_locale() else "ascii"
        self._pieces: list[str] = []
        self._gone = False
        self._writing = threading.Lock()

    def fileno(self) -> int:
        """The file descriptor."""
        return self._descriptor

    def hold(self, seconds: float) -> None:
        """Let nobody write any more; wait at most so long for what is being written just now.

        Whoever goes on to write waits for ever: the process is about to end.
        """
        self._writing.acquire(timeout=seconds)

    def write(self, text: str) -> None:
        """Keep some text until the next flush."""
        self._pieces.append(text)

    def flush(self) -> None:
        """Write what was kept; a terminal that is gone gets no more."""
        try:
            self._send()
        except Exception as error:
            # Raised, it would end Textual's writer thread: nothing would be drawn any more, and no key heard.
            self._pieces.clear()
            self._broke(error)

    def _send(self) -> None:
        text = "".join(self._pieces)
        if self._signs is not None:
            text = text.translate(self._signs)
        data = memoryview(text.encode(self._encoding, "graphtop-cells"))
        self._pieces.clear()
        while data and not self._gone:
            try:
                with self._writing:
                    written = os.write(self._descriptor, data)
                data = data[written:]
            except BlockingIOError:
                # Some other program made the terminal non-blocking for all who share it.
                select.select([], [self._descriptor], [])
            except OSError:
                self._gone = True


def _in_cells(error: UnicodeError) -> tuple[str, int]:
    """What is written for characters that the encoding lacks: something like them, of the same width."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_ASCII)
    return "".join(sign if sign.isascii() else "?" * cell_len(sign) for sign in text), error.end


codecs.register_error("graphtop-cells", _in_cells)
