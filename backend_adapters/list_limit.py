"""Counts what is kept of a list: a server, or what stands before it, can send pages for ever."""

from __future__ import annotations

from collections.abc import Iterable

from backend_adapters.model import Task, TaskId

MAX_LISTED_TASKS = 1_000_000
"""Tasks that are kept of one place at the most; they take half a gigabyte (measured)."""

MAX_LISTED_TEXT = 256 * 1024 * 1024
"""Characters of their names, descriptions and so on."""

MAX_STALE_PAGES = 1_000
"""Pages in a row that may come without a new task; some are short or empty on a cluster."""


class ListLimit:
    """What was taken in of the lists of one place, each task counted once."""

    def __init__(self) -> None:
        self._ids: set[TaskId] = set()
        self._text = 0

    def count_tasks(self, tasks: Iterable[Task], *, more: int = 0) -> set[TaskId]:
        """Count the tasks of a page, with so many bytes `more`; gives the ids that were counted before."""
        page = {task.id: task for task in tasks}
        before = page.keys() & self._ids
        self._ids.update(page)
        self._text += more + sum(_count_text(task) for task_id, task in page.items() if task_id not in before)
        return before

    @property
    def limit_note(self) -> str:
        """Why no more is taken in, as a sentence; empty while it is."""
        if len(self._ids) < MAX_LISTED_TASKS and self._text < MAX_LISTED_TEXT:
            return ""
        return f"The list goes on after {len(self._ids):,} tasks: graphtop reads no more of one list."


class StalePages:
    """The pages in a row in which one list brought nothing that it had not brought before."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self._repeated: set[TaskId] = set()
        """What came although another list had brought it, or this one: the first time it counts as new."""

    def begin_page(self) -> None:
        """Count a page, as stale until something new is noted."""
        self._in_a_row += 1

    def note_tasks(self, tasks: Iterable[Task], before: set[TaskId]) -> None:
        """Note what the page holds, and which ids of it were counted before, by whichever list."""
        if any(task.id not in before for task in tasks) or not before <= self._repeated:
            self._in_a_row = 0
        self._repeated |= before

    @property
    def limit_note(self) -> str:
        """Why the list is read no further, as a sentence; empty while it is."""
        if self._in_a_row < MAX_STALE_PAGES:
            return ""
        return f"The last {MAX_STALE_PAGES:,} pages of the list held no new task: graphtop reads no further."


def _count_text(task: Task) -> int:
    """How many characters are kept of a task beside its numbers."""
    texts = (
        task.name,
        task.type,
        task.raw_status,
        task.server,
        task.graph,
        task.description,
        task.decode_error,
    )
    return sum(map(len, filter(None, (*texts, *task.dependencies))))
