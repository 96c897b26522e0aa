"""The rows from one session to the next: the last known ones, and what is kept of the present ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_adapters.model import Millis, Source, Task, TaskKey
from tui.monitor.health import Health
from tui.monitor.last_rows import LastRows
from tui.monitor.rows_keeper import RowsKeeper
from tui.monitor.store import Change
from tui.monitor.view import Shape, View

if TYPE_CHECKING:
    from tui.monitor.task_source import TaskSource


class SessionRows:
    """Knows which rows are shown: the last known ones with what the server has told, or the server's own."""

    def __init__(
        self,
        last: LastRows | None,
        keeper: RowsKeeper | None,
        *,
        tasks: TaskSource,
        view: View,
    ) -> None:
        """`tasks` and `view` have what the server tells."""
        self.last = last
        """The last known rows, as long as they are shown."""
        self._keeper = keeper
        self._tasks = tasks
        self._view = view

    @property
    def view(self) -> View:
        """The rows to show."""
        return self._view if self.last is None else self.last.view

    def find_task(self, key: TaskKey) -> Task | None:
        """A task as the server told it, or as it was last known; None where it isn't known."""
        tasks = self._tasks if self.last is None else self.last.store
        return tasks.find_task(key)

    def is_unconfirmed(self, key: TaskKey) -> bool:
        """Whether a task is only known from the last session: the server has not told of it yet."""
        return self.last is not None and key in self.last.unconfirmed

    @property
    def is_partly_old(self) -> bool:
        """Whether some of several places show last known rows, among those of others."""
        return False

    def find_seen(self, task: Task) -> Millis | None:  # noqa: ARG002
        """When one of several places' tasks was seen that is only known from the last session; else None."""
        return None

    async def rebuild(self, shape: Shape) -> None:
        """Show the last known rows in another shape. Raises FilterError."""
        if self.last is not None:
            await self.last.view.rebuild(shape)

    def follow_changes(self, changes: Sequence[Change]) -> Sequence[Change]:
        """Take in what the server told; returns the changes as they are for who looks at the rows."""
        if self.last is not None:
            changes = self.last.follow_changes(changes)
            self._end_last()
        return changes

    def follow_health(self, health: Health, source: Source) -> None:
        """Stop showing the last known rows once the server has told enough, or refuses to."""
        if self.last is not None:
            self.last.follow_health(health, source)
            self._end_last()
        if self._keeper is not None:
            self._keeper.follow_error(health.error)

    def _end_last(self) -> None:
        if self.last is not None and self.last.is_over:
            is_elsewhere, self.last = self.last.is_elsewhere, None
            if is_elsewhere and self._keeper is not None:
                self._keeper.forget()

    async def run(self) -> None:
        """Keep the rows from time to time."""
        if self._keeper is not None:
            await self._keeper.run()

    def keep_now(self) -> None:
        """Keep the rows as they are now for the next session: this one ends."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.keep_now()
