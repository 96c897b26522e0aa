"""The numbers of one place beside others: what runs and waits there, and what has failed of late."""

from __future__ import annotations

from msgspec import Struct

from backend_adapters.model import FAILURES, WAITING, Millis
from tui.monitor.filters import STATUS_GROUPS
from tui.monitor.store import Store

_DAY: Millis = 86_400_000
_MINUTE: Millis = 60_000
_RUNNING = STATUS_GROUPS["active"] - WAITING


class PlaceCounts(Struct, frozen=True, kw_only=True):
    """What the tasks of a place are counted by."""

    running: int
    """What has begun and has not ended, such as what is being cancelled, too."""
    waiting: int
    failed: int
    """What failed in the last 24 hours, by the server's clock."""
    longest_run: Millis | None
    """How long the oldest of those that run has been running; None where none is."""


class PlaceCounter:
    """Counts the tasks of a store; the failures are gone through only once they may be others."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._failures = 0
        self._counted: tuple[int, ...] = ()
        """How many failures there were, and in which minute they were gone through last."""

    def count_tasks(self) -> PlaceCounts:
        """Count what is known now."""
        store, now = self._store, self._store.now()
        runs = [
            took
            for task in store.iter_unfinished()
            if task.status in _RUNNING and (took := task.running_time(now)) is not None
        ]
        return PlaceCounts(
            running=sum(store.counts[status] for status in _RUNNING),
            waiting=sum(store.counts[status] for status in WAITING),
            failed=self._count_failures(now),
            longest_run=max(runs, default=None),
        )

    def _count_failures(self, now: Millis) -> int:
        state = (*(self._store.counts[status] for status in FAILURES), now // _MINUTE)
        if state != self._counted:
            self._counted = state
            ends = (task.updated for task in self._store.tasks.values() if task.status in FAILURES)
            self._failures = sum(end is not None and end > now - _DAY for end in ends)
        return self._failures
