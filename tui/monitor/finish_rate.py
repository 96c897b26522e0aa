"""How many tasks ended in each of the last minutes, by the server's times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from backend_adapters.model import Millis, Task

_MINUTE: Millis = 60_000
MINUTES_KEPT = 1_000
"""The newest minutes that are kept: a long list spans years."""


class FinishRate:
    """Counts of tasks that ended, per minute."""

    def __init__(self) -> None:
        self._minutes: Counter[int] = Counter()

    def count_tasks(self, tasks: Iterable[Task]) -> None:
        """Count tasks that have ended."""
        self._minutes.update([task.updated // _MINUTE for task in tasks if task.updated is not None])
        if len(self._minutes) > 2 * MINUTES_KEPT:
            newest = sorted(self._minutes)[-MINUTES_KEPT:]
            self._minutes = Counter({minute: self._minutes[minute] for minute in newest})

    def count_per_minute(self, now: Millis, minutes: int) -> tuple[int, ...]:
        """The counts of the last `minutes` whole minutes before `now`, oldest first."""
        this = now // _MINUTE
        return tuple(self._minutes.get(minute, 0) for minute in range(this - minutes, this))
