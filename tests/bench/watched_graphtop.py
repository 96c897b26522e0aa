"""graphtop, of which the longest round of the event loop is written to a file at the end.

`python -m tests.bench.watched_graphtop FILE ARGUMENT…`; the rounds count from the third second on.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
import time
from pathlib import Path
from typing import Any

WARM_UP = 3.0
"""Seconds after the first round: a start imports and draws its first screen, which other benches measure."""


class WatchedSelector(selectors.DefaultSelector):
    """Measures from each return of `select` to the next call: that long the loop answered nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0.0
        """Milliseconds of this thread's processor time."""
        self._began: float | None = None
        self._counts_from = time.perf_counter() + WARM_UP

    def select(self, timeout: float | None = None) -> Any:
        """See selectors."""
        if self._began is not None and time.perf_counter() > self._counts_from:
            self.longest = max(self.longest, (time.thread_time() - self._began) * 1000)
        found = super().select(timeout)
        self._began = time.thread_time()
        return found


def main() -> None:
    """Run the command line with loops that are watched."""
    made: list[WatchedSelector] = []

    class Policy(asyncio.DefaultEventLoopPolicy):
        def new_event_loop(self) -> asyncio.AbstractEventLoop:
            made.append(WatchedSelector())
            return asyncio.SelectorEventLoop(made[-1])

    path = Path(sys.argv[1])
    asyncio.set_event_loop_policy(Policy())
    sys.argv[1:] = sys.argv[2:]
    from tui.__main__ import main as run

    try:
        run()
    finally:
        path.write_text(str(max((selector.longest for selector in made), default=0.0)))


if __name__ == "__main__":
    main()
