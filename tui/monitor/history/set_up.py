"""Sets up what keeps the history of a process and of each of its places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from backend_adapters.backend import Backend
from backend_adapters.model import Millis
from backend_adapters.transport.target import Target

if TYPE_CHECKING:
    # Imported below: without a history nothing needs it.
    from tui.monitor.history.recorder import PlaceRecorder
    from tui.monitor.history.writer import HistoryWriter


def make_history_writer(
    environ: Mapping[str, str], now: Callable[[], Millis], *, days: int, megabytes: int
) -> HistoryWriter:
    """What keeps the history of this process, so long and so much; it opens no file before there is news."""
    from tui.monitor.history.path import find_history_path
    from tui.monitor.history.writer import HistoryWriter, KeepLimits

    return HistoryWriter(find_history_path(environ), now, KeepLimits(days=days, megabytes=megabytes))


def open_recorder(
    history: HistoryWriter, backend: Backend, target: Target, *, wanted: bool
) -> PlaceRecorder | None:
    """What notes the tasks of a place; None if it is turned off, and for servers within this process."""
    if not wanted or target.demo is not None or target.http is not None:
        return None
    lists_all = target.since is None and target.until is None
    return history.add_recorder(lambda: backend.source, lists_all=lists_all)
