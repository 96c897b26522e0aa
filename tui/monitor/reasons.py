"""Why tasks failed: the first line of each failed task on the screen, read once, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from backend_adapters.backend import Backend
from backend_adapters.errors import BackendError, BadAnswer, NoSuchTask, Refused, ServerFault
from backend_adapters.model import Millis, Task, TaskDetail, TaskId, TaskStatus
from tui.monitor.clock import Clock
from tui.monitor.document import read

CAP = 32 * 1024
"""Bytes of a detail that are read: a failure's text begins with what matters."""
APART = 0.1
"""Seconds between two reads: this must never be in the way of a poll or of a person."""
KEPT = 5_000


class Reasons:
    """Headlines of failures by task, kept while the task is the one they were read for."""

    def __init__(self, backend: Backend, *, clock: Clock, on_reason: Callable[[], None]) -> None:
        self._backend = backend
        self._clock = clock
        self._on_reason = on_reason
        self._known: dict[TaskId, tuple[Millis | None, str]] = {}
        self._wanted: dict[TaskId, Task] = {}
        self._wish = asyncio.Event()

    def get(self, task: Task) -> str:
        """The headline of a task's failure, empty where it is not known."""
        created, headline = self._known.get(task.id, (None, ""))
        return headline if created == task.created else ""

    def learn(self, detail: TaskDetail) -> None:
        """Take the headline from a detail that was read anyway."""
        if detail.task.status is TaskStatus.FAILED and detail.result:
            document = read(detail.result[:CAP], "error", truncated=len(detail.result) > CAP)
            self._keep(detail.task, document.headline)

    def want(self, tasks: Iterable[Task]) -> None:
        """These tasks are on the screen; what was wanted before and was not read yet no longer is."""
        self._wanted = {
            task.id: task
            for task in tasks
            if task.status is TaskStatus.FAILED and self._known.get(task.id, ("", ""))[0] != task.created
        }
        if self._wanted:
            self._wish.set()

    async def run(self) -> None:
        """Read what is wanted, one by one, until cancelled."""
        while True:
            await self._wish.wait()
            while self._wanted:
                task = next(iter(self._wanted.values()))
                await self._read(task)
                # Only now: the screen may have been drawn, and it wanted again, while it was being read.
                self._wanted.pop(task.id, None)
                await self._clock.sleep(APART)
            self._wish.clear()

    async def _read(self, task: Task) -> None:
        try:
            detail = await self._backend.detail(task.id, cap=CAP)
        except (NoSuchTask, Refused, ServerFault, BadAnswer):
            # This task's own trouble: asked for again at each drawing, it would stand before the others.
            self._keep(task, "")
        except BackendError:
            # The poll says what is wrong with the server; this asks again when the screen is drawn again.
            self._wanted.clear()
        else:
            self._keep(task, "")
            self.learn(detail)
            self._on_reason()

    def _keep(self, task: Task, headline: str) -> None:
        while len(self._known) >= KEPT:
            del self._known[next(iter(self._known))]
        self._known[task.id] = (task.created, headline)
