"""Finds what may have changed in the way that suits how the graph's ids are given out, and finds that out."""

from __future__ import annotations

from collections.abc import Iterable

from backend_adapters.backend import Changes, Known
from backend_adapters.hugegraph.cluster_refresh import ClusterRefresh
from backend_adapters.hugegraph.link import Link
from backend_adapters.hugegraph.numbering import COUNTING, ListOrder, counts_up, store_of
from backend_adapters.hugegraph.refresh import Refresh
from backend_adapters.model import Task


class ChangeFinder:
    """The refresh of one graph. Any doubt counts as ids that come in blocks, until a whole list was read."""

    def __init__(self, link: Link, statuses: tuple[str, ...]) -> None:
        self._link = link
        self._store: str | None = None
        self._asked = False
        self._counting = Refresh(link)
        self._cluster = ClusterRefresh(link, statuses)
        self.counts_up = True
        """Whether ids count up by one, so that the newest task is the one with the highest id."""

    async def prepare(self) -> None:
        """Ask once what the graph is stored in; to be called before a snapshot."""
        if not self._asked:
            self._store = await store_of(self._link)
            self._asked = True
            self.counts_up = self._store in COUNTING

    async def changes(self, known: Known) -> Changes:
        """What may have changed; see `Backend.changes`."""
        return await (self._counting if self.counts_up else self._cluster).changes(known)

    def meet(self, tasks: Iterable[Task]) -> None:
        """Take note of the ids of tasks of a snapshot, of which more is to come."""
        numbers = [int(task.id) for task in tasks]
        self._counting.highest = max([self._counting.highest, *numbers])
        self._cluster.meet(numbers)

    def settle(self, highest: int, order: ListOrder | None = None) -> None:
        """A snapshot is complete: note its highest id, and what the order of its list shows."""
        self._counting.highest = highest
        if order is not None:
            self.counts_up = counts_up(self._store, order)
