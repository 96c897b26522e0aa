"""Finds jobs by id in a list: first at the row where each was last, then around it, then everywhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import aclosing

from msgspec import Struct

from backend_adapters.backend import Progress
from backend_adapters.ges.client import GesClient
from backend_adapters.ges.list_walker import ListWalker
from backend_adapters.ges.position_index import JobPositions
from backend_adapters.ges.records import JobRow
from backend_adapters.model import TaskId
from backend_adapters.transport.loose_json import records_without_id

_SLACK = 4
"""A page begins a quarter of its size before the row of a job, as jobs before it may have gone."""

_MOST_WINDOWS = 20
"""Single pages that are read at most; where more are needed, the whole list is read."""


class LocatedJobs(Struct, frozen=True):
    """The jobs that were found, and the ids that the list does not have; the rest is not known."""

    rows: dict[TaskId, JobRow]
    missing: frozenset[TaskId] = frozenset()
    note: str = ""
    unreadable_count: int = 0
    """Records that came without an id: any of the jobs that were not found may be among them."""


class JobLocator:
    """Finds jobs in one list by the rows where they were seen."""

    def __init__(self, client: GesClient, positions: JobPositions) -> None:
        self._client = client
        self._positions = positions

    async def locate_jobs(self, ids: Collection[TaskId], progress: Progress | None = None) -> LocatedJobs:
        """Read these jobs now; a hundred that are close together usually take one request.

        A job that is not at its row is searched for on the pages around it, then in the list of its graph;
        only when that list was read to its end is the job missing.
        """
        gone = frozenset(task_id for task_id in ids if self._positions.is_gone(task_id))
        rows: dict[TaskId, JobRow] = {}
        left = frozenset(ids) - gone
        lost = 0
        if len(self._page_offsets(left, 0)) <= _MOST_WINDOWS:
            for step in (0, -1, 1):
                lost += await self._read_windows(left, rows, step, progress)
                left -= rows.keys()
        if not left:
            return LocatedJobs(rows, gone, records_without_id(lost), lost)
        missing, walker = await self._search_list(left, rows)
        return LocatedJobs(
            rows, gone | missing, walker.summary or records_without_id(lost), walker.unreadable_count or lost
        )

    async def _read_windows(
        self, ids: Collection[TaskId], rows: dict[TaskId, JobRow], step: int, progress: Progress | None
    ) -> int:
        """Read the pages where these jobs should be, shifted by `step`; counts the unreadable records."""
        lost = 0
        for offset in self._page_offsets(ids, step):
            page = await self._client.fetch_page(offset, progress=progress)
            self._positions.note_page(page)
            lost += page.unreadable_count
            rows.update((row.task.id, row) for row in page.wanted_rows if row.task.id in ids)
        return lost

    def _page_offsets(self, ids: Collection[TaskId], step: int) -> list[int]:
        """The offsets of the pages that should hold these jobs, shifted by `step` pages."""
        return _window_offsets(self._estimate_rows(ids, step), self._positions.page_size)

    def _estimate_rows(self, ids: Collection[TaskId], step: int) -> list[int]:
        """The rows where these jobs should be, shifted by `step` pages, within the list."""
        rows = step * self._positions.page_size
        places = [place + rows for place in map(self._positions.estimate_row, ids) if place is not None]
        last = max(0, self._positions.end - 1)
        return [place for place in places if 0 <= place <= last] if step else [min(p, last) for p in places]

    async def _search_list(
        self, ids: frozenset[TaskId], rows: dict[TaskId, JobRow]
    ) -> tuple[frozenset[TaskId], ListWalker]:
        """Read the list of the graph that these jobs are of, or the whole one; returns which are missing."""
        tasks = [self._positions.last_seen(task_id) for task_id in ids]
        graphs = {task.graph if task else None for task in tasks}
        one = next(iter(graphs)) if len(graphs) == 1 else None
        walker = ListWalker(self._client, graph=one)
        left = set(ids)
        async with aclosing(walker.iter_pages()) as pages:
            async for page, fresh in pages:
                if one is None:
                    self._positions.note_page(page)
                else:
                    self._positions.note_rows(fresh)
                rows.update((row.task.id, row) for row in fresh if row.task.id in left)
                left -= {row.task.id for row in fresh}
                if not left:
                    break
        return (frozenset(left) if walker.is_complete else frozenset()), walker


def _window_offsets(places: Iterable[int], limit: int) -> list[int]:
    """The offsets of pages of `limit` rows that cover all these rows with some slack."""
    offsets: list[int] = []
    slack = limit // _SLACK
    for place in sorted(places):
        if not offsets or place > offsets[-1] + limit - slack:
            offsets.append(max(0, place - slack))
    return offsets
