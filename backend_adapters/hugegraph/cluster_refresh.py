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
from backend_adapters.concurrency import run_together
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.error_replies import UnknownStatus
from backend_adapters.hugegraph.fetched_tasks import FetchedTasks
from backend_adapters.hugegraph.id_blocks import WIDE_WINDOW, IdBlocks, highest_id_per_block, last_id_of_block
from backend_adapters.hugegraph.id_ranges import MOST_IDS, parse_id_number, parse_id_numbers
from backend_adapters.hugegraph.id_reader import read_tasks_by_id, trust_near_guesses
from backend_adapters.hugegraph.id_windows import MOST_WINDOWS, read_above, widen_windows
from backend_adapters.hugegraph.listing import ListInterrupted, read_first_tasks, read_list
from backend_adapters.hugegraph.pages import unread_records_note
from backend_adapters.model import Task

STATUSES_AT_ONCE = 4
"""Statuses that one refresh asks for."""

STATUS_PAGE_SIZE = 200
"""Tasks of a list that are read: the others are known, or above an edge, or come with a scan."""

_MOST_STATUS_PAGES = 3
"""Pages of a status that are read while they bring nothing but known tasks."""

MOST_GAPS = 380
"""Ids below the top of a block that a first scan did not bring and that are asked for after it."""

_GAP_RETRIES = 3
"""Refreshes that ask for an id that was not there although a higher one was: it may be stored late."""

_LATELY = 600_000
"""Milliseconds before the newest creation: a block whose top is older had no new task during the scan."""

_LEAST_ROOM = 40
"""Ids in windows that are asked for, however many tasks are unfinished."""

_IN_FLIGHT = 2
_PROBE_NEWEST_EVERY = 10
"""When nothing is unfinished, every so many refreshes also look at the newest known task."""

_MOST_TOPS = 300


class ClusterRefresh:
    """Keeps the edges of the blocks between refreshes."""

    def __init__(
        self, client: HugeGraphClient, statuses: tuple[str, ...], wanted: Callable[[Task], bool] | None = None
    ) -> None:
        """`wanted` tells which of the tasks the source is about, where these are not all of the graph."""
        self._client = client
        self._statuses = list(statuses)
        self._is_wanted = wanted
        self._round = 0
        self._blocks = IdBlocks()
        self._gaps: dict[int, int] = {}
        """Ids to ask for although higher ones are known, with the refreshes that still do."""
        self._scanned: dict[int, Task] = {}
        """The tasks that the scan under way has brought."""
        self._status_errors: dict[str, str] = {}
        """Why statuses could not be listed to their ends when they were last asked for."""
        self._was_scanned = False
        """A scan was completed: where the edges are is known."""

    def note_tasks(self, tasks: Iterable[Task]) -> None:
        """Take note of tasks that a scan brings; what it skips meanwhile is not known before its end."""
        self._scanned |= {int(task.id): task for task in tasks}

    def finish_scan(self) -> None:
        """A scan is complete: take its blocks as they are, and look once more at what it may have passed."""
        newest = max((task.created or 0 for task in self._scanned.values()), default=0)
        for block, top in sorted(highest_id_per_block(self._scanned).items()):
            if block in self._blocks.edges:
                # The windows reach what is above; a scan may have brought a part of it only.
                continue
            if (self._scanned[top].created or newest) >= newest - _LATELY:
                self._note_gaps(block, top, self._scanned)
            self._blocks.raise_edge(block, top)
        self._scanned = {}
        self._was_scanned = True

    async def find_changes(self, known: KnownTasks) -> Changes:
        """What may have changed; see `Backend.changes`."""
        self._round += 1
        newest = parse_id_number(known.newest) if known.newest is not None else None
        unfinished = parse_id_numbers(known.unfinished)
        probe = [] if unfinished else self._probe_newest(newest)
        asked = unfinished or probe
        # Of a part of the graph's tasks it tells nothing that none is known.
        empty = newest is None if self._is_wanted is None else not self._blocks.edges
        if self._was_scanned and empty and not asked:
            return await self._read_first_tasks()
        # Before the ids: what a status shows then lies within what is asked for by ids.
        listed = await self._list_statuses(set(asked))
        far = [*self._blocks.block_start_ids(), *self._blocks.sparse_probe_ids()] if self._was_scanned else []
        room = max(_LEAST_ROOM, MOST_IDS - len(asked) - len(far))
        windows = self._blocks.windows_above_edges(room) if self._was_scanned else {}
        near = [number for window in windows.values() for number in window]
        probe = [number for number in probe if number not in listed.tasks]
        light = dict.fromkeys([*unfinished, *listed.tasks])
        guesses = dict.fromkeys(n for n in (*near, *far, *self._gaps) if n not in light and n not in probe)
        found = trust_near_guesses(
            self._client, await read_tasks_by_id(self._client, probe, light, guesses), near
        )
        above, whole = await self._read_above_windows(windows, found.readable_tasks)
        tasks = found.tasks | above.tasks
        self._raise_edges(found.readable_tasks | above.readable_tasks)
        missing = found.missing_ids(asked)
        anew = len(missing) == len(asked) > 0 and await self._has_restarted()
        # One that can't be read comes by its status as well as by its id.
        note = unread_records_note(
            max(found.unidentified + above.unidentified, listed.unidentified)
        ) or " ".join(self._status_errors.values())
        return Changes(tuple(tasks.values()), missing, stale=anew or not whole, note=note, scattered=True)

    async def _read_first_tasks(self) -> Changes:
        """The first tasks of a graph that had none: ids go on within the blocks of before it was emptied."""
        found, whole = await read_first_tasks(self._client, STATUS_PAGE_SIZE)
        for block, top in highest_id_per_block(found.tasks).items():
            self._blocks.set_edge(block, top)
        return Changes(tuple(found.tasks.values()), stale=not whole, note=found.note, scattered=True)

    def _probe_newest(self, newest: int | None) -> list[int]:
        """The newest known task now and then, so that ids that began anew are noticed in an idle graph.

        Not beside a request that may be as heavy.
        """
        due = self._round % _PROBE_NEWEST_EVERY == 0 and not self._client.is_busy
        return [newest] if newest is not None and due else []

    async def _list_statuses(self, known: set[int]) -> FetchedTasks:
        """The tasks that some of the statuses list."""
        jobs = [partial(self._list_status, status, known) for status in self._statuses_of_round()]
        parts = await run_together(jobs, most=_IN_FLIGHT)
        tasks = {n: task for part in parts for n, task in part.tasks.items()}
        if self._is_wanted is not None:
            tasks = {n: task for n, task in tasks.items() if self._is_wanted(task)}
        return FetchedTasks(tasks, sum(part.unidentified for part in parts))

    def _statuses_of_round(self) -> list[str]:
        """The statuses of this refresh.

        Each of the first seven comes round within two refreshes; the others, which only tasks that were
        known before can have, share one place.
        """
        often, seldom = self._statuses[:7], self._statuses[7:]
        if self._round % 2 == 1:
            return often[:STATUSES_AT_ONCE]
        extra = [seldom[self._round // 2 % len(seldom)]] if seldom else []
        return [*often[STATUSES_AT_ONCE:], *extra]

    async def _list_status(self, status: str, known: set[int]) -> FetchedTasks:
        """The first tasks of one status, and further pages while all of them are known.

        None where the server does not know the status, which is not asked for again. One of them that the
        server fails over hides the others of its status until the next scan.
        """
        tasks: dict[int, Task] = {}
        lost, pages = 0, 0
        try:
            async with aclosing(
                read_list(self._client, status, size=STATUS_PAGE_SIZE, again=False)
            ) as blocks:
                async for block in blocks:
                    of_page = {int(task.id): task for task in block.tasks}
                    tasks |= of_page
                    lost, pages = lost + block.unidentified, pages + 1
                    if pages == _MOST_STATUS_PAGES or not of_page.keys() <= known:
                        break
            self._status_errors.pop(status, None)
        except UnknownStatus:
            self._statuses.remove(status)
        except ListInterrupted as broke:
            self._status_errors[status] = f"Not all {status.lower()} tasks could be listed: {broke.error}"
        return FetchedTasks(tasks, lost)

    async def _read_above_windows(
        self, windows: Mapping[int, range], tasks: Collection[int]
    ) -> tuple[FetchedTasks, bool]:
        """The tasks above the windows of blocks with news, and whether these are all there are."""
        above: dict[int, Task] = {}
        lost, tickets = 0, iter(range(MOST_WINDOWS))
        for block, highest in highest_id_per_block(tasks).items() if self._was_scanned else ():
            before = self._blocks.edge_of(block)
            if highest <= before:
                continue
            edge = windows[block][-1] if block in windows else before
            wider = widen_windows(edge, WIDE_WINDOW, last_id_of_block(block))
            more, whole = await read_above(self._client, highest, wider, tickets)
            above |= more.tasks
            lost += more.unidentified
            if not whole:
                return FetchedTasks(above, lost), False
        return FetchedTasks(above, lost), True

    def _raise_edges(self, tasks: Collection[int]) -> None:
        """Let the edges rise to what was found, and keep asking for what was not there below them."""
        self._gaps = {n: left - 1 for n, left in self._gaps.items() if left > 1 and n not in tasks}
        for block, top in highest_id_per_block(tasks).items() if self._was_scanned else ():
            self._note_gaps(block, top, tasks)
            self._blocks.raise_edge(block, top)

    def _note_gaps(self, block: int, top: int, tasks: Collection[int]) -> None:
        """Ask again for the ids between a block's edge and its new top that are not among these tasks."""
        below = range(max(self._blocks.edge_of(block) + 1, top - MOST_GAPS), top)
        self._gaps |= dict.fromkeys((number for number in below if number not in tasks), _GAP_RETRIES)

    async def _has_restarted(self) -> bool:
        """Whether none of the highest tasks of the blocks exists any more; then all of it is forgotten."""
        tops = sorted(self._blocks.edges.values(), reverse=True)[:_MOST_TOPS]
        if not tops:
            return False
        found = await read_tasks_by_id(self._client, tops, sure=False)
        if found.readable_tasks or found.unidentified or found.skipped:
            return False
        self._client.forget_ids()
        self._blocks, self._gaps, self._was_scanned = IdBlocks(), {}, False
        return True
