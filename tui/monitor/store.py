"""All known tasks of one source as the server reports them, with the actions under way as overlays.

The store is fed with answers and never asks for them. A task that is equal to the known one keeps the
known object, so that identity means unchanged. Server state is never edited: what graphtop itself is
doing to a task is an overlay. Only the reason of a failure, which lists don't tell, is added to its task.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from backend_adapters.model import (
    FAILURES,
    FINISHED,
    Action,
    Millis,
    Task,
    TaskId,
    TaskStatus,
    change_task,
    is_different_task,
)
from tui.monitor.finish_rate import FinishRate
from tui.monitor.id_order import find_last_id, natural_key
from tui.monitor.last_end import LastEnd
from tui.monitor.unreadable import is_unreadable, keep_known_fields, last_read_status, tab_status
from tui.monitor.unwritten_ends import UnwrittenEnds

GONE_MOST = 50_000
"""Ids of deleted tasks that are remembered; beyond that the oldest are forgotten."""

Ticket: TypeAlias = int
"""The order in which requests were made; an answer to an older request never overwrites a newer one's."""


class ActionOverlay(Struct, frozen=True):
    """What graphtop is doing to a task, shown over the server's state."""

    action: Action
    since: Millis


class Change(Struct, frozen=True, gc=False):
    """One task that appeared (`old` is None), changed, or went away (`new` is None)."""

    old: Task | None
    new: Task | None


class Store:
    """The tasks of one source by id, and what follows from them: counts, the unfinished, the newest id."""

    def __init__(self, now: Callable[[], Millis] = lambda: 0) -> None:
        self.now = now
        """The current time by the server's clock, which all times here follow."""
        self.tasks: dict[TaskId, Task] = {}
        self.overlays: dict[TaskId, ActionOverlay] = {}
        self.counts: Counter[TaskStatus] = Counter()
        """The number of tasks by `tab_status`: an unreadable task is counted in the tab that shows it."""
        self.unfinished: set[TaskId] = set()
        """The unfinished tasks that the server can read: what a poll asks for."""
        self.newest: TaskId | None = None
        """The highest id of any task ever read; that task may have been deleted since."""
        self._newest = natural_key("")
        self.finish_rate = FinishRate()
        self.unwritten_ends = UnwrittenEnds()
        self.last_end = LastEnd()
        self.since: dict[TaskId, Millis] = {}
        """When graphtop first saw an unfinished task in the status that it has now.

        It is kept while the task can't be read, in case that it then is in the same status.
        """
        self.watched: set[TaskId] = set()
        """The unfinished tasks whose status graphtop saw change: `since` is exact for them."""
        self.unreadable: set[TaskId] = set()
        """The tasks whose records the server last failed to read."""
        self.unread_reasons: set[TaskId] = set()
        """The failed tasks whose reasons have not been read."""
        self.moved: dict[TaskId, Millis] = {}
        """When graphtop last saw an unfinished task's progress or update change."""
        self._ticket: Ticket = 0
        self._asked: dict[TaskId, Ticket] = {}

    def __len__(self) -> int:
        """How many tasks are known."""
        return len(self.tasks)

    # What is asked of the tasks of all places alike; see `task_source.TaskSource`.

    @property
    def unfinished_count(self) -> int:
        """How many tasks have not ended, but for those that can't be read."""
        return len(self.unfinished)

    @property
    def unreadable_count(self) -> int:
        """How many tasks the server fails over."""
        return len(self.unreadable)

    @property
    def unread_reason_count(self) -> int:
        """Of how many failures the reason has not been read."""
        return len(self.unread_reasons)

    @property
    def action_count(self) -> int:
        """How many tasks are being acted on."""
        return len(self.overlays)

    def find_task(self, task_id: TaskId) -> Task | None:
        """A task; None where it isn't known."""
        return self.tasks.get(task_id)

    def find_overlay(self, task_id: TaskId) -> ActionOverlay | None:
        """What graphtop is doing to a task; None where that is nothing."""
        return self.overlays.get(task_id)

    def list_tasks(self) -> list[Task]:
        """All tasks, in no particular order."""
        return list(self.tasks.values())

    def iter_unfinished(self) -> Iterator[Task]:
        """The tasks that have not ended, but for those that can't be read."""
        return (self.tasks[task_id] for task_id in self.unfinished)

    def iter_unreadable(self) -> Iterator[Task]:
        """The tasks that the server fails over."""
        return (self.tasks[task_id] for task_id in self.unreadable)

    def find_last_end(self) -> Task | None:
        """The finished task with the latest end; None where none has ended at a known time."""
        return self.last_end.find_task(self.tasks)

    def count_ends(self, now: Millis, minutes: int) -> tuple[int, ...]:
        """How many tasks ended in each of the last whole minutes before `now`, oldest first."""
        return self.finish_rate.count_per_minute(now, minutes)

    # Answers.

    def take_ticket(self) -> Ticket:
        """Number a request that is about to be made."""
        self._ticket += 1
        return self._ticket

    def recall_status_time(self, task: Task, since: Millis) -> None:
        """Note that an earlier session saw a task in this status, at a time by the server's clock."""
        known = self.tasks.get(task.id)
        if known is None or known.status is not task.status or task.id in self.watched:
            return
        if since < self.since.get(task.id, since):
            self.since[task.id] = since

    def move_times(self, by: Millis) -> None:
        """Shift the times of what graphtop itself saw after the server's clock was set."""
        self.since = {task_id: moment + by for task_id, moment in self.since.items()}
        self.moved = {task_id: moment + by for task_id, moment in self.moved.items()}

    def apply_answer(
        self, tasks: Iterable[Task], missing: Collection[TaskId] = (), *, asked: Ticket
    ) -> list[Change]:
        """Take in an answer to the request with ticket `asked`, and return what it changed.

        A task about which a later request was already answered is left as it is.
        """
        changes = [change for task in tasks if (change := self._put_task(task, asked)) is not None]
        changes += [change for task_id in missing if (change := self._drop_task(task_id, asked)) is not None]
        return changes

    def apply_scan(self, tasks: Sequence[Task], *, began: Ticket) -> list[Change]:
        """Take in a part of a full scan that began at ticket `began`.

        A list can be half a minute older than a look at single tasks (hugegraph/PROTOCOL.md, section 1.3), so
        whatever was looked at since the scan began is left as it is, and so is a task that goes on: every
        poll looks at it.
        """
        asked = self._asked
        ended = {
            task.id: task
            for task in tasks
            if task.status in FINISHED and task.id not in self.tasks and asked.get(task.id, 0) < began
        }
        others = [task for task in tasks if ended.get(task.id) is not task]
        if any(task.id in ended for task in others):
            # One id twice: the later one counts.
            ended, others = {}, list(tasks)
        fresh = (task for task in others if asked.get(task.id, 0) < began and not self._goes_on(task))
        changes = [change for task in fresh if (change := self._put_task(task, None)) is not None]
        return self._put_ended(ended) + changes if ended else changes

    def finish_scan(self, began: Ticket) -> None:
        """Complete a full scan that began at this ticket: ids may have restarted."""
        # No answer about deleted tasks can still arrive; about the others an older one can.
        self._asked = {
            task_id: asked
            for task_id, asked in self._asked.items()
            if asked >= began or task_id in self.tasks
        }
        if self.newest not in self.tasks:
            read = (task_id for task_id, task in self.tasks.items() if last_read_status(task) is not None)
            self.newest = max(read, key=natural_key, default=None)
            self._newest = natural_key(self.newest or "")

    def _put_ended(self, ended: Mapping[TaskId, Task]) -> list[Change]:
        """Take in tasks that were not known before and have ended, as most of a long list: all at once.

        This is what `_put_task` does with each, in a fifth of the time.
        """
        tasks = ended.values()
        self.tasks.update(ended)
        self.counts.update([task.status for task in tasks])
        self.unread_reasons.update(
            [task.id for task in tasks if task.status in FAILURES and task.lacks_reason]
        )
        self.last_end.note_change(max(tasks, key=_end_of))
        self.finish_rate.count_tasks(tasks)
        self._note_newest(find_last_id([*ended]))
        return [Change(None, task) for task in tasks]

    def _goes_on(self, task: Task) -> bool:
        """Whether a scanned task is one that polls follow and that is unfinished."""
        if task.id not in self.unfinished or task.id not in self._asked:
            return False
        known = self.tasks[task.id]
        return not is_different_task(known, task) and known.raw_status == task.raw_status

    def _put_task(self, task: Task, asked: Ticket | None) -> Change | None:
        if asked is not None:
            if self._asked.get(task.id, 0) > asked:
                return None
            self._asked[task.id] = asked
        old = self.tasks.get(task.id)
        if is_unreadable(task):
            task = keep_known_fields(old, task)
        elif old is not None and old.reason is not None:
            task = keep_known_reason(old, task)
        if old == task:
            return None
        self.tasks[task.id] = task
        self._note_unread_reason(task)
        self.unwritten_ends.note_change(old, task)
        self.last_end.note_change(task)
        self._update_counts(old, task)
        return Change(old, task)

    def set_reason(self, task: Task, reason: str | None) -> Change | None:
        """Add the reason of a failure to its task, or take it away again; returns what that changed."""
        old = self.tasks.get(task.id)
        if old is None or old.reason == reason or old.status not in FAILURES or is_different_task(old, task):
            return None
        new = self.tasks[task.id] = change_task(old, reason=reason)
        self._note_unread_reason(new)
        return Change(old, new)

    def _note_unread_reason(self, task: Task) -> None:
        (self.unread_reasons.add if task.lacks_reason else self.unread_reasons.discard)(task.id)

    def _drop_task(self, task_id: TaskId, asked: Ticket) -> Change | None:
        if self._asked.get(task_id, 0) > asked:
            return None
        self._asked[task_id] = asked
        if len(self._asked) > len(self.tasks) + 2 * GONE_MOST:
            self._forget_gone()
        old = self.tasks.pop(task_id, None)
        if old is None:
            return None
        self.counts[tab_status(old)] -= 1
        self.unfinished.discard(task_id)
        self.unreadable.discard(task_id)
        self.unread_reasons.discard(task_id)
        self._forget_times(task_id)
        self.unwritten_ends.forget_task(task_id)
        self.last_end.forget_task(task_id)
        return Change(old, None)

    def _forget_gone(self) -> None:
        """Forget most of the deleted tasks: older answers about them have long arrived."""
        gone = sorted((asked, task_id) for task_id, asked in self._asked.items() if task_id not in self.tasks)
        for _, task_id in gone[:-GONE_MOST]:
            del self._asked[task_id]

    def _forget_times(self, task_id: TaskId) -> None:
        self.since.pop(task_id, None)
        self.moved.pop(task_id, None)
        self.watched.discard(task_id)

    def _update_counts(self, old: Task | None, task: Task) -> None:
        before = None if old is None or is_different_task(old, task) else last_read_status(old)
        if old is not None:
            self.counts[tab_status(old)] -= 1
        if is_unreadable(task):
            self.counts[tab_status(task)] += 1
            self.unreadable.add(task.id)
            self.unfinished.discard(task.id)
            return
        self.counts[task.status] += 1
        self.unreadable.discard(task.id)
        if before is None:
            self._note_newest(task.id)
        if task.status.is_finished:
            self.unfinished.discard(task.id)
            if old is not None:
                self._forget_times(task.id)
            if before is None or not before.is_finished:
                self.finish_rate.count_tasks([task])
        else:
            self.unfinished.add(task.id)
            self._note_status_time(old, before, task)
            if old is not None and (old.progress, old.updated) != (task.progress, task.updated):
                self.moved[task.id] = self.now()

    def _note_newest(self, task_id: TaskId) -> None:
        """Note the id of a task that was read for the first time: new tasks get ids above the highest."""
        if (key := natural_key(task_id)) > self._newest or self.newest is None:
            self.newest, self._newest = task_id, key

    def _note_status_time(self, old: Task | None, before: TaskStatus | None, task: Task) -> None:
        """Record when an unfinished task changed its status."""
        if old is not None and before is task.status and not is_different_task(old, task):
            return
        self.since[task.id] = self.now()
        # Nobody saw the status change of a task that was unreadable meanwhile, or that replaced another one.
        unseen = old is None or is_unreadable(old) or is_different_task(old, task)
        (self.watched.discard if unseen else self.watched.add)(task.id)


def _end_of(task: Task) -> Millis:
    """When a finished task ended; before all others where that isn't known."""
    return -1 if task.updated is None else task.updated


def keep_known_reason(known: Task, told: Task) -> Task:
    """A failed task as a list tells of it, with the reason that was read before."""
    is_same = told.lacks_reason and not is_different_task(known, told)
    return change_task(told, reason=known.reason) if is_same else told
