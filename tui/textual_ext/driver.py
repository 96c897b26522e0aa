"""The terminal of the running program, always left as it was found.

Textual's own driver ends without cleaning up on SIGTERM and SIGHUP, spins when the terminal is gone, and
crashes on legacy mouse reports and on characters that the locale can't encode. This one does none of that.
"""

from __future__ import annotations

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
from typing import Any, TextIO, cast

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from tui.text import clean_pasted_text
from tui.textual_ext.input_decoder import InputDecoder
from tui.textual_ext.key_queue import RUN_MIN_LENGTH, KeyRun, join_key_runs
from tui.textual_ext.terminal_output import TerminalOutput
from tui.textual_ext.window_marks import WindowMarks

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""The signals that end the program; its exit code is 128 plus their number."""

GRACE_SECONDS = 1.2
"""Seconds that the program has to end by itself after such a signal, before it is ended at once."""

_LAST_WRITE_SECONDS = 2.0
"""Seconds that a slow terminal has to take the bytes that reset it."""

_INPUT_POLL_SECONDS = 0.1
"""Seconds between two checks whether the program still reads input."""

_RESET_SEQUENCE = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
)
"""Turns off all the modes that Textual turns on, for when Textual can't do it any more."""

_FOCUS_KNOWN = re.compile(r"\x1b(?:\[[IO]|\[\?1004;[12]\$y)")
"""What only a terminal sends that reports its focus: a report, and the answer to the question."""


class TerminalDriver(LinuxDriver):
    """Textual's driver for POSIX, which restores the terminal however the program ends."""

    def __init__(
        self, app: App[None], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._output = TerminalOutput(
            cast(TextIO, sys.__stdout__), on_fault=self._end_with_fault, ascii=_wants_ascii(app)
        )
        # Textual's writer thread uses `write`, `flush` and `fileno` only.
        self._file = cast(TextIOWrapper, self._output)
        self._ending = False
        self._fault: Exception | None = None
        """The error of one of the driver's threads, which is printed at the end."""
        self.marks = WindowMarks(self.write)
        """The title and the progress, which are taken back however the program ends."""
        self.knows_focus = False
        """The terminal has said that it reports when it gets or loses the focus."""
        self._attributes: list[Any] | None = None
        """The settings of the terminal to restore when it is given back."""
        for number in ENDING_SIGNALS:
            # A program started with nohup is meant to ignore SIGHUP.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        # Not in the handler, as Textual does: where it interrupts a write, it waits for that for ever.
        signal.signal(signal.SIGTSTP, lambda *_: self._call_soon(self._sigtstp_application))
        signal.signal(signal.SIGCONT, lambda *_: self._call_soon(self._sigcont_application))

    def _call_soon(self, work: Callable[[], None]) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(work)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.end_program(128 + number)

    def start_application_mode(self) -> None:
        """Take over the terminal, and post each of its sizes in order."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.marks.start()
        signal.signal(signal.SIGWINCH, self._on_resize_signal)

    def stop_application_mode(self) -> None:
        """Give the terminal back in the look in which it writes by itself."""
        self.marks.stop()
        self.write(f"{self.marks.ending}\x1b[m")
        # Restored when all is written: a key that is typed now would be echoed in the midst of a sequence.
        self._attributes = self.attrs_before
        self.attrs_before = None
        # Waits where the terminal takes no bytes: it may be given up meanwhile.
        super().stop_application_mode()
        self.attrs_before = self._attributes
        self.close()
        # Not before all is written: where the terminal takes no bytes, it is written once more at last.
        self.marks.forget()
        with suppress(termios.error):
            self._restore_attributes()

    def _restore_attributes(self) -> None:
        """Restore the settings that the terminal had before, if they are known."""
        attributes = self.attrs_before if self.attrs_before is not None else self._attributes
        if attributes is not None:
            termios.tcsetattr(self.fileno, termios.TCSANOW, attributes)

    def _on_resize_signal(self, _number: int, _frame: FrameType | None) -> None:
        # Not read here: the next signal can interrupt this, and its newer size would be posted first.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._post_size)

    def _post_size(self) -> None:
        """Post the current size of the terminal."""
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self.send_message(events.Resize(size, size))

    def _end_with_fault(self, error: Exception) -> None:
        """End because of an error in one of the driver's threads, and print it."""
        self._fault = error
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._app._handle_exception, error)
        self.end_program(1)

    def end_program(self, code: int) -> None:
        """End the program with this exit code soon; may be called from any thread, and more than once."""
        if self._ending:
            return
        self._ending = True
        guard = threading.Timer(GRACE_SECONDS, self._exit_now, [code])
        guard.daemon = True
        guard.start()
        # The loop is already closed when the program is just ending.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._app.exit, None, code)

    def _exit_now(self, code: int) -> None:
        """End at once, because the loop is busy or the terminal takes no more bytes."""
        with suppress(termios.error):
            self._restore_attributes()
        with suppress(OSError):
            self._reset_terminal()
        with suppress(OSError):
            self._print_fault()
        os._exit(code)

    def _reset_terminal(self) -> None:
        """Reset the terminal's modes, even if it is slow to take the bytes."""
        os.set_blocking(self._output.fileno(), False)
        self._output.block_writes(_LAST_WRITE_SECONDS)
        _write_while_taken(self._output.fileno(), self.marks.ending.encode() + _RESET_SEQUENCE)

    def _print_fault(self) -> None:
        """Print the error, which is printed nowhere else when the loop was too busy to end."""
        if self._fault is not None and sys.__stderr__ is not None:
            # Imported here: no start should wait for it.
            from tui.crash_text import format_traceback

            os.set_blocking(sys.__stderr__.fileno(), False)
            _write_while_taken(
                sys.__stderr__.fileno(), format_traceback(self._fault).encode("utf-8", "replace")
            )

    def _get_terminal_size(self) -> tuple[int, int]:
        """Ask the terminal itself: COLUMNS and LINES in the environment don't change with a resize."""
        try:
            size = os.get_terminal_size(self._output.fileno())
        except OSError:
            return super()._get_terminal_size()
        return size.columns or 80, size.lines or 25

    def run_input_thread(self) -> None:
        """Read input until the program ends; a terminal that is gone ends it."""
        parser, decoder, escaped = XTermParser(self._debug), InputDecoder(), False
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], _INPUT_POLL_SECONDS)[0]:
                data = self._read_input()
                if not data:
                    self.end_program(128 + signal.SIGHUP)
                    break
                # The parser takes 5 µs for a character; but it may be in the middle of a sequence.
                text = decoder.decode(data)
                self.knows_focus = self.knows_focus or _FOCUS_KNOWN.search(text) is not None
                if text and not escaped and _is_run(text, decoder):
                    self.process_message(KeyRun(text))
                # It takes an empty text for the end of the input.
                elif text:
                    for message in join_key_runs(parser.feed(text)):
                        self.process_message(message)
                escaped = "\x1b" in text or (escaped and not text)
            for message in parser.tick():
                self.process_message(message)
        with suppress(EOFError, ParseError):
            list(parser.feed(""))

    def process_message(self, message: Message) -> None:
        """Pass on a message; of a pasted text only what may stand in a line."""
        if isinstance(message, events.Paste):
            # Textual's own inputs draw control characters and characters without a width as they are.
            message = events.Paste(clean_pasted_text(message.text))
        super().process_message(message)

    def ask_for_focus_reports(self) -> None:
        """Ask whether the terminal reports when it gets or loses the focus; the answer comes as input."""
        self.write("\x1b[?1004$p")

    def _read_input(self) -> bytes:
        """Read some bytes; none where the terminal is gone."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""


def _write_while_taken(descriptor: int, data: bytes) -> None:
    """Write to a non-blocking descriptor for as long as its other side takes some."""
    while data and select.select([], [descriptor], [], _LAST_WRITE_SECONDS)[1]:
        data = data[os.write(descriptor, data) :]


def _is_run(text: str, decoder: InputDecoder) -> bool:
    """Whether a piece of the input is nothing but many characters."""
    return len(text) >= RUN_MIN_LENGTH and not decoder.is_in_paste and text.isprintable()


def _wants_ascii(app: App[None]) -> bool:
    """Whether the application was started with the option for ASCII signs."""
    return bool(getattr(getattr(app, "options", None), "ascii", False))
