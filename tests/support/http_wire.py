"""HTTP/1.1 as bytes, for what stands between a client and a server and must change nothing."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import NamedTuple

import msgspec

PIECE = 64 * 1024
"""The most bytes of a body that are held at a time."""

HEAD_MOST = 256 * 1024
"""Bytes of a head; a longer one ends the connection."""


class Peer(NamedTuple):
    """One side's connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send this, as fast as the other side takes it."""
        self.writer.write(data)
        await self.writer.drain()


class Head(NamedTuple):
    """The first line of a request or an answer with its headers."""

    raw: bytes
    """As it came, with the empty line."""
    first: str
    headers: dict[str, str]
    """Names in lower case."""

    @property
    def code(self) -> int | None:
        """The status of an answer; None for a request."""
        version, code, *_ = self.first.split()
        return int(code) if version.startswith("HTTP/") else None

    @property
    def closes(self) -> bool:
        """Whether the connection ends after this."""
        return self.headers.get("connection", "").lower() == "close"

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return self.headers.get("transfer-encoding", "").lower() == "chunked"

    @property
    def endless(self) -> bool:
        """Whether the body goes on to the end of the connection."""
        return self.code not in (None, 204, 304) and not self.chunked and self.length is None

    @property
    def length(self) -> int | None:
        """The bytes of the body; None where the head does not say."""
        text = self.headers.get("content-length")
        return None if text is None else int(text)


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """The next head; None where the other side has closed. Raises IncompleteReadError in the middle."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    fields = (line.partition(":") for line in lines)
    return Head(raw, first, {name.lower(): value.strip() for name, _, value in fields})


async def next_head(client: Peer, server: Peer | None) -> Head | None:
    """The head of a client's next request; None as soon as one of the two sides closes its connection."""
    heard = asyncio.ensure_future(read_head(client.reader))
    gone = asyncio.ensure_future(server.reader.read(1)) if server else None
    try:
        await asyncio.wait({heard, gone} if gone else {heard}, return_when=asyncio.FIRST_COMPLETED)
        return heard.result() if heard.done() else None
    finally:
        for reading in filter(None, (heard, gone)):
            reading.cancel()
            with suppress(asyncio.CancelledError, asyncio.IncompleteReadError, OSError):
                await reading


async def body_pieces(
    reader: asyncio.StreamReader, head: Head, *, bodiless: bool = False
) -> AsyncIterator[bytes]:
    """The body that follows a head, with its chunk marks, piece by piece.

    `bodiless`: an answer to HEAD, which has none whatever it says.
    """
    if bodiless:
        return
    if head.chunked:
        async for piece in _chunks(reader):
            yield piece
    elif head.length is not None:
        async for piece in _exactly(reader, head.length):
            yield piece
    elif head.endless:
        while piece := await reader.read(PIECE):
            yield piece


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    size = -1
    while size:
        line = await reader.readuntil(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        yield line
        if size:
            async for piece in _exactly(reader, size + 2):
                yield piece
    while True:
        line = await reader.readuntil(b"\r\n")
        yield line
        if line == b"\r\n":
            return


async def _exactly(reader: asyncio.StreamReader, size: int) -> AsyncIterator[bytes]:
    while size:
        piece = await reader.read(min(size, PIECE))
        if not piece:
            raise asyncio.IncompleteReadError(b"", size)
        size -= len(piece)
        yield piece


def ids_in(head: Head, raw: bytes) -> list[int]:
    """The ids of the tasks in an answer that lists some; none in what is no such list."""
    with suppress(ValueError, TypeError, KeyError):
        return [int(task["id"]) for task in msgspec.json.decode(plain(head, raw))["tasks"]]
    return []


def plain(head: Head, raw: bytes) -> bytes:
    """What a body says, without chunk marks and compression."""
    if head.chunked:
        raw = _joined(raw)
    return gzip.decompress(raw) if head.headers.get("content-encoding") == "gzip" else raw


def _joined(raw: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        end = raw.index(b"\r\n", at)
        size = int(raw[at:end].partition(b";")[0], 16)
        if not size:
            return b"".join(parts)
        parts.append(raw[end + 2 : end + 2 + size])
        at = end + 2 + size + 2


def refusal(code: int, words: str) -> bytes:
    """An answer as HugeGraph refuses: its JSON of an exception, after which it closes the connection."""
    cause = words.partition("TaskStore: ")[2]
    body = msgspec.json.encode(
        {"exception": "class org.apache.hugegraph.HugeException", "message": words, "cause": cause}
    )
    head = (
        f"HTTP/1.1 {code} Refused\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
