"""One action on one task, and what a look at the task shows."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from backend_adapters.backend import Answer, LookResult
from backend_adapters.errors import BackendError
from backend_adapters.model import Action, Task, TaskId, is_different_task
from tui.monitor.journal.writer import PendingLine
from tui.monitor.outcomes import Outcome, Report
from tui.monitor.store import ActionOverlay
from tui.monitor.unreadable import is_unreadable


class Operation:
    """One action under way on one task."""

    def __init__(self, action: Action, task: Task, started: float, reports: list[Report]) -> None:
        """`reports` is shared by all actions started together; its own is added when it ends."""
        self.action = action
        self.task = task
        self.started = started
        self.reports = reports
        self.answered = started
        self.answer: Answer | None = None
        self.error: BackendError | None = None
        self.last: Task | None = task
        self.overlay: ActionOverlay | None = None
        self.journal_entry: PendingLine | None = None
        self.unwritten = False
        self.begun = False
        """Whether its request is being sent, or was."""
        self.stopped = False
        self.ended = False

    @property
    def is_awaited(self) -> bool:
        """Whether it was sent, answered or not, and its end has not been seen yet."""
        return not self.ended and (self.answer is not None or self.error is not None)

    def note_state(self, now: Task | None) -> None:
        """Note the task as it is now; a different task that has reused the id counts as gone."""
        self.last = None if now is not None and is_different_task(now, self.task) else now

    def make_report(self, outcome: Outcome, now: float, words: str = "") -> Report:
        """How it ended at `now`, by the monotonic clock, in the server's words unless others are given."""
        return Report(
            action=self.action,
            task=self.task,
            outcome=outcome,
            words=words or (self.answer.server_message if self.answer else str(self.error or "")),
            code=self.answer.code if self.answer else None,
            elapsed=now - self.started,
            last=self.last,
            as_worker=self.answer is not None and self.answer.as_worker,
            was_sent=self.answer is not None or self.error is not None,
            in_journal=not self.unwritten,
        )


class Observation(Struct, frozen=True):
    """What a look showed of one task: its state, that it is gone, or nothing if it is unreadable."""

    task: Task | None
    gone: bool
    words: str = ""
    """The server's message if it can't read the record."""

    @property
    def is_known(self) -> bool:
        """Whether the look showed the task's state."""
        return self.gone or self.task is not None


def read_observations(looked: LookResult, operations: Iterable[Operation]) -> dict[TaskId, Observation]:
    """What a look showed of each task: only those that the server reports as missing are gone.

    The state of unreadable tasks is unknown: they may go on, or have ended.
    """
    found = {task.id: task for task in looked.tasks if not is_unreadable(task)}
    failed = {task.id: task.decode_error or "" for task in looked.tasks if is_unreadable(task)}
    ids = (operation.task.id for operation in operations)
    return {
        task_id: Observation(found.get(task_id), task_id in looked.missing, failed.get(task_id, ""))
        for task_id in ids
    }
