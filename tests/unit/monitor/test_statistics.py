"""What many runs of one kind say."""

from __future__ import annotations

import statistics

import pytest

from tui.monitor.history.statistics import (
    Trend,
    UsualRange,
    estimate_end,
    find_percentile,
    find_trend,
    find_usual_range,
    format_success_rate,
)

MINUTE = 60_000


@pytest.mark.parametrize(
    ("lengths", "median", "p95"),
    [([], None, None), ([7], 7, 7), ([1, 2], 1, 2), ([1, 2, 3], 2, 3), (list(range(1, 101)), 50, 95)],
)
def test_a_percentile_is_one_of_the_lengths(lengths: list[int], median, p95) -> None:
    assert find_percentile(lengths, 50) == median
    assert find_percentile(lengths, 95) == p95


@pytest.mark.parametrize("count", [1, 5, 19, 20, 21, 23, 100, 1000])
def test_at_least_so_many_percent_are_not_above_a_percentile(count: int) -> None:
    lengths = [3 * n for n in range(count)]
    for percent in (1, 50, 95, 100):
        found = find_percentile(lengths, percent)
        assert sum(one <= found for one in lengths) * 100 >= percent * count
        assert sum(one < found for one in lengths) * 100 < percent * count


@pytest.mark.parametrize("count", [3, 5, 21, 101])
def test_the_median_of_an_odd_number_is_that_of_the_standard_library(count: int) -> None:
    lengths = sorted((n * 7919) % 1013 for n in range(count))
    assert find_percentile(lengths, 50) == statistics.median(lengths)


@pytest.mark.parametrize(
    ("succeeded", "failed", "words"),
    [
        (0, 0, ""),
        (1, 0, "100 %"),
        (0, 3, "0 %"),
        (2, 1, "66.6 %"),
        (1_999, 1, "99.9 %"),
        (999_999, 1, "99.9 %"),
        (10**9, 1, "99.9 %"),
        (1, 10**6, "<0.1 %"),
        (1, 1, "50 %"),
        (995, 5, "99.5 %"),
        (10**9, 0, "100 %"),
    ],
)
def test_a_success_rate_is_never_rounded_up(succeeded: int, failed: int, words: str) -> None:
    assert format_success_rate(succeeded, failed) == words


def test_the_usual_range_leaves_out_a_tenth_at_either_end() -> None:
    assert find_usual_range([1, 2, 3, 4]) is None
    assert find_usual_range([1, 2, 3, 4, 5]) == UsualRange(1, 5)
    assert find_usual_range(list(range(1, 21))) == UsualRange(3, 18)
    assert UsualRange(5000, 5999).describe(ascii=False) == "usually 5s"


def test_a_trend_compares_the_last_third_with_the_first() -> None:
    assert find_trend([1] * 8) is None
    assert find_trend([10, 10, 90, 1, 1, 1, 15, 15, 15]) == Trend(10, 15)
    assert Trend(10, 15).percent == 50
    assert Trend(10, 5).percent == -50
    assert Trend(0, 5).percent is None


def test_no_end_is_told_from_fewer_than_five_successes() -> None:
    assert estimate_end([1, 2, 3, 4], 0) is None


def test_the_time_that_is_left_is_the_median_of_those_that_took_longer() -> None:
    lengths = [n * MINUTE for n in (38, 40, 44, 48, 51)]
    estimate = estimate_end(lengths, 32 * MINUTE)
    assert estimate.describe(ascii=False) == "about 12m left; usually 38m–51m"
    assert estimate.describe(ascii=True) == "about 12m left; usually 38m-51m"
    # Two are over by now: of 44, 48 and 51 minutes 48 is in the middle.
    assert estimate_end(lengths, 42 * MINUTE).left == 6 * MINUTE
    assert estimate_end(lengths, 51 * MINUTE).left is None


@pytest.mark.parametrize(
    ("elapsed", "words"),
    [
        (21, "about 0s left"),
        (22, "about 0s left"),
        (23, "longer than 95 % of 23 runs"),
        (24, "longer than all 23 runs"),
    ],
)
def test_past_the_95th_percentile_no_end_is_told(elapsed: int, words: str) -> None:
    estimate = estimate_end(list(range(1, 24)), elapsed)
    assert estimate.describe_end() == words
    assert estimate.is_long is (elapsed > 22)
    assert (estimate.left is None) is estimate.is_long


@pytest.mark.parametrize("count", [5, 7, 20, 50])
def test_what_is_left_is_never_negative(count: int) -> None:
    lengths = [n * 10 for n in range(1, count + 1)]
    for elapsed in range(0, count * 10 + 20, 5):
        left = estimate_end(lengths, elapsed).left
        assert left is None or left > 0
