"""The monitors whose screens are gone: their actions are followed to their ends."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from backend_adapters.model import Source, TaskId
from tui.monitor.monitor import Monitor


class RetiredMonitors:
    """Keeps monitors until each has closed itself."""

    def __init__(self, run_worker: Callable[..., object]) -> None:
        self.monitors: list[Monitor] = []
        self._run_worker = run_worker

    def add_monitor(self, monitor: Monitor) -> None:
        """Stop watching with this monitor, and close it once its actions have ended."""
        self.monitors.append(monitor)
        self._run_worker(self._follow_actions(monitor), group="retired", exit_on_error=False)

    async def _follow_actions(self, monitor: Monitor) -> None:
        try:
            await monitor.finish_and_close()
        finally:
            self.monitors.remove(monitor)

    def is_acting_on(self, source: Source, task_id: TaskId) -> bool:
        """Whether an action that began before the last switch is still under way on this task of `source`."""
        # Two profiles may name the same place.
        place = replace(source, profile="")
        return any(
            task_id in watched.store.overlays and replace(watched.backend.source, profile="") == place
            for monitor in self.monitors
            for watched in monitor.acting_places
        )
