"""Answers changed at random: the screen lives and comes to the truth, the commands say what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import Random

import pytest

from backend_adapters.simulator import COMPUTER_DEMO, EMPTY_HUGEGRAPH, hugegraph_app
from backend_adapters.simulator.ges import EMPTY_GES, ges_app
from tests.cli.conftest import Done, call, home
from tests.fuzz.hostile_server import served
from tests.fuzz.terminal_stream import unmeant
from tests.fuzz.test_drawing import assert_drawn_well
from tests.long_fuzz.server_truth import fuzz_target, wait_for_truth
from tests.long_fuzz.unreliable_server import UnreliableServer
from tests.support.simulated_servers import serve_in_loop
from tests.ui.running_app import FastClock
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.monitor.clock import Clock

__all__ = ["call", "home"]

ANSWERS = 100
"""Changed ones, of each kind of server, for the screen; as many commands are run."""
SERVERS = {
    "hugegraph 1.5.0": (replace(EMPTY_HUGEGRAPH, history=40, version="1.5.0", specials=True), hugegraph_app),
    "hugegraph 1.7.0": (replace(EMPTY_HUGEGRAPH, history=40, version="1.7.0", specials=True), hugegraph_app),
    "computerdis": (replace(COMPUTER_DEMO, pace=0), hugegraph_app),
    "ges": (replace(EMPTY_GES, history=40), ges_app),
    "ges-v2": (replace(EMPTY_GES, history=40), ges_app),
}
COMMANDS = (
    *(
        "ls",
        "ls -o json",
        "ls --limit 0 -o csv",
        "ls status=failed",
        "ls --sort took",
        "get 1",
        "get 1 2 -o json",
    ),
    *(
        "result ID",
        "input ID",
        "graphs",
        "doctor",
        "doctor -o json",
        "wait ID --timeout 1s",
        "cancel ID --yes",
    ),
    *("delete ID --yes", "purge --older-than 1d --status success --dry-run", "submit 1+1"),
)
CODES = {0, 1, 2, 3, 4, 5, 6, 7}
KEYS = ("down", "enter", "i", "o", "y", "T", "escape", "G", "r", "slash", "escape", "space", "1", "0", "M")


@pytest.mark.parametrize("name", SERVERS)
async def test_the_screen_lives_and_comes_to_the_truth(name: str) -> None:
    rng, clock = Random(name), FastClock()
    settings, make = SERVERS[name]
    server = UnreliableServer(make(settings, clock.now), rng, changed=0.5, logins=not name.startswith("ges"))
    async with serve_in_loop(server) as url:
        told = partial(fuzz_target, name.partition(" ")[0], url, settings, clock)
        app = Graphtop(told(), ScreenOptions(interval=1.0), clock=clock)
        async with app.run_test(size=(100, 30), notifications=True) as pilot:
            await wait_for_truth(app, told())
            server.well = False
            while server.spoilt < ANSWERS:
                await pilot.press(rng.choice(KEYS))
                assert app.is_running
                assert_drawn_well(app)
            server.well = True
            for _ in range(5):
                await pilot.press("escape")
            await pilot.press("0", "r")
            await wait_for_truth(app, told())


@pytest.mark.parametrize("name", SERVERS)
def test_the_commands_say_what_is_wrong(name: str, call: Callable[..., Done]) -> None:
    rng = Random(name)
    settings, make = SERVERS[name]
    server = UnreliableServer(make(settings, Clock().now), rng, changed=0.5)
    dialect = name.partition(" ")[0]
    flags = ["--dialect", dialect] + (["--project", EMPTY_GES.project] if dialect.startswith("ges") else [])
    with served(server) as url:
        ask = partial(call, env={"GRAPHTOP_TOKEN": "demo-token"})
        server.well = True
        ids = ask("ls", "-o", "id", "--url", url, *flags).stdout.split()
        assert ids
        server.well = False
        for _ in range(ANSWERS):
            command = rng.choice(COMMANDS).replace("ID", rng.choice(ids))
            done = ask(*command.split(), "--url", url, *flags)
            said = f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
            assert done.returncode in CODES, said
            assert "Traceback" not in done.stderr, said
            assert done.returncode == 0 or done.stderr or done.stdout, said
            if not command.startswith(("result", "input")):
                assert unmeant(re.sub(r"[\n\t]", "", done.stdout + done.stderr)) == [], said
    assert server.spoilt > ANSWERS // 2
