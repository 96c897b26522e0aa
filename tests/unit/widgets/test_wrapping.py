"""Where long lines are broken, and on which rows they lie."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text import cell_width, sanitize
from tui.widgets.wrapping import WrappedRows, begin_rows, wrap_line


def rows(line: str, width: int) -> list[str]:
    """A line as it is drawn."""
    hang, starts = wrap_line(line, width)
    ends = (*starts[1:], len(line))
    return [" " * (hang if start else 0) + line[start:end] for start, end in zip(starts, ends, strict=True)]


@pytest.mark.parametrize(
    ("line", "width", "expected"),
    [
        ("", 10, [""]),
        ("just right", 10, ["just right"]),
        ("a.b.c: startup failed", 12, ["a.b.c: ", "  startup ", "  failed"]),
        ("    at org.Some.where(Some.java)", 20, ["    at org.Some.", "      where(Some.", "      java)"]),
        ("g.V().path().limit(10)", 12, ["g.V().path()", "  .limit(10)"]),
        ("g.V().paths().limit(10)", 12, ["g.V().", "  paths().", "  limit(10)"]),
        ("x" * 25, 10, ["x" * 10, "  " + "x" * 8, "  " + "x" * 7]),
        ("on abcdefghijklm", 10, ["on abcdefg", "  hijklm"]),
        ("one abcdefghijkl", 10, ["one ", "  abcdefgh", "  ijkl"]),
        ("abc defghijklm", 12, ["abc defghijk", "  lm"]),
        ("abcd efghijklmn", 12, ["abcd ", "  efghijklmn"]),
        ("图a bcdefghijklm", 12, ["图a bcdefghi", "  jklm"]),
        ("图ab cdefghijklm", 12, ["图ab ", "  cdefghijkl", "  m"]),
        ("图谱任务失败", 5, ["图谱", "  任", "  务", "  失", "  败"]),
        ("e\u0301" * 6, 4, ["e\u0301" * 4, "  " + "e\u0301" * 2]),
        ("ab=\u0301cd", 4, ["ab=\u0301", "  cd"]),
        (" " * 9 + "deep words", 10, [" " * 9 + "d", "     eep ", "     words"]),
    ],
)
def test_a_line_is_broken_where_it_reads_well(line: str, width: int, expected: list[str]):
    assert rows(line, width) == expected


texts = st.text(st.sampled_from("ab xy.,;:/)(=中文字é\u0301😀⟨") | st.characters(), max_size=200).map(
    sanitize
)


@given(st.integers(0, 30), texts, st.integers(2, 60))
def test_rows_fit_and_lose_nothing(indent: int, text: str, width: int):
    line = " " * indent + text
    hang, starts = wrap_line(line, width)
    drawn = rows(line, width)
    assert all(cell_width(row) <= width for row in drawn)
    assert "".join([drawn[0], *(row[hang:] for row in drawn[1:])]) == line
    assert all(row[hang:] for row in drawn[1:])
    assert [wrap_line(line, width).row_of(start) for start in starts] == list(range(len(starts)))


@given(st.lists(texts, min_size=1, max_size=30), st.integers(2, 40), st.integers(1, 2000))
def test_rows_and_lines_lead_to_each_other(lines: list[str], width: int, slice_: int):
    laid = WrappedRows(lines.__getitem__, len(lines), width)
    assert len(laid) == len(lines)
    while not laid.is_complete:
        places = [laid.locate_row(row) for row in range(len(laid))]
        assert places == sorted(set(places))
        assert [laid.first_row_of(line) for line in range(len(lines))] == [
            row for row, place in enumerate(places) if place[1] == 0
        ]
        laid.measure_more(slice_)
    heights = [len(rows(line, width)) for line in lines]
    assert [laid.height_of(line) for line in range(len(lines))] == heights
    assert len(laid) == sum(heights)


def test_the_scrollbar_takes_its_column_only_where_it_is_needed():
    lines = ["x" * 20] * 5
    assert begin_rows(lines.__getitem__, 5, (20, 5), 1).width == 20
    assert begin_rows(lines.__getitem__, 5, (20, 4), 1).width == 19
    assert begin_rows(lines.__getitem__, 5, (19, 5), 1).width == 18


def test_measuring_goes_on_in_slices():
    laid = WrappedRows(lambda number: f"{number} " * 100, 1000, 50)
    laid.measure_more(5000)
    assert 0 < laid.measured_lines < 50
