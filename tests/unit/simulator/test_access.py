"""What a simulated server does for the machine that it runs on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from backend_adapters.simulator import EMPTY_HUGEGRAPH, access, hugegraph_app, serve
from backend_adapters.simulator.ges import EMPTY_GES, ges_app
from tests.support.patience import PATIENCE
from tests.support.simulated_servers import serve_in_loop

APPS = {"hugegraph": (lambda: hugegraph_app(EMPTY_HUGEGRAPH)), "ges": (lambda: ges_app(EMPTY_GES))}
SUBMIT = "/graphs/hugegraph/jobs/gremlin"


@asynccontextmanager
async def served(kind: str = "hugegraph", *allowed: str) -> AsyncIterator[str]:
    """`host:port` of a simulated server."""
    async with serve_in_loop(APPS[kind](), allowed) as url:
        yield url.removeprefix("http://")


@asynccontextmanager
async def connected(place: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server."""
    reader, writer = await asyncio.open_connection(*place.split(":"))
    try:
        yield reader, writer
    finally:
        writer.close()


HOSTS = {
    "localhost:8080": True,
    "LocalHost": True,
    "db.localhost:1": True,
    "127.0.0.1": True,
    "127.9.9.9:80": True,
    "[::1]:8080": True,
    "tasks:8080": True,
    "Tasks.:8080": True,
    "rebound.example:8080": False,
    "127.0.0.1.rebound.example": False,
    "localhost.rebound.example": False,
    "192.168.1.5:8080": False,
    "tasks.rebound.example": False,
    "a!b.rebound.example:8080": False,
    "a~b.rebound.example": False,
    "localhost%.rebound.example": False,
    "127.0.0.1%.rebound.example": False,
}
"""Hosts, and whether a server that is also called `tasks` answers to them."""


@pytest.mark.parametrize("kind", APPS)
async def test_only_who_means_this_machine_is_answered(kind: str) -> None:
    async with served(kind, "tasks") as place, httpx.AsyncClient(trust_env=False) as http:
        answers = {host: await http.get(f"http://{place}/versions", headers={"Host": host}) for host in HOSTS}
    assert {host: answer.status_code != 403 for host, answer in answers.items()} == HOSTS
    assert {host: "--allow-host NAME" not in answer.text for host, answer in answers.items()} == HOSTS


async def test_nothing_is_done_for_a_name_that_is_not_ours() -> None:
    async with served() as place, httpx.AsyncClient(trust_env=False) as http:
        headers = {"Host": "rebound.example"}
        refused = await http.post(f"http://{place}{SUBMIT}", json={"gremlin": "1"}, headers=headers)
        listed = await http.get(f"http://{place}/graphs/hugegraph/tasks")
    assert (refused.status_code, listed.json()["tasks"]) == (403, [])


@pytest.mark.parametrize("told", [True, False], ids=["told", "chunked"])
async def test_a_body_has_an_end(monkeypatch: pytest.MonkeyPatch, *, told: bool) -> None:
    monkeypatch.setattr(access, "BODY_LIMIT", 100_000)
    body = b'{"gremlin": "1' + b" " * 200_000 + b'"}'

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    async with served() as place, httpx.AsyncClient(trust_env=False) as http:
        headers = {"Content-Type": "application/json"}
        url = f"http://{place}{SUBMIT}"
        answer = await http.post(url, content=body if told else pieces(), headers=headers)
        listed = await http.get(f"http://{place}/graphs/hugegraph/tasks")
    assert (answer.status_code, listed.json()["tasks"]) == (413, [])
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("sent", [b"", b"GET /versions HTTP/1.1\r\nHost: localhost\r\nX-A: "])
async def test_a_head_that_does_not_come_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(serve, "HEAD_TIMEOUT", 0.05)
    async with served() as place, connected(place) as (reader, writer):
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""


async def test_a_second_head_that_does_not_come_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served() as place, connected(place) as (reader, writer):
        writer.write(b"GET /versions HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)).startswith(b"HTTP/1.1 200")
        monkeypatch.setattr(serve, "HEAD_TIMEOUT", 0.05)
        writer.write(b"GET /versions HTTP/1.1\r\n")
        await asyncio.wait_for(reader.read(), PATIENCE)


async def test_of_too_many_connections_the_last_is_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "CONNECTION_LIMIT", 2)
    async with (
        served() as place,
        connected(place) as (first, asks),
        connected(place),
        connected(place) as last,
    ):
        assert await asyncio.wait_for(last[0].read(), PATIENCE) == b""
        asks.write(b"GET /versions HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await asyncio.wait_for(first.readline(), PATIENCE)).startswith(b"HTTP/1.1 200")
