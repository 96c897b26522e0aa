"""The full scan: reads everything in the background, at the start and seldom after that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from backend_adapters.backend import Backend, Batch
from backend_adapters.errors import BackendError
from backend_adapters.model import FINISHED, Millis
from tui.monitor.clock import Clock
from tui.monitor.health import HealthState
from tui.monitor.store import Store
from tui.monitor.task_reader import TaskReader

SCAN_EVERY, SCAN_SHARE = 600.0, 100
"""Seconds until a full scan is repeated, and how many times its own length this is at the least."""
SCATTERED_EVERY, SCATTERED_SHARE = 10.0, 40
"""The same where new tasks may come up where no poll looks for them, and after a scan that was not whole."""


class FullScan:
    """One scan at a time; `on_failure` is called when one has failed, and `collect` raises why."""

    def __init__(
        self,
        backend: Backend,
        store: Store,
        reader: TaskReader,
        health: HealthState,
        *,
        clock: Clock,
        on_failure: Callable[[], None],
    ) -> None:
        self.is_needed = True
        """The next refresh begins one, however long ago the last one was."""
        self._backend = backend
        self._store = store
        self._reader = reader
        self._health = health
        self._clock = clock
        self._on_failure = on_failure
        self._ended = self._length = 0.0
        self._first_batch = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether one was begun and its end not yet collected."""
        return self._task is not None

    @property
    def is_due(self) -> bool:
        """Whether it is time for one."""
        health = self._health.health
        every, share = SCAN_EVERY, SCAN_SHARE
        if health.scattered or health.partial:
            every, share = SCATTERED_EVERY, SCATTERED_SHARE
        return self.is_needed or self._clock.monotonic() >= self._ended + max(every, share * self._length)

    async def begin(self) -> None:
        """Start one in the background and wait for its first tasks: a poll builds on the newest id."""
        self.is_needed = False
        self._first_batch.clear()
        self._task = asyncio.create_task(self._read_all(), name="graphtop scan")
        self._task.add_done_callback(lambda _: self._first_batch.set())
        await self._first_batch.wait()

    def collect(self) -> None:
        """Put one away that has ended. Raises what it failed with."""
        if self._task is not None and self._task.done():
            task, self._task = self._task, None
            if task.cancelled():
                # Passed on, it would end the polls as if they had been cancelled, and nobody would know why.
                raise RuntimeError("The full scan was cancelled from within.")
            task.result()

    async def stop(self) -> None:
        """End one that is running; what it has not brought is not known."""
        if self._task is not None:
            task, self._task = self._task, None
            self.is_needed = True
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _read_all(self) -> None:
        try:
            await self._read_batches()
        except BackendError:
            self.is_needed = True
            self._on_failure()
            raise
        finally:
            self._health.update(scanning=False)

    async def _read_batches(self) -> None:
        """Read everything, then look again at what the scan did not bring before it is called gone."""
        started, began = self._clock.monotonic(), self._store.take_ticket()
        suspects = set(self._store.tasks)
        self._health.update(scanning=True)
        note = partial = ""
        async with aclosing(self._backend.snapshot(in_parts=True)) as batches:
            async for batch in batches:
                await self._reader.apply_scan(batch.tasks, began)
                if suspects:
                    suspects.difference_update([task.id for task in batch.tasks])
                if batch.is_part:
                    continue
                if not batch.has_newest:
                    self._health.update(scattered=True)
                if batch.partial:
                    partial = batch.partial
                    self._health.update(partial=partial)
                if batch.note:
                    self._health.notes["scan"] = note = batch.note
                if not self._first_batch.is_set():
                    self._health.update(begun=True, complete_after=find_complete_after(batch))
                    self._first_batch.set()
        if suspects:
            await self._reader.look_at(suspects, urgent=False)
        self._store.finish_scan(began)
        self._ended = self._clock.monotonic()
        self._length = self._ended - started
        self._health.notes = {"scan": note}
        self._health.update(begun=True, scanned=True, partial=partial)


def find_complete_after(first: Batch) -> Millis | None:
    """When the oldest finished task of a first batch was created: no later batch has one created after it.

    None where the batch doesn't tell. What later batches or polls bring says nothing about this: a list may
    begin with the oldest tasks, and one that ran for long may just have ended.
    """
    if not first.has_newest:
        return None
    ended = (task.created for task in first.tasks if task.status in FINISHED and task.created is not None)
    return min(ended, default=None)
