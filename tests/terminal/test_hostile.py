"""Servers and pastes that want to drive the terminal: it is sent nothing that graphtop does not mean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz import terminal_stream
from tests.fuzz.hostile_server import ALL, PAYLOADS, HostileApp, error, record, served
from tests.fuzz.terminal_stream import Stream
from tests.terminal.conftest import Open
from tests.terminal.terminal_emulator import Terminal, assert_clean

BAD = "".join(
    PAYLOADS[name] for name in ("modes", "clipboard", "title", "c1", "c0", "bidi", "unseen", "rich", "dcs")
)
"""A bit of everything, for where there is room for one text only."""
NAMES = [text for name, text in PAYLOADS.items() if name not in ("surrogate", "long")]
"""For graphs: a list of names with half a character in it is no JSON to HugeGraph's clients."""
GRAPH = BAD.replace("/", "").replace("\\", "") + "zz"
"""One that can be opened: nothing is asked for that has a separator of paths in its name."""
EDGES = set("╭╮│╰╯├┤▏▎▌▐█▇▆▅▄▃▂▁ ")
SIGNS = set("✗▶✓·◦‖◌◐⊘? ")


@pytest.fixture
def server() -> Iterator[tuple[HostileApp, str]]:
    """A server that is hostile in every word, and its address."""
    app = HostileApp(
        ALL,
        version=f"1.7.0{BAD}",
        graphs=["hugegraph", GRAPH, *NAMES],
        spaces=["DEFAULT"],
        refusal=f"Can't delete incomplete task {BAD}\ud800",
    )
    with served(app) as url:
        yield app, url


def pasted(text: str) -> bytes:
    """A text as a terminal hands it on when it is pasted."""
    return b"\x1b[200~" + text.encode("utf-8", "replace") + b"\x1b[201~"


def judged(terminal: Terminal, width: int, height: int) -> Stream:
    """What was written so far; nothing of it is foreign."""
    terminal.drain()
    found = terminal_stream.read(bytes(terminal.raw), width=width, height=height)
    assert found.foreign == []
    assert found.bells == 0
    return found


def assert_ended(terminal: Terminal, width: int, height: int, code: int = 0) -> Stream:
    """It ended, and left the terminal in one go, at the end and not before."""
    assert terminal.exit_code() == code
    assert_clean(terminal)
    found = judged(terminal, width, height)
    assert [switch for switch in found.switches if switch[:-1] in ("1049", "25")] == [
        "1049h",
        "25l",
        "1049l",
        "25h",
    ]
    return found


def await_aligned(terminal: Terminal, width: int) -> None:
    """The frames stand at the edges, and every row of the table under its heads, once all is drawn."""
    terminal.wait(lambda: aligned(terminal, width), "a table with its columns in line")


def aligned(terminal: Terminal, width: int) -> bool:
    """Whether no text has pushed another out of its place."""
    lines = terminal.lines()
    top = next(y for y, line in enumerate(lines) if line.startswith("╭"))
    bottom = next(y for y, line in enumerate(lines) if line.startswith("╰"))
    head = lines[top + 1]
    # All but the rule below the unfinished tasks, and the line of those which have no room.
    rows = [y for y in range(top + 2, bottom) if not re.match(r"│(─|  \+\d)", lines[y])]
    edges = {sign for x in (0, width - 1) for sign in terminal.column(x)[top : bottom + 1]}
    columns = [head.index(word) for word in ("STATUS", "TYPE", "NAME", "SERVER") if word in head]
    gaps = {terminal.column(x - 1)[y] for x in columns for y in rows}
    signs = {terminal.column(head.index("STATUS"))[y] for y in rows}
    units = {terminal.column(head.index("TOOK") + 3)[y] for y in rows}
    return edges <= EDGES and gaps <= {" "} and signs <= SIGNS and units <= set("smhd– ")


def go_to(terminal: Terminal, key: str, seen: str) -> None:
    terminal.send(key)
    terminal.wait_for(seen)


@pytest.mark.parametrize(("width", "height"), [(160, 50), (80, 24)])
def test_the_table_and_every_detail(
    graphtop: Open, server: tuple[HostileApp, str], width: int, height: int
) -> None:
    terminal = graphtop(server[1], "--interval", "60", width=width, height=height)
    terminal.wait_for("● live")
    terminal.wait_for("0 All 32")
    await_aligned(terminal, width)
    if width > 110:
        assert "HugeGraph" not in terminal.lines()[0], "the version is too long to be shown"
        go_to(terminal, "w", "SERVER")
        await_aligned(terminal, width)
        terminal.send("w")
        terminal.wait_gone("SERVER")
    go_to(terminal, "\r", "Overview")
    for step in ("", "\t\x1b[4~", "\tk", "\tkkk", "\tkkkkkkkk"):
        terminal.send(step)
        if step:
            terminal.send("\r")
        for key, seen in (
            ("i", "// bindings"),
            ("o", "java.lang"),
            ("y", '"task_name"'),
        ):
            go_to(terminal, key, seen)
        terminal.send("v")
        terminal.wait_gone('"task_name"')
        judged(terminal, width, height)
    go_to(terminal, "y", '"task_name"')
    terminal.send("f")
    go_to(terminal, "/", "search")
    terminal.send(pasted("blink" + BAD))
    terminal.wait_for("owned")
    terminal.send("\r")
    terminal.wait_for("not found")
    terminal.send("\x11")
    found = assert_ended(terminal, width, height)
    assert found.copied == []
    assert len(terminal.raw) < 3_000_000


def test_dialogs_toasts_and_what_is_copied(
    graphtop: Open, server: tuple[HostileApp, str], tmp_path: Path
) -> None:
    app, url = server
    app.graphs = [GRAPH]
    app.tasks = [record(7, BAD, status="running"), record(8, BAD, status="running"), record(9, BAD)]
    terminal = graphtop(url, "--interval", "60", shell=f"cd {tmp_path}")
    terminal.wait_for("0 All 3")
    go_to(terminal, "1", "tasks · active")
    go_to(terminal, "C", "Don't cancel")
    judged(terminal, 120, 36)
    terminal.answer("n", "Don't cancel")
    go_to(terminal, "*", "2 marked")
    go_to(terminal, "\x04", "Don't delete")
    judged(terminal, 120, 36)
    terminal.answer("y", "Don't delete")
    terminal.wait_for("refused")
    judged(terminal, 120, 36)
    terminal.send("0")
    go_to(terminal, "Y", "Copy from task")
    terminal.send("name\r")
    terminal.wait_for("clipboard")
    terminal.send("\r")
    terminal.wait_for("Overview")
    go_to(terminal, "y", '"task_name"')
    go_to(terminal, "\x13", "Saved")
    terminal.send("\x11")
    found = assert_ended(terminal, 120, 36)
    (saved,) = [path.name for path in tmp_path.iterdir() if path.is_file()]
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.(json|txt)", saved)
    (copied,) = found.copied
    assert copied.startswith("e␛[?1049l")
    assert "\u200d" in copied, "what only can't be seen is copied as it is"
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", copied)


def test_graphs_filters_and_commands(graphtop: Open, server: tuple[HostileApp, str]) -> None:
    terminal = graphtop(server[1], "--interval", "60")
    terminal.wait_for("0 All 32")
    go_to(terminal, "b", "Switch graph")
    terminal.wait_for("DEFAULT/hugegraph")
    terminal.send("\x1b[6~\x1b[6~")
    terminal.send(pasted(BAD))
    terminal.wait_for("No entry matches")
    # One after the other: Textual carries out such a key after the letters that are typed right behind it.
    terminal.send("\x15")
    terminal.wait_for("type to search")
    terminal.send("zz")
    terminal.wait(lambda: len(re.findall("  DEFAULT/", terminal.text())) == 1, "one graph")
    judged(terminal, 120, 36)
    terminal.send("\r")
    terminal.wait_gone("Switch graph")
    terminal.wait_for("0 All 32")
    terminal.wait(lambda: "hugegraph" not in terminal.lines()[0], "another graph")
    await_aligned(terminal, 120)
    go_to(terminal, "/", "status=failed")
    terminal.send(pasted(BAD))
    terminal.wait_for("[link=")
    judged(terminal, 120, 36)
    terminal.send("\x1b")
    terminal.wait_for("⏎ Detail")
    go_to(terminal, "/", "status=failed")
    terminal.send(pasted("x" * 3_000_000))
    terminal.wait_for("0 of 32")
    terminal.send("\x1b")
    terminal.wait_for("⏎ Detail")
    terminal.send(":")
    terminal.wait_for("type a command")
    terminal.send(pasted(BAD))
    terminal.wait_for("No command matches")
    terminal.send("\x1b")
    terminal.wait_gone("No command matches")
    terminal.send("\x11")
    assert_ended(terminal, 120, 36)


HTML = f"<html><title>{BAD}</title><body>{BAD}".encode()
TROUBLE = {
    "500": (500, "application/json", json.dumps(error(f"{BAD}\ud800")).encode()),
    "400": (400, "application/json", json.dumps(error(BAD)).encode()),
    "no graph": (404, "application/json", json.dumps({"message": f"Graph '{BAD}' does not exist"}).encode()),
    "plain": (503, "text/plain", BAD.encode()),
    "html": (502, "text/html", HTML),
    "html for json": (200, "text/html", HTML),
    "cut": (200, "application/json", f'{{"tasks": [{{"id": 1, "task_name": "{BAD}'.encode()),
    "bytes": (500, "application/octet-stream", bytes(range(256)) * 4),
}


SAID = {
    "500": "answered 500: e",
    "400": "answered 400: e",
    "no graph": "Graph 'e",
    "plain": "answered 503: e",
    "html": "answered 502: bad",
    "html for json": "sent a web page",
    "cut": "sent a (?:list|task) that is tr",
    "bytes": "answered 500: ␀",
}
"""What only the line about such an answer says, as far as it fits beside the table."""

SAID_FIRST = {name: words.split(": ")[0].removesuffix(" that is tr") for name, words in SAID.items()}
SAID_FIRST["no graph"] = "hugegraph:"
"""What of it stands in the first line of the detail, which wraps it."""


def wait_for_words(terminal: Terminal, words: str) -> None:
    """Wait until a line of the screen holds what a regular expression finds."""
    terminal.wait(lambda: re.search(words, terminal.text()) is not None, f"{words!r}")


def test_every_kind_of_trouble(graphtop: Open, server: tuple[HostileApp, str]) -> None:
    app, url = server
    app.broken = TROUBLE["bytes"]
    terminal = graphtop(url, "--interval", "60", width=200)
    terminal.wait_for("r to try")
    for name, wrong in TROUBLE.items():
        app.broken, asked = wrong, app.asked
        terminal.send("r")
        terminal.wait(lambda asked=asked: app.asked > asked, "another request")  # type: ignore[misc]
        wait_for_words(terminal, SAID[name])
        wait_for_words(terminal, "r to try|b to choose")
        judged(terminal, 200, 36)
    app.broken = None
    terminal.send("r")
    terminal.wait_for("0 All 32")
    terminal.send("v")
    terminal.wait_for("callable")
    terminal.send("y")
    for name, wrong in TROUBLE.items():
        app.broken, asked = wrong, app.asked
        terminal.send("r\tj\t")
        terminal.wait(lambda asked=asked: app.asked > asked + 1, "the list and the detail")  # type: ignore[misc]
        wait_for_words(terminal, f"Couldn't read the task.*(?:{SAID_FIRST[name]})")
        terminal.wait(lambda: "● live" not in terminal.lines()[0], "trouble")
        judged(terminal, 200, 36)
    terminal.send("\x11")
    assert_ended(terminal, 200, 36)
