"""The times in which nobody watched a place: what lies between those in which some graphtop did."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from backend_adapters.model import Millis
from tui.monitor.history.records import WatchSpan

SHORTEST_GAP: Millis = 15_000
"""A shorter time without an answer is that between two polls, or a start after an end."""


class WatchGap(WatchSpan, frozen=True):
    """A time in which nobody watched a place, by the own clock."""


def join_spans(spans: Iterable[WatchSpan]) -> list[WatchSpan]:
    """The spans of all graphtops together, in order, with no two that touch."""
    joined: list[WatchSpan] = []
    for span in sorted(spans, key=lambda span: span.began):
        if span.ended < span.began:
            continue
        if joined and span.began - joined[-1].ended < SHORTEST_GAP:
            last = joined[-1]
            joined[-1] = WatchSpan(last.began, max(last.ended, span.ended))
        else:
            joined.append(span)
    return joined


def find_gaps(joined: Sequence[WatchSpan], began: Millis, ended: Millis) -> list[WatchGap]:
    """The gaps between two times, of spans as `join_spans` gives them; each within these times."""
    gaps: list[WatchGap] = []
    at = began
    for span in joined[max(0, bisect_right(joined, began, key=lambda span: span.began) - 1) :]:
        if span.began >= ended:
            break
        if span.began - at >= SHORTEST_GAP:
            gaps.append(WatchGap(at, span.began))
        at = max(at, span.ended)
    if ended - at >= SHORTEST_GAP:
        gaps.append(WatchGap(at, ended))
    return gaps
