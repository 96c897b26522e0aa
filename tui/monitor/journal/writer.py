"""The journal: one line of JSON for each action sent to a server, never changed afterwards.

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

import msgspec
from msgspec.structs import replace

from backend_adapters.backend import Backend
from backend_adapters.errors import BackendError, may_have_started
from backend_adapters.model import Action, Task, TaskId
from tui.monitor.clock import Clock
from tui.monitor.journal.file import JournalError, JournalFile, LineSlot, default_journal_path
from tui.monitor.journal.line import (
    ACCEPTED,
    NAME_MOST,
    SPARE_BYTES,
    UNDER_WAY,
    JournalLine,
    clean_words,
    encode_line,
    encode_task,
    format_moment,
    format_task_json,
    pad_line,
    shorten_words,
)
from tui.monitor.journal.reader import find_worker_refusal
from tui.monitor.outcomes import TASK_ACTIONS, Outcome, Report
from tui.monitor.state_file import NotifyUser
from tui.monitor.unreadable import is_unreadable

TASK_MOST = 256 * 1024
"""Bytes of a deleted task's JSON that are kept."""
TASK_PATIENCE = 5.0
"""Seconds to wait for a deleted task's JSON; after that its record from a list is kept."""


class PendingLine:
    """A line of an action, or of a job, that waits for its outcome in the bytes reserved for it."""

    def __init__(self, line: JournalLine, room: LineSlot, clock: Clock) -> None:
        self._line = line
        self._room = room
        self._clock = clock
        self._began = clock.monotonic()

    def write_end(self, report: Report) -> None:
        """Write the outcome of the action over the line. Raises JournalError."""
        self._write_over(_add_outcome(self._line, report))

    def write_accepted(self, task_id: TaskId) -> None:
        """Write over the line that the job was started. Raises JournalError."""
        self._write_over(
            replace(self._line, id=clean_words(task_id), outcome=ACCEPTED, elapsed=self._elapsed)
        )

    def write_failed(self, error: BackendError) -> None:
        """Write over the line why the job could not be started, as far as is known. Raises JournalError."""
        words, outcome = shorten_words(str(error)), _judge_failure(error).value
        line = replace(self._line, outcome=outcome, words=words, code=error.code, as_worker=error.as_worker)
        self._write_over(replace(line, elapsed=self._elapsed))

    @property
    def _elapsed(self) -> float:
        return round(self._clock.monotonic() - self._began, 3)

    def _write_over(self, line: JournalLine) -> None:
        self._room.write_over(pad_line(line, self._room.size))


class Journal:
    """The journal of one source of tasks."""

    def __init__(
        self, path: Path, backend: Backend, clock: Clock, tell: NotifyUser = lambda words: None
    ) -> None:
        """`tell` is called with what a person should know about the file, once."""
        self.path = path
        self._file = JournalFile(path, clock, tell)
        self._noted: list[bytes] = []
        self._backend = backend
        self._clock = clock
        self._by = clean_words(f"{_get_user_name()}@{socket.gethostname()}")

    async def begin_action(self, action: Action, task: Task) -> PendingLine:
        """Write that an action is about to be sent, for a delete with the task itself.

        Raises JournalError; nothing may be sent then.
        """
        line = self._make_task_line(action.value, task, UNDER_WAY)
        if action.is_deletion and not is_unreadable(task):
            line.task = await self._read_task_json(task)
        return await self._append_line(line)

    async def begin_job(self, action: str, type: str, name: str) -> PendingLine:
        """Write that a job is about to be started. Raises JournalError; nothing may be sent then."""
        shown_name = clean_words(name)[:NAME_MOST]
        return await self._append_line(self._make_line(action, UNDER_WAY, type=type, name=shown_name))

    def note_report(self, report: Report) -> None:
        """Note an action that was not sent, or what happened later, for `flush_notes` to write."""
        line = self._make_task_line(report.action.value, report.task, report.outcome.value)
        self._noted.append(encode_line(_add_outcome(line, report)) + b"\n")

    async def flush_notes(self) -> None:
        """Append what was noted, all of it under one lock, as far as the disk has room."""
        noted, self._noted = self._noted, []
        with suppress(JournalError):
            if noted:
                (await self._file.append_line(b"".join(noted))).release_file()

    def last_worker_refusal(self) -> str:
        """The last action the server refused as a worker, or "". Call it in a thread: it reads a file."""
        line = find_worker_refusal(self.path, self._backend.source, TASK_ACTIONS)
        return "" if line is None else line.action

    def _make_task_line(self, action: str, task: Task, outcome: str) -> JournalLine:
        return self._make_line(
            action, outcome, task_id=task.id, type=task.type, name=task.name, shown=task.raw_status
        )

    def _make_line(
        self, action: str, outcome: str, *, task_id: TaskId = "", type: str, name: str, shown: str = ""
    ) -> JournalLine:
        source = self._backend.source
        return JournalLine(
            when=format_moment(self._clock.now()),
            by=self._by,
            profile=clean_words(source.profile),
            url=clean_words(source.url),
            graph=clean_words(source.qualified_graph),
            id=clean_words(task_id),
            action=action,
            outcome=outcome,
            type=clean_words(type),
            name=clean_words(name),
            shown=clean_words(shown),
        )

    async def _read_task_json(self, task: Task) -> msgspec.Raw:
        """The task's JSON as the server sends it now, or its record from a list if that takes too long."""
        reading = asyncio.ensure_future(self._backend.detail(task.id, cap=TASK_MOST))
        patience = asyncio.ensure_future(self._clock.sleep(TASK_PATIENCE))
        try:
            await asyncio.wait((reading, patience), return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                return format_task_json(reading.result().raw)
        except BackendError:
            # A task whose texts can't be read can be deleted all the same.
            pass
        finally:
            reading.cancel()
            patience.cancel()
            await asyncio.gather(reading, patience, return_exceptions=True)
        return format_task_json(encode_task(task))

    async def _append_line(self, line: JournalLine) -> PendingLine:
        """Append a line with bytes reserved for its outcome. Raises JournalError."""
        data = encode_line(line)
        room = await self._file.append_line(data.ljust(len(data) + SPARE_BYTES) + b"\n")
        return PendingLine(line, room, self._clock)


def open_journal(
    backend: Backend,
    clock: Clock,
    *,
    demo: bool = False,
    wanted: bool = True,
    tell: NotifyUser = lambda words: None,
    environ: Mapping[str, str] | None = None,
) -> Journal | None:
    """The journal of the current user; None if it is turned off, and for the demo."""
    if demo or not wanted:
        return None
    return Journal(default_journal_path(os.environ if environ is None else environ), backend, clock, tell)


def _add_outcome(line: JournalLine, report: Report) -> JournalLine:
    """The line with the outcome of the action."""
    return replace(
        line,
        outcome=report.outcome.value,
        code=report.code,
        words=shorten_words(report.words),
        as_worker=report.as_worker,
        elapsed=round(report.elapsed, 3),
    )


def _judge_failure(error: BackendError) -> Outcome:
    """The outcome of a job that could not be started."""
    if may_have_started(error):
        return Outcome.UNCONFIRMED
    return Outcome.REFUSED if error.sent else Outcome.NOT_SENT


def _get_user_name() -> str:
    """The name of the current user, or the number of one without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
