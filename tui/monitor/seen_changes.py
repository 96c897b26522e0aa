"""What this session saw of tasks that went on: their transitions, their counters, and when nobody looked.

Only what changes is kept, of tasks that have not ended or that ended before our eyes: a long list that is
read at the start leaves nothing here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from msgspec import Struct

from backend_adapters.model import Millis, Task, TaskId, TaskStatus, is_different_task
from tui import text
from tui.monitor.clock import Clock
from tui.monitor.health import Health, Phase
from tui.monitor.history.records import Transition, WatchSpan
from tui.monitor.store import Change
from tui.progress_text import PERCENT

TASKS_MOST = 2_000
"""Tasks of which something is kept; a change of another one takes the place of the one noted first."""
TRANSITIONS_MOST = 50
"""Transitions of one task; beyond that the oldest are forgotten."""
SAMPLES_MOST = 20
GAPS_MOST = 100
RATE_WINDOW: Millis = 600_000
"""The rate of a counter is that of the last ten minutes."""
SEEN_RARELY: Millis = 60_000
"""A counter that has not changed for longer has stopped, as far as is known."""
SHORT_GAP: Millis = 10_000
"""A shorter time without an answer is no gap."""


class ProgressRate(Struct, frozen=True):
    """How fast a task's counter goes up."""

    counted: int
    within: Millis

    def describe(self, task: Task) -> str:
        """The counter and its rate: `counter at 41,123; about 1,200 a second in the last 8m`.

        Empty for a percentage, whose rate says nothing that its bar does not.
        """
        if not self.counted or task.progress is None or task.progress_unit == PERCENT:
            return ""
        noun = f" {task.progress_unit}" if task.progress_unit else ""
        pace = _describe_pace(self.counted, self.within)
        since = text.format_duration(self.within)
        return f"counter at {task.progress:,}{noun}; about {pace} in the last {since}"


class _SeenTask:
    """What was seen of one task."""

    __slots__ = ("samples", "task", "transitions")

    def __init__(self, task: Task) -> None:
        self.task = task
        # Lists, as an empty deque takes as much memory as all the rest.
        self.transitions: list[Transition] = []
        self.samples: list[tuple[Millis, int]] = []


class SeenChanges:
    """Notes what happens to the tasks of one place while it is watched."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: dict[TaskId, _SeenTask] = {}
        self._gaps: deque[WatchSpan] = deque(maxlen=GAPS_MOST)
        self._last_ok: Millis | None = None
        self._is_silent = False

    # What happens.

    def note_changes(self, changes: Iterable[Change]) -> None:
        """Note the transitions and the counters among these changes."""
        now: Millis | None = None
        for old, new in ((change.old, change.new) for change in changes):
            if new is None or (old is None and new.status.is_finished):
                continue
            if old is not None and old.status.is_finished and new.status.is_finished:
                continue
            if old is None and len(self._tasks) >= TASKS_MOST:
                # Of a long queue it says enough when its tasks begin.
                continue
            now = self._clock.now() if now is None else now
            self._note_change(new, now)

    def _note_change(self, new: Task, now: Millis) -> None:
        known = self._tasks.get(new.id)
        if known is None or is_different_task(known.task, new):
            self._tasks.pop(new.id, None)
            known = self._tasks[new.id] = _SeenTask(new)
            while len(self._tasks) > TASKS_MOST:
                del self._tasks[next(iter(self._tasks))]
        known.task = new
        last = known.transitions[-1] if known.transitions else None
        if last is None or (last.raw_status, last.retries) != (new.raw_status, new.retries):
            known.transitions.append(
                Transition(
                    status=new.status,
                    raw_status=new.raw_status,
                    at=new.updated,
                    seen=now,
                    unwatched_since=self._find_gap(now) if last is not None else None,
                    retries=new.retries,
                )
            )
            del known.transitions[:-TRANSITIONS_MOST]
            if last is not None and last.retries != new.retries:
                known.samples.clear()
        _note_counter(known, new, now)

    def _find_gap(self, now: Millis) -> Millis | None:
        """Since when nobody has watched, where the first answer after that brings a change."""
        last = self._last_ok
        return last if self._is_silent and last is not None and now - last > SHORT_GAP else None

    def note_health(self, health: Health) -> None:
        """Note the times in which the place was not watched."""
        if health.error is not None or health.phase is Phase.PAUSED:
            self._is_silent = True
        answered = health.last_ok
        if answered is None or answered == self._last_ok:
            return
        before, self._last_ok = self._last_ok, answered
        if self._is_silent and health.error is None:
            self._is_silent = health.phase is Phase.PAUSED
            if before is not None and answered - before > SHORT_GAP:
                self._gaps.append(WatchSpan(before, answered))

    # What is known.

    def list_transitions(self, task: Task) -> Sequence[Transition]:
        """What was seen of a task, oldest first; the first one is how it was when it was first seen."""
        known = self._find_task(task)
        return () if known is None else tuple(known.transitions)

    @property
    def gaps(self) -> Sequence[WatchSpan]:
        """When nobody watched, by the own clock, oldest first."""
        return tuple(self._gaps)

    def measure_rate(self, task: Task) -> ProgressRate | None:
        """How fast the counter of a running task goes up; None where that has not been seen."""
        known = self._find_task(task)
        if known is None or task.status is not TaskStatus.RUNNING:
            return None
        now = self._clock.now()
        samples = [sample for sample in known.samples if sample[0] >= now - RATE_WINDOW]
        if len(samples) < 2:
            return None
        (first, least), (last, most) = samples[0], samples[-1]
        # Servers write a counter every half a minute or so: only a longer time without counts.
        end = last if now - last <= SEEN_RARELY else now
        return ProgressRate(most - least, end - first) if end > first else None

    def _find_task(self, task: Task) -> _SeenTask | None:
        known = self._tasks.get(task.id)
        return None if known is None or is_different_task(known.task, task) else known


def _describe_pace(counted: int, within: Millis) -> str:
    """So many in that time, by the unit in which there is at least one: `1,200 a second`, `3 an hour`."""
    for unit, length in (("second", 1_000), ("minute", 60_000)):
        number = round(counted * length / within)
        if number:
            return f"{number:,} a {unit}"
    return f"{max(1, round(counted * 3_600_000 / within)):,} an hour"


def _note_counter(known: _SeenTask, task: Task, now: Millis) -> None:
    if task.progress is None or task.status is not TaskStatus.RUNNING:
        return
    if known.samples and task.progress < known.samples[-1][1]:
        # It began again.
        known.samples.clear()
    if not known.samples or task.progress != known.samples[-1][1]:
        known.samples.append((now, task.progress))
        del known.samples[:-SAMPLES_MOST]
