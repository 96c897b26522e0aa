"""The journal's file: lines appended under a lock, slots that their writers fill in later, and rotation.

Several graphtops write to one file. A line is appended whole or not at all, and its bytes may be written over
by the one who appended it, also after the file was put aside.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING

from backend_adapters.errors import BackendError
from tui.monitor.state_file import (
    NotifyUser,
    find_state_folder,
    make_state_folder,
    open_state_file,
    open_state_folder,
    try_lock,
)

if TYPE_CHECKING:
    # The clock imports asyncio, which commands that talk to no server need not load.
    from tui.monitor.clock import Clock

ROTATE_BYTES = 8 * 1024 * 1024
"""Size in bytes at which the file is rotated."""
ROTATED_FILES = 4
"""Rotated files that are kept; `journal.jsonl.1` is the newest."""
LOCK_WAIT = 1.0
"""Seconds to wait for the lock of another graphtop, which holds it for less than a millisecond."""
LOCK_GIVEN_UP = 10.0
"""Seconds in which a lock that timed out is not waited for again: many lines may follow."""
_LOCK_PAUSE = 0.002
"""Seconds between two attempts to get the lock; the event loop is free meanwhile."""


class JournalError(BackendError):
    """The journal can't be written, so nothing was sent; the message says why and where."""

    hint = ""
    retryable = False
    sent = False


def default_journal_path(environ: Mapping[str, str]) -> Path:
    """The journal's path: GRAPHTOP_JOURNAL, else in the state folder (XDG_STATE_HOME)."""
    named = environ.get("GRAPHTOP_JOURNAL")
    if named:
        return Path(os.path.expanduser(named)).absolute()  # noqa: PTH111 - may lack a home
    return find_state_folder() / "journal.jsonl"


def rotated_path(path: Path, number: int) -> Path:
    """The path of a rotated file."""
    return path.with_name(f"{path.name}.{number}")


class _OpenFile:
    """A file with unfinished lines, opened once for all of them."""

    def __init__(self, file: int) -> None:
        self.file = os.dup(file)
        self.users = 0


class LineSlot:
    """Bytes of the file that belong to one writer until it has filled them."""

    def __init__(self, path: Path, file: _OpenFile, at: int, size: int) -> None:
        self.size = size
        self._path = path
        self._open = file
        self._at = at
        file.users += 1

    def write_over(self, line: bytes) -> None:
        """Overwrite the slot, once; `line` has `size` bytes. Raises JournalError."""
        try:
            with convert_os_errors(self._path):
                os.pwrite(self._open.file, line, self._at)
        finally:
            self.release_file()

    def release_file(self) -> None:
        """Leave the slot as it is."""
        self._open.users -= 1
        if not self._open.users:
            os.close(self._open.file)


class JournalFile:
    """Appends lines to a file, whose folder is made when needed."""

    def __init__(self, path: Path, clock: Clock, tell: NotifyUser) -> None:
        self.path = path
        self._clock = clock
        self._tell = tell
        self._lost_until = 0.0
        self._open: dict[tuple[int, int], _OpenFile] = {}

    async def append_line(self, line: bytes) -> LineSlot:
        """Append a line, with its line end, entirely or not at all. Raises JournalError."""
        with convert_os_errors(self.path):
            async with self._lock_file() as file:
                return self._append_to(file, line)

    @asynccontextmanager
    async def _lock_file(self) -> AsyncIterator[int]:
        """Open and lock the file, and rotate it first if it is too long. Raises OSError."""
        file = await self._wait_for_lock()
        try:
            if os.fstat(file).st_size >= ROTATE_BYTES:
                _rotate_files(self.path)
                fresh = await self._wait_for_lock()
                os.close(file)
                file = fresh
            yield file
        finally:
            # Closing would not unlock it: a duplicate stays open for the line's outcome.
            fcntl.flock(file, fcntl.LOCK_UN)
            os.close(file)

    async def _wait_for_lock(self) -> int:
        """Open and lock the file. Raises OSError if another process doesn't release its lock in time."""
        began = self._clock.monotonic()
        end = began if began < self._lost_until else began + LOCK_WAIT
        while (file := _open_locked(self.path, self._tell)) is None:
            now = self._clock.monotonic()
            if now > end:
                self._lost_until = now + LOCK_GIVEN_UP
                raise OSError(errno.EAGAIN, "another graphtop holds its lock")
            await self._clock.sleep(_LOCK_PAUSE)
        self._lost_until = 0.0
        return file

    def _append_to(self, file: int, line: bytes) -> LineSlot:
        """Append to the locked file. Raises OSError."""
        at = os.lseek(file, 0, os.SEEK_END)
        try:
            # A writer that was killed may have left half a line.
            half = at > 0 and os.pread(file, 1, at - 1) != b"\n"
            _write_all(file, b"\n" + line if half else line)
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, at)
            raise
        return LineSlot(self.path, self._share_open_file(file), at + half, len(line))

    def _share_open_file(self, file: int) -> _OpenFile:
        """The open file that all unfinished lines share: there can be thousands at once."""
        status = os.fstat(file)
        key = (status.st_dev, status.st_ino)
        held = self._open.get(key)
        if held is None or not held.users:
            self._open = {other: one for other, one in self._open.items() if one.users}
            held = self._open[key] = _OpenFile(file)
        return held


def _write_all(file: int, data: bytes) -> None:
    """Write everything; the next write after a partial one says why."""
    done = 0
    while done < len(data):
        done += os.write(file, data[done:])


@contextmanager
def convert_os_errors(path: Path) -> Iterator[None]:
    """Turn an OSError into a JournalError."""
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        words = f"Can't write the journal: {why}. Use --no-journal to do without it, or check {path}."
        raise JournalError(words) from error


def _open_locked(path: Path, tell: NotifyUser) -> int | None:
    """Open and lock the file of this name; None if another graphtop holds it or is rotating it."""
    make_state_folder(path.parent)
    with open_state_folder(path.parent) as folder:
        file = open_state_file(path, folder, os.O_RDWR | os.O_CREAT, tell)
        try:
            if try_lock(file) and os.path.samestat(os.fstat(file), os.lstat(path.name, dir_fd=folder)):
                return file
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(file)
            raise
        os.close(file)
    return None


def _rotate_files(path: Path) -> None:
    """Rename the file and the rotated ones to the next number; the oldest is overwritten. Raises OSError."""
    with open_state_folder(path.parent) as folder:
        for number in range(ROTATED_FILES, 0, -1):
            newer = rotated_path(path, number - 1) if number > 1 else path
            with suppress(FileNotFoundError):
                os.replace(newer.name, rotated_path(path, number).name, src_dir_fd=folder, dst_dir_fd=folder)


def read_lines(path: Path, tell: NotifyUser | None = None) -> Iterator[bytes]:
    """All lines, oldest first; see `open_state_file` for `tell`. Raises OSError.

    The newest file is opened first: one that is put aside meanwhile is met twice, and never missed.
    """
    with ExitStack() as stack:
        files: list[BufferedReader] = []
        for one in (path, *(rotated_path(path, number) for number in range(1, ROTATED_FILES + 1))):
            with suppress(FileNotFoundError), open_state_folder(one.parent) as folder:
                number = open_state_file(one, folder, os.O_RDONLY, tell)
                file = stack.enter_context(os.fdopen(number, "rb"))
                if not any(os.path.sameopenfile(file.fileno(), other.fileno()) for other in files):
                    files.append(file)
        for file in reversed(files):
            yield from file
