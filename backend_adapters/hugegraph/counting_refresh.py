"""Finds what may have changed where ids count up, with one request when all is quiet."""

from __future__ import annotations

from backend_adapters.backend import Changes, KnownTasks
from backend_adapters.hugegraph.client import Link
from backend_adapters.hugegraph.fetched_tasks import Found
from backend_adapters.hugegraph.id_ranges import geometric, number_of, numbers_of
from backend_adapters.hugegraph.id_windows import MOST_WINDOWS, WIDEST, read_above, wider_windows
from backend_adapters.hugegraph.listing import first_tasks
from backend_adapters.hugegraph.pages import lost_note

WINDOW = 50
"""Ids above the highest known that every refresh asks for; nearly free, as they don't exist."""

_FEELERS = 12
_FEELERS_REACH = 10_000
"""Single ids far above the window: tasks are also found after many were made and deleted unseen."""

_CANARY_EVERY = 10
"""When nothing is unfinished, every so many refreshes also look at the newest known task."""

_NEIGHBOURS = 20
"""Tasks below the newest whose absence as well means that the ids began anew."""


class Refresh:
    """Asks for the unfinished and the next ids; keeps the highest id met between refreshes."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._quiet = 0
        self.highest = 0
        """The highest id met so far; a snapshot sets it anew."""

    @property
    def _window(self) -> int:
        """How many of the ids above the highest are asked for: fewer where tasks are heavy."""
        return self._link.batch.at_most(WINDOW)

    async def changes(self, known: KnownTasks) -> Changes:
        """What may have changed; see `Backend.changes`."""
        unfinished = numbers_of(known.unfinished)
        newest = number_of(known.newest) if known.newest is not None else None
        top = max([self.highest, newest or 0, *unfinished[-1:], *self._link.unreadable.stopping])
        if top == 0:
            return await self._first()
        canary = [] if unfinished else self._canary(newest)
        looked = unfinished or canary
        near = range(top + 1, top + self._window + 1)
        found = await self._link.by_ids(canary, unfinished, [*near, *_feelers(top)])
        found = self._link.believe_guesses(found, near)
        missing = found.missing(looked)
        above, whole = await self._above(top, found)
        stale = not whole
        if looked and newest is not None and len(missing) == len(looked):
            stale = stale or await self._began_anew(newest)
        # Not `top`: the newest known task may be one of before the ids began anew.
        self.highest = 0 if stale else max([self.highest, *found.readable, *above.readable])
        note = lost_note(found.lost + above.lost)
        return Changes((*found.tasks.values(), *above.tasks.values()), missing, stale, note)

    async def _first(self) -> Changes:
        """The first tasks of a graph that had none; ids go on from where they were before it was emptied."""
        found, whole = await first_tasks(self._link, WINDOW)
        self.highest = max(found.tasks, default=0) if whole else 0
        return Changes(tuple(found.tasks.values()), stale=not whole, note=found.note)

    def _canary(self, newest: int | None) -> list[int]:
        """The newest known task now and then, so that ids that began anew are noticed in an idle graph.

        Not every time: a finished task with a result of 25 MB costs the server 420 ms to list (measured). Nor
        beside others that may be as heavy, for which no refresh is to wait.
        """
        self._quiet += 1
        if newest is None or self._quiet < _CANARY_EVERY or self._link.busy:
            return []
        self._quiet = 0
        return [newest]

    async def _above(self, top: int, found: Found) -> tuple[Found, bool]:
        """The tasks above `top` that `found` does not have, and whether these are all there are."""
        highest = max(found.tasks, default=top)
        windows = wider_windows(top + self._window, self._window, most=self._link.batch.at_most(WIDEST))
        return await read_above(self._link, highest, windows, iter(range(MOST_WINDOWS)))

    async def _began_anew(self, newest: int) -> bool:
        """Whether neither the newest known task nor any of those just below it exists any more."""
        found = await self._link.by_ids(range(max(1, newest - _NEIGHBOURS), newest + 1), sure=False)
        anew = not (found.readable or found.lost or found.skipped)
        if anew:
            self._link.forget_ids()
        return anew


def _feelers(top: int) -> list[int]:
    """Some single ids above the window, ever further apart."""
    return [top + step for step in geometric(WINDOW * 2, _FEELERS_REACH, _FEELERS)]
