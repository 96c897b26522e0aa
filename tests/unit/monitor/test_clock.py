"""The machine's own clock."""

from __future__ import annotations

import asyncio
import time

from tui.monitor.clock import Clock


def test_the_moment_is_told_in_whole_milliseconds(monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: 1_800_000_000_123_999_999)
    assert Clock().now() == 1_800_000_000_123


def test_intervals_are_told_in_seconds_that_only_grow(monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: 12.5)
    assert Clock().monotonic() == 12.5


async def test_sleeping_waits_by_the_loop(monkeypatch):
    slept = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await Clock().sleep(7.5)
    assert slept == [7.5]
