"""HTTP clients that places of one server and one login share, so that 500 graphs open no 500 connections."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractAsyncContextManager

import httpx

from backend_adapters.transport.client_pool import ClientPool
from backend_adapters.transport.http_client import HttpClientMaker
from backend_adapters.transport.login import AuthorizationHeader
from backend_adapters.transport.origin import parse_origin
from backend_adapters.transport.target import Target


class SharedClients:
    """One pool of clients for each login to each server, as long as a place uses it.

    The same login is the same object of Credentials: who logs in again does so for all places that share it.
    Two that merely look alike share nothing, as each can become another login at any time.
    """

    def __init__(self) -> None:
        self._pools: dict[Hashable, _SharedPool] = {}

    def share_clients(self, target: Target) -> ClientShare:
        """One more place's share of the clients for its server and its login."""
        # Everything that a client is made of: only what is the same for all of them may be used by all.
        key = (parse_origin(target.url), target.tls, target.timeouts, target.http, target.credentials)
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = _SharedPool(target)
        return ClientShare(self._pools, key, pool)

    @property
    def pool_count(self) -> int:
        """How many pools are in use."""
        return len(self._pools)


class _SharedPool:
    """The clients of one login to one server, and how many places use them."""

    def __init__(self, target: Target) -> None:
        self.clients = ClientPool(HttpClientMaker(target).make_client)
        self.login = AuthorizationHeader(target.credentials)
        self.user_count = 0


class ClientShare:
    """One place's share of a pool, which is closed with the last of the places that share it."""

    def __init__(self, pools: dict[Hashable, _SharedPool], key: Hashable, pool: _SharedPool) -> None:
        self._pools = pools
        self._key = key
        self._pool = pool
        self._closed = False
        pool.user_count += 1

    @property
    def login(self) -> httpx.Auth:
        """Adds the login by Basic or Bearer; shared, so that a secret is renewed once for all places."""
        return self._pool.login

    def lend_client(self) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        """A client for one exchange; see ClientPool."""
        return self._pool.clients.lend_client()

    async def aclose(self) -> None:
        """Use the clients no more; close them where nobody else uses them."""
        if self._closed:
            return
        self._closed = True
        self._pool.user_count -= 1
        if not self._pool.user_count:
            del self._pools[self._key]
            await self._pool.clients.aclose()
