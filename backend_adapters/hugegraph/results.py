"""Reads a task's result from the path of its own that servers after 1.7 have: its JSON as it is, streamed.

`GET …/tasks/{id}/result` (PROTOCOL.md, section 7): read from source, as no release has it yet. So it is
tried, and what a server says to it is not believed where the task's detail may say more.
"""

from __future__ import annotations

import asyncio
from codecs import getincrementaldecoder
from collections.abc import AsyncGenerator
from contextlib import aclosing

from backend_adapters.errors import (
    BadAnswer,
    Busy,
    NoSuchGraph,
    NoSuchTask,
    NotAllowed,
    Refused,
)
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.errors import error_of_reply
from backend_adapters.transport.error_body import Reply

_PAUSES = (2.0, 4.0, 8.0, 16.0)
"""Seconds between the requests to a server that asks to wait, unless it says how long."""

_WAIT_MOST = 30.0
"""Seconds that are waited in all."""

_BUSY_HINT = "The server limits how many results it streams at once. Try again later."
_ENDS = {b"[": b"]", b"{": b"}", b'"': b'"'}


class ResultInDetail(Exception):
    """The result, if there is one, is to be read from the task's detail; nothing of it was given."""


async def stream_result(client: HugeGraphClient, number: int) -> AsyncGenerator[bytes, None]:
    """The result of a task as UTF-8, piece by piece.

    Raises ResultInDetail where the server has it in the detail only, or none, Busy when it asks to wait for
    longer than is bearable, and what breaks on the way.
    """
    left = _WAIT_MOST
    for pause in (*_PAUSES, None):
        try:
            async with aclosing(_stream_body(client, number)) as pieces:
                async for piece in pieces:
                    yield piece
        except Busy as error:
            seconds = error.retry_after or pause
            if error.code not in (429, 503):
                raise
            if pause is None or seconds is None or seconds > left:
                error.hint = _BUSY_HINT
                raise
        else:
            return
        left -= seconds
        await asyncio.sleep(seconds)


async def _stream_body(client: HugeGraphClient, number: int) -> AsyncGenerator[bytes, None]:
    """What one request brings; raises Busy where the server asks to wait."""

    async def refuse(reply: Reply) -> None:
        await _raise_refusal(client, reply)

    decode = getincrementaldecoder("utf-8")("replace").decode
    first = last = b""
    async with aclosing(client.transport.stream(client.paths.result(number), refuse=refuse)) as chunks:
        async for chunk in chunks:
            shown = chunk.strip()
            first, last = first or shown[:1], shown[-1:] or last
            if not first:
                # Nothing but blanks so far, which say nothing.
                continue
            if first == b"<":
                # A proxy's page for paths that it does not know.
                client.can_stream_results = False
                raise ResultInDetail
            if piece := decode(chunk).encode():
                yield piece
    if not first:
        raise ResultInDetail
    if last != _ENDS.get(first, last):
        raise BadAnswer(f"{client.where} sent a truncated result.")
    if rest := decode(b"", final=True):
        yield rest.encode()


async def _raise_refusal(client: HugeGraphClient, reply: Reply) -> None:
    """Raise what an answer other than 2xx stands for."""
    error = error_of_reply(reply, client.where)
    if reply.code in (404, 405) and not isinstance(error, (NoSuchTask, NoSuchGraph)):
        client.can_stream_results = False
        raise ResultInDetail
    # No success, no JSON, too much to be scanned, no right to this path: the detail has it, or says why not.
    if isinstance(error, (Refused, NotAllowed)):
        raise ResultInDetail
    await client.require_task(reply)
