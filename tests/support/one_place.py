"""A monitor of one place, made of what a test has."""

from __future__ import annotations

from collections.abc import Callable

from backend_adapters.backend import Backend
from backend_adapters.model import TaskId
from tui.monitor.clock import Clock
from tui.monitor.journal.writer import Journal
from tui.monitor.last_rows import LastRows
from tui.monitor.listener import Listener
from tui.monitor.monitor import Monitor
from tui.monitor.place_file import PlaceFile
from tui.monitor.rows_file import RowsFile
from tui.monitor.watched_place import PlaceConnection


def watch_one(
    backend: Backend,
    *,
    listener: Listener,
    clock: Clock | None = None,
    interval: float = 2.0,
    busy: Callable[[TaskId], bool] = lambda task_id: False,
    journal: Journal | None = None,
    places: PlaceFile | None = None,
    rows_file: RowsFile | None = None,
    last_rows: LastRows | None = None,
) -> Monitor:
    """Watch one place; see `PlaceConnection` for what it is given."""
    connection = PlaceConnection(backend=backend, journal=journal, place_file=places, is_busy=busy)
    return Monitor(
        [connection],
        listener=listener,
        clock=clock,
        interval=interval,
        rows_file=rows_file,
        last_rows=last_rows,
    )
