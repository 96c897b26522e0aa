"""Finds the graphs of a server, and has those that are wanted watched, also as they come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from backend_adapters.backend import Backend
from backend_adapters.errors import BackendError, NoSuchGraph, NotLoggedIn
from backend_adapters.model import Scope
from tui.monitor.clock import Clock
from tui.monitor.watched_place import PlaceConnection, WatchedPlace
from tui.monitor.watched_places import WatchedPlaces

SEARCH_SECONDS = 30.0
"""Seconds between two looks at the graphs that a server has."""
RETRY_SECONDS = 10.0
"""Seconds before the next look after one that failed."""


class GraphFinder:
    """Adds a place for each graph of a server that is wanted, and removes those that are gone.

    The graph that the server's own address or profile names is watched from the start: as long as the server
    does not answer, its place says so. Where it turns out not to be wanted, it is removed.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        choose: Callable[[Iterable[Scope]], Sequence[Scope]],
        connect: Callable[[Scope | None], PlaceConnection],
        clock: Clock,
    ) -> None:
        """`backend` is asked for the graphs, among which `choose` finds those that are wanted.

        `connect` makes the way to one, or to the server's own.
        """
        self._backend = backend
        self._choose = choose
        self._connect = connect
        self._clock = clock
        self._is_wanted = asyncio.Event()
        """A person has asked for a look."""
        self._first: WatchedPlace | None = None
        self._places: dict[Scope, WatchedPlace] = {}

    async def run(self, monitor: WatchedPlaces) -> None:
        """Look for graphs until cancelled."""
        self._first = monitor.add_place(self._connect(None))
        while True:
            self._is_wanted.clear()
            try:
                found = await self._find_scopes()
            except NotLoggedIn:
                # The same login again could lock the user out.
                await self._is_wanted.wait()
            except BackendError:
                # The poll of its places says why.
                await self._rest(monitor, RETRY_SECONDS)
            else:
                self._watch_scopes(monitor, found)
                await self._rest(monitor, SEARCH_SECONDS)

    def look_now(self) -> None:
        """Look for graphs now, also where a login was refused: there may be another one."""
        self._is_wanted.set()

    async def _rest(self, monitor: WatchedPlaces, seconds: float) -> None:
        """Wait until it is time for the next look, or a person asks for it; while paused, for the latter."""
        await self._sleep_until_wanted(seconds)
        if monitor.is_paused:
            await self._is_wanted.wait()

    async def _sleep_until_wanted(self, seconds: float) -> None:
        waits = [
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(self._is_wanted.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def _find_scopes(self) -> Sequence[Scope]:
        if not self._places:
            with suppress(NoSuchGraph):
                await self._backend.connect()
        # Each once: a graph that a server names twice is one place.
        return tuple(dict.fromkeys(self._choose(await self._backend.scopes())))

    def _watch_scopes(self, monitor: WatchedPlaces, found: Sequence[Scope]) -> None:
        if self._first is not None and found:
            source = self._backend.source
            own = Scope(graph=source.graph, graphspace=source.graphspace)
            if own in found:
                self._places[own] = self._first
            else:
                monitor.remove_place(self._first)
            self._first = None
        new = [scope for scope in found if scope not in self._places]
        added = monitor.add_places([self._connect(scope) for scope in new])
        self._places.update(zip(new, added, strict=True))
        there = set(found)
        for scope in [scope for scope in self._places if scope not in there]:
            monitor.remove_place(self._places.pop(scope))

    async def aclose(self) -> None:
        """Close the connections; those of the places are the monitor's."""
        await self._backend.aclose()
