"""How long to wait before something that failed is tried again."""

from __future__ import annotations

_MOST_DOUBLINGS = 10


def backoff_seconds(failures: int, first: float, longest: float) -> float:
    """Seconds to wait after a number of failures in a row: `first`, doubled each time up to `longest`."""
    return min(longest, first * 2.0 ** min(failures - 1, _MOST_DOUBLINGS))


def next_pause(previous: float | None, first: float, longest: float) -> float:
    """The same from the pause before: `first` where there was none, else twice as long up to `longest`."""
    return first if previous is None else min(longest, 2 * previous)
