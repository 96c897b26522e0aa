"""Which columns say the same in every row, so that their room is better given to the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter

from backend_adapters.model import Task

_VALUES: dict[str, Callable[[Task], object]] = {
    "type": attrgetter("type"),
    "graph": attrgetter("graph"),
}
"""The columns that can give their room away; the others say what a person looks for, or differ."""

ROWS_LEAST = 2
"""A single row says nothing of what the others would say."""


class ConstantColumns:
    """Is told of all rows, slice by slice, and compares a column no further than to its first difference."""

    def __init__(self) -> None:
        self._first: dict[str, object] = {}
        self._open = tuple(_VALUES)
        self._rows = 0

    def note_rows(self, tasks: Sequence[Task]) -> None:
        """Compare further rows with those before."""
        if not tasks:
            return
        self._rows += len(tasks)
        self._open = tuple(key for key in self._open if self._is_constant(key, tasks))

    def _is_constant(self, key: str, tasks: Sequence[Task]) -> bool:
        read = _VALUES[key]
        first = self._first.setdefault(key, read(tasks[0]))
        return set(map(read, tasks)) == {first}

    @property
    def keys(self) -> frozenset[str]:
        """The columns that say the same in all rows."""
        return frozenset(self._open) if self._rows >= ROWS_LEAST else frozenset()
