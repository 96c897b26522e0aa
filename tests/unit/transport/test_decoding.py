"""Compressed answers: whole, in small pieces, and never more of them than the cap."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest

from backend_adapters.errors import BadAnswer
from backend_adapters.transport.client import ERROR_CAP, Transport
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.decoding import MAX_PIECE
from backend_adapters.transport.error_body import Reply
from backend_adapters.transport.target import Target

LENGTH = 20_000_000
BOMB = gzip.compress(bytes(LENGTH))
"""Some 20 kB that stand for 20 MB."""


def transport_on(body: bytes, encoding: str, code: int = 200, **options: object) -> Transport:
    """A client of a server that answers everything with this body."""
    headers = {"Content-Encoding": encoding} if encoding else {}
    http = httpx.MockTransport(lambda request: httpx.Response(code, content=body, headers=headers))
    return Transport(Target(url="http://db.example:8080", http=http, **options))


async def never(reply: Reply) -> None:
    """Take an answer other than 2xx; none comes."""
    raise AssertionError(reply)


@pytest.mark.parametrize("code", [200, 500])
async def test_of_a_bomb_no_more_is_undone_than_the_cap(code: int) -> None:
    transport = transport_on(BOMB, "gzip", code)
    reply = await transport.get("tasks", cap=ERROR_CAP)
    assert (len(reply.body), reply.truncated) == (ERROR_CAP, True)
    assert transport.received_bytes <= ERROR_CAP + MAX_PIECE


async def test_a_bomb_is_streamed_in_small_pieces_and_leaves_the_loop_free() -> None:
    transport, turns, reading = transport_on(BOMB, "gzip"), 0, True

    async def turn() -> None:
        nonlocal turns
        while reading:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.ensure_future(turn())
    sizes = [len(piece) async for piece in transport.stream("tasks/1", refuse=never)]
    reading = False
    await turning
    assert (sum(sizes), max(sizes)) == (LENGTH, MAX_PIECE)
    assert turns >= len(sizes) - 1


class Trickle(httpx.AsyncByteStream):
    """A compressed body that comes byte by byte; `sent` counts them."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for place in range(len(self._body)):
            self.sent += 1
            yield self._body[place : place + 1]


async def test_a_compressed_stream_comes_as_it_is_sent() -> None:
    first, second = zlib.compressobj(wbits=31), b""
    body = first.compress(b"one ") + first.flush(zlib.Z_SYNC_FLUSH)
    second = first.compress(b"two") + first.flush()
    trickle = Trickle(body + second)
    http = httpx.MockTransport(
        lambda request: httpx.Response(200, stream=trickle, headers={"Content-Encoding": "gzip"})
    )
    transport = Transport(Target(url="http://db.example:8080", http=http))
    pieces = transport.stream("tasks/1", refuse=never)
    assert b"".join([await anext(pieces) for _ in range(4)]) == b"one "
    assert trickle.sent <= len(body)
    assert b"".join([piece async for piece in pieces]) == b"two"


@pytest.mark.parametrize(("body", "encoding"), [
    (b"whole", ""), (b"whole", "identity"), (gzip.compress(b"whole"), "gzip"),
    (gzip.compress(b"whole"), "X-GZIP"), (gzip.compress(b"whole"), " gzip , identity"),
    (zlib.compress(b"whole"), "deflate"),
], ids=["none", "identity", "gzip", "x-gzip", "list", "deflate"])  # fmt: skip
async def test_an_answer_is_whole_whatever_its_compression(body: bytes, encoding: str) -> None:
    reply = await transport_on(body, encoding).get("tasks")
    assert (reply.body, reply.truncated) == (b"whole", False)


@pytest.mark.parametrize("size", [MAX_PIECE - 1, MAX_PIECE, MAX_PIECE + 1, 3 * MAX_PIECE])
async def test_nothing_is_lost_between_two_pieces(size: int) -> None:
    body = bytes(place % 251 for place in range(size))
    assert (await transport_on(gzip.compress(body), "gzip").get("tasks")).body == body


@pytest.mark.parametrize(("body", "encoding"), [
    (b"no gzip at all", "gzip"), (gzip.compress(b"x") + b"more", "gzip"), (b"x", "br"), (b"x", "zstd"),
    (gzip.compress(gzip.compress(b"x")), "gzip, gzip"), (gzip.compress(b"x")[:-9], "gzip"),
], ids=["no gzip", "more", "brotli", "zstandard", "twice", "cut"])  # fmt: skip
async def test_a_compression_that_can_not_be_undone_is_said(body: bytes, encoding: str) -> None:
    said = r"^The compressed answer of db\.example:8080 can't be decompressed\.$"
    with pytest.raises(BadAnswer, match=said):
        await transport_on(body, encoding).get("tasks")
    with pytest.raises(BadAnswer, match=said):
        assert [piece async for piece in transport_on(body, encoding).stream("tasks/1", refuse=never)] == []


async def test_nothing_at_all_is_whole_also_where_it_is_called_compressed() -> None:
    assert (await transport_on(b"", "gzip").get("tasks")).body == b""


async def test_servers_are_asked_for_the_compression_that_is_understood() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Accept-Encoding"])
        return httpx.Response(200)

    await Transport(Target(url="http://h", http=httpx.MockTransport(handler))).get("versions")
    assert seen == ["gzip"]


async def test_also_of_a_refused_login_no_more_is_read_than_the_cap() -> None:
    secrets = ["old", "new"]

    async def again() -> None:
        secrets.pop(0)

    sizes: list[int] = []

    class Flood(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                sizes.append(len(BOMB))
                yield BOMB

    def handler(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] == "Bearer new":
            return httpx.Response(200, content=b"[]")
        return httpx.Response(401, stream=Flood(), headers={"Content-Encoding": "gzip"})

    held = Credentials(token=lambda: secrets[0], again=again)
    transport = Transport(Target(url="http://h", http=httpx.MockTransport(handler), credentials=held))
    assert (await transport.get("tasks")).body == b"[]"
    assert len(sizes) == 1
    assert transport.received_bytes <= len(b"[]")
