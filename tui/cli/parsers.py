"""Every command's parser, for what must know all flags, and the list of commands for the help."""

from __future__ import annotations

import argparse
from importlib import import_module

from tui.cli import COMMANDS, GROUPS, SCREEN


def parser_of(command: str) -> argparse.ArgumentParser:
    """The parser of a command; of the screen for an empty name."""
    module = import_module(COMMANDS[command].module if command else SCREEN)
    build = getattr(module, "flags", None) or module.parser
    made: argparse.ArgumentParser = build()
    return made


def list_commands() -> str:
    """Every command in a line with what it does, under what it is for."""
    width = max(map(len, COMMANDS))
    blocks = []
    for group in GROUPS:
        lines = [f"{group}:"]
        for name, command in COMMANDS.items():
            if command.group == group:
                lines.append(f"  {name:<{width}}  {command.help}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)
