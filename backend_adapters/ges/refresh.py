"""What may have changed: the newest page, and the unfinished wherever they are; one request when quiet."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing

from backend_adapters.backend import Batch, Changes, KnownTasks
from backend_adapters.errors import Refused
from backend_adapters.ges.client import LIMIT, Link
from backend_adapters.ges.endpoints import RUNNING, WAITING
from backend_adapters.ges.list_walker import Walk
from backend_adapters.ges.locate import Finder, Found
from backend_adapters.ges.pages import Page
from backend_adapters.ges.position_index import Ledger
from backend_adapters.ges.records import Row
from backend_adapters.model import TaskId, TaskStatus
from backend_adapters.transport.loose_json import records_without_id

_MOST_NEW_PAGES = 20
"""Pages of new jobs in one refresh; beyond that a snapshot is due."""

_MOST_STEPS_BACK = 5

_WAITING_EVERY = 5
"""So many refreshes apart the waiting jobs are asked for although none is known.

They have no begin time, and where the list puts such is not documented: perhaps at its end.
"""

_ODD_EVERY = 10
"""So many refreshes apart an older job with a status that graphtop does not know is looked at."""


class Refresh:
    """Reads one list, whole or what is new of it; keeps the ledger between the readings.

    A refresh asks for the page with the newest jobs, and for the next ones while all on them is new. What is
    unfinished and older than that is looked for with the filters running and waiting, at most one request
    each. What is in neither has ended or is gone: the finder reads the page where it was last. So a refresh
    of 10,000 jobs is one request, two while an old job runs, three when one of these has ended.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self.ledger = Ledger()
        self.finder = Finder(link, self.ledger)
        self._polls = 0
        self._statuses = link.plane.keys is not None
        """Whether the server filters by status; tried anew with each snapshot."""

    async def snapshot(self) -> AsyncGenerator[Batch, None]:
        """All jobs: the unfinished with the first page, then page by page."""
        began = self.ledger.tick()
        first: list[Row] = []
        self._statuses = self._link.plane.keys is not None
        for status in (RUNNING, WAITING):
            first += (await self._of_status(status)).rows.values()
        walk = Walk(self._link)
        async with aclosing(walk.pages()) as pages:
            async for page, fresh in pages:
                self.ledger.saw(page)
                if page.offset == 0 and not self.ledger.newest_first:
                    first += [row for new in (await self._newest())[0] for row in new.wanted]
                tasks = {row.task.id: row.task for row in (*first, *fresh)}
                yield Batch(
                    tuple(tasks.values()),
                    walk.note,
                    has_unfinished=self._statuses,
                    partial=walk.partial,
                )
                first = []
        if walk.note:
            yield Batch((), walk.note, partial=walk.partial)
        if walk.whole:
            self.ledger.walked(began)

    async def changes(self, known: KnownTasks) -> Changes:
        """What may have changed; see `Backend.changes`."""
        self._polls += 1
        pages, whole = await self._newest()
        rows = {row.task.id: row for page in pages for row in page.wanted}
        older = frozenset(known.unfinished) - rows.keys()
        listed = await self._unfinished(older)
        odd = {task_id for task_id in older if self._status(task_id) is TaskStatus.UNKNOWN}
        left = older - listed.rows.keys() - (odd if self._polls % _ODD_EVERY else frozenset())
        found = await self.finder.find(left) if left else Found({})
        # The newest page was asked for first: what the others say is later.
        rows |= listed.rows | found.rows
        lost = records_without_id(sum(page.lost for page in pages))
        note = " ".join(dict.fromkeys(filter(None, (lost, listed.note, found.note))))
        return Changes(tuple(row.task for row in rows.values()), found.missing, not whole, note)

    async def _newest(self) -> tuple[list[Page], bool]:
        """The pages with what is new, at least one; and whether all that is new is on them."""
        newest_first, known = self.ledger.newest_first, len(self.ledger) > 0
        page = await (self._link.page(0) if newest_first else self._tail())
        pages: list[Page] = []
        while True:
            pages.append(page)
            fresh = [task_id for task_id in page.ids if task_id not in self.ledger]
            self.ledger.came(len(fresh) if newest_first and known else 0)
            self.ledger.saw(page)
            reached = newest_first and known and page.ids[-1:] != tuple(fresh[-1:])
            if reached or not (page.cut or len(page.rows) >= LIMIT):
                return pages, True
            if not known or len(pages) == _MOST_NEW_PAGES:
                return pages, False
            page = await self._link.page(page.offset + max(1, len(page.rows) - 1))

    async def _tail(self) -> Page:
        """The page in which a list that begins with the oldest goes over from the known to the new."""
        half = self.ledger.limit // 2
        page = await self._link.page(max(0, self.ledger.size - half))
        if not page.rows and page.offset and self.ledger.end < self.ledger.size:
            # The count is of more than was asked for.
            page = await self._link.page(max(0, self.ledger.end - half))
        for _ in range(_MOST_STEPS_BACK):
            if not page.offset or any(task_id in self.ledger for task_id in page.ids):
                break
            page = await self._link.page(max(0, page.offset - self.ledger.limit))
        return page

    async def _unfinished(self, older: Collection[TaskId]) -> Found:
        """What runs and what waits, as far as jobs among `older` make it worth asking."""
        statuses = [self._status(task_id) for task_id in older]
        waits = any(status is not None and status.is_waiting for status in statuses)
        runs = any(status in (None, TaskStatus.RUNNING) for status in statuses)
        rows: dict[TaskId, Row] = {}
        note = ""
        if waits or self._polls % _WAITING_EVERY == 0:
            waiting = await self._of_status(WAITING)
            rows |= waiting.rows
            note = waiting.note
            runs = runs or any(self._waits(task_id) and task_id not in rows for task_id in older)
        if runs:
            running = await self._of_status(RUNNING)
            rows |= running.rows
            note = running.note or note
        return Found(rows, note=note)

    async def _of_status(self, status: str) -> Found:
        """All jobs of one status; none where the server can't be asked for one."""
        rows: dict[TaskId, Row] = {}
        walk = Walk(self._link, status=status)
        if not self._statuses:
            return Found(rows)
        try:
            async with aclosing(walk.pages()) as pages:
                async for page, fresh in pages:
                    self.ledger.saw_part(fresh)
                    rows.update((row.task.id, row) for row in fresh)
                    if any(task.status.is_finished for task in page.tasks):
                        # The server ignores this filter; it would send everything.
                        self._statuses = False
                        break
        except Refused:
            # It refuses it. What is older than the newest page is found at its place then.
            self._statuses = False
        return Found(rows, note=walk.told)

    def _status(self, task_id: TaskId) -> TaskStatus | None:
        task = self.ledger.task(task_id)
        return task.status if task else None

    def _waits(self, task_id: TaskId) -> bool:
        status = self._status(task_id)
        return status is not None and status.is_waiting
