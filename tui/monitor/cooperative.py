"""Long work in slices of a few milliseconds, so that keys and drawing never wait for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator
from typing import TypeAlias, TypeVar

SLICE_SECONDS = 0.002
"""Work between two turns of the event loop. Several such works may share one frame, which is 16 ms."""

_T = TypeVar("_T")
Steps: TypeAlias = Generator[None, None, _T]
"""Work that yields wherever the event loop may have its turn."""


class LoopYielder:
    """Lets the event loop run whenever a slice of work has been done."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    @property
    def is_due(self) -> bool:
        """Whether the slice is over."""
        return time.perf_counter() - self._since >= SLICE_SECONDS

    async def yield_if_due(self) -> None:
        """Let everything else run, if the slice is over."""
        if self.is_due:
            await asyncio.sleep(0)
            self._since = time.perf_counter()

    async def run_steps(self, steps: Steps[_T]) -> _T:
        """Do all steps, and let everything else run whenever the slice is over."""
        return await run_in_turns(steps, self.yield_if_due)


def run_at_once(steps: Steps[_T]) -> _T:
    """Do all steps without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _T = end.value
            return result


async def _pause() -> None:
    await asyncio.sleep(0)


async def run_in_turns(steps: Steps[_T], pause: Callable[[], Awaitable[None]] = _pause) -> _T:
    """Do all steps, and let everything else run between them, by `pause`."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _T = end.value
            return result
        await pause()
