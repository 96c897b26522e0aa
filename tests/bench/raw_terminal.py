"""A pty without an emulator: what a program writes to it, with the moment at which it was read.

`tests.terminal.terminal_emulator` draws what it reads, which costs more than what is measured here.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import psutil
from rich.cells import cell_len

from tests.support.own_folders import list_bench_folders

ROOT = Path(__file__).parents[2]
GRAPHTOP = (sys.executable, "-m", "tui")
BARE = (sys.executable, "-m", "tests.bench.bare_textual_app")
WIDTH, HEIGHT = 120, 36
PATIENCE = 60.0

_TOKEN = re.compile(
    rb"\x1b\[(?P<first>\d*)(?:;(?P<second>\d+))?(?P<letter>[HABCDG])"
    rb"|\x1b\[(?P<look>[0-9;]*)m|\x1b\[[0-9;?<>=$]*[a-zA-Z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|(?P<text>[^\x00-\x1f]+)"
)


def environment() -> dict[str, str]:
    """A clean environment in which compiled modules are kept, as after an installation."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": tempfile.gettempdir(),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        **list_bench_folders(),
    }


class Screen:
    """A command in a pty. As a context manager it is killed at the end."""

    def __init__(
        self, command: Sequence[str], folder: Path = ROOT, env: Mapping[str, str] | None = None
    ) -> None:
        self.raw = bytearray()
        """All that was read so far."""
        env = environment() | dict(env or {})
        self.began = time.perf_counter()
        self.pid, self.master = os.forkpty()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
            os.chdir(folder)
            os.execvpe(command[0], list(command), env)
        self.process = psutil.Process(self.pid)
        self._ended = False

    def __enter__(self) -> Self:
        """Nothing more to do: the command runs already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kills the command."""
        if not self._ended:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    def read(self, seconds: float) -> bytes:
        """What comes next, as soon as it comes; nothing after so many seconds."""
        if not select.select([self.master], [], [], max(seconds, 0.0))[0]:
            return b""
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            raise AssertionError(f"the program ended:\n{self.raw[-2000:].decode(errors='replace')}") from None
        self.raw += data
        return data

    def until(self, pattern: bytes, seconds: float = PATIENCE) -> float:
        """Read on until a regular expression is found in what comes from now on; when, by perf_counter."""
        seen, end = b"", time.perf_counter() + seconds
        while not re.search(pattern, seen):
            left = end - time.perf_counter()
            assert left > 0, (
                f"not seen in {seconds} s: {pattern!r}\n{self.raw[-2000:].decode(errors='replace')}"
            )
            seen += self.read(left)
        return time.perf_counter()

    def updates(self, since: int) -> list[Update]:
        """The updates after so many bytes."""
        return placed(bytes(self.raw), since)

    def watch(self, seconds: float) -> bytes:
        """Read for so long; what came."""
        start, end = len(self.raw), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)
        return bytes(self.raw[start:])

    def quit(self, keys: str = "\x11") -> float:
        """Type what quits, and read until the process has ended; how long that took, in seconds."""
        began = time.perf_counter()
        self.send(keys)
        while not os.waitpid(self.pid, os.WNOHANG)[0]:
            if select.select([self.master], [], [], 0.001)[0]:
                try:
                    os.read(self.master, 1 << 16)
                except OSError:
                    # The terminal's side is closed: the process is about to end.
                    time.sleep(0.0005)
            assert time.perf_counter() - began < PATIENCE, "it does not end"
        self._ended = True
        return time.perf_counter() - began

    def cpu(self) -> float:
        """Seconds of CPU that the command has had so far, by user and system."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> float:
        """Megabytes that are the command's alone."""
        return float(self.process.memory_full_info().uss) / 1e6


_GROUND = re.compile(rb"48;2;\d+;\d+;\d+")


class Update(NamedTuple):
    """What was written from one move of the cursor to the next."""

    line: int
    """Where it begins; 1 is the first line."""
    column: int
    raw: bytes
    """With the move."""


def placed(raw: bytes, since: int = 0) -> list[Update]:
    """The updates in a stream after so many bytes; at its beginning the cursor is in the first cell."""
    updates, y, x, start, column = list[Update](), 1, 1, 0, 1
    for found in _TOKEN.finditer(raw):
        if found["text"]:
            x += cell_len(found["text"].decode(errors="replace"))
        if not found["letter"]:
            continue
        if max(start, since) < found.start():
            updates.append(Update(y, column, raw[max(start, since) : found.start()]))
        y, x = _moved(found, y, x)
        start, column = found.start(), x
    last = raw[max(start, since) :]
    return [*updates, Update(y, column, last)] if last else updates


def _moved(move: re.Match[bytes], y: int, x: int) -> tuple[int, int]:
    """Line and column after a move."""
    letter, steps = move["letter"], int(move["first"] or 1)
    if letter == b"H":
        return steps, int(move["second"] or 1)
    if letter == b"G":
        return y, steps
    down, right = {b"A": (-1, 0), b"B": (1, 0), b"C": (0, 1), b"D": (0, -1)}[letter]
    return y + down * steps, x + right * steps


class GroundColumn:
    """The background in one column of each line, which is known sooner than by drawing everything."""

    def __init__(self, column: int) -> None:
        self._column, self._y, self._x, self._ground = column, 1, 1, b""
        self._grounds: dict[int, bytes] = {}

    def feed(self, raw: bytes) -> None:
        """Read what was written next; it ends with a whole sequence."""
        for found in _TOKEN.finditer(raw):
            if text := found["text"]:
                after = self._x + cell_len(text.decode(errors="replace"))
                if self._x <= self._column < after:
                    self._grounds[self._y] = self._ground
                self._x = after
            elif found["letter"]:
                self._y, self._x = _moved(found, self._y, self._x)
            elif (look := found["look"]) is not None:
                self._ground = _last_ground(look, self._ground)

    def ground(self, line: int) -> bytes:
        """Parameters of SGR such as `48;2;1;2;3`; empty for the terminal's own. 1 is the first line."""
        return self._grounds.get(line, b"")


def _last_ground(look: bytes, before: bytes) -> bytes:
    if set_there := _GROUND.findall(look):
        return bytes(set_there[-1])
    return b"" if look.split(b";")[0] in (b"", b"0") else before


def is_clock(update: Update) -> bool:
    """Whether an update is one of the clock or the latency, the last cells of the first line."""
    return update.line == 1 and update.column > WIDTH - 20


def beside_the_clock(updates: list[Update]) -> int:
    """The bytes of all updates but the clock's."""
    return sum(len(update.raw) for update in updates if not is_clock(update))
