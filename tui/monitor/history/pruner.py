"""Removes what the history keeps no longer, in small steps: what is too old, and what is too much."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backend_adapters.model import FINISHED, Millis

if TYPE_CHECKING:
    # SQLite is loaded in the writer's thread only.
    from tui.monitor.history.storage import HistoryStorage
    from tui.monitor.history.writer import KeepLimits

DAY = 86_400_000
"""Milliseconds."""
PRUNE_PAUSE = 600_000
"""Milliseconds between two looks for what is to be removed."""
REMOVED_AT_ONCE = 200
"""Tasks that are removed in one step: a few milliseconds."""
KINDS_AT_ONCE = 200
FREED_PAGES = 250
"""Pages (4 KiB) that are given back to the disk in one step."""
SPARE_PAGES = 1_000
"""Free pages that are left in the file for what comes next."""

_ENDS = ", ".join(f"'{status.value}'" for status in sorted(FINISHED, key=lambda status: status.value))
_OLD_TASKS = (
    "SELECT id, moment FROM task WHERE moment < ?"
    f" AND (status IN ({_ENDS}) OR gone IS NOT NULL OR last_seen < ?) ORDER BY moment LIMIT ?"
)


class HistoryPruner:
    """Prunes one history; the steps are called in the writer's thread, each may raise sqlite3.Error."""

    def __init__(self, storage: HistoryStorage, limits: KeepLimits, now: Callable[[], Millis]) -> None:
        self._storage = storage
        self._limits = limits
        self._now = now
        self._begun_at: Millis | None = None
        self._kind: int | None = None
        """Up to which kind it was looked whether any task is still of it; None once all were."""
        storage.keep_from = max(self._horizon, storage.read_note("pruned_until") or 0)

    @property
    def _horizon(self) -> Millis:
        """Ended tasks whose moment is before it are not kept."""
        return self._now() - self._limits.days * DAY

    def take_step(self) -> bool:
        """Remove a bit; returns whether there is more to remove."""
        now = self._now()
        if self._begun_at is not None and 0 <= now - self._begun_at < PRUNE_PAUSE:
            return False
        has_more = self._remove_old() or self._remove_too_much() or self._remove_kinds() or self._free_pages()
        if not has_more:
            self._begun_at, self._kind = now, 0
        return has_more

    def _remove_old(self) -> bool:
        horizon = self._horizon
        self._storage.keep_from = max(self._storage.keep_from, horizon)
        return self._remove(_OLD_TASKS, (horizon, horizon, REMOVED_AT_ONCE)) is not None

    def _remove_too_much(self) -> bool:
        """Remove the oldest tasks of a file that is too large, and note up to which they were removed."""
        pages, free, size = self._measure_file()
        if (pages - free) * size <= self._limits.megabytes * 1_000_000:
            return False
        last = self._remove("SELECT id, moment FROM task ORDER BY moment LIMIT ?", (REMOVED_AT_ONCE,))
        if last is None:
            return False
        # They would come back with the next list of a server that still has them.
        self._storage.keep_from = max(self._storage.keep_from, last + 1)
        self._storage.write_note("pruned_until", self._storage.keep_from)
        return True

    def _remove(self, statement: str, values: tuple[int, ...]) -> Millis | None:
        """Remove the tasks of a statement; returns the moment of the last one, None where there is none."""
        connection = self._storage.connection
        found = connection.execute(statement, values).fetchall()
        if not found:
            return None
        numbers = [(number,) for number, _ in found]
        with self._storage.begin_transaction():
            connection.executemany("DELETE FROM transition WHERE task = ?", numbers)
            connection.executemany("DELETE FROM task WHERE id = ?", numbers)
            connection.execute("DELETE FROM watch WHERE ended < ?", (self._horizon,))
        self._kind = 0
        return int(found[-1][1])

    def _remove_kinds(self) -> bool:
        """Remove kinds of which no task is left, a few at a time."""
        if self._kind is None:
            return False
        connection = self._storage.connection
        numbers = connection.execute(
            "SELECT id FROM kind WHERE id > ? ORDER BY id LIMIT ?", (self._kind, KINDS_AT_ONCE)
        ).fetchall()
        unused = [
            one
            for one in numbers
            if connection.execute("SELECT 1 FROM task WHERE kind = ? LIMIT 1", one).fetchone() is None
        ]
        if unused:
            with self._storage.begin_transaction():
                connection.executemany(
                    "DELETE FROM kind WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM task WHERE kind = ?1)",
                    unused,
                )
            self._storage.forget_kinds()
        self._kind = numbers[-1][0] if len(numbers) == KINDS_AT_ONCE else None
        return self._kind is not None

    def _free_pages(self) -> bool:
        """Give free pages back to the disk."""
        _, free, _ = self._measure_file()
        if free <= SPARE_PAGES:
            return False
        # Not by execute, which takes the first page for the end: the statement has rows without columns.
        self._storage.connection.executescript(f"PRAGMA incremental_vacuum({FREED_PAGES})")
        _, left, _ = self._measure_file()
        # A file that was made by another program may not be able to.
        return left < free

    def _measure_file(self) -> tuple[int, int, int]:
        """Its pages, the free ones among them, and the bytes of one."""
        connection = self._storage.connection
        pages, free, size = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        return pages, free, size
