"""Remembers the row of each job in the list: GES can't be asked for one by its id (PROTOCOL.md, 1.7)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from msgspec import Struct

from backend_adapters.ges.client import PAGE_LIMIT
from backend_adapters.ges.pages import JobPage
from backend_adapters.ges.records import JobRow
from backend_adapters.model import Task, TaskId, TaskStatus

_MOST_KEPT, _LARGEST_KEPT = 5_000, 8_000
"""Records of failed jobs that are kept, and the bytes of the largest."""


class Sighting(Struct, frozen=True):
    """A job as it was seen last."""

    task: Task
    tick: int
    """The number of the page that it was on, counted over all reads."""
    row_number: int | None
    """Its row in the whole list; None where it was seen in a filtered list only."""
    arrivals: int
    """How many new jobs had been seen at the head of the list by then."""


class JobPositions:
    """All jobs seen so far. Rows are estimates, corrected by each page that is read."""

    def __init__(self) -> None:
        self._seen: dict[TaskId, Sighting] = {}
        self._tick = 0
        self._arrivals = 0
        self._ascending = 0
        self._descending = 0
        self._full_read_tick = 0
        self.size = 0
        """The server's latest count of jobs, which may include more than was asked for."""
        self.end = 0
        """The row after the last one that was seen."""

        self.page_size = PAGE_LIMIT
        """How many rows the server sends at once where it has more."""
        self._failed: dict[TaskId, JobRow] = {}

    def __len__(self) -> int:
        """How many jobs are known."""
        return len(self._seen)

    def __contains__(self, task_id: TaskId) -> bool:
        """Whether a job was ever seen."""
        return task_id in self._seen

    @property
    def is_newest_first(self) -> bool:
        """Whether the list begins with the newest job, as far as its pages show (PROTOCOL.md, 1.4)."""
        return self._descending >= self._ascending

    @property
    def graph_names(self) -> frozenset[str]:
        """The graphs of all jobs seen."""
        return frozenset(one.task.graph for one in self._seen.values() if one.task.graph)

    def last_seen(self, task_id: TaskId) -> Task | None:
        """The job as it was seen last."""
        sighting = self._seen.get(task_id)
        return sighting.task if sighting else None

    def next_tick(self) -> int:
        """Count a page, so that what is seen from now on counts as later."""
        self._tick += 1
        return self._tick

    def note_page(self, page: JobPage) -> None:
        """Note the jobs of a page of the whole list."""
        tick = self.next_tick()
        for index, row in enumerate(page.rows):
            if row is not None:
                self._seen[row.task.id] = Sighting(row.task, tick, page.offset + index, self._arrivals)
                self._keep_if_failed(row)
        if page.offset == 0:
            self.page_size = min(PAGE_LIMIT, len(page.rows)) if page.has_more else PAGE_LIMIT
        end = page.offset + len(page.rows)
        if page.rows:
            self.end = end if len(page.rows) < self.page_size else max(self.end, end)
        self.size = max(self.end if page.count is None else page.count, end)
        self._note_direction(page)

    def note_rows(self, rows: Iterable[JobRow]) -> None:
        """Note jobs of a filtered list: their rows in the whole list stay as they were."""
        tick = self.next_tick()
        for row in rows:
            old = self._seen.get(row.task.id)
            place, born = (old.row_number, old.arrivals) if old else (None, self._arrivals)
            self._seen[row.task.id] = Sighting(row.task, tick, place, born)
            self._keep_if_failed(row)

    def failed_record(self, task_id: TaskId) -> JobRow | None:
        """The record of a failed job, which changes no more; a screen asks for many of them at once."""
        return None if self.is_gone(task_id) else self._failed.get(task_id)

    def _keep_if_failed(self, row: JobRow) -> None:
        if row.task.status is not TaskStatus.FAILED or len(row.raw) > _LARGEST_KEPT:
            return
        while len(self._failed) >= _MOST_KEPT:
            del self._failed[next(iter(self._failed))]
        self._failed[row.task.id] = row

    def count_arrivals(self, count: int) -> None:
        """Count new jobs at the head of the list, which move all others down."""
        self._arrivals += count

    def note_full_read(self, began: int) -> None:
        """Note that the whole list was read since this tick: a job not seen since then is gone."""
        self._seen = {task_id: one for task_id, one in self._seen.items() if one.tick >= self._full_read_tick}
        self._full_read_tick = began

    def is_gone(self, task_id: TaskId) -> bool:
        """Whether a job was missing when the list was last read whole. Ids are never used again."""
        sighting = self._seen.get(task_id)
        return sighting is not None and sighting.tick < self._full_read_tick

    def estimate_row(self, task_id: TaskId) -> int | None:
        """The row where a job should be now; None where that is not known."""
        sighting = self._seen.get(task_id)
        if sighting is None or sighting.row_number is None:
            return None
        return sighting.row_number + (self._arrivals - sighting.arrivals if self.is_newest_first else 0)

    def _note_direction(self, page: JobPage) -> None:
        """Count in which direction the begin times of a page go."""
        created = [row.task.created for row in page.rows if row is not None and row.task.created is not None]
        self._ascending += sum(other > one for one, other in pairwise(created))
        self._descending += sum(other < one for one, other in pairwise(created))
