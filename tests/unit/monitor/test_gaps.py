"""The times in which nobody watched a place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.monitor.history.gaps import SHORTEST_GAP, WatchGap, find_gaps, join_spans
from tui.monitor.history.records import WatchSpan

SECOND = 1000


def test_gaps_are_what_no_graphtop_watched() -> None:
    spans = join_spans(
        [
            WatchSpan(100 * SECOND, 200 * SECOND),
            WatchSpan(0, 50 * SECOND),
            WatchSpan(20 * SECOND, 60 * SECOND),
            WatchSpan(205 * SECOND, 300 * SECOND),
        ]
    )
    assert spans == [WatchSpan(0, 60 * SECOND), WatchSpan(100 * SECOND, 300 * SECOND)]
    assert find_gaps(spans, 10 * SECOND, 290 * SECOND) == [WatchGap(60 * SECOND, 100 * SECOND)]
    assert find_gaps(spans, 70 * SECOND, 90 * SECOND) == [WatchGap(70 * SECOND, 90 * SECOND)]
    assert find_gaps(spans, 150 * SECOND, 400 * SECOND) == [WatchGap(300 * SECOND, 400 * SECOND)]
    assert find_gaps(spans, 110 * SECOND, 290 * SECOND) == []


def test_between_two_polls_or_at_a_quick_start_there_is_no_gap() -> None:
    spans = join_spans([WatchSpan(0, SECOND), WatchSpan(SHORTEST_GAP, 2 * SHORTEST_GAP)])
    assert spans == [WatchSpan(0, 2 * SHORTEST_GAP)]


def test_where_nobody_ever_watched_all_is_a_gap() -> None:
    assert find_gaps([], 0, 60 * SECOND) == [WatchGap(0, 60 * SECOND)]


TIMES = st.integers(0, 1000).map(lambda seconds: seconds * SECOND)
SPANS = st.lists(st.tuples(TIMES, TIMES).map(sorted).map(lambda two: WatchSpan(*two)), max_size=8)


@given(SPANS, TIMES, TIMES)
def test_no_moment_of_a_gap_was_watched_and_gaps_are_in_order(spans, one: int, other: int) -> None:
    began, ended = sorted((one, other))
    gaps = find_gaps(join_spans(spans), began, ended)
    edges = [edge for gap in gaps for edge in (gap.began, gap.ended)]
    assert edges == sorted(edges)
    assert all(began <= edge <= ended for edge in edges)
    for gap in gaps:
        assert gap.ended - gap.began >= SHORTEST_GAP
        assert not [span for span in spans if span.began < gap.ended and span.ended > gap.began]
