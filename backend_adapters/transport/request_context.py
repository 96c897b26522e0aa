"""What a request's sender and its transport know of each other without passing it through every call.

The sender says whether a person waits for the answer. The transport says how long the request waited for its
turn, which is not to be taken for the server's slowness. Both stand in context variables: they hold for an
asyncio task, and what the sender says holds for the tasks that this one starts as well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar

_AWAITED: ContextVar[bool | None] = ContextVar("awaited", default=None)
_SECONDS_WAITED: ContextVar[float] = ContextVar("seconds_waited", default=0.0)
_TIME_LIMIT: ContextVar[asyncio.Timeout | None] = ContextVar("time_limit", default=None)


def is_awaited() -> bool:
    """Whether a person waits for what is being sent; false where nobody has said so."""
    return _AWAITED.get() is True


@contextmanager
def awaited_by_person() -> Iterator[None]:
    """A person waits for the requests inside, unless they are inside `in_background`."""
    with _set_awaited(_AWAITED.get() is not False):
        yield


@contextmanager
def in_background() -> Iterator[None]:
    """Nobody waits for the requests inside, whatever they ask for."""
    with _set_awaited(False):
        yield


@contextmanager
def _set_awaited(awaited: bool) -> Iterator[None]:
    token = _AWAITED.set(awaited)
    try:
        yield
    finally:
        # A coroutine that is thrown away is closed in another context, where there is nothing to set back.
        with suppress(ValueError):
            _AWAITED.reset(token)


def read_request_clock() -> float:
    """Seconds of a clock that stands still while a request of this asyncio task waits for its turn."""
    return time.perf_counter() - _SECONDS_WAITED.get()


def read_seconds_waited() -> float:
    """For how many seconds in all requests of this asyncio task have waited for their turns."""
    return _SECONDS_WAITED.get()


@asynccontextmanager
async def limit_request_time(seconds: float) -> AsyncIterator[None]:
    """Raise TimeoutError after so many seconds, but for those in which a request waits for its turn."""
    async with asyncio.timeout(seconds) as limit:
        token = _TIME_LIMIT.set(limit)
        try:
            yield
        finally:
            _TIME_LIMIT.reset(token)


@contextmanager
def waiting_for_turn() -> Iterator[None]:
    """While a request waits for its turn `read_request_clock` and `limit_request_time` stand still."""
    began, limit, loop = time.perf_counter(), _TIME_LIMIT.get(), asyncio.get_running_loop()
    end = limit.when() if limit is not None else None
    left = end - loop.time() if end is not None else None
    _move_limit(limit, None)
    try:
        yield
    finally:
        _SECONDS_WAITED.set(_SECONDS_WAITED.get() + time.perf_counter() - began)
        if left is not None:
            _move_limit(limit, loop.time() + left)


def _move_limit(limit: asyncio.Timeout | None, end: float | None) -> None:
    """Let a time limit end then, or never; one that has ended stays as it is."""
    if limit is not None:
        with suppress(RuntimeError):
            limit.reschedule(end)
