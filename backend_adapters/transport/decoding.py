"""Decompresses answers in small pieces: a few bytes can stand for gigabytes."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from io import BytesIO

import httpx

MAX_PIECE = 64 * 1024
"""The most bytes that are given at once."""

ACCEPTED_ENCODING = "gzip"
"""The compression that servers are asked for; deflate is understood as well."""

_EITHER_HEADER = zlib.MAX_WBITS | 32
"""Lets zlib find out which of the two an answer has."""


async def iter_decoded(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The decompressed body of a response, as it comes. Raises httpx.HTTPError.

    httpx itself undoes the compression of all bytes that came at once, which can be a thousand times as many.
    """
    inflater, begun = _find_inflater(response), False
    async for received in raw_stream(response):
        begun = begun or bool(received)
        pieces = _split_pieces(received) if inflater is None else _inflate_pieces(inflater, received)
        for number, piece in enumerate(pieces):
            if number:
                # A few received bytes can become very many pieces.
                await asyncio.sleep(0)
            yield piece
    if inflater is not None and begun and not inflater.eof:
        raise httpx.DecodingError("the compressed answer has no end")


async def read_capped(
    response: httpx.Response, cap: int, note: Callable[[int], None] = lambda length: None
) -> tuple[bytes, bool]:
    """The first `cap` bytes of the body, and whether there were more; `note` gets the length of a piece."""
    # It grows in place and gives what it holds; pieces that are joined are there twice for a moment.
    kept = BytesIO()
    left = cap
    async with aclosing(iter_decoded(response)) as body:
        async for piece in body:
            kept.write(piece[: max(0, left)])
            left -= len(piece)
            note(len(piece))
            if left < 0:
                break
    return kept.getvalue(), left < 0


def raw_stream(response: httpx.Response) -> httpx.AsyncByteStream:
    """The bytes of a response as they are received."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    return response.stream


def _find_inflater(response: httpx.Response) -> zlib._Decompress | None:
    """The decompressor of a response; None where it is not compressed."""
    names = [name.strip() for name in response.headers.get("Content-Encoding", "").lower().split(",")]
    named = [name for name in names if name not in ("", "identity")]
    if not named:
        return None
    if len(named) > 1 or named[0] not in ("gzip", "x-gzip", "deflate"):
        raise httpx.DecodingError(f"{', '.join(named)} is not a compression that was asked for")
    return zlib.decompressobj(_EITHER_HEADER)


def _split_pieces(received: bytes) -> Iterator[bytes]:
    """Received bytes in pieces."""
    for start in range(0, len(received), MAX_PIECE):
        yield received[start : start + MAX_PIECE]


def _inflate_pieces(inflater: zlib._Decompress, received: bytes) -> Iterator[bytes]:
    """Received bytes, decompressed, in pieces. Raises httpx.DecodingError."""
    more = bool(received)
    while more:
        if inflater.eof:
            raise httpx.DecodingError("there is more after the end of the compressed answer")
        try:
            piece = inflater.decompress(received, MAX_PIECE)
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from error
        received = inflater.unconsumed_tail
        more = bool(inflater.unused_data) or (len(piece) == MAX_PIECE and not inflater.eof)
        if piece:
            yield piece
