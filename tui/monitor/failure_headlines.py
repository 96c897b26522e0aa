"""Why tasks failed: the first line of each failure, read once, one at a time.

Those on the screen come first, then slowly the newest others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest

from backend_adapters.backend import Backend
from backend_adapters.errors import (
    OUT_OF_MEMORY_PHRASES,
    BackendError,
    BadAnswer,
    NoSuchTask,
    Refused,
    ServerFault,
    TimedOut,
    Unreadable,
)
from backend_adapters.model import FAILURES, Task, TaskDetail, TaskId, is_different_task
from backend_adapters.transport.request_context import in_background
from tui.monitor.clock import Clock, wait_for_event
from tui.monitor.cooperative import LoopYielder
from tui.monitor.id_order import natural_key
from tui.monitor.store import Change, Store
from tui.monitor.stuck import SERVER_LOST

HEADLINE_BYTES = 32 * 1024
"""Bytes of a detail that are read: the text of a failure begins with what matters."""
READ_PAUSE = 0.1
"""Seconds between two reads, so that polls and people never have to wait for them."""
READY_PAUSE = 1.0
"""Seconds between two checks whether the server can be asked."""
BACKGROUND_PAUSE = 0.5
"""Seconds between two reads that nobody waits for, in all places together."""
BEGIN_AT_ONCE = 20
"""Places that begin with such reads at once; of very many the others follow one after the other."""
SLOW_TIMES = 5
"""A read that nobody waits for is followed by a pause of at least so many times its own duration."""
FAILED_PAUSE = 10.0
"""Seconds before the next such read after one that failed."""
ASKED_AGAIN = 60.0
"""Seconds before a reason on the screen is asked for again whose task's detail did not come in time."""
TASK_TIMEOUTS_MOST = 2
"""Times that a detail is waited for in vain in the background; a server makes a large one anew each time."""
NEWEST_READ = 500
"""Of so many failures, the newest, the reasons are read without being asked for."""
NEWEST_READ_EACH = 20
"""The same for each of many places that share these 500, at least."""
SEARCHED_AT_ONCE = 500
"""Ids that are looked at between two checks of the time: half a millisecond."""
HEADLINES_KEPT = 5_000
"""Reasons that are kept; beyond that those that were read first are forgotten."""


class FailureHeadlines:
    """Reads the reasons of failures into the tasks of a store, where they stay until the id is reused.

    While `ready` says no, nothing is read: a server in trouble has enough to do.
    """

    def __init__(
        self,
        backend: Backend,
        store: Store,
        *,
        clock: Clock,
        on_changes: Callable[[Sequence[Change]], None],
        ready: Callable[[], bool] = lambda: True,
        calm: Callable[[], bool] = lambda: True,
    ) -> None:
        """`ready` tells whether the server can be asked, `calm` whether also for what nobody waits for."""
        self._backend = backend
        self._store = store
        self._clock = clock
        self._on_changes = on_changes
        self._ready, self._calm = ready, calm
        self._kept: dict[TaskId, Task] = {}
        """The tasks whose reasons were read, the first one first."""
        self._wanted: dict[TaskId, Task] = {}
        self.sharing = 1
        """How many places share what is read without being asked for."""
        self.turn = 0
        """Which of these it is, counted from 0."""
        self._begins_later: float | None = None
        """When it may begin with what nobody waits for; None where that has not come up."""
        self._later: list[TaskId] = []
        """What is read in the background, the next one last."""
        self._has_new = False
        """Something has failed since `_later` was made."""
        self._timeouts: dict[TaskId, list[float]] = {}
        """When details did not come in time, for the tasks whose reasons are still unknown."""
        self._wish = asyncio.Event()

    def find_out_of_memory(self, task: Task) -> TaskId | None:
        """A task that ran out of memory on the same server after this one began."""
        kept = (other for task_id in self._kept if (other := self._store.tasks.get(task_id)) is not None)
        return find_out_of_memory_beside(task, kept)

    def learn_from(self, detail: TaskDetail) -> None:
        """Take the reason from a detail that was read for another purpose."""
        reason = read_headline(detail)
        if reason and detail.task.id in self._store.unread_reasons:
            self._remember(detail.task, reason)

    def set_wanted(self, tasks: Iterable[Task]) -> None:
        """Set the tasks on the screen, whose reasons are read first; earlier ones no longer are."""
        unread = self._store.unread_reasons
        self._wanted = {task.id: task for task in tasks if task.id in unread and self._can_ask_again(task.id)}
        if self._wanted:
            self._wish.set()

    def note_changes(self, changes: Sequence[Change]) -> None:
        """Read in the background what has failed since, where that is among the newest failures."""
        for change in changes:
            if change.new is None and change.old is not None:
                # It is gone from the server.
                self._kept.pop(change.old.id, None)
                self._timeouts.pop(change.old.id, None)
        unread = self._store.unread_reasons
        if unread and any(change.new is not None and change.new.id in unread for change in changes):
            self._has_new = True
            self._wish.set()

    def _can_ask_again(self, task_id: TaskId) -> bool:
        """Whether enough time has passed since the detail of a task last did not come in time."""
        timeouts = self._timeouts.get(task_id)
        return timeouts is None or self._clock.monotonic() >= timeouts[-1] + ASKED_AGAIN

    @property
    def is_reading(self) -> bool:
        """Whether any reason is still to be read."""
        return bool(self._wanted or self._has_new or self._later)

    async def run(self) -> None:
        """Read the wanted reasons one by one, then the newest in the background, until cancelled."""
        while True:
            await self._wish.wait()
            while self.is_reading:
                if self._wanted:
                    await self._read_wanted()
                else:
                    await self._read_later()
            self._wish.clear()

    async def _read_wanted(self) -> None:
        if not self._ready():
            await self._clock.sleep(READY_PAUSE)
            return
        task = next(iter(self._wanted.values()))
        await self._read_detail(task)
        # Not before: a redraw may have asked for it again while it was being read.
        self._wanted.pop(task.id, None)
        has_hung = task.id in self._timeouts
        await self._clock.sleep(FAILED_PAUSE if has_hung else READ_PAUSE)

    async def _read_later(self) -> None:
        """Read the next reason that nobody waits for, slowly; wait while the server has enough to do."""
        if not (self._ready() and self._calm()):
            await self._pause(READY_PAUSE)
            return
        if self._begins_later is None:
            before = max(0, self.turn - BEGIN_AT_ONCE)
            self._begins_later = self._clock.monotonic() + BACKGROUND_PAUSE * before
        if (left := self._begins_later - self._clock.monotonic()) > 0:
            await self._pause(left)
            return
        if self._has_new:
            self._has_new = False
            self._later = await self._find_newest()
        task = self._store.tasks.get(self._later.pop()) if self._later else None
        if task is None or task.id not in self._store.unread_reasons:
            return
        began = self._clock.monotonic()
        if await self._read_detail(task):
            # What takes long is heavy for the server.
            await self._pause(
                max(BACKGROUND_PAUSE * self.sharing, SLOW_TIMES * (self._clock.monotonic() - began))
            )
        else:
            if self._is_worth_trying(task.id):
                self._later.insert(0, task.id)
            await self._pause(FAILED_PAUSE)

    def _is_worth_trying(self, task_id: TaskId) -> bool:
        return len(self._timeouts.get(task_id, ())) < TASK_TIMEOUTS_MOST

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until a person waits for a reason."""
        self._wish.clear()
        await wait_for_event(self._clock, self._wish, seconds)
        self._wish.set()

    async def _find_newest(self) -> list[TaskId]:
        """The newest failures whose reasons have not been read, the newest one last."""
        loop, newest = LoopYielder(), list[TaskId]()
        ids = [*self._store.unread_reasons, *self._kept]
        most = min(NEWEST_READ, max(NEWEST_READ // self.sharing, NEWEST_READ_EACH))
        for start in range(0, len(ids), SEARCHED_AT_ONCE):
            newest = nlargest(most, newest + ids[start : start + SEARCHED_AT_ONCE], key=natural_key)
            await loop.yield_if_due()
        unread = self._store.unread_reasons
        return [one for one in reversed(newest) if one in unread and self._is_worth_trying(one)]

    async def _read_detail(self, task: Task) -> bool:
        """Read why a task failed; false where the server could not be read from, or may be ill."""
        try:
            with in_background():
                detail = await self._backend.detail(task.id, cap=HEADLINE_BYTES)
        except (NoSuchTask, Refused, ServerFault, BadAnswer, Unreadable) as error:
            # A problem with this task alone: asked for at each redraw, it would block the others.
            self._remember(task, "")
            return not isinstance(error, (ServerFault, BadAnswer))
        except TimedOut:
            # It may be the task's result that takes so long: the others are read meanwhile.
            self._timeouts.setdefault(task.id, []).append(self._clock.monotonic())
            return False
        except BackendError:
            # The poll reports what is wrong with the server; the next redraw asks again.
            self._wanted.clear()
            return False
        else:
            # Another task may have the id by now, which the next scan will tell.
            self._remember(task, "" if is_different_task(detail.task, task) else read_headline(detail))
        return True

    def _remember(self, task: Task, reason: str) -> None:
        self._timeouts.pop(task.id, None)
        changes = [self._store.set_reason(task, reason)]
        self._kept.pop(task.id, None)
        self._kept[task.id] = task
        while len(self._kept) > HEADLINES_KEPT:
            changes.append(self._store.set_reason(self._kept.pop(next(iter(self._kept))), None))
        if found := [change for change in changes if change is not None]:
            self._on_changes(found)


def find_out_of_memory_beside(task: Task, others: Iterable[Task]) -> TaskId | None:
    """The first of the others that ran out of memory on the same server after a task began."""
    began = task.updated or task.created or 0
    for other in others:
        if other.server != task.server or (other.updated or 0) < began:
            continue
        if ran_out_of_memory(other):
            return other.id
    return None


def ran_out_of_memory(task: Task) -> bool:
    """Whether the reason of a failure says that there was not enough memory."""
    return any(sign in (task.reason or "") for sign in OUT_OF_MEMORY_PHRASES)


def read_headline(detail: TaskDetail) -> str:
    """The headline of a failure; empty where the task has not failed, or says nothing of it."""
    if detail.lost:
        return SERVER_LOST
    if detail.task.status not in FAILURES or not detail.result:
        return ""
    # Imported here: the first rows do not wait for it, as no reason has been read by then.
    from tui.monitor.document.loading import read_document

    headline = read_document(detail.result[:HEADLINE_BYTES], "error").headline
    # Some computer jobs leave the word of their status, and nothing else.
    return "" if headline.casefold() == detail.task.raw_status.casefold() else headline


def describe_unread_reasons(number: int) -> str:
    """Say of how many failures the reasons are not known: `reasons of 12 tasks not read`."""
    return "reason of 1 task not read" if number == 1 else f"reasons of {number:,} tasks not read"
