"""How a graph's ids are given out: one by one, or in blocks; told by its store, or shown by its list.

On one server with rocksdb or memory they count up by one. On a cluster (hstore) each server process takes
10,000 at a time, so that new ids come up below the highest one (PROTOCOL.md, section 2.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import eq, le

from msgspec import DecodeError

from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.id_blocks import IDS_PER_BLOCK
from backend_adapters.hugegraph.wire import GRAPH_DECODER
from backend_adapters.model import Millis, Task
from backend_adapters.transport.request_context import limit_request_time

COUNTING_STORES = frozenset({"rocksdb", "memory"})
"""Stores of one server alone, whose ids count up by one."""

BLOCKWISE_STORES = frozenset({"hstore"})
"""Stores whose ids come in blocks, whatever a list looks like so far."""

_STORE_WITHIN = 5.0
"""Seconds that the question for the store may take: the first tasks wait for it."""

CREATION_SKEW = 1000
"""Milliseconds by which a task may seem older than the one before it: several are made at the same time."""


async def read_store(client: HugeGraphClient) -> str:
    """The name of the graph's store, `rocksdb` or `hstore`; "" where the server does not tell this user.

    Raises BackendError or TimeoutError where only a later question can tell.
    """
    async with limit_request_time(_STORE_WITHIN):
        reply = await client.transport.get(client.paths.root)
    if reply.code in (401, 403, 404):
        return ""
    await client.require_success(reply)
    try:
        return GRAPH_DECODER.decode(reply.body).get("backend", "")
    except (DecodeError, ValueError, RecursionError):
        return ""


class ListOrder:
    """Watches a list from its beginning: whether ids and times of creation rise together, without a hole."""

    def __init__(self) -> None:
        self.is_rising = True
        """No task has a higher id than the one before it in the list, and was created earlier."""
        self.is_unbroken = True
        """Each id is one above the id before it."""
        self.has_jumped = False
        """An id is the first of a block, and the one before it is not there: as it is on a cluster."""
        self.highest = 0
        self._number: int | None = None
        self._created: Millis | None = None

    def note_tasks(self, tasks: Sequence[Task]) -> None:
        """Take in the next tasks of the list."""
        numbers = [int(task.id) for task in tasks]
        times = [task.created for task in tasks]
        if not numbers:
            return
        self.highest = max(self.highest, *numbers)
        if self._continue_evenly(numbers, times):
            self._number, self._created = numbers[-1], times[-1]
            return
        for number, created in zip(numbers, times, strict=True):
            if self._number is not None:
                self.has_jumped = self.has_jumped or (
                    number % IDS_PER_BLOCK == 1 and number > self._number + 1
                )
                self.is_unbroken = self.is_unbroken and number == self._number + 1
                self.is_rising = self.is_rising and (number < self._number or not self._is_older(created))
            self._number, self._created = number, created

    def _continue_evenly(self, numbers: Sequence[int], times: Sequence[Millis | None]) -> bool:
        """Whether each of the next tasks has the next id and was created after the one before, as usual."""
        before, created = self._number, self._created
        if before is None or created is None or None in times:
            return False
        known = [created, *(time for time in times if time is not None)]
        return all(map(eq, numbers, range(before + 1, before + 1 + len(numbers)))) and all(
            map(le, known, known[1:])
        )

    def _is_older(self, created: Millis | None) -> bool:
        """Whether a task was created before the one before it in the list."""
        return None not in (created, self._created) and (created or 0) < (self._created or 0) - CREATION_SKEW


def ids_count_up(store: str, order: ListOrder) -> bool:
    """Whether a graph's ids count up by one, as its store and its whole list have it; no in any doubt.

    On one server a clock that was set back makes a task seem older than the one before it; only together
    with holes that is a contradiction.
    """
    if store in COUNTING_STORES:
        return (order.is_rising or order.is_unbroken) and not order.has_jumped
    # A young list looks the same on a cluster: only one that goes on beyond a block tells something.
    proven = order.is_rising and order.is_unbroken and order.highest > IDS_PER_BLOCK
    return store not in {"", *BLOCKWISE_STORES} and proven
