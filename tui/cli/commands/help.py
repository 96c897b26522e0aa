"""`graphtop help`: shows the help of graphtop, or of one command."""

from __future__ import annotations

import argparse

from msgspec import Struct

from tui.cli.argument_parser import Parser
from tui.cli.errors import UsageError
from tui.cli.exit_codes import LOCAL_MEANINGS, OK, describe_exit_codes
from tui.cli.registry import COMMANDS, parser_of, suggest_command

_ABOUT = "Show the help of a command, or the list of all commands."
_EXAMPLES = (("graphtop help", "all commands"), ("graphtop help ls", "the options of one"))


class Options(Struct, frozen=True):
    """What `graphtop help` was given."""

    command: str = ""
    """Empty: graphtop itself."""


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop help`."""
    parser = Parser(
        prog="graphtop help",
        description=_ABOUT,
        examples=_EXAMPLES,
        epilog=describe_exit_codes(LOCAL_MEANINGS),
    )
    parser.add_argument("command", nargs="?", default="", metavar="COMMAND", help="the command to explain")
    return parser


def run(options: Options) -> int:
    """Show it; returns the exit code."""
    name = options.command
    if name and name not in COMMANDS:
        advice = suggest_command(name) or "Run `graphtop help` for the list."
        raise UsageError(f'No command "{name}". {advice}')
    parser_of(name).print_help()
    return OK
