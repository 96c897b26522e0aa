"""Why tasks failed: the first line of each failed task on the screen, read once, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

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
from backend_adapters.model import Task, TaskDetail, TaskId, TaskStatus, is_different_task
from tui.monitor.clock import Clock
from tui.monitor.document.loading import read_document
from tui.monitor.stuck import SERVER_LOST

HEADLINE_BYTES = 32 * 1024
"""Bytes of a detail that are read: a failure's text begins with what matters."""
READ_PAUSE = 0.1
"""Seconds between two reads: this must never be in the way of a poll or of a person."""
READY_PAUSE = 1.0
"""Seconds after which it is asked again whether the server can be read from."""
HEADLINES_KEPT = 5_000


class FailureHeadlines:
    """Headlines of failures by task, kept while the task is the one they were read for.

    While `ready` says no, nothing is read: a server in trouble has enough to do.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        clock: Clock,
        on_reason: Callable[[], None],
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self._backend = backend
        self._clock = clock
        self._on_reason = on_reason
        self._ready = ready
        self._known: dict[TaskId, tuple[Task, str]] = {}
        self._wanted: dict[TaskId, Task] = {}
        self._wish = asyncio.Event()

    def get(self, task: Task) -> str:
        """The headline of a task's failure, empty where it is not known."""
        known, headline = self._known.get(task.id, (task, ""))
        return "" if is_different_task(known, task) else headline

    def is_server_lost(self, task: Task) -> bool:
        """Whether a task's server was probably lost, so that nobody knows how long it ran."""
        return self.get(task) == SERVER_LOST

    def find_out_of_memory(self, task: Task) -> TaskId | None:
        """A task known to have failed for want of memory on the server of this one, after it began."""
        began = task.updated or task.created or 0
        for other, words in self._known.values():
            beside = other.server == task.server and (other.updated or 0) >= began
            if beside and any(sign in words for sign in OUT_OF_MEMORY_PHRASES):
                return other.id
        return None

    def learn_from(self, detail: TaskDetail) -> None:
        """Take the headline from a detail that was read anyway."""
        if detail.lost:
            self._remember(detail.task, SERVER_LOST)
        elif detail.task.status is TaskStatus.FAILED and detail.result:
            self._remember(detail.task, read_document(detail.result[:HEADLINE_BYTES], "error").headline)

    def set_wanted(self, tasks: Iterable[Task]) -> None:
        """These tasks are on the screen; what was wanted before and was not read yet no longer is."""
        self._wanted = {
            task.id: task for task in tasks if task.status is TaskStatus.FAILED and not self._is_known(task)
        }
        if self._wanted:
            self._wish.set()

    def _is_known(self, task: Task) -> bool:
        known = self._known.get(task.id)
        return known is not None and not is_different_task(known[0], task)

    async def run(self) -> None:
        """Read what is wanted, one by one, until cancelled."""
        while True:
            await self._wish.wait()
            while self._wanted:
                if not self._ready():
                    await self._clock.sleep(READY_PAUSE)
                    continue
                task = next(iter(self._wanted.values()))
                await self._read_detail(task)
                # Only now: the screen may have been drawn, and it wanted again, while it was being read.
                self._wanted.pop(task.id, None)
                await self._clock.sleep(READ_PAUSE)
            self._wish.clear()

    async def _read_detail(self, task: Task) -> None:
        try:
            detail = await self._backend.detail(task.id, cap=HEADLINE_BYTES)
        except (NoSuchTask, Refused, ServerFault, BadAnswer, Unreadable):
            # This task's own trouble: asked for again at each drawing, it would stand before the others.
            self._remember(task, "")
        except BackendError:
            # The poll says what is wrong with the server; this asks again when the screen is drawn again.
            self._wanted.clear()
        else:
            self._remember(task, "")
            self.learn_from(detail)
            self._on_reason()

    def _remember(self, task: Task, headline: str) -> None:
        while len(self._known) >= HEADLINES_KEPT:
            del self._known[next(iter(self._known))]
        self._known[task.id] = (task, headline)
