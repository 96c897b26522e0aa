"""Hiding and showing the rows of a place with very many tasks, beside another one of as many."""

from __future__ import annotations

import asyncio
import time

import httpx
from textual.pilot import Pilot

from backend_adapters.simulator import HugeGraphSettings, hugegraph_app
from backend_adapters.transport.target import Target
from tests.bench.figures import Figure, median, report
from tests.bench.in_process_app import Noting, watched_loop
from tests.bench.raw_terminal import HEIGHT, PATIENCE, WIDTH
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.connection.profile_source import Destination
from tui.gc_tuning import freeze_screen_objects
from tui.monitor.monitor import Monitor
from tui.screens.dialogs.places import PlacesScreen
from tui.screens.tasks.screen import TasksScreen

TASKS = 100_000
REPEATS = 5
OPTIONS = ScreenOptions(interval=60.0, cache=False, journal=False)


def _make_destination(profile: str) -> Destination:
    app = hugegraph_app(HugeGraphSettings(history=TASKS, unfinished=0, pace=0, specials=False))
    http = httpx.ASGITransport(app)
    return Destination(
        Target(url=f"http://{profile}:8080", profile=profile, graph="hugegraph", http=http), OPTIONS
    )


def _get_monitor(app: Graphtop) -> Monitor:
    screen = next(one for one in app.screen_stack if isinstance(one, TasksScreen))
    assert screen.monitor is not None
    return screen.monitor


async def _wait_for_rows(monitor: Monitor, number: int) -> float:
    """When the view has so many rows, by perf_counter."""
    end = time.perf_counter() + PATIENCE
    while len(monitor.view) != number:
        assert time.perf_counter() < end, len(monitor.view)
        await asyncio.sleep(0)
    return time.perf_counter()


async def _toggle(pilot: Pilot[None], monitor: Monitor, number: int) -> tuple[float, float]:
    """Milliseconds from the key to the last row, and for which the loop was kept at the most, until then."""
    await pilot.pause(0.5)
    async with watched_loop() as rounds:
        await asyncio.sleep(0.1)
        began = time.perf_counter()
        pilot.app.screen.action_toggle_place()  # type: ignore[attr-defined]
        took = await _wait_for_rows(monitor, number) - began
        await asyncio.sleep(0.5)
    return took * 1000, max(rounds)


async def _measure() -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    app = Graphtop(None, OPTIONS, destinations=tuple(map(_make_destination, ("dev", "prod"))))
    app.driver_class = Noting
    async with app.run_test(headless=False, size=(WIDTH, HEIGHT)) as pilot:
        while not any(isinstance(one, TasksScreen) and one.monitor is not None for one in app.screen_stack):
            await pilot.pause(0.1)
        monitor = _get_monitor(app)
        await _wait_for_rows(monitor, 2 * TASKS)
        while not monitor.health.scanned:
            await pilot.pause(0.1)
        freeze_screen_objects()
        await pilot.press("A")
        while not isinstance(app.screen, PlacesScreen):
            await pilot.pause(0.1)
        hidden, shown = [], []
        for _ in range(REPEATS):
            hidden.append(await _toggle(pilot, monitor, TASKS))
            shown.append(await _toggle(pilot, monitor, 2 * TASKS))
    return hidden, shown


def main() -> None:
    """Report both."""
    for what, found in zip(("hiding", "showing"), asyncio.run(_measure()), strict=True):
        name = f"{what} a place of 100,000 tasks beside another"
        took, kept = zip(*found, strict=True)
        report(
            Figure(what=f"{name}: to its rows", ours=median(took), unit="ms"),
            Figure(
                what=f"{name}: the loop's longest block",
                ours=min(kept),
                unit="ms",
                goal="<= 16 ms",
                limit=16.0,
                note=f"worst of {REPEATS}: {max(kept):.0f} ms",
            ),
        )


if __name__ == "__main__":
    main()
