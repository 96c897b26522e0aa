"""Reads all tasks of a graph: the unfinished and the newest first, then page by page to the end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator, Mapping
from itertools import islice

from backend_adapters.backend import Batch
from backend_adapters.errors import BackendError
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.fetched_tasks import FetchedTasks
from backend_adapters.hugegraph.first_tasks import FirstTasks, find_highest_read
from backend_adapters.hugegraph.id_blocks import (
    IDS_PER_BLOCK,
    IdBlocks,
    highest_id_per_block,
    last_id_of_block,
)
from backend_adapters.hugegraph.id_ranges import MOST_IDS
from backend_adapters.hugegraph.id_reader import find_existing, read_tasks_by_id
from backend_adapters.hugegraph.id_windows import MOST_WINDOWS, read_above, widen_windows
from backend_adapters.hugegraph.listing import ListInterrupted, ListTooLong, read_list
from backend_adapters.hugegraph.newest_search import search_above
from backend_adapters.hugegraph.numbering import ListOrder
from backend_adapters.hugegraph.short_list import BegunList, may_be_short
from backend_adapters.id_set import IdSet
from backend_adapters.model import Task
from backend_adapters.transport.loose_json import records_without_id

_IDS_ABOVE = 50
"""Ids above the highest that are asked for where a list broke: what it broke over may be there."""

_MOST_UNREADABLE = 100
"""Records that can't be read and that are searched out one by one in a walk; each takes some requests."""

_MOST_WALKED = 1_000_000
"""Ids that are asked for one by one at the most, where the list can't be read to its end."""


class Scan:
    """One snapshot; `highest` is the highest id that it met, for the probes of later refreshes."""

    def __init__(self, client: HugeGraphClient, first: FirstTasks) -> None:
        """`first` is what a person sees first, which may be under way."""
        self._client = client
        self._first = first
        self._begun: BegunList | None = None
        """The list, where it was begun before anything else."""
        self._found_any = False
        self.is_whole = True
        """The list could be read to its end."""
        self.highest = 0
        self.order = ListOrder()
        """What the list shows of how ids are given out, once all of it was read."""

    async def read_all(self, *, in_parts: bool = False) -> AsyncGenerator[Batch, None]:
        """All tasks in batches; one that is unfinished or new comes twice. For the parts see `Backend`."""
        try:
            if may_be_short(self._client, self._first):
                await self._begin_list()
            if self._begun is not None and self._begun.is_whole:
                yield self._note_highest(await self._join_list())
            else:
                async for batch in self._read_first(in_parts=in_parts):
                    yield batch
                async for batch in self._read_list():
                    yield self._note_highest(batch)
        finally:
            if self._begun is not None:
                await self._begun.aclose()
        await self._first.limit.free()

    async def _begin_list(self) -> None:
        """Read the beginning of the list, unless the server fails over it."""
        await self._first.learn_numbering()
        self._begun = begun = BegunList(self._client, self._first)
        await begun.read_beginning()
        if begun.was_interrupted:
            await begun.aclose()
            self._begun = None

    async def _join_list(self) -> Batch:
        """The list that was read to its end as one batch: what is newest stands in no certain place of it."""
        tasks, partial = list[Task](), ""
        async for batch in self._read_pages(IdSet()):
            tasks += batch.tasks
            partial = batch.partial
        return Batch(tuple(tasks), has_unfinished=not partial, partial=partial)

    async def _read_first(self, *, in_parts: bool) -> AsyncGenerator[Batch, None]:
        """What a person sees first: the unfinished and the newest."""
        try:
            for read in (self._first.read_unfinished, self._first.read_top) if in_parts else ():
                if part := await read():
                    yield self._note_highest(Batch(part, is_part=True))
            batch = await self._first.read_all()
        except BackendError:
            # A person sees what came so far, and then what is wrong.
            if self._first.came:
                yield Batch(tuple(self._first.came.values()), has_newest=False, has_unfinished=False)
            raise
        finally:
            await self._first.stop()
        self.highest, self._found_any = self._first.highest, bool(batch.tasks)
        yield batch

    def _note_highest(self, batch: Batch) -> Batch:
        """The batch itself; remembers its highest id."""
        self.highest = max(self.highest, find_highest_read(batch.tasks))
        return batch

    async def _read_list(self) -> AsyncIterator[Batch]:
        """Every task once: page by page, and by their ids where the server fails over a page."""
        seen = IdSet()
        try:
            async for batch in self._read_pages(seen):
                yield batch
        except ListTooLong as broke:
            self.is_whole = False
            yield Batch((), partial=str(broke.error))
        except ListInterrupted as broke:
            self.is_whole = False
            if not self._first.counts_up:
                async for batch in self._walk_blocks(seen):
                    yield batch
                yield Batch((), partial=_partial_note(broke.error))
                return
            if not seen and not self._found_any and not self._client.list_obstacle:
                raise broke.error from None
            async for batch in self._walk_counting(seen, broke):
                yield batch
        await seen.free()

    async def _read_pages(self, seen: IdSet) -> AsyncIterator[Batch]:
        """The whole list, each task once: around page boundaries the server sends some twice."""
        lost = 0
        blocks = (
            self._begun.read_all()
            if self._begun is not None
            else read_list(self._client, again=not self._first.counts_up, limit=self._first.limit)
        )
        async for block in blocks:
            before = seen.add_ids([task.id for task in block.tasks])
            fresh = tuple(task for task in block.tasks if task.id not in before) if before else block.tasks
            lost += block.unidentified
            self.order.note_tasks(fresh)
            yield Batch(fresh, partial=records_without_id(lost))

    async def _walk_counting(self, seen: IdSet, broke: ListInterrupted) -> AsyncIterator[Batch]:
        """The tasks that a list has not brought before it broke, by their ids."""
        self.highest, proven = await search_above(self._client, self.highest, 2 * _IDS_ABOVE)
        culprits, lost, skipped = 0, 0, False
        last = max([self.highest, *self._client.unreadable.stopping_ids])
        left = (number for number in range(1, last + 1) if str(number) not in seen)
        async for found in self._read_each(islice(left, _MOST_WALKED)):
            culprits += found.unreadable_count
            lost += found.unidentified
            skipped = skipped or bool(found.skipped)
            yield Batch(tuple(found.tasks.values()), partial=records_without_id(lost))
            if culprits > _MOST_UNREADABLE:
                yield Batch((), partial=_partial_note(broke.error))
                return
        windows = widen_windows(last, _IDS_ABOVE, most=self._client.batch.size)
        above, whole = await read_above(self._client, last, windows, iter(range(MOST_WINDOWS)))
        culprits += above.unreadable_count
        if above.tasks:
            yield Batch(tuple(above.tasks.values()))
        if self._client.deferred:
            yield Batch((), partial=self._client.deferred.note)
        elif skipped or above.skipped:
            # They were set aside when it was their turn, and have been asked for since.
            yield Batch((), partial=_partial_note(broke.error))
        elif (
            not culprits
            and broke.is_from_before
            and not broke.stops_server
            and self._client.unreadable.certain_id is None
        ):
            # What it broke over can be read again, or is gone.
            self._client.broken_lists.clear()
            self.is_whole = True
            async for batch in self._read_list():
                yield batch
        elif not (culprits and whole and proven) or last - len(seen) > _MOST_WALKED:
            # Whatever the list broke over has no row.
            yield Batch((), partial=_partial_note(broke.error))

    async def _walk_blocks(self, seen: IdSet) -> AsyncIterator[Batch]:
        """The tasks that a list has not brought before it broke, in the known blocks and the next ones."""
        known = {*map(int, seen), *self._first.came}
        # The first block there is in any case: nothing may be known of a list that is not asked for.
        tops, done, culprits = (
            {0: 0} | highest_id_per_block([*known, *self._client.unreadable.stopping_ids]),
            set[int](),
            0,
        )
        while blocks := sorted(tops.keys() - done):
            for block in blocks:
                async for found in self._walk_block(block, tops[block], known):
                    culprits += found.unreadable_count
                    if found.tasks:
                        yield Batch(tuple(found.tasks.values()))
                    if culprits > _MOST_UNREADABLE:
                        return
            done.update(blocks)
            tops |= await self._find_next_blocks(tops)

    async def _walk_block(self, block: int, top: int, known: Collection[int]) -> AsyncIterator[FetchedTasks]:
        """The tasks of a block but for the known ones, also above its top as long as there are any."""
        end = min(top + _IDS_ABOVE, last_id_of_block(block))
        async for found in self._read_each(
            n for n in range(block * IDS_PER_BLOCK + 1, end + 1) if n not in known
        ):
            top = max([top, *found.readable_tasks])
            yield found
        windows = widen_windows(end, _IDS_ABOVE, last_id_of_block(block), most=self._client.batch.size)
        above, _ = await read_above(self._client, top, windows, iter(range(MOST_WINDOWS)))
        yield above

    async def _find_next_blocks(self, tops: Mapping[int, int]) -> dict[int, int]:
        """Blocks beside the known ones in which there is a task, each with one of its ids."""
        edges = IdBlocks()
        for block, top in tops.items():
            edges.set_edge(block, top)
        hits = await find_existing(self._client, edges.block_start_ids()) or ()
        return {block: top for block, top in highest_id_per_block(hits).items() if block not in tops}

    async def _read_each(self, numbers: Iterator[int]) -> AsyncIterator[FetchedTasks]:
        """The tasks of these ids, a request each; where none exists, more and more are asked for at once."""
        stride = 1
        self._client.batch.start_small()
        while part := list(islice(numbers, min(MOST_IDS, self._client.batch.size * stride))):
            heavy = self._client.batch.size
            found = await read_tasks_by_id(self._client, part[:heavy], part[heavy:])
            stride = 1 if found.tasks else 2 * stride
            yield found


def _partial_note(error: BackendError) -> str:
    """Why not all tasks are there."""
    return f"The task list ends early, so some tasks may be missing. {error}"
