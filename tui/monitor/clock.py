"""The one clock: the engine asks it for the time and sleeps by it, so that tests can own both."""

from __future__ import annotations

import asyncio
import time

from backend_adapters.model import Millis


class Clock:
    """The machine's own time."""

    def now(self) -> Millis:
        """The moment, in epoch milliseconds (UTC)."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds that only ever grow, for intervals."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait, and let everything else run."""
        await asyncio.sleep(seconds)
