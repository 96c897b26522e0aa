"""What `graphtop doctor` says of the history: how much is kept, or why nothing can be."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from tui import text
from tui.config.profiles import shorten_path
from tui.config.resolved import ResolvedValue
from tui.fields import format_iso_moment

if TYPE_CHECKING:
    from tui.monitor.history.reader import HistoryReader

FREE_LEAST = 16 << 20
"""Bytes that a disk has free at the least, or the history is likely to find it full."""

DAMAGE_HINT = "It is put aside and a new one begun when graphtop next watches."


class HistoryState(Struct, frozen=True):
    """Whether a history is kept, as sentences; `ok` is None where that is no failure of anything else."""

    ok: bool | None
    says: str
    do: str = ""


def check_history(environ: Mapping[str, str], setting: ResolvedValue[bool]) -> HistoryState:
    """Look at the history, and write nothing; `setting` says whether anything is recorded of the place."""
    if not setting.value:
        return HistoryState(None, f"Nothing is recorded: it is turned off by {setting.origin.attribution}.")
    # Imported here: SQLite is loaded only where it is needed.
    from tui.monitor.history.database import DamagedHistory, HistoryError, NoHistoryYet
    from tui.monitor.history.path import find_history_path
    from tui.monitor.history.reader import HistoryReader

    path = find_history_path(environ)
    try:
        with HistoryReader(path) as reader:
            says = _describe_history(path, reader)
    except NoHistoryYet:
        says = f"Nothing is kept yet: {shorten_path(path)} is written while graphtop watches tasks."
    except DamagedHistory as error:
        return HistoryState(None, str(error), DAMAGE_HINT)
    except HistoryError as error:
        return HistoryState(None, f"{error} Nothing is kept.", "Everything else works without it.")
    return _check_disk(path, says)


def _describe_history(path: Path, reader: HistoryReader) -> str:
    tasks, places = reader.count_tasks(), len(reader.list_places())
    since = reader.find_first_moment()
    size = sum(file.stat().st_size for file in (path, path.with_name(f"{path.name}-wal")) if file.exists())
    told = f"{text.format_count(tasks)} {'task' if tasks == 1 else 'tasks'} of {places:,}"
    told += f" {'place' if places == 1 else 'places'}"
    told += f" since {format_iso_moment(since)[:10]}" if since else ""
    return f"{told}, {text.format_size(size)}: {shorten_path(path)}.{_describe_damaged(path)}"


def _describe_damaged(path: Path) -> str:
    """Which damaged files were put aside, as a sentence behind another; empty for none."""
    found = sorted(one.name for one in path.parent.glob(f"{path.name}.damaged-?"))
    return f" Damaged ones were put aside beside it: {', '.join(found)}." if found else ""


def _check_disk(path: Path, says: str) -> HistoryState:
    """Whether something more can be written."""
    folder = next(above for above in path.parents if above.exists())
    if not os.access(path if path.exists() else folder, os.W_OK) or not os.access(folder, os.W_OK):
        return HistoryState(
            None, f"{says} It can't be written to, so nothing new is kept.", f"Check {folder}."
        )
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    if free < FREE_LEAST:
        left = f"Only {text.format_size(free)} of its disk are free."
        return HistoryState(None, f"{says} {left}", "Make room, or name another file in GRAPHTOP_HISTORY.")
    return HistoryState(True, says)
