"""Reads all tasks of a graph: the unfinished and the newest first, then page by page to the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial

from backend_adapters.backend import Batch
from backend_adapters.errors import BadAnswer, Refused
from backend_adapters.hugegraph.faults import unknown_status
from backend_adapters.hugegraph.ids import TOO_HIGH, even, geometric
from backend_adapters.hugegraph.link import Link
from backend_adapters.hugegraph.numbering import ListOrder
from backend_adapters.hugegraph.pages import Block, blocks, lost_note
from backend_adapters.hugegraph.together import together
from backend_adapters.model import Task

PAGE = 400
"""Tasks of one page: 5,000 take 310 ms in pages of 500 and 385 ms in pages of 100 (measured)."""

NEWEST = 200
"""Newest tasks that are shown before the long scan begins."""

_ENOUGH = 20
"""Newest tasks whose ids follow each other show that the gallop found the top."""

SAMPLES = 380
"""Ids in one galloping request."""

_REACH = 10_000_000
"""The highest id that the first gallop asks for; it goes on from there when that one exists."""

_STATUSES_AT_ONCE = 4


class Scan:
    """One snapshot; `highest` is the highest id that it met, for the probes of later refreshes."""

    def __init__(self, link: Link, statuses: tuple[str, ...], *, counts_up: bool = True) -> None:
        """`counts_up` tells whether the highest ids are those of the newest tasks."""
        self._link = link
        self._statuses = statuses
        self._counts_up = counts_up
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
        # Polls begin after the first batch and build on the newest id: without it they would read the oldest.
        first = {task.id: task for task in (*unfinished, *newest)}
        yield Batch(tuple(first.values()), has_newest=self._counts_up and _are_newest(newest))
        async for batch in self._pages():
            yield self._met(batch)

    def _met(self, batch: Batch) -> Batch:
        """The batch itself; remembers its highest id."""
        self.highest = max([self.highest, *(int(task.id) for task in batch.tasks)])
        return batch

    async def _unfinished(self) -> tuple[Task, ...]:
        """Everything that has not ended, by one query for each status."""
        jobs = [partial(self._of_status, status) for status in self._statuses]
        parts = await together(jobs, most=_STATUSES_AT_ONCE)
        tasks = {task.id: task for part in parts for task in part}
        return tuple(tasks.values())

    async def _of_status(self, status: str) -> list[Task]:
        """All tasks of one status; none where the server does not know the status."""
        tasks: list[Task] = []
        try:
            async for block in self._listed(status):
                tasks += block.tasks
        except Refused as error:
            if not unknown_status(error):
                raise
        return tasks

    async def gallop(self, known: int) -> int:
        """The highest id there is, 0 where none was hit: purged history has holes, so this may miss some.

        Widely spaced ids find the highest sample that exists, then even steps above it close in.
        """
        low, high = await self._bracket(known)
        while low and high - low > 1:
            numbers = even(low + 1, high - 1, SAMPLES)
            low = max((await self._link.by_ids(numbers)).tasks, default=low)
            high = next((number for number in numbers if number > low), high)
        return low

    async def _bracket(self, known: int) -> tuple[int, int]:
        """The highest sample that exists (0 for none), and the next sample, which does not."""
        low, high = known, _REACH
        while low < TOO_HIGH:
            start = max(low, 1)
            high = max(high, start * 1000)
            numbers = geometric(start, high, SAMPLES)
            low = max((await self._link.by_ids(numbers)).tasks, default=low)
            if low < numbers[-1]:
                return low, next(number for number in numbers if number > low)
        return low, low

    async def _newest(self) -> tuple[Task, ...]:
        """The tasks of the highest ids, newest first."""
        if not self._counts_up:
            return ()
        top = await self.gallop(self.highest)
        numbers = range(top, max(0, top - NEWEST), -1)
        found = (await self._link.by_ids(numbers)).tasks
        return tuple(found[number] for number in numbers if number in found)

    async def _pages(self) -> AsyncIterator[Batch]:
        """The whole list, each task once: around page boundaries the server sends some twice."""
        seen: set[str] = set()
        lost = 0
        async for block in self._listed(None):
            fresh = tuple(task for task in block.tasks if task.id not in seen)
            seen.update(task.id for task in fresh)
            lost += block.lost
            self.order.watch(fresh)
            yield Batch(fresh, lost_note(lost))

    async def _listed(self, status: str | None) -> AsyncIterator[Block]:
        """The list, or one status of it, following the page tokens to null: a page may be short or empty."""
        token, tokens = "", set[str]()
        while True:
            page = await self._link.list_page(token, PAGE, status)
            async for block in blocks(page.tasks):
                yield block
            if page.page is None:
                return
            if page.page in tokens:
                raise BadAnswer(f"{self._link.where} sends the same page again and again.")
            tokens.add(page.page)
            token = page.page


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
