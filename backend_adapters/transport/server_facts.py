"""What a server tells of itself, the same for all places that log in alike: asked once for all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

from backend_adapters.errors import BackendError
from backend_adapters.transport.request_context import waiting_for_turn

FACT_SECONDS = 60.0
"""Seconds for which a fact holds for places that connect: the server may become another one unseen."""

_NEVER = float("-inf")

_T = TypeVar("_T")


class ServerFacts:
    """What a server told one login, each fact with the moment at which it was asked for."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now`: seconds of the clock by which places say when a request of theirs failed."""
        self._now = now
        self._facts: dict[Hashable, _Fact] = {}

    async def ask_once(
        self,
        key: Hashable,
        read: Callable[[], Awaitable[_T]],
        accept: Callable[[_T], bool] | None = None,
        *,
        after: float = _NEVER,
        is_closed: Callable[[], bool] = lambda: False,
    ) -> _T:
        """A fact as `read` tells it, or as it told somebody after that moment, if not long ago.

        The latter is only taken if `accept` returns true for it. Who asks meanwhile waits for the same
        answer, and gets the same BackendError if it failed, unless it did because the place that asked was
        closed, which `is_closed` tells.
        """
        began, fact = self._now(), self._facts.setdefault(key, _Fact())
        with waiting_for_turn():
            await fact.lock.acquire()
        try:
            is_new = fact.asked_at > max(after, began - FACT_SECONDS)
            if is_new and accept is not None and accept(fact.value):
                value: _T = fact.value
                return value
            if fact.error is not None and fact.failed_at >= began:
                raise fact.error
            return await self._read(fact, read, is_closed)
        finally:
            fact.lock.release()

    async def _read(
        self, fact: _Fact, read: Callable[[], Awaitable[_T]], is_closed: Callable[[], bool]
    ) -> _T:
        asked_at = self._now()
        try:
            value = await read()
        except BackendError as error:
            fact.error, fact.failed_at = None if is_closed() else error, self._now()
            raise
        fact.value, fact.asked_at, fact.error = value, asked_at, None
        return value


class _Fact:
    """One fact, or why it is not known."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        """Held by who asks for it."""
        self.value: Any = None
        self.asked_at = _NEVER
        self.error: BackendError | None = None
        self.failed_at = _NEVER
