"""Long work in slices of a few milliseconds, so that keys and drawing never wait for it."""

from __future__ import annotations

import asyncio
import time

BUDGET = 0.002
"""Seconds of work between two turns of the loop. Several such works share one turn, and 16 ms are a frame."""


class Turns:
    """Gives the event loop its turn whenever the work has taken its budget."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    @property
    def due(self) -> bool:
        """Whether it is the loop's turn."""
        return time.perf_counter() - self._since >= BUDGET

    async def take(self) -> None:
        """Let everything else run, if it is due."""
        if self.due:
            await asyncio.sleep(0)
            self._since = time.perf_counter()
