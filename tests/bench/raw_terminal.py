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
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

ROOT = Path(__file__).parents[2]
GRAPHTOP = (sys.executable, "-m", "tui")
BARE = (sys.executable, "-m", "tests.bench.bare_textual_app")
WIDTH, HEIGHT = 120, 36
PATIENCE = 60.0

_PLACE = re.compile(rb"\x1b\[(\d+);(\d+)H")
_CLOCK = re.compile(rb";1(1[1-8])H|\d\d:\d\d:\d\d")
"""An update in the last eight cells before the margin, or one that ends with the whole clock."""


def environment() -> dict[str, str]:
    """A clean environment in which compiled modules are kept, as after an installation."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": tempfile.gettempdir(),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
    }


class Screen:
    """A command in a pty. As a context manager it is killed at the end."""

    def __init__(self, command: Sequence[str], folder: Path = ROOT) -> None:
        self.raw = bytearray()
        """All that was read so far."""
        env = environment()
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


def placed(raw: bytes) -> list[tuple[int, bytes]]:
    """The updates in a stream, as (line, command and text); 1 is the first line."""
    found = list(_PLACE.finditer(raw))
    ends = [match.start() for match in found[1:]]
    return [
        (int(match[1]), raw[match.start() : end])
        for match, end in zip(found, [*ends, len(raw)], strict=False)
    ]


def beside_the_clock(raw: bytes) -> list[int]:
    """The bytes of each write that has more than the clock's tick: a tick changes the first line's end.

    Each write ends by putting the hidden cursor back to its place.
    """
    sizes: list[int] = []
    size, ticked = 0, False
    for line, update in placed(raw):
        parks = _PLACE.fullmatch(update) is not None
        ticks = line == 1 and _CLOCK.search(update) is not None
        if not ticks and not (parks and ticked and not size):
            size += len(update)
        ticked = ticked or ticks
        if parks:
            if size:
                sizes.append(size)
            size, ticked = 0, False
    return sizes
