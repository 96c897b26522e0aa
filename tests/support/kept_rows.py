"""Rows of an earlier session, as they are kept in a file."""

from __future__ import annotations

from backend_adapters.model import Millis, Task
from tui.monitor.rows_file import ROWS_VERSION, KeptRows, make_kept_row


def keep_tasks(
    *tasks: Task, as_of: Millis, dialect: str = "fake", graph: str = "g", graphspace: str | None = None
) -> KeptRows:
    """What an earlier session kept of these tasks of a graph."""
    return KeptRows(
        version=ROWS_VERSION,
        as_of=as_of,
        dialect=dialect,
        graph=graph,
        graphspace=graphspace,
        has_graphs=False,
        noun="tasks",
        rows=tuple(make_kept_row(task) for task in tasks),
    )
