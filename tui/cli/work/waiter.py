"""Waits for tasks: reads them by their ids until each has reached the wanted state."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from backend_adapters.errors import BackendError
from backend_adapters.model import Millis, Task, TaskId, TaskStatus, is_different_task
from backend_adapters.transport.retry import backoff_seconds
from tui import text
from tui.cli.exit_codes import FAILED, NOT_CONFIRMED, NOT_FOUND, OK, UNREACHABLE
from tui.cli.output.standard_error import clear_progress, report_error, show_progress
from tui.cli.work.confirmation import count_tasks
from tui.cli.work.session import Session, describe_unreadable_task
from tui.monitor.operations import FIRST_LOOK, LOOK_GROWTH
from tui.monitor.unreadable import is_unreadable
from tui.monitor.unwritten_ends import is_end_unknown

WaitGoal: TypeAlias = Literal["success", "finished", "gone"]
"""A success, any end, or that the server has the task no more."""

FASTEST_RETRY, SLOWEST_RETRY = 1.0, 30.0
LOST_FOR = 300.0
"""Seconds without any answer after which waiting is given up."""
LOOK_LEAST = 5.0
"""Seconds that a look has at the least, however little of the time is left: the last one is to tell."""
UNREAD_MOST = 3
"""Looks in a row over which the server fails for one task, after which that is waited for no more."""
END_LOOKS_MOST = 3
"""Looks at a task that has finished while the server has not written when; some ends are never written."""


class WaitResult(Struct, frozen=True):
    """The result of waiting for one task."""

    id: TaskId
    code: int
    task: Task | None
    """As last seen; None where the server never had it."""
    gone: bool = False
    """The server has it no more."""
    after: float = 0.0
    """Seconds that were waited."""
    end_unknown: bool = False
    """The server had not written when the task finished."""
    running: Millis | None = None
    """How long a task had been running when the time was over."""


class TaskWaiter:
    """Waits for some tasks; `ended` is called with the result of each, in time or not."""

    def __init__(
        self, session: Session, ids: Sequence[TaskId], wanted: WaitGoal, ended: Callable[[WaitResult], None]
    ) -> None:
        self._session = session
        self._wanted = wanted
        self._on_result = ended
        self._pending: dict[TaskId, Task | None] = dict.fromkeys(ids)
        self._clock = session.clock
        self._began = self._heard = self._clock.monotonic()
        self._failures = 0
        self._answered = self._refused = False
        """A look was answered before; and the last one was refused, which a person has to mend."""
        self._noted = ""
        """What the last look said of records that could not be read."""
        self._unread: Counter[TaskId] = Counter()
        """How many looks in a row the server has failed over each task."""
        self._end_looks: Counter[TaskId] = Counter()
        """How many looks showed each task finished, but not when."""
        self._finished: dict[TaskId, WaitResult] = {}
        """Their results: they count where the next look shows nothing of the task."""

    async def run(self, timeout: float | None) -> list[int]:
        """Wait so many seconds at most; returns the exit codes. Raises BackendError."""
        codes: list[int] = []
        pause = FIRST_LOOK
        try:
            await self._look_in_time(codes, timeout)
            while self._pending:
                left = None if timeout is None else timeout - self._seconds_waited
                if left is not None and left <= 0:
                    return codes + [self._time_out(task_id) for task_id in list(self._pending)]
                show_progress(self._describe_progress())
                # The server writes the end of a task within milliseconds where it can.
                rest = FIRST_LOOK if self._finished else max(pause, self._retry_delay())
                await self._clock.sleep(rest if left is None else min(rest, left))
                pause = min(pause * LOOK_GROWTH, self._session.settings.interval.value)
                await self._look_in_time(codes, timeout)
        finally:
            clear_progress()
            self._report_finished(codes)
        return codes

    @property
    def _seconds_waited(self) -> float:
        return self._clock.monotonic() - self._began

    async def _look_in_time(self, codes: list[int], timeout: float | None) -> None:
        """Read the tasks while there is time: a silent server must not delay the end."""
        if timeout is None:
            await self._look_again(codes)
            return
        looking = asyncio.ensure_future(self._look_again(codes))
        late = asyncio.ensure_future(self._clock.sleep(max(timeout - self._seconds_waited, LOOK_LEAST)))
        try:
            await asyncio.wait((looking, late), return_when=asyncio.FIRST_COMPLETED)
            if looking.done():
                looking.result()
        finally:
            looking.cancel()
            late.cancel()
            await asyncio.gather(looking, late, return_exceptions=True)

    async def _look_again(self, codes: list[int]) -> None:
        """Read the tasks; retry later if the server can't be reached or refuses what it answered before."""
        try:
            if self._session.info is None:
                await self._session.connect()
            await self._judge_all(codes)
        except BackendError as error:
            self._report_finished(codes)
            if not self._pending:
                return
            self._refused = not error.retryable
            given_up = self._refused and not self._answered
            if given_up or self._clock.monotonic() - self._heard > LOST_FOR:
                raise
            if not self._failures:
                report_error(f"{self._session.describe_error(error)} Retrying.")
            self._failures += 1
        else:
            if self._failures:
                report_error(f"{self._session.where}: Connected again.")
            self._answered, self._refused = True, False
            self._failures = 0
            self._heard = self._clock.monotonic()

    def _retry_delay(self) -> float:
        if self._refused:
            # A wrong password that is sent again and again may lock its user out.
            return SLOWEST_RETRY
        failures = max(self._failures, *self._unread.values(), 0)
        return backoff_seconds(failures, FASTEST_RETRY, SLOWEST_RETRY) if failures else 0.0

    async def _judge_all(self, codes: list[int]) -> None:
        looked = await self._session.refresh_tasks(list(self._pending))
        found = {task.id: task for task in looked.tasks}
        if looked.note and not self._noted:
            report_error(f"{self._session.where}: {looked.note} Retrying.")
        self._noted = looked.note
        for task_id, before in list(self._pending.items()):
            now = found.get(task_id)
            is_other = now is not None and before is not None and is_different_task(now, before)
            if task_id in self._finished and (now is None or is_unreadable(now) or is_other):
                codes.append(self._report_result(self._finished[task_id]))
                continue
            if now is None and task_id not in looked.missing:
                # Its record could not be read: nothing is known of it.
                continue
            if now is not None and is_unreadable(now):
                self._count_failure(now, codes)
                continue
            if self._unread.pop(task_id, 0) and now is not None:
                report_error(f"{self._session.where}: Task {task_id} can be read again.")
            if is_other:
                # What came of the one that is waited for, the one that has its id now does not tell.
                now = None
            code = judge_task(self._wanted, now)
            if code is None:
                self._pending[task_id] = now
                self._finished.pop(task_id, None)
                continue
            end_unknown = now is not None and is_end_unknown(before, now)
            ended = WaitResult(task_id, code, now or before, now is None, self._seconds_waited, end_unknown)
            self._end_looks[task_id] += end_unknown
            if end_unknown and self._end_looks[task_id] < END_LOOKS_MOST:
                self._finished[task_id] = ended
            else:
                codes.append(self._report_result(ended))

    def _count_failure(self, task: Task, codes: list[int]) -> None:
        """Count a task that the server could not read, and give it up after several times."""
        self._unread[task.id] += 1
        given_up = self._unread[task.id] >= UNREAD_MOST
        if self._unread[task.id] == 1:
            why = describe_unreadable_task(task.id, task.decode_error or "it gave no reason.")
            report_error(f"{self._session.where}: {why} Retrying.")
        elif given_up:
            report_error(
                f"{self._session.where}: Task {task.id} still can't be read. No longer waiting for it."
            )
        if given_up:
            del self._unread[task.id]
            known = self._session.store.tasks.get(task.id) or task
            lost = WaitResult(task.id, UNREACHABLE, known, after=self._seconds_waited)
            codes.append(self._report_result(lost))

    def _time_out(self, task_id: TaskId) -> int:
        task = self._pending[task_id]
        running = task.running_time(self._session.store.now()) if task else None
        late = WaitResult(task_id, NOT_CONFIRMED, task, after=self._seconds_waited, running=running)
        return self._report_result(self._finished.get(task_id, late))

    def _report_result(self, result: WaitResult) -> int:
        """Stop waiting for a task, and report what came of it; returns its exit code."""
        del self._pending[result.id]
        self._finished.pop(result.id, None)
        self._on_result(result)
        return result.code

    def _report_finished(self, codes: list[int]) -> None:
        """Report the tasks that are known to have finished, without when."""
        codes += [self._report_result(result) for result in list(self._finished.values())]

    def _describe_progress(self) -> str:
        """Return what is waited for, for the line of progress."""
        known = self._pending | {task_id: ended.task for task_id, ended in self._finished.items()}
        states = [f"{task_id} {task.raw_status}" for task_id, task in known.items() if task][:3]
        waited = text.format_duration(round(self._seconds_waited * 1000))
        return f"waiting {waited} for {count_tasks(len(self._pending))}: {', '.join(states)}"


def judge_task(wanted: WaitGoal, now: Task | None) -> int | None:
    """Return the exit code for a task as it is now (None if it is gone), or None if it has not ended."""
    if now is None:
        return OK if wanted == "gone" else NOT_FOUND
    if wanted == "gone" or not now.status.is_finished:
        return None
    return OK if wanted == "finished" or now.status is TaskStatus.SUCCESS else FAILED
