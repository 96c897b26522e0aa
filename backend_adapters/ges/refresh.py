"""Reads what may have changed: the newest page, and the unfinished jobs wherever they are in the list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing

from backend_adapters.backend import Batch, Changes, KnownTasks
from backend_adapters.concurrency import end_tasks
from backend_adapters.errors import Refused
from backend_adapters.ges.client import PAGE_LIMIT, GesClient
from backend_adapters.ges.endpoints import RUNNING_FILTER, WAITING_FILTER
from backend_adapters.ges.list_walker import ListWalker
from backend_adapters.ges.locate import JobLocator, LocatedJobs
from backend_adapters.ges.pages import JobPage
from backend_adapters.ges.position_index import JobPositions
from backend_adapters.ges.records import JobRow
from backend_adapters.model import TaskId, TaskStatus
from backend_adapters.transport.loose_json import records_without_id

_MOST_NEW_PAGES = 20
"""Pages of new jobs that one refresh reads; with more a snapshot is due."""

_MOST_STEPS_BACK = 5

_WAITING_EVERY = 5
"""Refreshes between two requests for waiting jobs while none is known.

They have no begin time, so they may be anywhere in the list (PROTOCOL.md, section 1.4).
"""

_ODD_EVERY = 10
"""Refreshes between two looks at older jobs whose status graphtop does not know."""


class JobListRefresh:
    """Reads one list, all of it or what is new, and remembers the rows of its jobs in between.

    A refresh reads the page with the newest jobs, and the next ones while all their jobs are new. Older
    unfinished jobs are found by the filters `running` and `waiting`, with at most one request each. A job in
    neither has ended or is gone: the locator reads the page where it was last. So a refresh of 10,000 jobs
    takes one request, two while an old job runs, and three when one of those has ended.
    """

    def __init__(self, client: GesClient) -> None:
        self._client = client
        self.positions = JobPositions()
        self.locator = JobLocator(client, self.positions)
        self._polls = 0
        self._filters_status = client.endpoint.query_keys is not None
        """Whether the server filters by status; tried again with each snapshot."""
        self._begun: tuple[asyncio.Task[JobPage], list[asyncio.Task[LocatedJobs]]] | None = None
        """The first page of the next snapshot, and the unfinished jobs, which were asked for already."""

    def begin_snapshot(self) -> asyncio.Task[JobPage]:
        """Ask for what the next snapshot begins with, all at the same time; gives its first page."""
        page = asyncio.create_task(self._client.fetch_page(0))
        statuses = (RUNNING_FILTER, WAITING_FILTER) if self._filters_status else ()
        self._begun = page, [asyncio.create_task(self._read_status(status)) for status in statuses]
        return page

    async def stop_snapshot(self) -> None:
        """End what was asked for and is wanted no more."""
        if self._begun is not None:
            (page, statuses), self._begun = self._begun, None
            await end_tasks(page, *statuses)

    async def snapshot(self) -> AsyncGenerator[Batch, None]:
        """All jobs in batches: the first has the unfinished ones too."""
        began = self.positions.next_tick()
        begun, self._begun = self._begun, None
        first: list[JobRow] = []
        if begun is None:
            self._filters_status = self._client.endpoint.query_keys is not None
            for status in (RUNNING_FILTER, WAITING_FILTER):
                first += (await self._read_status(status)).rows.values()
            walker = ListWalker(self._client)
        else:
            first += await _take_rows(*begun)
            walker = ListWalker(self._client, first=begun[0])
        async with aclosing(walker.iter_pages()) as pages:
            async for page, fresh in pages:
                self.positions.note_page(page)
                if page.offset == 0 and not self.positions.is_newest_first:
                    first += [row for new in (await self._read_newest())[0] for row in new.wanted_rows]
                tasks = {row.task.id: row.task for row in (*first, *fresh)}
                yield Batch(
                    tuple(tasks.values()),
                    walker.note,
                    # The oldest jobs are on the first page otherwise, and those in between are not read yet.
                    has_newest=self.positions.is_newest_first,
                    has_unfinished=self._filters_status,
                    partial=walker.partial,
                )
                first = []
        if walker.note:
            yield Batch((), walker.note, partial=walker.partial)
        if walker.is_complete:
            self.positions.note_full_read(began)

    async def changes(self, known: KnownTasks) -> Changes:
        """What may have changed; see `Backend.changes`."""
        self._polls += 1
        pages, whole = await self._read_newest()
        rows = {row.task.id: row for page in pages for row in page.wanted_rows}
        older = frozenset(known.unfinished) - rows.keys()
        listed = await self._read_unfinished(older)
        odd = {task_id for task_id in older if self._last_status(task_id) is TaskStatus.UNKNOWN}
        left = older - listed.rows.keys() - (odd if self._polls % _ODD_EVERY else frozenset())
        found = await self.locator.locate_jobs(left) if left else LocatedJobs({})
        # The newest page was read first, so the other answers are later.
        rows |= listed.rows | found.rows
        lost = records_without_id(sum(page.unreadable_count for page in pages))
        note = " ".join(dict.fromkeys(filter(None, (lost, listed.note, found.note))))
        return Changes(tuple(row.task for row in rows.values()), found.missing, not whole, note)

    async def _read_newest(self) -> tuple[list[JobPage], bool]:
        """At least one page with the newest jobs, and whether all new jobs are on these pages."""
        newest_first, known = self.positions.is_newest_first, len(self.positions) > 0
        page = await (self._client.fetch_page(0) if newest_first else self._read_tail())
        pages: list[JobPage] = []
        while True:
            pages.append(page)
            fresh = [task_id for task_id in page.ids if task_id not in self.positions]
            self.positions.count_arrivals(len(fresh) if newest_first and known else 0)
            self.positions.note_page(page)
            reached = newest_first and known and page.ids[-1:] != tuple(fresh[-1:])
            if reached or not (page.has_more or len(page.rows) >= PAGE_LIMIT):
                return pages, True
            if not known or len(pages) == _MOST_NEW_PAGES:
                return pages, False
            page = await self._client.fetch_page(page.offset + max(1, len(page.rows) - 1))

    async def _read_tail(self) -> JobPage:
        """The page on which the new jobs begin in a list that has the oldest first."""
        half = self.positions.page_size // 2
        page = await self._client.fetch_page(max(0, self.positions.size - half))
        if not page.rows and page.offset and self.positions.end < self.positions.size:
            # The server counts more than was asked for.
            page = await self._client.fetch_page(max(0, self.positions.end - half))
        for _ in range(_MOST_STEPS_BACK):
            if not page.offset or any(task_id in self.positions for task_id in page.ids):
                break
            page = await self._client.fetch_page(max(0, page.offset - self.positions.page_size))
        return page

    async def _read_unfinished(self, older: Collection[TaskId]) -> LocatedJobs:
        """The running and the waiting jobs, as far as those in `older` make a request worth while."""
        statuses = {task_id: self._last_status(task_id) for task_id in older}
        waiting_ids = {task_id for task_id, status in statuses.items() if status and status.is_waiting}
        runs = not {None, TaskStatus.RUNNING}.isdisjoint(statuses.values())
        rows: dict[TaskId, JobRow] = {}
        note = ""
        if waiting_ids or self._polls % _WAITING_EVERY == 0:
            waiting = await self._read_status(WAITING_FILTER)
            rows |= waiting.rows
            note = waiting.note
            runs = runs or not waiting_ids <= rows.keys()
        if runs:
            running = await self._read_status(RUNNING_FILTER)
            rows |= running.rows
            note = running.note or note
        return LocatedJobs(rows, note=note)

    async def _read_status(self, status: str) -> LocatedJobs:
        """All jobs of one status; none where the server does not filter by status."""
        rows: dict[TaskId, JobRow] = {}
        walker = ListWalker(self._client, status=status)
        if not self._filters_status:
            return LocatedJobs(rows)
        try:
            async with aclosing(walker.iter_pages()) as pages:
                async for page, fresh in pages:
                    self.positions.note_rows(fresh)
                    rows.update((row.task.id, row) for row in fresh)
                    if any(task.status.is_finished for task in page.tasks):
                        # The server ignores the filter and would send every job.
                        self._filters_status = False
                        break
        except Refused:
            # It refuses the filter: older jobs are then found at the rows where they were.
            self._filters_status = False
        return LocatedJobs(rows, note=walker.summary)

    def _last_status(self, task_id: TaskId) -> TaskStatus | None:
        task = self.positions.last_seen(task_id)
        return task.status if task else None


async def _take_rows(
    page: asyncio.Task[JobPage], statuses: Sequence[asyncio.Task[LocatedJobs]]
) -> list[JobRow]:
    """The unfinished jobs, once the first page has come as well."""
    try:
        rows = [row for reading in statuses for row in (await reading).rows.values()]
        await asyncio.wait((page,))
        return rows
    finally:
        await end_tasks(page, *statuses)
