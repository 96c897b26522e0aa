"""The first run: what enter opens, an address that fails and is corrected, GES, and how a place is kept."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import msgspec
import pytest

from backend_adapters.simulator import EMPTY_HUGEGRAPH
from backend_adapters.simulator.ges import DEMO_GES
from backend_adapters.simulator.ges.app import ges_app
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target, Tls
from tests.support.faulty_hugegraph import Fault, FaultyHugeGraph, Wrong
from tests.ui.running_app import FastClock, RunningApp
from tests.ui.simulated_profiles import StageProfiles, welcome
from tui.app import SAVE_HINT, Graphtop
from tui.config.options import ScreenOptions
from tui.screens.dialogs.profile_snippet import SnippetScreen
from tui.screens.tasks.screen import TasksScreen
from tui.screens.welcome import WelcomeScreen

QUIET_GES = replace(DEMO_GES, history=20, pace=0)
FILE = """\
[profiles.broken]
url = "http://stage:8080"
read_olny = true
[profiles.stage]
url = "http://stage:8080"
"""

Configured = Callable[[str], None]


class Listening:
    """A server that notes the requests it gets."""

    def __init__(self, app: object) -> None:
        self.app = app
        self.requests: list[str] = []

    async def __call__(self, scope, receive, send) -> None:
        self.requests.append(f"{scope['method']} {scope['path']}")
        await self.app(scope, receive, send)


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configured:
    """Writes the config file; before that there is none."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("GRAPHTOP_CONFIG", str(path))
    return lambda text: path.write_text(text) and None


def make_profiles() -> StageProfiles:
    clock = FastClock()
    return StageProfiles(
        {
            "stage": FaultyHugeGraph(EMPTY_HUGEGRAPH, clock.now),
            "cloud": Listening(ges_app(QUIET_GES, clock.now)),
        }
    )


def form_of(at: RunningApp) -> dict[str, str]:
    """What stands in the fields of the welcome, and the name of the one that has the focus."""
    screen = at.app.screen
    return {
        "address": screen.query_one("#address").value,
        "kind": screen.query_one("#kind").kind,
        "project": screen.query_one("#project").value,
        "focus": at.app.focused.id,
    }


def footer(at: RunningApp) -> str:
    return at.lines()[-1].strip()


# --- what enter opens ---------------------------------------------------------------------------------


async def test_one_place_is_marked_and_enter_opens_it(configured: Configured) -> None:
    configured(FILE)
    async with welcome(make_profiles()) as at:
        await at.until_seen("enter open stage")
        assert at.app.screen.query_one("#choices").highlighted == 1, "the first one has a mistake"
        await at.press("enter")
        await at.until_seen("● live")
        assert at.app.target.profile == "stage"


async def test_without_a_profile_the_demo_is_marked(configured: Configured) -> None:
    async with welcome(make_profiles()) as at:
        await at.until_seen("enter open demo")
        await at.press(*"stage")
        assert at.app.screen.query_one("#choices").highlighted is None, "enter opens what is typed"
        assert "demo" not in footer(at)
        await at.press("down")
        await at.until_seen("enter open demo")
        await at.press("escape")
        await at.until_seen("enter open demo")


@pytest.mark.parametrize("size", [(30, 8), (60, 20), (80, 24)])
async def test_the_keys_fit_into_every_width(configured: Configured, size: tuple[int, int]) -> None:
    async with welcome(make_profiles(), size=size) as at:
        await at.press(*"stage")
        await at.pilot.pause()
        assert footer(at).startswith("enter open")
        assert footer(at).endswith("^Q quit")


# --- an address that fails ----------------------------------------------------------------------------


async def test_a_failed_address_is_corrected_where_it_stands(configured: Configured) -> None:
    async with welcome(make_profiles()) as at:
        await at.press(*"stage:1x", "enter")
        await at.until_seen("This is not a server address")
        await at.press("backspace", "backspace", *"80")
        await at.press("enter")
        await at.until_seen("● live")


async def test_an_address_that_never_answered_comes_back_with_its_kind_and_project(
    configured: Configured,
) -> None:
    async with welcome(make_profiles()) as at:
        await at.press(*"clod:8080", "tab", "right", "right", "tab", *QUIET_GES.project, "enter")
        await at.until_seen("Press esc to enter another address.")
        await at.press("escape")
        await at.until(lambda: isinstance(at.app.screen, WelcomeScreen), "the welcome")
        await at.until_seen("✗ Couldn't connect to clod:8080")
        assert form_of(at) == {
            "address": "http://clod:8080",
            "kind": "ges",
            "project": QUIET_GES.project,
            "focus": "address",
        }
        await at.press(*["left"] * len("d:8080"), "u")
        assert form_of(at)["address"] == "http://cloud:8080", "the cursor stands behind the address"
        await at.until_seen("This server needs an access key")


def started_with(target: Target, profiles: StageProfiles) -> Graphtop:
    return Graphtop(target, ScreenOptions(interval=1.0), clock=FastClock(), profile_source=profiles)


async def test_an_address_of_the_command_line_that_never_answered_can_be_corrected(
    configured: Configured,
) -> None:
    profiles = make_profiles()
    held, tls = Credentials("ann", lambda: "s3same"), Tls(ca_file="/ca.pem")
    target = Target(
        url="http://stage:8080",
        graph="hugegraph",
        credentials=held,
        tls=tls,
        http=httpx.ASGITransport(profiles.servers["stage"]),
    )
    broken = Fault(Wrong.CRASH, times=1_000)
    profiles.servers["stage"].faults.append(broken)
    app = started_with(target, profiles)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        at = RunningApp(app, pilot, profiles.servers["stage"])
        await at.until_seen("Press esc to enter another address.")
        await at.press("escape")
        await at.until(lambda: isinstance(at.app.screen, WelcomeScreen), "the welcome")
        assert form_of(at)["address"] == "http://stage:8080"
        profiles.servers["stage"].faults.clear()
        await at.press("enter")
        await at.until_seen("● live")
        assert (at.app.target.graph, at.app.target.credentials, at.app.target.tls) == ("hugegraph", held, tls)


async def test_another_address_gets_nothing_of_the_one_that_failed(configured: Configured) -> None:
    profiles = make_profiles()
    target = Target(
        url="http://lost:8080",
        graph="g",
        credentials=Credentials("ann", lambda: "s3same"),
        tls=Tls(insecure=True),
        http=profiles.parse_target("lost").http,
    )
    app = started_with(target, profiles)
    app.options = app._initial_options = msgspec.structs.replace(app.options, insecure=True)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        at = RunningApp(app, pilot, profiles.servers["stage"])
        await at.until_seen("Press esc to enter another address.")
        await at.press("escape")
        await at.until(lambda: isinstance(at.app.screen, WelcomeScreen), "the welcome")
        await at.press("ctrl+u", *"stage:8080", "enter")
        await at.until_seen("● live")
        used = at.app.target
        assert (used.credentials.has_login, used.tls, at.app.options.insecure) == (False, Tls(), False)


async def test_a_profile_that_never_answered_leads_to_no_welcome(configured: Configured) -> None:
    profiles = make_profiles()
    target = Target(url="http://lost:8080", profile="prod", http=profiles.parse_target("lost").http)
    app = started_with(target, profiles)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        at = RunningApp(app, pilot, profiles.servers["stage"])
        await at.until_seen("Retrying automatically.")
        assert "Press esc to enter" not in at.text()


# --- GES ------------------------------------------------------------------------------------------------


async def test_a_test_address_of_ges_is_said_to_be_ges(configured: Configured) -> None:
    profiles = make_profiles()
    async with welcome(profiles) as at:
        await at.press(*"cloud:8080")
        await at.until_seen("Press tab to choose its kind.")
        await at.press("tab", "right", "right")
        await at.until_seen("ges: GES, API version 1")
        await at.until_seen("Which project?")
        server = profiles.servers["cloud"]
        server.requests.clear()
        await at.press("enter")
        await at.until_seen("required")
        assert (form_of(at)["focus"], server.requests) == ("project", []), "nothing is sent"
        await at.press(*QUIET_GES.project)
        await at.until_seen("This server needs an access key")
        assert all(QUIET_GES.project in one for one in server.requests)
        await at.press("enter")
        await at.until(at.asks_login, "the login")
        assert at.app.screen.query_one("#user").placeholder == ""
        assert "Access key" in at.text()


async def test_a_click_changes_the_kind_and_esc_forgets_it(configured: Configured) -> None:
    async with welcome(make_profiles()) as at:
        await at.pilot.click("#kind")
        assert form_of(at)["kind"] == "hugegraph"
        await at.press("left", "left")
        assert form_of(at)["kind"] != "auto"
        await at.press("escape")
        assert form_of(at) == {"address": "", "kind": "auto", "project": "", "focus": "address"}


async def test_an_address_that_refuses_to_connect_is_not_taken_for_another_kind(
    configured: Configured,
) -> None:
    async with welcome(make_profiles()) as at:
        await at.press(*"nowhere:1")
        await at.until_seen("✗ Couldn't connect to nowhere:1")
        assert "choose its kind" not in at.text()


# --- how a place is kept ----------------------------------------------------------------------------


async def test_it_is_told_once_how_an_address_is_kept(configured: Configured) -> None:
    async with welcome(make_profiles(), size=(120, 30)) as at:
        await at.press(*"stage:8080", "enter")
        await at.until_seen("Save this connection as a profile")
        assert at.app.suggest_saving() == "", "once"
        at.app.clear_notifications()
        await at.press("colon", *"save this", "enter")
        await at.until(lambda: isinstance(at.app.screen, SnippetScreen), "the dialog")
        assert "[profiles.stage]" in at.text()


@pytest.mark.parametrize("opened", ["demo", "profile", "known address"])
async def test_who_can_come_back_already_is_told_nothing(configured: Configured, opened: str) -> None:
    configured("" if opened == "demo" else '[profiles.stage]\nurl = "http://stage:8080"\n')
    async with welcome(make_profiles(), size=(120, 30)) as at:
        await at.press(*("stage:8080" if opened == "known address" else ""), "enter")
        await at.until_seen("● live")
        assert isinstance(at.app.screen, TasksScreen)
        assert SAVE_HINT[:20] not in at.text()


async def test_the_dialog_names_the_command_that_creates_the_file_where_there_is_none(
    configured: Configured,
) -> None:
    async with welcome(make_profiles(), size=(120, 30)) as at:
        await at.press(*"stage:8080/graphs/g", "ctrl+s")
        await at.until_seen("There is no such file yet.")
        assert "graphtop config init --url http://stage:8080 --graph g" in at.text()
        await at.press("escape")
        configured("")
        await at.press("ctrl+s")
        await at.until_seen("paste it into")
        assert "config init" not in at.text()


def test_the_command_names_all_that_leads_to_the_server() -> None:
    target = Target(
        url="https://h:1",
        dialect="ges",
        project="p 1",
        credentials=Credentials("joe", lambda: "s3same"),
        tls=Tls(insecure=True),
    )
    command = StageProfiles({}).format_init_command(target)
    assert shlex.split(command) == [
        *("graphtop", "config", "init", "--url", "https://h:1", "--dialect", "ges"),
        *("--project", "p 1", "--user", "joe", "--insecure"),
    ]
