"""The known tasks of all places that are watched, by their keys: what the rows and the screen are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Protocol

from backend_adapters.model import Millis, Place, Task, TaskKey, TaskStatus
from tui.monitor.store import ActionOverlay, Store


class TaskSource(Protocol):
    """The known tasks of one place or of many; a store is that of one place, whose keys are the ids."""

    def __len__(self) -> int:
        """How many tasks are known."""
        ...

    @property
    def now(self) -> Callable[[], Millis]:
        """The moment by which ages are told."""
        ...

    @property
    def counts(self) -> Counter[TaskStatus]:
        """The number of tasks by `tab_status`."""
        ...

    @property
    def unfinished_count(self) -> int:
        """How many tasks have not ended, but for those that can't be read."""
        ...

    @property
    def unreadable_count(self) -> int:
        """How many tasks the server fails over."""
        ...

    @property
    def unread_reason_count(self) -> int:
        """Of how many failures the reason has not been read."""
        ...

    @property
    def action_count(self) -> int:
        """How many tasks are being acted on."""
        ...

    def find_task(self, key: TaskKey) -> Task | None:
        """A task by its key; None where it isn't known."""
        ...

    def find_overlay(self, key: TaskKey) -> ActionOverlay | None:
        """What graphtop is doing to a task; None where that is nothing."""
        ...

    def list_tasks(self) -> list[Task]:
        """All tasks, in no particular order."""
        ...

    def iter_unfinished(self) -> Iterator[Task]:
        """The tasks that have not ended, but for those that can't be read."""
        ...

    def iter_unreadable(self) -> Iterator[Task]:
        """The tasks that the server fails over."""
        ...

    def find_last_end(self) -> Task | None:
        """The finished task with the latest end."""
        ...

    def count_ends(self, now: Millis, minutes: int) -> tuple[int, ...]:
        """How many tasks ended in each of the last whole minutes before `now`, oldest first."""
        ...


class JointStore(TaskSource):
    """The stores of several places."""

    def __init__(self, now: Callable[[], Millis]) -> None:
        self._now = now
        self._stores: dict[str, Store] = {}

    def add_store(self, place: Place, store: Store) -> None:
        """Take in the tasks of one more place."""
        self._stores[str(place.number)] = store

    def remove_store(self, place: Place) -> None:
        """Leave out the tasks of a place from now on."""
        self._stores.pop(str(place.number), None)

    def __len__(self) -> int:
        """How many tasks are known."""
        return sum(map(len, self._stores.values()))

    @property
    def now(self) -> Callable[[], Millis]:
        """This machine's time: the servers' clocks may differ."""
        return self._now

    @property
    def counts(self) -> Counter[TaskStatus]:
        """The number of tasks by `tab_status`."""
        total = Counter[TaskStatus]()
        for store in self._stores.values():
            for status, number in store.counts.items():
                total[status] += number
        return total

    @property
    def unfinished_count(self) -> int:
        """How many tasks have not ended."""
        return sum(store.unfinished_count for store in self._stores.values())

    @property
    def unreadable_count(self) -> int:
        """How many tasks the servers fail over."""
        return sum(store.unreadable_count for store in self._stores.values())

    @property
    def unread_reason_count(self) -> int:
        """Of how many failures the reason has not been read."""
        return sum(store.unread_reason_count for store in self._stores.values())

    @property
    def action_count(self) -> int:
        """How many tasks are being acted on."""
        return sum(store.action_count for store in self._stores.values())

    def find_task(self, key: TaskKey) -> Task | None:
        """A task by its key; None where it isn't known."""
        number, _, task_id = key.partition("/")
        store = self._stores.get(number)
        return None if store is None else store.find_task(task_id)

    def find_overlay(self, key: TaskKey) -> ActionOverlay | None:
        """What graphtop is doing to a task."""
        number, _, task_id = key.partition("/")
        store = self._stores.get(number)
        return None if store is None else store.find_overlay(task_id)

    def list_tasks(self) -> list[Task]:
        """All tasks, in no particular order."""
        return list(chain.from_iterable(store.tasks.values() for store in self._stores.values()))

    def iter_unfinished(self) -> Iterator[Task]:
        """The tasks that have not ended."""
        for store in self._stores.values():
            yield from store.iter_unfinished()

    def iter_unreadable(self) -> Iterator[Task]:
        """The tasks that the servers fail over."""
        for store in self._stores.values():
            yield from store.iter_unreadable()

    def find_last_end(self) -> Task | None:
        """The finished task with the latest end."""
        found = [task for store in self._stores.values() if (task := store.find_last_end()) is not None]
        return max(found, key=lambda task: task.updated or 0, default=None)

    def count_ends(self, now: Millis, minutes: int) -> tuple[int, ...]:
        """How many tasks ended in each of the last whole minutes before `now`, oldest first."""
        counts = [store.count_ends(now, minutes) for store in self._stores.values()]
        return tuple(map(sum, zip(*counts, strict=True))) if counts else (0,) * minutes
