"""Requests that are cancelled, at whichever point of them, and what goes on afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from backend_adapters.transport.client import IN_FLIGHT, Transport
from backend_adapters.transport.target import Target
from tests.support.patience import PATIENCE

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n" + b'{"tasks":[]}'
TURNS = 40
"""More turns of the loop than a request takes from its begin to its end."""


@asynccontextmanager
async def quick_server() -> AsyncIterator[tuple[str, list[object]]]:
    """A server that answers at once and keeps connections; gives its address and the connections it got."""
    connections: list[object] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(ANSWER)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", connections


async def read(transport: Transport, *, streamed: bool) -> None:
    """Read something to its end."""
    if streamed:
        async for _ in transport.stream("tasks/1", refuse=lambda reply: asyncio.sleep(0)):
            pass
    else:
        await transport.get("tasks")


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("burst", [1, IN_FLIGHT + 2])
async def test_a_request_that_is_cancelled_at_whichever_point_takes_no_connection_for_ever(
    burst: int, *, streamed: bool
) -> None:
    async with quick_server() as (url, _):
        transport = Transport(Target(url=url))
        for turns in range(TURNS):
            for _ in range(IN_FLIGHT):
                requests = [asyncio.ensure_future(read(transport, streamed=streamed)) for _ in range(burst)]
                for _ in range(turns):
                    await asyncio.sleep(0)
                for request in requests:
                    request.cancel()
                await asyncio.wait(requests)
        replies = asyncio.gather(*(transport.get("tasks") for _ in range(IN_FLIGHT)))
        assert [reply.is_success for reply in await asyncio.wait_for(replies, PATIENCE)] == [True] * IN_FLIGHT
        await transport.aclose()


async def test_a_request_that_ends_leaves_its_connection_to_the_next() -> None:
    async with quick_server() as (url, connections):
        transport = Transport(Target(url=url))
        for _ in range(5):
            await read(transport, streamed=False)
            await read(transport, streamed=True)
        assert len(connections) == 1
        await transport.aclose()
