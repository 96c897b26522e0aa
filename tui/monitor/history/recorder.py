"""Notes what is seen of one place, for the thread that writes the history."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from msgspec import Struct

from backend_adapters.model import FINISHED, Millis, Source, Task, TaskId
from tui.monitor.health import Health
from tui.monitor.store import Change

GAP_MILLIS = 60_000
"""So long without an answer counts as not watched; a quiet place among many is asked every 15 s or so."""
OUTAGE_MILLIS = 10_000
"""The same for a place that failed to answer."""
FRESH_MILLIS = 300_000
"""A server's clock is known for so long after an answer."""
INFINITE = 1 << 62
SIGHTINGS_MOST = 200_000
"""Changes that wait to be written; beyond them, as on a full disk, the oldest are given up."""


class TaskSighting(Struct, frozen=True, gc=False, kw_only=True):
    """A task as it was seen at one time."""

    task: Task
    seen: Millis
    """By the own clock."""
    ahead: Millis
    """How far the server's clock was ahead of the own one."""
    is_first: bool = False
    """It may have had this status for long: nothing was known of it before."""
    is_gone: bool = False
    """It is no longer on the server; the task is as it was last seen."""
    unwatched_since: Millis | None = None
    """The last answer before this one, where that was long ago."""


class PlaceRecorder:
    """Notes the changes of one place, on the event loop; the writer's thread takes them.

    Nothing here reads a clock or a file by itself, or raises.
    """

    def __init__(
        self,
        get_source: Callable[[], Source],
        now: Callable[[], Millis],
        wake_writer: Callable[[], None],
        *,
        lists_all: bool,
    ) -> None:
        """`get_source` tells of which place the tasks are, once it has answered.

        `lists_all` says whether a task that isn't in a complete list is gone.
        """
        self.get_source = get_source
        self.lists_all = lists_all
        self.is_closed = False
        """Nothing more comes of this place."""
        self.watched_from: Millis | None = None
        """When the time began in which it has been watched without a gap."""
        self.watched_until: Millis | None = None
        """The last answer."""
        self.known: Mapping[TaskId, Task] | None = None
        """All tasks of the server, from the first complete list on; the writer's thread reads it."""
        self._now = now
        self._wake_writer = wake_writer
        self._server_now = now
        self._tasks: Mapping[TaskId, Task] = {}
        self._changed: deque[TaskSighting] = deque(maxlen=SIGHTINGS_MOST)
        self._has_failed = False
        """It has not answered since it failed to."""
        self._listed: deque[tuple[Millis, Millis, list[Task]]] = deque()
        """Ended tasks of first lists, which can be a million: when they were seen, and how far ahead."""

    def follow_store(self, tasks: Mapping[TaskId, Task], server_now: Callable[[], Millis]) -> None:
        """Take the tasks and the time of the server from the store of the place."""
        self._tasks = tasks
        self._server_now = server_now

    # On the event loop.

    def note_changes(self, changes: Sequence[Change]) -> None:
        """Note what changed in the store."""
        if self.is_closed:
            return
        now = self._now()
        ahead = self._server_now() - now
        listed, others = self._split_changes(changes, now, ahead)
        if listed:
            self._listed.append((now, ahead, listed))
        if others:
            self._changed.extend(self._make_sighting(change, now, ahead) for change in others)
        if (listed or others) and self.watched_until is not None:
            self._wake_writer()

    def _split_changes(
        self, changes: Sequence[Change], now: Millis, ahead: Millis
    ) -> tuple[list[Task], list[Change]]:
        """The ended tasks of a first list, and what else changed but for mere progress."""
        began, gap = self.watched_from, self._find_gap(now)
        is_listing = self.known is None or gap is not None
        # Of tasks from before this time it isn't known whether they ended while the place was watched.
        before = INFINITE if began is None or gap is not None else began + ahead
        listed, others = list[Task](), list[Change]()
        for change in changes:
            task = change.new
            is_new_end = is_listing and change.old is None and task is not None and task.status in FINISHED
            if is_new_end and task is not None and (task.created is None or task.created < before):
                listed.append(task)
            elif not _is_mere_progress(change):
                others.append(change)
        return listed, others

    def _make_sighting(self, change: Change, now: Millis, ahead: Millis) -> TaskSighting:
        task = change.new if change.new is not None else change.old
        assert task is not None, "a change has at least one side"
        is_first = change.old is None and not self._was_created_meanwhile(task, ahead)
        return TaskSighting(
            task=task,
            seen=now,
            ahead=ahead,
            is_first=is_first,
            is_gone=change.new is None,
            unwatched_since=None if is_first else self._find_gap(now),
        )

    def _was_created_meanwhile(self, task: Task, ahead: Millis) -> bool:
        """Whether a new task was created while the place was watched."""
        began = self.watched_from
        if task.created is None:
            # GES tells no time of jobs that wait: once all are known, others are new.
            return self.known is not None
        return began is not None and task.created - ahead >= began

    def _find_gap(self, now: Millis) -> Millis | None:
        """When the place last answered, if that is long ago."""
        last, least = self.watched_until, OUTAGE_MILLIS if self._has_failed else GAP_MILLIS
        return last if last is not None and now - last > least else None

    def note_health(self, health: Health) -> None:
        """Note that the place answered, and whether all of its tasks are known."""
        answered = health.last_ok
        if answered is None or not health.is_answering:
            self._has_failed = True
            return
        if answered == self.watched_until:
            return
        last = self.watched_until
        if last is None or answered < last or self._find_gap(answered) is not None:
            # Where the clock was set back, a new time begins as well.
            self.watched_from = answered
            self._wake_writer()
        self.watched_until, self._has_failed = answered, False
        if self.known is None and health.is_complete and not health.scanning:
            self.known = self._tasks
            self._wake_writer()

    def close(self) -> None:
        """Note that the place is watched no longer."""
        self.is_closed = True
        self._wake_writer()

    def drop_all(self) -> None:
        """Note nothing any more: the history was given up."""
        self.is_closed = True
        self._changed.clear()
        self._listed.clear()

    # In the writer's thread.

    def list_again(self) -> None:
        """Have all tasks of the place compared with the file, which is another one now."""
        now = self._now()
        self._listed.append((now, self._server_now() - now, list(self._tasks.values())))

    def tell_server_time(self) -> Millis | None:
        """The time by the server's clock; None where it has not answered lately."""
        now, last = self._now(), self.watched_until
        # Far from an answer the own clock may have been set.
        return self._server_now() if last is not None and abs(now - last) < FRESH_MILLIS else None

    @property
    def has_changes(self) -> bool:
        """Whether changes wait to be written."""
        return bool(self._changed)

    @property
    def has_listed(self) -> bool:
        """Whether tasks of first lists wait to be compared with the file."""
        return bool(self._listed)

    def take_changes(self, most: int) -> list[TaskSighting]:
        """The changes that were noted first, which are taken out."""
        return [self._changed.popleft() for _ in range(min(most, len(self._changed)))]

    def take_listed(self, most: int) -> list[TaskSighting]:
        """Some ended tasks of a first list, which are taken out."""
        if not self._listed:
            return []
        seen, ahead, tasks = self._listed[0]
        taken = list(islice(tasks, most))
        if len(taken) == len(tasks):
            self._listed.popleft()
        else:
            del tasks[:most]
        return [TaskSighting(task=task, seen=seen, ahead=ahead, is_first=True) for task in taken]

    def put_back(self, sightings: Sequence[TaskSighting]) -> None:
        """Have changes that could not be written wait again."""
        room = SIGHTINGS_MOST - len(self._changed)
        self._changed.extendleft(reversed(sightings[-room:] if room else ()))


def _is_mere_progress(change: Change) -> bool:
    """Whether nothing changed but what changes with every poll of a running task."""
    old, new = change.old, change.new
    if old is None or new is None:
        return False
    return (
        old.status is new.status
        and old.raw_status == new.raw_status
        and old.retries == new.retries
        and old.created == new.created
        and old.name == new.name
        and old.type == new.type
        and old.server == new.server
        and old.reason == new.reason
        and (old.updated == new.updated or new.status not in FINISHED)
    )
