"""Commands for secrets: what they see, what is read of them, and that nothing of them is left running."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import psutil
import pytest

from tests.support.patience import PATIENCE
from tui.config.profiles import parse_config
from tui.config.resolved import resolve_settings
from tui.connection import secret_command
from tui.connection.login import plan_login
from tui.connection.secret_sources import CommandSecret, LoginError

SECRET = "c4nary-Sesame"
WAYS = ("terminal", "aside")

Ask = Callable[[str], str]


@pytest.fixture(params=WAYS)
def ask(request: pytest.FixtureRequest) -> Ask:
    """Have a secret from a shell's script, with the terminal or beside the screen."""

    def asked(script: str) -> str:
        holder = CommandSecret(f"sh -c {shlex.quote(script)}", "x", "password")
        if request.param == "terminal":
            holder.fetch()
        else:
            asyncio.run(holder.fetch_aside())
        return holder()

    return asked


@pytest.fixture
def left(tmp_path: Path) -> Iterator[Path]:
    """A file into which a script writes the process that it leaves behind, which is ended with the test."""
    path = tmp_path / "left"
    yield path
    if path.exists():
        with suppress(ProcessLookupError):
            os.kill(int(path.read_text()), signal.SIGKILL)


def is_gone(pid: int) -> bool:
    """Whether a process has ended, perhaps without anybody who took note."""
    try:
        psutil.Process(pid).wait(PATIENCE)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def test_what_a_command_leaves_behind_holds_nothing_up(ask: Ask, left: Path) -> None:
    assert ask(f"sleep 600 & echo $! > {left}; echo {SECRET}") == SECRET
    assert psutil.pid_exists(int(left.read_text())), "an agent that it started goes on"


def test_at_the_time_out_all_that_it_started_is_ended(ask: Ask, left: Path, monkeypatch) -> None:
    # It begins at 0, and is late as soon as all of it runs.
    looks = count()
    monkeypatch.setattr(secret_command, "monotonic", lambda: 1e6 if next(looks) and left.exists() else 0.0)
    with pytest.raises(LoginError, match=r"\(no answer in 60 s\)"):
        ask(f"sleep 600 & echo $! > {left}.new; mv {left}.new {left}; wait")
    assert is_gone(int(left.read_text()))


def test_of_an_endless_output_the_first_line_is_read_and_no_more(ask: Ask, left: Path) -> None:
    assert ask(f"echo $$ > {left}; echo {SECRET}; exec cat /dev/zero") == SECRET
    assert is_gone(int(left.read_text()))


def test_an_endless_line_is_none(ask: Ask, left: Path) -> None:
    with pytest.raises(
        LoginError, match=r"^x gave no password \(its first line is longer than 65,536 bytes\)\.$"
    ):
        ask(f"echo $$ > {left}; exec cat /dev/zero")
    assert is_gone(int(left.read_text()))


def test_a_pipe_that_is_closed_early_is_no_end(ask: Ask) -> None:
    with pytest.raises(LoginError, match=r"\(exit code 3\)"):
        ask(f"echo {SECRET}; exec >&-; sleep 0.05; exit 3")


def test_a_command_ends_where_nobody_takes_note_of_ended_processes(ask: Ask) -> None:
    # As who starts graphtop may have left it; the kernel keeps no exit code then.
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert ask(f"echo {SECRET}") == SECRET
    finally:
        signal.signal(signal.SIGCHLD, before)


async def test_beside_the_screen_a_command_has_a_session_of_its_own() -> None:
    lines = "import os; print(os.getsid(0) == os.getpid(), os.isatty(0), os.isatty(2), flush=True)"
    holder = CommandSecret(shlex.join([sys.executable, "-c", lines]), "x", "password")
    await holder.fetch_aside()
    assert holder() == "True False False"


def test_a_screen_that_goes_on_to_another_place_ends_the_command(left: Path, monkeypatch) -> None:
    script = f"echo $$ > {left}.new; mv {left}.new {left}; exec sleep 600"

    async def leave() -> None:
        fetching = asyncio.create_task(CommandSecret(f"sh -c '{script}'", "x", "password").fetch_aside())

        def leave_once_it_runs() -> float:
            if left.exists():
                fetching.cancel()
            return 0.0

        monkeypatch.setattr(secret_command, "monotonic", leave_once_it_runs)
        with suppress(asyncio.CancelledError):
            await fetching
        assert fetching.cancelled()

    asyncio.run(leave())
    assert is_gone(int(left.read_text()))


ENVIRON = {
    "PATH": os.environ["PATH"],
    "GRAPHTOP_PASSWORD": "1",
    "GRAPHTOP_TOKEN": "2",
    "GRAPHTOP_USER": "ann",
    "HUAWEICLOUD_SDK_AK": "3",
    "HUAWEICLOUD_SDK_SK": "4",
    "HW_SECRET_KEY": "5",
    "VAULT_TOKEN": "theirs",
}
THEIRS = {"PATH", "GRAPHTOP_USER", "VAULT_TOKEN"}
CLOUD = {"HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HW_SECRET_KEY"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("url", "kind", "seen"),
    [
        ("https://h.example", "password_command", THEIRS),
        ("https://h.example", "token_command", THEIRS),
        ("https://ges.cn-north-4.myhuaweicloud.com", "password_command", THEIRS),
        ("https://ges.cn-north-4.myhuaweicloud.com", "token_command", THEIRS | CLOUD),
    ],
)
def test_a_command_does_not_see_graphtops_own_secrets(monkeypatch, way, url, kind, seen) -> None:
    lines = "import os; print(*os.environ)"
    command = shlex.join([sys.executable, "-Ic", lines])
    config = parse_config(f"[profiles.p]\nurl = '{url}'\nuser = 'u'\ntheme = 1", Path("/c"))
    settings = resolve_settings(config, profile="p", flags={kind: command}, strict=False)
    monkeypatch.setattr(os, "environ", dict(ENVIRON))
    dialect = "ges" if "ges" in url else "auto"
    plan = plan_login(settings, dialect, {})
    login = plan.fetch_login() if way == "terminal" else asyncio.run(plan.fetch_login_aside())
    shown = login.credentials.token() or login.credentials.password()
    assert set(shown.split()) - {"LC_CTYPE", "PYTEST_CURRENT_TEST"} == seen
