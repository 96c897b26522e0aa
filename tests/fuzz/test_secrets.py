"""A secret anywhere in what a server says leaves by no edge: neither screen, nor command, nor file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from rich.console import Console
from textual import events

from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.cli.conftest import Done, call, home
from tests.fuzz.hostile_server import HostileApp, record, served
from tests.support.secret_forms import FORMS, told
from tests.ui.running_app import FastClock, read_screen, wait_for_rest, wait_until
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.crash_text import print_uncaught
from tui.screens.dialogs.confirm import ConfirmScreen
from tui.textual_ext.crash_report import render_traceback

__all__ = ["call", "home"]

SECRET = "Hq7xKd82mZq"
SEEN = SECRET[:7]
"""As much of it as would be too much."""
ANNOUNCED = [told(form, SECRET) for form in FORMS]
OWN = "vX/83+kWplQ"
"""What graphtop logs in with: hidden wherever it stands, without a word that announces it."""
OWN_CODED = {"raw": OWN, "percent": quote(OWN, safe=""), "base64": b64encode(OWN.encode()).decode()}
WORDS = [*ANNOUNCED, *(f"sent {coded} there" for coded in OWN_CODED.values())]
IDS = " ".join(str(number) for number in range(1, len(WORDS) + 1))
COMMANDS = (
    *(f"ls -o {form}" for form in ("table", "wide", "tsv", "json", "jsonl", "csv", "id")),
    *(f"get {IDS} -o {form}" for form in ("table", "json", "jsonl", "csv", "id")),
    *("input 1 --mask", "result 1 --mask", "graphs -o json", "doctor -o json", "doctor -o table"),
    *(
        "cancel 2 --yes -o jsonl",
        "cancel 2 --yes",
        "delete 1 --yes -o tsv",
        "delete 1 --yes",
        "submit job.groovy",
    ),
    *("wait 1 -o json", "wait 1", "journal -o table", "journal -o wide", "journal -o json", "journal -o csv"),
)


def tasks_saying(words: Sequence[str]) -> list[dict[str, object]]:
    """A task for each of some words; the one of id 2 is running."""
    return [
        record(number, one, status="running" if number == 2 else "failed")
        for number, one in enumerate(words, 1)
    ]


def shown_secrets(text: str) -> list[str]:
    """The secrets of which enough stands in a text."""
    return [seen for seen in (SEEN, *(coded[:10] for coded in OWN_CODED.values())) if seen in text]


def texts_below(folder: Path) -> list[str]:
    """All that was written into files of a folder."""
    return [path.read_text() for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Callable[..., Done]
) -> Callable[[str], str]:
    """Run a command and give all that it printed."""
    monkeypatch.setattr("tui.cli.work.session.Clock", lambda: FastClock(200))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.groovy").write_text("1 + 1")

    def called(command: str) -> str:
        done = call(*command.split(), env={"GRAPHTOP_TOKEN": OWN})
        return done.stdout + done.stderr

    return called


@pytest.fixture(scope="module")
def hostile() -> Iterator[tuple[HostileApp, str]]:
    app = HostileApp(tasks_saying(WORDS))
    with served(app) as url:
        yield app, url


@pytest.mark.parametrize("rotated", [0, 31])
def test_no_command_prints_a_secret(
    rotated: int, hostile: tuple[HostileApp, str], printed: Callable[[str], str], tmp_path: Path
) -> None:
    app, url = hostile
    words = [*WORDS[rotated:], *WORDS[:rotated]]
    app.tasks, app.refusal, app.broken = tasks_saying(words), words[0], None
    app.version = "1.7.0"
    for command in COMMANDS:
        at = "" if command.startswith("journal") else f" --url {url}"
        assert not shown_secrets(printed(command + at)), command
    written = "".join(texts_below(tmp_path))
    assert "refused" in written
    assert not shown_secrets(written)


@pytest.mark.parametrize("word", [*ANNOUNCED[::6], *WORDS[-3:]])
def test_no_error_of_a_command_holds_a_secret(
    word: str, hostile: tuple[HostileApp, str], printed: Callable[[str], str]
) -> None:
    app, url = hostile
    app.broken = (400, "text/plain", word.encode())
    said = printed(f"ls --url {url}")
    assert "answered 400: " in said
    assert not shown_secrets(said)


async def test_no_screen_clipboard_or_file_holds_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    server = HostileApp(tasks_saying(WORDS), refusal=WORDS[0], version=f"1.7.0 {WORDS[1]}")
    login = Credentials(token=lambda: OWN)
    target = Target(url="http://hostile", profile="prod", http=httpx.ASGITransport(server), credentials=login)
    rows = tmp_path / "rows"
    app = Graphtop(target, ScreenOptions(interval=1.0), clock=FastClock(), rows_folder=rows)
    async with app.run_test(size=(120, 60), notifications=True) as pilot:

        async def press(keys: str) -> None:
            await pilot.press(*keys.split())
            await (wait_for_rest(pilot) if keys in ("enter", "i", "o", "y") else pilot.pause())
            assert not shown_secrets("\n".join(read_screen(app)))
            assert not shown_secrets(app.clipboard)

        await wait_until(pilot, lambda: f"0 All {len(WORDS)}" in read_screen(app)[1], "all tasks")
        await wait_until(pilot, lambda: rows.is_dir() and any(rows.glob("*.json")), "the rows being kept")
        await press("w")
        for field in ("name", "server"):
            await press(" ".join(("Y", *field)))
            await press("enter")
            assert "•" in app.clipboard
        for keys in ("enter", "i", "ctrl+s", "o", "ctrl+s", "y", "ctrl+s", "q", "b", "escape", "ctrl+d"):
            await press(keys)
        dialog = app.screen
        assert isinstance(dialog, ConfirmScreen)
        await wait_until(pilot, lambda: not dialog.is_too_early(events.Key("y", "y")), "the dialog listening")
        await press("y")
        await wait_until(pilot, lambda: "refused" in "".join(read_screen(app)), "the refusal")
        await press("j")
        server.broken = (400, "text/plain", WORDS[2].encode())
        await press("r")
        await wait_until(pilot, lambda: "retry in" in "".join(read_screen(app)), "the error")
        await press("j")
    written = texts_below(tmp_path)
    assert len(written) >= 5, "three texts, the journal and the last known rows"
    assert not shown_secrets("".join(written))


@pytest.mark.parametrize("word", ANNOUNCED)
def test_no_traceback_holds_a_secret(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    error = ExceptionGroup("several", [KeyError(word), ValueError(f"it said {word}")])
    error.add_note(word)
    print_uncaught(type(error), error, None)
    console = Console(width=200)
    console.print(render_traceback(error, console))
    printed = "".join(capsys.readouterr())
    assert "ExceptionGroup" in printed
    assert SEEN not in printed
