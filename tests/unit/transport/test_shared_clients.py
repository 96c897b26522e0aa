"""Places of one server and one login share their connections, and nobody else does."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from msgspec.structs import replace

from backend_adapters.errors import Unreachable
from backend_adapters.ges.login import GesAuth
from backend_adapters.transport.client import Transport
from backend_adapters.transport.credentials import AccessKeys, Credentials
from backend_adapters.transport.request_budget import RequestBudget
from backend_adapters.transport.shared_clients import ClientShare, SharedClients
from backend_adapters.transport.target import Target, Timeouts, Tls
from tests.adapters.scripted_servers import http_answer
from tests.support.patience import PATIENCE


class ConnectionServer:
    """A server that notes of each connection who logged in on it, and whether it is open."""

    def __init__(self) -> None:
        self.logins: list[list[str]] = []
        self.ended: list[asyncio.Event] = []
        self.held = asyncio.Event()
        """Set while a request to `held` is under way."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        logins, ended = list[str](), asyncio.Event()
        self.logins.append(logins)
        self.ended.append(ended)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
                logins.append(fields.get("Authorization") or fields.get("X-Auth-Token", ""))
                if "/held" in head:
                    self.held.set()
                    continue
                answer = http_answer(b"{}", None, "Set-Cookie: session=1")
                if "/secured" in head and not logins[-1]:
                    answer = answer.replace(b"200 OK", b"401 Unauthorized")
                writer.write(answer)
        ended.set()
        writer.close()

    @property
    def open_count(self) -> int:
        return sum(not ended.is_set() for ended in self.ended)

    async def wait_for_ends(self) -> None:
        await asyncio.wait_for(asyncio.gather(*(ended.wait() for ended in self.ended)), PATIENCE)


@asynccontextmanager
async def connection_server() -> AsyncIterator[tuple[str, ConnectionServer]]:
    noted = ConnectionServer()
    server = await asyncio.start_server(noted.serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", noted


def log_in(user: str) -> Credentials:
    return Credentials(user, lambda: f"secret of {user}")


async def close_all(transports: list[Transport]) -> None:
    for transport in transports:
        await transport.aclose()


async def test_fifty_graphs_of_a_server_open_as_many_connections_as_there_are_requests_at_once() -> None:
    async with connection_server() as (url, server):
        target = Target(url=url, budget=RequestBudget(), credentials=log_in("ann"))
        places = [Transport(replace(target, graph=f"g{number}")) for number in range(50)]
        for _ in range(3):
            await asyncio.gather(*(place.get("x") for place in places))
        assert len(server.logins) == 2
        assert len({login for logins in server.logins for login in logins}) == 1
        await close_all(places)
        await server.wait_for_ends()


async def test_a_place_alone_has_connections_of_its_own() -> None:
    async with connection_server() as (url, server):
        target = Target(url=url, credentials=log_in("ann"))
        places = [Transport(target), Transport(target)]
        for place in places:
            await place.get("x")
        assert len(server.logins) == 2
        await close_all(places)


async def test_no_connection_is_used_by_two_logins() -> None:
    async with connection_server() as (url, server):
        target, logins = Target(url=url, budget=RequestBudget()), [log_in(user) for user in ("ann", "bob")]
        logins += [Credentials(token=lambda: "T"), Credentials(), log_in("ann")]
        places = [Transport(replace(target, credentials=login)) for login in logins for _ in range(3)]
        for _ in range(3):
            await asyncio.gather(*(place.get("x") for place in places))
        assert all(len(set(logins)) == 1 for logins in server.logins)
        assert len({logins[0] for logins in server.logins}) == 4
        await close_all(places)


async def test_the_login_of_a_dialect_stays_with_its_place() -> None:
    def log_in_to(project: str) -> GesAuth:
        return GesAuth(
            Credentials(token=lambda: f"token of {project}"),
            project,
            usual="token",
            headers={"X-Own": project},
        )

    seen: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.headers["X-Own"], request.headers["X-Auth-Token"]))
        assert "Cookie" not in request.headers
        return httpx.Response(200, headers={"Set-Cookie": "session=1"})

    target = Target(url="http://h", http=httpx.MockTransport(answer), budget=RequestBudget())
    places = [Transport(target, auth=log_in_to(project)) for project in ("p", "q")]
    for _ in range(2):
        for place in places:
            await place.get("x")
    assert seen == 2 * [("p", "token of p"), ("q", "token of q")]
    await close_all(places)


async def test_a_secret_that_is_refused_is_fetched_once_for_all_places_of_the_login() -> None:
    tokens, fetched = ["old", "new"], 0

    async def renew() -> None:
        nonlocal fetched
        fetched += 1
        await asyncio.sleep(0)
        del tokens[:-1]

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.headers["Authorization"] == "Bearer new" else 401)

    held = Credentials(token=lambda: tokens[0], again=renew)
    target = Target(
        url="http://h", http=httpx.MockTransport(answer), credentials=held, budget=RequestBudget()
    )
    places = [Transport(target) for _ in range(10)]
    replies = await asyncio.gather(*(place.get("x") for place in places))
    assert ({reply.code for reply in replies}, fetched) == ({200}, 1)
    await close_all(places)


async def test_a_place_that_is_closed_leaves_the_connections_to_the_others() -> None:
    async with connection_server() as (url, server):
        target = Target(url=url, budget=RequestBudget(), credentials=log_in("ann"))
        first, second, third = (Transport(target) for _ in range(3))
        await first.get("x")
        await first.aclose()
        await first.aclose()
        await second.get("x")
        assert (len(server.logins), server.open_count) == (1, 1)
        await second.aclose()
        await third.get("x")
        assert (len(server.logins), server.open_count) == (1, 1)
        await third.aclose()
        await server.wait_for_ends()
        assert target.budget is not None
        assert target.budget.pool_count == 0


async def test_a_place_that_is_closed_ends_its_own_request_alone() -> None:
    async with connection_server() as (url, server):
        target = Target(url=url, budget=RequestBudget(), credentials=log_in("ann"))
        closed, other = Transport(target), Transport(target)
        held = [asyncio.create_task(place.get("held")) for place in (closed, other)]
        waiting = asyncio.create_task(closed.get("x"))
        await asyncio.wait_for(server.held.wait(), PATIENCE)
        await closed.aclose()
        for request in (held[0], waiting):
            with pytest.raises(Unreachable, match="closed"):
                await request
        assert (await other.get("x")).is_success
        assert not held[1].done()
        with pytest.raises(Unreachable, match="closed"):
            await closed.get("x")
        await other.aclose()
        await asyncio.gather(held[1], return_exceptions=True)
        await server.wait_for_ends()


async def test_a_place_that_is_opened_after_the_last_was_closed_has_new_connections() -> None:
    async with connection_server() as (url, server):
        target = Target(url=url, budget=RequestBudget())
        for _ in range(2):
            place = Transport(target)
            await place.get("x")
            await place.aclose()
        assert len(server.logins) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"url": "http://h:8081"},
        {"url": "https://h:8080"},
        {"url": "http://other:8080"},
        {"tls": Tls(insecure=True)},
        {"tls": Tls(client_cert="ann.pem")},
        {"timeouts": Timeouts(read=1)},
        {"http": httpx.MockTransport(lambda request: httpx.Response(200))},
        {"credentials": Credentials(keys=lambda: AccessKeys("AK", "SK"))},
    ],
)
async def test_places_that_differ_in_what_a_connection_is_made_of_share_none(other: dict) -> None:
    clients, target = SharedClients(), Target(url="http://h:8080/api", credentials=log_in("ann"))
    same = replace(target, graph="g", url="http://h:8080")
    shares = [ClientShare(clients, one) for one in (target, same, replace(target, **other))]
    assert clients.pool_count == 2
    for share in shares:
        async with share.lend_client():
            assert clients.pool_count == 2
    for share in shares:
        await share.aclose()
    assert clients.pool_count == 0


async def test_places_without_a_login_share_connections_until_one_logs_in() -> None:
    async with connection_server() as (url, server):
        budget = RequestBudget()
        targets = [Target(url=url, budget=budget) for _ in range(20)]
        first, *others = places = [Transport(target) for target in targets]
        for place in others:
            await place.get("x")
        assert (await first.get("secured")).code == 401
        assert (len(server.logins), budget.pool_count) == (1, 1)
        targets[0].credentials.use_password("ann", lambda: "secret")
        assert (await first.get("secured")).is_success
        for place in others:
            await place.get("x")
        assert [{login[:6] for login in logins} for logins in server.logins] == [{""}, {"Basic "}]
        assert [len(logins) for logins in server.logins] == [39, 1]
        await close_all(places)
        await server.wait_for_ends()
        assert budget.pool_count == 0


async def test_of_a_login_that_no_place_uses_any_more_nothing_is_kept() -> None:
    budget = RequestBudget()
    place = Transport(Target(url="http://h", budget=budget, credentials=log_in("ann")))
    login = weakref.ref(place._auth)
    await place.aclose()
    del place
    gc.collect()
    assert login() is None
    assert budget.pool_count == 0
