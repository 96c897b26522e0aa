"""Writes what the recorders of all places noted into the open history, one transaction at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from msgspec import Struct

from backend_adapters.model import Millis, Source, TaskId
from tui.monitor.history.recorder import PlaceRecorder, TaskSighting
from tui.monitor.history.records import WatchSpan, make_history_place
from tui.monitor.history.schema import UNKNOWN_CREATION
from tui.monitor.history.storage import HistoryStorage, PlaceBatch
from tui.monitor.history.task_rows import WatchFacts

SPAN_PAUSE = 10.0
"""Seconds after which it is written that a place is still watched."""
TASKS_AT_ONCE = 1_000
"""Tasks of one transaction, which takes about 30 ms."""
LISTED_AT_ONCE = 250
"""Tasks of first lists that are written in a second: 100,000 take seven minutes, and 1 % of a core."""
CHECKED_AT_ONCE = 1_000
"""Tasks of first lists that are compared with the file in a second."""
TURN = 0.002
"""Seconds for which other threads get their turn, again and again: a frame does not wait for this one."""


class _PlaceState:
    """What the thread keeps of one recorder, for the file that is open now."""

    def __init__(self, source: Source, number: int, facts: WatchFacts, began: Millis) -> None:
        self.source = source
        self.number = number
        self.facts = facts
        self.began = began
        self.span: int | None = None
        self.span_ended: Millis = 0
        self.span_at = 0.0
        """When the span was written last, by the monotonic clock."""
        self.checked: tuple[TaskId, Millis] | None = ("", 0)
        """Up to which task it was looked whether the server still has them; None once all were."""


class _Work(Struct):
    """What one transaction writes."""

    batches: list[PlaceBatch]
    taken: list[tuple[PlaceRecorder, list[TaskSighting]]]
    spans: list[tuple[_PlaceState, WatchSpan]]
    gone: list[tuple[Millis, list[int]]]

    @property
    def is_empty(self) -> bool:
        return not (any(batch.sightings for batch in self.batches) or self.spans or self.gone)


class PlacesWriter:
    """Writes into one open file. Everything raises sqlite3.Error or HistoryError."""

    def __init__(self, storage: HistoryStorage, now: Callable[[], Millis]) -> None:
        self.storage = storage
        self._now = now
        self._states: dict[PlaceRecorder, _PlaceState] = {}
        self._pause = TURN

    def write_some(self, recorders: Sequence[PlaceRecorder], *, is_last: bool) -> bool:
        """Write some of what waits; returns whether more does, of which the last time changes count only."""
        work = _Work([], [], [], [])
        self._pause = 0.0 if is_last else TURN
        try:
            self._gather_work(recorders, work, is_last=is_last)
            if not work.is_empty:
                self._write_work(work)
        except BaseException:
            for recorder, sightings in work.taken:
                recorder.put_back(sightings)
            raise
        if is_last:
            return any(one.has_changes for one in self._states)
        return any(
            one.has_changes or one.has_listed or _may_have_gone(one, state)
            for one, state in self._states.items()
        )

    def forget_closed(self, recorders: Sequence[PlaceRecorder]) -> list[PlaceRecorder]:
        """Forget the recorders of which nothing more comes, and return them."""
        closed = [one for one in recorders if one.is_closed and not one.has_changes and not one.has_listed]
        for recorder in closed:
            self._states.pop(recorder, None)
        return closed

    def _gather_work(self, recorders: Sequence[PlaceRecorder], work: _Work, *, is_last: bool) -> None:
        states = [(recorder, self._find_state(recorder)) for recorder in recorders]
        known = [(recorder, state) for recorder, state in states if state is not None]
        room = TASKS_AT_ONCE
        for recorder, state in known:
            room -= self._take(work, state, recorder, recorder.take_changes(room))
        checked, room = 0, min(room, LISTED_AT_ONCE)
        for recorder, state in known:
            while recorder.has_listed and room > 0 and checked < CHECKED_AT_ONCE:
                sightings = recorder.take_listed(room)
                checked += len(sightings)
                room -= self._take(work, state, recorder, sightings)
            if room > 0 and not recorder.has_listed:
                self._find_gone(work, recorder, state)
        for recorder, state in known:
            self._gather_span(work, recorder, state, at_once=is_last or not work.is_empty)

    def _find_state(self, recorder: PlaceRecorder) -> _PlaceState | None:
        """What is kept of a recorder; None as long as its place has not answered."""
        began = recorder.watched_from
        if began is None:
            return None
        state = self._states.get(recorder)
        source = recorder.get_source()
        if state is None or state.source != source or state.began != began:
            number = self.storage.find_place(make_history_place(source))
            checked = state.checked if state is not None and state.source == source else ("", 0)
            state = self._states[recorder] = _PlaceState(
                source, number, WatchFacts(self.storage.find_last_watch(number)), began
            )
            state.checked = checked
        return state

    def _take(
        self, work: _Work, state: _PlaceState, recorder: PlaceRecorder, sightings: list[TaskSighting]
    ) -> int:
        """Have sightings written; returns how many of them change something."""
        if not sightings:
            return 0
        work.taken.append((recorder, sightings))
        batch = self.storage.prepare_batch(state.number, sightings, state.facts, self._let_others_run)
        work.batches.append(batch)
        return len(batch.sightings)

    def _find_gone(self, work: _Work, recorder: PlaceRecorder, state: _PlaceState) -> None:
        """Find out, a part at a time, which tasks of the file the server no longer has."""
        known = recorder.known
        if known is None or state.checked is None or not recorder.lists_all:
            return
        rows = self.storage.list_tasks(state.number, state.checked, TASKS_AT_ONCE)
        now = self._now()
        state.checked = rows[-1][:2] if len(rows) == TASKS_AT_ONCE else None

        def is_gone(task_id: TaskId, created: Millis, last_seen: Millis) -> bool:
            if state.began <= last_seen <= now:
                return False
            task = known.get(task_id)
            return task is None or (
                task.created is not None and created not in (UNKNOWN_CREATION, task.created)
            )

        gone = [
            number
            for task_id, created, number, seen, was_gone in rows
            if was_gone is None and is_gone(task_id, created, seen)
        ]
        if gone:
            work.gone.append((now, gone))

    def _gather_span(
        self, work: _Work, recorder: PlaceRecorder, state: _PlaceState, *, at_once: bool
    ) -> None:
        ended = recorder.watched_until
        if ended is None or ended == state.span_ended:
            return
        at_once = at_once or recorder.is_closed or state.span is None
        if at_once or time.monotonic() - state.span_at >= SPAN_PAUSE:
            work.spans.append((state, WatchSpan(state.began, ended)))

    def _write_work(self, work: _Work) -> None:
        begun: list[tuple[_PlaceState, int]] = []
        with self.storage.begin_transaction():
            for batch in work.batches:
                self.storage.write_batch(batch)
            for seen, numbers in work.gone:
                self.storage.note_gone(numbers, seen)
            for state, span in work.spans:
                if state.span is None:
                    begun.append((state, self.storage.begin_span(state.number, span)))
                else:
                    self.storage.move_span(state.span, span.ended)
        for state, number in begun:
            state.span = number
        for state, span in work.spans:
            state.span_ended, state.span_at = span.ended, time.monotonic()

    def _let_others_run(self) -> None:
        time.sleep(self._pause)


def _may_have_gone(recorder: PlaceRecorder, state: _PlaceState) -> bool:
    """Whether some tasks of the file have not been compared with what the server has."""
    return state.checked is not None and recorder.known is not None and recorder.lists_all
