"""Remembers where in the list each job was seen last: GES has no request for certain jobs by id."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from msgspec import Struct

from backend_adapters.ges.client import LIMIT
from backend_adapters.ges.pages import Page
from backend_adapters.ges.records import Row
from backend_adapters.model import Task, TaskId, TaskStatus

_MOST_KEPT, _LARGEST_KEPT = 5_000, 8_000
"""Records of failed jobs that are kept, and bytes of one of them."""


class Sighting(Struct, frozen=True):
    """A job as it was seen last."""

    task: Task
    tick: int
    """Counts up with the pages: what was seen later has a larger one."""
    place: int | None
    """Its row in the whole list, None where it was seen in a part of it only."""
    born: int
    """How many jobs had come to the list's head by then."""


class Ledger:
    """All jobs met so far; places are estimates that each page makes right again."""

    def __init__(self) -> None:
        self._seen: dict[TaskId, Sighting] = {}
        self._tick = 0
        self._born = 0
        self._up = 0
        self._down = 0
        self._walked = 0
        self.size = 0
        """How many jobs there are by the count that came last: perhaps of more than was asked for."""
        self.end = 0
        """The row behind the last one that was seen."""

        self.limit = LIMIT
        """How many rows the server sends at once, when it has more."""
        self._failed: dict[TaskId, Row] = {}

    def __len__(self) -> int:
        """How many jobs are known."""
        return len(self._seen)

    def __contains__(self, task_id: TaskId) -> bool:
        """Whether a job was ever seen."""
        return task_id in self._seen

    @property
    def newest_first(self) -> bool:
        """Whether the list begins with the newest job, as pages showed; no document says."""
        return self._down >= self._up

    @property
    def graphs(self) -> frozenset[str]:
        """The graphs of all jobs met."""
        return frozenset(one.task.graph for one in self._seen.values() if one.task.graph)

    def task(self, task_id: TaskId) -> Task | None:
        """The job as it was seen last."""
        sighting = self._seen.get(task_id)
        return sighting.task if sighting else None

    def tick(self) -> int:
        """Count a page; what is seen from now on is later than what was seen before."""
        self._tick += 1
        return self._tick

    def saw(self, page: Page) -> None:
        """Take in a page of the whole list."""
        tick = self.tick()
        for index, row in enumerate(page.rows):
            if row is not None:
                place = page.offset + index
                self._seen[row.task.id] = Sighting(row.task, tick, place, self._born)
                self._keep(row)
        if page.offset == 0:
            self.limit = min(LIMIT, len(page.rows)) if page.cut else LIMIT
        end = page.offset + len(page.rows)
        if page.rows:
            self.end = end if len(page.rows) < self.limit else max(self.end, end)
        self.size = max(self.end if page.count is None else page.count, end)
        self._direction(page)

    def saw_part(self, rows: Iterable[Row]) -> None:
        """Take in jobs of a part of the list, of one status for example: their places stay as they were."""
        tick = self.tick()
        for row in rows:
            old = self._seen.get(row.task.id)
            place, born = (old.place, old.born) if old else (None, self._born)
            self._seen[row.task.id] = Sighting(row.task, tick, place, born)
            self._keep(row)

    def failed(self, task_id: TaskId) -> Row | None:
        """The record of a job that failed, which changes no more: a screen asks for many of these at once."""
        return None if self.gone(task_id) else self._failed.get(task_id)

    def _keep(self, row: Row) -> None:
        if row.task.status is not TaskStatus.FAILED or len(row.raw) > _LARGEST_KEPT:
            return
        while len(self._failed) >= _MOST_KEPT:
            del self._failed[next(iter(self._failed))]
        self._failed[row.task.id] = row

    def came(self, count: int) -> None:
        """So many jobs that were not known have come to the list's head."""
        self._born += count

    def walked(self, began: int) -> None:
        """The whole list was read since this tick: what was not seen since is gone, and soon forgotten."""
        self._seen = {task_id: one for task_id, one in self._seen.items() if one.tick >= self._walked}
        self._walked = began

    def gone(self, task_id: TaskId) -> bool:
        """Whether a job was in the list once, and not when it was last read whole: ids never come again."""
        sighting = self._seen.get(task_id)
        return sighting is not None and sighting.tick < self._walked

    def place(self, task_id: TaskId) -> int | None:
        """The row where a job should be now, None where that is not known."""
        sighting = self._seen.get(task_id)
        if sighting is None or sighting.place is None:
            return None
        return sighting.place + (self._born - sighting.born if self.newest_first else 0)

    def _direction(self, page: Page) -> None:
        """Count how often a job is younger or older than the one before it."""
        created = [row.task.created for row in page.rows if row is not None and row.task.created is not None]
        for one, other in pairwise(created):
            self._up += other > one
            self._down += other < one
