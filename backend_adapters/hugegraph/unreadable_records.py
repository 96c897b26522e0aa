"""Remembers the records that a server fails over, so that they are left out of requests and tried seldom."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.errors import BackendError
from backend_adapters.hugegraph.errors import NotRead
from backend_adapters.model import Task, TaskStatus

AGAIN_FIRST, AGAIN_MOST = 60.0, 3600.0
"""Seconds after which such a record is tried again, alone; each time twice as many, up to the second."""

STOPS_AGAIN = 600.0
"""Seconds instead of the first, where the server stops answering over it."""

WISHED_AGAIN = 1.0
"""Seconds after which one that a person asks for is tried again."""

_STOPS = "The server stops answering about all its tasks when it is asked for this one."


class Record(Struct, frozen=True):
    """A record that can't be read."""

    words: str
    """The server's words, or what graphtop has to say of its answer."""
    exists: bool
    """There is certainly such a task: it was met before."""
    own: bool
    """The server's own store failed over it, and not whoever stands between."""
    stops: bool
    """The server stopped answering about all its tasks when it was asked for this one alone."""
    tried: float
    pause: float = AGAIN_FIRST

    def row(self, number: int) -> Task:
        """The row that stands for it."""
        status = TaskStatus.UNREADABLE
        return Task(
            id=str(number),
            type="",
            name="",
            status=status,
            raw_status=status.value,
            decode_error=self.words,
            stops_server=self.stops,
        )


class UnreadableRecords:
    """The records of one graph that the server can't read, by their ids."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` gives seconds of any clock that goes on."""
        self._now = now
        self._records: dict[int, Record] = {}

    def __contains__(self, number: int) -> bool:
        """Whether the server failed over it when it was last asked."""
        return number in self._records

    @property
    def stopping(self) -> list[int]:
        """Those over which the server stops answering, so that no list with them is to be asked for."""
        return [number for number, record in self._records.items() if record.stops]

    @property
    def certain(self) -> int | None:
        """One that certainly exists; None where there is none."""
        return next((number for number, record in self._records.items() if record.exists), None)

    def note(self, number: int, error: BackendError, *, exists: bool, stops: bool = False) -> Record:
        """Remember that the server fails over a record, or even `stops` answering, so that it exists."""
        own = isinstance(error, NotRead)
        words = (error.words if isinstance(error, NotRead) else "") or str(error)
        if stops:
            words = f"{_STOPS} {words}"
        known, now, pause = self._records.get(number), self._now(), STOPS_AGAIN if stops else AGAIN_FIRST
        record = Record(words, exists, own, stops, now, pause)
        if known is not None:
            due = known.tried + known.pause <= now
            pause = max(pause, min(2 * known.pause, AGAIN_MOST) if due else known.pause)
            record = replace(record, exists=record.exists or known.exists, pause=pause)
        self._records[number] = record
        return record

    def forget(self, numbers: Iterable[int]) -> bool:
        """These could be read, or are gone; whether one of them was remembered."""
        if not self._records:
            return False
        before = len(self._records)
        for number in numbers:
            self._records.pop(number, None)
        return len(self._records) < before

    def believe(self, numbers: Iterable[int]) -> None:
        """There are such tasks, if any of them can't be read."""
        for number, record in self.known(numbers).items():
            self._records[number] = replace(record, exists=True)

    def forget_all(self) -> None:
        """The ids began anew: other tasks have them."""
        self._records.clear()

    def known(self, numbers: Iterable[int]) -> dict[int, Record]:
        """Those of the numbers that are not to be asked for together with others."""
        if not self._records:
            return {}
        return {number: self._records[number] for number in numbers if number in self._records}

    def wished(self, numbers: Iterable[int]) -> list[int]:
        """Those of the numbers that may be tried again where a person asks for them.

        Never one over which the server stops answering: only its detail may be asked for.
        """
        now, records = self._now(), self._records
        known = ((n, records[n]) for n in numbers if n in records)
        return [n for n, record in known if not record.stops and now >= record.tried + WISHED_AGAIN]

    def next_due(self) -> int | None:
        """The one that has waited longest to be tried again, if any has waited long enough."""
        now = self._now()
        late = {n: now - one.tried - one.pause for n, one in self._records.items()}
        number = max(late, key=late.__getitem__, default=None)
        return number if number is not None and late[number] >= 0 else None


class BrokenList(Struct, frozen=True):
    """A list that the server could not give to its end, and until when that is not tried again."""

    error: BackendError
    until: float
    pause: float = AGAIN_FIRST
    stops: bool = False
    """The server stopped answering about all its tasks over it."""
