"""Reads a list to its end by offset and limit while jobs come and go, without losing or repeating one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable

from backend_adapters.errors import Busy
from backend_adapters.ges.client import PAGE_LIMIT, GesClient
from backend_adapters.ges.messages import IGNORED_FILTER, MISCOUNTED, MOVED, SAME_PAGE, TOO_LONG
from backend_adapters.ges.pages import JobPage
from backend_adapters.ges.records import JobRow
from backend_adapters.list_limit import ListLimit
from backend_adapters.model import TaskId
from backend_adapters.transport.loose_json import records_without_id

_BACK = PAGE_LIMIT // 2
_MOST_BACKS = 20
_MOST_STALE, _MOST_STALE_COUNTED = 3, 50
"""Full pages without a new job after which reading ends; more where the server counts more than were read."""

_MOST_PAGES = 2_000
_MOST_WAITS = 4
_WAIT, _LONGEST_WAIT = 5.0, 30.0
"""Seconds to wait for a busy server that does not say how long, and the most that is waited."""


class ListWalker:
    """Reads one list once; afterwards `note` and `is_complete` tell how it went.

    Each page overlaps the one before by a row. New jobs push others to later rows; those that come again are
    left out by their ids. Where a page does not begin with a job that was read before, the list has become
    shorter, and earlier pages are read until one continues what was read without a gap.
    """

    def __init__(
        self,
        client: GesClient,
        *,
        graph: str | None = None,
        status: str | None = None,
        first: Awaitable[JobPage] | None = None,
    ) -> None:
        """`first` is its first page, where that was asked for already."""
        self._client = client
        self._first = first
        self._graph = graph
        self._status = status
        self._seen: set[TaskId] = set()
        self._read_without_gap: set[TaskId] = set()
        """The jobs that were read without a gap from the beginning."""
        self._unreadable_rows: set[int] = set()
        self._counts: list[int] = []
        self._end_note = self._too_long = ""
        self._limit = ListLimit()
        self._foreign = False
        self._steps_back = self._stale_pages = self._repeats = 0
        self._last_ids: tuple[TaskId, ...] = ()

    @property
    def read_count(self) -> int:
        """How many records were read, each counted once."""
        return len(self._seen) + len(self._unreadable_rows)

    @property
    def is_complete(self) -> bool:
        """Whether every job of the list was read, so that any other does not exist."""
        return not (self._end_note or self._too_long or self._unreadable_rows)

    @property
    def unreadable_count(self) -> int:
        """How many records were unreadable, each counted once."""
        return len(self._unreadable_rows)

    @property
    def partial(self) -> str:
        """Why not all jobs of the list will be shown, as sentences; empty while they may."""
        return " ".join(filter(None, (records_without_id(self.unreadable_count), self._too_long)))

    @property
    def note(self) -> str:
        """What else a person should know of the list so far, as sentences."""
        keys = self._client.endpoint.query_keys if self._foreign else None
        foreign = IGNORED_FILTER.format(graph=self._graph_filter, key=keys.graph) if keys else ""
        return " ".join(filter(None, (self._end_note, foreign)))

    @property
    def summary(self) -> str:
        """Both `partial` and `note`."""
        return " ".join(filter(None, (self.partial, self.note)))

    async def iter_pages(self) -> AsyncGenerator[tuple[JobPage, tuple[JobRow, ...]], None]:
        """Each page, with those of its jobs that were asked for and are new."""
        offset: int | None = 0
        for number in range(1, _MOST_PAGES + 1):
            page = await self._fetch_page(offset or 0)
            offset = self._next_offset(page)
            fresh = self._take_new(page)
            # The whole record of an unfinished job is kept.
            self._limit.count_tasks(
                page.tasks, more=sum(len(row.raw) for row in fresh) if self._status else 0
            )
            if offset is not None:
                last = TOO_LONG.format(read=self.read_count) if number == _MOST_PAGES else ""
                self._too_long = self._limit.limit_note or last
            yield page, fresh
            if offset is None or self._too_long:
                break
        if not (self._end_note or self._too_long) and not self._counts_agree(0):
            # Jobs that came since would be on the first page; only then the count is called wrong.
            read = self.read_count
            page = await self._fetch_page(0)
            yield page, self._take_new(page)
            if not self._counts_agree(self.read_count - read):
                self._end_note = MISCOUNTED.format(count=self._counts[-1], read=self.read_count)

    async def _fetch_page(self, offset: int) -> JobPage:
        """One page; waits where the server throttles in the middle, so that a long list comes to its end."""
        if self._first is not None:
            first, self._first = self._first, None
            return await first
        for _ in range(_MOST_WAITS if offset else 0):
            try:
                return await self._client.fetch_page(offset, graph=self._graph, status=self._status)
            except Busy as error:
                await asyncio.sleep(
                    min(_WAIT if error.retry_after is None else error.retry_after, _LONGEST_WAIT)
                )
        return await self._client.fetch_page(offset, graph=self._graph, status=self._status)

    def _take_new(self, page: JobPage) -> tuple[JobRow, ...]:
        """Note a page; returns those of its jobs that are new and were asked for."""
        fresh = tuple(row for row in page.wanted_rows if row.task.id not in self._seen)
        self._seen.update(page.ids)
        self._unreadable_rows.update(
            page.offset + index for index, row in enumerate(page.rows) if row is None
        )
        self._foreign = self._foreign or page.has_foreign_jobs
        self._last_ids = page.ids
        if page.count is not None:
            self._counts.append(page.count)
        return fresh

    def _next_offset(self, page: JobPage) -> int | None:
        """The offset of the next page; None at the end."""
        if page.offset and not self._continues_known(page):
            if self._steps_back < _MOST_BACKS:
                self._steps_back += 1
                return max(0, page.offset - _BACK)
            self._end_note = MOVED
        size, full = len(page.rows), len(page.rows) >= PAGE_LIMIT
        fresh = not self._read_without_gap.issuperset(page.ids)
        self._read_without_gap.update(page.ids)
        grown = bool(self._counts) and page.count != self._counts[-1]
        again = size > 1 and not fresh and not grown and page.ids == self._last_ids
        self._stale_pages = 0 if fresh else self._stale_pages + 1
        self._repeats = self._repeats + 1 if again else 0
        # A single known row is the overlap: the list ends with it, whatever the count says.
        ended = page.count == page.offset + size or not (fresh or (page.has_more and size > 1))
        if not size or (ended and not full and not again):
            return None
        if self._repeats >= 2 or self._stale_pages >= self._max_stale_pages(page):
            if not (page.count is not None and self.read_count >= page.count):
                self._end_note = self._end_note or SAME_PAGE
            return None
        return page.offset + max(1, size - 1)

    def _continues_known(self, page: JobPage) -> bool:
        """Whether a page begins with a job read before it; an unreadable record may be one."""
        return bool(page.rows) and (page.rows[0] is None or page.rows[0].task.id in self._read_without_gap)

    def _max_stale_pages(self, page: JobPage) -> int:
        more = page.count is not None and page.count > self.read_count
        return _MOST_STALE_COUNTED if more else _MOST_STALE

    def _counts_agree(self, came: int) -> bool:
        """Whether the counts fit what was read, while `came` jobs were added and as many may have gone.

        A filtered list always agrees: it is not known whether the filter counts (PROTOCOL.md, section 1.3).
        """
        endpoint = self._client.endpoint
        if not self._counts or any((self._graph_filter, self._status, endpoint.since, endpoint.until)):
            return True
        least, most = min(self._counts), max(self._counts)
        moved = came + most - least
        return least - moved <= self.read_count <= most + moved

    @property
    def _graph_filter(self) -> str | None:
        return self._graph or self._client.endpoint.graph
