"""Finds the lists that tell of the same tasks, as of tasks and of computer jobs: each task is shown once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeAlias

from backend_adapters.model import Place, Task
from tui.monitor.store import Change, Store

TaskTest: TypeAlias = Callable[[Task], bool]
"""Whether a task is one of some kind."""
_Graph: TypeAlias = tuple[str, str | None, str]
"""A graph by the URL of its server, its graphspace and its name."""


class DoubleLists:
    """Knows of which graphs several lists are watched, by the names that the places have now."""

    def __init__(self) -> None:
        self._dialects: dict[_Graph, frozenset[str]] = {}
        """The dialects of the lists of each graph that has several."""

    def note_lists(self, lists: Iterable[tuple[str, Place]]) -> bool:
        """Note what is watched, each place with the URL of its server; true where other tasks are double now.

        A place whose graph the server has not told yet is one of no graph.
        """
        dialects: dict[_Graph, set[str]] = defaultdict(set)
        for url, place in lists:
            if place.graph:
                dialects[_name_graph_of(url, place)].add(place.dialect)
        before, self._dialects = (
            self._dialects,
            {graph: frozenset(names) for graph, names in dialects.items() if len(names) > 1},
        )
        return self._dialects != before

    def find_test(self, url: str, place: Place) -> TaskTest | None:
        """Which tasks of a place another list has that is watched; None where there is no such list."""
        dialects = self._dialects.get(_name_graph_of(url, place))
        if dialects is None:
            return None
        from backend_adapters.registry import find_part_test

        return find_part_test(place.dialect, dialects - {place.dialect})


def drop_doubles(store: Store, is_double: TaskTest) -> list[Change]:
    """Drop the tasks of a place that another list has; returns what that changed."""
    doubles = [task.id for task in store.list_tasks() if is_double(task)]
    return store.apply_answer((), doubles, asked=store.take_ticket())


def _name_graph_of(url: str, place: Place) -> _Graph:
    return url, place.graphspace, place.graph
