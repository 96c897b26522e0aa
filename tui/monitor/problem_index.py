"""The problems that are shown, by their tasks: what rows, tabs and filters ask for.

The findings themselves are found elsewhere; until the first are, there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_adapters.model import Task, TaskKey

if TYPE_CHECKING:
    from tui.monitor.findings.finding import Finding

ONE_FOR_ALL = frozenset({"failures"})
"""Rules whose newest task stands for all: what failed is told by its status."""


class ProblemIndex:
    """What needs a person now, without what a person has set aside."""

    def __init__(self) -> None:
        self.shown: tuple[Finding, ...] = ()
        """The most urgent first."""
        self.of_places: tuple[Finding, ...] = ()
        """Those of them that are about no task."""
        self.is_known = False
        """Whether it has been looked for any."""
        self._by_task: dict[TaskKey, Finding] = {}

    def replace_all(self, findings: Sequence[Finding]) -> list[TaskKey]:
        """Take other findings; returns the keys of the tasks that became problems, or are none now."""
        before = self._by_task
        self.shown = tuple(findings)
        self.of_places = tuple(one for one in findings if one.task is None)
        now: dict[TaskKey, Finding] = {}
        self._by_task = now
        for one in findings:
            if one.task is not None:
                for key in (one.task.key,) if one.rule in ONE_FOR_ALL else (one.task.key, *one.keys):
                    now.setdefault(key, one)
        return [
            key
            for key in {**before, **now}
            if key not in before or key not in now or before[key].rule != now[key].rule
        ]

    def find_problem(self, task: Task) -> Finding | None:
        """What is wrong with a task; None once it is in another state than when that was found."""
        found = self._by_task.get(task.key)
        if found is None or found.task is None:
            return None
        is_same = found.task.status.is_finished is task.status.is_finished
        if found.task.key == task.key:
            is_same = found.task.raw_status == task.raw_status
        return found if is_same else None

    def has_problem(self, task: Task) -> bool:
        """Whether something is wrong with a task."""
        return self.find_problem(task) is not None

    def find_rule(self, task: Task) -> str:
        """The rule that found something wrong with a task; empty where none did."""
        found = self.find_problem(task)
        return "" if found is None else found.rule
