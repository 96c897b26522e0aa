"""Rules for tasks that take much longer than others of their kind did."""

from __future__ import annotations

from backend_adapters.model import Millis, Task, TaskStatus
from tui import text
from tui.config.finding_settings import FindingLimits
from tui.monitor.findings.finding import (
    Finding,
    NextStep,
    look_at_task,
    name_task_subject,
    write_place_command,
)
from tui.monitor.findings.place_facts import SECOND, PlaceFacts
from tui.monitor.history.statistics import find_percentile

WAITS_FOR_A_RUN = frozenset({TaskStatus.NEW, TaskStatus.QUEUED, TaskStatus.HANGING, TaskStatus.RESTORING})
"""Statuses in which a task can be for hours where many wait; those of a scheduler are left within seconds."""


def needs_record(task: Task, limits: FindingLimits, now: Millis) -> bool:
    """Whether a task can only be judged by what became of others of its kind."""
    if task.status is TaskStatus.RUNNING:
        return limits.slow
    if not limits.waiting or task.status not in WAITS_FOR_A_RUN or task.created is None:
        return False
    return now - task.created >= limits.waiting_after * SECOND


def find_slow_task(task: Task, facts: PlaceFacts) -> Finding | None:
    """A task that runs so many times as long as the median of its kind, and longer than most of it."""
    began = _find_begin(task, facts)
    if task.status is not TaskStatus.RUNNING or began is None:
        return None
    record = facts.find_record(task)
    if record is None or len(record.lengths) < facts.limits.fewest_runs:
        return None
    median = find_percentile(record.lengths, 50) or 0
    usual = find_percentile(record.lengths, facts.limits.slow_percent) or 0
    least = max(facts.limits.slow_times * median, facts.limits.slow_after * SECOND)
    elapsed = facts.now - began
    if elapsed < least or elapsed <= usual:
        return None
    runs = len(record.lengths)
    times = f"{_format_times(elapsed, median)} times as long as usual" if median else "much longer than usual"
    return Finding(
        rule="slow",
        title=f"Running {times}",
        evidence=(
            f"It has been running for {text.format_duration(elapsed)}. Of {text.format_count(runs)} successes"
            f" of its kind, half took at most {text.format_exact_duration(median)}, and"
            f" {facts.limits.slow_percent} % at most {text.format_exact_duration(usual)}.",
        ),
        numbers={"running_ms": elapsed, "median_ms": median, "usual_most_ms": usual, "runs": runs},
        since=began + round(max(least, usual)),
        step=look_at_task("See whether it still makes progress; cancel it if nobody needs it.", task),
        subject=name_task_subject(task),
        task=task,
        keys=(task.key,),
        place=task.place,
    )


def find_long_wait(task: Task, facts: PlaceFacts) -> Finding | None:
    """A task that waits longer than nearly all of its kind did."""
    if task.status not in WAITS_FOR_A_RUN or task.created is None:
        return None
    waited = facts.now - task.created
    if waited < facts.limits.waiting_after * SECOND:
        return None
    record = facts.find_record(task)
    waits = record.waits if record is not None and record.waits else facts.find_waits(task)
    if len(waits) < facts.limits.fewest_runs:
        return None
    usual = find_percentile(waits, facts.limits.slow_percent) or 0
    if waited <= usual:
        return None
    running = facts.store.counts[TaskStatus.RUNNING]
    return Finding(
        rule="waiting",
        title=f"Waiting longer than {facts.limits.slow_percent} % of its kind",
        evidence=(
            f"It has been {task.status.value} for {text.format_duration(waited)}. Of"
            f" {text.format_count(len(waits))} tasks of its kind, {facts.limits.slow_percent} % waited at"
            f" most {text.format_exact_duration(usual)}. {_count_running(running)} here.",
        ),
        numbers={
            "waiting_ms": waited,
            "usual_most_ms": usual,
            "runs": len(waits),
            "running_tasks": running,
        },
        since=task.created + max(usual, facts.limits.waiting_after * SECOND),
        step=NextStep(
            text="See what runs before it.",
            key="1",
            command=write_place_command("ls", task.place, "status=running"),
        ),
        subject=name_task_subject(task),
        task=task,
        keys=(task.key,),
        place=task.place,
    )


def _format_times(elapsed: Millis, median: Millis) -> str:
    """How often the median goes into a time, never rounded up: `1.5`, `23`."""
    tenths = elapsed * 10 // median
    return f"{tenths // 10}.{tenths % 10}" if tenths < 100 else text.format_count(tenths // 10)


def _count_running(number: int) -> str:
    return "1 task runs" if number == 1 else f"{text.format_count(number)} tasks run"


def _find_begin(task: Task, facts: PlaceFacts) -> Millis | None:
    """When a task began: as it was seen to, else its creation."""
    if task.created is None:
        return None
    seen = facts.store.since.get(task.id) if task.id in facts.store.watched else None
    return task.created if seen is None else max(task.created, seen)
