"""A filter of which a person wants to be told whenever a task comes to match."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from backend_adapters.model import Millis, Task, TaskKey, is_different_task
from tui.monitor.recent_changes import has_ended_before, is_new_task
from tui.monitor.store import Change
from tui.monitor.view import Shape
from tui.monitor.watched_place import WatchedPlace


class MatchWatch:
    """Watches for tasks that come to match a filter: new ones, and those that change so that they do."""

    def __init__(
        self, shape: Shape, find_place: Callable[[Task], WatchedPlace | None], now: Callable[[], Millis]
    ) -> None:
        """What matches is told of from `now` on, each task once."""
        self.shape = shape
        self._find_place = find_place
        self._began = now()
        self._told: set[TaskKey] = set()

    @property
    def name(self) -> str:
        """The filter as it was typed, behind the name of its status tab where that is not all."""
        group, written = self.shape.group, self.shape.filter.text
        return written if group.statuses is None else f"{group.label.lower()} {written}"

    def find_matches(self, changes: Sequence[Change]) -> list[Task]:
        """The tasks that have come to match. Raises FilterError where a pattern takes too long."""
        return list(self._list_matches(changes))

    def _list_matches(self, changes: Sequence[Change]) -> Iterator[Task]:
        for change in changes:
            if change.new is None:
                if change.old is not None:
                    self._told.discard(change.old.key)
            elif self._is_match(change.old, change.new):
                self._told.add(change.new.key)
                yield change.new

    def _is_match(self, old: Task | None, new: Task) -> bool:
        is_other = old is None or is_different_task(old, new)
        place = self._find_place(new)
        if place is None or place.is_hidden or (not is_other and new.key in self._told):
            return False
        if is_other and not is_new_task(new, place, self._began):
            return False
        now = place.store.now()
        if has_ended_before(new, place, self._began) or not self.shape.shows_task(new, now):
            return False
        return is_other or old is None or not self.shape.shows_task(old, now)
