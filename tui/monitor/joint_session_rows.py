"""The rows of several places from one session to the next, each place with a file of its own.

Until a place has told enough its last known rows stand among the rows of all, and what it tells takes their
places. Those of a place that does not answer stay.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend_adapters.model import Millis, Place, Task, TaskKey
from tui.monitor.clock import Clock
from tui.monitor.last_rows import LastRows
from tui.monitor.rows_keeper import KEEP_EVERY, KEEP_FIRST, RowsKeeper
from tui.monitor.session_rows import SessionRows
from tui.monitor.store import Change, Store
from tui.monitor.task_source import JointStore
from tui.monitor.view import Shape, View
from tui.monitor.watched_place import WatchedPlace


class JointSessionRows(SessionRows):
    """Knows which rows of several places are last known ones, and keeps the present ones of each."""

    def __init__(self, joint: JointStore, view: View, clock: Clock) -> None:
        super().__init__(None, None, tasks=joint, view=view)
        self._joint = joint
        self._clock = clock
        self._last: dict[Place | None, LastRows] = {}
        self._keepers: dict[Place | None, RowsKeeper] = {}
        self._changed: set[Place | None] = set()
        """The places of which something has changed since their rows were kept."""

    def add_place(self, watched: WatchedPlace) -> Sequence[Task]:
        """Begin with the last known rows of a place, if there are any; returns them."""
        file, place = watched.rows_file, watched.place
        if file is None or place is None:
            return ()
        self._keepers[place] = RowsKeeper(
            file, watched.backend, watched.store, None, clock=self._clock, health=lambda: watched.health
        )
        kept = file.read()
        if kept is None:
            return ()
        last = self._last[place] = LastRows(kept, self._clock.now, Shape(), place)
        return tuple(last.unconfirmed.values())

    def find_store(self, watched: WatchedPlace) -> Store:
        """The tasks of a place as they are shown."""
        last = self._last.get(watched.place)
        return watched.store if last is None else last.store

    @property
    def is_partly_old(self) -> bool:
        """Whether any place shows its last known rows."""
        return bool(self._last)

    def find_seen(self, task: Task) -> Millis | None:
        """When a task was seen that is only known from the last session; None for others."""
        last = self._last.get(task.place)
        return last.as_of if last is not None and task.id in last.unconfirmed else None

    def is_unconfirmed(self, key: TaskKey) -> bool:
        """Whether a task is only known from the last session: its server has not told of it yet."""
        if not self._last:
            return False
        task = self._joint.find_task(key)
        return task is not None and self.find_seen(task) is not None

    # What the places tell.

    def mix_changes(self, watched: WatchedPlace, changes: Sequence[Change]) -> Sequence[Change]:
        """What the changes of a place are for the rows of all: its tasks take the places of its old rows."""
        self._changed.add(watched.place)
        last = self._last.get(watched.place)
        if last is None:
            return changes
        old = dict(last.unconfirmed)
        last.follow_changes(changes)
        mixed = [
            Change(old.pop(one.new.id), one.new) if one.new is not None and one.new.id in old else one
            for one in changes
        ]
        return [*mixed, *self._end_old_rows(watched, last)]

    def follow_place(self, watched: WatchedPlace) -> Sequence[Change]:
        """Find out whether the last known rows of a place are still worth showing; what that changes."""
        health, place = watched.health, watched.place
        if (keeper := self._keepers.get(place)) is not None:
            keeper.follow_error(health.error)
        last = self._last.get(place)
        if last is None:
            return ()
        old = dict(last.unconfirmed)
        last.follow_health(health, watched.backend.source)
        vanished = [Change(task, None) for task_id, task in old.items() if task_id not in last.unconfirmed]
        return [*vanished, *self._end_old_rows(watched, last)]

    def _end_old_rows(self, watched: WatchedPlace, last: LastRows) -> list[Change]:
        """Once they are over only the place's own rows are left."""
        if not last.is_over or watched.place is None:
            return []
        del self._last[watched.place]
        if not watched.is_hidden:
            self._joint.add_store(watched.place, watched.store)
        if last.is_elsewhere and watched.place in self._keepers:
            self._keepers[watched.place].forget()
        return [Change(task, None) for task in last.unconfirmed.values()]

    # What is kept.

    async def run(self) -> None:
        """Keep the rows of the places that have changed, from time to time."""
        await self._clock.sleep(KEEP_FIRST)
        while True:
            for place in tuple(self._changed):
                keeper = self._keepers.get(place)
                if keeper is None or await keeper.keep_changed():
                    self._changed.discard(place)
            await self._clock.sleep(KEEP_EVERY - KEEP_FIRST)

    def keep_now(self) -> None:
        """Keep the rows of all places as they are now for the next session: this one ends."""
        keepers, self._keepers = self._keepers, {}
        for keeper in keepers.values():
            keeper.keep_now()

    def leave_place(self, watched: WatchedPlace) -> None:
        """Keep the rows of a place that is watched no longer."""
        keeper = self._keepers.pop(watched.place, None)
        if keeper is not None:
            keeper.keep_now()
        self._last.pop(watched.place, None)
        self._changed.discard(watched.place)
