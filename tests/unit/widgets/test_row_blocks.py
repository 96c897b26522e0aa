"""Where rows are drawn: unfinished tasks in a block above the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.task_table_app import TaskRows, task
from tui.widgets.list_cursor import FOLD_HEAD
from tui.widgets.row_blocks import RowBlocks, arrange_rows


def rows(running: int, waiting: int, ended: int) -> TaskRows:
    number = running + waiting + ended
    return TaskRows(map(task, range(number)), running=running, waiting=waiting)


@pytest.mark.parametrize(
    ("running", "waiting", "ended", "lines", "keep", "top", "folded"),
    [
        (0, 0, 50, 20, None, (), ""),
        (3, 0, 0, 20, None, (), ""),
        (3, 0, 50, 20, None, (0, 1, 2), ""),
        (3, 3, 50, 20, None, (0, 1, 2, 3, 4, 5), ""),
        (3, 2_412, 50, 20, None, (0, 1, 2, 3, 4), "+2410 waiting"),
        (0, 9, 50, 20, None, (0, 1, 2, 3, 4), "+4 waiting"),
        (17, 0, 50, 20, None, (0, 1, 2, 3, 4), "+12 running"),
        (17, 9, 50, 20, None, (0, 1, 2, 3, 4), "+12 running, 9 waiting"),
        (17, 9, 50, 20, 3, (0, 1, 2, 3, 4), "+12 running, 9 waiting"),
        (17, 9, 50, 20, 11, (0, 1, 2, 3, 11), "+12 running, 9 waiting"),
        (17, 9, 50, 20, 25, (0, 1, 2, 3, 25), "+13 running, 8 waiting"),
        (17, 9, 50, 20, 26, (0, 1, 2, 3, 4), "+12 running, 9 waiting"),
        (3, 0, 50, 5, None, (), ""),
        (3, 0, 50, 6, None, (0,), "+2 running"),
        (3, 0, 50, 6, 2, (2,), "+2 running"),
    ],
)
def test_what_runs_comes_first_and_what_has_no_room_is_one_line(
    running: int, waiting: int, ended: int, lines: int, keep: int | None, top: tuple[int, ...], folded: str
) -> None:
    blocks = arrange_rows(rows(running, waiting, ended), lines, keep)
    assert blocks.top == top
    assert (blocks.describe_folded() if blocks.folded else "") == folded


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(1, 60), st.integers(0, 120))
def test_each_row_has_one_place_or_is_folded(
    running: int, waiting: int, ended: int, lines: int, keep: int
) -> None:
    source = rows(running, waiting, ended)
    kept = keep if keep < len(source) else None
    blocks = arrange_rows(source, lines, kept)
    places = [blocks.place_of(row) for row in range(len(source))]
    shown = [place for place in places if place is not None]
    assert places.count(None) == blocks.folded
    heads = [blocks.place_of_head(FOLD_HEAD)] if blocks.folded else []
    assert sorted([*shown, *heads]) == list(range(blocks.places))
    assert [blocks.head_at(place) for place in heads] == [FOLD_HEAD] * len(heads)
    assert [row for rows in blocks.row_ranges(0, blocks.places) for row in rows] == [
        row for row, place in enumerate(places) if place is not None
    ]
    assert [blocks.row_at(place) for place in shown] == [
        row for row, place in enumerate(places) if place is not None
    ]
    if kept is not None:
        assert blocks.place_of(kept) is not None, "the cursor is never folded"
    if blocks != RowBlocks(count=len(source)):
        assert blocks.height <= lines // 3, "never more than a third"
