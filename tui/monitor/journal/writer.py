"""The journal: one line of JSON for each action that was asked of a server, never changed afterwards.

Before an action is sent its line is written with the outcome `under way`, long enough for whatever comes of
it; when its end is seen the same bytes are written over. So a disk without room is found out before anything
is sent, an end needs no room, and an action that graphtop did not live to see stays `under way`.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec.structs import replace

from backend_adapters.backend import Backend
from backend_adapters.errors import BackendError, may_have_started
from backend_adapters.model import Action, Task, TaskId
from tui.monitor.clock import Clock
from tui.monitor.journal.file import Appender, JournalError, Room, default_path
from tui.monitor.journal.line import (
    ACCEPTED,
    NAME_MOST,
    SPARE,
    UNDER_WAY,
    Line,
    clean,
    encoded,
    moment,
    padded,
    raw_json,
    refused_as_worker,
    short,
    task_json,
)
from tui.monitor.outcomes import TASK_ACTIONS, Outcome, Report
from tui.monitor.state_file import Tell
from tui.monitor.unreadable import unreadable

__all__ = ["Entry", "JobEntry", "Journal", "JournalError", "Keeper", "Line", "default_path", "journal_of"]

TASK_MOST = 256 * 1024
"""Bytes of a deleted task's JSON that are kept."""
TASK_PATIENCE = 5.0
"""Seconds that a deleted task's JSON may take to come; after that what a list said of it is kept."""


class Entry(Protocol):
    """A line that waits for its end."""

    def end(self, report: Report) -> None:
        """Write what came of the action. Raises JournalError."""
        ...


class JobEntry(Protocol):
    """The line of a job that is being started."""

    def accepted(self, task_id: TaskId) -> None:
        """Write that it has begun. Raises JournalError."""
        ...

    def failed(self, error: BackendError) -> None:
        """Write that it could not be started, as far as known. Raises JournalError."""
        ...


class Keeper(Protocol):
    """What the operations need of a journal."""

    async def begin(self, action: Action, task: Task) -> Entry:
        """Write that an action is about to be sent. Raises JournalError; nothing may be sent then."""
        ...

    async def begin_job(self, action: str, type: str, name: str) -> JobEntry:
        """Write that a job is about to be started. Raises JournalError; nothing may be sent then."""
        ...

    def tell(self, report: Report) -> None:
        """Note an action for which nothing was sent, or what came after its end; `flush` writes it."""
        ...

    async def flush(self) -> None:
        """Write what was noted, as far as there is room."""
        ...

    def worker_refusal(self) -> str:
        """What the server refused last as a worker, "" for nothing; for a thread, as it reads a file."""
        ...


class _Written:
    """A line in the file, with the room behind it."""

    def __init__(self, line: Line, room: Room, clock: Clock) -> None:
        self._line = line
        self._room = room
        self._clock = clock
        self._began = clock.monotonic()

    def end(self, report: Report) -> None:
        """Write the outcome over the line. Raises JournalError."""
        self._fill(_ended(self._line, report))

    def accepted(self, task_id: TaskId) -> None:
        """Write the id of the job over the line. Raises JournalError."""
        self._fill(replace(self._line, id=clean(task_id), outcome=ACCEPTED, elapsed=self._elapsed))

    def failed(self, error: BackendError) -> None:
        """Write why there is no job over the line. Raises JournalError."""
        words, outcome = short(str(error)), _outcome(error).value
        line = replace(self._line, outcome=outcome, words=words, code=error.code, elapsed=self._elapsed)
        self._fill(replace(line, as_worker=error.as_worker))

    @property
    def _elapsed(self) -> float:
        return round(self._clock.monotonic() - self._began, 3)

    def _fill(self, line: Line) -> None:
        self._room.fill(padded(line, self._room.size))


class Journal:
    """The journal of one source of tasks."""

    def __init__(self, path: Path, backend: Backend, clock: Clock, tell: Tell = lambda words: None) -> None:
        """`tell` hears what a person should know of the file, once."""
        self.path = path
        self._file = Appender(path, clock, tell)
        self._noted: list[bytes] = []
        self._backend = backend
        self._clock = clock
        self._by = clean(f"{_user()}@{socket.gethostname()}")

    async def begin(self, action: Action, task: Task) -> Entry:
        """Write that an action is about to be sent, for a delete with the task itself; see `Keeper`."""
        line = self._line(action.value, task, UNDER_WAY)
        if action.deletes and not unreadable(task):
            line.task = await self._own_json(task)
        return await self._append(line)

    async def begin_job(self, action: str, type: str, name: str) -> JobEntry:
        """Write that a job is about to be started; see `Keeper`."""
        line = self._line_of(action, "", UNDER_WAY)
        line.type, line.name = clean(type), clean(name)[:NAME_MOST]
        return await self._append(line)

    def tell(self, report: Report) -> None:
        """Note an action that was not begun: nothing was sent for it; see `Keeper`."""
        line = self._line(report.action.value, report.task, report.outcome.value)
        self._noted.append(encoded(_ended(line, report)) + b"\n")

    async def flush(self) -> None:
        """Append what was noted, all of it under one lock; see `Keeper`."""
        noted, self._noted = self._noted, []
        with suppress(JournalError):
            if noted:
                (await self._file.append(b"".join(noted))).leave()

    def worker_refusal(self) -> str:
        """The last action that the server refused as a worker of its cluster; see `Keeper`."""
        line = refused_as_worker(self.path, self._backend.source, TASK_ACTIONS)
        return "" if line is None else line.action

    def _line(self, action: str, task: Task, outcome: str) -> Line:
        line = self._line_of(action, task.id, outcome)
        line.type, line.name, line.shown = clean(task.type), clean(task.name), clean(task.raw_status)
        return line

    def _line_of(self, action: str, task_id: TaskId, outcome: str) -> Line:
        source = self._backend.source
        return Line(
            when=moment(self._clock.now()),
            by=self._by,
            profile=clean(source.profile),
            url=clean(source.url),
            graph=clean(source.qualified_graph),
            id=clean(task_id),
            action=action,
            outcome=outcome,
        )

    async def _own_json(self, task: Task) -> msgspec.Raw:
        """The task's JSON as the server tells it now; of a list's record where that can't be had soon."""
        reading = asyncio.ensure_future(self._backend.detail(task.id, cap=TASK_MOST))
        patience = asyncio.ensure_future(self._clock.sleep(TASK_PATIENCE))
        try:
            await asyncio.wait((reading, patience), return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                return raw_json(reading.result().raw)
        except BackendError:
            # A task whose texts can't be read is to be deleted all the same.
            pass
        finally:
            reading.cancel()
            patience.cancel()
            await asyncio.gather(reading, patience, return_exceptions=True)
        return raw_json(task_json(task))

    async def _append(self, line: Line) -> _Written:
        """Append a line with room for its end. Raises JournalError."""
        data = encoded(line)
        room = await self._file.append(data.ljust(len(data) + SPARE) + b"\n")
        return _Written(line, room, self._clock)


def journal_of(
    backend: Backend,
    clock: Clock,
    *,
    demo: bool = False,
    wanted: bool = True,
    tell: Tell = lambda words: None,
    environ: Mapping[str, str] | None = None,
) -> Journal | None:
    """The journal of who runs this; None where none is wanted, and for the demo, which is no server."""
    if demo or not wanted:
        return None
    return Journal(default_path(os.environ if environ is None else environ), backend, clock, tell)


def _ended(line: Line, report: Report) -> Line:
    """The line with what came of the action."""
    return replace(
        line,
        outcome=report.outcome.value,
        code=report.code,
        words=short(report.words),
        as_worker=report.as_worker,
        elapsed=round(report.elapsed, 3),
    )


def _outcome(error: BackendError) -> Outcome:
    """What is known of a job that could not be started."""
    if may_have_started(error):
        return Outcome.UNCONFIRMED
    return Outcome.REFUSED if error.sent else Outcome.NOT_SENT


def _user() -> str:
    """The name of who runs this; the number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
