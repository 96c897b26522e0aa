"""Finds certain jobs, wherever they are in the list: at the place where each was last, then ever further."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import aclosing

from msgspec import Struct

from backend_adapters.backend import Progress
from backend_adapters.ges.client import Link
from backend_adapters.ges.list_walker import Walk
from backend_adapters.ges.position_index import Ledger
from backend_adapters.ges.records import Row
from backend_adapters.model import TaskId
from backend_adapters.transport.loose_json import records_without_id

_SLACK = 4
"""A page begins this part of itself, one of so many, before the place of a job: others may have gone."""

_MOST_WINDOWS = 20
"""Pages at certain places; where more are needed, the whole list is read."""


class Found(Struct, frozen=True):
    """What a search brought; what is in neither is not known."""

    rows: dict[TaskId, Row]
    missing: frozenset[TaskId] = frozenset()
    note: str = ""
    lost: int = 0
    """Records that came without an id: any of those that are not known may be among them."""


class Finder:
    """Searches one list with the help of a ledger."""

    def __init__(self, link: Link, ledger: Ledger) -> None:
        self._link = link
        self._ledger = ledger

    async def find(self, ids: Collection[TaskId], progress: Progress | None = None) -> Found:
        """Read these jobs now: in the quiet case by one request for a hundred jobs that stand together.

        One that is not where it should be is looked for above and below, then in the list of its graph, and
        only when that was read whole it is missing.
        """
        gone = frozenset(task_id for task_id in ids if self._ledger.gone(task_id))
        rows: dict[TaskId, Row] = {}
        left = frozenset(ids) - gone
        lost = 0
        if len(self._pages(left, 0)) <= _MOST_WINDOWS:
            for step in (0, -1, 1):
                lost += await self._windows(left, rows, step, progress)
                left -= rows.keys()
        if not left:
            return Found(rows, gone, records_without_id(lost), lost)
        missing, walk = await self._search(left, rows)
        return Found(rows, gone | missing, walk.told or records_without_id(lost), walk.lost or lost)

    async def _windows(
        self, ids: Collection[TaskId], rows: dict[TaskId, Row], step: int, progress: Progress | None
    ) -> int:
        """Read the pages where these jobs should be, `step` pages further; returns how many were lost."""
        lost = 0
        for offset in self._pages(ids, step):
            page = await self._link.page(offset, progress=progress)
            self._ledger.saw(page)
            lost += page.lost
            rows.update((row.task.id, row) for row in page.wanted if row.task.id in ids)
        return lost

    def _pages(self, ids: Collection[TaskId], step: int) -> list[int]:
        """Where the pages begin that should hold these jobs, `step` pages further."""
        return _offsets(self._places(ids, step), self._ledger.limit)

    def _places(self, ids: Collection[TaskId], step: int) -> list[int]:
        """Where these jobs should be, `step` pages further, as far as that is within the list."""
        rows = step * self._ledger.limit
        places = [place + rows for place in map(self._ledger.place, ids) if place is not None]
        last = max(0, self._ledger.end - 1)
        return [place for place in places if 0 <= place <= last] if step else [min(p, last) for p in places]

    async def _search(
        self, ids: frozenset[TaskId], rows: dict[TaskId, Row]
    ) -> tuple[frozenset[TaskId], Walk]:
        """Look through the list of the graph that these jobs are of, else through all: which are missing."""
        tasks = [self._ledger.task(task_id) for task_id in ids]
        graphs = {task.graph if task else None for task in tasks}
        one = next(iter(graphs)) if len(graphs) == 1 else None
        walk = Walk(self._link, graph=one)
        left = set(ids)
        async with aclosing(walk.pages()) as pages:
            async for page, fresh in pages:
                if one is None:
                    self._ledger.saw(page)
                else:
                    self._ledger.saw_part(fresh)
                rows.update((row.task.id, row) for row in fresh if row.task.id in left)
                left -= {row.task.id for row in fresh}
                if not left:
                    break
        return (frozenset(left) if walk.whole else frozenset()), walk


def _offsets(places: Iterable[int], limit: int) -> list[int]:
    """Where pages of so many rows begin that hold all of these places, with some slack on both sides."""
    offsets: list[int] = []
    slack = limit // _SLACK
    for place in sorted(places):
        if not offsets or place > offsets[-1] + limit - slack:
            offsets.append(max(0, place - slack))
    return offsets
