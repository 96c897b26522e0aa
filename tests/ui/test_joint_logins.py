"""The logins of several places on the screen: asked for one after the other, skipped, and refused."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from backend_adapters.simulator import DEMO_HUGEGRAPH
from tests.support.faulty_hugegraph import FaultyHugeGraph
from tests.ui.running_app import FastClock, RunningApp, run_app
from tests.ui.simulated_profiles import StageProfiles
from tui.screens.dialogs.login import LoginScreen

QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)
FILE = """\
[profiles.stage]
url = "http://stage:8080"
[profiles.asking]
url = "http://asking:8080"
user = "ann"
allow_plain = true
[profiles.third]
url = "http://third:8080"
user = "bob"
[profiles.strict]
url = "http://strict:8080"
"""


class RecordingServer(FaultyHugeGraph):
    """A server that remembers who tried to log in."""

    def __init__(self, user: str = "", password: str = "") -> None:
        super().__init__(replace(QUIET, auth=(user, password)) if user else QUIET, FastClock().now)
        self.logins: set[str] = set()

    async def answer_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        for name, value in scope.get("headers", ()):
            if name == b"authorization":
                self.logins.add(base64.b64decode(value.removeprefix(b"Basic ")).decode())
        await super().answer_request(scope, receive, send)


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StageProfiles:
    """The profiles of a file, each with a server of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    path = tmp_path / ".config" / "graphtop" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(FILE)
    servers = {
        "stage": RecordingServer(),
        "asking": RecordingServer("ann", "one"),
        "third": RecordingServer("bob", "two"),
        "strict": RecordingServer("eve", "three"),
    }
    return StageProfiles(servers)


@asynccontextmanager
async def open_several(profiles: StageProfiles, *names: str) -> AsyncIterator[RunningApp]:
    """Open the program on one place, then several profiles together."""
    async with run_app(profile_source=profiles, size=(120, 36)) as at:
        await at.press("P", "ctrl+@")
        for name in names:
            await at.press(*name, "ctrl+@", *["backspace"] * len(name))
        await at.press("enter")
        yield at


async def type_login(at: RunningApp, password: str, user: str = "") -> None:
    """Type a login once the dialog listens."""
    await at.until(at.asks_login, "the dialog listening")
    await at.press(*user, *(["tab"] if user else []), *password, "enter")


def is_asked(at: RunningApp, place: str) -> bool:
    """Whether one dialog, and no more, asks for the login of a place."""
    dialogs = [screen for screen in at.app.screen_stack if isinstance(screen, LoginScreen)]
    return len(dialogs) == 1 and place in at.text() and at.asks_login()


def states(at: RunningApp) -> dict[str, bool]:
    """Whether each place that is watched answers, by its profile."""
    monitor = at.screen.monitor
    places = monitor.places if monitor is not None else []
    return {one.place.profile: one.is_answering for one in places if one.place is not None}


async def test_passwords_are_asked_for_one_after_the_other_while_the_others_are_live(
    profiles: StageProfiles,
) -> None:
    async with open_several(profiles, "asking", "third") as at:
        await at.until(lambda: is_asked(at, "asking at asking:8080"), "the first dialog")
        await at.until(lambda: states(at).get("stage", False), "the place without a login")
        assert states(at) == {"stage": True, "asking": False, "third": False}
        assert "Plain HTTP:" not in at.text(), "its profile allows that"
        await type_login(at, "one")
        await at.until(lambda: is_asked(at, "third at third:8080"), "the second dialog")
        assert "Plain HTTP:" in at.text()
        await type_login(at, "two")
        await at.until(lambda: all(states(at).values()), "all places")
        assert profiles.servers["asking"].logins - {"ann:"} == {"ann:one"}
        assert profiles.servers["third"].logins - {"bob:"} == {"bob:two"}
        assert profiles.servers["stage"].logins == set()


async def test_a_place_that_is_skipped_says_how_to_sign_in_and_asks_once_it_is_opened_alone(
    profiles: StageProfiles,
) -> None:
    async with open_several(profiles, "asking") as at:
        await at.until(lambda: is_asked(at, "asking at asking:8080"), "the dialog")
        await at.press("escape")
        await at.until_seen("asking is not signed in. Press A and enter on it to sign in.")
        await at.until(lambda: states(at) == {"stage": True, "asking": False}, "both places")
        (place,) = [one.place for one in at.screen.monitor.places if one.place.profile == "asking"]
        at.app.open_watched_place(place)
        await at.until(lambda: is_asked(at, "asking"), "the dialog of that place alone")
        await type_login(at, "one")
        await at.until_seen("asking · DEFAULT/hugegraph")
        await at.until_seen("● live")
        await at.press("A")
        await at.until(
            lambda: states(at) == {"stage": True, "asking": True}, "both places, now with the login"
        )
        assert not at.asks_login()


async def test_a_refused_login_opens_no_dialog_over_the_tasks_of_others(profiles: StageProfiles) -> None:
    async with open_several(profiles, "strict") as at:
        await at.until(lambda: states(at) == {"stage": True, "strict": False}, "both places")
        await at.until_seen("strict wants a login: press A, then enter on it.")
        assert not any(isinstance(screen, LoginScreen) for screen in at.app.screen_stack)
        assert "2 places · 1 needs a login" in at.lines()[0]
        await at.press("A")
        await at.until_seen("─ 2 places · 1 needs a login ─")
        assert any("strict" in line and "login needed" in line for line in at.lines())
        await at.press("escape")
        await at.press("P")
        await at.until_seen("wants a login")
        lines = [" ".join(line.strip(" │").split()) for line in at.lines()]
        assert "★ strict http://strict:8080 wants a login" in lines
        assert "★ stage http://stage:8080 connected" in lines


async def test_a_set_of_one_server_asks_for_its_login(profiles: StageProfiles) -> None:
    async with run_app(profile_source=profiles, size=(120, 36)) as at:
        destination = await profiles.open_profile("strict", at.app.options)
        at.app.open_place(destination)
        await at.until(lambda: is_asked(at, "strict"), "the dialog of one place")
        await at.press("escape")
        at.app.watch_all_graphs()
        await at.until(lambda: is_asked(at, "strict"), "the dialog of all its graphs")
        at.screen.monitor.poll_now()
        await type_login(at, "three", user="eve")
        await at.until(lambda: len(states(at)) > 0 and all(states(at).values()), "the graphs")
        await at.until_seen("supply_chain")


async def test_where_all_places_refuse_their_logins_it_is_said_which_key_asks_for_them(
    profiles: StageProfiles,
) -> None:
    async with run_app(profile_source=profiles, size=(120, 36)) as at:
        at.app.open_profiles(["strict", "third"])
        await at.until(lambda: is_asked(at, "third at third:8080"), "the dialog")
        await at.press("escape")
        await at.until_seen("Press A, then enter on a place to sign in.")
        assert "Press r to sign in again." not in at.text()


GRAPHS_FILE = """\
[profiles.stage]
url = "http://stage:8080"
allow_plain = true
[profiles.asking]
url = "http://asking:8080"
user = "ann"
graphs = ["*"]
[profiles.strict]
url = "http://strict:8080"
graphs = ["*"]
"""


@pytest.fixture
def graph_profiles(profiles: StageProfiles, tmp_path: Path) -> StageProfiles:
    """The same servers, two of which are opened with all their graphs."""
    (tmp_path / ".config" / "graphtop" / "config.toml").write_text(GRAPHS_FILE)
    return profiles


async def test_all_graphs_of_a_profile_ask_for_its_password_in_one_dialog(
    graph_profiles: StageProfiles,
) -> None:
    async with run_app(profile_source=graph_profiles, size=(120, 36)) as at:
        at.app.open_profile("asking")
        await at.until(lambda: bool(at.screen.monitor and at.screen.monitor.health.error), "the refusal")
        await at.until(lambda: is_asked(at, "asking"), "one dialog")
        assert is_asked(at, "asking")
        await type_login(at, "one")
        await at.until(lambda: all(states(at).values()) and bool(states(at)), "the graphs")


async def test_all_graphs_of_another_profile_do_not_take_over_that_plain_http_is_allowed(
    graph_profiles: StageProfiles,
) -> None:
    async with run_app(profile_source=graph_profiles, size=(120, 36)) as at:
        at.app.open_profile("stage")
        await at.until_seen("stage · ")
        await at.until_seen("● live")
        at.app.open_profile("strict")
        await at.until(lambda: is_asked(at, "strict"), "the dialog")
        assert "Plain HTTP:" in at.text()
