"""Where grouped rows are drawn: heads, and the tasks of those groups that are unfolded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.ui.task_table_app import NOW, task
from tui.task_group import TaskGroup
from tui.widgets.row_groups import RowGroups


def group(key: str, count: int) -> TaskGroup:
    return TaskGroup(
        kind="type", key=key, count=count, label=key, newest=task(1), first=NOW - 9_000, last=NOW
    )


SIZES = st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=6)


@given(SIZES, st.none() | st.integers(0, 30), st.data())
def test_each_row_has_one_place_or_stands_behind_its_head(sizes, keep, data) -> None:
    groups = [group(f"g{number}", count) for number, (count, _) in enumerate(sizes)]
    unfolded = {f"g{number}" for number, (_, is_unfolded) in enumerate(sizes) if is_unfolded}
    count = sum(size for size, _ in sizes)
    kept = keep if keep is not None and keep < count else None
    layout = RowGroups(groups, unfolded, keep)
    expected: list[object] = []
    first = 0
    for one in groups:
        rows = range(first, first + one.count)
        expected.append(one.key)
        expected += rows if one.key in unfolded else [kept] if kept in rows else []
        assert all(layout.group_of(row) is one for row in rows)
        first += one.count
    assert layout.places == len(expected)
    assert layout.is_all_folded is (len(expected) == len(groups))
    for place, what in enumerate(expected):
        if isinstance(what, str):
            assert (layout.row_at(place), layout.head_at(place)) == (None, what)
            assert layout.place_of_head(what) == place
            assert layout.find_group(what) is layout.group_at(place)
        else:
            assert (layout.row_at(place), layout.head_at(place), layout.group_at(place)) == (what, None, None)
    shown = [row for row in expected if isinstance(row, int)]
    assert [layout.place_of(row) for row in range(count)] == [
        expected.index(row) if row in shown else None for row in range(count)
    ]
    start, end = sorted(data.draw(st.tuples(st.integers(0, 40), st.integers(0, 40))))
    assert [row for rows in layout.row_ranges(start, end) for row in rows] == [
        row for row in expected[start:end] if isinstance(row, int)
    ]


def test_what_is_not_there_has_no_place() -> None:
    layout = RowGroups([group("a", 2)], {"a"}, None)
    assert (layout.place_of_head("b"), layout.find_group("b")) == (None, None)
    assert (layout.row_at(9), layout.head_at(9), layout.place_of(7)) == (None, None, None)
