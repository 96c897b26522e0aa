"""Writes texts to new files, never over existing ones, in slices that leave the event loop free."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from itertools import count
from pathlib import Path
from typing import BinaryIO

from backend_adapters.redaction import MaskingStream
from tui.monitor.document.json_blocks import ByteText

EXPORT_SLICE = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


async def save_text(folder: Path, stem: str, suffix: str, content: ByteText) -> Path:
    """Write `content` into a new file of `folder`, and return its path. Raises OSError.

    The name is made of `stem` without what a file system or a terminal could take amiss; where there is such
    a file already, a number follows.
    """
    path, file = _create_file(folder, stem, suffix)
    with file:
        for start in range(0, len(content), EXPORT_SLICE):
            file.write(content[start : start + EXPORT_SLICE])
            await asyncio.sleep(0)
    return path


async def save_stream(
    folder: Path,
    stem: str,
    suffix: str,
    pieces: AsyncGenerator[bytes, None],
    progress: Callable[[int], None],
) -> Path:
    """Write a text that arrives in pieces to a new file, secrets hidden, and return its path.

    `progress` is told how many bytes have been written. Whatever ends it early, a cancel too, leaves no
    file behind. Raises OSError, Endless, and what the pieces raise.
    """
    path, file = _create_file(folder, stem, suffix)
    try:
        with file:
            await _write_pieces(file, pieces, progress)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


async def _write_pieces(
    file: BinaryIO, pieces: AsyncGenerator[bytes, None], progress: Callable[[int], None]
) -> None:
    hidden, written = MaskingStream(), 0
    async with aclosing(pieces) as coming:
        async for piece in coming:
            written += file.write(hidden.mask_piece(piece))
            progress(written)
            await asyncio.sleep(0)
    progress(written + file.write(hidden.mask_rest()))


def _create_file(folder: Path, stem: str, suffix: str) -> tuple[Path, BinaryIO]:
    """Create a new file that only its owner can read, and return its path, too; see `save_text`."""
    clean = re.sub(r"[^\w.-]+", "_", stem, flags=re.ASCII).strip("._") or "graphtop"
    for number in count():
        path = folder / f"{clean[:100]}{f'-{number}' if number else ''}{suffix}"
        try:
            return path, os.fdopen(os.open(path, _NEW, 0o600), "wb")
        except FileExistsError:
            continue
    raise AssertionError("counting never ends")
