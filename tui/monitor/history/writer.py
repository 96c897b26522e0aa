"""The thread that writes the history of all places of a process: at most once a second, a bit at a time.

The event loop only notes what it sees (`recorder.PlaceRecorder`). Whatever happens to the file, graphtop goes
on: `HistoryWriter.problem` says why nothing is kept, and it is tried again later.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from backend_adapters.model import Millis, Source, TaskId
from tui.monitor.history.recorder import PlaceRecorder, TaskSighting

if TYPE_CHECKING:
    # SQLite is loaded in the thread, as the first rows don't wait for it.
    from tui.monitor.history.pruner import HistoryPruner
    from tui.monitor.history.records import WatchSpan
    from tui.monitor.history.storage import HistoryStorage, PlaceBatch
    from tui.monitor.history.task_rows import WatchFacts

FIRST_PAUSE = 2.0
"""Seconds from the first note to the first write: a start has other work."""
WRITE_PAUSE = 1.0
"""Seconds between two transactions at the least."""
SPAN_PAUSE = 10.0
"""Seconds after which it is written that a place is still watched."""
RETRY_PAUSE = 30.0
"""Seconds after which a file that could not be used is tried again."""
BUSY_SECONDS = 30.0
"""Another program may lock the file for so long before anybody is told."""
TASKS_AT_ONCE = 1_000
"""Tasks of one transaction, which takes about 30 ms."""
CHECKED_AT_ONCE = 3_000
"""Tasks of first lists that are compared with the file in a second."""
PRUNE_DELAY = 30.0
"""Seconds after the file was opened before anything is pruned."""
END_SECONDS = 1.0
"""Seconds that closing takes at the most."""
ASIDE_AT_ONCE = 3
"""So many files are put aside as damaged before the history is given up."""
_TURN = 0.002
"""Seconds for which other threads get their turn, again and again: a frame does not wait for this one."""


class KeepLimits(Struct, frozen=True, kw_only=True):
    """How much is kept."""

    days: int = 90
    megabytes: int = 500


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


class HistoryWriter:
    """Keeps the history of all places of a process. Nothing here raises."""

    def __init__(self, path: Path, now: Callable[[], Millis], limits: KeepLimits | None = None) -> None:
        """`now` is the own clock; without `limits` nothing is pruned."""
        self.path = path
        self.problem = ""
        """Why nothing is kept now, as sentences; empty while all is well."""
        self.notice = ""
        """What happened to the file since the start, as a sentence: it was damaged, and put aside."""
        self.is_off = False
        """It was given up for good."""
        self._now = now
        self._limits = limits
        self._recorders: list[PlaceRecorder] = []
        self._states: dict[PlaceRecorder, _PlaceState] = {}
        self._storage: HistoryStorage | None = None
        self._found: tuple[int, int] | None = None
        """The file that was opened last, as `identify_history` names it."""
        self._was_replaced = False
        """The file that is opened next is another one than before."""
        self._thread: threading.Thread | None = None
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._retry_at = 0.0
        self._busy_since: float | None = None
        self._put_aside = 0
        self._pruner: HistoryPruner | None = None
        self._prune_at = 0.0
        self._ends_at = 0.0

    # On the event loop.

    def add_recorder(self, get_source: Callable[[], Source], *, lists_all: bool = True) -> PlaceRecorder:
        """A recorder for one more place; see there."""
        recorder = PlaceRecorder(get_source, self._now, self._wake, lists_all=lists_all)
        if self.is_off:
            recorder.drop_all()
        else:
            self._recorders.append(recorder)
        return recorder

    def _wake(self) -> None:
        if self._thread is None and not self.is_off:
            self._thread = threading.Thread(target=self._run, name="history", daemon=True)
            self._thread.start()
        self._woken.set()

    def close(self) -> None:
        """Write what waits, as far as that takes no longer than a second, and close the file."""
        self._ends_at = time.monotonic() + 0.7 * END_SECONDS
        self._closing.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(END_SECONDS)

    @property
    def has_ended(self) -> bool:
        """Whether nothing is being written any more."""
        return self._thread is None or not self._thread.is_alive()

    # In the thread.

    def _run(self) -> None:
        try:
            self._work_until_closed()
        except Exception as error:
            self.problem = f"The history is no longer kept, because of an error in graphtop: {error!r}."
            self._give_up()
        finally:
            self._close_storage()

    def _work_until_closed(self) -> None:
        self._closing.wait(FIRST_PAUSE)
        while not self._closing.is_set() and not self.is_off:
            began = time.monotonic()
            if self._work_once():
                self._woken.set()
            self._closing.wait(max(0.0, began + WRITE_PAUSE - time.monotonic()))
            self._woken.wait(SPAN_PAUSE)
            self._woken.clear()
        self._retry_at = 0.0
        while not self.is_off and self._work_once() and time.monotonic() < self._ends_at:
            pass

    def _work_once(self) -> bool:
        """Write some of what waits; returns whether more does."""
        if time.monotonic() < self._retry_at:
            return False
        import sqlite3

        from tui.monitor.history.database import HistoryError

        work = _Work([], [], [], [])
        try:
            storage = self._open_storage()
            is_pruning = not self._closing.is_set() and self._prune(storage)
            self._gather_work(storage, work)
            if not work.is_empty:
                self._write_work(storage, work)
        except (HistoryError, sqlite3.Error, OSError) as error:
            for recorder, sightings in work.taken:
                recorder.put_back(sightings)
            self._note_problem(error)
            return False
        self.problem, self._busy_since = "", None
        self._forget_closed()
        if self._closing.is_set():
            return any(one.has_changes for one in self._states)
        return is_pruning or any(
            one.has_changes or one.has_listed or _may_have_gone(one, state)
            for one, state in self._states.items()
        )

    def _open_storage(self) -> HistoryStorage:
        from tui.monitor.history.database import identify_history
        from tui.monitor.history.storage import HistoryStorage

        if self._storage is not None and self._storage.was_replaced:
            self._was_replaced = True
            self._close_storage()
        if self._storage is None:
            self._found = identify_history(self.path)
            self._storage = HistoryStorage(self.path)
            self._found = self._storage.identity
            if self._was_replaced:
                self._was_replaced = False
                for recorder in list(self._recorders):
                    recorder.list_again()
        self._storage.check_size()
        return self._storage

    def _close_storage(self) -> None:
        storage, self._storage = self._storage, None
        # Numbers of rows mean nothing in the next file.
        self._states.clear()
        self._pruner = None
        if storage is not None:
            with suppress(Exception):
                storage.close()

    # What is to be written.

    def _gather_work(self, storage: HistoryStorage, work: _Work) -> None:
        states = [(recorder, self._find_state(storage, recorder)) for recorder in list(self._recorders)]
        known = [(recorder, state) for recorder, state in states if state is not None]
        room = TASKS_AT_ONCE
        for recorder, state in known:
            room -= self._take(storage, work, state, recorder, recorder.take_changes(room))
        checked = 0
        for recorder, state in known:
            while recorder.has_listed and room > 0 and checked < CHECKED_AT_ONCE:
                sightings = recorder.take_listed(min(room, TASKS_AT_ONCE // 2))
                checked += len(sightings)
                room -= self._take(storage, work, state, recorder, sightings)
            if room > 0 and not recorder.has_listed:
                self._find_gone(storage, work, recorder, state)
        for recorder, state in known:
            self._gather_span(work, recorder, state, is_writing=not work.is_empty)

    def _find_state(self, storage: HistoryStorage, recorder: PlaceRecorder) -> _PlaceState | None:
        """What is kept of a recorder; None as long as its place has not answered."""
        from tui.monitor.history.records import make_history_place
        from tui.monitor.history.task_rows import WatchFacts

        began = recorder.watched_from
        if began is None:
            return None
        state = self._states.get(recorder)
        source = recorder.get_source()
        if state is None or state.source != source or state.began != began:
            number = storage.find_place(make_history_place(source))
            checked = state.checked if state is not None and state.source == source else ("", 0)
            state = self._states[recorder] = _PlaceState(
                source, number, WatchFacts(storage.find_last_watch(number)), began
            )
            state.checked = checked
        return state

    def _take(
        self,
        storage: HistoryStorage,
        work: _Work,
        state: _PlaceState,
        recorder: PlaceRecorder,
        sightings: list[TaskSighting],
    ) -> int:
        """Have sightings written; returns how many of them change something."""
        if not sightings:
            return 0
        work.taken.append((recorder, sightings))
        batch = storage.prepare_batch(state.number, sightings, state.facts, self._let_others_run)
        work.batches.append(batch)
        return len(batch.sightings)

    def _find_gone(
        self, storage: HistoryStorage, work: _Work, recorder: PlaceRecorder, state: _PlaceState
    ) -> None:
        """Find out, a part at a time, which tasks of the file the server no longer has."""
        known = recorder.known
        if known is None or state.checked is None or not recorder.lists_all:
            return
        rows = storage.list_tasks(state.number, state.checked, TASKS_AT_ONCE)
        state.checked = rows[-1][:2] if len(rows) == TASKS_AT_ONCE else None

        def is_gone(task_id: TaskId, created: Millis, last_seen: Millis) -> bool:
            if last_seen >= state.began:
                return False
            task = known.get(task_id)
            return task is None or (task.created is not None and created not in (-1, task.created))

        gone = [
            number
            for task_id, created, number, seen, was_gone in rows
            if was_gone is None and is_gone(task_id, created, seen)
        ]
        if gone:
            work.gone.append((self._now(), gone))

    def _gather_span(
        self, work: _Work, recorder: PlaceRecorder, state: _PlaceState, *, is_writing: bool
    ) -> None:
        from tui.monitor.history.records import WatchSpan

        ended = recorder.watched_until
        if ended is None or ended == state.span_ended:
            return
        is_last = recorder.is_closed or self._closing.is_set() or state.span is None
        if is_last or is_writing or time.monotonic() - state.span_at >= SPAN_PAUSE:
            work.spans.append((state, WatchSpan(state.began, ended)))

    def _write_work(self, storage: HistoryStorage, work: _Work) -> None:
        begun: list[tuple[_PlaceState, int]] = []
        with storage.begin_transaction():
            for batch in work.batches:
                storage.write_batch(batch)
            for seen, numbers in work.gone:
                storage.note_gone(numbers, seen)
            for state, span in work.spans:
                if state.span is None:
                    begun.append((state, storage.begin_span(state.number, span)))
                else:
                    storage.move_span(state.span, span.ended)
        for state, number in begun:
            state.span = number
        for state, span in work.spans:
            state.span_ended, state.span_at = span.ended, time.monotonic()

    def _let_others_run(self) -> None:
        if not self._closing.is_set():
            time.sleep(_TURN)

    def _prune(self, storage: HistoryStorage) -> bool:
        """Remove a bit of what is old or too much; returns whether there is more of it."""
        from tui.monitor.history.pruner import HistoryPruner

        if self._limits is None:
            return False
        if self._pruner is None:
            self._pruner = HistoryPruner(storage, self._limits, self._now)
            self._prune_at = time.monotonic() + PRUNE_DELAY
        if time.monotonic() < self._prune_at:
            return False
        return self._pruner.take_step()

    def _forget_closed(self) -> None:
        for recorder in list(self._recorders):
            if recorder.is_closed and not recorder.has_changes and not recorder.has_listed:
                self._recorders.remove(recorder)
                self._states.pop(recorder, None)

    # What goes wrong.

    def _note_problem(self, error: Exception) -> None:
        import sqlite3

        from tui.monitor.history.database import DamagedHistory, NewerHistory, explain_history_error

        now = time.monotonic()
        self._close_storage()
        code = getattr(error.__cause__ or error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self._busy_since = now if self._busy_since is None else self._busy_since
            if now - self._busy_since < BUSY_SECONDS:
                return
        explained = explain_history_error(self.path, error)
        if isinstance(explained, DamagedHistory) and self._replace_damaged():
            return
        self.problem = f"{explained} Nothing is recorded meanwhile."
        self._retry_at = now + RETRY_PAUSE
        if isinstance(explained, NewerHistory):
            self.problem = str(explained)
            self._give_up()

    def _replace_damaged(self) -> bool:
        """Put the damaged file aside; returns whether a new one can be begun."""
        from tui.monitor.history.database import HistoryError, put_history_aside

        self._put_aside += 1
        if self._put_aside > ASIDE_AT_ONCE:
            return False
        try:
            aside = put_history_aside(self.path, self._found)
        except HistoryError:
            return False
        self._was_replaced = True
        if aside is not None:
            self.notice = f"The history was damaged. It was put aside as {aside}, and a new one was begun."
        self._woken.set()
        return True

    def _give_up(self) -> None:
        self.is_off = True
        for recorder in self._recorders:
            recorder.drop_all()
        self._recorders.clear()


def _may_have_gone(recorder: PlaceRecorder, state: _PlaceState) -> bool:
    """Whether some tasks of the file have not been compared with what the server has."""
    return state.checked is not None and recorder.known is not None and recorder.lists_all
