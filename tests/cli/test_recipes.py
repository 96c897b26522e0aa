"""The recipes of CONTRIBUTING: what is added in one place is seen everywhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Server
from tests.support.patience import PATIENCE
from tests.terminal.terminal_emulator import ROOT, Terminal, environment

FIELD = """
    Field(
        key="user",
        column=ColumnRule("USER", 4, 12, text=lambda task, _: sanitize_label(task.type[:3])),
        sort=SortRule(lambda task, now: task.type[:3]),
        filter=FilterRule("exact", lambda task, now: task.type[:3]),
        overview=OverviewRule(lambda task, _: task.type[:3]),
        copy=lambda task: task.type[:3],
        json=JsonRule("user", lambda task, now: task.type[:3]),
        printed=PrintRule("USER", lambda task, now: sanitize_label(task.type[:3]), wide=True),
    ),
"""

Graphtop = Callable[..., str]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the code, to be changed."""
    for name in ("tui", "backend_adapters"):
        shutil.copytree(ROOT / name, tmp_path / "tree" / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "tree"


@pytest.fixture
def graphtop(tree: Path, tmp_path: Path) -> Graphtop:
    """Run the copy with some arguments; gives what it prints."""
    return lambda *arguments: python(tree, tmp_path, "-m", "tui", *arguments)


def python(tree: Path, home: Path, *arguments: str) -> str:
    """Run Python where the copy is found first; gives what it prints."""
    path = os.pathsep.join((str(tree), str(ROOT)))
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=home,
        env=environment(home, {"PYTHONPATH": path}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def insert(path: Path, before: str, text: str) -> None:
    """Insert some text before the only place where another one stands."""
    source = path.read_text()
    assert source.count(before) == 1, f"{before!r} stands {source.count(before)} times in {path.name}"
    path.write_text(source.replace(before, text + before))


def test_a_field_that_is_one_entry_is_in_the_table_the_filter_ls_and_json(
    tree: Path, graphtop: Graphtop, server: Server
) -> None:
    insert(tree / "tui" / "fields.py", '    Field(key="word"', FIELD.lstrip("\n"))
    assert "user" in graphtop("ls", "--help")
    where = ("--url", server.url, "--graph", "hugegraph")
    (task,) = json.loads(graphtop("ls", "-o", "json", "--limit", "1", *where))
    assert task["user"] == task["type"][:3]
    assert list(task)[-1] == "user", "new fields come last"
    head, *rows = graphtop("ls", "-o", "wide", "--limit", "5", *where).splitlines()
    assert head.split()[-1] == "USER"
    assert rows
    found = json.loads(graphtop("ls", "-o", "json", f"user={task['user']}", "--sort", "user", *where))
    assert found
    assert {one["user"].casefold() for one in found} == {task["user"].casefold()}
    assert re.search(
        rf"^user +{re.escape(task['user'])}$", graphtop("get", task["id"], "-o", "table", *where), re.M
    )
    see_on_screen(tree, tree.parent)


def see_on_screen(tree: Path, home: Path) -> None:
    """See the field as a column, among what can be copied and sorted by, and in the overview."""
    command = (sys.executable, "-m", "tui", "demo")
    terminal = Terminal(command, environment(home, {"PYTHONPATH": str(tree)}), width=180, height=50, cwd=home)
    try:
        terminal.wait_for("● live")
        terminal.send("w")
        terminal.wait_for("USER")
        for key, title, line in (("Y", "Copy a field", "user +(gre|alg)"), ("S", "Sort by", "user *[│▐▕]")):
            terminal.send(key)
            terminal.wait_for(title)
            terminal.wait(
                lambda line=line: re.search(line, terminal.text()) is not None, f"{line} in {title}"
            )
            terminal.send("\x1b")
            terminal.wait_gone(title)
        terminal.send("\r")
        terminal.wait(
            lambda: re.search("user +(gre|alg)", terminal.text()) is not None, "the line of the overview"
        )
    finally:
        terminal.close()
