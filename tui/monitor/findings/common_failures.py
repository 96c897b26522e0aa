"""Finds failures that share one cause, in all places together."""

from __future__ import annotations

from backend_adapters.model import FAILURES, Millis, Task, TaskId, TaskKey
from tui import text
from tui.config.finding_settings import FindingLimits
from tui.monitor.failure_headlines import find_out_of_memory_beside, ran_out_of_memory
from tui.monitor.findings.finding import (
    TASKS_NAMED,
    Finding,
    Moment,
    NextStep,
    write_task_command,
)
from tui.monitor.findings.place_facts import SECOND
from tui.monitor.normalize_reason import normalize_reason

COUNTED_EVERY: Millis = 60_000
"""A group in which nothing changes is counted again after this time: failures get old."""

MEMORY_MOST = 100
"""So many failures for want of memory are kept at hand."""


class _Group:
    __slots__ = ("counted_at", "finding", "is_changed", "tasks")

    def __init__(self) -> None:
        self.tasks: dict[TaskKey, Task] = {}
        self.is_changed = True
        self.counted_at: Millis = 0
        self.finding: Finding | None = None


class CommonFailures:
    """The failures whose reasons are known, by what these have in common; it is told of each change."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        self._causes: dict[TaskKey, str] = {}
        self.out_of_memory: dict[TaskKey, Task] = {}
        """The last ones that ran out of memory."""

    def note_change(self, old: Task | None, new: Task | None) -> None:
        """Note that a task came, changed or went."""
        known = old if old is not None else new
        if known is not None and (cause := self._causes.pop(known.key, None)) is not None:
            self._forget(known.key, cause)
        if new is None or new.status not in FAILURES or not new.reason:
            return
        cause = self._causes[new.key] = normalize_reason(new.reason)
        group = self._groups.setdefault(cause, _Group())
        group.tasks[new.key] = new
        group.is_changed = True
        if ran_out_of_memory(new):
            self.out_of_memory[new.key] = new
            while len(self.out_of_memory) > MEMORY_MOST:
                del self.out_of_memory[next(iter(self.out_of_memory))]

    def _forget(self, key: TaskKey, cause: str) -> None:
        group = self._groups[cause]
        del group.tasks[key]
        group.is_changed = True
        self.out_of_memory.pop(key, None)
        if not group.tasks:
            del self._groups[cause]

    def forget_place(self, start: str) -> None:
        """Forget the tasks whose keys begin so: their place is no longer watched."""
        for key in [key for key in self._causes if key.startswith(start)]:
            self._forget(key, self._causes.pop(key))

    def find_out_of_memory(self, task: Task) -> TaskId | None:
        """A task of the same place that ran out of memory on the same server after this one began."""
        others = (one for one in self.out_of_memory.values() if one.place is task.place)
        return find_out_of_memory_beside(task, others)

    def find_all(self, limits: FindingLimits, now: Millis) -> list[Finding]:
        """One finding for each cause that enough tasks share."""
        if not limits.failures:
            return []
        found: list[Finding] = []
        for cause, group in self._groups.items():
            if len(group.tasks) < limits.failures_alike:
                continue
            if group.is_changed or now - group.counted_at >= COUNTED_EVERY:
                group.is_changed, group.counted_at = False, now
                group.finding = _make_finding(cause, group, limits, now)
            if group.finding is not None:
                found.append(group.finding)
        return found


def _make_finding(cause: str, group: _Group, limits: FindingLimits, now: Millis) -> Finding | None:
    oldest = now - limits.failures_within * SECOND
    moments = [(_find_end(task), task) for task in group.tasks.values()]
    recent = sorted(
        ((moment, task) for moment, task in moments if moment is not None and moment >= oldest),
        key=lambda one: one[0],
        reverse=True,
    )
    if len(recent) < limits.failures_alike:
        return None
    (last, newest), first = recent[0], recent[-1][0]
    where = {_name_graph(task) for _, task in recent}
    in_graphs = f", in {len(where)} graphs" if len(where) > 1 else ""
    return Finding(
        rule="failures",
        title=f"{text.format_count(len(recent))} tasks failed alike: {text.sanitize_label(cause)}",
        evidence=("The first at ", Moment(first), ", the last at ", Moment(last), f"{in_graphs}."),
        numbers={"tasks": len(recent), "graphs": len(where)},
        since=first,
        step=NextStep(
            text="Read the error of one; all of them have the same cause.",
            key="o",
            command=write_task_command("result", newest),
        ),
        subject=cause,
        state=f"{len(recent)} {newest.key}",
        task=newest,
        keys=tuple(task.key for _, task in recent[:TASKS_NAMED]),
        place=newest.place if len({task.place for _, task in recent}) == 1 else None,
    )


def _find_end(task: Task) -> Millis | None:
    return task.updated if task.updated is not None else task.created


def _name_graph(task: Task) -> str:
    place = "" if task.place is None else f"{task.place.number}"
    return f"{place} {task.graph or ''}"
