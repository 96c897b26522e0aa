"""Reads all tasks of a graph: the unfinished and the newest first, then page by page to the end."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from functools import partial

from backend_adapters.backend import Batch
from backend_adapters.errors import BackendError, Refused
from backend_adapters.hugegraph.faults import unknown_status
from backend_adapters.hugegraph.gallop import highest_id
from backend_adapters.hugegraph.link import Link
from backend_adapters.hugegraph.listing import ListBroke, listed
from backend_adapters.hugegraph.numbering import ListOrder
from backend_adapters.hugegraph.pages import lost_note
from backend_adapters.hugegraph.together import together
from backend_adapters.hugegraph.weight import SLOW
from backend_adapters.model import Task, TaskStatus

NEWEST = 200
"""Newest tasks that are shown before the long scan begins; fewer where they are heavy."""

_ENOUGH = 20
"""Newest tasks whose ids follow each other show that the gallop found the top."""

_STATUSES_AT_ONCE = 4

_WALK_MOST = 1_000_000
"""Ids that are asked for one by one at the most, where the list can't be read to its end."""


class Scan:
    """One snapshot; `highest` is the highest id that it met, for the probes of later refreshes."""

    def __init__(self, link: Link, statuses: tuple[str, ...], *, counts_up: bool = True) -> None:
        """`counts_up` tells whether the highest ids are those of the newest tasks."""
        self._link = link
        self._statuses = statuses
        self._counts_up = counts_up
        self._top_proven = False
        self._found_any = False
        self._lost = 0
        self._broken: BackendError | None = None
        """What the server said where a list of unfinished tasks could not be read to its end."""
        self.highest = 0
        self.order = ListOrder()
        """What the list shows of how ids are given out, once all of it was read."""

    async def run(self) -> AsyncIterator[Batch]:
        """All tasks in batches; one that is unfinished or new comes twice."""
        unfinished, newest = await together([self._unfinished, self._newest], most=2)
        self._met(Batch(newest))
        galloped = self.highest
        self._met(Batch(unfinished))
        if self.highest > galloped:
            # It is newer than the gallop, or lies behind a hole that it could not cross.
            newest = self._met(Batch(await self._newest())).tasks
        self._top_proven = self._counts_up and _are_newest(newest)
        # Polls begin after the first batch and build on the newest id: without it they would read the oldest.
        first = {task.id: task for task in (*unfinished, *newest)}
        self._found_any = bool(first)
        yield Batch(tuple(first.values()), has_newest=self._top_proven, has_unfinished=self._broken is None)
        async for batch in self._all():
            yield self._met(batch)

    def _met(self, batch: Batch) -> Batch:
        """The batch itself; remembers its highest id."""
        there = (task for task in batch.tasks if task.status is not TaskStatus.UNREADABLE)
        self.highest = max([self.highest, *(int(task.id) for task in there)])
        return batch

    async def _unfinished(self) -> tuple[Task, ...]:
        """Everything that has not ended, by one query for each status."""
        jobs = [partial(self._of_status, status) for status in self._statuses]
        parts = await together(jobs, most=_STATUSES_AT_ONCE)
        tasks = {task.id: task for part in parts for task in part}
        return tuple(tasks.values())

    async def _of_status(self, status: str) -> list[Task]:
        """All tasks of one status, as far as its list can be read; none where the server does not know it."""
        tasks: list[Task] = []
        try:
            async for block in listed(self._link, status):
                tasks += block.tasks
        except Refused as error:
            if not unknown_status(error):
                raise
        except ListBroke as broke:
            self._broken = broke.error
        return tasks

    async def _newest(self) -> tuple[Task, ...]:
        """The tasks of the highest ids, newest first; fewer where they are heavy."""
        if not self._counts_up:
            return ()
        top = await highest_id(self._link, self.highest)
        found: dict[int, Task] = {}
        began, low = time.perf_counter(), top
        while low > max(0, top - NEWEST) and time.perf_counter() - began < SLOW:
            numbers = range(low, max(0, top - NEWEST, low - self._link.batch.size), -1)
            found |= (await self._link.by_ids(numbers)).tasks
            low = numbers[-1] - 1
        return tuple(found[number] for number in sorted(found, reverse=True))

    async def _all(self) -> AsyncIterator[Batch]:
        """Every task once: page by page, and by their ids where the server fails over a page."""
        seen: set[str] = set()
        try:
            async for batch in self._pages(seen):
                yield batch
        except ListBroke as broke:
            if not seen and not self._found_any:
                raise broke.error from None
            async for batch in self._others(seen, broke.error):
                yield batch

    async def _pages(self, seen: set[str]) -> AsyncIterator[Batch]:
        """The whole list, each task once: around page boundaries the server sends some twice."""
        async for block in listed(self._link):
            fresh = tuple(task for task in block.tasks if task.id not in seen)
            seen.update(task.id for task in fresh)
            self._lost += block.lost
            self.order.watch(fresh)
            yield Batch(fresh, lost_note(self._lost))

    async def _others(self, seen: set[str], error: BackendError) -> AsyncIterator[Batch]:
        """The tasks that a list has not brought before it broke, by their ids."""
        if not self._counts_up:
            yield Batch((), partial=_partial(error))
            return
        left = [number for number in range(1, self.highest + 1) if str(number) not in seen]
        proven = self._top_proven and self.highest > 0 and len(left) <= _WALK_MOST
        at = 0
        while at < min(len(left), _WALK_MOST):
            size = self._link.batch.size
            found = await self._link.by_ids(left[at : at + size])
            at += size
            self._lost += found.lost
            yield Batch(tuple(found.tasks.values()), lost_note(self._lost))
        if not proven:
            yield Batch((), partial=_partial(error))


def _partial(error: BackendError) -> str:
    """Why not all tasks are there."""
    return f"The list of tasks ends early, some may be missing. {error}"


def _are_newest(tasks: Sequence[Task]) -> bool:
    """Whether tasks, the highest id first, look like the newest ones of a list that counts up.

    Their ids follow each other, and they were created in this order. Where history was purged the gallop may
    have stopped at a task that others lie above.
    """
    order = ListOrder()
    order.watch(reversed(tasks[:_ENOUGH]))
    whole = len(tasks) >= _ENOUGH or not tasks or int(tasks[-1].id) == 1
    created = ListOrder()
    created.watch(reversed(tasks))
    return whole and order.unbroken and created.rising
