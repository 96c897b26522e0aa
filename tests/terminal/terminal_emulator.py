"""A real pty with a terminal emulator on its other side."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from wcwidth import wcwidth

from tests.support.emulated_screen import EmulatedScreen
from tests.support.patience import PATIENCE
from tui.screens.dialogs.dialog import IGNORE_INPUT_SECONDS

ROOT = Path(__file__).parents[2]
GRAPHTOP = (sys.executable, "-m", "tui")

# The child must lead its session and own the terminal, or a closed one would hang nobody up.
_TAKE_TERMINAL = """\
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""

_LOOK = re.compile(rb"\x1b\[([\d;]*)m")
_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")

_END = b"\x00"
"""A byte that draws nothing, and that the commands never write."""

ANSWERED_WITHIN = 3.0
"""Seconds after which a key was not heard if the dialog that it answers is still there."""

ALTERNATE_SCREEN, CURSOR, PASTE, FOCUS, WRAP = 1049, 25, 2004, 1004, 7
MOUSE = (1000, 1003, 1015, 1006, 1016)


def environment(home: Path, changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """A clean environment; `changes` adds variables, and takes away those that are None."""
    clean: dict[str, str | None] = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        **(changes or {}),
    }
    return {name: value for name, value in clean.items() if value is not None}


class Terminal:
    """A command in a pty of a certain size, and what a person would see of it."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        *,
        width: int = 120,
        height: int = 36,
        cwd: Path = ROOT,
    ) -> None:
        self.raw = bytearray()
        """All bytes that the command wrote."""
        self._emulated = EmulatedScreen(width, height)
        self._screen = self._emulated.screen
        self._news = threading.Condition()
        self.master, slave = pty.openpty()
        self._set_size(width, height)
        self.before = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", _TAKE_TERMINAL, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
        # Kept open, so that the terminal's settings can be looked at when the command has ended.
        self._slave: int | None = slave
        self._closing = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while not self._closing.is_set():
            if not select.select([self.master], [], [], 0.05)[0]:
                continue
            with self._news:
                try:
                    data = os.read(self.master, 65536)
                except OSError:
                    return
                self.raw += data
                self._emulated.feed(data)
                self._news.notify_all()

    # What is seen.

    def lines(self) -> list[str]:
        """The lines on the screen, without blanks at their ends."""
        with self._news:
            buffer, width = self._screen.buffer, self._screen.columns
            return [_line([buffer[y][x].data for x in range(width)]) for y in range(self._screen.lines)]

    def text(self) -> str:
        """The screen as text."""
        return "\n".join(self.lines())

    def column(self, x: int) -> list[str]:
        """What stands in one cell of every line; empty for the second half of a wide character."""
        with self._news:
            return [self._screen.buffer[y][x].data for y in range(self._screen.lines)]

    def style(self, x: int, y: int) -> tuple[object, ...]:
        """Foreground, background, bold, underlined and reversed of a cell."""
        with self._news:
            cell = self._screen.buffer[y][x]
        return cell.fg, cell.bg, cell.bold, cell.underscore, cell.reverse

    def style_of(self, word: str, *, below: int = 0) -> tuple[object, ...] | None:
        """The style of a word's first cell in the lines below; None while none of them has it."""
        with self._news:
            for y, line in enumerate(self.lines()):
                if y > below and word in line:
                    return self.style(line.index(word), y)
        return None

    def count(self) -> int:
        """How many bytes have been written so far."""
        with self._news:
            return len(self.raw)

    def mode(self, number: int) -> bool | None:
        """Whether a private mode is on; None where it was never spoken of."""
        with self._news:
            found = [
                letter == b"h"
                for numbers, letter in _MODE.findall(bytes(self.raw))
                if str(number).encode() in numbers.split(b";")
            ]
        return found[-1] if found else None

    def wait(self, true: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Wait until something is true of what is seen; raises AssertionError with the screen.

        Where `true` looks for what isn't on the screen (yet), so that it fails, it is not true (yet).
        """
        end = time.monotonic() + seconds
        while True:
            missing: Exception | None = None
            try:
                if true():
                    return
            except (LookupError, ValueError, StopIteration) as error:
                missing = error
            left = end - time.monotonic()
            if left <= 0:
                code = self.process.poll()
                text = f"not seen in {seconds} s: {what} (exit code {code})\n{self.text()}"
                raise AssertionError(text) from missing
            with self._news:
                self._news.wait(min(left, 0.05))

    def wait_for(self, text: str, seconds: float = PATIENCE) -> None:
        """Wait until a text is on the screen."""
        self.wait(lambda: text in self.text(), repr(text), seconds)

    def wait_gone(self, text: str, seconds: float = PATIENCE) -> None:
        """Wait until a text is not on the screen any more."""
        self.wait(lambda: text not in self.text(), f"no {text!r}", seconds)

    # What is done.

    def send(self, keys: str | bytes) -> None:
        """Type; a long text goes out as fast as it is read."""
        data = memoryview(keys.encode() if isinstance(keys, str) else keys)
        while data:
            data = data[os.write(self.master, data[:1024]) :]

    def answer(self, key: str, seen: str) -> None:
        """Answer a dialog that shows some words; it does not hear what comes before it can have been read.

        A key was not heard where the dialog is still there after so many seconds.
        """
        time.sleep(IGNORE_INPUT_SECONDS)
        sent = time.monotonic()

        def gone() -> bool:
            nonlocal sent
            here = seen in self.text()
            if here and time.monotonic() - sent > ANSWERED_WITHIN:
                sent = time.monotonic()
                self.send(key)
            return not here

        self.send(key)
        self.wait(gone, f"the end of the dialog {seen!r}")

    def resize(self, width: int, height: int) -> None:
        """Make the terminal another size."""
        with self._news:
            self._screen.resize(height, width)
            self._set_size(width, height)

    def _set_size(self, width: int, height: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def signal(self, number: int) -> None:
        """Send the command a signal."""
        os.kill(self.process.pid, number)

    def freeze(self) -> None:
        """Read no more, as a terminal does whose connection hangs."""
        self._closing.set()
        self._reader.join()

    def thaw(self) -> None:
        """Read again after `freeze`."""
        self._closing.clear()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def given_up(self) -> bool:
        """Whether the command no longer waits for the terminal: its descriptor is the same as ours."""
        assert self._slave is not None
        return not os.get_blocking(self._slave)

    def full(self) -> bool:
        """Whether the terminal takes no more bytes from the command."""
        return not select.select([], [self._slave], [], 0)[1]

    def vanish(self) -> None:
        """Take the terminal away, as when its window is closed."""
        self.freeze()
        self._close_slave()
        os.close(self.master)
        self.master = -1

    def _close_slave(self) -> None:
        if self._slave is not None:
            os.close(self._slave)
            self._slave = None

    # The end.

    def exit_code(self, seconds: float = PATIENCE) -> int:
        """Wait for the end; raises AssertionError if it doesn't come."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds} s\n{self.text()}") from None
        self._read_to_end()
        return code

    def _read_to_end(self) -> None:
        """Wait until all that an ended command wrote is read: the kernel may bring it later than its end."""
        if self._slave is None or not self._reader.is_alive():
            return
        start = len(self.raw)
        # The command may have left the terminal full, and its descriptor not waiting for room.
        self.wait(lambda: not self.full(), "room for one more mark")
        # What is written behind it comes after it.
        os.write(self._slave, _END)
        self.wait(lambda: _END in self.raw[start:], "the last bytes of the command")
        with self._news:
            del self.raw[self.raw.index(_END, start)]

    def drain(self) -> None:
        """Wait until all that the command has written so far is read."""
        while self.master >= 0 and self._reader.is_alive():
            # The reader holds the lock from taking bytes until they are drawn.
            with self._news:
                if not select.select([self.master], [], [], 0)[0]:
                    return
            time.sleep(0.005)

    def restored(self) -> bool:
        """Whether the line settings are those from before."""
        assert self._slave is not None
        return termios.tcgetattr(self._slave) == self.before

    def close(self) -> None:
        """Kill whatever still runs, and let go of the pty."""
        with suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self.process.pid).children(recursive=True):
                process.kill()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._closing.set()
        self._reader.join()
        self._close_slave()
        if self.master >= 0:
            os.close(self.master)


def _line(cells: list[str]) -> str:
    """Cells as text. A wide character is followed by an empty cell; half of one that was cut is a blank."""
    pairs = zip(cells, ["", *cells], strict=False)
    return "".join(cell or ("" if wcwidth(before[:1]) == 2 else " ") for cell, before in pairs).rstrip()


def assert_clean(terminal: Terminal) -> None:
    """Assert that the terminal was left as it was found."""
    assert terminal.mode(ALTERNATE_SCREEN) is False
    assert terminal.mode(CURSOR) is True
    assert terminal.mode(WRAP) is True
    for mode in (*MOUSE, PASTE, FOCUS):
        assert not terminal.mode(mode), f"mode {mode} is still on"
    assert terminal.raw.rfind(b"\x1b[<u") > terminal.raw.rfind(b"\x1b[>"), "the keyboard protocol is still on"
    assert _LOOK.findall(terminal.raw)[-1] in (b"", b"0"), "the shell writes in the last look"
    assert terminal.restored(), "the line settings are not those from before"
