"""`graphtop help`: shows the help of graphtop, or of one command."""

from __future__ import annotations

import argparse

from msgspec import Struct

from tui.cli.argument_parser import Parser
from tui.cli.errors import UsageError
from tui.cli.exit_codes import EXIT_CODES_HELP, OK
from tui.cli.registry import COMMANDS, parser_of
from tui.config.settings import suggest_nearest

_ABOUT = "Show the help of a command, or the list of all commands."


class Options(Struct, frozen=True):
    """What `graphtop help` was given."""

    command: str = ""
    """Empty: graphtop itself."""


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop help`."""
    parser = Parser(prog="graphtop help", description=_ABOUT, epilog=EXIT_CODES_HELP)
    parser.add_argument("command", nargs="?", default="", metavar="COMMAND", help="the command to explain")
    return parser


def run(options: Options) -> int:
    """Show it; returns the exit code."""
    name = options.command
    if name and name not in COMMANDS:
        near = suggest_nearest(name, tuple(COMMANDS)) or "; graphtop help lists them."
        raise UsageError(f"There is no command '{name}'{near}")
    parser_of(name).print_help()
    return OK
