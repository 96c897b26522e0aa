"""Applies the rules that are on to the tasks of one place, and to the place itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeAlias

from backend_adapters.model import Millis, Task
from tui.monitor.cooperative import Steps
from tui.monitor.findings.finding import RULES, Finding
from tui.monitor.findings.place_facts import PlaceFacts
from tui.monitor.findings.place_state import (
    count_kinds,
    find_full_queue,
    find_many_finished,
    find_silent_place,
    find_wrong_clock,
    is_queue_full,
)
from tui.monitor.findings.slow_tasks import find_long_wait, find_slow_task
from tui.monitor.findings.stuck_tasks import (
    find_lost_server,
    find_restarted_server,
    find_restored_task,
    find_silent_task,
    find_stuck_task,
    find_unscheduled_task,
)
from tui.monitor.findings.unreadable_tasks import find_heavy_tasks, find_unreadable_tasks
from tui.monitor.history.kinds import KindKey

TaskRule: TypeAlias = Callable[[Task, PlaceFacts], Finding | None]

TASK_RULES: dict[str, TaskRule] = {
    "unscheduled": find_unscheduled_task,
    "stuck": find_stuck_task,
    "lost_server": find_lost_server,
    "restarted": find_restarted_server,
    "restored": find_restored_task,
    "silent": find_silent_task,
    "slow": find_slow_task,
    "waiting": find_long_wait,
}
"""By their settings: the first one that finds something has said what matters of a task."""

LOOKED_AT_ONCE = 20
"""Tasks that are looked at between two checks of the time."""

_RANKS = {rule: rank for rank, rule in enumerate(RULES)}


def find_task_problem(task: Task, facts: PlaceFacts) -> Finding | None:
    """What is wrong with a task that has not ended; None where nothing is."""
    for name, rule in TASK_RULES.items():
        if getattr(facts.limits, name) and (found := rule(task, facts)) is not None:
            return found
    return None


def find_task_problems(facts: PlaceFacts) -> Steps[list[Finding]]:
    """What is wrong with the tasks of a place that have not ended, and with its queue."""
    ids = list(facts.store.unfinished)
    kinds, found = Counter[KindKey](), list[Finding]()
    counts = facts.limits.queue and is_queue_full(facts)
    for start in range(0, len(ids), LOOKED_AT_ONCE):
        known = (facts.store.find_task(task_id) for task_id in ids[start : start + LOOKED_AT_ONCE])
        # One may have gone meanwhile.
        tasks = [task for task in known if task is not None]
        found += [problem for task in tasks if (problem := find_task_problem(task, facts)) is not None]
        if counts:
            kinds.update(count_kinds(tasks))
        yield
    if counts and (queue := find_full_queue(facts, kinds)) is not None:
        found.append(queue)
    return found


def find_place_problems(facts: PlaceFacts, silent_since: Millis | None) -> list[Finding]:
    """What is wrong with a place, whatever its tasks are."""
    limits = facts.limits
    found = (
        find_silent_place(facts, silent_since) if limits.no_answer else None,
        find_wrong_clock(facts) if limits.clock else None,
        find_many_finished(facts) if limits.finished else None,
    )
    return [problem for problem in found if problem is not None]


def find_unread_problems(facts: PlaceFacts) -> list[Finding]:
    """The tasks of a place that its server can't read."""
    limits = facts.limits
    found = (
        find_unreadable_tasks(facts) if limits.unreadable else None,
        find_heavy_tasks(facts) if limits.too_heavy else None,
    )
    return [problem for problem in found if problem is not None]


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """The most urgent rules first; of one rule what began last."""
    return sorted(findings, key=lambda one: (_RANKS[one.rule], -(one.since or 0), one.subject))
