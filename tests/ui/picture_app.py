"""The program as it stands still for a picture: its sizes, and the keys that lead to what is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

import httpx
from textual.pilot import Pilot

from backend_adapters.simulator import DEMO_HUGEGRAPH, HugeGraphSettings
from backend_adapters.transport.target import Target
from screenshots.cells import PictureApp
from tests.support.faulty_hugegraph import FaultyHugeGraph
from tests.ui.running_app import NO_PROBLEMS, FrozenClock, wait_for_rest
from tests.ui.simulated_profiles import StageProfiles
from tui.config.options import ScreenOptions

QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)
SMALL, USUAL, ROOMY, WALL = (60, 20), (80, 24), (120, 36), (200, 60)

Steps: TypeAlias = Callable[[Pilot], Awaitable[None]]


def app(
    settings: HugeGraphSettings = QUIET,
    *,
    graph: str | None = None,
    profile_source: StageProfiles | None = None,
    **options: object,
) -> PictureApp:
    """The program on a server whose time stands still."""
    clock = FrozenClock()
    server = FaultyHugeGraph(settings, clock.now)
    target = Target(
        url="http://graph.example:8080", profile="prod-eu", graph=graph, http=httpx.ASGITransport(server)
    )
    return PictureApp(
        target,
        ScreenOptions(**{"findings": NO_PROBLEMS, **options}),
        clock=clock,
        profile_source=profile_source,
    )


def steps(*keys: str) -> Steps:
    """Wait until all is drawn, press keys, and wait again."""

    async def run(pilot: Pilot) -> None:
        await wait_for_rest(pilot)
        for key in keys:
            await pilot.press(key)
            await wait_for_rest(pilot)

    return run
