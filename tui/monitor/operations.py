"""Cancel and delete: ask the server once, then look at the task until it shows what happened.

A 202, a 204, a 400 and no answer are all treated alike: look at the task. The distributed scheduler answers
400 to what it accepts (hugegraph/PROTOCOL.md, sections 3.1 to 3.3), the task may finish before a cancel takes
effect, and a time-out proves nothing. Cancel and delete, of one task or of many, share one state machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress

from msgspec.structs import replace

from backend_adapters.backend import Backend
from backend_adapters.errors import BackendError, NotAllowed, NotLoggedIn, Unsupported
from backend_adapters.model import ODD_ID, Action, Task, TaskId, is_task_id
from backend_adapters.sentences import join_sentences
from tui.monitor.clock import Clock
from tui.monitor.journal.file import JournalError
from tui.monitor.journal.writer import Journal
from tui.monitor.operation import Observation, Operation, read_observations
from tui.monitor.outcomes import (
    CONFIRM_SECONDS,
    Outcome,
    Report,
    check_unchanged,
    describe_unconfirmed,
    describe_unread,
    judge_outcome,
    name_request,
)
from tui.monitor.reappearance import Look, Reappearance
from tui.monitor.store import ActionOverlay, Store
from tui.monitor.unreadable import is_unreadable

SENT_AT_ONCE = 4
FIRST_LOOK, SLOWEST_LOOK, LOOK_GROWTH = 0.2, 2.0, 1.5
STOPPED_WORDS = "Stopped before the request was sent."
UNREADABLE_WORDS = "Its record can't be read, so nothing was sent."


class Operations:
    """Carries actions out and reports their outcomes."""

    def __init__(
        self,
        backend: Backend,
        store: Store,
        look: Look,
        *,
        clock: Clock,
        on_report: Callable[[Report], None],
        on_overlay: Callable[[], None],
        busy: Callable[[TaskId], bool] = lambda task_id: False,
        journal: Journal | None = None,
    ) -> None:
        """`journal` gets a line for every action; an action that can't be written there is not sent."""
        self._backend = backend
        self._journal = journal
        self._store = store
        self._look = look
        self._clock = clock
        self._on_report = on_report
        self._on_overlay = on_overlay
        self._busy = busy
        self._reappearance = Reappearance(look, clock=clock, on_return=self._report_return)
        self._operations: set[Operation] = set()
        self._slots = asyncio.Semaphore(SENT_AT_ONCE)

    @property
    def under_way(self) -> int:
        """How many tasks are being acted on."""
        return len(self._store.overlays)

    def stop_sending(self) -> int:
        """Send no more requests, and count those that are not sent; those sent are followed to their ends."""
        unsent = [operation for operation in self._operations if not (operation.ended or operation.begun)]
        for operation in unsent:
            operation.stopped = True
        return len(unsent)

    async def run_action(self, action: Action, shown: Iterable[Task]) -> list[Report]:
        """Act on exactly these tasks, as they were shown, and follow each until its end is seen.

        Only `watch_for_reappearance` finds tasks that reappear after a force delete.
        """
        started = self._clock.monotonic()
        reports: list[Report] = []
        operations = [Operation(action, task, started, reports) for task in shown]
        self._operations.update(operations)
        for operation in operations:
            if not is_task_id(operation.task.id):
                self._end_operation(operation, Outcome.NOT_SENT, ODD_ID)
            elif operation.task.id in self._store.overlays or self._busy(operation.task.id):
                self._end_operation(operation, Outcome.NOT_SENT, "Another action on it is in progress.")
            else:
                self._add_overlay(operation)
        self._on_overlay()
        try:
            await self._carry_out([op for op in operations if not op.ended])
        finally:
            self._operations.difference_update(operations)
            for operation in operations:
                self._remove_overlay(operation)
            self._on_overlay()
            await self._flush_journal()
        return reports

    async def _flush_journal(self) -> None:
        if self._journal is not None:
            await self._journal.flush_notes()

    async def submit_job(
        self, action: str, type: str, name: str, send: Callable[[], Awaitable[TaskId]]
    ) -> TaskId:
        """Start a job by `send`, after writing a line to the journal.

        `action` is `submit` or `create`; `type` and `name` describe the job. Raises JournalError, which is a
        BackendError, before anything is sent, and whatever `send` raises.
        """
        entry = await self._journal.begin_job(action, type, name) if self._journal is not None else None
        try:
            task_id = await send()
        except BackendError as error:
            if entry is not None:
                with suppress(JournalError):
                    entry.write_failed(error)
            raise
        if entry is not None:
            with suppress(JournalError):
                # The job runs even if the journal fails: its id must not get lost.
                entry.write_accepted(task_id)
        return task_id

    def _report_return(self, report: Report) -> None:
        if self._journal is not None:
            self._journal.note_report(report)
        self._on_report(report)

    async def _carry_out(self, operations: list[Operation]) -> None:
        ready = await self._check_operations(operations)
        sent = asyncio.create_task(self._send_all(ready), name="graphtop send")
        try:
            await self._follow_operations(ready, sent)
        finally:
            sent.cancel()
            await asyncio.gather(sent, return_exceptions=True)

    async def watch_for_reappearance(self, reports: Sequence[Report]) -> list[Report]:
        """Watch whether force deleted tasks reappear; returns, and reports, those that did."""
        try:
            return await self._reappearance.watch(reports)
        finally:
            await self._flush_journal()

    def _add_overlay(self, operation: Operation) -> None:
        operation.overlay = ActionOverlay(operation.action, self._store.now())
        self._store.overlays[operation.task.id] = operation.overlay

    def _remove_overlay(self, operation: Operation) -> None:
        if self._store.overlays.get(operation.task.id) is operation.overlay is not None:
            del self._store.overlays[operation.task.id]

    def _end_operation(self, operation: Operation, outcome: Outcome, words: str = "") -> None:
        operation.ended = True
        self._remove_overlay(operation)
        report = self._write_report(operation, operation.make_report(outcome, self._clock.monotonic(), words))
        operation.reports.append(report)
        self._on_report(report)
        self._on_overlay()

    def _write_report(self, operation: Operation, report: Report) -> Report:
        """Write a report to the journal; the one returned says so if that failed."""
        try:
            if operation.journal_entry is not None:
                operation.journal_entry.write_end(report)
            elif self._journal is not None and not operation.unwritten:
                self._journal.note_report(report)
        except JournalError as error:
            return replace(report, words=join_sentences(report.words, str(error)), in_journal=False)
        return report

    # Before sending: the tasks must still be as they were shown.

    async def _check_operations(self, operations: list[Operation]) -> list[Operation]:
        """Read the tasks again and drop those that are no longer as the person saw them.

        Tasks whose records stop the server are not read: that would do more harm than good.
        """
        unasked = [operation for operation in operations if operation.task.stops_server]
        operations = [operation for operation in operations if not operation.task.stops_server]
        return unasked + (await self._check_shown(operations) if operations else [])

    async def _check_shown(self, operations: list[Operation]) -> list[Operation]:
        try:
            looked = await self._look([operation.task.id for operation in operations])
        except BackendError as error:
            for operation in operations:
                self._end_operation(operation, Outcome.NOT_SENT, f"Nothing was sent. {error}")
            return []
        seen = read_observations(looked, operations)
        ready: list[Operation] = []
        for operation in operations:
            now = seen[operation.task.id]
            if not now.is_known and is_unreadable(operation.task):
                # The person saw that the record can't be read, and means it.
                ready.append(operation)
                continue
            if not now.is_known:
                self._end_operation(operation, Outcome.NOT_SENT, f"{UNREADABLE_WORDS} {now.words}".rstrip())
                continue
            operation.note_state(now.task)
            if now.task is None:
                self._end_operation(operation, Outcome.GONE, "Already gone; nothing sent.")
            elif decided := check_unchanged(operation.action, operation.task, now.task):
                self._end_operation(operation, decided[0], decided[1])
            else:
                ready.append(operation)
        return ready

    # Sending: once, never repeated.

    async def _send_all(self, operations: list[Operation]) -> None:
        async with asyncio.TaskGroup() as group:
            for operation in operations:
                group.create_task(self._send_one(operation))

    async def _send_one(self, operation: Operation) -> None:
        async with self._slots:
            if operation.stopped:
                self._end_operation(operation, Outcome.NOT_SENT, STOPPED_WORDS)
                return
            action, task = operation.action, operation.task
            try:
                if self._journal is not None:
                    operation.journal_entry = await self._journal.begin_action(action, task)
                    if operation.stopped:
                        self._end_operation(operation, Outcome.NOT_SENT, STOPPED_WORDS)
                        return
                operation.begun = True
                operation.answer = await self._backend.act(action, task.id)
            except JournalError as error:
                operation.unwritten = True
                self._end_operation(operation, Outcome.NOT_SENT, f"Nothing was sent. {error}")
                return
            except (NotAllowed, NotLoggedIn, Unsupported) as error:
                self._end_operation(operation, Outcome.REFUSED, str(error))
                return
            except BackendError as error:
                if not error.sent:
                    self._end_operation(operation, Outcome.NOT_SENT, f"Nothing was sent. {error}")
                    return
                operation.error = error
            operation.answered = self._clock.monotonic()

    # After sending: look until the task shows what happened.

    async def _follow_operations(self, operations: list[Operation], sent: asyncio.Task[None]) -> None:
        pause = FIRST_LOOK
        while not all(operation.ended for operation in operations):
            await self._clock.sleep(pause)
            if sent.done():
                pause = min(SLOWEST_LOOK, pause * LOOK_GROWTH)
                sent.result()
            asked = [operation for operation in operations if operation.is_awaited]
            if asked:
                await self._look_and_judge(asked)

    async def _look_and_judge(self, asked: Sequence[Operation]) -> None:
        # An answer shows the state at its request: a slow one doesn't prove that nothing happened since.
        now = self._clock.monotonic()
        try:
            looked = await self._look([operation.task.id for operation in asked])
        except BackendError as error:
            for operation in asked:
                waited = now - operation.answered
                if waited > CONFIRM_SECONDS:
                    request = name_request(operation.action, operation.task.id)
                    unread = describe_unread(request, operation.answer, waited, "", operation.error)
                    self._end_operation(operation, Outcome.UNCONFIRMED, join_sentences(unread, str(error)))
            return
        seen = read_observations(looked, asked)
        for operation in asked:
            self._judge_operation(operation, seen[operation.task.id], now - operation.answered)

    def _judge_operation(self, operation: Operation, seen: Observation, waited: float) -> None:
        """End an operation if the task, as seen `waited` seconds after the answer, shows its outcome."""
        request = name_request(operation.action, operation.task.id)
        if not seen.is_known:
            if waited > CONFIRM_SECONDS:
                words = describe_unread(request, operation.answer, waited, seen.words, operation.error)
                self._end_operation(operation, Outcome.UNCONFIRMED, words)
            return
        operation.note_state(seen.task)
        verdict = judge_outcome(operation.action, operation.task, seen.task, operation.answer, waited)
        if verdict is Outcome.UNCONFIRMED and seen.task is not None:
            words = describe_unconfirmed(request, seen.task, operation.answer, waited, operation.error)
            self._end_operation(operation, verdict, words)
        elif verdict is not None:
            self._end_operation(operation, verdict)
