"""Finds the words of a filter that name no place that is watched, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from msgspec.structs import replace

from backend_adapters.model import NO_EXTRAS, Place, Task, TaskStatus
from backend_adapters.sentences import join_sentences
from tui.fields import FILTERS
from tui.monitor.filters import compile_filter, list_compared_words
from tui.monitor.store import Store

LONGEST_COMPARED = 100
"""Characters of a word for which the nearest name is looked for."""

_CLAUSES = {
    "place": "No place is called",
    "profile": "No place has the profile",
    "graph": "No place has the graph",
    "graphspace": "No place has the graphspace",
    "dialect": "No place has the dialect",
}
"""What is said of a word that names none, by the field that it is compared with."""


def describe_unknown_place(typed: str, places: Sequence[tuple[Place, Store]]) -> str:
    """The first word of a filter that names none of these places; empty where each word names one.

    It is a sentence with the nearest name, not made harmless yet.
    """
    for key, word in list_compared_words(typed, _CLAUSES.keys()):
        test = compile_filter(f'{key}="{word}"')
        if not any(test(sample, 0) for place in places for sample in _make_samples(*place)):
            return join_sentences(f'{_CLAUSES[key]} "{word}"', _suggest_name(key, word, places))
    return ""


def _make_samples(place: Place, store: Store) -> Iterable[Task]:
    """A task for all that are in this place; of the jobs of a whole project one for each graph."""
    extras = replace(NO_EXTRAS, place=place)
    of_place = Task(id="", type="", name="", status=TaskStatus.UNKNOWN, raw_status="", extras=extras)
    yield of_place
    if not place.graph:
        # One after the other: mostly one of the first is the graph that is looked for among 100,000 tasks.
        known: set[str | None] = {None, ""}
        for task in store.tasks.values():
            if task.graph not in known:
                known.add(task.graph)
                yield replace(of_place, graph=task.graph)


def _suggest_name(key: str, word: str, places: Sequence[tuple[Place, Store]]) -> str:
    """`Did you mean prod?`, or nothing where no name is near."""
    names: dict[str, str] = {}
    for sample in (sample for place in places for sample in _make_samples(*place)):
        for name in str(FILTERS[key].value(sample, 0) or "").split("\n"):
            parts = re.split("[:/]", name) if key == "place" else []
            names |= {one.casefold(): one for one in (name, *parts) if one}
    near = get_close_matches(word.casefold()[:LONGEST_COMPARED], names, n=1)
    return f"Did you mean {names[near[0]]}?" if near else ""
