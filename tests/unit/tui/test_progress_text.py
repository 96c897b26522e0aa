"""How far a task is: a percentage, a bar, an amount in words."""

from __future__ import annotations

import pytest

from tests.unit.fakes import S, task
from tui.progress_text import describe_progress, draw_bar, draw_percent, find_percent
from tui.text import cell_width


@pytest.mark.parametrize(
    ("done", "total", "percent"),
    [(0, 200, 0), (1, 200, 0), (199, 200, 99), (200, 200, 100), (250, 200, 100), (-3, 200, 0), (5, 0, None)],
)
def test_a_percentage_is_within_its_bounds_and_never_early(
    done: int, total: int, percent: int | None
) -> None:
    assert find_percent(task(1, progress=done, progress_total=total)) == percent


def test_without_a_total_or_after_the_end_there_is_none() -> None:
    assert find_percent(task(1, progress=5)) is None
    assert find_percent(task(1, progress_total=5)) is None
    assert find_percent(task(1, S.CANCELLED, progress=5, progress_total=9)) is None


@pytest.mark.parametrize("percent", range(101))
@pytest.mark.parametrize("ascii", [False, True])
def test_a_bar_fills_its_room_exactly(percent: int, ascii: bool) -> None:
    for width in (4, 7, 24):
        bar = draw_bar(percent, width, ascii=ascii)
        assert cell_width(bar) == width
        assert bar.isascii() is ascii
    assert cell_width(draw_percent(percent, 15, ascii=ascii)) == 15


def test_less_room_has_the_number_alone_or_nothing() -> None:
    assert draw_percent(50, 7, ascii=False) == " 50%"
    assert draw_percent(50, 3, ascii=False) == ""


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ""),
        ({"progress": 0}, ""),
        ({"progress": 41_123}, "41,123"),
        ({"progress": 40, "progress_total": 100, "progress_unit": "%"}, "40%"),
        (
            {"progress": 4_360_551, "progress_total": 8_790_000, "progress_unit": "lines"},
            "4,360,551 of 8,790,000 lines",
        ),
        ({"progress": 0, "progress_total": 20}, "0 of 20"),
    ],
)
def test_the_amount_is_told_in_words_where_there_is_one(fields: dict[str, object], words: str) -> None:
    assert describe_progress(task(1, **fields)) == words
