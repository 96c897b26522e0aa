"""Keeps the newest rows of a place for the next session: seldom, off the loop, and never while it is ill."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from heapq import nlargest
from itertools import islice
from threading import Lock

from backend_adapters.backend import Backend
from backend_adapters.errors import BackendError, NoSuchGraph, NotAllowed
from backend_adapters.model import FINISHED, Task
from tui.monitor.clock import Clock
from tui.monitor.cooperative import LoopYielder, Steps, run_at_once
from tui.monitor.health import Health, Phase
from tui.monitor.id_order import natural_key
from tui.monitor.rows_file import ROWS_MOST, ROWS_VERSION, KeptRows, RowsFile, make_kept_row
from tui.monitor.store import Store
from tui.monitor.view import VIEW_SLICE, Shape, View

KEEP_FIRST, KEEP_EVERY = 5.0, 60.0
"""Seconds until rows are kept for the first time, and between two times at which changed ones are."""
CHOSEN_AT_ONCE = 2_000
"""Tasks of one of several places that are looked at in one step when a session ends early: 5 ms."""
UNFINISHED_MOST = ROWS_MOST // 2
"""Unfinished tasks that are kept where there are enough others."""

_USUAL = Shape()
"""How a screen begins: what runs, what waits, then what is newest."""


class RowsKeeper:
    """Writes the newest rows of a place into its file."""

    def __init__(
        self,
        file: RowsFile,
        backend: Backend,
        store: Store,
        view: View | None,
        *,
        clock: Clock,
        health: Callable[[], Health],
    ) -> None:
        """`view` shows the rows of the place; None where it also shows those of others."""
        self.file = file
        self._backend = backend
        self._store = store
        self._view = view
        self._clock = clock
        self._health = health
        self._chosen: tuple[Task, ...] = ()
        self._written: tuple[Task, ...] = ()
        self._error: BackendError | None = None
        self._writing = Lock()
        """Held while the file is written or removed."""

    async def run(self) -> None:
        """Keep the rows from time to time, where they have changed, until cancelled."""
        while True:
            await self._clock.sleep(KEEP_FIRST)
            if await self.keep_changed():
                # Also where nothing has changed: to find that out, all tasks may have been looked at.
                await self._clock.sleep(KEEP_EVERY - KEEP_FIRST)

    async def keep_changed(self) -> bool:
        """Keep the rows where they have changed; false while they may not be what the server has."""
        if not self._is_live:
            return False
        rows = await self._choose_rows()
        if rows != self._written:
            self._chosen = self._written = rows
            await asyncio.to_thread(self._write_if_newest, rows, self._health())
        return True

    def _write_if_newest(self, rows: tuple[Task, ...], health: Health) -> None:
        """Write rows beside the event loop, unless others were kept or all were forgotten meanwhile."""
        with self._writing:
            if rows is self._written:
                self._write_rows(rows, health)

    def keep_now(self) -> None:
        """Keep the rows as they are at the end of a session."""
        if not self._is_live:
            return
        rows = self._choose_at_once()
        if rows or (self._health().is_complete and not len(self._store)):
            self._written = rows
            with self._writing:
                self._write_rows(rows, self._health())

    def follow_error(self, error: BackendError | None) -> None:
        """Forget the rows whenever the server begins to say that they are not to be seen."""
        before, self._error = self._error, error
        if error is not before and isinstance(error, (NotAllowed, NoSuchGraph)):
            self.forget()

    def forget(self) -> None:
        """Remove what was kept, because it is not to be seen; what comes after that is kept again."""
        self._written = ()
        with self._writing:
            self.file.remove()

    @property
    def _is_live(self) -> bool:
        """Whether the rows are what the server has told, the newest among them."""
        health = self._health()
        is_well = health.error is None and health.phase in (Phase.LIVE, Phase.PAUSED)
        return is_well and health.begun and health.last_ok is not None

    def _write_rows(self, tasks: Iterable[Task], health: Health) -> None:
        rows = tuple(make_kept_row(task) for task in tasks)
        source, info = self._backend.source, health.info
        if not rows or info is None or health.last_ok is None:
            self.file.remove()
            return
        self.file.write(
            KeptRows(
                version=ROWS_VERSION,
                as_of=health.last_ok,
                dialect=source.dialect,
                graph=source.graph,
                graphspace=source.graphspace,
                has_graphs=info.capabilities.has_graphs,
                noun=info.capabilities.noun,
                rows=rows,
            )
        )

    # Which rows.

    async def _choose_rows(self) -> tuple[Task, ...]:
        """The newest rows as a screen begins with them, whatever is filtered and sorted now."""
        if self._view is not None and self._view.shape == _USUAL:
            return _take_top(self._view)
        return await LoopYielder().run_steps(self._choose_in_steps())

    def _choose_in_steps(self) -> Steps[tuple[Task, ...]]:
        now, tasks = self._store.now(), list(self._store.tasks.values())
        best: dict[bool, list[Task]] = {True: [], False: []}
        for start in range(0, len(tasks), VIEW_SLICE):
            part = tasks[start : start + VIEW_SLICE]
            for ended, kept in best.items():
                mine = [*kept, *(task for task in part if (task.status in FINISHED) is ended)]
                order = [natural_key(task.id) for task in mine]
                entries = zip(_USUAL.make_keys(mine, now), order, mine, strict=True)
                best[ended] = [entry[2] for entry in nlargest(ROWS_MOST, entries)]
            yield
        return _join_rows(best[False], best[True])

    def _choose_at_once(self) -> tuple[Task, ...]:
        """The same without looking at all tasks: those that were chosen last, as they are now."""
        if self._view is not None and self._view.shape == _USUAL:
            return _take_top(self._view)
        known = self._store.tasks
        if self._view is None and not self._chosen and len(known) <= CHOSEN_AT_ONCE:
            return run_at_once(self._choose_in_steps())
        return tuple(known[task.id] for task in self._chosen if task.id in known)


def _take_top(view: View) -> tuple[Task, ...]:
    unfinished = view.running_rows + view.waiting_rows
    on_top = list(islice(view, min(unfinished, ROWS_MOST)))
    ended = [view[row] for row in range(unfinished, min(len(view), unfinished + ROWS_MOST))]
    return _join_rows(on_top, ended)


def _join_rows(unfinished: list[Task], ended: list[Task]) -> tuple[Task, ...]:
    """As many of both as are kept."""
    unfinished = unfinished[: max(UNFINISHED_MOST, ROWS_MOST - len(ended))]
    return (*unfinished, *ended[: ROWS_MOST - len(unfinished)])
