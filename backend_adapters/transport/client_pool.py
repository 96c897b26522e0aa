"""A pool of HTTP clients for one server, each with one connection and one request at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

_CLOSE_WITHIN = 1.0
"""Seconds that a connection may take to close: closing TLS waits for the peer, which may not answer."""


class ClientPool:
    """Lends clients, creating them when they are needed; the one used last is lent first.

    The library's own pool can't be interrupted at every point of an exchange (httpcore 1.0.9): a cancelled
    request can leave its connection counted as taken for ever, and four of those would block all others. So
    each request has a client of its own, and an interrupted one is thrown away.
    """

    def __init__(self, make: Callable[[], httpx.AsyncClient]) -> None:
        """Create clients with `make`."""
        self._make = make
        self._idle: list[httpx.AsyncClient] = []
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False

    @asynccontextmanager
    async def lend_client(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client for one exchange; it is used again unless the exchange is cancelled."""
        client = self._idle.pop() if self._idle else self._make()
        whole = True
        try:
            yield client
        except asyncio.CancelledError:
            whole = False
            raise
        finally:
            if whole and not self._closed:
                self._idle.append(client)
            else:
                self._start_closing(client)

    async def aclose(self) -> None:
        """Close all clients, those that are lent out as soon as they come back."""
        self._closed = True
        for client in self._idle:
            self._start_closing(client)
        self._idle.clear()
        if self._closing:
            await asyncio.wait(self._closing)

    def _start_closing(self, client: httpx.AsyncClient) -> None:
        """Close a client in the background."""
        closing = asyncio.create_task(_close_in_time(client))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


async def _close_in_time(client: httpx.AsyncClient) -> None:
    closing = asyncio.ensure_future(client.aclose())
    _, late = await asyncio.wait({closing}, timeout=_CLOSE_WITHIN)
    for task in late:
        task.cancel()
