"""JSON answers as Grizzly sends them, and results that are sent while they are made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import msgspec
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from backend_adapters.simulator.asgi import JSON_UTF8
from backend_adapters.simulator.hugegraph import sample_results

_CHUNK = 64 * 1024
_BUFFERED = 8 * 1024
"""Bytes up to which an answer is sent whole, with a Content-Length."""


def grizzly_response(
    fields: object,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media_type: str = JSON_UTF8,
) -> Response:
    """A JSON answer; Grizzly sends a long one in chunks, without its length."""
    body = msgspec.json.encode(fields)
    if len(body) <= _BUFFERED:
        return Response(body, status, headers, media_type=media_type)
    return _ChunkedResponse(split_chunks(body), status, headers, media_type=media_type)


class _ChunkedResponse(StreamingResponse):
    """An answer that is in memory: nothing has to notice beside it that the client has disconnected.

    For that Starlette has anyio start a group of tasks, and importing what that needs takes the demo 10 ms.
    """

    async def __call__(
        self,
        scope: Scope,  # noqa: ARG002
        receive: Receive,  # noqa: ARG002
        send: Send,
    ) -> None:
        """Send all chunks."""
        await self.stream_response(send)


async def embed_huge_result(fields: object, size: int) -> AsyncIterator[bytes]:
    """The JSON of a task with its huge result, which is never in memory as a whole."""
    head, tail = msgspec.json.encode(fields).split(sample_results.HUGE_RESULT_MARK.encode())
    yield head
    async for piece in stream_huge_result(size):
        yield msgspec.json.encode(piece.decode())[1:-1]
    yield tail


async def stream_huge_result(size: int) -> AsyncIterator[bytes]:
    """A result of at least `size` bytes, made piece by piece."""
    for piece in sample_results.generate_huge_result(size):
        yield piece.encode()
        # Without this the loop could not notice that the client has disconnected.
        await asyncio.sleep(0)


async def split_chunks(body: bytes) -> AsyncIterator[bytes]:
    """The body in the pieces in which Grizzly sends it."""
    for at in range(0, len(body), _CHUNK):
        yield body[at : at + _CHUNK]
