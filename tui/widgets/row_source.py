"""What a table of tasks shows: any sequence that can tell where a task is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from backend_adapters.model import Task, TaskId


class RowSource(Protocol):
    """The tasks to show, in order. It may change under the table; `show` is then called."""

    def __len__(self) -> int:
        """How many rows."""

    def __getitem__(self, row: int, /) -> Task:
        """The task of a row."""

    def __iter__(self) -> Iterator[Task]:
        """All tasks in order."""

    def position(self, task_id: TaskId, /) -> int | None:
        """The row of a task, or None where it is not among the rows."""


class EmptyRows:
    """No rows, before there are any."""

    def __len__(self) -> int:
        """None."""
        return 0

    def __getitem__(self, row: int) -> Task:
        """Never there."""
        raise IndexError(row)

    def __iter__(self) -> Iterator[Task]:
        """Nothing."""
        return iter(())

    def position(self, _task_id: TaskId, /) -> int | None:
        """Never there."""
        return None
