"""Which graphs of a server names and patterns mean."""

from __future__ import annotations

import pytest

from backend_adapters.model import Scope
from tui.connection.graph_patterns import match_scopes

SCOPES = (
    Scope(graph="hugegraph", graphspace="DEFAULT"),
    Scope(graph="test_a", graphspace="DEFAULT"),
    Scope(graph="test_b", graphspace="DEFAULT"),
    Scope(graph="test_a", graphspace="finance"),
    Scope(graph="a[1].x", graphspace="finance"),
)


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["*"], [0, 1, 2, 3, 4]),
        (["hugegraph"], [0]),
        (["HugeGraph"], []),
        (["huge"], []),
        (["test*"], [1, 2, 3]),
        (["test_?"], [1, 2, 3]),
        (["?"], []),
        (["finance/*"], [3, 4]),
        (["*/test_a"], [1, 3]),
        (["DEFAULT/test_a"], [1]),
        # In the order of the server, each once.
        (["test_b", "*_b", "hugegraph"], [0, 2]),
        # Nothing else is a pattern.
        (["a[1].x"], [4]),
        (["a[1]?x"], [4]),
        (["[a-z]*"], []),
        (["test.a"], []),
        ([], []),
    ],
)
def test_names_and_patterns(patterns: list[str], found: list[int]) -> None:
    assert match_scopes(patterns, SCOPES) == tuple(SCOPES[place] for place in found)


def test_a_graphspace_narrows_patterns_that_name_none() -> None:
    assert match_scopes(["*"], SCOPES, graphspace="finance") == SCOPES[3:]
    assert match_scopes(["test_a", "DEFAULT/huge*"], SCOPES, graphspace="finance") == (SCOPES[0], SCOPES[3])


def test_graphs_without_graphspaces_and_the_list_of_all_graphs_of_a_project() -> None:
    scopes = (Scope(graph=""), Scope(graph="a"), Scope(graph="b"))
    assert match_scopes(["*"], scopes) == scopes[:1]
    assert match_scopes(["*"], scopes[1:]) == scopes[1:]
    assert match_scopes(["?"], scopes) == scopes[1:]
    assert match_scopes(["*/a"], scopes) == scopes[1:2]
    assert match_scopes(["x/a"], scopes) == ()
