"""Ids in the whole form, `prod:DEFAULT/hugegraph/12`: which places they name, and the work in these."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from backend_adapters.model import Place, Scope, TaskId, is_task_id
from tui.cli.arguments import FROM_STDIN, check_id, list_id_words
from tui.cli.errors import CommandError, UsageError
from tui.cli.exit_codes import OK
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.connect import (
    connect_to_graph,
    find_flags_profile,
    list_place_flags,
    log_in_to_place,
    plan_place_of_id,
)
from tui.cli.work.session import LOGIN_OF_ID, Session, end_by_signals, run_with_session
from tui.cli.work.session_set import PlaceToOpen, SetWork, run_sessions
from tui.config.profiles import Config, load_config
from tui.config.resolved import find_profile

WHOLE_ID_RULE = "Write it as PROFILE:GRAPHSPACE/GRAPH/ID, PROFILE:GRAPH/ID or, for a project, PROFILE:ID."

_ADDRESS = re.compile("https?://")
_PARTS_MOST = 3
"""Of what stands behind the profile: graphspace, graph and id."""

OneWork: TypeAlias = Callable[[Session, tuple[TaskId, ...]], Coroutine[Any, Any, int]]
"""What a command does with plain ids in the place that its flags name; returns the exit code."""


class WholeId(Struct, frozen=True):
    """An id with its place."""

    profile: str
    scope: Scope
    """Without a graph for a place that is no single graph."""
    id: TaskId

    @property
    def place_name(self) -> str:
        """The whole name of its place."""
        graph, space = self.scope.graph, self.scope.graphspace
        return Place(number=0, profile=self.profile, dialect="", graph=graph, graphspace=space).name


def run_on_ids(words: Sequence[str], flags: SettingFlags, one: OneWork, several: SetWork) -> int:
    """Do a command's work on the tasks with these ids, which `-` reads from standard input.

    Plain ids alone are those of the place that flags name; where one has a place of its own, `several` is
    done. Returns the exit code. Raises UsageError and ConfigError before anything is sent.
    """
    ids = _read_words(words)
    parsed: list[WholeId | None] = [None] * len(ids)
    if any(":" in word for word in ids):
        config = load_config(os.environ)
        parsed = [read_whole_id(word, config, names_place=flags.names_one) for word in ids]
    for word, whole in zip(ids, parsed, strict=True):
        # Of an address it is said first that it may have been meant for --url.
        if whole is None and not _ADDRESS.match(word):
            check_id(word)
    if not any(parsed):
        return run_with_session(flags, lambda session: one(session, ids))
    plain = tuple(check_id(word) for word, whole in zip(ids, parsed, strict=True) if whole is None)
    wholes = [whole for whole in parsed if whole is not None]
    return run_sessions(_plan_places(plain, wholes, flags, config), several)


def _read_words(words: Sequence[str]) -> tuple[str, ...]:
    """The words, with those on standard input in place of `-`. Raises CommandError after a signal."""
    found = list(words)

    async def read() -> int:
        found[:] = await list_id_words(words)
        return OK

    if FROM_STDIN in words and (code := asyncio.run(end_by_signals(read(), lambda: False))):
        raise CommandError("", code)
    return tuple(found)


def read_whole_id(word: str, config: Config, *, names_place: bool) -> WholeId | None:
    """Read an id with its place; None for a plain one.

    A plain id may have a colon. `names_place` says that flags name the place of plain ids: then it is one
    unless it begins with a profile. Raises UsageError, and ConfigError for a profile that does not exist.
    """
    if ":" not in word or word.startswith(("-", ":")) or _ADDRESS.match(word):
        return None
    names = [name for name in config.profiles if word.startswith(f"{name}:")]
    if not names:
        if names_place and "/" not in word:
            return None
        names = [word.partition(":")[0]]
    profile = max(names, key=len)
    *graph, task_id = word[len(profile) + 1 :].split("/")
    if len(graph) >= _PARTS_MOST or not all(map(is_task_id, (*graph, task_id))):
        raise UsageError(f'"{word}" is not a task id. {WHOLE_ID_RULE} Nothing was sent.')
    find_profile(config, profile, f'The id "{word}"')
    scope = Scope(graph=graph[-1] if graph else "", graphspace=graph[0] if len(graph) > 1 else None)
    return WholeId(profile, scope, task_id)


def _plan_places(
    plain: tuple[TaskId, ...], wholes: Sequence[WholeId], flags: SettingFlags, config: Config
) -> list[PlaceToOpen]:
    """Connect to the places of all ids, that of the plain ones first. Raises UsageError and ConfigError."""
    places: dict[str, list[WholeId]] = {}
    for whole in wholes:
        places.setdefault(whole.place_name, []).append(whole)
    flags_profile = find_flags_profile(config, flags, os.environ)
    if not plain:
        _check_flags_count(wholes, flags, flags_profile)
    # Flags and variables could be for any of several profiles, unless a plain id says for which.
    are_for_one = bool(plain) or len({whole.profile for whole in wholes}) == 1
    own = {name for name, ids in places.items() if are_for_one and ids[0].profile == flags_profile}
    # All are planned before the first one asks for a password.
    plans = {
        name: plan_place_of_id(
            config, ids[0].profile, ids[0].scope, flags, os.environ, are_for_it=name in own
        )
        for name, ids in places.items()
    }
    opened = [PlaceToOpen(connection=connect_to_graph(flags), ids=plain)] if plain else []
    for name, plan in plans.items():
        ids = tuple(dict.fromkeys(whole.id for whole in places[name]))
        opened.append(
            PlaceToOpen(
                connection=log_in_to_place(plan, config),
                name=name,
                ids=ids,
                login_rule="" if name in own else LOGIN_OF_ID,
            )
        )
    return opened


def _check_flags_count(wholes: Sequence[WholeId], flags: SettingFlags, flags_profile: str) -> None:
    """Raise UsageError for flags that are about another place than that of the ids, or one of several."""
    given = list_place_flags(flags)
    if given and {whole.profile for whole in wholes} != {flags_profile}:
        raise UsageError(f"{given[0]} has no effect: the ids name their places. Nothing was sent.")
