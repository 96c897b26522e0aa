"""The file that a task's text is written to: whole or not at all, and readable by its owner alone."""

from __future__ import annotations

import argparse
import errno
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from backend_adapters.files import open_at_once
from backend_adapters.trust import (
    MAX_LINKS,
    describe_owner,
    is_descriptor,
    is_trusted_owner,
    is_writable_by_others,
    resolve_links,
)
from tui.cli.errors import UsageError

_PERMISSIONS = 0o777


class OutputFile:
    """A file being written; `written` counts its bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.written = 0

    def write(self, data: bytes) -> None:
        """Write some bytes. Raises OSError."""
        self.written += self._file.write(data)


def read_mode(words: str) -> int:
    """Read the mode of a file, in octal: `640`. Raises ArgumentTypeError."""
    if not re.fullmatch("0?[0-7]{3}", words):
        raise argparse.ArgumentTypeError(
            f'"{words}" is not a file mode; write it in octal, such as 600 or 644'
        )
    return int(words, 8)


@contextmanager
def open_output(path: Path, *, over: bool, mode: int | None) -> Iterator[OutputFile]:
    """Open a file that gets its name only once it is complete and not empty; a device is written directly.

    Without a `mode` only its owner may read it; an own file that is written over keeps its mode. Raises
    OSError, and CommandError where another file got the name meanwhile.
    """
    path = _find_target(path) if over else _find_folder(path.parent) / path.name
    if over and _is_stream(path):
        with _open_stream(path) as file:
            yield OutputFile(file)
        return
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            output = OutputFile(file)
            _set_mode(number, _kept_mode(path) if mode is None and over else mode)
            yield output
        if output.written:
            _put_in_place(part, path, over=over)
    finally:
        part.unlink(missing_ok=True)


def _find_target(path: Path) -> Path:
    """Follow the links of a name to its file; a link in a folder that others can write to is not followed.

    Raises OSError.
    """
    for _ in range(MAX_LINKS):
        folder = _find_folder(path.parent)
        path = folder / path.name
        if is_descriptor(path) or not path.is_symlink() or is_writable_by_others(folder.stat()):
            return path
        path = folder / path.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _find_folder(path: Path) -> Path:
    """Return a folder without links in its path. Raises OSError for a link that another may have planted."""
    for step in resolve_links(path):
        status = step.lstat()
        if (
            stat.S_ISLNK(status.st_mode)
            and not is_trusted_owner(status)
            and is_writable_by_others(step.parent.stat())
        ):
            raise OSError(errno.EPERM, f"the link {step} {describe_owner(status)}")
    return step


def _is_stream(path: Path) -> bool:
    """Return whether a path is a pipe, a device, or a file that is open already."""
    if is_descriptor(path):
        return True
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(kind) and not stat.S_ISLNK(kind)


def _open_stream(path: Path) -> BinaryIO:
    """Open a pipe or a device. Raises OSError, also for one that another user put in a shared folder."""
    try:
        number = open_at_once(path, os.O_WRONLY | os.O_TRUNC)
    except OSError as error:
        if error.errno == errno.ENXIO and path.is_fifo():
            raise OSError(errno.ENXIO, "nobody reads from it") from None
        raise
    file = os.fdopen(number, "wb")
    try:
        status = os.fstat(number)
        if is_writable_by_others(path.parent.stat()) and not is_trusted_owner(status):
            raise OSError(errno.EPERM, f"it {describe_owner(status)}")
        os.set_blocking(number, True)
    except OSError:
        file.close()
        raise
    return file


def _kept_mode(path: Path) -> int | None:
    """Return the mode of this user's file that is overwritten; None if there is none."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    own = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
    return status.st_mode & _PERMISSIONS if own else None


def _set_mode(file: int, mode: int | None) -> None:
    # Some file systems have no modes to set.
    with suppress(PermissionError):
        if mode is not None:
            os.fchmod(file, mode)


def _put_in_place(part: Path, path: Path, *, over: bool) -> None:
    """Give a finished file its name. Raises UsageError if another file has it by now, unless `over`."""
    if over:
        part.replace(path)
        return
    try:
        _name_new(part, path)
    except FileExistsError:
        raise UsageError(f"{path} already exists. Use -f to overwrite it.") from None


def _name_new(part: Path, path: Path) -> None:
    """Give a file its name without replacing another. Raises FileExistsError and other OSErrors."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:
        # There are no hard links here: an empty file keeps the name until the whole one replaces it.
        path.touch(0o600, exist_ok=False)
        try:
            part.replace(path)
        except OSError:
            path.unlink()
            raise
