"""What a person sees and types, in a real terminal."""

from __future__ import annotations

import re

import pytest

from tests.terminal.conftest import Open, Simulate
from tests.terminal.terminal_emulator import MOUSE, PASTE, Terminal, assert_clean
from tests.terminal.terminal_updates import below_the_header, updates_since, wait_for_rest, wait_for_ticks

ONCE_A_MINUTE = re.compile(rb"(?:\x1b\[[\d;]*[A-Za-z])*(?:[\dhm ]+|(?:\xe2\x96[\x81-\x88])+)")
"""Moves and a look, and the digits of an age or the bars of what ended in each of the last minutes."""


def shown_id(terminal: Terminal) -> str:
    """The id in the title of the detail pane: that of the task under the cursor."""
    found = re.search(r"─ (\d+) · ", terminal.text())
    return found[1] if found else ""


def test_demo_from_the_first_frame_to_the_shell(graphtop: Open) -> None:
    terminal = graphtop("demo")
    terminal.wait_for("● live")
    terminal.wait_for("✓ success")
    assert "demo · DEFAULT/hugegraph · HugeGraph 1.7.0" in terminal.text()
    terminal.send("\r")
    terminal.wait_for("Overview")
    first = shown_id(terminal)
    terminal.wait_gone("⏎ Detail")
    terminal.send("\t")
    terminal.wait_for("⏎ Detail")
    terminal.send("j")
    terminal.wait(lambda: shown_id(terminal) not in ("", first), "the next task")
    terminal.send("q")
    terminal.wait_gone("Overview")
    terminal.send("q")
    assert terminal.exit_code() == 0
    assert_clean(terminal)
    assert terminal.text().strip() == "", "something was left on the screen"


def test_keys_typed_before_the_first_frame_are_not_misread(graphtop: Open) -> None:
    terminal = graphtop("demo")
    terminal.send("ZZ")
    terminal.wait_for("✓ success")
    terminal.send("1")
    terminal.wait_for("tasks · active")
    assert "filter:" not in terminal.text(), "the keys went into the filter line"


@pytest.mark.parametrize(
    ("key", "title", "entry"), [("S", "Sort by", "took"), (":", "Commands", "Open the task")]
)
def test_a_dialog_is_drawn_once_where_it_stays(graphtop: Open, key: str, title: str, entry: str) -> None:
    terminal = graphtop("demo", width=80, height=24)
    terminal.wait_for("✓ success")
    seen: list[tuple[int, bool]] = []

    def look() -> bool:
        lines = terminal.lines()
        top = next((y for y, line in enumerate(lines) if f"─ {title} ─" in line), None)
        if top is not None and "esc back" in terminal.text():
            seen.append((top, entry in terminal.text()))
        return len(seen) > 20

    terminal.send(key)
    terminal.wait(look, "the dialog, for a while")
    assert set(seen) == {(seen[-1][0], True)}


def test_no_mouse_leaves_the_mouse_to_the_terminal(graphtop: Open) -> None:
    terminal = graphtop("demo", "--no-mouse")
    terminal.wait_for("● live")
    assert not any(terminal.mode(mode) for mode in MOUSE)
    assert terminal.mode(PASTE)


def test_names_from_a_server_bring_no_control_bytes(graphtop: Open) -> None:
    terminal = graphtop("demo", "--interval", "0.5", width=160, height=50)
    terminal.wait_for("DROP ALL")
    terminal.send("/")
    terminal.wait_for("status=failed  age>1h")
    terminal.send("DROP ALL\r")
    terminal.wait_for("1 of ")
    terminal.send("\r")
    terminal.wait_for("Overview")
    for key, seen in (("i", "// aliases"), ("y", "task_name"), ("v", "callable")):
        terminal.send(key)
        terminal.wait_for(seen)
    terminal.send("\x11")
    assert terminal.exit_code() == 0
    raw = bytes(terminal.raw)
    written = raw.decode()
    assert "DROP ALL" in written
    assert not re.search("\x1b\\[31;1m ?DROP", written)
    # Textual itself says which shape the mouse pointer is to have; no other command of this kind is meant.
    assert "\x1b]" not in re.sub("\x1b\\]22;[a-z-]+\x07", "", written)
    assert not re.search("[\x80-\x9f\u202a-\u202e\u2066-\u2069]", written)
    assert not re.search(rb"[\x00-\x06\x08-\x0c\x0e-\x1a\x1c-\x1f\x7f]", raw.replace(b"\r\n", b""))


@pytest.mark.parametrize(("width", "height"), [(60, 20), (200, 60)])
def test_other_sizes(graphtop: Open, width: int, height: int) -> None:
    terminal = graphtop("demo", width=width, height=height, env={"COLUMNS": "33", "LINES": "9"})
    terminal.wait_for("● live")
    terminal.wait_for("success")
    terminal.wait(lambda: re.search("Detail|Help", terminal.lines()[-1]) is not None, "the footer")
    assert max(map(len, terminal.lines())) > width - 3


@pytest.mark.parametrize(
    "env",
    [{"LANG": "C"}, {"LC_ALL": "POSIX"}, {"LANG": "en_US.ISO-8859-1"}],
    ids=["LANG=C", "POSIX", "latin1"],
)
def test_without_utf8_only_ascii_is_written(graphtop: Open, env: dict[str, str | None]) -> None:
    terminal = graphtop("demo", env=env)
    terminal.wait_for("* live")
    terminal.wait_for("+ success")
    terminal.send("v")
    terminal.wait_for("callable")
    terminal.send("\x11")
    assert terminal.exit_code() == 0
    assert terminal.raw.isascii()


def test_a_quiet_server_costs_the_clock_only(graphtop: Open, simulate: Simulate) -> None:
    server = simulate("--tasks", "300", "--pace", "0")
    terminal = graphtop(server.url, "--interval", "0.5")
    terminal.wait_for("0 All 300")
    # From here on nothing changes but the clock, the latency, and once a minute the ages and the bars.
    wait_for_rest(terminal)
    start = terminal.count()
    wait_for_ticks(terminal, 4)
    assert [
        update for update in below_the_header(terminal, start) if not ONCE_A_MINUTE.fullmatch(update)
    ] == []
    sizes = [len(update.raw) for update in updates_since(terminal, start)]
    print(f"bytes of each update of a quiet screen: {sizes}")
    assert max(sizes) < 200
