"""Cancel and delete: ask the server once, then look until the task itself says what happened.

A 202, a 204, a 400 and no answer at all mean the same: look. The distributed scheduler answers 400 to
what it accepts (facts: HugeGraph, sections 5, 6 and 13 #10), a cancel can lose against the task's own
end, and a time-out says nothing. One state machine for cancel and delete, for one task and for many.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.backend import Answer, Backend, Looked
from backend_adapters.errors import BackendError, NotAllowed, NotLoggedIn, Unsupported
from backend_adapters.model import Action, Task, TaskId, TaskStatus
from tui.monitor.clock import Clock
from tui.monitor.store import Overlay, Store

AT_ONCE = 4
CONFIRM_WITHIN = 30.0
"""Seconds after which an accepted action that does not show is called not confirmed."""
UNKNOWN_WITHIN = 20.0
"""The same where no answer came at all."""
FIRST_LOOK, SLOWEST_LOOK, LOOK_GROWTH = 0.2, 2.0, 1.5
COME_BACK_AFTER = (5.0, 30.0)
"""Pauses, in seconds, after a force delete before it is looked at again: a job that goes on writes its
record anew when it ends, or with its progress every 30 s (facts: HugeGraph, sections 1 and 5)."""


class Outcome(Enum):
    """How an action ended, as the server showed it."""

    CANCELLED = "cancelled"
    DELETED = "deleted"
    GONE = "gone already"
    FINISHED_FIRST = "finished first"
    CHANGED = "changed meanwhile, nothing sent"
    REFUSED = "refused"
    UNCONFIRMED = "not confirmed"
    CAME_BACK = "came back"
    NOT_SENT = "not sent"

    @property
    def good(self) -> bool:
        """Whether the person has what was asked for."""
        return self in (Outcome.CANCELLED, Outcome.DELETED, Outcome.GONE)


class Report(Struct, frozen=True, kw_only=True):
    """How an action on one task ended."""

    action: Action
    task: Task
    """As it was shown when the person decided."""
    outcome: Outcome
    words: str = ""
    """The server's words, or what graphtop has to say."""
    code: int | None = None
    elapsed: float = 0.0
    last: Task | None = None
    """The task as last seen; None when it is gone."""


class _Operation:
    """One action on one task under way."""

    def __init__(self, action: Action, task: Task, started: float) -> None:
        self.action = action
        self.task = task
        self.started = started
        self.answered = started
        self.answer: Answer | None = None
        self.trouble: BackendError | None = None
        self.last: Task | None = task
        self.overlay: Overlay | None = None
        self.stopped = False
        self.ended = False

    @property
    def answered_or_lost(self) -> bool:
        """Sent, with an answer or with none to be had, and its end not yet seen."""
        return not self.ended and (self.answer is not None or self.trouble is not None)

    def report(self, outcome: Outcome, now: float, words: str = "") -> Report:
        return Report(
            action=self.action,
            task=self.task,
            outcome=outcome,
            words=words or (self.answer.words if self.answer else str(self.trouble or "")),
            code=self.answer.code if self.answer else None,
            elapsed=now - self.started,
            last=self.last,
        )


_UNDER_WAY = (TaskStatus.CANCELLING, TaskStatus.DELETING)

Look = Callable[[Collection[TaskId]], Awaitable[Looked]]


class Operations:
    """Carries actions out and reports what came of each."""

    def __init__(
        self,
        backend: Backend,
        store: Store,
        look: Look,
        *,
        clock: Clock,
        on_report: Callable[[Report], None],
        on_overlay: Callable[[], None],
    ) -> None:
        self._backend = backend
        self._store = store
        self._look = look
        self._clock = clock
        self._on_report = on_report
        self._on_overlay = on_overlay
        self._operations: set[_Operation] = set()
        self._slots = asyncio.Semaphore(AT_ONCE)

    @property
    def under_way(self) -> int:
        """How many tasks are being acted on."""
        return len(self._store.overlays)

    def stop(self) -> None:
        """Send nothing more of what has not been sent; what was sent is still followed to its end."""
        for operation in self._operations:
            operation.stopped = True

    async def run(self, action: Action, shown: Iterable[Task]) -> list[Report]:
        """Act on exactly these tasks, as they were shown, and follow each until its end is seen."""
        started = self._clock.monotonic()
        operations = [_Operation(action, task, started) for task in shown]
        reports: list[Report] = []
        self._operations.update(operations)
        for operation in operations:
            if operation.task.id in self._store.overlays:
                self._end(operation, Outcome.NOT_SENT, reports, "Another action on it is under way.")
            else:
                self._cover(operation)
        self._on_overlay()
        try:
            await self._carry_out([op for op in operations if not op.ended], reports)
        finally:
            self._operations.difference_update(operations)
            for operation in operations:
                self._uncover(operation)
            self._on_overlay()
        return reports

    async def _carry_out(self, operations: list[_Operation], reports: list[Report]) -> None:
        ready = await self._check(operations, reports)
        sent = asyncio.create_task(self._send_all(ready, reports), name="graphtop send")
        try:
            await self._follow(ready, reports, sent)
        finally:
            sent.cancel()
            await asyncio.gather(sent, return_exceptions=True)
        if forced := [r for r in reports if r.action is Action.FORCE_DELETE and r.outcome is Outcome.DELETED]:
            await self._look_for_returns(forced, reports)

    def _cover(self, operation: _Operation) -> None:
        operation.overlay = Overlay(operation.action, self._clock.now())
        self._store.overlays[operation.task.id] = operation.overlay

    def _uncover(self, operation: _Operation) -> None:
        if self._store.overlays.get(operation.task.id) is operation.overlay is not None:
            del self._store.overlays[operation.task.id]

    def _end(self, operation: _Operation, outcome: Outcome, reports: list[Report], words: str = "") -> None:
        operation.ended = True
        self._uncover(operation)
        report = operation.report(outcome, self._clock.monotonic(), words)
        reports.append(report)
        self._on_report(report)
        self._on_overlay()

    # Before: what was shown must still be so.

    async def _check(self, operations: list[_Operation], reports: list[Report]) -> list[_Operation]:
        """Read the tasks again and drop those that are no longer what the person saw."""
        try:
            looked = await self._look([operation.task.id for operation in operations])
        except BackendError as error:
            for operation in operations:
                self._end(operation, Outcome.NOT_SENT, reports, f"Nothing was sent: {error}")
            return []
        now = {task.id: task for task in looked.tasks}
        ready: list[_Operation] = []
        for operation in operations:
            task = operation.last = now.get(operation.task.id)
            if task is None:
                self._end(operation, Outcome.GONE, reports, "It was gone before anything was sent.")
            elif changed := what_changed(operation.action, operation.task, task):
                self._end(operation, Outcome.CHANGED, reports, changed)
            else:
                ready.append(operation)
        return ready

    # The sending: once, never again.

    async def _send_all(self, operations: list[_Operation], reports: list[Report]) -> None:
        async with asyncio.TaskGroup() as group:
            for operation in operations:
                group.create_task(self._send(operation, reports))

    async def _send(self, operation: _Operation, reports: list[Report]) -> None:
        async with self._slots:
            if operation.stopped:
                self._end(operation, Outcome.NOT_SENT, reports, "Stopped before it was sent.")
                return
            try:
                operation.answer = await self._backend.act(operation.action, operation.task.id)
            except (NotAllowed, NotLoggedIn, Unsupported) as error:
                self._end(operation, Outcome.REFUSED, reports, str(error))
                return
            except BackendError as error:
                if not error.sent:
                    self._end(operation, Outcome.NOT_SENT, reports, f"Nothing was sent: {error}")
                    return
                operation.trouble = error
            operation.answered = self._clock.monotonic()

    # After: look until the task says what happened.

    async def _follow(
        self, operations: list[_Operation], reports: list[Report], sent: asyncio.Task[None]
    ) -> None:
        pause = FIRST_LOOK
        while not all(operation.ended for operation in operations):
            await self._clock.sleep(pause)
            if sent.done():
                pause = min(SLOWEST_LOOK, pause * LOOK_GROWTH)
                sent.result()
            asked = [operation for operation in operations if operation.answered_or_lost]
            if asked:
                await self._look_and_judge(asked, reports)

    async def _look_and_judge(self, asked: Sequence[_Operation], reports: list[Report]) -> None:
        found: dict[TaskId, Task] | None = None
        # An answer is as old as its request: a slow one is no proof that nothing happened until it came.
        now = self._clock.monotonic()
        try:
            looked = await self._look([operation.task.id for operation in asked])
            found = {task.id: task for task in looked.tasks}
        except BackendError as error:
            trouble = f"The server can't be asked: {error}"
        for operation in asked:
            waited = now - operation.answered
            if found is not None:
                operation.last = found.get(operation.task.id)
                verdict = judge(operation.action, operation.task, operation.last, operation.answer, waited)
                if verdict is Outcome.UNCONFIRMED:
                    words = unconfirmed(operation.last, operation.answer, waited, operation.trouble)
                    self._end(operation, verdict, reports, words)
                elif verdict is not None:
                    self._end(operation, verdict, reports)
            elif waited > CONFIRM_WITHIN:
                self._end(operation, Outcome.UNCONFIRMED, reports, trouble)

    async def _look_for_returns(self, forced: list[Report], reports: list[Report]) -> None:
        """A force delete does not stop the work, and a job that goes on may write its record again."""
        for pause in COME_BACK_AFTER:
            await self._clock.sleep(pause)
            try:
                looked = await self._look([report.task.id for report in forced])
            except BackendError:
                # They were seen to be gone; the refresh shows it if one comes back.
                return
            back = {task.id: task for task in looked.tasks}
            for report in list(forced):
                task = back.get(report.task.id)
                if task is not None and task.created == report.task.created:
                    forced.remove(report)
                    self._came_back(report, task, reports)

    def _came_back(self, report: Report, task: Task, reports: list[Report]) -> None:
        cure = "delete it once more." if task.status.finished else "cancel it, then delete it."
        words = f"Its job went on and wrote the record again: {cure}"
        returned = replace(report, outcome=Outcome.CAME_BACK, words=words, last=task)
        reports[reports.index(report)] = returned
        self._on_report(returned)


def what_changed(action: Action, shown: Task, now: Task) -> str:
    """Say why a task is no longer what the person decided about, or nothing if it still is.

    A cancel goes on when a waiting task has begun to run: that is what it was meant to prevent.
    """
    if now.created != shown.created:
        return "Another task has this id now."
    if now.status is shown.status or (action is Action.CANCEL and not now.status.finished):
        return ""
    return f"It was {shown.word} when you decided, and is {now.word} now."


def judge(
    action: Action, shown: Task, now: Task | None, answer: Answer | None, waited: float
) -> Outcome | None:
    """Say what became of an action, from the task `waited` seconds after the answer; None: not yet."""
    if now is None or now.created != shown.created:
        return Outcome.DELETED if action.deletes else Outcome.GONE
    if action is Action.CANCEL and now.status is TaskStatus.CANCELLED:
        return Outcome.CANCELLED
    if action is Action.CANCEL and now.status.finished:
        return Outcome.FINISHED_FIRST
    if answer is None:
        return Outcome.UNCONFIRMED if waited > UNKNOWN_WITHIN else None
    # A delete that is refused because the task is being cancelled is no delete under way.
    under_way = now.status is (TaskStatus.DELETING if action.deletes else TaskStatus.CANCELLING)
    if answer.accepted or under_way:
        return Outcome.UNCONFIRMED if waited > CONFIRM_WITHIN else None
    return Outcome.REFUSED if waited > answer.patience else None


def unconfirmed(
    now: Task | None, answer: Answer | None, waited: float, trouble: BackendError | None = None
) -> str:
    """Say what is known of an action whose end did not show in time, and what a person can do."""
    said = f"The server said {answer.code}." if answer else str(trouble or "The server did not answer.")
    if now is None:
        return f"{said} The task is gone."
    state = f"{said} After {waited:.0f} s the task is still {now.word}."
    if now.status not in _UNDER_WAY:
        return f"{state} It may still happen: look at it again before you ask once more."
    node = f" Its server {now.server} may no longer exist." if now.server else ""
    return f"{state}{node} Only a force delete removes such a task, where the server has it."
