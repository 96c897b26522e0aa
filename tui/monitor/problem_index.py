"""The problems that are shown, by their tasks: what rows, tabs and filters ask for.

The findings themselves are found elsewhere; until the first are, there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from backend_adapters.model import Task, TaskKey
from tui.monitor.cooperative import Steps

if TYPE_CHECKING:
    from tui.monitor.findings.finding import Finding

KEYS_AT_ONCE = 500
"""Tasks that are taken between two checks of the time."""
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

    def replace_all(self, findings: Sequence[Finding]) -> Steps[list[TaskKey]]:
        """Take other findings; returns the keys of the tasks that became problems, or are none now."""
        now: dict[TaskKey, Finding] = {}
        for one in findings:
            for number, key in enumerate(_list_keys(one)):
                now.setdefault(key, one)
                if number % KEYS_AT_ONCE == 0:
                    yield
        before, self._by_task = self._by_task, now
        self.shown = tuple(findings)
        self.of_places = tuple(one for one in findings if one.task is None)
        changed: list[TaskKey] = []
        for number, key in enumerate(chain(before, (key for key in now if key not in before))):
            was, found = before.get(key), now.get(key)
            if was is None or found is None or was.rule != found.rule:
                changed.append(key)
            if number % KEYS_AT_ONCE == 0:
                yield
        return changed

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


def _list_keys(finding: Finding) -> Sequence[TaskKey]:
    """The tasks that stand for a finding."""
    if finding.task is None:
        return ()
    return (finding.task.key,) if finding.rule in ONE_FOR_ALL else (finding.task.key, *finding.keys)
