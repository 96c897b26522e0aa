"""Limits what is kept of a list: a server or a proxy can send pages for ever."""

from __future__ import annotations

from collections.abc import Iterable

from backend_adapters.id_set import IdSet
from backend_adapters.model import NO_EXTRAS, Task, TaskId

MAX_KEPT_TASKS = 1_000_000
"""The most tasks that are kept of one place; they take half a gigabyte (measured)."""

MAX_KEPT_TEXT = 256 * 1024 * 1024
"""The most characters of their names, descriptions and so on."""

MAX_STALE_PAGES = 1_000
"""The most pages in a row without a new task; on a cluster some are short or empty."""


class ListLimit:
    """The tasks that were read from the lists of one place, each counted once."""

    def __init__(self) -> None:
        self._ids = IdSet()
        self._text = 0

    def count_tasks(self, tasks: Iterable[Task], *, more: int = 0) -> set[TaskId]:
        """Count the tasks of a page, and `more` bytes; returns the ids that were counted before."""
        page = {task.id: task for task in tasks}
        before = self._ids.add_ids(page)
        self._text += more + sum(_count_text(task) for task_id, task in page.items() if task_id not in before)
        return before

    async def free(self) -> None:
        """Forget all tasks, in steps: nothing is read any more."""
        await self._ids.free()

    @property
    def limit_note(self) -> str:
        """Why reading stops, as a sentence; empty while it goes on."""
        if len(self._ids) < MAX_KEPT_TASKS and self._text < MAX_KEPT_TEXT:
            return ""
        return f"The list has more than {len(self._ids):,} tasks; graphtop stopped there."


class StalePages:
    """Counts the pages in a row that held nothing new."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self._repeated: set[TaskId] = set()
        """Tasks that came although they were counted before: the first time they count as new."""

    def begin_page(self) -> None:
        """Count a page as stale until something new of it is noted."""
        self._in_a_row += 1

    def note_tasks(self, tasks: Iterable[Task], before: set[TaskId]) -> None:
        """Note the tasks of the page, and which of them were counted before by any list."""
        if any(task.id not in before for task in tasks) or not before <= self._repeated:
            self._in_a_row = 0
        self._repeated |= before

    @property
    def limit_note(self) -> str:
        """Why the list is read no further, as a sentence; empty while reading goes on."""
        if self._in_a_row < MAX_STALE_PAGES:
            return ""
        return f"The last {MAX_STALE_PAGES:,} pages of the list had no new tasks; graphtop stopped there."


def _count_text(task: Task) -> int:
    """The number of characters in the texts of a task."""
    size = len(task.name) + len(task.type) + len(task.raw_status)
    if task.server:
        size += len(task.server)
    if task.graph:
        size += len(task.graph)
    if task.extras is NO_EXTRAS:
        return size
    texts = (task.description, task.decode_error, task.reason, *task.dependencies)
    return size + sum(len(text) for text in texts if text)
