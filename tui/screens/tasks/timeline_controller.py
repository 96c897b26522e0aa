"""Fills the Timeline tab: at once with what this session saw of a task, then with what files tell of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from backend_adapters.model import Millis, Task, is_different_task
from tui.monitor.kind_record import KindRecord
from tui.monitor.task_past import TaskPast
from tui.monitor.watched_place import WatchedPlace
from tui.screens.tasks.timeline_builder import TaskSights, build_timeline
from tui.widgets.detail_pane import DetailPane

NO_PAST = TaskPast()


class TimelineController:
    """Draws the timeline of the shown task, and reads the files about it once for each of its states."""

    def __init__(
        self,
        pane: DetailPane,
        spawn: Callable[..., object],
        draw_again: Callable[[], None],
        *,
        ascii: bool,
    ) -> None:
        """`draw_again` is called once more is known of the task that was drawn last."""
        self._pane = pane
        self._draw_again = draw_again
        self._run_worker = spawn
        self._ascii = ascii
        self._task: Task | None = None
        """The task whose past was asked for last."""
        self._past = NO_PAST
        self._was_acting = False

    def draw_task(
        self,
        task: Task,
        watched: WatchedPlace,
        *,
        now: Millis,
        kind: KindRecord | None,
        goes_on: bool,
        utc: bool,
    ) -> None:
        """Draw the timeline of a task; what files tell of it is drawn once it is here."""
        is_acting = watched.store.find_overlay(task.id) is not None
        if self._is_past_stale(task) or is_acting != self._was_acting:
            self._task, self._was_acting = task, is_acting
            self._read_past(task, watched)
        sights = TaskSights(
            now=now,
            ahead=watched.server_time.ahead,
            seen=watched.seen_changes.list_transitions(task),
            seen_gaps=watched.seen_changes.gaps,
            past=self._past,
            kind=kind,
            end_unknown=task.id in watched.store.unwritten_ends,
            goes_on=goes_on,
            utc=utc,
            ascii=self._ascii,
        )
        self._pane.show_timeline(build_timeline(task, sights))

    def forget_task(self) -> None:
        """Forget what was read: nothing is shown any more, and what comes late is thrown away."""
        self._task, self._past = None, NO_PAST

    def _is_past_stale(self, task: Task) -> bool:
        """Whether the files tell of another task, or may tell more by now; forgets what is of another one."""
        known = self._task
        if known is None or known.key != task.key or is_different_task(known, task):
            self._past = NO_PAST
            return True
        return (known.raw_status, known.retries) != (task.raw_status, task.retries)

    def _read_past(self, task: Task, watched: WatchedPlace) -> None:
        reader = watched.past_reader
        if reader is None:
            return

        async def read() -> None:
            past = await asyncio.to_thread(reader.read_task, task, watched.server_time.ahead)
            if self._task is task:
                self._past = past
                self._draw_again()

        self._run_worker(read(), exclusive=True, group="timeline")
