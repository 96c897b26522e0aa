"""How many requests a place was sent in the last minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tui.monitor.clock import Clock

COUNTED_SECONDS = 60.0
"""Seconds that requests are counted over."""
BETWEEN_COUNTS = 2.0
"""Seconds between two counts that are kept, at least."""


class RequestRate:
    """Keeps the counts of the last minute. It is given a count now and then, and when it is asked."""

    def __init__(self, clock: Clock, read_count: Callable[[], int]) -> None:
        """`read_count` tells how many requests were sent so far; it is not called before it is needed."""
        self._clock = clock
        self._read_count = read_count
        self._kept: deque[tuple[float, int]] = deque([(clock.monotonic(), 0)])

    def note_count(self) -> None:
        """Keep the present count, unless one was kept a moment ago."""
        now = self._clock.monotonic()
        if now - self._kept[-1][0] >= BETWEEN_COUNTS:
            self._kept.append((now, self._read_count()))
        while len(self._kept) > 1 and self._kept[1][0] <= now - COUNTED_SECONDS:
            self._kept.popleft()

    def count_per_minute(self) -> int:
        """The requests of the last minute; before that is over, all of them."""
        self.note_count()
        began, before = self._kept[0]
        seconds = max(COUNTED_SECONDS, self._clock.monotonic() - began)
        return round((self._read_count() - before) * COUNTED_SECONDS / seconds)
