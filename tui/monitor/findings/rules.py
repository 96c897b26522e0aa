"""Applies the rules that are on to the tasks of one place, and to the place itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from backend_adapters.model import Millis, Task
from tui import text
from tui.monitor.cooperative import Steps
from tui.monitor.findings.finding import RULES, Finding, write_place_command
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

SINGLE_MOST = 20
"""Of more tasks of a place with the same problem one finding tells."""
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
    found = group_findings(found, facts)
    if counts and (queue := find_full_queue(facts, kinds)) is not None:
        found.append(queue)
    return found


def group_findings(found: Sequence[Finding], facts: PlaceFacts) -> list[Finding]:
    """The findings about single tasks of a place, those of one rule as one where there are many."""
    by_rule: dict[str, list[Finding]] = {}
    for one in found:
        by_rule.setdefault(one.rule, []).append(one)
    told: list[Finding] = []
    for alike in by_rule.values():
        told += alike if len(alike) <= SINGLE_MOST else [_join_findings(alike, facts)]
    return told


def _join_findings(alike: Sequence[Finding], facts: PlaceFacts) -> Finding:
    """One finding for many tasks, with the evidence of that which has been so the longest."""
    first = min(alike, key=lambda one: (one.since is None, one.since or 0))
    number = len(alike)
    task = first.task
    status = "active" if task is None else task.status.value
    named = "" if task is None else f" Of task {text.sanitize(task.id)}: "
    return replace(
        first,
        title=f"{text.format_count(number)} tasks like this: {first.title[:1].lower()}{first.title[1:]}",
        evidence=(f"This one has been so the longest.{named}", *first.evidence),
        numbers={"tasks": number, **first.numbers},
        step=replace(
            first.step, command=write_place_command("ls", facts.place, f"status={status} --limit 0")
        ),
        subject=facts.subject,
        # One more or less is nothing new.
        state=str(number.bit_length()),
        keys=tuple(key for one in alike for key in one.keys),
    )


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
