"""Remembers the records that a server fails over, so that they are left out of requests and tried seldom."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.errors import BackendError
from backend_adapters.hugegraph.errors import TaskStoreError
from backend_adapters.model import Task, TaskExtras, TaskStatus
from backend_adapters.transport.retry import next_pause

FIRST_RETRY_AFTER, LONGEST_RETRY_AFTER = 60.0, 3600.0
"""Seconds after which such a record is tried again, alone; each time twice as many, up to the second."""

FIRST_RETRY_AFTER_STOP = 600.0
"""Seconds instead of the first, where the server stops answering over it."""

MANUAL_RETRY_AFTER = 1.0
"""Seconds after which one that a person asks for is tried again."""

_STOPS_SERVER = "The server stops answering about all its tasks when asked for this one."


class UnreadableRecord(Struct, frozen=True):
    """A record that can't be read."""

    message: str
    """The server's words, or what graphtop has to say of its answer."""
    exists: bool
    """There is certainly such a task: it was met before."""
    is_store_failure: bool
    """The server's own store failed over it, and not whoever stands between."""
    stops_server: bool
    """The server stopped answering about all its tasks when it was asked for this one alone."""
    tried_at: float
    pause: float = FIRST_RETRY_AFTER

    def as_task(self, number: int) -> Task:
        """The row that stands for it."""
        status = TaskStatus.UNREADABLE
        return Task(
            id=str(number),
            type="",
            name="",
            status=status,
            raw_status=status.value,
            extras=TaskExtras(decode_error=self.message, stops_server=self.stops_server),
        )


class UnreadableRecords:
    """The records of one graph that the server can't read, by their ids."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` gives seconds of any clock that goes on."""
        self._now = now
        self._records: dict[int, UnreadableRecord] = {}

    def __contains__(self, number: int) -> bool:
        """Whether the server failed over it when it was last asked."""
        return number in self._records

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._records)

    @property
    def stopping_ids(self) -> list[int]:
        """Those over which the server stops answering, so that no list with them is to be asked for."""
        return [number for number, record in self._records.items() if record.stops_server]

    @property
    def certain_id(self) -> int | None:
        """One that certainly exists; None where there is none."""
        return next((number for number, record in self._records.items() if record.exists), None)

    def note_failure(
        self, number: int, error: BackendError, *, exists: bool, stops: bool = False
    ) -> UnreadableRecord:
        """Remember that the server fails over a record, or even `stops` answering, so that it exists."""
        own = isinstance(error, TaskStoreError)
        words = (error.server_message if isinstance(error, TaskStoreError) else "") or str(error)
        if stops:
            words = f"{_STOPS_SERVER} {words}"
        known, now = self._records.get(number), self._now()
        pause = FIRST_RETRY_AFTER_STOP if stops else FIRST_RETRY_AFTER
        if known is not None:
            exists = exists or known.exists
            is_due = known.tried_at + known.pause <= now
            pause = max(pause, next_pause(known.pause, pause, LONGEST_RETRY_AFTER) if is_due else known.pause)
        record = UnreadableRecord(words, exists, own, stops, now, pause)
        self._records[number] = record
        return record

    def forget_ids(self, numbers: Iterable[int]) -> bool:
        """These could be read, or are gone; whether one of them was remembered."""
        if not self._records:
            return False
        before = len(self._records)
        for number in numbers:
            self._records.pop(number, None)
        return len(self._records) < before

    def mark_existing(self, numbers: Iterable[int]) -> None:
        """There are such tasks, if any of them can't be read."""
        for number, record in self.select_records(numbers).items():
            self._records[number] = replace(record, exists=True)

    def forget_all(self) -> None:
        """The ids began anew: other tasks have them."""
        self._records.clear()

    def select_records(self, numbers: Iterable[int]) -> dict[int, UnreadableRecord]:
        """Those of the numbers that are not to be asked for together with others."""
        if not self._records:
            return {}
        return {number: self._records[number] for number in numbers if number in self._records}

    def select_for_manual_retry(self, numbers: Iterable[int]) -> list[int]:
        """Those of the numbers that may be tried again where a person asks for them.

        Never one over which the server stops answering: only its detail may be asked for.
        """
        now, records = self._now(), self._records
        known = ((n, records[n]) for n in numbers if n in records)
        return [
            n
            for n, record in known
            if not record.stops_server and now >= record.tried_at + MANUAL_RETRY_AFTER
        ]

    def next_due_id(self) -> int | None:
        """The one that has waited longest to be tried again, if any has waited long enough."""
        now = self._now()
        late = {n: now - one.tried_at - one.pause for n, one in self._records.items()}
        number = max(late, key=late.__getitem__, default=None)
        return number if number is not None and late[number] >= 0 else None


class BrokenList(Struct, frozen=True):
    """A list that the server could not give to its end, and until when that is not tried again."""

    error: BackendError
    retry_at: float
    pause: float = FIRST_RETRY_AFTER
    stops_server: bool = False
    """The server stopped answering about all its tasks over it."""
