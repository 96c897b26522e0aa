"""Which tasks are of one kind."""

from __future__ import annotations

import pytest

from tests.unit.fakes import S, task
from tui.monitor.history.kinds import COMPARED_LENGTH, find_kind, make_pattern


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("import day 12", "import day #"),
        ("import 0af3b2c1d4e5f607", "import #"),
        ("deadbeef", "deadbeef"),
        ("v2", "v#"),
        ("", ""),
        ("x" * 400, "x" * COMPARED_LENGTH),
    ],
)
def test_a_pattern_is_the_name_without_its_numbers(name: str, pattern: str) -> None:
    assert make_pattern(name) == pattern


def test_a_kind_is_the_type_the_graph_and_the_pattern() -> None:
    kind = find_kind(task(1, name="day 1"))
    assert kind == find_kind(task(2, S.FAILED, name="day 22"))
    assert kind != find_kind(task(1, name="week 1"))
    assert kind != find_kind(task(1, name="day 1", type="other"))
    assert kind != find_kind(task(1, name="day 1", graph="other"))
