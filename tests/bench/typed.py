"""20 kB typed at once into the filter, without the marks of a paste, in a real pty: until all is drawn."""

from __future__ import annotations

import os
import time
from contextlib import suppress

from tests.bench.figures import Figure, median, report
from tests.bench.raw_terminal import GRAPHTOP, PATIENCE, Screen
from tests.bench.servers import lasting, serving

BYTES = 20_000
TEXT = ("name of a task, or not " * BYTES)[:BYTES].encode()
TASKS = 10_000
FILTERED = b"0 of 10,000"
REPEATS = 3
REST = 0.1
"""Seconds without a paint after which all is drawn."""


def taken(screen: Screen, piece: int) -> tuple[float, float]:
    """Milliseconds from the first byte to the last paint that it brings, and those of CPU."""
    began = last = time.perf_counter()
    used, left, seen = screen.cpu(), TEXT, len(screen.raw)
    os.set_blocking(screen.master, False)
    while left or FILTERED not in screen.raw[seen:] or time.perf_counter() - last < REST:
        if left:
            # The program may be waiting to write, so this must not wait for it to read.
            with suppress(BlockingIOError):
                left = left[os.write(screen.master, left[:piece]) :]
        if screen.read(0 if left else 0.01):
            last = time.perf_counter()
        assert last - began < PATIENCE, "the filter did not come to an end"
    return (last - began) * 1000, (screen.cpu() - used) * 1000


def measured(url: str, piece: int) -> tuple[float, float]:
    """The same for a new program, and that it still answers afterwards."""
    with Screen([*GRAPHTOP, url]) as screen:
        screen.until(rb"success")
        screen.watch(1.5)
        screen.send("/")
        screen.watch(0.5)
        drawn = taken(screen, piece)
        screen.send("\x1b")
        screen.until(rb"success")
        return drawn


def main() -> None:
    """Report it for pieces as terminals send them, and for many small ones."""
    with serving(*lasting(TASKS, 0, old=True, moving=False)) as (url, _):
        for piece, what in ((4096, "in pieces of 4 kB"), (40, "in pieces of 40 bytes")):
            times, used = zip(*(measured(url, piece) for _ in range(REPEATS)), strict=True)
            report(
                Figure(
                    what=f"20 kB typed into the filter without the marks of a paste, {what}",
                    ours=median(list(times)),
                    unit="ms",
                    goal="<= 200 ms",
                    limit=200.0,
                    note=f"CPU {median(list(used)):.0f} ms",
                )
            )


if __name__ == "__main__":
    main()
