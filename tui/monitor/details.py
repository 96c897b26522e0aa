"""One task's input and result, fetched while a person looks at it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from io import BytesIO
from typing import Any, NamedTuple, TypeAlias, TypeVar

from backend_adapters.backend import Backend
from backend_adapters.errors import BackendError
from backend_adapters.model import TaskDetail, TaskId

DETAIL_BYTES = 64 * 1024 * 1024
"""The most bytes of one detail that are read."""

Spawn: TypeAlias = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
"""Starts work in the background."""

_T = TypeVar("_T")


class CutText(NamedTuple):
    """A text, cut at the limit."""

    content: bytes
    cut: bool
    """Whether there was more."""


class Details:
    """Fetches the detail of one task at a time; a newer request cancels an older one."""

    def __init__(
        self, backend: Backend, *, cap: int = DETAIL_BYTES, spawn: Spawn = asyncio.create_task
    ) -> None:
        self._backend = backend
        self._cap = cap
        self._spawn = spawn
        self._fetch: asyncio.Task[None] | None = None

    def fetch_detail(
        self,
        task_id: TaskId,
        *,
        done: Callable[[TaskDetail], None],
        failed: Callable[[BackendError], None],
        progress: Callable[[int], None],
        result: bool = True,
    ) -> None:
        """Fetch a task's detail; exactly one of `done` and `failed` is called, unless the fetch is dropped.

        `result` False: it may come without the result, which `fetch_result` brings.
        """
        self._start_fetch(lambda: self.read_detail(task_id, progress, result=result), done, failed)

    def fetch_result(
        self,
        task_id: TaskId,
        *,
        done: Callable[[CutText], None],
        failed: Callable[[BackendError], None],
        progress: Callable[[int], None],
    ) -> None:
        """Fetch a task's result alone, up to the limit; calls back as `fetch_detail` does."""
        self._start_fetch(lambda: self._read_result(task_id, progress), done, failed)

    async def read_detail(
        self, task_id: TaskId, progress: Callable[[int], None] | None = None, *, result: bool = True
    ) -> TaskDetail:
        """Read a task's detail now. Raises BackendError."""
        return await self._backend.detail(task_id, cap=self._cap, progress=progress, result=result)

    async def _read_result(self, task_id: TaskId, progress: Callable[[int], None]) -> CutText:
        kept = BytesIO()
        size = 0
        async with aclosing(self._backend.stream(task_id, "result")) as coming:
            async for piece in coming:
                kept.write(piece[: self._cap - size])
                size += len(piece)
                progress(min(size, self._cap))
                if size > self._cap:
                    break
        return CutText(kept.getvalue(), size > self._cap)

    def _start_fetch(
        self,
        read: Callable[[], Coroutine[Any, Any, _T]],
        done: Callable[[_T], None],
        failed: Callable[[BackendError], None],
    ) -> None:
        """Read in the background, instead of what is being read."""
        self.drop_fetch()

        async def fetch() -> None:
            try:
                came = await read()
            except BackendError as error:
                failed(error)
            else:
                done(came)

        self._fetch = self._spawn(fetch())

    def drop_fetch(self) -> None:
        """Cancel the fetch under way, if any, and discard its answer."""
        if self._fetch is not None:
            self._fetch.cancel()
            self._fetch = None
