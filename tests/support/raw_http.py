"""Requests as bytes, and what a server makes of them: for what no HTTP client would send."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from tests.support.http_wire import Head, Peer, body_pieces, plain, read_head

_NEXT = b"GET /versions HTTP/1.1\r\nHost: test\r\n\r\n"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int | None
    """None where the connection ended without an answer."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    kept: bool
    """Whether the connection answers another request."""


async def exchange(address: str, request: bytes) -> Reply:
    """Send a request to `http://HOST:PORT`, as it is, over a connection of its own."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    peer = Peer(*await asyncio.open_connection(host, int(port)))
    try:
        await peer.send(request)
        head = await _read_answer(peer)
        if head is None:
            return Reply(None, {}, b"", kept=False)
        bodiless = request.startswith(b"HEAD ")
        raw = b"".join([piece async for piece in body_pieces(peer.reader, head, bodiless=bodiless)])
        body = plain(head, raw) if raw else b""
        return Reply(head.code, head.headers, body, await _answers_again(peer))
    finally:
        peer.writer.close()
        with suppress(OSError):
            await peer.writer.wait_closed()


async def _read_answer(peer: Peer) -> Head | None:
    """The head of the answer itself; None where the connection ended."""
    with suppress(OSError, asyncio.IncompleteReadError):
        head = await read_head(peer.reader)
        while head is not None and head.code == 100:
            head = await read_head(peer.reader)
        return head
    return None


async def _answers_again(peer: Peer) -> bool:
    with suppress(OSError, asyncio.IncompleteReadError):
        await peer.send(_NEXT)
        return await read_head(peer.reader) is not None
    return False
