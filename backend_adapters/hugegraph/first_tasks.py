"""Reads what a person sees first of a graph: the tasks that have not ended, then the newest ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial

from backend_adapters.backend import Batch
from backend_adapters.concurrency import end_tasks, run_together
from backend_adapters.errors import BackendError
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.error_replies import UnknownStatus
from backend_adapters.hugegraph.listing import ListInterrupted, read_list
from backend_adapters.hugegraph.newest_search import NewestSearch, read_newest_tasks
from backend_adapters.hugegraph.numbering import ListOrder
from backend_adapters.list_limit import ListLimit
from backend_adapters.model import Task, TaskStatus

NEWEST_FIRST = 200
"""Newest tasks that are shown before the long scan begins; fewer where they are heavy."""

_ENOUGH_NEWEST = 20
"""Newest tasks whose ids follow each other show that the search for the highest id found it."""

_STEPS_OF_LISTS = 2
"""Turns of the loop after which the requests for the first lists are on their way."""

FEW_STATUSES = 4
"""Statuses that are asked for at once where a server may not bear all of them."""


class FirstTasks:
    """The unfinished and the newest tasks of a graph, which are asked for at the same time, once."""

    def __init__(
        self,
        client: HugeGraphClient,
        statuses: Sequence[str],
        *,
        find_numbering: Callable[[], Coroutine[None, None, bool]],
        counts_up: bool,
        at_once: int,
        remembered: int,
    ) -> None:
        """`find_numbering` finds out whether ids count up, which `counts_up` assumes until then.

        `at_once` statuses are listed side by side. `remembered` was the highest id once, 0 if none is known.
        """
        self._client = client
        self._statuses = statuses
        self._find_numbering = find_numbering
        self._at_once = at_once
        self._remembered = remembered
        self._numbering: asyncio.Task[bool] | None = None
        self._unfinished: asyncio.Task[tuple[Task, ...]] | None = None
        self._newest: asyncio.Task[tuple[Task, ...]] | None = None
        self._top_came = asyncio.Event()
        self._top: tuple[Task, ...] = ()
        """The newest tasks that the search for them brought."""
        self._error: BackendError | None = None
        """Why the newest could not be read."""
        self._all_unfinished = True
        self.counts_up = counts_up
        """Whether the highest ids are those of the newest tasks; certain once something was read."""
        self.limit = ListLimit()
        """Counts the tasks of all lists of one snapshot."""
        self.came: dict[int, Task] = {}
        """What has come so far."""
        self.highest = 0
        """The highest id that was met."""

    @property
    def is_begun(self) -> bool:
        """Whether the first requests were sent."""
        return self._unfinished is not None

    async def learn_numbering(self) -> None:
        """Find out whether ids count up, and ask for nothing else."""
        self.counts_up = await self._find_numbering()

    def begin(self) -> None:
        """Send the first requests; what they bring waits for `read`, without which `stop` must be called."""
        if self._unfinished is None:
            self._numbering = asyncio.create_task(self._find_numbering())
            self._unfinished = asyncio.create_task(self._read_unfinished())
            if self.counts_up:
                self._begin_newest()

    def _begin_newest(self) -> None:
        self._newest = asyncio.create_task(self._try_newest())
        self._newest.add_done_callback(lambda _: self._top_came.set())

    async def stop(self) -> None:
        """End what is under way."""
        begun = (self._numbering, self._unfinished, self._newest)
        await end_tasks(*[work for work in begun if work is not None])

    async def read_unfinished(self) -> tuple[Task, ...]:
        """All tasks that have not ended, as soon as they are there. Raises BackendError."""
        self.begin()
        assert self._unfinished is not None
        return await self._unfinished

    async def read_top(self) -> tuple[Task, ...]:
        """The newest tasks that the search for them has found; more come with `read_all`."""
        if await self._choose_newest() is None:
            return ()
        await self._top_came.wait()
        return self._top

    async def read_all(self) -> Batch:
        """The first batch. Raises BackendError."""
        unfinished = await self.read_unfinished()
        reading = await self._choose_newest()
        return await self._join(unfinished, await reading if reading is not None else ())

    async def _choose_newest(self) -> asyncio.Task[tuple[Task, ...]] | None:
        """What reads the newest tasks; None where the highest ids are not theirs."""
        assert self._numbering is not None
        self.counts_up = await self._numbering
        if not self.counts_up:
            if self._newest is not None:
                self._newest.cancel()
            return None
        if self._newest is None:
            self._begin_newest()
        return self._newest

    async def _join(self, unfinished: tuple[Task, ...], newest: tuple[Task, ...]) -> Batch:
        """The unfinished and the newest tasks as one batch."""
        if self.counts_up and self._error is not None:
            raise self._error
        self._note_highest(newest)
        highest_found = self.highest
        self._note_highest(unfinished)
        if self.counts_up and self.highest > highest_found:
            # It is newer than the search, or lies behind a hole that it could not cross.
            newest = await self._read_newest(self.highest)
            self._note_highest(newest)
        # Polls begin after the first batch and build on the newest id: without it they would read the oldest.
        first = {task.id: task for task in (*unfinished, *newest)}
        return Batch(
            tuple(first.values()),
            has_newest=self.counts_up and _are_newest(newest),
            has_unfinished=self._all_unfinished,
        )

    def _note_highest(self, tasks: Sequence[Task]) -> None:
        self.highest = max(self.highest, find_highest_read(tasks))

    async def _read_unfinished(self) -> tuple[Task, ...]:
        """Everything that has not ended, by one query for each status."""
        jobs = [partial(self._read_status, status) for status in self._statuses]
        # What checks the place at the same time counts as well.
        more = self._at_once + 1 if self._at_once > FEW_STATUSES else 0
        with self._client.transport.slots.allow_more(more):
            parts = await run_together(jobs, most=self._at_once)
        return tuple({task.id: task for part in parts for task in part}.values())

    async def _read_status(self, status: str) -> list[Task]:
        """All tasks of one status, as far as its list can be read; none where the server does not know it."""
        tasks: list[Task] = []
        try:
            async for block in read_list(self._client, status, again=False, limit=self.limit):
                tasks += block.tasks
                self.came |= {int(task.id): task for task in block.tasks}
                self._all_unfinished = self._all_unfinished and not block.unidentified
        except UnknownStatus:
            pass
        except ListInterrupted:
            self._all_unfinished = False
        return tasks

    async def _try_newest(self) -> tuple[Task, ...]:
        """The newest, or none where something stood in the way: the unfinished are read all the same."""
        # The lists of the unfinished go first: a server that works on heavy tasks would keep them waiting.
        for _ in range(_STEPS_OF_LISTS):
            await asyncio.sleep(0)
        try:
            return await self._read_newest(0)
        except BackendError as error:
            self._error = error
            return ()

    async def _read_newest(self, known: int) -> tuple[Task, ...]:
        """The tasks of the highest ids, newest first; fewer where they are heavy. The id `known` exists."""
        self._client.batch.start_small()
        search = NewestSearch(
            self._client,
            known,
            remembered=0 if known else self._remembered,
            find_known=lambda: max(self.came, default=0),
        )
        assert self._numbering is not None
        if not self._remembered:
            if not self._numbering.done():
                await search.send_first()
                await asyncio.wait((self._numbering,))
            if not self._numbering.result():
                return ()
        await search.run()
        found = search.newest
        self._top = _sort_newest(found)
        self._top_came.set()
        try:
            end = search.highest - NEWEST_FIRST
            await read_newest_tasks(self._client, search.lowest_asked - 1, end, found)
        finally:
            self.came |= found
        return _sort_newest(found)


def find_highest_read(tasks: Iterable[Task]) -> int:
    """The highest id of tasks that can be read, 0 without any: what can't be may be no task."""
    return max((int(task.id) for task in tasks if task.status is not TaskStatus.UNREADABLE), default=0)


def _sort_newest(found: dict[int, Task]) -> tuple[Task, ...]:
    return tuple(found[number] for number in sorted(found, reverse=True))


def _are_newest(tasks: Sequence[Task]) -> bool:
    """Whether tasks, the highest id first, look like the newest ones of a list that counts up.

    Their ids follow each other, and they were created in this order. Where history was purged the search may
    have stopped at a task that others lie above.
    """
    order = ListOrder()
    order.note_tasks(tasks[:_ENOUGH_NEWEST][::-1])
    whole = len(tasks) >= _ENOUGH_NEWEST or not tasks or int(tasks[-1].id) == 1
    created = ListOrder()
    created.note_tasks(tasks[::-1])
    return whole and order.is_unbroken and created.is_rising
