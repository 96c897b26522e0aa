"""The time that the simulated servers go by."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], int]
"""Tells the time as epoch milliseconds."""


def wall_clock() -> int:
    """The machine's time as epoch milliseconds."""
    return time.time_ns() // 1_000_000
