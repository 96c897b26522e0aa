"""The program around its screens: themes, the second q, and the ways to other places."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from msgspec.structs import replace as changed

from backend_adapters.errors import NotLoggedIn
from backend_adapters.model import Action
from backend_adapters.simulator import EMPTY_HUGEGRAPH
from backend_adapters.transport.target import Target
from tests.ui.running_app import RunningApp, run_app
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.monitor.store import ActionOverlay
from tui.screens import quit_guard
from tui.screens.dialogs.profile_snippet import SnippetScreen
from tui.screens.quit_guard import QUIT_AGAIN_SECONDS
from tui.styles.themes import DARK, PLAIN

LONG = "Thread.sleep(3600000)"
HERE = Target(url="http://h:1")


@pytest.mark.parametrize(
    ("theme", "shown"), [("", DARK), ("nord", "nord"), (PLAIN, PLAIN), ("no such theme", "textual-dark")]
)
def test_the_theme_is_the_chosen_one_or_the_dark_one(theme: str, shown: str) -> None:
    assert Graphtop(HERE, ScreenOptions(theme=theme)).theme == shown


@pytest.mark.parametrize(("term", "colours"), [("xterm", True), ("xterm-256color", False)])
def test_in_sixteen_colours_the_theme_is_the_plain_one(monkeypatch, term: str, colours: bool) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("COLORTERM", raising=False)
    made = Graphtop(HERE, ScreenOptions(theme=""))
    assert made.theme == (PLAIN if colours else DARK)
    assert Graphtop(HERE, ScreenOptions(theme="nord")).theme == "nord"


def test_without_colours_the_theme_is_the_plain_one_whatever_was_chosen(monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    made = Graphtop(HERE, ScreenOptions(theme="nord"))
    assert made.theme == PLAIN
    assert [type(one).__name__ for one in made._filters].count("NoColor") == 1
    assert "Monochrome" not in [type(one).__name__ for one in made._filters]


class Hands:
    """A clock for the second q."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(quit_guard, "time", SimpleNamespace(monotonic=lambda: self.now))


async def under_way(at: RunningApp, number: int) -> None:
    for _ in range(number):
        await at.submit(LONG)
    await at.until_seen(f"1 Active {number}")
    for task_id in range(1, number + 1):
        at.screen.monitor.only.store.overlays[str(task_id)] = ActionOverlay(
            Action.CANCEL, at.app._clock.now()
        )


@pytest.mark.parametrize(("later", "ends"), [(QUIT_AGAIN_SECONDS - 0.01, True), (QUIT_AGAIN_SECONDS, False)])
async def test_a_second_q_within_five_seconds_quits(monkeypatch, later: float, ends: bool) -> None:
    hands = Hands(monkeypatch)
    async with run_app() as at:
        await under_way(at, 1)
        await at.press("q")
        await at.until_seen("1 action is not confirmed yet. Press q again to quit anyway.")
        hands.now += later
        await at.press("q")
        assert at.app._exit is ends
        at.screen.monitor.only.store.overlays.clear()


async def test_how_many_actions_are_not_confirmed_is_said() -> None:
    async with run_app() as at:
        await under_way(at, 2)
        await at.press("q")
        await at.until_seen("2 actions are not confirmed yet.")
        at.screen.monitor.only.store.overlays.clear()


async def test_without_actions_the_first_q_quits() -> None:
    async with run_app() as at:
        await at.press("q")
        assert at.app._exit


async def test_without_a_way_to_profiles_there_are_none_and_no_place_is_shown_as_one() -> None:
    async with run_app() as at:
        await at.press("P")
        await at.until_seen("No profiles in the config file.")
        await at.press("escape")
        at.app.action_show_profile_snippet()
        await at.pilot.pause()
        assert not isinstance(at.app.screen, SnippetScreen)


async def test_a_login_is_asked_for_once_at_a_time() -> None:
    async with run_app() as at:
        for _ in range(2):
            at.app.ask_login(NotLoggedIn("Log in.", hint=""))
        await at.until(at.asks_login, "the dialog")
        assert len(at.app.screen_stack) == 2
        await at.press("escape")
        await at.until(lambda: len(at.app.screen_stack) == 1, "the end of the dialog")
        at.app.ask_login(NotLoggedIn("Log in.", hint=""))
        await at.until(at.asks_login, "the dialog again")


async def test_what_is_acted_on_from_elsewhere_is_told_by_its_place() -> None:
    async with run_app(replace(EMPTY_HUGEGRAPH, graphs=("hugegraph", "other"))) as at:
        await under_way(at, 1)
        retired = at.screen.monitor
        source = retired.only.backend.source
        at.app._retired.monitors.append(retired)
        assert at.app._retired.is_acting_on(source, "1")
        assert at.app._retired.is_acting_on(changed(source, profile="another name of it"), "1")
        assert not at.app._retired.is_acting_on(source, "2")
        assert not at.app._retired.is_acting_on(changed(source, graph="other"), "1")
        at.app._retired.monitors.clear()
        assert not at.app._retired.is_acting_on(source, "1")
        retired.only.store.overlays.clear()
