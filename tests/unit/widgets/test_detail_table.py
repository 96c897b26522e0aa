"""Small tables within a text: columns where there is room, else lines; paths keep their ends."""

from __future__ import annotations

import pytest

from backend_adapters.model import Sheet
from tui.text import cell_width
from tui.widgets.detail_table import draw_sheet

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
    return [content.plain for content in draw_sheet(sheet, width, ascii=False)]


def test_columns_stand_under_their_heads_and_a_column_without_values_is_left_out() -> None:
    assert lines(FILES, 100) == [
        "KIND    PATH                                    STATUS      TOTAL  FAILED",
        "edge    lake/fraud/2026/11/23/transactions.csv  partFailed   1200      45",
        "vertex  lake/用户.csv                           success         –       –",
    ]


def test_in_less_room_a_long_text_gives_way_and_keeps_its_end() -> None:
    assert lines(FILES, 53) == [
        "KIND    PATH                STATUS      TOTAL  FAILED",
        "edge    …/transactions.csv  partFailed   1200      45",
        "vertex  lake/用户.csv       success         –       –",
    ]


def test_in_little_room_each_row_has_lines_of_its_own() -> None:
    assert lines(FILES, 40) == [
        "edge …/fraud/2026/11/23/transactions.csv",
        "  status partFailed · total 1200",
        "  failed 45",
        "vertex lake/用户.csv",
        "  status success",
    ]


@pytest.mark.parametrize("width", [1, 10, 20, 33, 47, 60, 80])
def test_no_line_is_wider_than_the_room(width: int) -> None:
    assert max(map(cell_width, lines(FILES, width))) <= width


def test_what_a_server_says_in_a_cell_is_harmless() -> None:
    bad = Sheet(title="x", heads=("A",), rows=(("\x1b[2Jone\ntwo\u202e",),))
    for width in (40, 3):
        assert not {"\x1b", "\n", "\u202e"} & set("".join(lines(bad, width)))


def test_a_sheet_without_rows_is_its_heads_at_most() -> None:
    assert len(lines(Sheet(title="x", heads=("A", "B"), rows=()), 40)) <= 1
