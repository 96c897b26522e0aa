"""The terminal of the running program, always left as it was found.

Textual's own driver ends without cleaning up on SIGTERM and SIGHUP, spins when the terminal is gone, and
dies of legacy mouse bytes and of characters that the locale can't write. This one does not.
"""

from __future__ import annotations

import codecs
import os
import re
import select
import signal
import sys
import termios
import threading
from contextlib import suppress
from io import TextIOWrapper
from types import FrameType
from typing import TextIO, cast

from rich.cells import cell_len
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""The signals that end the program, with 128 and their number as the exit code."""

GRACE = 1.2
"""Seconds in which the program ends by itself after such a signal; after them it is ended."""

_PATIENCE = 0.1
"""Seconds between two looks at whether the input is still wanted."""

_ALL_OFF = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
)
"""Turns off all that Textual turns on, for when Textual can't do it any more."""


class TerminalDriver(LinuxDriver):
    """Textual's driver for POSIX, with an end for every case."""

    def __init__(
        self, app: App[None], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._output = Output(cast(TextIO, sys.__stdout__))
        # Textual's writer thread calls `write`, `flush` and `fileno`, and nothing else.
        self._file = cast(TextIOWrapper, self._output)
        self._ending = False
        for number in ENDINGS:
            # Whoever started the program with nohup wants it to ignore the hang-up.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.end(128 + number)

    def end(self, code: int) -> None:
        """Leave with this exit code, soon; may be called from any thread, and again."""
        if self._ending:
            return
        self._ending = True
        guard = threading.Timer(GRACE, self._give_up, [code])
        guard.daemon = True
        guard.start()
        # The loop is closed when the program is just leaving.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._app.exit, None, code)

    def _give_up(self, code: int) -> None:
        """End at once: the loop is busy, or the terminal takes no more bytes."""
        with suppress(OSError, termios.error):
            if self.attrs_before is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            os.set_blocking(self._output.fileno(), False)
            os.write(self._output.fileno(), _ALL_OFF)
        os._exit(code)

    def _get_terminal_size(self) -> tuple[int, int]:
        """Ask the terminal itself: COLUMNS and LINES in the environment don't follow a resize."""
        try:
            size = os.get_terminal_size(self._output.fileno())
        except OSError:
            return super()._get_terminal_size()
        return size.columns or 80, size.lines or 25

    def run_input_thread(self) -> None:
        """Read keys until the end; a terminal that is gone ends the program."""
        parser, decoder = XTermParser(self._debug), InputDecoder()
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], _PATIENCE)[0]:
                data = self._read()
                if not data:
                    self.end(128 + signal.SIGHUP)
                    break
                # The parser takes an empty text for the end.
                for message in parser.feed(text) if (text := decoder.decode(data)) else ():
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)
        with suppress(EOFError, ParseError):
            list(parser.feed(""))

    def _read(self) -> bytes:
        """What was typed; nothing where there is no terminal any more."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""


class InputDecoder:
    """Bytes from the keyboard as text. Bytes that are no UTF-8 become U+FFFD.

    Mouse reports of the X10 kind, three raw bytes after `ESC [ M`, are left out: graphtop never asks for
    them, and a terminal that forgot what it was asked sends them all the same.
    """

    _MOUSE = re.compile(rb"\x1b\[M...", re.DOTALL)
    _CUT_MOUSE = re.compile(rb"\x1b\[M.{0,2}\Z", re.DOTALL)

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = b""

    def decode(self, data: bytes) -> str:
        """The text that is complete so far."""
        data = self._MOUSE.sub(b"", self._rest + data)
        cut = self._CUT_MOUSE.search(data)
        end = cut.start() if cut else len(data)
        self._rest = data[end:]
        return self._decoder.decode(data[:end])


class Output:
    """Where the screen is written: a terminal that may be gone, in the encoding of the locale."""

    def __init__(self, stream: TextIO) -> None:
        self._descriptor = stream.fileno()
        self._encoding = "utf-8" if speaks_utf8() else "ascii"
        self._pieces: list[str] = []
        self._gone = False

    def fileno(self) -> int:
        """The file descriptor."""
        return self._descriptor

    def write(self, text: str) -> None:
        """Keep some text until the next flush."""
        self._pieces.append(text)

    def flush(self) -> None:
        """Write what was kept; a terminal that is gone gets no more."""
        data = memoryview("".join(self._pieces).encode(self._encoding, "graphtop-cells"))
        self._pieces.clear()
        while data and not self._gone:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                # Some other program made the terminal non-blocking for all who share it.
                select.select([], [self._descriptor], [])
            except OSError:
                self._gone = True


def speaks_utf8() -> bool:
    """Whether the locale is one of UTF-8.

    Python reads the C locale as UTF-8, and sets LC_CTYPE to C.UTF-8 then, so the environment itself is asked.
    An environment that names no locale at all, as in a container, is taken for UTF-8, as Python takes it.
    """
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        value = os.environ.get(name, "")
        coerced = name == "LC_CTYPE" and value == "C.UTF-8" and os.environ.get("LANG")
        if value and not coerced:
            return "utf8" in value.lower().replace("-", "")
    return True


_ASCII = str.maketrans("─━│┃┌┐└┘├┤┬┴┼╭╮╰╯…·–", "--||+++++++++++++~.-")


def _in_cells(error: UnicodeError) -> tuple[str, int]:
    """What is written for characters that the encoding lacks: something like them, of the same width."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_ASCII)
    return "".join(sign if sign.isascii() else "?" * cell_len(sign) for sign in text), error.end


codecs.register_error("graphtop-cells", _in_cells)
