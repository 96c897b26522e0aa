"""Follow the recipes of CONTRIBUTING.md in a copy of the code, and see the new thing work."""

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
from tui.fields import PLACE_FIELDS

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

COMMAND = r'''
"""`graphtop count`: prints how many graphs a server has."""

import argparse

from msgspec import Struct

from tui.cli.arguments import build_command_parser
from tui.cli.exit_codes import OK
from tui.cli.output.standard_output import StandardOutput
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.session import Session, run_with_session


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop count` was given."""

    word: str = "graphs"
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop count`."""
    examples = (("graphtop count", ""), ("graphtop count --word spaces", "under another name"))
    parser = build_command_parser("count", "Print how many graphs a server has.", examples=examples)
    parser.add_argument("--word", metavar="WORD", default="graphs", help="what to call them")
    return parser


def run(options: Options) -> int:
    """Print the number; returns the exit code."""
    return run_with_session(options.settings, lambda session: _count_graphs(session, options.word))


async def _count_graphs(session: Session, word: str) -> int:
    await session.connect()
    StandardOutput().write(f"{len(await session.backend.scopes())} {word}\n")
    return OK
'''

SETTING = """
    Setting(
        name="mood",
        about="what the logs are read in",
        choices=("calm", "cross"),
        default="calm",
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
    """Run the copy with some arguments and variables; gives what it prints."""
    return lambda *arguments, **variables: python(tree, tmp_path, "-m", "tui", *arguments, **variables)


def python(tree: Path, home: Path, *arguments: str, **variables: str) -> str:
    """Run Python where the copy is found first; gives what it prints."""
    path = os.pathsep.join((str(tree), str(ROOT)))
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=home,
        env=environment(home, {"PYTHONPATH": path, **variables}),
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
    assert list(task)[-5:] == ["user", *PLACE_FIELDS], "new fields come last, before those of the place"
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
        for key, title, line in (("Y", "Copy from task", "user +(gre|alg)"), ("S", "Sort by", "user *[│▐▕]")):
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


def test_a_command_that_is_one_file_and_one_line_is_in_the_help_the_completions_and_runs(
    tree: Path, graphtop: Graphtop, server: Server
) -> None:
    cli = tree / "tui" / "cli"
    (cli / "commands" / "count.py").write_text(COMMAND.lstrip("\n"))
    line = '    Command("count", "print how many graphs a server has", SHOW_GROUP),\n'
    insert(cli / "registry.py", '    Command("delete"', line)
    assert re.search(r"^ +count +print how many graphs a server has$", graphtop("help"), re.M)
    assert "Print how many graphs a server has." in graphtop("help", "count")
    assert "count\tprint how many graphs a server has" in graphtop("__complete", "bash", "cou")
    assert "--word\twhat to call them" in graphtop("__complete", "bash", "count", "--w")
    assert graphtop("count", "--url", server.url) == "2 graphs\n"
    assert graphtop("count", "--url", server.url, "--word", "of them") == "2 of them\n"


def test_a_setting_is_in_the_example_the_schema_and_the_check_and_has_a_variable_and_a_flag(
    tree: Path, graphtop: Graphtop, tmp_path: Path
) -> None:
    config = tree / "tui" / "config"
    insert(config / "settings.py", '    Setting(name="utc"', SETTING.lstrip("\n"))
    insert(config / "resolved.py", "    utc: ResolvedValue[bool]\n", "    mood: ResolvedValue[str]\n")
    insert(config / "example.py", "utc = false\n", 'mood = "calm"                   # or cross\n')
    insert(tree / "tui" / "cli" / "work" / "launcher.py", '"utc"', '"mood", ')
    assert 'mood = "calm" ' in graphtop("config", "example")
    screen = json.loads(graphtop("config", "schema"))["properties"]["screen"]["properties"]
    assert screen["mood"]["enum"] == ["calm", "cross"]
    assert "--mood" in graphtop("demo", "--help")
    assert value_of_mood(graphtop) == ("calm", "default  (GRAPHTOP_MOOD)")
    assert value_of_mood(graphtop, "--mood", "cross") == ("cross", "--mood")
    assert value_of_mood(graphtop, GRAPHTOP_MOOD="cross") == ("cross", "GRAPHTOP_MOOD")
    file = tmp_path / ".config" / "graphtop" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[screen]\nmood = "cross"\n')
    assert value_of_mood(graphtop) == ("cross", "~/.config/graphtop/config.toml:2")


def value_of_mood(graphtop: Graphtop, *flags: str, **variables: str) -> tuple[str, str]:
    """The setting's value, and where it comes from, as `config check` has it."""
    found = re.search(r"^mood +(\S+) +(.+)$", graphtop("config", "check", *flags, **variables), re.M)
    assert found is not None
    return found[1], found[2]
