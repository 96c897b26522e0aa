"""Reads a list to its end by offset and limit while jobs come and go: none is lost, none comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from backend_adapters.errors import Busy
from backend_adapters.ges.client import LIMIT, Link
from backend_adapters.ges.messages import IGNORED_FILTER, MISCOUNTED, MOVED, SAME_PAGE, TOO_LONG
from backend_adapters.ges.pages import Page
from backend_adapters.ges.records import Row
from backend_adapters.list_limit import ListLimit
from backend_adapters.model import TaskId
from backend_adapters.transport.loose_json import records_without_id

_BACK = LIMIT // 2
_MOST_BACKS = 20
_MOST_STALE, _MOST_STALE_COUNTED = 3, 50
"""Full pages without anything new that end a walk; more where the server counts more than were read."""

_MOST_PAGES = 2_000
_MOST_WAITS = 4
_WAIT, _LONGEST_WAIT = 5.0, 30.0
"""Seconds to wait where the server is busy and tells no time, and at the most."""


class Walk:
    """One way through a list; afterwards `note` and `whole` tell how it went.

    Each page overlaps the one before by a row. Where new jobs push the others on, rows come again and are
    left out by their ids. Where a page does not begin with what was read before it, the list has become
    shorter there, and the walk steps back until it meets the part that it has read without a gap.
    """

    def __init__(self, link: Link, *, graph: str | None = None, status: str | None = None) -> None:
        self._link = link
        self._graph = graph
        self._status = status
        self._seen: set[TaskId] = set()
        self._joined: set[TaskId] = set()
        """What was read without a gap from the beginning on."""
        self._lost: set[int] = set()
        self._counts: list[int] = []
        self._end = self._too_long = ""
        self._limit = ListLimit()
        self._foreign = False
        self._backs = self._stale = self._repeats = 0
        self._before: tuple[TaskId, ...] = ()

    @property
    def read(self) -> int:
        """How many records were read, each counted once."""
        return len(self._seen) + len(self._lost)

    @property
    def whole(self) -> bool:
        """Whether every job of the list was seen, so that one that was not does not exist."""
        return not (self._end or self._too_long or self._lost)

    @property
    def lost(self) -> int:
        """How many records could not be read at all, each counted once."""
        return len(self._lost)

    @property
    def partial(self) -> str:
        """Why jobs of the list will not be shown, as a sentence; empty as long as all may."""
        return " ".join(filter(None, (records_without_id(self.lost), self._too_long)))

    @property
    def note(self) -> str:
        """What else a person should know of the list so far, as sentences."""
        keys = self._link.plane.keys if self._foreign else None
        foreign = IGNORED_FILTER.format(graph=self._one_graph, key=keys.graph) if keys else ""
        return " ".join(filter(None, (self._end, foreign)))

    @property
    def told(self) -> str:
        """All of it, where there is no place for a part of its own."""
        return " ".join(filter(None, (self.partial, self.note)))

    async def pages(self) -> AsyncGenerator[tuple[Page, tuple[Row, ...]], None]:
        """Each page with those of its jobs that were asked for and had not come before."""
        offset: int | None = 0
        for number in range(1, _MOST_PAGES + 1):
            page = await self._page(offset or 0)
            offset = self._next(page)
            fresh = self._take(page)
            # Of unfinished jobs all is kept that the server sent.
            self._limit.take(page.tasks, more=sum(len(row.raw) for row in fresh) if self._status else 0)
            if offset is not None:
                last = TOO_LONG.format(read=self.read) if number == _MOST_PAGES else ""
                self._too_long = self._limit.reached or last
            yield page, fresh
            if offset is None or self._too_long:
                break
        if not (self._end or self._too_long) and not self._agrees(0):
            # Before the count is called wrong: what has come since would be on the first page.
            read = self.read
            page = await self._page(0)
            yield page, self._take(page)
            if not self._agrees(self.read - read):
                self._end = MISCOUNTED.format(count=self._counts[-1], read=self.read)

    async def _page(self, offset: int) -> Page:
        """One page; waits where the server throttles in the middle of a long list, which else never ended."""
        for _ in range(_MOST_WAITS if offset else 0):
            try:
                return await self._link.page(offset, graph=self._graph, status=self._status)
            except Busy as error:
                await asyncio.sleep(
                    min(_WAIT if error.retry_after is None else error.retry_after, _LONGEST_WAIT)
                )
        return await self._link.page(offset, graph=self._graph, status=self._status)

    def _take(self, page: Page) -> tuple[Row, ...]:
        """Remember what a page brought; returns what is new of it, and was asked for."""
        fresh = tuple(row for row in page.wanted if row.task.id not in self._seen)
        self._seen.update(page.ids)
        self._lost.update(page.offset + index for index, row in enumerate(page.rows) if row is None)
        self._foreign = self._foreign or page.foreign
        self._before = page.ids
        if page.count is not None:
            self._counts.append(page.count)
        return fresh

    def _next(self, page: Page) -> int | None:
        """Where the next page begins; None at the end."""
        if page.offset and not self._follows(page):
            if self._backs < _MOST_BACKS:
                self._backs += 1
                return max(0, page.offset - _BACK)
            self._end = MOVED
        size, full = len(page.rows), len(page.rows) >= LIMIT
        fresh = not self._joined.issuperset(page.ids)
        self._joined.update(page.ids)
        grown = bool(self._counts) and page.count != self._counts[-1]
        again = size > 1 and not fresh and not grown and page.ids == self._before
        self._stale = 0 if fresh else self._stale + 1
        self._repeats = self._repeats + 1 if again else 0
        # A row alone that is known is the overlap: the list ends with it, whatever the count says.
        ended = page.count == page.offset + size or not (fresh or (page.cut and size > 1))
        if not size or (ended and not full and not again):
            return None
        if self._repeats >= 2 or self._stale >= self._patience(page):
            if not (page.count is not None and self.read >= page.count):
                self._end = self._end or SAME_PAGE
            return None
        return page.offset + max(1, size - 1)

    def _follows(self, page: Page) -> bool:
        """Whether a page begins with what was read before it; with a record that can't be read it may."""
        return bool(page.rows) and (page.rows[0] is None or page.rows[0].task.id in self._joined)

    def _patience(self, page: Page) -> int:
        more = page.count is not None and page.count > self.read
        return _MOST_STALE_COUNTED if more else _MOST_STALE

    def _agrees(self, came: int) -> bool:
        """Whether the counts fit what was read, while at least so many jobs came (and as many may have gone).

        Whether a filtered list counts what the filter left is not documented: it always agrees.
        """
        plane = self._link.plane
        if not self._counts or any((self._one_graph, self._status, plane.since, plane.until)):
            return True
        least, most = min(self._counts), max(self._counts)
        moved = came + most - least
        return least - moved <= self.read <= most + moved

    @property
    def _one_graph(self) -> str | None:
        return self._graph or self._link.plane.graph
