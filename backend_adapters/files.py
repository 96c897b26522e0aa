"""Reads files that a person named, which may be pipes or devices, without waiting for ever."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

WRITER_WITHIN = 2.0
"""Seconds to wait until somebody opens a pipe for writing."""
PIPE_WITHIN = 5.0
"""Seconds to wait for the end of a pipe."""
MAX_PIPE_BYTES = 4 * 1024 * 1024
"""The most bytes of a pipe that are copied."""


def open_at_once(path: str | Path, flags: int = os.O_RDONLY) -> int:
    """Open a file without waiting for whoever is at the other end of a pipe. Raises OSError."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def is_regular(path: str | Path) -> bool:
    """Whether it is an accessible regular file, not a pipe, device or folder. Never raises OSError."""
    try:
        return stat.S_ISREG(Path(path).stat().st_mode)
    except OSError:
        return False


def read_limited(path: str | Path, most: int, patience: float = PIPE_WITHIN) -> bytes:
    """The first `most` bytes of a file or a pipe. Raises OSError."""
    number = open_at_once(path)
    try:
        kind = os.fstat(number).st_mode
        if stat.S_ISREG(kind):
            with os.fdopen(number, "rb", closefd=False) as file:
                return file.read(most)
        data = _read_stream(number, most, patience)
    finally:
        os.close(number)
    if stat.S_ISFIFO(kind) and not data:
        raise OSError(errno.EPIPE, "nothing was written to it")
    return data


def _read_stream(number: int, most: int, patience: float) -> bytes:
    """What a pipe or a device gives until its end. Raises OSError if that takes too long."""
    stream, end, data = select.poll(), time.monotonic() + patience, b""
    stream.register(number, select.POLLIN)
    stream.poll(min(WRITER_WITHIN, patience) * 1000)
    while len(data) < most:
        try:
            piece = os.read(number, most - len(data))
        except BlockingIOError:
            if not stream.poll(max(0.0, end - time.monotonic()) * 1000):
                raise OSError(errno.ETIMEDOUT, f"it did not end within {patience:g} s") from None
            continue
        if not piece:
            break
        data += piece
    return data


@contextmanager
def regular_path(path: str | Path) -> Iterator[str]:
    """The path of a regular file with the content of a file, pipe or device, for what opens files by name.

    Opening a pipe could block, and a device may never end. Raises OSError.
    """
    if stat.S_ISREG(Path(path).stat().st_mode):
        yield str(path)
        return
    with _open_unnamed() as copy:
        copy.write(read_limited(path, MAX_PIPE_BYTES))
        copy.flush()
        copy.seek(0)
        yield f"/dev/fd/{copy.fileno()}"


def _open_unnamed() -> IO[bytes]:
    """A new file without a name, in memory where the system supports it: it may hold a key."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("graphtop"), "w+b")
    # Imported here: it takes a while, and only pipes and devices need it.
    from tempfile import TemporaryFile

    return TemporaryFile()
