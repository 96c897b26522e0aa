"""Finds what may have changed where ids come in blocks: the unfinished, the tops of blocks, the statuses.

Five requests a poll when all is quiet, however many tasks there are. What ends between two polls is found
by its id; what is unfinished by its status as well, so that no task that goes on depends on where its id is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial

from msgspec import Raw

from backend_adapters.backend import Changes, Known
from backend_adapters.errors import Refused
from backend_adapters.hugegraph.blocks_of_ids import (
    BLOCK,
    Windows,
    end_of,
    starts_after,
    tops_of,
    wider_windows,
)
from backend_adapters.hugegraph.faults import unknown_status
from backend_adapters.hugegraph.ids import MOST_IDS, number_of, numbers_of
from backend_adapters.hugegraph.link import Found, Link
from backend_adapters.hugegraph.numbering import began_anew
from backend_adapters.hugegraph.pages import blocks, lost_note
from backend_adapters.hugegraph.together import together
from backend_adapters.model import Task

STATUSES_AT_ONCE = 4
"""Statuses that one refresh asks for."""

PAGE = 200
"""Tasks of a list that are read: the others are known, or at the top of a block, or come with a scan."""

_LEAST_ROOM = 120
"""Ids that are asked for besides the unfinished, however many these are."""

_IN_FLIGHT = 2
_MOST_WINDOWS = 40
"""Requests above windows in one refresh; when that many tasks are new, a snapshot is due."""

_CANARY_EVERY = 10
"""When nothing is unfinished, every so many refreshes also look at the newest known task."""


class ClusterRefresh:
    """Keeps the tops of the blocks between refreshes."""

    def __init__(self, link: Link, statuses: tuple[str, ...]) -> None:
        self._link = link
        self._statuses = list(statuses)
        self._windows = Windows()
        self._round = 0
        self._tops: dict[int, int] = {}

    def meet(self, numbers: Iterable[int]) -> None:
        """Take note of ids that there are."""
        for block, top in tops_of(numbers).items():
            self._tops[block] = max(top, self._tops.get(block, 0))

    async def changes(self, known: Known) -> Changes:
        """What may have changed; see `Backend.changes`."""
        newest = number_of(known.newest) if known.newest is not None else None
        unfinished = numbers_of(known.unfinished)
        self._round += 1
        looked = unfinished or self._canary(newest)
        tops = self._tops_with([*unfinished, *([newest] if newest is not None else [])])
        room = max(_LEAST_ROOM, MOST_IDS - len(looked))
        starts = starts_after(max(tops, default=-1))
        windows = self._windows.above(tops, room - len(starts))
        asked = dict.fromkeys(
            [*looked, *(number for window in windows.values() for number in window), *starts]
        )
        found = await self._link.by_ids(asked)
        listed = await self._listed(asked)
        above, whole = await self._above(tops, windows, {**found.tasks, **listed.tasks})
        first = Found({}) if tops else await self._first()
        tasks = {**first.tasks, **listed.tasks, **found.tasks, **above.tasks}
        self.meet(tasks)
        missing = found.missing(looked)
        anew = len(missing) == len(looked) > 0 and await began_anew(self._link, newest)
        if anew:
            self._tops = {}
        # One that can't be read comes by its status as well as by its id.
        note = lost_note(max(found.lost + above.lost, listed.lost, first.lost))
        return Changes(tuple(tasks.values()), missing, stale=anew or not whole, note=note, scattered=True)

    async def _first(self) -> Found:
        """The first tasks of a graph that had none: ids go on within the blocks of before it was emptied."""
        return await self._read((await self._link.list_page("", PAGE)).tasks)

    async def _read(self, records: Sequence[Raw]) -> Found:
        """The records of a page as tasks."""
        tasks = {int(task.id): task async for block in blocks(records) for task in block.tasks}
        return Found(tasks, len(records) - len(tasks))

    def _tops_with(self, numbers: Iterable[int]) -> dict[int, int]:
        """The tops with those of the known ids, which are not kept: they may be of before a new beginning."""
        tops = dict(self._tops)
        for block, top in tops_of(numbers).items():
            tops[block] = max(top, tops.get(block, 0))
        return tops

    def _canary(self, newest: int | None) -> list[int]:
        """The newest known task now and then, so that ids that began anew are noticed in an idle graph."""
        return [newest] if newest is not None and self._round % _CANARY_EVERY == 0 else []

    async def _listed(self, asked: Collection[int]) -> Found:
        """The tasks of some statuses that were not asked for by their ids, as fresh as by their ids."""
        parts = await together([partial(self._of_status, status) for status in self._turn()], most=_IN_FLIGHT)
        lost = sum(part.lost for part in parts)
        others = [number for part in parts for number in part.tasks if number not in asked]
        if not others:
            return Found({}, lost)
        found = await self._link.by_ids(dict.fromkeys(others))
        return Found(found.tasks, found.lost + lost)

    def _turn(self) -> list[str]:
        """The statuses of this refresh.

        Each of the first seven comes round within two refreshes; the others, which only tasks that were
        known before can have, share one place.
        """
        often, seldom = self._statuses[:7], self._statuses[7:]
        if self._round % 2 == 1:
            return often[:STATUSES_AT_ONCE]
        extra = [seldom[self._round // 2 % len(seldom)]] if seldom else []
        return [*often[STATUSES_AT_ONCE:], *extra]

    async def _of_status(self, status: str) -> Found:
        """The first tasks of one status; none where the server does not know it, which is not asked again."""
        try:
            page = await self._link.list_page("", PAGE, status)
        except Refused as error:
            if not unknown_status(error):
                raise
            self._statuses.remove(status)
            return Found({})
        return await self._read(page.tasks)

    async def _above(
        self, tops: Mapping[int, int], windows: Mapping[int, range], tasks: Collection[int]
    ) -> tuple[Found, bool]:
        """The tasks above the windows of blocks with news, and whether these are all there are."""
        above: dict[int, Task] = {}
        lost, left = 0, _MOST_WINDOWS
        for block, highest in tops_of(tasks).items():
            before = tops.get(block, block * BLOCK)
            edge = windows[block][-1] if block in windows else before
            wider = wider_windows(edge, end_of(block)) if highest > before else ()
            for near, numbers in wider:
                if highest <= near:
                    break
                if left == 0:
                    return Found(above, lost), False
                more = await self._link.by_ids(numbers)
                above |= more.tasks
                lost += more.lost
                highest = max([highest, *more.tasks])  # noqa: PLW2901
                left -= 1
        return Found(above, lost), True
