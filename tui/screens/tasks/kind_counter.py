"""Counts the kinds of running tasks in the background, so that the table can tell when they end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from backend_adapters.model import Task, TaskStatus
from tui.monitor.monitor import Monitor
from tui.monitor.watched_place import WatchedPlace


class KindCounter:
    """Counts all kinds that are wanted together, and never twice at a time."""

    def __init__(self, spawn: Callable[..., object], draw_soon: Callable[[], None]) -> None:
        """`draw_soon` is called when more has become known."""
        self._run_worker = spawn
        self._draw_soon = draw_soon
        self._is_counting = False

    def count_missing(self, monitor: Monitor, shown: Iterable[Task]) -> None:
        """Count the kinds of the running tasks in `shown` that were not counted lately."""
        if self._is_counting:
            return
        missing = defaultdict[WatchedPlace, list[Task]](list)
        for task in shown:
            watched = monitor.find_place(task) if task.status is TaskStatus.RUNNING else None
            # Before all is read, too few of a kind are known.
            if watched is not None and watched.health.scanned and not watched.kind_records.is_current(task):
                missing[watched].append(task)
        if missing:
            self._is_counting = True
            self._run_worker(self._count_kinds(missing), group="kinds")

    async def _count_kinds(self, missing: dict[WatchedPlace, list[Task]]) -> None:
        try:
            for watched, tasks in missing.items():
                await watched.kind_records.count_all(tasks)
        finally:
            self._is_counting = False
        self._draw_soon()
