"""The terminal of the running program, always left as it was found.

Textual's own driver ends without cleaning up on SIGTERM and SIGHUP, spins when the terminal is gone, and
dies of legacy mouse bytes and of characters that the locale can't write. This one does not.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import threading
from contextlib import suppress
from io import TextIOWrapper
from types import FrameType
from typing import TextIO, cast

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from tui.text import clean_pasted_text
from tui.textual_ext.input_decoder import InputDecoder
from tui.textual_ext.key_queue import join_key_runs
from tui.textual_ext.terminal_output import Output

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


def _ascii(app: App[None]) -> bool:
    """Whether a person asked for ASCII signs."""
    return bool(getattr(getattr(app, "options", None), "ascii", False))
