"""The HTTP client of an adapter: one for each server."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

import httpx
from msgspec import Struct

from backend_adapters.backend import Progress
from backend_adapters.errors import BackendError, BadValue, TimedOut, Unreachable
from backend_adapters.transport.client_pool import ClientPool
from backend_adapters.transport.decoding import iter_decoded, read_capped
from backend_adapters.transport.error_body import Reply
from backend_adapters.transport.http_client import ERROR_CAP, HttpClientMaker
from backend_adapters.transport.login import AuthorizationHeader
from backend_adapters.transport.request_slots import RequestSlots
from backend_adapters.transport.response_headers import parse_date_header, parse_retry_after
from backend_adapters.transport.route import RequestRoute
from backend_adapters.transport.target import Target
from backend_adapters.transport.url import host_and_port

if TYPE_CHECKING:
    from backend_adapters.transport.http_errors import HttpFailure
    from backend_adapters.transport.place_slots import PlaceSlots
    from backend_adapters.transport.shared_clients import ClientShare

LIST_CAP = 64 * 1024 * 1024
"""The most bytes of an answer that are read, unless a call says otherwise."""

IN_FLIGHT = 4
"""Concurrent requests to one server, where one place is watched; HugeGraph's own limit is twice its CPUs."""

DEADLINE = 60.0
"""Seconds within which an answer must be complete, however slowly it trickles in."""

_BROKEN_CONNECTION = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
"""Failures after which a GET is repeated once: mostly the server has just closed an idle connection."""

Params = Sequence[tuple[str, str]]

_T = TypeVar("_T")


class _Call(Struct, frozen=True):
    """One request to make."""

    method: str
    path: str
    params: Params = ()
    json: Mapping[str, object] | None = None
    cap: int = LIST_CAP
    progress: Progress | None = None
    within: float | None = DEADLINE


class Transport:
    """Talks to one server through clients of httpx that are created when they are needed.

    A read is repeated once when its connection breaks; nothing else ever is. No redirect is followed, as
    it could carry credentials to another host. A path may end with a percent-encoded query, which is sent as
    it is, while `params` are encoded here, a space as `+`.
    """

    def __init__(self, target: Target, auth: httpx.Auth | None = None) -> None:
        """Talk to the server of a target; `auth` is for a login other than Basic or Bearer."""
        self._target = target
        self._url = httpx.URL(target.url)
        self._clients: ClientPool | ClientShare
        self.slots: RequestSlots | PlaceSlots
        """How many requests may be under way at once."""
        if target.budget is None:
            self._clients = ClientPool(HttpClientMaker(target).make_client)
            self._auth = auth or AuthorizationHeader(target.credentials)
            self.slots = RequestSlots(IN_FLIGHT)
        else:
            self._clients = share = target.budget.share_clients(target)
            self._auth = auth or share.login
            self.slots = target.budget.give_slots(target)
        self._scopes: set[asyncio.Timeout] = set()
        self._closed = False
        self.host = host_and_port(target.url)
        """`host:port`, for messages."""
        self.latency: float | None = None
        """Seconds from the last request to the head of its answer; None before the first."""
        self.clock_ahead: float | None = None
        """Seconds that the server's clock is ahead of ours, by the last answer's Date; None without one."""
        self._failed_at = float("-inf")
        """When the last request failed, by the clock of `ServerFacts`."""
        self.request_count = 0
        self.received_bytes = 0
        """Bytes of bodies after decompression."""

    async def get(
        self,
        path: str,
        params: Params = (),
        *,
        cap: int = LIST_CAP,
        progress: Progress | None = None,
        within: float | None = DEADLINE,
    ) -> Reply:
        """Read `path`, at most `cap` bytes; repeat it once if the connection breaks. Any status returns.

        It is also sent again where it was one of many at once, and the server was too busy for it.

        Raises TimedOut when the answer is not complete `within` so many seconds (None: no limit).
        """
        call = _Call("GET", path, params, cap=cap, progress=progress, within=within)
        reply = await self._read_again_if_broken(call)
        if reply.code == 503 and reply.retry_after is None and self.slots.note_refusal():
            return await self._read_again_if_broken(call)
        return reply

    async def _read_again_if_broken(self, call: _Call) -> Reply:
        """Send a call; once more if the connection breaks."""
        with suppress(*_BROKEN_CONNECTION):
            return await self._perform(call, passed=_BROKEN_CONNECTION)
        return await self._perform(call)

    async def ask_once(
        self, key: Hashable, read: Callable[[], Awaitable[_T]], accept: Callable[[_T], bool] | None = None
    ) -> _T:
        """What `read` tells of the server, or told another place of the same login lately, if `accept` does.

        Nothing is taken from another place that was asked for before something failed here. For a place
        alone this is `read`. Raises its BackendError.
        """
        if self._closed or isinstance(self._clients, ClientPool):
            return await read()
        return await self._clients.facts.ask_once(
            (self._target.url, key), read, accept, after=self._failed_at, is_closed=lambda: self._closed
        )

    async def send(
        self,
        method: str,
        path: str,
        params: Params = (),
        *,
        json: Mapping[str, object] | None = None,
        cap: int = LIST_CAP,
    ) -> Reply:
        """Send a request for a change, which is never repeated. Any status returns.

        Raises Unreachable or TimedOut; whether the server acted is then not known.
        """
        return await self._perform(_Call(method, path, params, json=json, cap=cap))

    async def stream(
        self, path: str, *, refuse: Callable[[Reply], Awaitable[object]]
    ) -> AsyncGenerator[bytes, None]:
        """Read `path` piece by piece to its end, however long it is; each piece may take the time of a read.

        `refuse` is awaited with an answer other than 2xx and must raise the error for it. To end early, close
        the stream (`aclosing`) in the task that reads it.
        """
        call, route = _Call("GET", path), RequestRoute(self._url)
        try:
            async with (
                self.slots.hold_slot() as slot,
                self._limit_time(None),
                self._clients.lend_client() as client,
            ):
                self.request_count += 1
                request = self._build_request(client, call, route)
                response = await client.send(request, auth=self._auth, stream=True)
                slot.note_answer()
                try:
                    if response.is_success:
                        async with aclosing(iter_decoded(response)) as pieces:
                            async for piece in pieces:
                                self.received_bytes += len(piece)
                                yield piece
                        return
                    reply = await self._read_reply(response, call)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, ssl.SSLError) as error:
            raise await self._explain_error(error, route) from error
        await refuse(reply)

    async def aclose(self) -> None:
        """Close the connections at once; requests still under way end with Unreachable."""
        self._closed = True
        self.slots.close()
        now = asyncio.get_running_loop().time()
        for scope in self._scopes:
            scope.reschedule(now)
        await asyncio.sleep(0)
        await self._clients.aclose()

    async def _perform(self, call: _Call, passed: tuple[type[httpx.HTTPError], ...] = ()) -> Reply:
        """Do one call. Errors of httpx become a BackendError, except for the kinds in `passed`."""
        route = RequestRoute(self._url)
        try:
            return await self._exchange(call, route)
        except (httpx.HTTPError, ssl.SSLError) as error:
            self._failed_at = time.monotonic()
            if isinstance(error, passed):
                raise
            raise await self._explain_error(error, route) from error

    async def _explain_error(self, error: HttpFailure, route: RequestRoute) -> BackendError:
        """The BackendError for an error of the HTTP library."""
        # Imported here, as what else explains an error: most starts have none.
        from backend_adapters.transport.http_errors import explain_http_error, may_be_another_service
        from backend_adapters.transport.service_probe import identify_service

        scheme = self._url.scheme
        found = explain_http_error(error, self.host, scheme, self._target.timeouts, route.proxy)
        direct = route.connected and not route.proxy
        if direct and self.latency is None and may_be_another_service(error):
            # Nothing at this port has ever answered in HTTP.
            named = await identify_service(*route.address, plain=scheme == "http")
            if named is not None:
                named.sent = found.sent
                return named
        return found

    async def _exchange(self, call: _Call, route: RequestRoute) -> Reply:
        """Send one request and read its answer. Raises httpx.HTTPError."""
        async with (
            self.slots.hold_slot() as slot,
            self._limit_time(call.within),
            self._clients.lend_client() as client,
        ):
            request = self._build_request(client, call, route)
            self.request_count += 1
            begin = time.perf_counter()
            response = await client.send(request, auth=self._auth, stream=True)
            slot.note_answer()
            try:
                self.latency = time.perf_counter() - begin
                date = parse_date_header(response)
                self.clock_ahead = None if date is None else date - self._target.now()
                return await self._read_reply(response, call)
            finally:
                await response.aclose()

    async def _read_reply(self, response: httpx.Response, call: _Call) -> Reply:
        body, truncated = await self._read_body(response, call)
        if not response.is_success:
            self._failed_at = time.monotonic()
        return Reply(
            code=response.status_code,
            body=body,
            truncated=truncated,
            retry_after=parse_retry_after(response, self._target.now()),
            date=parse_date_header(response),
            login=self._target.credentials.kind if response.status_code == 401 else None,
        )

    def _build_request(self, client: httpx.AsyncClient, call: _Call, route: RequestRoute) -> httpx.Request:
        """The request as it will be sent. Raises BadValue where the HTTP library would change its path."""
        path = f"{self._url.raw_path.decode('ascii').rstrip('/')}/{call.path}"
        query = f"{'&' if '?' in path else '?'}{urlencode(call.params)}" if call.params else ""
        try:
            request = client.build_request(
                call.method,
                self._url.copy_with(raw_path=f"{path}{query}".encode("ascii")),
                json=call.json,
                extensions={"trace": route.note_event},
            )
        except httpx.InvalidURL:
            raise self._path_error(call) from None
        # The library resolves segments such as `..`, so that another address would be asked than was checked.
        if _without_query(request.url) != (*_without_query(self._url)[:3], path.partition("?")[0]):
            raise self._path_error(call)
        return request

    def _path_error(self, call: _Call) -> BadValue:
        path = call.path.partition("?")[0]
        return BadValue(f'{self.host} can\'t be asked for "{path[:100]}". Nothing was sent.', param="path")

    async def _read_body(self, response: httpx.Response, call: _Call) -> tuple[bytes, bool]:
        """The body up to the cap, and whether there was more of it."""
        size = 0

        def note(length: int) -> None:
            nonlocal size
            size += length
            self.received_bytes += length
            if call.progress is not None:
                call.progress(size)

        # The message of an error must not be cut by the small cap of a call that expects little.
        cap = call.cap if response.is_success else max(call.cap, ERROR_CAP)
        return await read_capped(response, cap, note)

    @asynccontextmanager
    async def _limit_time(self, within: float | None) -> AsyncIterator[None]:
        """Limit what runs inside to `within` seconds (at least two read timeouts); `aclose` ends it, too."""
        limit = None if within is None else max(within, 2 * self._target.timeouts.read)
        if self._closed:
            raise Unreachable(f"The connection to {self.host} is closed.", hint="")
        try:
            async with asyncio.timeout(limit) as scope:
                self._scopes.add(scope)
                try:
                    yield
                finally:
                    self._scopes.discard(scope)
        except TimeoutError:
            if not self._closed:
                raise TimedOut(f"{self.host} didn't complete its answer within {limit:g} s.") from None
            raise Unreachable(
                f"The connection to {self.host} was closed during the request.", hint=""
            ) from None


def _without_query(url: httpx.URL) -> tuple[str, str, int | None, str]:
    """The parts of an address that decide where a request goes: all but the query."""
    return url.scheme, url.host, url.port, url.raw_path.decode("ascii").partition("?")[0]
