"""Finds what may have changed where ids count up, with one request when all is quiet."""

from __future__ import annotations

from backend_adapters.backend import Changes, KnownTasks
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.fetched_tasks import FetchedTasks
from backend_adapters.hugegraph.id_ranges import geometric_ids, parse_id_number, parse_id_numbers
from backend_adapters.hugegraph.id_reader import read_tasks_by_id, trust_near_guesses
from backend_adapters.hugegraph.id_windows import MOST_WINDOWS, WIDEST_WINDOW, read_above, widen_windows
from backend_adapters.hugegraph.listing import read_first_tasks
from backend_adapters.hugegraph.pages import unread_records_note

WINDOW = 50
"""Ids above the highest known that every refresh asks for; nearly free, as they don't exist.

Fewer where tasks are heavy.
"""

_SPARSE_PROBES = 12
_SPARSE_REACH = 10_000
"""Single ids far above the window: tasks are also found after many were made and deleted unseen."""

_PROBE_NEWEST_EVERY = 10
"""When nothing is unfinished, every so many refreshes also look at the newest known task."""

_NEIGHBOURS_BELOW = 20
"""Tasks below the newest whose absence as well means that the ids began anew."""


class CountingRefresh:
    """Asks for the unfinished and the next ids; keeps the highest id met between refreshes."""

    def __init__(self, client: HugeGraphClient) -> None:
        self._client = client
        self._quiet_rounds = 0
        self.highest = 0
        """The highest id met so far; a snapshot sets it anew."""

    async def find_changes(self, known: KnownTasks) -> Changes:
        """What may have changed; see `Backend.changes`."""
        unfinished = parse_id_numbers(known.unfinished)
        newest = parse_id_number(known.newest) if known.newest is not None else None
        top = max([self.highest, newest or 0, *unfinished[-1:], *self._client.unreadable.stopping_ids])
        if top == 0:
            return await self._read_first_tasks()
        probe = [] if unfinished else self._probe_newest(newest)
        asked = unfinished or probe
        near = range(top + 1, top + self._client.batch.limit_ids(WINDOW) + 1)
        # Some single ids far above the window as well, ever further apart.
        far = (top + step for step in geometric_ids(WINDOW * 2, _SPARSE_REACH, _SPARSE_PROBES))
        found = await read_tasks_by_id(self._client, probe, unfinished, [*near, *far])
        found = trust_near_guesses(self._client, found, near)
        missing = found.missing_ids(asked)
        above, whole = await self._read_above_window(near, found)
        stale = not whole
        if asked and newest is not None and len(missing) == len(asked):
            stale = stale or await self._has_restarted(newest)
        # Not `top`: the newest known task may be one of before the ids began anew.
        self.highest = 0 if stale else max([self.highest, *found.readable_tasks, *above.readable_tasks])
        note = unread_records_note(found.unidentified + above.unidentified)
        return Changes((*found.tasks.values(), *above.tasks.values()), missing, stale, note)

    async def _read_first_tasks(self) -> Changes:
        """The first tasks of a graph that had none; ids go on from where they were before it was emptied."""
        found, whole = await read_first_tasks(self._client, WINDOW)
        self.highest = max(found.tasks, default=0) if whole else 0
        return Changes(tuple(found.tasks.values()), stale=not whole, note=found.note)

    def _probe_newest(self, newest: int | None) -> list[int]:
        """The newest known task now and then, so that ids that began anew are noticed in an idle graph.

        Not every time: a finished task with a result of 25 MB costs the server 420 ms to list (measured). Nor
        beside others that may be as heavy, for which no refresh is to wait.
        """
        self._quiet_rounds += 1
        if newest is None or self._quiet_rounds < _PROBE_NEWEST_EVERY or self._client.is_busy:
            return []
        self._quiet_rounds = 0
        return [newest]

    async def _read_above_window(self, near: range, found: FetchedTasks) -> tuple[FetchedTasks, bool]:
        """The tasks beyond the ids `near` that `found` does not have, and whether these are all there are.

        How many may be asked for has perhaps changed since `near` was.
        """
        highest = max(found.tasks, default=near.start - 1)
        windows = widen_windows(near.stop - 1, len(near), most=self._client.batch.limit_ids(WIDEST_WINDOW))
        return await read_above(self._client, highest, windows, iter(range(MOST_WINDOWS)))

    async def _has_restarted(self, newest: int) -> bool:
        """Whether neither the newest known task nor any of those just below it exists any more."""
        found = await read_tasks_by_id(
            self._client, range(max(1, newest - _NEIGHBOURS_BELOW), newest + 1), sure=False
        )
        anew = not (found.readable_tasks or found.unidentified or found.skipped)
        if anew:
            self._client.forget_ids()
        return anew
