"""Every command's parser, for what must know all flags: the completions."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from tui.cli import COMMANDS, SCREEN


def parser_of(command: str) -> argparse.ArgumentParser:
    """The parser of a command; of the screen for an empty name."""
    module = import_module(COMMANDS.get(command, SCREEN))
    build = getattr(module, "flags", None) or module.parser
    made: argparse.ArgumentParser = build()
    return made


def about(command: str) -> str:
    """What a command does: the first line of its file, which need not be imported for it."""
    module = COMMANDS[command].rpartition(".")[2]
    with (Path(__file__).parent / f"{module}.py").open(encoding="utf-8") as file:
        return file.readline().strip().strip('"').partition(": ")[2].rstrip(".")
