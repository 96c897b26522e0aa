"""Remembers the records that a server fails over, so that they are left out of requests and tried seldom."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from msgspec import Struct

from backend_adapters.errors import BackendError
from backend_adapters.hugegraph.faults import NotRead
from backend_adapters.model import Task, TaskStatus

AGAIN_FIRST, AGAIN_MOST = 60.0, 3600.0
"""Seconds after which such a record is tried again, alone; each time twice as many, up to the second."""

WISHED_AGAIN = 5.0
"""Seconds after which one that a person asks for is tried again."""


class _Record(Struct, frozen=True):
    task: Task | None
    """The row that stands for it; None where it is not known whether there is a task of this id."""
    tried: float
    pause: float = AGAIN_FIRST


class UnreadableRecords:
    """The records of one graph that the server can't read, by their ids."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` gives seconds of any clock that goes on."""
        self._now = now
        self._records: dict[int, _Record] = {}

    def note(self, number: int, error: BackendError, *, exists: bool) -> Task | None:
        """Remember that the server fails over a record; returns its row where the task is known to exist."""
        known = self._records.get(number)
        exists = exists or (known is not None and known.task is not None)
        task, now, pause = unreadable_task(number, error) if exists else None, self._now(), AGAIN_FIRST
        if known is not None:
            due = known.tried + known.pause <= now
            pause = min(2 * known.pause, AGAIN_MOST) if due else known.pause
        self._records[number] = _Record(task, now, pause)
        return task

    def forget(self, numbers: Iterable[int]) -> None:
        """These could be read, or are gone."""
        if self._records:
            for number in numbers:
                self._records.pop(number, None)

    def known(self, numbers: Iterable[int], *, wished: bool) -> dict[int, Task | None]:
        """Those of the numbers that are not to be asked for now, with their rows.

        What a person wishes to see is tried again soon.
        """
        if not self._records:
            return {}
        now = self._now()
        return {
            number: record.task
            for number in numbers
            if (record := self._records.get(number)) and not (wished and now >= record.tried + WISHED_AGAIN)
        }

    def due(self) -> int | None:
        """The one that has waited longest to be tried again, if any has waited long enough."""
        now = self._now()
        late = {n: now - one.tried - one.pause for n, one in self._records.items()}
        number = max(late, key=late.__getitem__, default=None)
        return number if number is not None and late[number] >= 0 else None


def unreadable_task(number: int, error: BackendError) -> Task:
    """The row that stands for a task that the server fails over."""
    status = TaskStatus.UNREADABLE
    words = (error.words if isinstance(error, NotRead) else "") or str(error)
    return Task(id=str(number), type="", name="", status=status, word=status.value, fault=words)
