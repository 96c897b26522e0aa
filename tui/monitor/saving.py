"""Writes what is shown into a file: never over another one, and in slices that leave the loop free."""

from __future__ import annotations

import asyncio
import re
from itertools import count
from pathlib import Path

SLICE = 1 << 20


async def save(folder: Path, stem: str, suffix: str, content: bytes) -> Path:
    """Write `content` into a new file of `folder`, and return its path. Raises OSError.

    The name is made of `stem` without what a file system or a terminal could take amiss; where there is such
    a file already, a number follows.
    """
    clean = re.sub(r"[^\w.-]+", "_", stem, flags=re.ASCII).strip("._") or "graphtop"
    for number in count():
        path = folder / f"{clean[:100]}{f'-{number}' if number else ''}{suffix}"
        try:
            with path.open("xb") as file:
                for start in range(0, len(content), SLICE):
                    file.write(content[start : start + SLICE])
                    await asyncio.sleep(0)
        except FileExistsError:
            continue
        return path
    raise AssertionError("counting never ends")
