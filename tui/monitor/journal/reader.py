"""Reads the journal: all lines, and what a server has refused before."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from backend_adapters.model import Source, Task, TaskId
from tui.monitor.journal.file import read_lines
from tui.monitor.journal.line import ACCEPTED, DELETE_ACTIONS, JournalLine, format_moment
from tui.monitor.outcomes import Outcome
from tui.monitor.state_file import NotifyUser

_SUCCEEDED = frozenset({ACCEPTED, Outcome.CANCELLED.value, Outcome.DELETED.value})
_AS_WORKER = b'"as_worker":true'


def read_journal(path: Path, tell: NotifyUser | None = None) -> Iterator[JournalLine | str]:
    """All lines, oldest first; a line that can't be parsed comes as text.

    See `open_state_file` for `tell`. Raises OSError.
    """
    for text in read_lines(path, tell):
        try:
            yield msgspec.json.decode(text, type=JournalLine)
        except msgspec.DecodeError:
            yield text.decode("utf-8", "replace").rstrip()


def find_refused_deletes(path: Path, source: Source) -> dict[TaskId, str]:
    """The tasks of a source whose delete was refused, with the time of the last refusal.

    Empty if there is no journal or it can't be read.
    """
    found: dict[TaskId, str] = {}
    with suppress(OSError):
        for line in read_journal(path):
            if isinstance(line, str) or (line.url, line.graph) != (source.url, source.qualified_graph):
                continue
            if line.action in DELETE_ACTIONS and line.outcome == Outcome.REFUSED.value:
                found[line.id] = line.when
    return found


def is_refused_since(task: Task, when: str | None) -> bool:
    """Whether something was refused for this task, not for one that had its id before."""
    return when is not None and task.created is not None and when >= format_moment(task.created)


def find_worker_refusal(
    path: Path, source: Source, among: Container[str] | None = None
) -> JournalLine | None:
    """The last action that a server refused as a worker of its cluster, unless the same one succeeded since.

    It is one of those `among`; without them a refused job counts as well. None where there is no journal, or
    it can't be read.
    """
    found: JournalLine | None = None
    with suppress(OSError):
        if not any(_AS_WORKER in line for line in read_lines(path)):
            # This is the usual case, and parsing a long journal takes a while.
            return None
        for line in read_journal(path):
            if isinstance(line, str) or line.url != source.url:
                continue
            if line.as_worker and (among is None or line.action in among):
                found = line
            elif found is not None and line.action == found.action and line.outcome in _SUCCEEDED:
                found = None
    return found


def find_task_actions(path: Path, source: Source, task_id: TaskId) -> list[JournalLine]:
    """What was done to a task of a source, oldest first; empty if there is no journal or it can't be read."""
    found: list[JournalLine] = []
    sign = msgspec.json.encode(task_id)
    with suppress(OSError):
        for text in read_lines(path):
            # Parsing a long journal takes a while.
            if sign not in text:
                continue
            with suppress(msgspec.DecodeError):
                line = msgspec.json.decode(text, type=JournalLine)
                if (line.id, line.url, line.graph) == (task_id, source.url, source.qualified_graph):
                    found.append(line)
    return found
