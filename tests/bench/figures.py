"""What a bench hands over: one line of JSON for each figure, which `python -m tests.bench` gathers."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    what: str
    ours: float
    unit: str
    goal: str = ""
    """The goal as the issue words it; empty for a row that only compares."""
    limit: float | None = None
    """What the measure may be at the most: the ratio where there is a baseline and `by_ratio`, else ours."""
    baseline: float | None = None
    against: str = ""
    """What the baseline is."""
    by_ratio: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours by the baseline's; None where there is none."""
        return None if self.baseline is None or not self.baseline else self.ours / self.baseline

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None for a row without one."""
        if self.limit is None:
            return None
        measure = self.ratio if self.by_ratio else self.ours
        return measure is not None and measure <= self.limit


def report(*figures: Figure) -> None:
    """Hand figures over to whoever started this process."""
    for figure in figures:
        sys.stdout.write(msgspec.json.encode(figure).decode() + "\n")
    sys.stdout.flush()


def interleaved(works: list[Callable[[], float]], repeats: int) -> list[list[float]]:
    """What each of some works measures, taken in turns so that a drift of the machine hits all alike.

    A first round warms up and is thrown away.
    """
    rounds = [[work() for work in works] for _ in range(repeats + 1)]
    return [list(measured) for measured in zip(*rounds[1:], strict=True)]


def median(numbers: list[float]) -> float:
    """The middle one."""
    return float(statistics.median(numbers))


def percentile(numbers: list[float], percent: float) -> float:
    """The smallest number that so many percent of all do not exceed."""
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
