"""The columns of the list of places: which there is room for, and how wide they are."""

from __future__ import annotations

import pytest

from tui.text import cell_width
from tui.widgets.place_list import COLUMN_GAP_CELLS, HEADS, fit_place_columns

WIDTHS = {key: max(cell_width(head), 8) for key, head in HEADS.items()} | {"name": 30, "version": 15}


def width_of(columns: dict[str, int]) -> int:
    return sum(columns.values()) + COLUMN_GAP_CELLS * (len(columns) - 1)


@pytest.mark.parametrize(
    ("room", "left_out", "name"),
    [
        (200, "", 30),
        (119, "", 30),
        (113, "", 24),
        (109, "", 20),
        (108, "requests", 29),
        (90, "requests version", 28),
        (60, "oldest latency requests version", 18),
        (50, "waiting oldest latency requests version", 18),
        (40, "waiting failed oldest latency requests version", 20),
        (30, "waiting failed oldest latency requests version", 10),
    ],
)
def test_what_has_no_room_is_left_out_and_the_name_is_cut(room: int, left_out: str, name: int) -> None:
    columns = fit_place_columns(WIDTHS, room)
    assert " ".join(key for key in HEADS if key not in columns) == left_out
    assert columns["name"] == name
    assert width_of(columns) <= room


@pytest.mark.parametrize("room", range(0, 130))
def test_it_never_fails_and_uses_the_room(room: int) -> None:
    columns = fit_place_columns(WIDTHS, room)
    assert {"name", "state"} <= set(columns)
    assert columns["name"] >= 1
    assert list(columns) == [key for key in HEADS if key in columns], "in their order"
