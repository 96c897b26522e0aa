"""One action on one task: its state, and what a look shows of it."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from backend_adapters.backend import Answer, LookResult
from backend_adapters.errors import BackendError
from backend_adapters.model import Action, Task, TaskId, is_different_task
from tui.monitor.journal.writer import PendingEntry
from tui.monitor.outcomes import Outcome, Report
from tui.monitor.store import ActionOverlay
from tui.monitor.unreadable import is_unreadable


class Operation:
    """One action on one task under way."""

    def __init__(self, action: Action, task: Task, started: float, reports: list[Report]) -> None:
        """`reports` are those of all that were begun together; its own is added when it ends."""
        self.action = action
        self.task = task
        self.started = started
        self.reports = reports
        self.answered = started
        self.answer: Answer | None = None
        self.error: BackendError | None = None
        self.last: Task | None = task
        self.overlay: ActionOverlay | None = None
        self.journal_entry: PendingEntry | None = None
        self.unwritten = False
        self.stopped = False
        self.ended = False

    @property
    def is_awaited(self) -> bool:
        """Sent, with an answer or with none to be had, and its end not yet seen."""
        return not self.ended and (self.answer is not None or self.error is not None)

    def note_state(self, now: Task | None) -> None:
        """Note the task as it is; another one that has its id now is not it."""
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
            in_journal=not self.unwritten,
        )


class Observation(Struct, frozen=True):
    """What a look showed of one task: it, that it is gone, or nothing, as its record could not be read."""

    task: Task | None
    gone: bool
    words: str = ""
    """The server's words where it fails over the record."""

    @property
    def is_known(self) -> bool:
        """Whether the look tells anything of the task."""
        return self.gone or self.task is not None


def read_observations(looked: LookResult, operations: Iterable[Operation]) -> dict[TaskId, Observation]:
    """What a look showed of each task: only what the server says it does not have is gone.

    Of what it fails over nothing is known: neither that it goes on, nor that it has ended.
    """
    found = {task.id: task for task in looked.tasks if not is_unreadable(task)}
    failed = {task.id: task.decode_error or "" for task in looked.tasks if is_unreadable(task)}
    ids = (operation.task.id for operation in operations)
    return {
        task_id: Observation(found.get(task_id), task_id in looked.missing, failed.get(task_id, ""))
        for task_id in ids
    }
