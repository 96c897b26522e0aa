"""The man page: made from the commands as they are, found by man, and drawn without a warning."""

from __future__ import annotations

import argparse
import re
import runpy
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.requirements import require_program
from tests.terminal.terminal_emulator import ROOT, environment
from tui.cli import exit_codes
from tui.cli.registry import COMMANDS, parser_of

PAGE = ROOT / ".tools" / "man" / "graphtop.1"
HEADS = (
    "NAME",
    "SYNOPSIS",
    "DESCRIPTION",
    "COMMANDS",
    "OPTIONS",
    "EXIT STATUS",
    "ENVIRONMENT",
    "FILES",
    "EXAMPLES",
    "SEE ALSO",
)


def draw(*command: str, home: Path) -> str:
    """What a program draws of the page, as wide as needed for no line to break; it must not warn."""
    env = environment(home, {"MANWIDTH": "1000"})
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page as man shows it."""
    home = tmp_path_factory.mktemp("man")
    man = require_program("man", "man-db")
    require_program("groff", "groff-base")
    return draw(man, "--warnings=w", "-E", "UTF-8", "-l", str(PAGE), home=home)


def section(shown: str, head: str) -> str:
    """One part of the page, up to the next head."""
    return re.split(r"^(?=\S)", shown.partition(f"\n{head}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def test_the_page_is_up_to_date() -> None:
    page = runpy.run_path(str(ROOT / ".tools" / "man" / "make.py"))["page"]
    assert PAGE.read_text() == page(), "make man writes it anew"


def test_the_page_has_the_parts_of_a_man_page(shown: str) -> None:
    assert re.findall(r"^[A-Z][A-Z ]+$", shown, re.MULTILINE) == list(HEADS)
    assert "graphtop - watch and manage" in section(shown, "NAME")


def subsection(part: str, head: str) -> str:
    """One part of a section, up to the next head; with no head what stands before the first."""
    before, *below = re.split(r"^   (?=\S)", part, flags=re.MULTILINE)
    return {"": before, **{text.partition("\n")[0]: text for text in below}}[head]


def parts_about(shown: str, command: str) -> str:
    """A command's own part of the page, and the groups of options that it names."""
    options = section(shown, "OPTIONS")
    own = subsection(section(shown, "COMMANDS"), command) if command else subsection(options, "")
    named = re.findall(r"Also the options under (.+) in OPTIONS\.", own)
    groups = {group for names in named for group in re.split(", | and ", names)}
    return "\n".join([own, *(subsection(options, group) for group in groups)])


def options_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The options of a parser, and of those below it."""
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from options_of(below)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_and_option_is_described(shown: str, command: str) -> None:
    if command:
        assert re.search(rf"^ +{command} +{re.escape(COMMANDS[command].help)}$", shown, re.MULTILINE)
        assert re.search(rf"^   {command}\n +graphtop {command}\b", shown, re.MULTILINE)
    about = parts_about(shown, command)
    for option in options_of(parser_of(command)):
        # The help stands among the options that hold for every command.
        if not command or option not in ("-h", "--help"):
            assert re.search(rf"^ +(-\w, )?{option}(?![\w-])", about, re.MULTILINE), option


def test_every_exit_code_is_explained(shown: str) -> None:
    known = {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}
    explained = {
        int(number) for number in re.findall(r"^ +(\d+) ", section(shown, "EXIT STATUS"), re.MULTILINE)
    }
    assert explained >= {*known, 129, 130, 141, 143}


def test_every_variable_of_the_program_is_explained(shown: str) -> None:
    sources = [path for folder in ("tui", "backend_adapters") for path in (ROOT / folder).rglob("*.py")]
    known = {
        name
        for path in sources
        for name in re.findall(r'"((?:GRAPHTOP|HUAWEICLOUD|HW)_[A-Z_]+|NO_COLOR|NETRC)"', path.read_text())
    }
    assert "GRAPHTOP_PASSWORD" in known
    assert known <= set(re.findall(r"[A-Z_]+", section(shown, "ENVIRONMENT")))


@pytest.mark.parametrize("device", ["ascii", "utf8"])
def test_groff_draws_the_page_without_a_warning(tmp_path: Path, device: str) -> None:
    groff = require_program("groff", "groff-base")
    assert "graphtop demo" in draw(groff, "-ww", "-man", f"-T{device}", "-P-cbou", str(PAGE), home=tmp_path)


@pytest.mark.xdist_group("packaging")
def test_man_finds_the_page_of_an_installed_graphtop(prefix: Path, tmp_path: Path) -> None:
    man = require_program("man", "man-db")
    place = prefix / "share" / "man"
    assert draw(man, "-M", str(place), "-w", "graphtop", home=tmp_path) == f"{place}/man1/graphtop.1\n"
    assert "EXIT STATUS" in draw(man, "-M", str(place), "graphtop", home=tmp_path)
