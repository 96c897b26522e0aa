"""The places at a glance: what the list says of each, live, and what its keys do."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.types import ASGIApp
from textual import events
from textual.pilot import Pilot

from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphSettings
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.support.faulty_hugegraph import FaultyHugeGraph
from tests.support.patience import PATIENCE
from tests.support.ports import free_port
from tests.support.simulated_servers import read_address
from tests.terminal.terminal_emulator import ROOT
from tests.ui.running_app import FastClock, read_screen, run_app, wait_until
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.connection.profile_source import Destination
from tui.monitor.clock import Clock
from tui.monitor.monitor import Monitor
from tui.screens.dialogs.login import LoginScreen
from tui.screens.dialogs.places import PlacesScreen
from tui.screens.tasks.screen import TasksScreen

SCRIPT = "Thread.sleep(600000)"
LOCKED = HugeGraphSettings(history=0, auth=("admin", "secret"))


class Fleet:
    """A running program that watches several servers."""

    def __init__(self, app: Graphtop, pilot: Pilot[None], servers: Mapping[str, FaultyHugeGraph]) -> None:
        self.app = app
        self.pilot = pilot
        self.servers = servers

    @property
    def monitor(self) -> Monitor:
        found = [one.monitor for one in self.app.screen_stack if isinstance(one, TasksScreen)]
        assert found[-1] is not None
        return found[-1]

    @property
    def text(self) -> str:
        return "\n".join(read_screen(self.app))

    def line(self, name: str) -> list[str]:
        """The cells of a place's line."""
        places = [one.place for one in self.monitor.places if one.place is not None]
        label = re.escape(next(place.label for place in places if place.profile == name))
        found = [line for line in read_screen(self.app) if re.match(rf"│ +(▲ )?{label}  ", line)]
        assert len(found) == 1, f"{name}\n{self.text}"
        return re.split(r" {2,}", found[0].strip("│▲ "))

    async def until(self, words: str) -> None:
        await wait_until(self.pilot, lambda: words in self.text, f"seeing {words!r}")

    async def until_gone(self, words: str) -> None:
        await wait_until(self.pilot, lambda: words not in self.text, f"{words!r} going away")

    async def until_cell(self, name: str, column: int, cell: str) -> None:
        def is_so() -> bool:
            try:
                return self.line(name)[column].startswith(cell)
            except AssertionError:
                return False

        await wait_until(self.pilot, is_so, f"{name} having {cell!r}")

    def asks_login(self) -> bool:
        """Whether the dialog that asks for a login is there, and listens."""
        dialog = self.app.screen
        return isinstance(dialog, LoginScreen) and not dialog.is_too_early(events.Key("y", "y"))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def submit(self, name: str) -> str:
        """Start a job as somebody else would."""
        body = {"gremlin": SCRIPT, "bindings": {}, "language": "gremlin-groovy", "aliases": {}}
        transport = httpx.ASGITransport(self.servers[name])
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{name}") as other:
            answer = await other.post("/graphs/hugegraph/jobs/gremlin", json=body)
        return str(answer.json()["task_id"])


def make_target(name: str, server: ASGIApp | None, url: str = "") -> Target:
    return Target(
        url=url or f"http://{name}:8080",
        profile=name,
        graph="hugegraph",
        http=None if server is None else httpx.ASGITransport(server),
        credentials=Credentials(),
    )


@asynccontextmanager
async def run_fleet(
    settings: Mapping[str, HugeGraphSettings],
    *,
    production: Iterable[str] = (),
    size: tuple[int, int] = (120, 30),
    clock: Clock | None = None,
    ascii: bool = False,
) -> AsyncIterator[Fleet]:
    """Watch a server for each of these settings, by the names of their profiles."""
    clock = clock or FastClock()
    servers = {name: FaultyHugeGraph(one, clock.now) for name, one in settings.items()}
    destinations = tuple(
        Destination(
            make_target(name, server),
            ScreenOptions(interval=1.0, ascii=ascii, production=name in production),
        )
        for name, server in servers.items()
    )
    options = ScreenOptions(interval=1.0, ascii=ascii)
    app = Graphtop(None, options, clock=clock, destinations=destinations)
    async with app.run_test(size=size, notifications=True) as pilot:
        fleet = Fleet(app, pilot, servers)
        await wait_until(
            pilot,
            lambda: all(one.health.scanned or one.health.error is not None for one in fleet.monitor.places),
            "the first answers",
        )
        yield fleet


TWO = {"prod": EMPTY_HUGEGRAPH, "dev": EMPTY_HUGEGRAPH}


async def test_each_place_has_a_line_with_its_state_and_counts_that_follow_what_happens() -> None:
    async with run_fleet(TWO, production=["prod"]) as at:
        await at.press("A")
        await at.until("2 places")
        assert at.line("prod")[:5] == ["prod:hugegraph", "● live", "0", "0", "0"]
        assert at.line("prod")[-1] == "HugeGraph 1.7.0"
        assert any(line.startswith("│ ▲ prod:") for line in read_screen(at.app))
        assert any(line.startswith("│   dev:") for line in read_screen(at.app))
        assert "prod:DEFAULT/hugegraph · PRODUCTION · HugeGraph 1.7.0 · http://prod:8080" in at.text
        await at.submit("dev")
        await at.until_cell("dev", 2, "1")
        assert at.line("prod")[2] == "0"
        assert int(at.line("dev")[-2]) > 0, "requests a minute"
        await at.press("j")
        await at.until("It has one task.")
        await at.press("escape")
        assert not isinstance(at.app.screen, PlacesScreen)


async def test_space_hides_the_rows_of_a_place_and_shows_them_again() -> None:
    async with run_fleet(TWO) as at:
        for name in TWO:
            await at.submit(name)
        await at.until("1 Active 2")
        await at.press("A", "j", "space")
        await at.until("2 places · 1 hidden")
        assert at.line("dev")[1] == "● live · hidden"
        assert "space show" in at.text
        await at.press("escape")
        await at.until("1 of 2 places")
        await at.until("1 Active 1")
        assert "dev:hugegraph" not in at.text
        second = await at.submit("dev")
        await at.press("A")
        assert "Its rows are hidden." not in at.text, "the cursor begins at the top"
        await at.press("j")
        await at.until("Its rows are hidden. Press space to show them.")
        await at.until_cell("dev", 2, "2")
        await at.press("space", "escape")
        await at.until("1 Active 3")
        await at.until(f" {second} ")
        assert " of 2 places" not in at.text


async def test_with_all_hidden_the_table_says_so_and_the_palette_shows_them() -> None:
    async with run_fleet(TWO) as at:
        await at.submit("dev")
        await at.until("1 Active 1")
        await at.press("A", "home", "space", "j", "space", "escape")
        await at.until("All places are hidden.")
        await at.until("0 of 2 places")
        await at.press("colon", *"show all pl", "enter")
        await at.until("1 Active 1")
        await at.until("  2 places")


async def test_enter_opens_a_place_alone() -> None:
    async with run_fleet(TWO) as at:
        task_id = await at.submit("dev")
        await at.press("A", "end", "enter")
        await at.until("dev · DEFAULT/hugegraph")
        assert not at.monitor.is_joint
        assert "Press A to go back to all places." in at.text
        await at.until(f" {task_id} ")
        await at.press("A")
        await at.until("  2 places")
        assert at.monitor.is_joint
        assert "Press A to go back" not in at.text
        await at.press("A", "end", "enter")
        await at.until("dev · DEFAULT/hugegraph")


async def test_the_cursor_begins_on_the_place_of_the_task_under_the_cursor() -> None:
    async with run_fleet(TWO) as at:
        await at.submit("dev")
        await at.until("1 Active 1")
        await at.press("A")
        await at.until("dev:DEFAULT/hugegraph · ")
        await at.press("k")
        await at.until("prod:DEFAULT/hugegraph · ")


async def test_one_place_alone_has_no_list() -> None:
    async with run_app() as at:
        await at.press("A")
        await at.until_seen("One place is watched. Press a to watch all graphs of this server")
        assert isinstance(at.app.screen, TasksScreen)


async def test_a_place_that_wants_a_login_says_so_and_enter_asks_for_it() -> None:
    async with run_fleet({"prod": EMPTY_HUGEGRAPH, "dev": LOCKED}) as at:
        await at.press("A", "j")
        await at.until("login needed")
        assert at.line("dev")[1] == "✗ login needed"
        await at.until("Press enter to sign in.")
        await at.until("enter sign in")
        await at.press("r")
        await at.until("Press enter to sign in.")
        await at.press("enter")
        await at.until("Sign in")
        await wait_until(at.pilot, at.asks_login, "the dialog listening")
        assert "dev at dev:8080" in at.text
        await at.press(*"admin", "enter", *"wrong", "enter")
        await at.until_cell("dev", 1, "✗ login refused")
        await at.press("enter")
        await wait_until(at.pilot, at.asks_login, "the dialog listening")
        await at.press(*"secret", "enter")
        await at.until_cell("dev", 1, "● live")
        assert isinstance(at.app.screen, PlacesScreen)


async def test_the_cursor_stays_on_its_place_when_others_come_and_go() -> None:
    settings = dict.fromkeys(("one", "two", "three", "four"), EMPTY_HUGEGRAPH)
    async with run_fleet(settings) as at:
        await at.press("A", "j", "j")
        await at.until("three:DEFAULT/hugegraph · ")
        at.monitor.remove_place(at.monitor.places[0])
        await at.until("3 places")
        assert "three:DEFAULT/hugegraph · " in at.text
        at.monitor.remove_place(at.monitor.places[1])
        await at.until("2 places")
        assert "four:DEFAULT/hugegraph · " in at.text
        for place in list(at.monitor.places):
            at.monitor.remove_place(place)
        await at.until("No place is known yet")
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
        make_target(name, None, f"http://127.0.0.1:{port}") for name, port in zip(TWO, ports, strict=True)
    ]
    prod, dev = (start_server(port, "--unfinished", "2") for port in ports)
    try:
        destinations = tuple(Destination(one, options) for one in targets)
        app = Graphtop(None, options, clock=FastClock(), destinations=destinations)
        async with app.run_test(size=(120, 24), notifications=True) as pilot:
            at = Fleet(app, pilot, {})
            await at.until("0 All 10")
            await at.press("A", "j")
            await at.until_cell("dev", 1, "● live")
            kill_server(dev)
            await at.until_cell("dev", 1, "✗ offline")
            assert at.line("dev")[2].isdecimal(), "its counts stay"
            await at.until("refused the connection")
            await at.until("Its rows are as of ")
            await at.until("2 places · 1 does not answer")
            assert at.line("prod")[1] == "● live"
            dev = start_server(ports[1], "--version", "1.5.0")
            await at.press("r")
            await at.until_cell("dev", 1, "● live")
            assert at.line("dev")[-1] == "HugeGraph 1.5.0"
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
    async with run_fleet(TWO, size=(width, 16)) as at:
        await at.press("A")
        await at.until("2 places")
        assert read_screen(at.app)[1].strip("│ ").split() == heads.split()
