"""Finds the graphs of a server that names and patterns mean."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_adapters.model import Scope


def match_scopes(
    patterns: Iterable[str], scopes: Iterable[Scope], *, graphspace: str | None = None
) -> tuple[Scope, ...]:
    """The graphs that any of the patterns means, in the order of `scopes`.

    A pattern is `graph`, or `graphspace/graph`; `*` stands for any text and `?` for one character. Where a
    `graphspace` is given, a pattern without one means only its graphs. `*` alone means the list of a whole
    project, where there is one: it has the jobs of all graphs, for the requests of one.
    """
    patterns, scopes = tuple(patterns), tuple(scopes)
    whole = tuple(scope for scope in scopes if not scope.graph)
    if whole and "*" in patterns:
        return whole
    wanted = [_compile_pattern(pattern, graphspace) for pattern in patterns]
    return tuple(
        scope
        for scope in scopes
        if scope.graph
        and any(
            graph.fullmatch(scope.graph) and (space is None or space.fullmatch(scope.graphspace or ""))
            for space, graph in wanted
        )
    )


def _compile_pattern(pattern: str, graphspace: str | None) -> tuple[re.Pattern[str] | None, re.Pattern[str]]:
    """What the graphspace, if it matters, and the graph must look like."""
    space, slash, graph = pattern.rpartition("/")
    if slash:
        return _compile_text(space), _compile_text(graph)
    return None if graphspace is None else re.compile(re.escape(graphspace)), _compile_text(graph)


def _compile_text(pattern: str) -> re.Pattern[str]:
    words = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(words, re.DOTALL)
