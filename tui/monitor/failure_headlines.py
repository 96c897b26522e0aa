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
"""Bytes of a detail that are read: the text of a failure begins with what matters."""
READ_PAUSE = 0.1
"""Seconds between two reads, so that polls and people never have to wait for them."""
READY_PAUSE = 1.0
"""Seconds between two checks whether the server can be asked."""
HEADLINES_KEPT = 5_000


class FailureHeadlines:
    """Headlines of failures by task, valid as long as the id isn't reused.

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
        """The headline of a task's failure; empty if unknown."""
        known, headline = self._known.get(task.id, (task, ""))
        return "" if is_different_task(known, task) else headline

    def is_server_lost(self, task: Task) -> bool:
        """Whether a task's server was probably lost, so that its duration is unknown."""
        return self.get(task) == SERVER_LOST

    def find_out_of_memory(self, task: Task) -> TaskId | None:
        """A task that ran out of memory on the same server after this one began."""
        began = task.updated or task.created or 0
        for other, words in self._known.values():
            beside = other.server == task.server and (other.updated or 0) >= began
            if beside and any(sign in words for sign in OUT_OF_MEMORY_PHRASES):
                return other.id
        return None

    def learn_from(self, detail: TaskDetail) -> None:
        """Take the headline from a detail that was read for another purpose."""
        if detail.lost:
            self._remember(detail.task, SERVER_LOST)
        elif detail.task.status is TaskStatus.FAILED and detail.result:
            self._remember(detail.task, read_document(detail.result[:HEADLINE_BYTES], "error").headline)

    def set_wanted(self, tasks: Iterable[Task]) -> None:
        """Set the tasks on the screen, whose headlines are to be read; earlier ones no longer are."""
        self._wanted = {
            task.id: task for task in tasks if task.status is TaskStatus.FAILED and not self._is_known(task)
        }
        if self._wanted:
            self._wish.set()

    def _is_known(self, task: Task) -> bool:
        known = self._known.get(task.id)
        return known is not None and not is_different_task(known[0], task)

    async def run(self) -> None:
        """Read the wanted headlines, one by one, until cancelled."""
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
            self._remember(task, "")
            self.learn_from(detail)
            self._on_reason()

    def _remember(self, task: Task, headline: str) -> None:
        while len(self._known) >= HEADLINES_KEPT:
            del self._known[next(iter(self._known))]
        self._known[task.id] = (task, headline)
