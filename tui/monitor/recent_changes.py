"""Tells what has just happened to tasks from what was only read late, such as a long history."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backend_adapters.model import FAILURES, Millis, Task, is_different_task
from tui.monitor.store import Change
from tui.monitor.unreadable import is_unreadable, last_read_status
from tui.monitor.watched_place import WatchedPlace

SLACK: Millis = 2_000
"""How much earlier than it is known here a server may have written something; some tell whole seconds."""


def is_new_task(task: Task, place: WatchedPlace, since: Millis) -> bool:
    """Whether a task that was not known before was created after a moment of this machine's clock."""
    if is_unreadable(task):
        return False
    if task.created is None:
        # A job that waits tells no time: it is new once all that was there has been read.
        return place.health.scanned
    return task.created >= since + place.server_time.ahead - SLACK


def has_ended_before(task: Task, place: WatchedPlace, since: Millis) -> bool:
    """Whether a task is known to have ended before a moment of this machine's clock."""
    if not task.status.is_finished or task.updated is None:
        return False
    return task.updated < since + place.server_time.ahead - SLACK


class RecentFailures:
    """How many tasks have failed since somebody last looked."""

    def __init__(self, find_place: Callable[[Task], WatchedPlace | None], now: Callable[[], Millis]) -> None:
        self.count = 0
        self._find_place = find_place
        self._began = now()

    def note_changes(self, changes: Sequence[Change]) -> None:
        """Count the failures among changes."""
        for change in changes:
            new = change.new
            if new is not None and new.status in FAILURES:
                self.count += self._is_recent(change.old, new)

    def _is_recent(self, old: Task | None, new: Task) -> bool:
        if old is None or is_different_task(old, new):
            place = self._find_place(new)
            return place is not None and is_new_task(new, place, self._began)
        before = last_read_status(old)
        return before is not None and not before.is_finished

    def reset(self) -> None:
        """Count anew: somebody looks."""
        self.count = 0
