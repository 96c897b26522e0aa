"""The table `[findings]`: which rules look for problems, and the threshold at which each speaks up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

from tui.config.settings import InvalidValue

FindingValue: TypeAlias = bool | float


class FindingSetting(Struct, frozen=True, kw_only=True):
    """A rule that can be off, or a threshold of one."""

    name: str
    about: str
    """What it means, for the example and the schema."""
    default: FindingValue
    least: float = 0
    most: float = 0
    """The bounds of a number; a bool has none."""
    is_whole: bool = True
    """Whether a number has no decimal places."""

    @property
    def is_rule(self) -> bool:
        """Whether it is a rule, which is on or off."""
        return isinstance(self.default, bool)

    def parse_toml(self, value: object) -> FindingValue:
        """The checked value from the config file. Raises InvalidValue."""
        if self.is_rule:
            if not isinstance(value, bool):
                raise InvalidValue("must be true or false")
            return value
        wanted = (int,) if self.is_whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, wanted) or not self.least <= value <= self.most:
            kind = "a whole number" if self.is_whole else "a number"
            raise InvalidValue(f"must be {kind} between {self.least:g} and {self.most:.0f}")
        return value


def _make_rule(name: str, about: str) -> FindingSetting:
    return FindingSetting(name=name, about=about, default=True)


_DAY = 86_400
_MOST_TASKS = 100_000_000

FINDING_SETTINGS = (
    _make_rule("slow", "a task runs much longer than others of its kind did"),
    FindingSetting(
        name="slow_times",
        about="it has run this many times as long as the median of its kind",
        default=1.5,
        least=1,
        most=1000,
        is_whole=False,
    ),
    FindingSetting(
        name="slow_percent",
        about="and longer than this percentage of its kind",
        default=95,
        least=50,
        most=100,
    ),
    FindingSetting(
        name="slow_after",
        about="and this many seconds: shorter tasks concern nobody",
        default=10,
        least=0,
        most=30 * _DAY,
    ),
    FindingSetting(
        name="fewest_runs",
        about="successes of its kind that are needed before one is called slow",
        default=5,
        least=2,
        most=1000,
    ),
    _make_rule("waiting", "a task waits longer than slow_percent of its kind did"),
    FindingSetting(
        name="waiting_after",
        about="seconds that it must have waited before that is looked at",
        default=60,
        least=1,
        most=30 * _DAY,
    ),
    _make_rule("stuck", "a task is being cancelled, deleted or scheduled and nothing happens"),
    FindingSetting(
        name="stuck_after",
        about="seconds after which such a task is stuck",
        default=60,
        least=5,
        most=30 * _DAY,
    ),
    _make_rule("unscheduled", "a task is scheduled, and later ones have run before it"),
    _make_rule("restarted", "a task has shown no sign of life since its server was restarted"),
    _make_rule("lost_server", "a task runs on a server of which no other task has come since"),
    _make_rule("restored", "a task is begun again and again"),
    FindingSetting(
        name="restored_times",
        about="this many times",
        default=3,
        least=1,
        most=1000,
    ),
    _make_rule("silent", "a silent task couldn't be deleted, or one beside it ran out of memory"),
    FindingSetting(
        name="silent_after",
        about="seconds without an update after which a running task is silent",
        default=3600,
        least=60,
        most=30 * _DAY,
    ),
    _make_rule("no_result", "a task succeeded and has no result; known once its detail was read"),
    _make_rule("empty_result", "a script succeeded with an empty result, and may have done nothing"),
    _make_rule("unreadable", "a server fails to read the record of a task"),
    _make_rule("too_heavy", "a server stops answering when it is asked for a task"),
    _make_rule("failures", "many tasks failed for the same reason"),
    FindingSetting(
        name="failures_alike",
        about="this many failures for the same reason are a problem",
        default=3,
        least=2,
        most=_MOST_TASKS,
    ),
    FindingSetting(
        name="failures_within",
        about="seconds: older failures don't count",
        default=_DAY,
        least=60,
        most=3650 * _DAY,
    ),
    _make_rule("no_answer", "a place does not answer"),
    FindingSetting(
        name="no_answer_after",
        about="seconds without an answer before that is told",
        default=10,
        least=0,
        most=_DAY,
    ),
    _make_rule("clock", "the clock of a server is off"),
    FindingSetting(
        name="clock_off",
        about="seconds that it may differ from the one of this machine",
        default=30,
        least=5,
        most=365 * _DAY,
    ),
    _make_rule("queue", "so many tasks wait that the server will soon take no more"),
    FindingSetting(
        name="queue_tasks",
        about="this many waiting tasks are too many; a graph takes 10000",
        default=8000,
        least=1,
        most=_MOST_TASKS,
    ),
    _make_rule("finished", "a graph holds so many finished tasks that its server restarts slowly"),
    FindingSetting(
        name="finished_tasks",
        about="this many finished tasks are too many",
        default=200_000,
        least=1,
        most=_MOST_TASKS,
    ),
)
"""All of them, in the order of the example; each rule stands before its thresholds."""


class FindingLimits(Struct, frozen=True, kw_only=True):
    """The rules that are on and their thresholds, as `FINDING_SETTINGS` explains them; times in seconds."""

    slow: bool = True
    slow_times: float = 1.5
    slow_percent: int = 95
    slow_after: int = 10
    fewest_runs: int = 5
    waiting: bool = True
    waiting_after: int = 60
    stuck: bool = True
    stuck_after: int = 60
    unscheduled: bool = True
    restarted: bool = True
    lost_server: bool = True
    restored: bool = True
    restored_times: int = 3
    silent: bool = True
    silent_after: int = 3600
    no_result: bool = True
    empty_result: bool = True
    unreadable: bool = True
    too_heavy: bool = True
    failures: bool = True
    failures_alike: int = 3
    failures_within: int = _DAY
    no_answer: bool = True
    no_answer_after: int = 10
    clock: bool = True
    clock_off: int = 30
    queue: bool = True
    queue_tasks: int = 8000
    finished: bool = True
    finished_tasks: int = 200_000


def make_finding_limits(values: Mapping[str, object]) -> FindingLimits:
    """The limits with what the config file sets, by the names of the settings."""
    return FindingLimits(**values)  # type: ignore[arg-type]
