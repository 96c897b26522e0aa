"""Why tasks failed: the first line of each failed task on the screen, read once, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from backend_adapters.backend import Backend
from backend_adapters.errors import (
    OUT_OF_MEMORY_PHRASES,
    BackendError,
    BadAnswer,
    NoSuchTask,
    Refused,
    ServerFault,
    Unreadable,
)
from backend_adapters.model import FAILURES, Task, TaskDetail, TaskId
from tui.monitor.clock import Clock
from tui.monitor.document.loading import read_document
from tui.monitor.store import Change, Store
from tui.monitor.stuck import SERVER_LOST

HEADLINE_BYTES = 32 * 1024
"""Bytes of a detail that are read: the text of a failure begins with what matters."""
READ_PAUSE = 0.1
"""Seconds between two reads, so that polls and people never have to wait for them."""
READY_PAUSE = 1.0
"""Seconds between two checks whether the server can be asked."""
HEADLINES_KEPT = 5_000
"""Reasons that are kept; beyond that those that were read first are forgotten."""


class FailureHeadlines:
    """Reads the reasons of failures into the tasks of a store, where they stay until the id is reused.

    While `ready` says no, nothing is read: a server in trouble has enough to do.
    """

    def __init__(
        self,
        backend: Backend,
        store: Store,
        *,
        clock: Clock,
        on_changes: Callable[[Sequence[Change]], None],
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self._backend = backend
        self._store = store
        self._clock = clock
        self._on_changes = on_changes
        self._ready = ready
        self._kept: dict[TaskId, Task] = {}
        """The tasks whose reasons were read, the first one first."""
        self._wanted: dict[TaskId, Task] = {}
        self._wish = asyncio.Event()

    def find_out_of_memory(self, task: Task) -> TaskId | None:
        """A task that ran out of memory on the same server after this one began."""
        began = task.updated or task.created or 0
        for task_id in self._kept:
            other = self._store.tasks.get(task_id)
            if other is None or other.server != task.server or (other.updated or 0) < began:
                continue
            if any(sign in (other.reason or "") for sign in OUT_OF_MEMORY_PHRASES):
                return other.id
        return None

    def learn_from(self, detail: TaskDetail) -> None:
        """Take the reason from a detail that was read for another purpose."""
        reason = read_headline(detail)
        if reason and detail.task.id in self._store.unread_reasons:
            self._remember(detail.task, reason)

    def set_wanted(self, tasks: Iterable[Task]) -> None:
        """Set the tasks on the screen, whose reasons are to be read; earlier ones no longer are."""
        self._wanted = {task.id: task for task in tasks if task.id in self._store.unread_reasons}
        if self._wanted:
            self._wish.set()

    async def run(self) -> None:
        """Read the wanted reasons, one by one, until cancelled."""
        while True:
            await self._wish.wait()
            while self._wanted:
                if not self._ready():
                    await self._clock.sleep(READY_PAUSE)
                    continue
                task = next(iter(self._wanted.values()))
                await self._read_detail(task)
                # Not before: a redraw may have asked for it again while it was being read.
                self._wanted.pop(task.id, None)
                await self._clock.sleep(READ_PAUSE)
            self._wish.clear()

    async def _read_detail(self, task: Task) -> None:
        try:
            detail = await self._backend.detail(task.id, cap=HEADLINE_BYTES)
        except (NoSuchTask, Refused, ServerFault, BadAnswer, Unreadable):
            # A problem with this task alone: asked for at each redraw, it would block the others.
            self._remember(task, "")
        except BackendError:
            # The poll reports what is wrong with the server; the next redraw asks again.
            self._wanted.clear()
        else:
            self._remember(task, read_headline(detail))

    def _remember(self, task: Task, reason: str) -> None:
        changes = [self._store.set_reason(task, reason)]
        self._kept.pop(task.id, None)
        self._kept[task.id] = task
        while len(self._kept) > HEADLINES_KEPT:
            changes.append(self._store.set_reason(self._kept.pop(next(iter(self._kept))), None))
        if found := [change for change in changes if change is not None]:
            self._on_changes(found)


def read_headline(detail: TaskDetail) -> str:
    """The headline of a failure; empty where the task has not failed, or says nothing of it."""
    if detail.lost:
        return SERVER_LOST
    if detail.task.status not in FAILURES or not detail.result:
        return ""
    return read_document(detail.result[:HEADLINE_BYTES], "error").headline
