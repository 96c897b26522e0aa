"""What a server has, asked by a client of its own, and the wait until the screen shows the same."""

from __future__ import annotations

import asyncio
import time

from msgspec.structs import replace

from backend_adapters.registry import open_backend
from backend_adapters.simulator import HugeGraphSettings
from backend_adapters.simulator.ges import GesSettings
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.support.patience import PATIENCE
from tests.ui.running_app import read_screen
from tui.app import Graphtop
from tui.monitor.clock import Clock
from tui.monitor.monitor import Monitor
from tui.screens.tasks.screen import TasksScreen


def fuzz_target(dialect: str, url: str, settings: HugeGraphSettings | GesSettings, clock: Clock) -> Target:
    """A simulated server with these settings, and who it is asked as."""
    ges = isinstance(settings, GesSettings)
    return Target(
        url=url,
        profile="fuzz",
        dialect=dialect,
        project=settings.project if ges else None,
        credentials=Credentials(token=lambda: settings.tokens[0]) if ges else Credentials(),
        now=lambda: clock.now() / 1000,
    )


async def ids_of_server(target: Target) -> set[str]:
    """The ids of all its tasks."""
    backend = open_backend(target)
    try:
        await backend.connect()
        return {task.id async for batch in backend.snapshot() for task in batch.tasks}
    finally:
        await backend.aclose()


def monitor_of(app: Graphtop) -> Monitor | None:
    """The engine behind the screen of tasks, also under a dialog; None until there is one."""
    screens = [screen for screen in app.screen_stack if isinstance(screen, TasksScreen)]
    return screens[-1].monitor if screens else None


async def compare_tasks(monitor: Monitor, target: Target) -> str:
    """What graphtop knows wrong of its tasks, as a sentence; empty where it knows exactly the server's.

    Several places are compared graph by graph: a list of computer jobs takes them out of that of the graph.
    """
    told: dict[tuple[str, str | None], set[str]] = {}
    known: dict[tuple[str, str | None], set[str]] = {}
    for watched in monitor.places:
        source = watched.backend.source
        place = replace(
            target, dialect=source.dialect, graph=source.graph or None, graphspace=source.graphspace
        )
        graph = (source.graph, source.graphspace)
        told.setdefault(graph, set()).update(await ids_of_server(place))
        known.setdefault(graph, set()).update(watched.store.tasks)
    wrong = [graph for graph in told if told[graph] != known[graph]]
    return "; ".join(
        f"{graph}: not known: {sorted(told[graph] - known[graph])[:9]},"
        f" not there: {sorted(known[graph] - told[graph])[:9]}"
        for graph in wrong
    )


async def wait_for_truth(app: Graphtop, target: Target) -> None:
    """Wait until graphtop knows exactly the tasks that the server has, and nothing is under way."""
    end = time.monotonic() + PATIENCE
    while True:
        monitor = monitor_of(app)
        if monitor is None:
            assert time.monotonic() < end, "there is no screen of tasks"
            await asyncio.sleep(0.1)
            continue
        wrong = await compare_tasks(monitor, target)
        is_busy = any(watched.store.overlays for watched in monitor.places)
        if monitor.places and not wrong and not is_busy and monitor.health.error is None:
            return
        assert time.monotonic() < end, "\n".join((wrong, str(monitor.health.error), *read_screen(app)))
        await asyncio.sleep(0.1)
