"""One task's input and result, fetched when a person looks at it, and dropped when they look elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, TypeAlias

from backend_adapters.backend import Backend, TextPart
from backend_adapters.errors import BackendError
from backend_adapters.model import TaskDetail, TaskId

CAP = 64 * 1024 * 1024
"""Bytes of one detail that are read at the most."""

Spawn: TypeAlias = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
"""Starts work in the background."""


class Details:
    """Fetches the detail of one task at a time; a newer wish ends an older one."""

    def __init__(self, backend: Backend, *, cap: int = CAP, spawn: Spawn = asyncio.create_task) -> None:
        self._backend = backend
        self._cap = cap
        self._spawn = spawn
        self._fetch: asyncio.Task[None] | None = None

    def fetch(
        self,
        task_id: TaskId,
        *,
        done: Callable[[TaskDetail], None],
        failed: Callable[[BackendError], None],
        progress: Callable[[int], None],
    ) -> None:
        """Fetch a task's detail; exactly one of `done` and `failed` is called, unless it is dropped."""
        self.drop()

        async def fetch() -> None:
            try:
                detail = await self.read(task_id, progress)
            except BackendError as error:
                failed(error)
            else:
                done(detail)

        self._fetch = self._spawn(fetch())

    async def read(self, task_id: TaskId, progress: Callable[[int], None] | None = None) -> TaskDetail:
        """Read a task's detail now. Raises BackendError."""
        return await self._backend.detail(task_id, cap=self._cap, progress=progress)

    def stream(self, task_id: TaskId, part: TextPart) -> AsyncGenerator[bytes, None]:
        """A text of a task, whole, as UTF-8 and as the server sends it. Raises BackendError."""
        return self._backend.stream(task_id, part)

    def drop(self) -> None:
        """End the fetch under way, if there is one; its reply is thrown away."""
        if self._fetch is not None:
            self._fetch.cancel()
            self._fetch = None
