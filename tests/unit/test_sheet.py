"""Small tables within a text: cut to the room there is, paths keep their ends."""

from __future__ import annotations

import pytest

from backend_adapters.model import Sheet
from tui.text import cell_width
from tui.widgets.sheet import drawn, fitted

FILES = Sheet(
    title="Files",
    heads=("KIND", "PATH", "STATUS", "TOTAL", "FAILED", "LOG"),
    rows=(
        ("edge", "lake/fraud/2026/11/23/transactions.csv", "partFailed", "1200", "45", ""),
        ("vertex", "lake/用户.csv", "success", "", "", ""),
    ),
    numbers=frozenset({3, 4}),
)


def lines(sheet: Sheet, width: int) -> list[str]:
    return [content.plain for content in drawn(sheet, width, ascii=False)]


def test_columns_stand_under_their_heads_and_a_column_without_values_is_left_out() -> None:
    assert lines(FILES, 100) == [
        "KIND    PATH                                    STATUS      TOTAL  FAILED",
        "edge    lake/fraud/2026/11/23/transactions.csv  partFailed   1200      45",
        "vertex  lake/用户.csv                           success         –       –",
    ]


def test_in_little_room_the_widest_column_gives_way_and_keeps_its_end() -> None:
    shown = lines(FILES, 50)
    assert max(map(cell_width, shown)) <= 50
    assert "…ansactions.csv" in shown[1]


@pytest.mark.parametrize("width", [1, 10, 20, 33, 47, 80])
def test_no_line_is_wider_than_the_room(width: int) -> None:
    assert max(map(cell_width, lines(FILES, width))) <= width


def test_what_a_server_says_in_a_cell_is_harmless() -> None:
    bad = Sheet(title="x", heads=("A",), rows=(("\x1b[2Jone\ntwo\u202e",),))
    assert "\x1b" not in "".join(lines(bad, 40))
    assert len(lines(bad, 40)) == 2


def test_widths_fit_with_their_gaps_and_narrow_columns_stay() -> None:
    assert fitted([4, 30, 10], 30) == [4, 12, 10]
    assert fitted([4, 5], 30) == [4, 5]
    assert fitted([], 10) == []
