"""The places at a glance: what the list says of each, live, and what its keys do."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from backend_adapters.simulator import HugeGraphSettings
from backend_adapters.transport.target import Target
from tests.support.patience import PATIENCE
from tests.support.ports import free_port
from tests.support.simulated_servers import read_address
from tests.terminal.terminal_emulator import ROOT
from tests.ui.joint_app import JointApp, run_places
from tests.ui.running_app import FastClock, run_app
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.connection.profile_source import Destination
from tui.screens.dialogs.places import PlacesScreen
from tui.screens.tasks.screen import TasksScreen

SCRIPT = "Thread.sleep(600000)"
LOCKED = HugeGraphSettings(history=0, auth=("admin", "secret"))
TWO = ("prod:hugegraph", "dev:hugegraph")


def read_cells(at: JointApp, name: str) -> list[str]:
    """The cells of a place's line."""
    places = [one.place for one in at.monitor.places if one.place is not None]
    label = re.escape(next(place.label for place in places if place.profile == name))
    found = [line for line in at.lines() if re.match(rf"│ +(▲ )?{label}  ", line)]
    assert len(found) == 1, f"{name}\n{at.text()}"
    return re.split(r" {2,}", found[0].strip("│▲ "))


async def until_cell(at: JointApp, name: str, column: int, cell: str) -> None:
    """Wait until a cell of a place's line begins so."""

    def is_so() -> bool:
        try:
            return read_cells(at, name)[column].startswith(cell)
        except AssertionError:
            return False

    await at.until(is_so, f"{name} having {cell!r}")


async def test_each_place_has_a_line_with_its_state_and_counts_that_follow_what_happens() -> None:
    async with run_places(*TWO, production=("prod",)) as at:
        await at.press("A")
        await at.until_seen("2 places")
        assert read_cells(at, "prod")[:5] == ["prod:hugegraph", "● live", "0", "0", "0"]
        assert read_cells(at, "prod")[-1] == "HugeGraph 1.7.0"
        assert any(line.startswith("│ ▲ prod:") for line in at.lines())
        assert any(line.startswith("│   dev:") for line in at.lines())
        assert "prod:DEFAULT/hugegraph · PRODUCTION · HugeGraph 1.7.0 · http://prod:8080" in at.text()
        await at.lines_to["dev"].submit(SCRIPT)
        await until_cell(at, "dev", 2, "1")
        assert read_cells(at, "prod")[2] == "0"
        assert int(read_cells(at, "dev")[-2]) > 0, "requests a minute"
        await at.press("j")
        await at.until_seen("It has one task.")
        await at.press("escape")
        assert not isinstance(at.app.screen, PlacesScreen)


async def test_space_hides_the_rows_of_a_place_and_shows_them_again() -> None:
    async with run_places(*TWO) as at:
        for name in ("prod", "dev"):
            await at.lines_to[name].submit(SCRIPT)
        await at.until_seen("1 Active 2")
        await at.press("A", "j", "space")
        await at.until_seen("2 places · 1 hidden")
        assert read_cells(at, "dev")[1] == "● live · hidden"
        assert "space show" in at.text()
        await at.press("escape")
        await at.until_seen("1 of 2 places")
        await at.until_seen("1 Active 1")
        assert "dev:hugegraph" not in at.text()
        second = await at.lines_to["dev"].submit(SCRIPT)
        await at.press("A")
        await at.until_seen("prod:DEFAULT/hugegraph · ")
        assert "Its rows are hidden." not in at.text(), "the cursor begins at the top"
        await at.press("j")
        await at.until_seen("Its rows are hidden. Press space to show them.")
        await until_cell(at, "dev", 2, "2")
        await at.press("space", "escape")
        await at.until_seen("1 Active 3")
        await at.until_seen(f" {second} ")
        assert " of 2 places" not in at.text()


async def test_with_all_hidden_the_table_says_so_and_the_palette_shows_them() -> None:
    async with run_places(*TWO) as at:
        await at.lines_to["dev"].submit(SCRIPT)
        await at.until_seen("1 Active 1")
        await at.press("A", "home", "space", "j", "space", "escape")
        await at.until_seen("All places are hidden.")
        await at.until_seen("0 of 2 places")
        await at.press("colon", *"show all pl", "enter")
        await at.until_seen("1 Active 1")
        await at.until_seen("  2 places")


async def test_enter_opens_a_place_alone() -> None:
    async with run_places(*TWO) as at:
        task_id = await at.lines_to["dev"].submit(SCRIPT)
        await at.press("A", "end", "enter")
        await at.until_seen("Press A to go back to all places.")
        await at.until_seen("dev · DEFAULT/hugegraph")
        assert not at.monitor.is_joint
        await at.until_seen(f" {task_id} ")
        await at.press("A")
        await at.until_seen("  2 places")
        assert at.monitor.is_joint
        assert "Press A to go back" not in at.text()
        await at.press("A", "end", "enter")
        await at.until_seen("dev · DEFAULT/hugegraph")


async def test_the_cursor_begins_on_the_place_of_the_task_under_the_cursor() -> None:
    async with run_places(*TWO) as at:
        await at.lines_to["dev"].submit(SCRIPT)
        await at.until_seen("1 Active 1")
        await at.press("A")
        await at.until_seen("dev:DEFAULT/hugegraph · ")
        await at.press("k")
        await at.until_seen("prod:DEFAULT/hugegraph · ")


async def test_one_place_alone_has_no_list() -> None:
    async with run_app() as at:
        await at.press("A")
        await at.until_seen("One place is watched. Press a to watch all graphs of this server")
        assert isinstance(at.app.screen, TasksScreen)


async def test_a_place_that_wants_a_login_says_so_and_enter_asks_for_it() -> None:
    async with run_places(*TWO, settings={"dev": LOCKED}) as at:
        await at.press("A", "j")
        await at.until_seen("login needed")
        assert read_cells(at, "dev")[1] == "✗ login needed"
        await at.until_seen("Press enter to sign in.")
        await at.until_seen("enter sign in")
        await at.press("r")
        await at.until_seen("Press enter to sign in.")
        await at.press("enter")
        await at.until_seen("Sign in")
        await at.until(at.asks_login, "the dialog listening")
        assert "dev at dev:8080" in at.text()
        await at.press(*"admin", "enter", *"wrong", "enter")
        await until_cell(at, "dev", 1, "✗ login refused")
        await at.press("enter")
        await at.until(at.asks_login, "the dialog listening")
        await at.press(*"secret", "enter")
        await until_cell(at, "dev", 1, "● live")
        assert isinstance(at.app.screen, PlacesScreen)


async def test_the_cursor_stays_on_its_place_when_others_come_and_go() -> None:
    async with run_places(*(f"{name}:hugegraph" for name in ("one", "two", "three", "four"))) as at:
        await at.press("A", "j", "j")
        await at.until_seen("three:DEFAULT/hugegraph · ")
        at.monitor.remove_place(at.monitor.places[0])
        await at.until_seen("3 places")
        assert "three:DEFAULT/hugegraph · " in at.text()
        at.monitor.remove_place(at.monitor.places[1])
        await at.until_seen("2 places")
        assert "four:DEFAULT/hugegraph · " in at.text()
        for place in list(at.monitor.places):
            at.monitor.remove_place(place)
        await at.until_seen("No place is known yet")
        await at.press("enter", "space", "r", "j", "escape")
        assert not isinstance(at.app.screen, PlacesScreen)


def start_server(port: int, *flags: str) -> subprocess.Popen[bytes]:
    """A server at this port, in a process of its own."""
    command = [sys.executable, "-m", "tui", "simulate", "--port", str(port), "--tasks", "3", "--pace", "0"]
    server = subprocess.Popen([*command, *flags], cwd=ROOT, stdout=subprocess.PIPE)
    read_address(server)
    return server


def kill_server(server: subprocess.Popen[bytes]) -> None:
    server.kill()
    server.wait(PATIENCE)
    assert server.stdout is not None
    server.stdout.close()


async def test_a_server_that_is_killed_and_started_again_as_another_version() -> None:
    ports, options = (free_port(), free_port()), ScreenOptions(interval=1.0)
    targets = [
        Target(url=f"http://127.0.0.1:{port}", profile=name, graph="hugegraph")
        for name, port in zip(("prod", "dev"), ports, strict=True)
    ]
    prod, dev = (start_server(port, "--unfinished", "2") for port in ports)
    try:
        destinations = tuple(Destination(one, options) for one in targets)
        app = Graphtop(None, options, clock=FastClock(), destinations=destinations)
        async with app.run_test(size=(120, 24), notifications=True) as pilot:
            at = JointApp(app, pilot, {})
            await at.until_seen("0 All 10")
            await at.press("A", "j")
            await until_cell(at, "dev", 1, "● live")
            kill_server(dev)
            await until_cell(at, "dev", 1, "✗ offline")
            assert read_cells(at, "dev")[2].isdecimal(), "its counts stay"
            await at.until_seen("refused the connection")
            await at.until_seen("Its rows are as of ")
            await at.until_seen("2 places · 1 does not answer")
            assert read_cells(at, "prod")[1] == "● live"
            dev = start_server(ports[1], "--version", "1.5.0")
            await at.press("r")
            await until_cell(at, "dev", 1, "● live")
            assert read_cells(at, "dev")[-1] == "HugeGraph 1.5.0"
            await at.until_gone("does not answer")
    finally:
        kill_server(prod)
        kill_server(dev)


@pytest.mark.parametrize(
    ("width", "heads"),
    [
        (140, "PLACE STATE RUNNING WAITING FAILED 24H OLDEST LATENCY REQ/MIN VERSION"),
        (80, "PLACE STATE RUNNING WAITING FAILED 24H OLDEST LATENCY"),
        (60, "PLACE STATE RUNNING WAITING FAILED 24H"),
        (40, "PLACE STATE RUNNING"),
    ],
)
async def test_what_has_no_room_is_left_out_in_order(width: int, heads: str) -> None:
    async with run_places(*TWO, size=(width, 16)) as at:
        await at.press("A")
        await at.until_seen("2 places")
        assert at.lines()[1].strip("│ ").split() == heads.split()
