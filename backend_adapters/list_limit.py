"""Counts what is kept of a list: a server, or what stands before it, can send pages for ever."""

from __future__ import annotations

from collections.abc import Iterable

from backend_adapters.model import Task, TaskId

TASKS_MOST = 1_000_000
"""Tasks that are kept of one place at the most; they take half a gigabyte (measured)."""

TEXT_MOST = 256 * 1024 * 1024
"""Characters of their names, descriptions and so on."""

STALE_MOST = 1_000
"""Pages in a row that may come without a new task; some are short or empty on a cluster."""


class ListLimit:
    """What was taken in of the lists of one place, each task counted once."""

    def __init__(self) -> None:
        self._ids: set[TaskId] = set()
        self._text = 0

    def take(self, tasks: Iterable[Task], *, more: int = 0) -> bool:
        """Count the tasks of a page, with so many bytes `more`; whether one of them is new."""
        fresh = [task for task in tasks if task.id not in self._ids]
        self._ids.update(task.id for task in fresh)
        self._text += more + sum(map(_text_of, fresh))
        return bool(fresh)

    @property
    def reached(self) -> str:
        """Why no more is taken in, as a sentence; empty while it is."""
        if len(self._ids) < TASKS_MOST and self._text < TEXT_MOST:
            return ""
        return f"The list goes on after {len(self._ids):,} tasks: graphtop reads no more of one list."


def stale_pages() -> str:
    """Why a list is read no further that brings nothing new, as a sentence."""
    return f"The last {STALE_MOST:,} pages of the list held no new task: graphtop reads no further."


def _text_of(task: Task) -> int:
    """How many characters are kept of a task beside its numbers."""
    texts = (task.name, task.type, task.word, task.server, task.graph, task.description, task.fault)
    return sum(len(text) for text in texts if text) + sum(map(len, task.dependencies))
