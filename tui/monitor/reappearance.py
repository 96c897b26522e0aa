"""Tasks that reappear after a force delete.

A force delete doesn't stop the job, which may write its record again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence

from backend_adapters.backend import LookResult
from backend_adapters.errors import BackendError
from backend_adapters.model import Action, TaskId, is_different_task
from tui.monitor.clock import Clock
from tui.monitor.outcomes import Report, report_reappearance
from tui.monitor.unreadable import is_unreadable

Look = Callable[[Collection[TaskId]], Awaitable[LookResult]]
"""Reads tasks by id. Raises BackendError."""

REAPPEAR_AFTER = (5.0, 30.0)
"""Seconds after a force delete, and then after the first check: a job that goes on writes its record again
when it ends, or with its progress every 30 s (hugegraph/PROTOCOL.md, sections 1.3 and 3.2)."""


class Reappearance:
    """Watches force deleted tasks for half a minute; `on_return` is called for each that reappears."""

    def __init__(self, look: Look, *, clock: Clock, on_return: Callable[[Report], None]) -> None:
        self._look = look
        self._clock = clock
        self._on_return = on_return

    async def watch(self, reports: Sequence[Report]) -> list[Report]:
        """Check the force deleted tasks again after a while; returns reports on those that reappeared."""
        deleted = [r for r in reports if r.action is Action.FORCE_DELETE and r.outcome.is_removed]
        returned: list[Report] = []
        waited = 0.0
        try:
            for pause in REAPPEAR_AFTER if deleted else ():
                await self._clock.sleep(pause)
                waited += pause
                returned += await self._find_returned(deleted, waited)
        except BackendError:
            # They were seen to be gone; the refresh shows any that reappear.
            pass
        return returned

    async def _find_returned(self, deleted: list[Report], waited: float) -> list[Report]:
        """Look once, and move those that have reappeared out of `deleted`. Raises BackendError."""
        if not deleted:
            return []
        looked = await self._look([report.task.id for report in deleted])
        there = {task.id: task for task in looked.tasks if not is_unreadable(task)}
        returned: list[Report] = []
        for report in list(deleted):
            task = there.get(report.task.id)
            if task is not None and not is_different_task(task, report.task):
                deleted.remove(report)
                returned.append(report_reappearance(report, task, waited))
                self._on_return(returned[-1])
        return returned
