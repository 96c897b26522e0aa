"""Finds what may have changed in the way that suits how the graph's ids are given out, and finds that out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from msgspec.structs import replace

from backend_adapters.backend import Changes, Known
from backend_adapters.errors import BackendError
from backend_adapters.hugegraph.cluster_refresh import ClusterRefresh
from backend_adapters.hugegraph.link import Found, Link
from backend_adapters.hugegraph.numbering import COUNTING, ListOrder, counts_up, store_of
from backend_adapters.hugegraph.refresh import Refresh
from backend_adapters.model import Task


class ChangeFinder:
    """The refresh of one graph. Any doubt counts as ids that come in blocks, until a whole list was read."""

    def __init__(
        self, link: Link, statuses: tuple[str, ...], wanted: Callable[[Task], bool] | None = None
    ) -> None:
        """`wanted` tells which of the tasks the source is about, where these are not all of the graph."""
        self._link = link
        self._store: str | None = None
        self._counting = Refresh(link)
        self._cluster = ClusterRefresh(link, statuses, wanted)
        self._trying: tuple[int, asyncio.Task[Found | None] | None] = (0, None)
        self.counts_up = True
        """Whether ids count up by one, so that the newest task is the one with the highest id."""

    async def prepare(self) -> None:
        """Ask what the graph is stored in, until that is answered; to be called before a snapshot."""
        if self._store is not None:
            return
        try:
            self._store = await store_of(self._link)
        except (BackendError, TimeoutError):
            # Whatever is wrong shows in the next request; until it is known, there is doubt.
            self.counts_up = False
        else:
            self.counts_up = self._store in COUNTING

    async def changes(self, known: Known) -> Changes:
        """What may have changed, and now and then a record that could not be read; see `Backend.changes`."""
        changes = await (self._counting if self.counts_up else self._cluster).changes(known)
        number, found = self._tried_again()
        if found is None:
            return changes
        tasks, missing = (*changes.tasks, *found.tasks.values()), changes.missing | found.missing([number])
        return replace(changes, tasks=tasks, missing=missing)

    def _tried_again(self) -> tuple[int, Found | None]:
        """What came of a try to read a record that is due for it, which is made beside the polls."""
        number, trying = self._trying
        if trying is not None and not trying.done():
            return number, None
        due = self._link.unreadable.next_due()
        self._trying = (0, None) if due is None else (due, asyncio.create_task(self._try(due)))
        found = trying.result() if trying is not None else None
        if found is not None and not found.readable and found.tasks and number not in self._link.unreadable:
            # A person has looked at it since, and it can be read.
            return number, None
        return number, found

    async def _try(self, number: int) -> Found | None:
        """The record, or None where the server answers nothing at all: a poll says so then."""
        try:
            return await self._link.try_again(number)
        except BackendError:
            return None

    def meet(self, tasks: Collection[Task], highest: int) -> None:
        """Take note of tasks of a snapshot, of which more is to come, and of its highest id so far."""
        self._counting.highest = max(self._counting.highest, highest)
        if not self.counts_up:
            self._cluster.meet(tasks)

    def settle_highest(self, highest: int) -> None:
        """A snapshot that was not made of the whole list is complete."""
        self._counting.highest = highest

    def settle(self, highest: int, order: ListOrder | None) -> None:
        """A snapshot is complete: note its highest id, and what the order of its list shows, if whole."""
        self._counting.highest = highest
        if not self.counts_up:
            self._cluster.settle()
        if order is not None:
            self.counts_up = counts_up(self._store or "", order)
