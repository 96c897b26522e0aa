"""Parts of the engine on a fake server, with all that they tell written down."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import asynccontextmanager

from backend_adapters.model import Action, Task
from tests.unit.fakes import START, FakeBackend, FakeClock, FakeServer, S, run_until_idle, task
from tui.monitor.health import Health, Phase
from tui.monitor.operations import SENT_AT_ONCE, Operations
from tui.monitor.outcomes import Report
from tui.monitor.poller import Poller
from tui.monitor.store import Store


class PollerWithStore:
    """A poller on a fake server, and all that it told."""

    def __init__(self, *rows, interval: float = 2.0) -> None:
        self.clock = FakeClock()
        self.backend = FakeBackend(self.clock, rows)
        self.store = Store(self.clock.now)
        self.healths: list[Health] = []
        self.changes: list = []
        self.visible: list[str] = []
        self.poller = Poller(
            self.backend,
            self.store,
            clock=self.clock,
            interval=interval,
            on_changes=self.changes.extend,
            on_health=self.healths.append,
            visible=lambda: self.visible,
        )
        self.run: asyncio.Task[None] | None = None

    @property
    def health(self) -> Health:
        return self.poller.health

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.backend.calls]

    @property
    def ids(self) -> str:
        return " ".join(sorted(self.store.tasks, key=int))

    def phases(self) -> list[Phase]:
        return [
            h.phase for n, h in enumerate(self.healths) if not n or self.healths[n - 1].phase is not h.phase
        ]

    async def start(self) -> None:
        self.run = asyncio.create_task(self.poller.run())
        await run_until_idle()

    async def go(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        assert not self.run.done(), self.run
        assert self.backend.most_in_flight["changes"] <= 1, "a poll overlapped itself"
        assert self.backend.most_in_flight["connect"] <= 1
        assert self.backend.most_in_flight["snapshot"] <= 1


@asynccontextmanager
async def run_poller(*rows, **more):
    rig = PollerWithStore(*rows, **more)
    try:
        yield rig
    finally:
        if rig.run is not None:
            rig.run.cancel()
            await asyncio.gather(rig.run, return_exceptions=True)
        assert rig.backend.in_flight["page"] == 0
        assert len(asyncio.all_tasks()) == 1, "something was left running"


def make_history(number: int) -> list:
    return [task(n, S.SUCCESS, updated=START) for n in range(1, number + 1)]


class OperationsWithStore:
    """Operations on a fake server, and all that they told."""

    def __init__(self, server: FakeServer, *rows: Task) -> None:
        self.clock = FakeClock()
        self.backend = FakeBackend(self.clock, rows, server)
        self.store = Store(self.clock.now)
        self.store.apply_answer(rows, asked=self.store.take_ticket())
        self.reports: list[Report] = []
        self.overlays: list[set[str]] = []
        poller = Poller(
            self.backend,
            self.store,
            clock=self.clock,
            interval=2,
            on_changes=lambda changes: None,
            on_health=lambda health: None,
            visible=tuple,
        )
        self.operations = Operations(
            self.backend,
            self.store,
            poller.look_at,
            clock=self.clock,
            on_report=self.reports.append,
            on_overlay=lambda: self.overlays.append(set(self.store.overlays)),
        )

    async def run(self, action: Action, shown: Iterable[Task] | None = None) -> list[Report]:
        shown = list(self.store.tasks.values() if shown is None else shown)
        reports = await self.clock.wait_for(self.operations.run_action(action, shown), most=200)
        assert self.clock.is_idle, "something goes on after the reports"
        back = {
            r.task.id: r for r in await self.clock.wait_for(self.operations.watch_for_reappearance(reports))
        }
        reports = [back.get(r.task.id, r) for r in reports]
        assert self.overlays[0] >= {row.id for row in shown if self.backend.acts[row.id]}
        self.ended()
        return reports

    def ended(self) -> None:
        assert self.store.overlays == {}, "an overlay was left"
        assert self.overlays[-1] == set()
        assert self.operations.under_way == 0
        assert all(number == 1 for number in self.backend.acts.values()), "acted twice"
        assert self.backend.most_in_flight["act"] <= SENT_AT_ONCE

    async def one(self, action: Action, shown: Task | None = None) -> Report:
        shown = shown or next(iter(self.store.tasks.values()))
        (report,) = await self.run(action, [shown])
        assert report in self.reports
        assert (report.action, report.task) == (action, shown)
        return report
