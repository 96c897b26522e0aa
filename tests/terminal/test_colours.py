"""Terminals with few colours or none, or with ASCII only: all that matters can still be told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests.fuzz import terminal_stream
from tests.fuzz.hostile_server import HostileApp, record, served
from tests.terminal.conftest import Env, Open
from tests.terminal.terminal_emulator import Terminal, assert_clean

TASKS = [
    record(number, "plain", status=word) for number, word in enumerate(("success", "failed", "running"), 1)
]
SIXTEEN = re.compile(r"[34][0-79]|9[0-7]|10[0-7]")


@dataclass
class Seen:
    """What a walk through all parts of the screen wrote."""

    colours: set[str]
    text: str
    raw: bytes


def toured(terminal: Terminal, *, live: str) -> Seen:
    """See the table, marks, every tab, the help, all dialogs, a filter with a fault, and leave."""
    terminal.wait_for(live)
    terminal.wait_for("0 All 3")
    for keys, seen in (
        ("v", "callable"),
        ("i", "// bindings"),
        ("o", "java.lang"),
        ("y", "task_name"),
    ):
        terminal.send(keys)
        terminal.wait_for(seen)
    terminal.send("f")
    terminal.wait_gone("STATUS")
    for keys, seen in (
        ("q", "STATUS"),
        ("w", "RETRIES"),
        ("p", "paused"),
        (" ", "1 marked"),
    ):
        terminal.send(keys)
        terminal.wait_for(seen)
    for key, seen in (
        # Other keys of the help say what the next dialogs say.
        ("?", "j k scroll"),
        ("S", "Sort by"),
        ("b", "Switch graph"),
        ("Y", "Copy from task"),
        (":", "type a command"),
        ("/", "status=failed"),
    ):
        terminal.send(key)
        terminal.wait_for(seen)
        terminal.send("\x1b")
        terminal.wait_gone(seen)
    terminal.send("F")
    terminal.wait_for("Force delete")
    terminal.answer("n", "Force delete")
    terminal.send("/")
    terminal.wait_for("status=failed")
    terminal.send("plain\r")
    terminal.wait_for("filter: plain")
    terminal.send("\x11")
    assert terminal.exit_code() == 0
    assert_clean(terminal)
    written = terminal_stream.read(bytes(terminal.raw), width=120, height=36)
    assert written.foreign == []
    return Seen(written.colours, written.text, bytes(terminal.raw))


@pytest.mark.parametrize(
    ("env", "allowed"),
    [
        ({"NO_COLOR": "1"}, re.compile("[34]9")),
        ({"TERM": "xterm", "COLORTERM": None}, SIXTEEN),
        ({"TERM": "linux", "COLORTERM": None}, SIXTEEN),
        ({"TERM": "xterm-256color", "COLORTERM": None}, re.compile(r"[34]8;5;\d+|[34]9")),
    ],
    ids=["no colour", "16", "console", "256"],
)
def test_colours(graphtop: Open, env: Env, allowed: re.Pattern[str]) -> None:
    with served(HostileApp(TASKS)) as url:
        seen = toured(graphtop(url, env=env), live="● live")
    assert [colour for colour in seen.colours if not allowed.fullmatch(colour)] == []


def looks(terminal: Terminal) -> list[tuple[object, ...]]:
    """The looks of the three statuses in the table's rows, as far as they are drawn."""
    found = (terminal.style_of(word, below=3) for word in ("running", "failed", "success"))
    return [look for look in found if look is not None]


def test_without_colours_the_cursor_marks_and_statuses_differ(graphtop: Open) -> None:
    with served(HostileApp(TASKS)) as url:
        terminal = graphtop(url, env={"NO_COLOR": "1"})
        terminal.wait(lambda: len(set(looks(terminal))) == 2, "the cursor's row, and two that look alike")
        for word, sign in (("running", "▶"), ("failed", "✗"), ("success", "✓")):
            terminal.wait_for(f"{sign} {word}")
        terminal.send(" ")
        terminal.wait_for("▌")


def test_in_sixteen_colours_the_statuses_have_their_own(graphtop: Open) -> None:
    with served(HostileApp(TASKS)) as url:
        terminal = graphtop(url, env={"TERM": "xterm", "COLORTERM": None})
        terminal.wait(lambda: len({colour for colour, *_ in looks(terminal)}) == 3, "three colours")


def test_ascii_in_a_utf8_locale(graphtop: Open) -> None:
    with served(HostileApp(TASKS)) as url:
        seen = toured(graphtop(url, "--ascii"), live="* live")
    assert sorted({sign for sign in seen.text if not sign.isascii()}) == []


def test_ascii_shows_what_a_server_says_as_it_is(graphtop: Open) -> None:
    with served(HostileApp([record(1, "图谱 naïve")])) as url:
        terminal = graphtop(url, "--ascii")
        terminal.wait_for("图谱 naïve")
        terminal = graphtop(url, env={"LANG": "C"})
        terminal.wait_for("???? na?ve")
        terminal.send("\x11")
        assert terminal.exit_code() == 0
        assert terminal.raw.isascii()
