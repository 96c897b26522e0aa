"""Finds what may have changed in the way that suits how the graph's ids are given out, and finds that out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

from msgspec.structs import replace

from backend_adapters.backend import Changes, KnownTasks
from backend_adapters.errors import BackendError
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.cluster_refresh import ClusterRefresh
from backend_adapters.hugegraph.counting_refresh import CountingRefresh
from backend_adapters.hugegraph.fetched_tasks import FetchedTasks
from backend_adapters.hugegraph.id_reader import retry_alone
from backend_adapters.hugegraph.numbering import COUNTING_STORES, ListOrder, ids_count_up, read_store
from backend_adapters.model import Task, TaskStatus


class ChangeFinder:
    """The refresh of one graph. Any doubt counts as ids that come in blocks, until a whole list was read."""

    def __init__(
        self, client: HugeGraphClient, statuses: tuple[str, ...], wanted: Callable[[Task], bool] | None = None
    ) -> None:
        """`wanted` tells which of the tasks the source is about, where these are not all of the graph."""
        self._client = client
        self._store: str | None = None
        self._counting = CountingRefresh(client)
        self._cluster = ClusterRefresh(client, statuses, wanted)
        self._retry: tuple[Sequence[int], asyncio.Task[FetchedTasks | None] | None] = ((), None)
        self._note = ""
        """What the last poll said of ids that are set aside."""
        self.ids_count_up = True
        """Whether ids count up by one, so that the newest task is the one with the highest id."""

    async def find_numbering(self) -> bool:
        """Ask what the graph is stored in, until that is answered; whether ids count up.

        To be called with each snapshot.
        """
        if self._store is not None:
            return self.ids_count_up
        try:
            self._store = await read_store(self._client)
        except (BackendError, TimeoutError):
            # Whatever is wrong shows in the next request; until it is known, there is doubt.
            self.ids_count_up = False
        else:
            self.ids_count_up = self._store in COUNTING_STORES
        return self.ids_count_up

    async def changes(self, known: KnownTasks) -> Changes:
        """What may have changed, and now and then a record that could not be read; see `Backend.changes`."""
        changes = await (self._counting if self.ids_count_up else self._cluster).find_changes(known)
        numbers, found = self._take_retry()
        if found is not None:
            # What the poll read is newer; what it did not ask for, as it could not be read before, is older.
            old = {str(number) for number in numbers if number not in self._client.unreadable}
            read = (t for t in changes.tasks if t.status is not TaskStatus.UNREADABLE or t.id not in old)
            tasks = (*found.tasks.values(), *read)
            missing = changes.missing | (found.missing_ids(numbers) - {task.id for task in tasks})
            changes = replace(changes, tasks=tasks, missing=missing)
        before, self._note = self._note, self._client.deferred.note
        # Once all that was set aside has been asked for, a scan can bring everything.
        stale = changes.stale or (before != "" and self._note == "")
        return replace(changes, stale=stale, note=changes.note or self._note)

    def _take_retry(self) -> tuple[Sequence[int], FetchedTasks | None]:
        """What came of a try to read records that are due for it, which is made beside the polls."""
        numbers, trying = self._retry
        if trying is not None and not trying.done():
            return numbers, None
        due = self._due_numbers()
        self._retry = (due, asyncio.create_task(self._retry_quietly(due)) if due else None)
        found = trying.result() if trying is not None else None
        rows = found.tasks.keys() - found.readable_tasks.keys() if found is not None else ()
        if any(number not in self._client.unreadable for number in rows):
            # A person has looked at it since, and it can be read.
            return numbers, None
        return numbers, found

    def _due_numbers(self) -> Sequence[int]:
        """What is to be asked for again now, alone: a group that is set aside, or one it fails over."""
        if self._client.responsiveness.is_resting:
            return ()
        number = self._client.unreadable.next_due_id()
        return self._client.deferred.next_group() or (() if number is None else (number,))

    async def _retry_quietly(self, numbers: Sequence[int]) -> FetchedTasks | None:
        """The records, or None where the server answers nothing at all: a poll says so then."""
        try:
            return await retry_alone(self._client, numbers)
        except BackendError:
            return None

    @property
    def highest(self) -> int:
        """The highest id that was met."""
        return self._counting.highest

    @property
    def store(self) -> str:
        """What the graph is stored in, as far as the server tells."""
        return self._store or ""

    def note_tasks(self, tasks: Collection[Task], highest: int) -> None:
        """Take note of tasks of a snapshot, of which more is to come, and of its highest id so far."""
        self._counting.highest = max(self._counting.highest, highest)
        if not self.ids_count_up:
            self._cluster.note_tasks(tasks)

    def set_highest(self, highest: int) -> None:
        """A snapshot that was not made of the whole list is complete."""
        self._counting.highest = highest

    def finish_snapshot(self, highest: int, order: ListOrder | None) -> None:
        """A snapshot is complete: note its highest id, and what the order of its list shows, if whole."""
        self._counting.highest = highest
        if not self.ids_count_up:
            self._cluster.finish_scan()
        if order is not None:
            self.ids_count_up = ids_count_up(self._store or "", order)
