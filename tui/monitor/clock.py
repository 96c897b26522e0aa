"""The engine's only clock: it gives the time and sleeps, so that tests can control both."""

from __future__ import annotations

import asyncio
import time

from backend_adapters.model import Millis


class Clock:
    """The machine's own time."""

    def now(self) -> Millis:
        """The current time, in epoch milliseconds (UTC)."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds that never go back, for intervals."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait while everything else runs."""
        await asyncio.sleep(seconds)


async def wait_for_event(clock: Clock, event: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until the event is set."""
    pause = asyncio.ensure_future(clock.sleep(seconds))
    woken = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((pause, woken), return_when=asyncio.FIRST_COMPLETED)
    finally:
        pause.cancel()
        woken.cancel()
