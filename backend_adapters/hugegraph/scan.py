"""Reads all tasks of a graph: the unfinished and the newest first, then page by page to the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

from backend_adapters.backend import Batch
from backend_adapters.errors import BackendError, Refused
from backend_adapters.hugegraph.client import Link
from backend_adapters.hugegraph.concurrency import together
from backend_adapters.hugegraph.errors import unknown_status
from backend_adapters.hugegraph.fetched_tasks import Found
from backend_adapters.hugegraph.id_blocks import BLOCK, Blocks, end_of, tops_of
from backend_adapters.hugegraph.id_ranges import MOST_IDS
from backend_adapters.hugegraph.id_windows import MOST_WINDOWS, read_above, wider_windows
from backend_adapters.hugegraph.listing import ListBroke, ListTooLong, read_list
from backend_adapters.hugegraph.newest_search import highest_id, newest_tasks, search_above
from backend_adapters.hugegraph.numbering import ListOrder
from backend_adapters.list_limit import ListLimit
from backend_adapters.model import Task, TaskStatus
from backend_adapters.transport.loose_json import records_without_id

NEWEST = 200
"""Newest tasks that are shown before the long scan begins; fewer where they are heavy."""

_ENOUGH = 20
"""Newest tasks whose ids follow each other show that the gallop found the top."""

_STATUSES_AT_ONCE = 4

_NEXT = 50
"""Ids above the highest that are asked for where a list broke: what it broke over may be there."""

_CULPRITS_MOST = 100
"""Records that can't be read and that are searched out one by one in a walk; each takes some requests."""

_WALK_MOST = 1_000_000
"""Ids that are asked for one by one at the most, where the list can't be read to its end."""


class Scan:
    """One snapshot; `highest` is the highest id that it met, for the probes of later refreshes."""

    def __init__(self, link: Link, statuses: tuple[str, ...], *, counts_up: bool = True) -> None:
        """`counts_up` tells whether the highest ids are those of the newest tasks."""
        self._link = link
        self._statuses = statuses
        self._counts_up = counts_up
        self._came: dict[int, Task] = {}
        """The unfinished and the newest tasks as they come."""
        self._error: BackendError | None = None
        """Why the newest could not be read."""
        self._limit = ListLimit()
        self._all_unfinished = True
        self._found_any = False
        self.whole = True
        """The list could be read to its end."""
        self.highest = 0
        self.order = ListOrder()
        """What the list shows of how ids are given out, once all of it was read."""

    async def run(self) -> AsyncIterator[Batch]:
        """All tasks in batches; one that is unfinished or new comes twice."""
        try:
            first = await self._first()
        except BackendError:
            # A person sees what came so far, and then what is wrong.
            if self._came:
                yield Batch(tuple(self._came.values()), has_newest=False, has_unfinished=False)
            raise
        self._found_any = bool(first.tasks)
        yield first
        async for batch in self._all():
            yield self._met(batch)

    async def _first(self) -> Batch:
        """The unfinished and the newest tasks."""
        unfinished, newest = await together([self._unfinished, self._newest_or_none], most=2)
        if self._error is not None:
            raise self._error
        self._met(Batch(newest))
        galloped = self.highest
        self._met(Batch(unfinished))
        if self.highest > galloped:
            # It is newer than the gallop, or lies behind a hole that it could not cross.
            newest = self._met(Batch(await self._newest())).tasks
        # Polls begin after the first batch and build on the newest id: without it they would read the oldest.
        first = {task.id: task for task in (*unfinished, *newest)}
        return Batch(
            tuple(first.values()),
            has_newest=self._counts_up and _are_newest(newest),
            has_unfinished=self._all_unfinished,
        )

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
            async for block in read_list(self._link, status, again=False, limit=self._limit):
                tasks += block.tasks
                self._came |= {int(task.id): task for task in block.tasks}
                self._all_unfinished = self._all_unfinished and not block.lost
        except Refused as error:
            if not unknown_status(error):
                raise
        except ListBroke:
            self._all_unfinished = False
        return tasks

    async def _newest_or_none(self) -> tuple[Task, ...]:
        """The newest, or none where something stood in the way: the unfinished are read all the same."""
        try:
            return await self._newest()
        except BackendError as error:
            self._error = error
            return ()

    async def _newest(self) -> tuple[Task, ...]:
        """The tasks of the highest ids, newest first; fewer where they are heavy."""
        if not self._counts_up:
            return ()
        self._link.batch.begin_anew()
        top = await highest_id(self._link, self.highest)
        came: dict[int, Task] = {}
        try:
            found = await newest_tasks(self._link, top, NEWEST, came)
        finally:
            self._came |= came
        return tuple(found[number] for number in sorted(found, reverse=True))

    async def _all(self) -> AsyncIterator[Batch]:
        """Every task once: page by page, and by their ids where the server fails over a page."""
        seen: set[str] = set()
        try:
            async for batch in self._pages(seen):
                yield batch
        except ListTooLong as broke:
            self.whole = False
            yield Batch((), partial=str(broke.error))
        except ListBroke as broke:
            self.whole = False
            if not self._counts_up:
                async for batch in self._others_of_blocks(seen):
                    yield batch
                yield Batch((), partial=_partial(broke.error))
                return
            if not seen and not self._found_any and not self._link.list_trouble:
                raise broke.error from None
            async for batch in self._others(seen, broke):
                yield batch

    async def _pages(self, seen: set[str]) -> AsyncIterator[Batch]:
        """The whole list, each task once: around page boundaries the server sends some twice."""
        lost = 0
        async for block in read_list(self._link, again=not self._counts_up, limit=self._limit):
            fresh = tuple(task for task in block.tasks if task.id not in seen)
            seen.update(task.id for task in fresh)
            lost += block.lost
            self.order.watch(fresh)
            yield Batch(fresh, partial=records_without_id(lost))

    async def _others(self, seen: set[str], broke: ListBroke) -> AsyncIterator[Batch]:
        """The tasks that a list has not brought before it broke, by their ids."""
        self.highest, proven = await search_above(self._link, self.highest, 2 * _NEXT)
        culprits, lost, skipped = 0, 0, False
        last = max([self.highest, *self._link.unreadable.stopping])
        left = (number for number in range(1, last + 1) if str(number) not in seen)
        async for found in self._walk(islice(left, _WALK_MOST)):
            culprits += found.unreadable_count
            lost += found.lost
            skipped = skipped or bool(found.skipped)
            yield Batch(tuple(found.tasks.values()), partial=records_without_id(lost))
            if culprits > _CULPRITS_MOST:
                yield Batch((), partial=_partial(broke.error))
                return
        windows = wider_windows(last, _NEXT, most=self._link.batch.size)
        above, whole = await read_above(self._link, last, windows, iter(range(MOST_WINDOWS)))
        culprits += above.unreadable_count
        if above.tasks:
            yield Batch(tuple(above.tasks.values()))
        if self._link.set_aside:
            yield Batch((), partial=self._link.set_aside.note)
        elif skipped or above.skipped:
            # They were set aside when it was their turn, and have been asked for since.
            yield Batch((), partial=_partial(broke.error))
        elif not culprits and broke.lately and not broke.stops and self._link.unreadable.certain is None:
            # What it broke over can be read again, or is gone.
            self._link.broken.clear()
            self.whole = True
            async for batch in self._all():
                yield batch
        elif not (culprits and whole and proven) or last - len(seen) > _WALK_MOST:
            # Whatever the list broke over has no row.
            yield Batch((), partial=_partial(broke.error))

    async def _others_of_blocks(self, seen: Collection[str]) -> AsyncIterator[Batch]:
        """The tasks that a list has not brought before it broke, in the known blocks and the next ones."""
        known = {*map(int, seen), *self._came}
        # The first block there is in any case: nothing may be known of a list that is not asked for.
        tops, done, culprits = {0: 0} | tops_of([*known, *self._link.unreadable.stopping]), set[int](), 0
        while blocks := sorted(tops.keys() - done):
            for block in blocks:
                async for found in self._block(block, tops[block], known):
                    culprits += found.unreadable_count
                    if found.tasks:
                        yield Batch(tuple(found.tasks.values()))
                    if culprits > _CULPRITS_MOST:
                        return
            done.update(blocks)
            tops |= await self._next_blocks(tops)

    async def _block(self, block: int, top: int, known: Collection[int]) -> AsyncIterator[Found]:
        """The tasks of a block but for the known ones, also above its top as long as there are any."""
        end = min(top + _NEXT, end_of(block))
        async for found in self._walk(n for n in range(block * BLOCK + 1, end + 1) if n not in known):
            top = max([top, *found.readable])
            yield found
        windows = wider_windows(end, _NEXT, end_of(block), most=self._link.batch.size)
        above, _ = await read_above(self._link, top, windows, iter(range(MOST_WINDOWS)))
        yield above

    async def _next_blocks(self, tops: Mapping[int, int]) -> dict[int, int]:
        """Blocks beside the known ones in which there is a task, each with one of its ids."""
        edges = Blocks()
        for block, top in tops.items():
            edges.place(block, top)
        hits = await self._link.find_existing(edges.starts()) or ()
        return {block: top for block, top in tops_of(hits).items() if block not in tops}

    async def _walk(self, numbers: Iterator[int]) -> AsyncIterator[Found]:
        """The tasks of these ids, a request each; where none exists, more and more are asked for at once."""
        stride = 1
        self._link.batch.begin_anew()
        while part := list(islice(numbers, min(MOST_IDS, self._link.batch.size * stride))):
            heavy = self._link.batch.size
            found = await self._link.by_ids(part[:heavy], part[heavy:])
            stride = 1 if found.tasks else 2 * stride
            yield found


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
