"""Counts the runs of one group: how many, how they ended, how long they waited and ran."""

from __future__ import annotations

from array import array
from collections import Counter

from msgspec import Struct

from backend_adapters.model import Millis, TaskStatus
from tui.monitor.history.statistics import Trend, find_percentile, find_trend

_SUCCESS = TaskStatus.SUCCESS.value
_FAILURES = (TaskStatus.FAILED.value, TaskStatus.PARTIAL.value)
_CANCELLED = TaskStatus.CANCELLED.value


class RunStatistics(Struct, frozen=True, kw_only=True):
    """What the runs of one group say; a percentile is None where no run tells of it."""

    runs: int
    """All of them, also those that have not ended."""
    succeeded: int
    failed: int
    """What failed in part only counts as well."""
    cancelled: int
    waited_p50: Millis | None
    waited_p95: Millis | None
    """Of those that somebody saw begin."""
    ran_p50: Millis | None
    ran_p95: Millis | None
    """Of those that succeeded."""
    trend: Trend | None
    """Of those that succeeded: how long they ran."""
    last: Millis | None
    """When the last one was heard of."""


class Tally:
    """Takes the runs of one group one after the other, in any order."""

    def __init__(self) -> None:
        self._statuses: Counter[str] = Counter()
        self._waited = array("q")
        self._moments = array("q")
        self._lengths = array("q")
        self._last: Millis | None = None

    def count_run(self, status: str, moment: Millis, length: Millis | None, waited: Millis | None) -> None:
        """Count a run; `length` is how long it ran, and is used of a success only."""
        self._statuses[status] += 1
        if waited is not None:
            self._waited.append(waited)
        if status == _SUCCESS and length is not None:
            self._moments.append(moment)
            self._lengths.append(length)
        if self._last is None or moment > self._last:
            self._last = moment

    def make_statistics(self) -> RunStatistics:
        """What the runs say that were counted."""
        waited, lengths = sorted(self._waited), sorted(self._lengths)
        return RunStatistics(
            runs=self._statuses.total(),
            succeeded=self._statuses[_SUCCESS],
            failed=sum(self._statuses[status] for status in _FAILURES),
            cancelled=self._statuses[_CANCELLED],
            waited_p50=find_percentile(waited, 50),
            waited_p95=find_percentile(waited, 95),
            ran_p50=find_percentile(lengths, 50),
            ran_p95=find_percentile(lengths, 95),
            trend=self._find_trend(),
            last=self._last,
        )

    def _find_trend(self) -> Trend | None:
        """The trend of the lengths, whose moments need not be in order."""
        order = sorted(range(len(self._moments)), key=self._moments.__getitem__)
        return find_trend([self._lengths[at] for at in order])
