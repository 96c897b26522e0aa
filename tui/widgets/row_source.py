"""What a table of tasks shows: any sequence that can find a task by its key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from backend_adapters.model import Task, TaskKey
from tui.task_group import TaskGroup


class RowSource(Protocol):
    """The tasks to show, in order. When they change, `TaskList.show_rows` is to be called."""

    def __len__(self) -> int:
        """How many rows."""

    def __getitem__(self, row: int, /) -> Task:
        """The task of a row."""

    def __iter__(self) -> Iterator[Task]:
        """All tasks in order."""

    def position(self, task_key: TaskKey, /) -> int | None:
        """The row of a task, or None where it is not among the rows."""

    @property
    def running_rows(self) -> int:
        """How many rows at the top are of tasks that run; 0 where these stand among the others."""

    @property
    def waiting_rows(self) -> int:
        """How many rows below these are of tasks that wait; 0 where these stand among the others."""

    @property
    def expects_ended(self) -> bool:
        """Whether tasks that have ended are still to come: those above them stand where they will then."""

    @property
    def groups(self) -> Sequence[TaskGroup]:
        """The groups of the rows, one after the other; none where the rows are not grouped."""


class EmptyRows(tuple[Task, ...]):
    """What is shown before there are rows."""

    __slots__ = ()
    running_rows = waiting_rows = 0
    expects_ended = False
    groups = ()

    def position(self, _task_key: TaskKey, /) -> int | None:
        """None."""
        return None
