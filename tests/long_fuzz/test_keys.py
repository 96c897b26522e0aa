"""Keys at random on a slow and failing server: nothing dies, and afterwards all is as the server says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from backend_adapters.simulator import COMPUTER_DEMO, DEMO_HUGEGRAPH, hugegraph_app
from backend_adapters.simulator.ges import DEMO_GES, ges_app
from backend_adapters.transport.target import Target
from tests.long_fuzz.server_truth import fuzz_target, wait_for_truth
from tests.long_fuzz.unreliable_server import UnreliableServer
from tests.support.emulated_driver import EmulatedDriver, is_shown
from tests.support.simulated_servers import serve_in_loop
from tests.ui.running_app import FastClock, RunningApp
from tui.app import Graphtop
from tui.config.options import ScreenOptions

KEYS = 800
READ_ONLY_KEYS = 500
PLAIN = [chr(code) for code in range(0x21, 0x7F) if chr(code) not in "q"]
NAMED = (
    *(
        "up",
        "down",
        "left",
        "right",
        "pageup",
        "pagedown",
        "home",
        "end",
        "tab",
        "shift+tab",
        "enter",
        "enter",
    ),
    *("escape", "escape", "space", "backspace", "delete", "ctrl+d", "ctrl+p", "ctrl+s", "ctrl+e", "ctrl+u"),
    *("ctrl+w", "ctrl+n", "ctrl+c", "f1", "f5", "y", "C", "F", "/", "b", "P", "L", ":"),
    *("B", "M", "Y", "S", "4"),
)
SIZES = ((80, 24), (120, 36), (60, 20), (30, 8), (20, 5))
"""To which the terminal changes meanwhile, whatever is open."""
SERVERS = {
    "hugegraph": (replace(DEMO_HUGEGRAPH, history=120, version="1.5.0"), hugegraph_app),
    "hugegraph-graphspace": (replace(DEMO_HUGEGRAPH, history=120, version="1.7.0"), hugegraph_app),
    "computerdis": (COMPUTER_DEMO, hugegraph_app),
    "ges": (replace(DEMO_GES, history=60), ges_app),
    "ges-v2": (replace(DEMO_GES, history=60), ges_app),
}


@asynccontextmanager
async def unwell(dialect: str, rng: Random) -> AsyncIterator[tuple[UnreliableServer, Target, FastClock]]:
    """A server of a dialect that is slow and fails, and who it is asked as."""
    clock = FastClock()
    settings, make = SERVERS[dialect]
    server = UnreliableServer(
        make(settings, clock.now), rng, slow=0.3, failing=0.15, logins=not dialect.startswith("ges")
    )
    async with serve_in_loop(server) as url:
        yield server, fuzz_target(dialect.removesuffix("-graphspace"), url, settings, clock), clock


async def mash(at: RunningApp, rng: Random, keys: int) -> list[str]:
    """Press so many keys, some of them in one burst, and look at the terminal; gives them in order."""
    pressed: list[str] = []
    while len(pressed) < keys and at.app.is_running:
        burst = [
            rng.choice(NAMED if rng.random() < 0.5 else PLAIN) for _ in range(rng.choice((1, 1, 2, 5, 12)))
        ]
        pressed += burst
        await at.pilot.press(*burst)
        if rng.random() < 0.05:
            await at.pilot.resize_terminal(*rng.choice(SIZES))
        if rng.random() < 0.3:
            await asyncio.sleep(rng.random() * 0.1)
        if rng.random() < 0.1 and at.app.is_running:
            await at.until(lambda: is_shown(at.app), f"the picture on the terminal after {pressed[-20:]}")
    return pressed


async def leave_dialogs(at: RunningApp) -> None:
    """Go back until only the tasks are on the screen."""
    for _ in range(40):
        if at.app.screen is at.screen and not at.screen.panes.is_reading:
            return
        await at.press("escape")
        await asyncio.sleep(0.05)
    raise AssertionError("\n".join(("esc does not lead back", *at.lines())))


@pytest.mark.parametrize(
    ("dialect", "read_only"), [*((dialect, False) for dialect in SERVERS), ("hugegraph", True), ("ges", True)]
)
async def test_whatever_is_pressed(
    dialect: str, read_only: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("PAGER", "EDITOR", "VISUAL"):
        monkeypatch.setenv(name, "true")
    rng = Random(f"{dialect} {read_only}")
    async with unwell(dialect, rng) as (server, target, clock):
        app = Graphtop(target, ScreenOptions(interval=1.0, read_only=read_only), clock=clock)
        app.driver_class = EmulatedDriver
        async with app.run_test(
            headless=False, size=rng.choice(((80, 24), (120, 36), (60, 20))), notifications=True
        ) as pilot:
            at = RunningApp(app, pilot, server.app)
            await wait_for_truth(app, target)
            server.well = False
            pressed = await mash(at, rng, READ_ONLY_KEYS if read_only else KEYS)
            server.well = True
            assert app.is_running, f"it ended after {pressed[-20:]}"
            await leave_dialogs(at)
            if at.screen.monitor.is_paused:
                await at.press("p")
            await at.press("0", "slash", "ctrl+u", "enter", "r")
            await wait_for_truth(app, target)
            if read_only:
                assert server.changing == []
