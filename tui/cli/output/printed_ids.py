"""Which ids `-o id` prints: those that the next command takes for the same task, and for nothing else."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from backend_adapters.model import is_task_id
from tui.cli.output.table import Layout

_WHOLE_ID = re.compile(r"\w[\w.@-]*:(?:\w[\w.-]*/){0,2}[A-Za-z0-9_][A-Za-z0-9_.:-]*")
"""An id with its place that no shell and no xargs takes apart."""

_L = TypeVar("_L", bound=Layout[Any])


def make_id_rule(
    *, places: bool, colons: bool = True, environ: Mapping[str, str] | None = None
) -> Callable[[str], bool]:
    """Return what tells whether `-o id` prints an id; with `places` they are printed with their places.

    What could be an option or a path is left out, and what could be an id of another place. Without `colons`,
    where flags name no place, it is each plain id with a colon: commands would look for its profile.
    """
    profiles: list[str] | None = None

    def count_profiles(words: str) -> int:
        """How many profiles the words could begin with."""
        nonlocal profiles
        if profiles is None:
            # Imported here, as real ids have no colon.
            from tui.config.profiles import load_config

            profiles = [
                f"{name}:" for name in load_config(os.environ if environ is None else environ).profiles
            ]
        return sum(map(words.startswith, profiles))

    def is_plain(words: str) -> bool:
        return is_task_id(words) and (":" not in words or (colons and not count_profiles(words)))

    def is_whole(words: str) -> bool:
        return bool(_WHOLE_ID.fullmatch(words)) and (words.count(":") == 1 or count_profiles(words) == 1)

    return is_whole if places else is_plain


def choose_ids(layout: _L, *, places: bool, colons: bool = True) -> _L:
    """Return the layout with the ids of one place, or with `places` those of several; see `make_id_rule`."""
    return replace(layout, is_id=make_id_rule(places=places, colons=colons))
