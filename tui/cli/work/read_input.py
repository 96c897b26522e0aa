"""Reads standard input and files without blocking the event loop, so that a signal can end the wait."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from collections.abc import Awaitable, Callable

from backend_adapters.files import open_at_once
from tui.cli.errors import UsageError

_PIECE = 64 * 1024
INPUT_MOST = 64 * 1024 * 1024
"""Bytes that are read at the most: a device may never end."""


async def read_stdin() -> bytes:
    """Read all of standard input. Raises OSError, and UsageError if it is too long."""
    return await _read_all(read_piece, "standard input")


async def read_file(path: str) -> bytes:
    """Read all of a file, which may be a pipe. Raises OSError, and UsageError if it is too long."""
    number = open_at_once(path)
    try:
        return await _read_all(lambda: _read_ready(number), path)
    finally:
        os.close(number)


async def read_piece() -> bytes:
    """Read the next bytes of standard input as soon as there are any; none at its end. Raises OSError."""
    if sys.stdin is None or sys.stdin.closed:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return await _read_ready(sys.stdin.fileno())


async def _read_all(read: Callable[[], Awaitable[bytes]], name: str) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := await read():
        pieces.append(piece)
        size += len(piece)
        if size > INPUT_MOST:
            raise UsageError(f"{name} is larger than {INPUT_MOST >> 20} MB, the most that graphtop reads.")
    return b"".join(pieces)


async def _read_ready(number: int) -> bytes:
    """Read the next bytes of an open file as soon as there are any; none at its end. Raises OSError."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(number, ready.set)
    except PermissionError:
        # A file or a device that is always ready: signals are heard between two pieces.
        await asyncio.sleep(0)
        return os.read(number, _PIECE)
    try:
        while True:
            await ready.wait()
            ready.clear()
            try:
                return os.read(number, _PIECE)
            except BlockingIOError:
                # Another process was faster.
                continue
    finally:
        loop.remove_reader(number)
