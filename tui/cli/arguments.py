"""What the commands share: arguments that several have, and how their values are read."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from backend_adapters.model import Millis, TaskId, is_task_id
from tui import text
from tui.cli.argument_parser import Examples, Parser
from tui.cli.errors import UsageError
from tui.cli.exit_codes import SERVER_MEANINGS, describe_exit_codes
from tui.cli.setting_flags import add_connection_flags
from tui.cli.work.read_input import read_stdin
from tui.monitor.clock import Clock

FROM_STDIN = "-"
OR_WHOLE = "or PROFILE:GRAPHSPACE/GRAPH/ID, as several places print it"
ID_RULE = "An id has only letters, digits and _ . : - and begins with a letter, a digit or _."


def build_command_parser(
    name: str,
    about: str,
    *,
    examples: Examples,
    notes: str = "",
    codes: Mapping[int, str] | None = None,
    several: bool = False,
    view: str = "",
) -> Parser:
    """Return the parser of a command that asks a server, with the connection flags.

    `codes` has the meanings of the command's own exit codes; with `several` it can ask several servers, and
    `view` says what it takes of a saved view.
    """
    parser = Parser(
        prog=f"graphtop {name}",
        description=about,
        examples=examples,
        notes=notes,
        epilog=describe_exit_codes({**SERVER_MEANINGS, **(codes or {})}),
    )
    add_connection_flags(parser, several=several, view=view)
    return parser


def add_ids_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument for task ids."""
    parser.add_argument(
        "ids",
        nargs="+",
        metavar="ID",
        help=f"the id of a task, {OR_WHOLE}; - reads ids from standard input",
    )


async def read_ids(words: Sequence[str]) -> list[TaskId]:
    """Return the ids without duplicates, in the order given. Raises UsageError for an invalid id."""
    return [check_id(task_id) for task_id in await list_id_words(words)]


async def list_id_words(words: Sequence[str]) -> list[str]:
    """List the ids as they were given, without duplicates; `-` is those on standard input."""
    ids: list[str] = []
    for word in words:
        ids += await _read_ids_from_stdin() if word == FROM_STDIN else [word]
    return list(dict.fromkeys(ids))


def check_id(word: str) -> TaskId:
    """Return the word if it is a valid id. Raises UsageError for what could be an option or a path."""
    if not is_task_id(word):
        raise UsageError(f'"{word}" is not a task id. {ID_RULE} Nothing was sent.')
    return word


async def _read_ids_from_stdin() -> list[TaskId]:
    try:
        return (await read_stdin()).decode().split()
    except (OSError, UnicodeDecodeError):
        raise UsageError("Can't read ids from standard input.") from None


def parse_duration(words: str) -> Millis:
    """Read `90`, `30s`, `2h30m`, `30d`; a number alone is seconds. Raises ArgumentTypeError."""
    if words.isascii() and words.isdigit() and len(words) < 10:
        return int(words) * 1000
    duration = text.read_duration(words)
    if duration is None:
        raise argparse.ArgumentTypeError(f'"{words}" is not a duration; write it as 30s, 10m, 2h30m or 30d')
    return duration


def parse_age_limit(words: str) -> Millis:
    """Read `30d`, `12h`: a number alone could be meant for days. Raises ArgumentTypeError."""
    if words.isascii() and words.isdigit():
        raise argparse.ArgumentTypeError(
            f'"{words}" needs a unit: {words}d for days, {words}h for hours, {words}m for minutes'
        )
    return parse_duration(words)


def parse_moment(words: str) -> Millis:
    """Return the moment of `1d` (ago) or `2026-11-23T12:00` (UTC). Raises ArgumentTypeError."""
    try:
        named = datetime.fromisoformat(words)
    except ValueError:
        return max(0, Clock().now() - parse_duration(words))
    if named.tzinfo is None:
        named = named.replace(tzinfo=UTC)
    return round(named.timestamp() * 1000)


def parse_count(words: str) -> int:
    """Read a whole number that is not negative. Raises ArgumentTypeError."""
    if not (words.isascii() and words.isdigit() and len(words) < 10):
        raise argparse.ArgumentTypeError("must be a whole number, 0 or more")
    return int(words)


def describe_limit(which: str, shown: int, found: int | None = None) -> str:
    """Return the note on what --limit hides: `Showing the newest 50 of 1,204; use --limit 0 to show all.`"""
    of = "" if found is None else f" of {found:,}"
    return f"Showing the {which} {shown:,}{of}; use --limit 0 to show all."
