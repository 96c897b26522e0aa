"""Counts the runs of one group: how many, how they ended, how long they waited and ran."""

from __future__ import annotations

import operator
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from backend_adapters.model import Millis, TaskStatus
from tui.monitor.history.statistics import Trend, find_percentile, find_trend

SUCCESS_WORD = TaskStatus.SUCCESS.value
"""What the file has for a success."""
_FAILURES = (TaskStatus.FAILED.value, TaskStatus.PARTIAL.value)
_CANCELLED = TaskStatus.CANCELLED.value
COUNTED_WORDS = (SUCCESS_WORD, *_FAILURES, _CANCELLED)
"""What the file has for each end of a task."""


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
        self._number = 0
        self._words: Counter[str] = Counter()
        self._waits = array("q")
        self._moments = array("q")
        self._lengths = array("q")
        self._last: Millis | None = None

    def count_run(self, status: str, moment: Millis, length: Millis | None, waited: Millis | None) -> None:
        """Count a run; `length` is how long it ran, and is used of a success only."""
        self.count_runs(1, {status: 1}, moment)
        if waited is not None:
            self.add_waits([waited])
        if status == SUCCESS_WORD and length is not None:
            self.add_lengths([moment], [length])

    def count_runs(self, number: int, words: Mapping[str, int], last: Millis) -> None:
        """Count runs, and how many of them ended with each of `COUNTED_WORDS`."""
        self._number += number
        self._words.update(words)
        if self._last is None or last > self._last:
            self._last = last

    def add_waits(self, waits: Iterable[Millis]) -> None:
        """Add how long runs waited that are counted otherwise."""
        self._waits.extend(waits)

    def add_lengths(self, moments: Iterable[Millis], lengths: Iterable[Millis]) -> None:
        """Add how long successes ran, and when each ended, that are counted otherwise."""
        self._moments.extend(moments)
        self._lengths.extend(lengths)

    def make_statistics(self) -> RunStatistics:
        """What the runs say that were counted."""
        waited, lengths = sorted(self._waits), sorted(self._lengths)
        return RunStatistics(
            runs=self._number,
            succeeded=self._words[SUCCESS_WORD],
            failed=sum(self._words[status] for status in _FAILURES),
            cancelled=self._words[_CANCELLED],
            waited_p50=find_percentile(waited, 50),
            waited_p95=find_percentile(waited, 95),
            ran_p50=find_percentile(lengths, 50),
            ran_p95=find_percentile(lengths, 95),
            trend=self._find_trend(),
            last=self._last,
        )

    def _find_trend(self) -> Trend | None:
        """The trend of the lengths, whose moments need not be in order."""
        if all(map(operator.le, self._moments, self._moments[1:])):
            return find_trend(self._lengths)
        order = sorted(range(len(self._moments)), key=self._moments.__getitem__)
        return find_trend([self._lengths[at] for at in order])
