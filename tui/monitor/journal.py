"""The journal: one line of JSON for each action that was asked of a server, never changed afterwards.

Before an action is sent its line is written with the outcome `under way`, long enough for whatever comes of
it; when its end is seen the same bytes are written over. So a disk without room is found out before anything
is sent, an end needs no room, and an action that graphtop did not live to see stays `under way`.

Several graphtops write to one file: a line is appended under a lock, and its own bytes belong to its writer.
"""

from __future__ import annotations

import fcntl
import getpass
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import gmtime, strftime
from typing import Protocol

import msgspec
from msgspec import Struct

from backend_adapters.backend import Backend
from backend_adapters.errors import BackendError
from backend_adapters.model import Action, Task, TaskId
from tui.masking import mask
from tui.monitor.clock import Clock
from tui.monitor.verdicts import Report

UNDER_WAY = "under way"
ROTATE = 8 * 1024 * 1024
"""Bytes from which on a file is put aside and a new one begun."""
KEPT = 4
"""Files put aside that are kept: `journal.jsonl.1` is the newest of them."""
ROOM = 1024
"""Bytes that a line keeps free for the outcome and the server's words."""
WORDS_MOST = 300
TASK_MOST = 256 * 1024
"""Bytes of a deleted task's JSON that are kept."""


class JournalError(Exception):
    """The journal can't be written; the message is a sentence that says why and where."""


class Line(Struct, kw_only=True, omit_defaults=True):
    """One action, as it stands in the file."""

    when: str
    """When it was sent, ISO 8601 in UTC with milliseconds."""
    by: str
    """`user@host`."""
    profile: str
    url: str
    graph: str
    """The graph with its graphspace: `DEFAULT/hugegraph`."""
    id: TaskId
    action: str
    outcome: str
    type: str = ""
    name: str = ""
    shown: str = ""
    """The status that the person saw, in the server's word."""
    code: int | None = None
    """The HTTP status of the answer."""
    words: str = ""
    """What the server said, or what graphtop has to say."""
    elapsed: float | None = None
    """Seconds from the decision to the end."""
    task: msgspec.Raw = msgspec.Raw()
    """For a delete: the task's own JSON, secrets hidden; a string where it was too long to keep whole."""


class Entry(Protocol):
    """A line that waits for its end."""

    def end(self, report: Report) -> None:
        """Write what came of the action. Raises JournalError."""
        ...


class Keeper(Protocol):
    """What the operations need of a journal."""

    async def begin(self, action: Action, task: Task) -> Entry:
        """Write that an action is about to be sent. Raises JournalError; nothing may be sent then."""
        ...

    def tell(self, report: Report) -> None:
        """Write of an action for which nothing was sent, or what came after its end."""
        ...


class _Written(Struct):
    """A line in the file, with the room behind it."""

    path: Path
    file: int
    at: int
    size: int
    line: Line

    def end(self, report: Report) -> None:
        """Write the outcome over the line. Raises JournalError."""
        line = _ended(self.line, report)
        try:
            with _raised(self.path):
                os.pwrite(self.file, _padded(line, self.size), self.at)
        finally:
            os.close(self.file)


class Journal:
    """The journal of one source of tasks."""

    def __init__(self, path: Path, backend: Backend, clock: Clock) -> None:
        self.path = path
        self._backend = backend
        self._clock = clock
        self._by = f"{_user()}@{socket.gethostname()}"

    async def begin(self, action: Action, task: Task) -> Entry:
        """Write that an action is about to be sent, for a delete with the task itself; see `Keeper`."""
        line = self._line(action.value, task, UNDER_WAY)
        if action.deletes:
            line.task = await self._own_json(task)
        return self._append(line, ROOM)

    def tell(self, report: Report) -> None:
        """Write of an action that was not begun, as far as there is room: nothing was sent for it."""
        with suppress(JournalError):
            line = self._line(report.action.value, report.task, report.outcome.value)
            os.close(self._append(_ended(line, report), 0).file)

    def submitted(self, task_id: TaskId, type: str, name: str) -> None:
        """Write that a job was begun. Raises JournalError."""
        task_line = self._line_of("submit", task_id, "accepted")
        task_line.type, task_line.name = type, mask(name)
        os.close(self._append(task_line, 0).file)

    def _line(self, action: str, task: Task, outcome: str) -> Line:
        line = self._line_of(action, task.id, outcome)
        line.type, line.name, line.shown = task.type, mask(task.name), task.word
        return line

    def _line_of(self, action: str, task_id: TaskId, outcome: str) -> Line:
        source = self._backend.source
        return Line(
            when=_moment(self._clock.now()),
            by=self._by,
            profile=source.profile,
            url=source.url,
            graph=source.place,
            id=task_id,
            action=action,
            outcome=outcome,
        )

    async def _own_json(self, task: Task) -> msgspec.Raw:
        """The task's JSON as the server tells it now; of a list's record where that can't be had."""
        try:
            detail = await self._backend.detail(task.id, cap=TASK_MOST)
        except BackendError:
            return msgspec.Raw(mask(msgspec.json.encode(task).decode()).encode())
        text = mask(detail.raw.decode("utf-8", "replace"))
        try:
            # A record is one line here, and the file has one record for each line.
            return msgspec.Raw(msgspec.json.format(text.encode(), indent=-1))
        except msgspec.DecodeError:
            return msgspec.Raw(msgspec.json.encode(text))

    def _append(self, line: Line, room: int) -> _Written:
        """Append a line with `room` bytes behind it. Raises JournalError, and leaves no half of a line."""
        size = len(msgspec.json.encode(line)) + room + 1
        with _raised(self.path), _locked(self.path) as file:
            at = os.lseek(file, 0, os.SEEK_END)
            try:
                _write(file, _padded(line, size))
            except OSError:
                with suppress(OSError):
                    os.ftruncate(file, at)
                raise
            return _Written(self.path, os.dup(file), at, size, line)


def _ended(line: Line, report: Report) -> Line:
    """The line with what came of the action."""
    words = mask(report.words)[:WORDS_MOST]
    return msgspec.structs.replace(
        line,
        outcome=report.outcome.value,
        code=report.code,
        words=words if len(msgspec.json.encode(words)) < ROOM - 200 else words[:100],
        elapsed=round(report.elapsed, 3),
    )


def _padded(line: Line, size: int) -> bytes:
    """The line in exactly `size` bytes: JSON, blanks and a line end."""
    return msgspec.json.encode(line).ljust(size - 1) + b"\n"


def _write(file: int, data: bytes) -> None:
    """Write all of it; a disk that takes only a part has no room."""
    done = 0
    while done < len(data):
        done += os.write(file, data[done:])


@contextmanager
def _raised(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise JournalError(f"The journal {path} can't be written: {why}.") from error


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, open and locked, after it was put aside if it is too long. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = _opened(path)
    try:
        if os.fstat(file).st_size >= ROTATE:
            _put_aside(path)
            os.close(file)
            file = _opened(path)
        yield file
    finally:
        # Not by closing: a copy of it stays open for the line's end.
        fcntl.flock(file, fcntl.LOCK_UN)
        os.close(file)


def _opened(path: Path) -> int:
    """Open and lock the file that has this name; another graphtop may be putting it aside just now."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file), path.stat()):
                return file
        os.close(file)


def _put_aside(path: Path) -> None:
    """Give the file and those put aside before it the next number; the oldest goes."""
    for number in range(KEPT, 0, -1):
        older = aside(path, number)
        newer = aside(path, number - 1) if number > 1 else path
        if newer.exists():
            newer.replace(older)


def aside(path: Path, number: int) -> Path:
    """The name of a file that was put aside."""
    return path.with_name(f"{path.name}.{number}")


def read(path: Path) -> Iterator[Line | str]:
    """All lines that are kept, the oldest first; a line that can't be read comes as its text.

    Raises OSError.
    """
    for file in (*(aside(path, number) for number in range(KEPT, 0, -1)), path):
        if not file.exists():
            continue
        with file.open("rb") as lines:
            for text in lines:
                try:
                    yield msgspec.json.decode(text, type=Line)
                except msgspec.DecodeError:
                    yield text.decode("utf-8", "replace").rstrip()


def _moment(millis: int) -> str:
    seconds, rest = divmod(millis, 1000)
    return f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(seconds))}.{rest:03}Z"


def _user() -> str:
    """The name of who runs this; the number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
