"""The clock of the simulated servers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

EpochClock: TypeAlias = Callable[[], int]
"""Returns the time as epoch milliseconds."""


def wall_clock() -> int:
    """The machine's time as epoch milliseconds."""
    return time.time_ns() // 1_000_000
