"""Finds what may have changed where ids come in blocks: the unfinished, the edges of blocks, the statuses.

Five requests a poll when all is quiet, however many tasks there are. What ended between two polls is found
by its id. What is unfinished is found by its status, too, as long as no more than some pages of known tasks
have that status.
A task that ended at once in a block of which nothing is known (all its tasks were deleted) comes with the
next scan: only a scan can find the place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import aclosing
from functools import partial

from backend_adapters.backend import Changes, KnownTasks
from backend_adapters.errors import Refused
from backend_adapters.hugegraph.client import Link
from backend_adapters.hugegraph.concurrency import together
from backend_adapters.hugegraph.errors import unknown_status
from backend_adapters.hugegraph.fetched_tasks import Found
from backend_adapters.hugegraph.id_blocks import WIDE_WINDOW, Blocks, end_of, tops_of
from backend_adapters.hugegraph.id_ranges import MOST_IDS, number_of, numbers_of
from backend_adapters.hugegraph.id_windows import MOST_WINDOWS, read_above, wider_windows
from backend_adapters.hugegraph.listing import ListBroke, first_tasks, read_list
from backend_adapters.hugegraph.pages import lost_note
from backend_adapters.model import Task

STATUSES_AT_ONCE = 4
"""Statuses that one refresh asks for."""

PAGE = 200
"""Tasks of a list that are read: the others are known, or above an edge, or come with a scan."""

_MOST_PAGES = 3
"""Pages of a status that are read while they bring nothing but known tasks."""

HOLES = 380
"""Ids below the top of a block that a first scan did not bring and that are asked for after it."""

_ASKED_AGAIN = 3
"""Refreshes that ask for an id that was not there although a higher one was: it may be stored late."""

_LATELY = 600_000
"""Milliseconds before the newest creation: a block whose top is older had no new task during the scan."""

_LEAST_ROOM = 40
"""Ids in windows that are asked for, however many tasks are unfinished."""

_IN_FLIGHT = 2
_CANARY_EVERY = 10
"""When nothing is unfinished, every so many refreshes also look at the newest known task."""

_TOPS_ASKED = 300


class ClusterRefresh:
    """Keeps the edges of the blocks between refreshes."""

    def __init__(
        self, link: Link, statuses: tuple[str, ...], wanted: Callable[[Task], bool] | None = None
    ) -> None:
        """`wanted` tells which of the tasks the source is about, where these are not all of the graph."""
        self._link = link
        self._statuses = list(statuses)
        self._wanted = wanted
        self._round = 0
        self._blocks = Blocks()
        self._holes: dict[int, int] = {}
        """Ids to ask for although higher ones are known, with the refreshes that still do."""
        self._scanned: dict[int, Task] = {}
        """The tasks that the scan under way has brought."""
        self._troubles: dict[str, str] = {}
        """Why statuses could not be listed to their ends when they were last asked for."""
        self._settled = False
        """A scan was completed: where the edges are is known."""

    def meet(self, tasks: Iterable[Task]) -> None:
        """Take note of tasks that a scan brings; what it skips meanwhile is not known before its end."""
        self._scanned |= {int(task.id): task for task in tasks}

    def settle(self) -> None:
        """A scan is complete: take its blocks as they are, and look once more at what it may have passed."""
        newest = max((task.created or 0 for task in self._scanned.values()), default=0)
        for block, top in sorted(tops_of(self._scanned).items()):
            if block in self._blocks.edges:
                # The windows reach what is above; a scan may have brought a part of it only.
                continue
            if (self._scanned[top].created or newest) >= newest - _LATELY:
                self._note_holes(block, top, self._scanned)
            self._blocks.rise(block, top)
        self._scanned = {}
        self._settled = True

    async def changes(self, known: KnownTasks) -> Changes:
        """What may have changed; see `Backend.changes`."""
        self._round += 1
        newest = number_of(known.newest) if known.newest is not None else None
        unfinished = numbers_of(known.unfinished)
        canary = [] if unfinished else self._canary(newest)
        looked = unfinished or canary
        # Of a part of the graph's tasks it tells nothing that none is known.
        empty = newest is None if self._wanted is None else not self._blocks.edges
        if self._settled and empty and not looked:
            return await self._first()
        # Before the ids: what a status shows then lies within what is asked for by ids.
        listed = await self._listed(set(looked))
        far = [*self._blocks.starts(), *self._blocks.feelers()] if self._settled else []
        room = max(_LEAST_ROOM, MOST_IDS - len(looked) - len(far))
        windows = self._blocks.windows(room) if self._settled else {}
        near = [number for window in windows.values() for number in window]
        canary = [number for number in canary if number not in listed.tasks]
        light = dict.fromkeys([*unfinished, *listed.tasks])
        guesses = dict.fromkeys(n for n in (*near, *far, *self._holes) if n not in light and n not in canary)
        found = self._link.believe_guesses(await self._link.by_ids(canary, light, guesses), near)
        above, whole = await self._above(windows, found.readable)
        tasks = found.tasks | above.tasks
        self._take_edges(found.readable | above.readable)
        missing = found.missing(looked)
        anew = len(missing) == len(looked) > 0 and await self._began_anew()
        # One that can't be read comes by its status as well as by its id.
        note = lost_note(max(found.lost + above.lost, listed.lost)) or " ".join(self._troubles.values())
        return Changes(tuple(tasks.values()), missing, stale=anew or not whole, note=note, scattered=True)

    async def _first(self) -> Changes:
        """The first tasks of a graph that had none: ids go on within the blocks of before it was emptied."""
        found, whole = await first_tasks(self._link, PAGE)
        for block, top in tops_of(found.tasks).items():
            self._blocks.place(block, top)
        return Changes(tuple(found.tasks.values()), stale=not whole, note=found.note, scattered=True)

    def _canary(self, newest: int | None) -> list[int]:
        """The newest known task now and then, so that ids that began anew are noticed in an idle graph.

        Not beside a request that may be as heavy.
        """
        due = self._round % _CANARY_EVERY == 0 and not self._link.busy
        return [newest] if newest is not None and due else []

    async def _listed(self, known: set[int]) -> Found:
        """The tasks that some of the statuses list."""
        jobs = [partial(self._of_status, status, known) for status in self._turn()]
        parts = await together(jobs, most=_IN_FLIGHT)
        tasks = {n: task for part in parts for n, task in part.tasks.items()}
        if self._wanted is not None:
            tasks = {n: task for n, task in tasks.items() if self._wanted(task)}
        return Found(tasks, sum(part.lost for part in parts))

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

    async def _of_status(self, status: str, known: set[int]) -> Found:
        """The first tasks of one status, and further pages while all of them are known.

        None where the server does not know the status, which is not asked for again. One of them that the
        server fails over hides the others of its status until the next scan.
        """
        tasks: dict[int, Task] = {}
        lost, pages = 0, 0
        try:
            async with aclosing(read_list(self._link, status, size=PAGE, again=False)) as blocks:
                async for block in blocks:
                    of_page = {int(task.id): task for task in block.tasks}
                    tasks |= of_page
                    lost, pages = lost + block.lost, pages + 1
                    if pages == _MOST_PAGES or not of_page.keys() <= known:
                        break
            self._troubles.pop(status, None)
        except Refused as error:
            if not unknown_status(error):
                raise
            self._statuses.remove(status)
        except ListBroke as broke:
            self._troubles[status] = f"Not all {status.lower()} tasks could be listed: {broke.error}"
        return Found(tasks, lost)

    async def _above(self, windows: Mapping[int, range], tasks: Collection[int]) -> tuple[Found, bool]:
        """The tasks above the windows of blocks with news, and whether these are all there are."""
        above: dict[int, Task] = {}
        lost, tickets = 0, iter(range(MOST_WINDOWS))
        for block, highest in tops_of(tasks).items() if self._settled else ():
            before = self._blocks.edge_of(block)
            if highest <= before:
                continue
            edge = windows[block][-1] if block in windows else before
            wider = wider_windows(edge, WIDE_WINDOW, end_of(block))
            more, whole = await read_above(self._link, highest, wider, tickets)
            above |= more.tasks
            lost += more.lost
            if not whole:
                return Found(above, lost), False
        return Found(above, lost), True

    def _take_edges(self, tasks: Collection[int]) -> None:
        """Let the edges rise to what was found, and keep asking for what was not there below them."""
        self._holes = {n: left - 1 for n, left in self._holes.items() if left > 1 and n not in tasks}
        for block, top in tops_of(tasks).items() if self._settled else ():
            self._note_holes(block, top, tasks)
            self._blocks.rise(block, top)

    def _note_holes(self, block: int, top: int, tasks: Collection[int]) -> None:
        """Ask again for the ids between a block's edge and its new top that are not among these tasks."""
        below = range(max(self._blocks.edge_of(block) + 1, top - HOLES), top)
        self._holes |= dict.fromkeys((number for number in below if number not in tasks), _ASKED_AGAIN)

    async def _began_anew(self) -> bool:
        """Whether none of the highest tasks of the blocks exists any more; then all of it is forgotten."""
        tops = sorted(self._blocks.edges.values(), reverse=True)[:_TOPS_ASKED]
        if not tops:
            return False
        found = await self._link.by_ids(tops, sure=False)
        if found.readable or found.lost or found.skipped:
            return False
        self._link.forget_ids()
        self._blocks, self._holes, self._settled = Blocks(), {}, False
        return True
