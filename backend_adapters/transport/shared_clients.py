"""HTTP clients that places of one server and one login share, so that 500 graphs open no 500 connections."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractAsyncContextManager
from weakref import WeakValueDictionary

import httpx

from backend_adapters.transport.client_pool import ClientPool
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.http_client import HttpClientMaker
from backend_adapters.transport.login import AuthorizationHeader
from backend_adapters.transport.origin import parse_origin
from backend_adapters.transport.server_facts import ServerFacts
from backend_adapters.transport.target import Target


class SharedClients:
    """One pool of clients for each login to each server, as long as a place uses it.

    The same login is the same object of Credentials: who logs in again does so for all places that share it.
    Two with the same user share nothing. All that log in with nothing share one pool, until they do log in.
    """

    def __init__(self) -> None:
        self._pools: dict[Hashable, SharedPool] = {}
        self._logins: WeakValueDictionary[Credentials, AuthorizationHeader] = WeakValueDictionary()
        """Those that places use; with the last one a login's secrets go, too."""

    @property
    def pool_count(self) -> int:
        """How many pools are in use."""
        return len(self._pools)

    def find_login(self, credentials: Credentials) -> httpx.Auth:
        """What adds the login by Basic or Bearer: the same for all, so that a secret is renewed once."""
        login = self._logins.get(credentials)
        if login is None:
            login = self._logins[credentials] = AuthorizationHeader(credentials)
        return login

    def acquire_pool(self, key: Hashable, target: Target) -> SharedPool:
        """Use the pool of this key, which a target's clients are for, until it is released."""
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = SharedPool(ClientPool(HttpClientMaker(target).make_client))
        pool.user_count += 1
        return pool

    async def release_pool(self, key: Hashable) -> None:
        """Use a pool no more, and close it where nobody else uses it."""
        pool = self._pools[key]
        pool.user_count -= 1
        if not pool.user_count:
            del self._pools[key]
            await pool.clients.aclose()


class SharedPool:
    """A pool, what its server told those that use it, and how many these are."""

    def __init__(self, clients: ClientPool) -> None:
        self.clients = clients
        self.facts = ServerFacts()
        self.user_count = 0


class ClientShare:
    """One place's share of the clients; used like a ClientPool of its own."""

    def __init__(self, shared: SharedClients, target: Target) -> None:
        self._shared = shared
        self._target = target
        self._server = (parse_origin(target.url), target.tls, target.timeouts, target.http)
        """All but the login that a client is made of: only what is the same for all may be used by all."""
        self._acquired: dict[Hashable, SharedPool] = {}
        self._find_pool()
        self.login = shared.find_login(target.credentials)

    def lend_client(self) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        """A client for one exchange; see ClientPool."""
        return self._find_pool().clients.lend_client()

    @property
    def facts(self) -> ServerFacts:
        """What the server told the login as it is now."""
        return self._find_pool().facts

    def _find_pool(self) -> SharedPool:
        """The pool of the login as it is now."""
        credentials = self._target.credentials
        key = (*self._server, credentials if credentials.has_login else None)
        if key not in self._acquired:
            self._acquired[key] = self._shared.acquire_pool(key, self._target)
        return self._acquired[key]

    async def aclose(self) -> None:
        """Use the clients no more; close those that nobody else uses."""
        acquired, self._acquired = self._acquired, {}
        for key in acquired:
            await self._shared.release_pool(key)
