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
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from types import FrameType
from typing import TextIO, cast

from rich.cells import cell_len
from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from tui.config.terminal_encoding import is_utf8_locale
from tui.text import PASTE_LIMIT, clean_pasted_text
from tui.textual_ext.key_queue import join_key_runs

ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""The signals that end the program, with 128 and their number as the exit code."""

GRACE = 1.2
"""Seconds in which the program ends by itself after such a signal; after them it is ended."""

_LAST_WAIT = 2.0
"""Seconds that a full terminal has to take the bytes that turn everything off."""

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
        self._output = Output(cast(TextIO, sys.__stdout__), broke=self._broke, ascii=_ascii(app))
        # Textual's writer thread calls `write`, `flush` and `fileno`, and nothing else.
        self._file = cast(TextIOWrapper, self._output)
        self._ending = False
        self._fault: Exception | None = None
        """What went wrong in a thread of the driver's, and is to be said at the end."""
        for number in ENDINGS:
            # Whoever started the program with nohup wants it to ignore the hang-up.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.end(128 + number)

    def start_application_mode(self) -> None:
        """Take the terminal, and hear of each of its sizes in their order."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGWINCH, self._on_resized)

    def _on_resized(self, _number: int, _frame: FrameType | None) -> None:
        # Not read here: the next signal can interrupt this, and its newer size would be told first.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._tell_size)

    def _tell_size(self) -> None:
        """Tell the program how large the terminal is now."""
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self.send_message(events.Resize(size, size))

    def _broke(self, error: Exception) -> None:
        """End because of a fault in a thread of the driver's, and say which."""
        self._fault = error
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._app._handle_exception, error)
        self.end(1)

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
            self._turn_all_off()
        with suppress(OSError):
            self._tell_fault()
        os._exit(code)

    def _turn_all_off(self) -> None:
        """Write the last bytes: a slow terminal must not be left as it is."""
        os.set_blocking(self._output.fileno(), False)
        self._output.hold(_LAST_WAIT)
        _write_last(self._output.fileno(), _ALL_OFF)

    def _tell_fault(self) -> None:
        """Say what went wrong, which nobody else has said when the loop was too busy to end."""
        if self._fault is not None and sys.__stderr__ is not None:
            # Imported here, as no start should wait for it.
            from tui.crash_text import format_traceback

            os.set_blocking(sys.__stderr__.fileno(), False)
            _write_last(sys.__stderr__.fileno(), format_traceback(self._fault).encode("utf-8", "replace"))

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
                if text := decoder.decode(data):
                    for message in join_key_runs(parser.feed(text)):
                        self.process_message(message)
            for message in parser.tick():
                self.process_message(message)
        with suppress(EOFError, ParseError):
            list(parser.feed(""))

    def process_message(self, message: Message) -> None:
        """Hand on what was done; of a pasted text only what can stand in a line."""
        if isinstance(message, events.Paste):
            # Textual's own inputs draw what they hold as it is: control characters, and what has no width.
            message = events.Paste(clean_pasted_text(message.text))
        super().process_message(message)

    def _read(self) -> bytes:
        """What was typed; nothing where there is no terminal any more."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""


def _write_last(descriptor: int, data: bytes) -> None:
    """Write to a descriptor that does not block, as long as its other side takes some."""
    while data and select.select([], [descriptor], [], _LAST_WAIT)[1]:
        data = data[os.write(descriptor, data) :]


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


def _ascii(app: App[None]) -> bool:
    """Whether a person asked for ASCII signs."""
    return bool(getattr(getattr(app, "options", None), "ascii", False))


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


def _in_cells(error: UnicodeError) -> tuple[str, int]:
    """What is written for characters that the encoding lacks: something like them, of the same width."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_ASCII)
    return "".join(sign if sign.isascii() else "?" * cell_len(sign) for sign in text), error.end


codecs.register_error("graphtop-cells", _in_cells)
