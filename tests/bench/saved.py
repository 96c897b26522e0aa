"""A result of 200 MB saved to a file as a stream: what that takes of memory, in a real pty."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.bench.figures import Figure, report
from tests.bench.raw_terminal import GRAPHTOP, Screen
from tests.bench.servers import serving, with_result

MEGABYTES = 200
PATIENCE = 60.0


def grown(screen: Screen, done: bytes) -> float:
    """Megabytes that the program grows by at the most until something is said."""
    before = most = screen.memory()
    start, end = len(screen.raw), time.perf_counter() + PATIENCE
    while done not in screen.raw[start:]:
        assert time.perf_counter() < end, "it was not saved"
        screen.read(0.05)
        most = max(most, screen.memory())
    return most - before


def main() -> None:
    """Open the result, which is cut at the cap, save all of it, and watch the memory."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(*with_result(MEGABYTES)) as (url, _),
        Screen([*GRAPHTOP, url], folder=Path(folder)) as screen,
    ):
        screen.until(rb"success")
        screen.watch(1.0)
        screen.send("o")
        screen.until(rb"person")
        screen.watch(2.0)
        screen.send("\x13")
        most = grown(screen, b"Saved")
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
    assert size >= MEGABYTES * 0.95, f"only {size:.0f} MB were saved"
    report(
        Figure(
            what=f"{size:.0f} MB result saved as a stream: memory it takes",
            ours=most,
            unit="MB",
            goal="flat (<= 16 MB)",
            limit=16.0,
        )
    )


if __name__ == "__main__":
    main()
