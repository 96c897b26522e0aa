"""The one place where the words of a command line become the `Options` that a command is run with."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TypeVar, get_type_hints

from msgspec import Struct

from tui.cli.argument_parser import Parser
from tui.cli.error_handler import run_guarded
from tui.cli.errors import UsageError
from tui.cli.registry import load_command
from tui.cli.setting_flags import SettingFlags, read_setting_flags

_S = TypeVar("_S", bound=Struct)


def run_command(name: str, words: Sequence[str]) -> int:
    """Run a command, or the screen for any other name; returns the exit code."""
    return run_guarded(lambda: _parse_and_run(name, words))


def _parse_and_run(name: str, words: Sequence[str]) -> int:
    command = load_command(name)
    parser: Parser = command.build_parser()
    arguments, unknown = parser.parse_known_args(words)
    if unknown and "unknown" not in command.Options.__struct_fields__:
        unknown = parser.add_late_words(arguments, unknown)
        if unknown:
            parser.error(parser.explain_unknown(unknown))
    arguments.unknown = unknown
    try:
        code: int = command.run(read_options(command.Options, arguments))
    except UsageError as error:
        if error.shows_usage:
            parser.error(str(error))
        raise
    return code


def read_options(kind: type[_S], arguments: argparse.Namespace) -> _S:
    """Return options whose fields have the values of the arguments of the same names.

    The fields of nested options are read so, too. `given` has the names of all arguments, `unknown` the words
    that no flag takes. What the arguments lack stays as the field's default.
    """
    values: dict[str, object] = {}
    # Not msgspec's own `fields`, which imports for 7 ms.
    types = get_type_hints(kind)
    for name in kind.__struct_fields__:
        if types[name] is SettingFlags:
            values[name] = read_setting_flags(arguments)
        elif isinstance(types[name], type) and issubclass(types[name], Struct):
            values[name] = read_options(types[name], arguments)
        elif name == "given":
            values[name] = frozenset(vars(arguments))
        elif hasattr(arguments, name):
            value = getattr(arguments, name)
            values[name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)
