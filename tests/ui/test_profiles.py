"""P, the welcome, and what the header says of a place: profiles as a person meets them on the screen."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from backend_adapters.errors import LoginKind, NotLoggedIn, Unreachable
from backend_adapters.model import Ability, Capabilities, Scope, ServerInfo
from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from backend_adapters.transport.credentials import Credentials
from tests.support.faulty_hugegraph import Fault, FaultyHugeGraph, Wrong
from tests.support.patience import PATIENCE
from tests.ui.running_app import FastClock, RunningApp, hold_actions, run_app
from tests.ui.simulated_profiles import StageProfiles, welcome
from tui.config.options import ScreenOptions
from tui.config.profiles import Config, load_config
from tui.config.resolved import OriginKind, ValueOrigin
from tui.screens import welcome as welcome_screen
from tui.screens.address_form import AddressForm
from tui.screens.dialogs.confirm import ConfirmScreen
from tui.screens.dialogs.help import HelpScreen
from tui.screens.dialogs.login import LoginScreen
from tui.screens.dialogs.picker import ChoiceDialog
from tui.screens.dialogs.profile_snippet import SnippetScreen
from tui.screens.welcome import WelcomeScreen
from tui.screens.welcome_lines import describe_found_server

CANARY = "c4nary-Sesame"
LONG = "Thread.sleep(3600000)"
QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)
FILE = f"""\
[profiles.stage]
url = "http://stage:8080"
[profiles.prod]
url = "http://prod:8080"
graph = "ledger"
production = true
interval = 5
[profiles.frozen]
url = "http://frozen:8080"
read_only = true
[profiles.loose]
url = "https://loose:8443"
insecure = true
[profiles.locked]
url = "http://locked:8080"
user = "admin"
password_command = "{sys.executable} -c 'print(\\"{CANARY}\\")'"
[profiles.asking]
url = "http://locked:8080"
user = "admin"
[profiles.typo]
url = "http://stage:8080"
read_olny = true
"""

NO = Ability(False, "No.")
NOTHING = Capabilities(cancel=NO, delete=NO, force_delete=NO, submit=NO)

Configured = Callable[[str], None]


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configured:
    """Writes the file of profiles; before that there is none."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    def write(text: str) -> None:
        path = tmp_path / ".config" / "graphtop" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return write


def make_profiles() -> StageProfiles:
    clock = FastClock()
    servers: dict[str, FaultyHugeGraph] = {
        "stage": FaultyHugeGraph(EMPTY_HUGEGRAPH, clock.now),
        "prod": FaultyHugeGraph(replace(EMPTY_HUGEGRAPH, graphs=("hugegraph", "ledger")), clock.now),
        "frozen": FaultyHugeGraph(QUIET, clock.now),
        "loose": FaultyHugeGraph(EMPTY_HUGEGRAPH, clock.now),
        "locked": FaultyHugeGraph(replace(EMPTY_HUGEGRAPH, auth=("admin", CANARY)), clock.now),
    }
    return StageProfiles(servers)


def tries(at: RunningApp) -> list[object]:
    """The addresses that the welcome is trying."""
    return [worker for worker in at.app.workers if worker.group == "try" and worker.is_running]


def opening(at: RunningApp) -> list[object]:
    """The profiles whose logins are being found."""
    return [worker for worker in at.app.workers if worker.group == "profile" and worker.is_running]


# --- P -----------------------------------------------------------------------------------------------


async def test_p_lists_the_profiles_with_what_one_should_know_of_each(configured: Configured) -> None:
    configured(FILE)
    async with run_app(profile_source=make_profiles()) as at:
        await at.press("P")
        await at.until_seen("Switch profile")
        lines = [" ".join(line.strip(" │").split()) for line in at.lines()]
        assert "★ stage http://stage:8080 connected" in lines
        assert "prod http://prod:8080 PRODUCTION · not tried" in lines
        assert "frozen http://frozen:8080 read-only · not tried" in lines
        assert "loose https://loose:8443 INSECURE · not tried" in lines
        assert "locked http://locked:8080 not tried" in lines
        assert "asking http://locked:8080 asks for a password" in lines
        assert 'typo line 23: Unknown key "' in at.text().replace("typo    ", "typo ")
        await at.press("escape")
        assert at.app.target.profile == "stage"


async def test_another_profile_is_a_fresh_screen_with_its_own_safeguards(configured: Configured) -> None:
    configured(FILE)
    async with run_app(profile_source=make_profiles()) as at:
        before = at.screen
        await at.press("P", *"prod", "enter")
        await at.until(lambda: at.screen is not before, "another screen")
        await at.until_seen("ledger")
        await at.until_seen("● live")
        assert " PRODUCTION " in at.lines()[0]
        assert "prod · DEFAULT/ledger" in at.lines()[0]
        assert (at.app.options.production, at.app.options.interval) == (True, 5.0)
        assert at.screen.monitor.only.poller.interval == 5.0
        await at.press("P", *"stage", "enter")
        await at.until_seen("stage ·")
        assert "PRODUCTION" not in at.text()
        assert not at.app.options.production
        assert len(at.app.screen_stack) == 1


async def test_marked_profiles_are_opened_together(
    configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(FILE)
    async with run_app(profile_source=make_profiles()) as at:
        asked: list[object] = []
        monkeypatch.setattr(at.app, "open_profiles", asked.append)
        await at.press("P", "ctrl+@", *"froz", "ctrl+@")
        await at.until_seen("2 marked, 1 not shown")
        await at.press("enter")
        await at.until(lambda: bool(asked), "both")
        assert asked == [("stage", "frozen")]


async def test_in_production_an_action_must_be_typed(configured: Configured) -> None:
    configured(FILE)
    wired = make_profiles()
    async with run_app(profile_source=wired) as at:
        await at.press("P", *"prod", "enter")
        await at.until_seen("ledger")
        at.server = wired.servers["prod"]
        task_id = await at.submit(LONG, "ledger")
        await at.until(lambda: at.screen.monitor.only.store.tasks.get(task_id) is not None, "the task")
        await at.until(lambda: at.screen.parts.table.cursor_key == task_id, "the cursor")
        await at.ask("C")
        await at.press("y")
        assert "(the task id)" in at.text()
        assert isinstance(at.app.screen, ConfirmScreen), "y alone is not enough"
        await at.press("backspace", *task_id, "enter")
        await at.until(lambda: not isinstance(at.app.screen, ConfirmScreen), "the end of the dialog")
        while await at.status(task_id, "ledger") != "cancelled":
            await at.pilot.pause(0.02)


async def test_a_read_only_profile_says_which_line_made_it_so(configured: Configured) -> None:
    configured(FILE)
    async with run_app(profile_source=make_profiles()) as at:
        await at.press("P", *"frozen", "enter")
        await at.until_seen("read-only")
        await at.until(lambda: at.screen.monitor is not None and len(at.screen.monitor.view) > 0, "rows")
        await at.press("C")
        await at.until_seen("set by the profile frozen")
        assert "config.toml:10" in at.text()
        assert not isinstance(at.app.screen, ConfirmScreen)


async def test_a_flag_that_forbids_goes_along_to_every_profile(configured: Configured) -> None:
    configured(FILE)
    by_flag = ValueOrigin(OriginKind.FLAG, "--read-only")
    options = ScreenOptions(interval=1.0, read_only=True, read_only_origin=by_flag)
    async with run_app(profile_source=make_profiles(), options=options) as at:
        await at.press("P", *"prod", "enter")
        await at.until_seen("ledger")
        assert at.app.options.read_only_origin == by_flag
        assert "read-only" in at.lines()[0]


async def test_production_of_a_flag_goes_along_to_every_profile(configured: Configured) -> None:
    configured(FILE)
    by_flag = ValueOrigin(OriginKind.FLAG, "--production")
    begun = ScreenOptions(interval=1.0, production=True, production_origin=by_flag)
    async with run_app(profile_source=make_profiles(), options=begun) as at:
        await at.press("P", *"frozen", "enter")
        await at.until_seen("read-only")
        assert " PRODUCTION " in at.lines()[0]
        assert at.app.options.production_origin == by_flag


@pytest.mark.parametrize(("address", "mark"), [("prod:8080", " PRODUCTION "), ("frozen:8080", "read-only")])
async def test_a_profiles_server_typed_into_the_welcome_keeps_its_guards(
    configured: Configured, address: str, mark: str
) -> None:
    configured(FILE)
    async with welcome(make_profiles(), size=(120, 24)) as at:
        await at.press(*address, "enter")
        await at.until_seen("● live")
        assert mark in at.lines()[0]
        assert (at.app.options.production, at.app.options.read_only) == (
            address.startswith("prod"),
            address.startswith("frozen"),
        )


async def test_what_a_profile_forbids_stays_with_it(configured: Configured) -> None:
    configured(FILE)
    async with run_app(profile_source=make_profiles()) as at:
        await at.press("P", *"frozen", "enter")
        await at.until(lambda: at.app.options.read_only, "read-only")
        await at.until_seen("frozen ·")
        await at.press("P", *"prod", "enter")
        await at.until_seen("ledger")
        assert not at.app.options.read_only


async def test_an_insecure_place_says_so_all_the_time(configured: Configured) -> None:
    configured(FILE)
    async with run_app(profile_source=make_profiles(), size=(60, 20)) as at:
        assert "INSECURE" not in at.text()
        await at.press("P", *"loose", "enter")
        await at.until_seen(" INSECURE ")
        style = next(
            segment.style
            for segment in at.app.screen._compositor.render_strips()[0]
            if "INSECURE" in segment.text
        )
        assert style.bgcolor is not None
        assert style.bgcolor != style.color
        await at.press("C")
        assert " INSECURE " in at.lines()[0]


@pytest.mark.parametrize("allowed", [False, True])
async def test_a_login_over_plain_http_is_told_all_the_time(configured: Configured, allowed: bool) -> None:
    line = 'user = "admin"\n'
    configured(FILE.replace(line, f"{line}allow_plain = true\n") if allowed else FILE)
    async with run_app(profile_source=make_profiles(), size=(80, 24)) as at:
        assert "PLAIN HTTP" not in at.text(), "nobody logs in"
        await at.press("P", *"asking", "enter")
        await at.until(at.asks_login, "the login")
        assert ("Plain HTTP: others" in at.text()) is not allowed
        await at.press(*CANARY, "enter")
        await at.until_seen("● live")
        assert (" PLAIN HTTP " in at.lines()[0]) is not allowed


async def test_an_address_shows_plain_http_as_soon_as_somebody_logs_in(configured: Configured) -> None:
    configured("")
    async with welcome(make_profiles()) as at:
        await at.press(*"locked:8080", "enter")
        await at.until(at.asks_login, "the login")
        assert "PLAIN HTTP" not in at.text()
        await at.press(*"admin", "tab", *CANARY, "enter")
        await at.until_seen(" PLAIN HTTP ")


async def test_ctrl_c_on_the_welcome_says_how_to_quit_where_q_is_a_letter() -> None:
    async with welcome(make_profiles()) as at:
        await at.press("ctrl+c")
        await at.until_seen("Press ctrl+q to quit.")


async def test_a_profile_with_a_mistake_is_not_opened(configured: Configured) -> None:
    configured(FILE)
    async with run_app(profile_source=make_profiles()) as at:
        before = at.screen
        await at.press("P", *"typo", "enter")
        await at.until_seen("Unknown key")
        assert at.screen is before


async def test_without_profiles_p_says_where_they_would_be(configured: Configured) -> None:
    async with run_app(profile_source=make_profiles()) as at:
        await at.press("P")
        await at.until(lambda: isinstance(at.app.screen, ChoiceDialog), "the dialog")
        words = "doesn't exist. Run graphtop config init"
        await at.until(lambda: words in " ".join(at.text().replace("│", " ").split()), "what to do")
        assert "~/.config/graphtop/config.toml" in at.text()
        await at.press("enter", "escape")


async def test_a_file_without_profiles_is_told_by_p(configured: Configured) -> None:
    configured("")
    async with run_app(profile_source=make_profiles()) as at:
        await at.press("P")
        await at.until_seen("No profiles in")
        await at.press("escape")


async def test_a_file_of_profiles_that_can_not_be_read_is_told_by_p(configured: Configured) -> None:
    configured("[profiles.x")
    async with run_app(profile_source=make_profiles()) as at:
        await at.press("P")
        await at.until_seen("Invalid TOML")
        assert "There are no profiles" not in at.text()
        await at.press("escape")


async def test_a_profile_logs_in_with_its_own_secret_and_never_with_the_old_one(
    configured: Configured,
) -> None:
    configured(FILE)
    wired = make_profiles()
    sent: list[str] = []
    inner = wired.servers["locked"]

    class Listening:
        settings = inner.settings

        async def __call__(self, scope, receive, send) -> None:
            sent.extend(value.decode() for name, value in scope["headers"] if name == b"authorization")
            await inner(scope, receive, send)

    wired.servers["locked"] = Listening()
    held = Credentials("stager", lambda: "of-the-stage")
    async with run_app(profile_source=wired, credentials=held) as at:
        await at.press("P", *"locked", "enter")
        await at.until_seen("No tasks, or none")
        assert "locked ·" in at.lines()[0]
        assert len(set(sent)) == 1
        assert CANARY not in at.text()
        assert CANARY not in at.app.export_screenshot()


async def test_a_profile_without_a_secret_asks_for_it(configured: Configured) -> None:
    configured(FILE)
    async with run_app(profile_source=make_profiles()) as at:
        await at.press("P", *"asking", "enter")
        await at.until(at.asks_login, "the login")
        assert "asking" in at.text()
        await at.press(*CANARY, "enter")
        await at.until_seen("No tasks, or none")
        await at.until_seen("● live")
        assert not isinstance(at.app.screen, LoginScreen), "asked once"
        assert CANARY not in at.app.export_screenshot()


async def test_an_action_of_the_old_profile_is_followed_to_its_end(
    configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(FILE)
    async with run_app(profile_source=make_profiles()) as at:
        task_id = await at.submit(LONG)
        await at.until(lambda: at.screen.parts.table.cursor_key == task_id, "the task")
        slow = hold_actions(at, monkeypatch)
        await at.ask("C")
        await at.press("y")
        await at.until_seen("cancelling")
        await at.press("P", *"prod", "enter")
        await at.until_seen("ledger")
        slow.set()
        await at.until_seen("stage · DEFAULT/hugegraph: Cancelled")
        assert await at.status(task_id) == "cancelled"


async def test_a_slow_secret_leaves_the_keys_alive_and_takes_the_dialogs_along(
    configured: Configured, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    wait = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.02)\nprint(1)"
    (tmp_path / "slow.py").write_text(wait)
    slow = f"{sys.executable} {tmp_path / 'slow.py'}"
    configured(FILE + f'[profiles.slow]\nurl = "http://prod:8080"\nuser = "u"\npassword_command = "{slow}"\n')
    async with run_app(profile_source=make_profiles()) as at:
        await at.press("P", *"slow", "enter", "question_mark")
        assert isinstance(at.app.screen, HelpScreen), "graphtop does not wait for the command"
        go.touch()
        await at.until_seen("slow ·")
        assert len(at.app.screen_stack) == 1
        await at.until_seen("● live")


async def test_a_profile_whose_secret_comes_late_does_not_replace_what_was_opened_meanwhile(
    configured: Configured, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    wait = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.02)\nprint(1)"
    (tmp_path / "slow.py").write_text(wait)
    slow = f"{sys.executable} {tmp_path / 'slow.py'}"
    configured(FILE + f'[profiles.slow]\nurl = "http://prod:8080"\nuser = "u"\npassword_command = "{slow}"\n')
    async with welcome(make_profiles()) as at:
        await at.press(*"slow", "enter", "escape", *"stage:8080", "enter")
        await at.until_seen("● live")
        go.touch()
        await at.until(lambda: not opening(at), "the end of the command")
        assert at.app.target.profile == "stage:8080"


async def test_a_login_that_is_asked_for_goes_with_its_profile(configured: Configured) -> None:
    configured(FILE)
    async with run_app(profile_source=make_profiles()) as at:
        await at.press("P", *"asking", "enter")
        await at.until(at.asks_login, "the login")
        await at.press("escape")
        await at.until_seen("stopped")
        await at.press("P", *"prod", "enter")
        await at.until_seen("ledger")
        await at.press("P", *"asking", "enter")
        await at.until(at.asks_login, "the login again")
        await at.press("escape")


async def test_a_secret_that_cannot_be_had_is_told_and_nothing_is_left(configured: Configured) -> None:
    none = 'user = "u"\npassword_command = "/no/such/command"\n'
    configured(FILE + f'[profiles.none]\nurl = "http://prod:8080"\n{none}')
    async with run_app(profile_source=make_profiles()) as at:
        before = at.screen
        await at.press("P", *"none", "enter")
        await at.until_seen("password_command gave no password")
        assert at.screen is before
        assert "live" in at.lines()[0]


async def test_a_secret_that_was_rotated_is_read_again_without_a_word(
    configured: Configured, tmp_path: Path
) -> None:
    (tmp_path / "pw").write_text(CANARY)
    (tmp_path / "pw").chmod(0o600)
    file = f'user = "admin"\npassword_file = "{tmp_path}/pw"\n'
    configured(f'[profiles.open]\nurl = "http://locked:8080"\n{file}')
    wired = make_profiles()
    async with run_app(profile_source=wired) as at:
        await at.press("P", "enter")
        await at.until_seen("No tasks, or none")
        server = wired.servers["locked"]
        (tmp_path / "pw").write_text("rotated")
        server.settings = replace(server.settings, auth=("admin", "rotated"))
        seen = at.screen.monitor.health.last_ok
        await at.until(lambda: at.screen.monitor.health.last_ok > seen + 10_000, "polls with the new one")
        assert not isinstance(at.app.screen, LoginScreen)
        assert "● live" in at.lines()[0]


async def test_a_secret_that_others_can_read_is_warned_about(configured: Configured, tmp_path: Path) -> None:
    (tmp_path / "pw").write_text(CANARY)
    (tmp_path / "pw").chmod(0o644)
    file = f'user = "admin"\npassword_file = "{tmp_path}/pw"\n'
    configured(f'[profiles.open]\nurl = "http://locked:8080"\n{file}')
    async with run_app(profile_source=make_profiles()) as at:
        await at.press("P", "enter")
        await at.until_seen("No tasks, or none")
        await at.until_seen("Others can read")
        assert "chmod 600" in at.text()
        assert CANARY not in at.text()


async def test_a_place_can_be_shown_as_a_profile_to_paste(configured: Configured) -> None:
    configured(FILE)
    async with run_app(profile_source=make_profiles(), credentials=Credentials("ann", lambda: CANARY)) as at:
        await at.screen.run_action("app.show_profile_snippet")
        await at.until(lambda: isinstance(at.app.screen, SnippetScreen), "the dialog")
        text = at.text()
        assert "[profiles.stage]" in text
        assert 'url = "http://stage:8080"' in text
        assert 'graph = "hugegraph"' in text
        assert "password_command" in text
        assert CANARY not in text


def written(folder: Path) -> list[Path]:
    """The files of profiles below a folder."""
    return list(folder.rglob("*.toml"))


# --- the welcome -------------------------------------------------------------------------------------


async def test_the_welcome_tries_an_address_once_it_is_typed(
    configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    wired = make_profiles()
    async with welcome(wired) as at:
        assert "it is checked as you type" in at.text()
        monkeypatch.setattr(welcome_screen, "TRY_DELAY", 3600)
        await at.press(*"prox", "backspace")
        monkeypatch.undo()
        assert not wired.servers["prod"].requests, "not before the typing has ended"
        await at.press("d")
        await at.until_seen("✓ HugeGraph 1.7.0, dialect hugegraph")
        assert "2 graphs: DEFAULT/hugegraph, DEFAULT/ledger" in at.text()
        await at.press(*"x:1")
        await at.until_seen("✗ Couldn't connect to prodx:1")
        await at.press("escape")
        await at.until_seen("it is checked as you type")
        assert all(line.startswith("GET") for line in wired.servers["prod"].requests)


async def test_what_comes_while_the_welcome_is_taken_down_does_no_harm() -> None:
    async with welcome(make_profiles()) as at:
        screen = at.app.screen
        await screen.remove_children()
        screen.on_screen_resume()
        screen._form_edited(AddressForm.Edited())
        screen._try_address()
        screen._show_failure(Unreachable("Nobody is there."))
        screen.show_error("It can't be opened.")
        screen._form_submitted(AddressForm.Submitted())
        await at.pilot.pause()
        assert at.app.is_running


async def test_the_welcome_opens_what_is_typed(configured: Configured) -> None:
    async with welcome(make_profiles()) as at:
        await at.press(*"http://prod:8080/graphs/ledger", "enter")
        await at.until_seen("No tasks, or none")
        assert "DEFAULT/ledger" in at.lines()[0]
        assert len(at.app.screen_stack) == 1


async def test_the_welcome_says_what_is_wrong_with_an_address(configured: Configured) -> None:
    async with welcome(make_profiles()) as at:
        await at.press(*"ftp://x", "enter")
        await at.until_seen("This is not a server address")
        await at.press("escape", *"http://a:b@h")
        await at.until_seen("This must not contain a user or password")
        assert isinstance(at.app.screen, WelcomeScreen)


async def test_the_welcome_sends_no_login_and_says_that_one_is_wanted(configured: Configured) -> None:
    async with welcome(make_profiles()) as at:
        await at.press(*"locked")
        await at.until_seen("This server needs a login")
        await at.press("enter")
        await at.until(at.asks_login, "the login")


async def test_the_welcome_lists_the_profiles_and_the_demo(configured: Configured) -> None:
    configured(FILE)
    async with welcome(make_profiles(), size=(120, 36)) as at:
        await at.until_seen("From ~/.config/graphtop/config.toml")
        text = at.text()
        assert "prod" in text
        assert "PRODUCTION" in text
        assert "INSECURE" in text
        assert "a simulated live server" in text
        await at.press("down", "enter")
        await at.until_seen("ledger")
        assert " PRODUCTION " in at.lines()[0]


async def test_the_welcome_reads_the_profiles_after_a_dialog_and_at_no_resize(
    configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def load_counted(environ: Mapping[str, str]) -> Config:
        read.append("config.toml")
        return load_config(environ)

    monkeypatch.setattr("tui.connection.profile_switcher.load_config", load_counted)
    async with welcome(make_profiles(), size=(120, 36)) as at:
        await at.until_seen("Profiles are read from")
        before = len(read)
        for width in (60, 100, 120):
            await at.pilot.resize_terminal(width, 30)
            await at.pilot.pause()
        assert "Profiles are read from" in at.text()
        assert len(read) == before
        await at.press(*"prod:8080", "ctrl+s")
        configured(FILE)
        await at.press("escape")
        await at.until_seen("From ~/.config/graphtop/config.toml")
        assert "PRODUCTION" in at.text()


async def test_the_cursor_of_the_welcome_stays_on_its_place_when_the_file_changes(
    configured: Configured,
) -> None:
    configured(FILE)
    other = '[profiles.other]\nurl = "http://other:8080"\n'
    async with welcome(make_profiles(), size=(120, 36)) as at:
        for file, arrows, name in (
            (other + FILE, ("down", "down"), "prod"),
            (FILE, ("down", "up"), "demo"),
            (other, ("down", "up"), "demo"),
        ):
            await at.press("escape", *"stage:8080", *arrows)
            await at.until_seen(f"enter open {name}")
            await at.press("ctrl+s")
            await at.until(lambda: isinstance(at.app.screen, SnippetScreen), "the dialog")
            configured(file)
            await at.press("escape")
            await at.until_seen(f"enter open {name}")


async def test_the_welcome_opens_a_profile_by_its_name_and_tells_what_is_in_the_way(
    configured: Configured,
) -> None:
    configured(FILE)
    async with welcome(make_profiles()) as at:
        await at.press(*"typo")
        trying = at.app.screen._timer._task
        await at.press("enter")
        await at.until_seen("Did you mean read_only?")
        await at.until(trying.done, "the end of the wait for more keys")
        await at.until(lambda: not tries(at), "the end of the try")
        assert "Did you mean read_only?" in at.text(), "no try of the name as an address takes its place"
        await at.press("escape", *"frozen", "enter")
        await at.until_seen("read-only")


async def test_the_welcome_comes_back_after_an_address_that_never_answered(configured: Configured) -> None:
    configured(FILE)
    async with welcome(make_profiles()) as at:
        await at.press(*"nowhere:1", "enter")
        await at.until_seen("Press esc to enter another address.")
        await at.press("escape")
        await at.until(lambda: isinstance(at.app.screen, WelcomeScreen), "the welcome")
        assert "http://nowhere:1" in at.text()
        await at.until_seen("✗ Couldn't connect to nowhere:1")
        await at.press("escape", *"prod:8080", "enter")
        await at.until_seen("No tasks, or none")
        assert "Press esc to enter" not in at.text()
        await at.press("escape")
        assert not isinstance(at.app.screen, WelcomeScreen), "what answered once stays"
        assert len(at.app.screen_stack) == 1


async def test_a_profile_that_never_answered_leaves_none_of_its_safeguards(configured: Configured) -> None:
    configured(FILE.replace("http://frozen:8080", "http://nowhere:8080"))
    async with welcome(make_profiles()) as at:
        await at.press("down", "down", "enter")
        await at.until_seen("Press esc to enter another address.")
        assert at.app.options.read_only
        await at.press("escape")
        await at.until(lambda: isinstance(at.app.screen, WelcomeScreen), "the welcome")
        assert not at.app.options.read_only
        assert at.app.screen.query_one("#address").value == ""


async def test_where_nobody_chose_a_place_esc_leads_nowhere(configured: Configured) -> None:
    server = FaultyHugeGraph(EMPTY_HUGEGRAPH)
    server.faults.append(Fault(Wrong.CRASH, times=1_000))
    async with run_app(server=server, profile_source=make_profiles(), ready=False) as at:
        await at.until_seen("Retrying automatically.")
        assert "Press esc to enter" not in at.text()
        before = at.screen
        await at.press("escape")
        assert at.screen is before


async def test_an_arrow_leads_from_what_is_typed_to_the_places(configured: Configured) -> None:
    configured(FILE)
    async with welcome(make_profiles()) as at:
        await at.press(*"nowhere", "down", "down", "enter")
        await at.until_seen("ledger")
        assert "prod ·" in at.lines()[0]


async def test_the_welcome_leads_to_the_demo(configured: Configured) -> None:
    async with welcome(make_profiles()) as at:
        await at.press("enter")
        await at.until_seen("demo ·")


async def test_the_welcome_tells_of_a_broken_file(configured: Configured) -> None:
    configured("[profiles.x")
    async with welcome(make_profiles()) as at:
        await at.until_seen("config.toml:1: Invalid TOML")
        assert "graphtop config check" in at.text()


async def test_the_welcome_shows_the_profile_to_paste_and_writes_nothing(
    configured: Configured, tmp_path: Path
) -> None:
    async with welcome(make_profiles()) as at:
        await at.press("ctrl+s")
        await at.until_seen("Type an address first")
        await at.press(*"no address!", "ctrl+s")
        await at.until_seen("This is not a server address")
        assert "Type an address first" not in at.text()
        await at.press("escape")
        await at.press(*"prod:8080", "ctrl+s")
        await at.until_seen("Save as profile")
        assert 'url = "http://prod:8080"' in at.text()
        assert "To save this profile, paste it into ~/.config/graphtop/config.toml:" in at.text()
        await at.press("c")
        assert at.app.clipboard == '[profiles.prod]\nurl = "http://prod:8080"\n'
        await at.press("escape")
    assert not written(tmp_path)


@pytest.mark.parametrize("size", [(60, 18), (80, 24)])
async def test_the_welcome_fits(configured: Configured, size: tuple[int, int]) -> None:
    configured("".join(f"[profiles.p{n}]\nurl = 'http://h{n}'\n" for n in range(40)))
    async with welcome(make_profiles(), size=size) as at:
        await at.press("down")
        await at.until_seen("p0 ")
        assert "enter open" in at.lines()[-1]


async def test_the_welcome_in_ascii_is_ascii(configured: Configured) -> None:
    configured(FILE)
    async with welcome(make_profiles(), options=ScreenOptions(ascii=True)) as at:
        await at.press(*"prod")
        await at.until_seen("* HugeGraph")
        assert at.text().isascii(), [line for line in at.lines() if not line.isascii()]


async def test_a_crash_tells_no_secret(configured: Configured, capsys: pytest.CaptureFixture[str]) -> None:
    configured(FILE)

    async def crash() -> None:
        async with run_app(profile_source=make_profiles()) as at:
            await at.press("P", *"locked", "enter")
            await at.until_seen("No tasks, or none")
            secret = at.app.target.credentials.password()
            assert secret == CANARY
            at.app.call_later(lambda: 1 // (0 * len(secret)))
            await asyncio.wait_for(at.app._exception_event.wait(), PATIENCE)

    with pytest.raises(ZeroDivisionError):
        await crash()
    told = "".join(capsys.readouterr())
    assert "ZeroDivisionError" in told
    assert CANARY not in told


# --- what a try of the welcome shows ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("graphs", "said"),
    [
        (("a",), "1 graph: DEFAULT/a"),
        (tuple("abcdef"), f"6 graphs: {', '.join(f'DEFAULT/{name}' for name in 'abcdef')}"),
        (tuple("abcdefg"), f"7 graphs: {', '.join(f'DEFAULT/{name}' for name in 'abcdef')} and 1 more"),
    ],
)
async def test_the_welcome_names_up_to_six_graphs(
    configured: Configured, graphs: tuple[str, ...], said: str
) -> None:
    wired = StageProfiles({"h": FaultyHugeGraph(replace(EMPTY_HUGEGRAPH, graphs=graphs))})
    async with welcome(wired, size=(160, 30)) as at:
        await at.press("h")
        await at.until_seen("✓ HugeGraph 1.7.0")
        rest = at.text().split("dialect hugegraph")[1].split("No server at hand?")[0]
        assert " ".join(rest.split()) == said


@pytest.mark.parametrize(
    ("wants", "words"),
    [("password", "a login"), ("token", "a token"), ("keys", "an access key")],
)
async def test_the_welcome_says_what_a_server_wants_to_be_shown(
    configured: Configured, wants: LoginKind, words: str
) -> None:
    async with welcome(make_profiles()) as at:
        refusal = NotLoggedIn("No.")
        refusal.wants = wants
        at.app.screen._show_failure(refusal)
        await at.until_seen(f"Connected. This server needs {words}.")
        assert "Press enter to open it and sign in." in at.text()


async def test_the_welcome_says_what_to_do_where_there_is_something_to_do(configured: Configured) -> None:
    async with welcome(make_profiles()) as at:
        at.app.screen._show_failure(Unreachable("Nobody is there.\x1b", hint="Start it."))
        await at.until_seen("✗ Nobody is there.␛")
        assert "  Start it." in at.text()
        at.app.screen._show_failure(Unreachable("Nobody is there.", hint=""))
        await at.until_gone("Start it.")


async def test_what_a_server_has_to_tell_of_itself_is_shown_below(configured: Configured) -> None:
    async with welcome(make_profiles()) as at:
        info = ServerInfo(product="HugeGraph", version=None, capabilities=NOTHING, note="It is old.\x07")
        at.app.screen._show_lines(*describe_found_server(info, (Scope(graph=""),), "auto", ascii=False))
        await at.until_seen("✓ HugeGraph, dialect auto")
        assert "1 graph: all graphs" in at.text()
        assert "  It is old.␇" in at.text()


async def test_an_older_try_of_the_welcome_says_nothing_any_more(configured: Configured) -> None:
    wired = make_profiles()
    hold = Fault(Wrong.DELAY, method="GET", times=1_000, seconds=3600)
    wired.servers["prod"].faults.append(hold)
    async with welcome(wired) as at:
        await at.press(*"prod")
        await at.until_seen("Connecting to http://prod")
        await at.press(*["backspace"] * 4, *"stage")
        await at.until_seen("✓ HugeGraph 1.7.0")
        assert "1 graph: DEFAULT/hugegraph" in at.text()
        assert not tries(at)


@pytest.mark.parametrize(("height", "tight"), [(19, True), (20, False)])
async def test_the_welcome_does_without_blank_lines_in_a_low_terminal(
    configured: Configured, height: int, tight: bool
) -> None:
    async with welcome(make_profiles(), size=(80, height)) as at:
        await at.until_seen("enter open")
        assert at.app.screen.has_class("-tight") is tight
        assert "No server at hand?" in at.text()


async def test_the_arrows_of_the_welcome_begin_at_the_first_place_and_go_both_ways(
    configured: Configured,
) -> None:
    configured(FILE)
    async with welcome(make_profiles(), size=(120, 40)) as at:
        places = at.app.screen.query_one("#choices")
        assert places.highlighted == 0
        await at.press("down", "down", "up")
        assert places.highlighted == 1
        await at.press("x")
        assert places.highlighted is None, "enter opens what is typed"
        await at.press("down")
        assert places.highlighted == 0
        await at.press("escape")
        await at.press("down", "up")
        assert places.highlighted == 0


async def test_the_profile_that_is_watched_is_not_opened_again(configured: Configured) -> None:
    configured(FILE)
    async with run_app(profile_source=make_profiles()) as at:
        before = at.screen
        await at.press("P")
        await at.until_seen("Switch profile")
        await at.press("enter")
        await at.until(lambda: not isinstance(at.app.screen, ChoiceDialog), "the end of the dialog")
        await at.work_done()
        assert at.screen is before
