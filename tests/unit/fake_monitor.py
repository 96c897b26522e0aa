"""The engine whole on a fake server, and ears that write down what it tells."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager

from backend_adapters.model import Task
from tests.support.one_place import watch_one
from tests.unit.fakes import START, FakeBackend, FakeClock, FakeServer, run_until_idle
from tui.monitor.last_rows import LastRows
from tui.monitor.listener import Listener
from tui.monitor.monitor import Monitor
from tui.monitor.outcomes import Report
from tui.monitor.rows_file import KeptRows, RowsFile
from tui.monitor.view import Shape


class RecordingListener(Listener):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.monitor: Monitor
        self.told: list[str] = []
        self.reports: list[Report] = []
        self.ended: list[list[Report]] = []
        self.broken: list[BaseException] = []
        self.on_screen: tuple[str, ...] = ()

    def rows_changed(self, changes) -> None:
        view = self.monitor.view
        for change in changes:
            if change.new is not None and change.new is self.monitor.only.store.tasks.get(change.new.id):
                assert view.shape.shows_task(change.new, START) == (view.position(change.new.id) is not None)
        self.told.append("rows")

    def shape_changed(self) -> None:
        self.told.append("shape")

    def overlays_changed(self) -> None:
        self.told.append("overlays")

    def operation_ended(self, report: Report) -> None:
        self.reports.append(report)

    def batch_ended(self, reports: Sequence[Report]) -> None:
        assert all(report in self.reports for report in reports), "each was told before"
        self.ended.append(list(reports))

    def ids_on_screen(self) -> Sequence[str]:
        return self.on_screen

    def on_internal_error(self, error: BaseException) -> None:
        self.broken.append(error)


class FakeMonitor:
    def __init__(
        self,
        server: FakeServer,
        rows: Sequence[Task],
        interval: float,
        kept: KeptRows | None = None,
        file: RowsFile | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.backend = FakeBackend(self.clock, rows, server)
        self.ears = RecordingListener()
        self.monitor = self.ears.monitor = watch_one(
            self.backend,
            listener=self.ears,
            clock=self.clock,
            interval=interval,
            rows_file=file,
            last_rows=None if kept is None else LastRows(kept, self.clock.now, Shape()),
        )

    async def start(self) -> None:
        self.monitor.start_watching()
        await run_until_idle()

    def reason(self, task_id: int | str) -> str | None:
        """The reason of a failure, as far as it has been read."""
        return self.monitor.only.store.tasks[str(task_id)].reason

    def ids(self) -> str:
        return " ".join(self.monitor.view[row].id for row in range(len(self.monitor.view)))

    def shown(self) -> str:
        """The ids of the rows on the screen, those of the last session in brackets."""
        rows = self.monitor.session_rows
        return " ".join(f"({one.id})" if rows.is_unconfirmed(one.id) else one.id for one in rows.view)


@asynccontextmanager
async def run_fake_monitor(
    *rows,
    server: FakeServer | None = None,
    interval: float = 2.0,
    kept: KeptRows | None = None,
    file: RowsFile | None = None,
):
    """`kept` are the last known rows; `file` gets those of this session."""
    rig = FakeMonitor(server or FakeServer(), rows, interval, kept, file)
    try:
        yield rig
    finally:
        if not rig.backend.closed:
            await rig.clock.wait_for(rig.monitor.aclose())
        assert len(asyncio.all_tasks()) == 1, "something was left running"
