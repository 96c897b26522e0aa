"""Reads files that a person named, which may be pipes and devices: nothing here waits for ever."""

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
"""Seconds that somebody has to open a pipe for writing."""
PIPE_WITHIN = 5.0
"""Seconds that a pipe has to give all that it holds."""
MAX_PIPE_BYTES = 4 * 1024 * 1024
"""Bytes of a pipe that are copied."""


def open_at_once(path: str | Path, flags: int = os.O_RDONLY) -> int:
    """Open a file without waiting for whoever is at the other end of a pipe. Raises OSError."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def is_regular(path: str | Path) -> bool:
    """Whether it is a file that can be looked at, and no pipe, device or folder. Never raises OSError."""
    try:
        return stat.S_ISREG(Path(path).stat().st_mode)
    except OSError:
        return False


def read_limited(path: str | Path, most: int, patience: float = PIPE_WITHIN) -> bytes:
    """All of a file or a pipe, of a longer one the first `most` bytes. Raises OSError."""
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
        raise OSError(errno.EPIPE, "nobody wrote into it")
    return data


def _read_stream(number: int, most: int, patience: float) -> bytes:
    """What comes from a pipe or a device until its end, in so many seconds. Raises OSError."""
    stream, end, data = select.poll(), time.monotonic() + patience, b""
    stream.register(number, select.POLLIN)
    stream.poll(min(WRITER_WITHIN, patience) * 1000)
    while len(data) < most:
        try:
            piece = os.read(number, most - len(data))
        except BlockingIOError:
            if not stream.poll(max(0.0, end - time.monotonic()) * 1000):
                raise OSError(errno.ETIMEDOUT, f"it did not come to an end in {patience:g} s") from None
            continue
        if not piece:
            break
        data += piece
    return data


@contextmanager
def regular_path(path: str | Path) -> Iterator[str]:
    """The path of a regular file with what a file, a pipe or a device holds, for what opens files by name.

    A pipe would keep it waiting, and a device may never end. Raises OSError.
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
    """A new file without a name, in memory where the system has such files: it may hold a key."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("graphtop"), "w+b")
    # Imported here: it takes a while, and only what is no file needs it.
    from tempfile import TemporaryFile

    return TemporaryFile()
