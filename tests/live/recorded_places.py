"""Several places of real servers in one engine, with all that it tells written down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
from textual.pilot import Pilot

from backend_adapters.model import Task
from tests.live.recorded_monitor import target_of
from tests.live.server import HugeGraphServer
from tests.support.patience import PATIENCE
from tests.ui.running_app import read_screen, wait_until
from tui.config.options import ScreenOptions
from tui.connection.profile_source import Destination
from tui.monitor import backoff, graph_finder
from tui.monitor import watched_places as places_module
from tui.monitor.clock import Clock
from tui.monitor.health import Phase
from tui.monitor.listener import Listener
from tui.monitor.outcomes import Report
from tui.monitor_factory import MonitorFactory
from tui.screens.retired_monitors import RetiredMonitors

OPTIONS = ScreenOptions(cache=False, journal=False)
DROPPED = {"confirm_message": "I'm sure to drop the graph"}


def shorten_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the engine look and try again soon."""
    monkeypatch.setattr(backoff, "BACKOFF_MOST", 0.2)
    monkeypatch.setattr(graph_finder, "SEARCH_SECONDS", 0.3)
    monkeypatch.setattr(graph_finder, "RETRY_SECONDS", 0.3)
    monkeypatch.setattr(places_module, "QUIET_PAUSE", 0.5)


class RecordedPlaces(Listener):
    """A monitor of several places; itself the listener."""

    def __init__(self, destinations: Sequence[Destination]) -> None:
        self.reports: list[Report] = []
        self.faults: list[BaseException] = []
        factory = MonitorFactory(Clock(), RetiredMonitors(lambda *_, **__: None), self.told.append)
        self.monitor = factory.watch_many(destinations, self, interval=0.5)

    told: list[str] = []

    def operation_ended(self, report: Report) -> None:
        self.reports.append(report)

    def on_internal_error(self, error: BaseException) -> None:
        self.faults.append(error)

    @property
    def rows(self) -> list[str]:
        """The rows as the table shows them: `one:social/3 running`."""
        return [f"{task.place.label}/{task.id} {task.raw_status}" for task in self.monitor.view if task.place]

    def find(self, name: str, task_id: int) -> Task | None:
        """A task of the place of this whole name, such as `new:DEFAULT/hugegraph`."""
        for place in self.monitor.places:
            if place.place is not None and place.place.name == name:
                return place.store.tasks.get(str(task_id))
        return None

    @property
    def names(self) -> set[str]:
        """The whole names of the places."""
        return {place.place.name for place in self.monitor.places if place.place is not None}

    def shows(self, name: str, task_id: int, word: str) -> bool:
        """Whether a task is shown in this state."""
        task = self.find(name, task_id)
        return task is not None and task.raw_status == word

    async def until(self, true: Callable[[], object]) -> None:
        """Wait for something to be seen."""
        end = time.monotonic() + PATIENCE
        while not true():
            assert not self.faults, self.faults
            assert time.monotonic() < end, f"{self.names}; {self.monitor.health}; {self.rows[:20]}"
            await asyncio.sleep(0.02)

    async def live(self, *names: str) -> None:
        """Wait until all places are read to the end, and these are among them."""
        await self.until(
            lambda: (
                self.names >= set(names)
                and all(one.health.phase is Phase.LIVE and one.health.scanned for one in self.monitor.places)
            )
        )


@asynccontextmanager
async def watch(*destinations: Destination) -> AsyncIterator[RecordedPlaces]:
    """Watch places; at the end nothing is left running."""
    others, recorded = asyncio.all_tasks(), RecordedPlaces(destinations)
    recorded.monitor.start_watching()
    try:
        yield recorded
        assert recorded.faults == []
    finally:
        await recorded.monitor.aclose()
    left = asyncio.all_tasks() - others - {asyncio.current_task()}
    assert not left, f"left running: {left}"


def open_server(server: HugeGraphServer, profile: str, *graphs: str) -> Destination:
    """A server as a profile of this name, with its own graph or these patterns."""
    target = target_of(server, None if graphs else "hugegraph", profile=profile, dialect="hugegraph")
    return Destination(target, OPTIONS, graphs=graphs)


async def wait_for_words(pilot: Pilot[None], *words: str, gone: str = "") -> None:
    """Wait until a person sees these words, and not `gone`."""

    def is_shown() -> bool:
        text = "\n".join(read_screen(pilot.app))
        return all(word in text for word in words) and not (gone and gone in text)

    await wait_until(pilot, is_shown, f"seeing {words}")


def drop_graph(client: httpx.Client, graph: str, graphspace: str = "DEFAULT") -> None:
    """Drop a graph; all its tasks have ended, else the server waits for them."""
    dropped = client.delete(f"/graphspaces/{graphspace}/graphs/{graph}", params=DROPPED)
    assert dropped.status_code == 204, dropped.text
