"""Opens the history for a command, and finds the places that a person names in it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence

from backend_adapters.model import TaskId, is_task_id
from backend_adapters.transport.url import normalize_url
from tui.cli.arguments import ID_RULE, parse_moment
from tui.cli.errors import CommandError, UsageError
from tui.cli.exit_codes import FAILED, OK
from tui.cli.output.standard_error import report_error
from tui.cli.work.history_check import DAMAGE_HINT
from tui.config.profiles import load_config
from tui.config.resolved import find_profile
from tui.connection.address import parse_address
from tui.monitor.history.database import DamagedHistory, HistoryError, NoHistoryYet
from tui.monitor.history.path import find_history_path
from tui.monitor.history.reader import HistoryReader
from tui.monitor.history.records import HistoryPlace


def run_with_history(work: Callable[[HistoryReader], int]) -> int:
    """Do a command's work with the history; returns the exit code.

    Raises CommandError where it can't be read.
    """
    try:
        with HistoryReader(find_history_path(os.environ)) as reader:
            return work(reader)
    except NoHistoryYet as error:
        report_error(str(error))
        return OK
    except DamagedHistory as error:
        raise CommandError(f"{error} {DAMAGE_HINT}", FAILED) from None
    except HistoryError as error:
        raise CommandError(str(error), FAILED) from None


def add_history_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say of which places and of which time tasks are shown."""
    parser.add_argument(
        "-p", "--profile", action="append", metavar="NAME", help="only tasks of this profile; can be repeated"
    )
    parser.add_argument(
        "--all", action="store_true", help="tasks of all places that were ever watched (default)"
    )
    parser.add_argument(
        "--since",
        type=parse_moment,
        metavar="TIME",
        help="only tasks that changed since then: 1d, 12h (ago), or 2026-11-23, 2026-11-23T12:00 (UTC)",
    )


def choose_places(
    reader: HistoryReader, profiles: Sequence[str] | None, *, all: bool
) -> list[HistoryPlace] | None:
    """The places of the profiles that are named; None for all. Raises UsageError and ConfigError."""
    if not profiles:
        return None
    if all:
        raise UsageError(f"-p {profiles[0]} and --all name different places. Use only one.")
    chosen: list[HistoryPlace] = []
    for name in dict.fromkeys(profiles):
        found = _find_places(reader, name)
        if not found:
            report_error(f"There is no history of the profile {name} yet.")
        chosen += [place for place in found if place not in chosen]
    return chosen


def _find_places(reader: HistoryReader, name: str) -> list[HistoryPlace]:
    """The places that were watched by a profile, or that it leads to now. Raises ConfigError."""
    places = reader.list_places()
    config = load_config(os.environ)
    found = [place for place in places if place.profile == name]
    if name not in config.profiles:
        if not found:
            find_profile(config, name)
        return found
    profile = config.profiles[name]
    if not profile.get_text("url"):
        return found
    server = normalize_url(parse_address(profile.get_text("url")).server).rstrip("/")
    named = {key: profile.get_text(key) for key in ("graph", "graphspace", "project")}
    same = [
        place
        for place in places
        if place.url == server and all(value in ("", getattr(place, key)) for key, value in named.items())
    ]
    return list(dict.fromkeys([*found, *same]))


def read_placed_id(
    reader: HistoryReader, word: str, places: Sequence[HistoryPlace] | None
) -> tuple[TaskId, Sequence[HistoryPlace] | None]:
    """Read an id, alone or with its place: the id, and the places that it can be of. Raises UsageError."""
    for place in reader.list_places() if ":" in word else ():
        task_id = word.removeprefix(place.qualify_id(""))
        if task_id != word and is_task_id(task_id):
            same = [one for one in reader.list_places() if one.name == place.name]
            return task_id, same if places is None else [one for one in same if one in places]
    if is_task_id(word):
        return word, places
    raise UsageError(f'"{word}" is not the id of a task in the history. {ID_RULE}')
