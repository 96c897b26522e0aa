"""What many runs of one kind say: how long they take, how often they succeed, when one of them ends.

Everything here is a function of numbers. Durations are milliseconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from msgspec import Struct

from backend_adapters.model import Millis
from tui import text

FEWEST_SUCCESSES = 5
"""From fewer it is not said how long a task usually takes, nor when one ends."""
FEWEST_IN_THIRD = 3
"""A third of the runs with fewer says nothing of a trend."""
LONG_SHARE = 95
"""Percent of the runs that one must have outlasted to be called long."""


class UsualRange(Struct, frozen=True):
    """Between these two are the durations of most runs: all but a tenth at either end."""

    least: Millis
    most: Millis

    def describe(self, *, ascii: bool) -> str:
        """`usually 38m–51m`, or `usually 5s` where both read the same."""
        least, most = map(text.format_duration, (self.least, self.most))
        return f"usually {least}" + ("" if least == most else f"{'-' if ascii else '–'}{most}")


class Trend(Struct, frozen=True):
    """How the last third of the runs compares with the first third, by their medians."""

    first: Millis
    last: Millis

    @property
    def percent(self) -> int | None:
        """By how many percent the last third takes longer; negative for shorter, None beside nothing."""
        return round((self.last - self.first) * 100 / self.first) if self.first else None


class Estimate(Struct, frozen=True):
    """When a running task ends, judged by what others of its kind took."""

    runs: int
    """So many successes it is judged by."""
    usual: UsualRange
    left: Millis | None
    """The median of what those took longer that had not ended by now; None once it is a long one."""
    outlasted: int
    """How many of the runs took less time than it has taken already."""

    @property
    def is_long(self) -> bool:
        """Whether it has outlasted at least 95 % of the runs."""
        return self.outlasted * 100 >= self.runs * LONG_SHARE

    @property
    def outlasted_percent(self) -> int:
        """The share of the runs that it has outlasted; 100 only for all of them."""
        return self.outlasted * 100 // self.runs

    def describe(self, *, ascii: bool) -> str:
        """`about 12m left; usually 38m–51m`, or `longer than 95 % of 23 runs; usually 38m–51m`."""
        return f"{self.describe_end()}; {self.usual.describe(ascii=ascii)}"

    def describe_end(self) -> str:
        """`about 12m left`, or `longer than 95 % of 23 runs`: of a long one no end is told."""
        if self.left is not None:
            return f"about {text.format_duration(self.left)} left"
        share = self.outlasted_percent
        which = "all" if share == 100 else f"{share} % of"
        return f"longer than {which} {text.format_count(self.runs)} runs"


def find_percentile(lengths: Sequence[Millis], percent: int) -> Millis | None:
    """The least of the sorted lengths that `percent` of them are not above; None for none.

    It is always one of the lengths, never something between two.
    """
    if not lengths:
        return None
    return lengths[find_rank(len(lengths), percent)]


def find_rank(count: int, percent: int) -> int:
    """Where the percentile stands among `count` sorted values, from 0 on."""
    return max(0, -(-count * percent // 100) - 1)


def find_usual_range(lengths: Sequence[Millis]) -> UsualRange | None:
    """What most of the sorted lengths lie between; None where there are too few to say."""
    if len(lengths) < FEWEST_SUCCESSES:
        return None
    edge = len(lengths) // 10
    return UsualRange(lengths[edge], lengths[-1 - edge])


def find_trend(lengths: Sequence[Millis]) -> Trend | None:
    """The trend of lengths in the order of time; None where there are too few to say."""
    third = len(lengths) // 3
    if third < FEWEST_IN_THIRD:
        return None
    first, last = sorted(lengths[:third]), sorted(lengths[-third:])
    return Trend(first[find_rank(third, 50)], last[find_rank(third, 50)])


def estimate_end(lengths: Sequence[Millis], elapsed: Millis) -> Estimate | None:
    """When a task ends that runs for `elapsed`, by the sorted lengths of the successes of its kind.

    None where there are too few of them.
    """
    usual = find_usual_range(lengths)
    if usual is None:
        return None
    ended = bisect_left(lengths, elapsed)
    estimate = Estimate(runs=len(lengths), usual=usual, left=None, outlasted=ended)
    longer = lengths[bisect_right(lengths, elapsed) :]
    if estimate.is_long or not longer:
        return estimate
    left = longer[find_rank(len(longer), 50)] - elapsed
    return Estimate(runs=len(lengths), usual=usual, left=left, outlasted=ended)


def find_success_percent(succeeded: int, failed: int) -> float | None:
    """The share of successes in percent, rounded down to a tenth; None where none has ended.

    It is 100 only where all succeeded.
    """
    ended = succeeded + failed
    return succeeded * 1000 // ended / 10 if ended else None


def format_success_rate(succeeded: int, failed: int) -> str:
    """The share of successes, never rounded up: `99.9 %` of 1,999 in 2,000; empty where none has ended.

    `100 %` means all, and `0 %` none.
    """
    percent = find_success_percent(succeeded, failed)
    if percent is None:
        return ""
    return "<0.1 %" if succeeded and not percent else f"{percent:g} %"
