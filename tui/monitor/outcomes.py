"""Judges an action by the task as it was shown, the task as it is now, and the server's answer."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.backend import Answer
from backend_adapters.errors import BackendError
from backend_adapters.model import Action, Task, TaskId, TaskStatus, is_different_task
from backend_adapters.sentences import join_sentences
from tui.monitor.unreadable import last_read_status

CONFIRM_SECONDS = 30.0
"""Seconds after which an accepted action without visible effect counts as not confirmed."""
UNANSWERED_SECONDS = 20.0
"""The same for a request that got no answer."""

_UNDER_WAY = (TaskStatus.CANCELLING, TaskStatus.DELETING)


class Outcome(Enum):
    """How an action ended, as the server showed it."""

    CANCELLED = "cancelled"
    DELETED = "deleted"
    GONE = "gone already"
    GONE_MEANWHILE = "gone, perhaps by another"
    """A delete was sent and the task is gone, but the answer does not say that this request removed it."""
    ALREADY_CANCELLED = "already cancelled"
    """The task had already been cancelled, so nothing was sent."""
    FINISHED_FIRST = "finished first"
    CHANGED = "changed meanwhile, nothing sent"
    REFUSED = "refused"
    UNCONFIRMED = "not confirmed"
    CAME_BACK = "came back"
    NOT_SENT = "not sent"

    @property
    def summary(self) -> str:
        """The outcome after a number of tasks: `3 refused`, `1 skipped (finished first)`."""
        return _SUMMARIES.get(self, self.value)

    @property
    def is_success(self) -> bool:
        """Whether the requested state was reached."""
        return self.is_gone or self in (Outcome.CANCELLED, Outcome.ALREADY_CANCELLED)

    @property
    def is_gone(self) -> bool:
        """Whether the server no longer has the task."""
        return self in (Outcome.DELETED, Outcome.GONE, Outcome.GONE_MEANWHILE)

    @property
    def is_removed(self) -> bool:
        """Whether the task disappeared after a delete was sent."""
        return self in (Outcome.DELETED, Outcome.GONE_MEANWHILE)


_SUMMARIES = {
    Outcome.ALREADY_CANCELLED: "skipped (already cancelled)",
    Outcome.FINISHED_FIRST: "skipped (finished first)",
    Outcome.CHANGED: "skipped (changed first)",
    Outcome.GONE: "already gone",
    Outcome.GONE_MEANWHILE: "gone, perhaps deleted by someone else",
    Outcome.CAME_BACK: "reappeared",
}
"""The outcomes whose values, which JSON and the journal hold, do not read well in a summary."""


class Report(Struct, frozen=True, kw_only=True):
    """How an action on one task ended."""

    action: Action
    task: Task
    """As it was shown when the person decided."""
    outcome: Outcome
    words: str = ""
    """The server's message, or graphtop's own."""
    code: int | None = None
    elapsed: float = 0.0
    last: Task | None = None
    """The task as last seen; None when it is gone."""
    as_worker: bool = False
    """The server refused because it is a worker of its cluster."""
    was_sent: bool = True
    """Whether a request was sent, answered or not."""
    in_journal: bool = True
    """Whether the journal has it; an action that couldn't be journaled beforehand was not sent."""

    @property
    def summary(self) -> str:
        """How it ended, after a number of tasks."""
        is_late = self.outcome is Outcome.FINISHED_FIRST and self.was_sent
        return self.outcome.value if is_late else self.outcome.summary


JOB_MAY_RUN = "The job may be running anyway: check before you start it again."
"""The advice for a job that `backend_adapters.errors.may_have_started`."""

TASK_ACTIONS = frozenset(action.value for action in Action)
"""The actions on tasks; a worker may accept these although it accepts no new job."""


def describe_worker_refusal(refused: str) -> str:
    """The warning, and the advice, for a server that `refused` an action because it is a worker."""
    return f"This server refused the last {refused}: it is a worker of its cluster. Connect to the master."


def report_reappearance(report: Report, task: Task, after: float) -> Report:
    """The report on a force deleted task that reappeared `after` so many seconds."""
    cure = "Delete it again." if task.status.is_finished else "Cancel it, then delete it again."
    words = f"Its job kept running and recreated the record within {after:.0f} s. {cure}"
    return replace(report, outcome=Outcome.CAME_BACK, words=words, last=task)


def check_unchanged(action: Action, shown: Task, now: Task) -> tuple[Outcome, str] | None:
    """Why an action on a task must no longer be sent, or None if it may be.

    A cancel goes on when a waiting task has begun to run: that is what it was meant to prevent.
    """
    if is_different_task(now, shown):
        return Outcome.CHANGED, "Another task has this id now; nothing sent."
    same = now.status is last_read_status(shown)
    if action is Action.CANCEL and now.status is TaskStatus.CANCELLED:
        return Outcome.ALREADY_CANCELLED, "Already cancelled; nothing sent."
    if action is Action.CANCEL and now.status.is_finished:
        if same:
            return Outcome.FINISHED_FIRST, f"It had already finished ({now.raw_status}); nothing was sent."
        finished = f"It finished before your request was sent; it is {now.raw_status} now."
        return Outcome.FINISHED_FIRST, finished
    if same or action is Action.CANCEL:
        return None
    changed = f"It changed from {shown.raw_status} to {now.raw_status} before your request was sent."
    return Outcome.CHANGED, changed


def judge_outcome(
    action: Action, shown: Task, now: Task | None, answer: Answer | None, waited: float
) -> Outcome | None:
    """Judge an action by the task `waited` seconds after the answer; None if it is too early to tell.

    `now` is None only for a task that the server says it does not have. Several may delete one task at the
    same time, and only the one whose request was accepted has deleted it.
    """
    if now is None or is_different_task(now, shown):
        if not action.is_deletion:
            return Outcome.GONE
        return Outcome.DELETED if answer is not None and answer.accepted else Outcome.GONE_MEANWHILE
    if action is Action.CANCEL and now.status is TaskStatus.CANCELLED:
        return Outcome.CANCELLED
    if action is Action.CANCEL and now.status.is_finished:
        return Outcome.FINISHED_FIRST
    if answer is None:
        return Outcome.UNCONFIRMED if waited > UNANSWERED_SECONDS else None
    # A task that is being cancelled doesn't show that a delete is under way.
    under_way = now.status is (TaskStatus.DELETING if action.is_deletion else TaskStatus.CANCELLING)
    if answer.accepted or under_way:
        return Outcome.UNCONFIRMED if waited > CONFIRM_SECONDS else None
    return Outcome.REFUSED if waited > answer.confirm_within else None


def describe_unread(
    request: str, answer: Answer | None, waited: float, words: str, trouble: BackendError | None = None
) -> str:
    """Describe the result of a request for a task whose record can't be read `waited` seconds later.

    `request` is as of `name_request`. `words` are the server's where it fails over the record, empty where
    nothing came.
    """
    return join_sentences(
        _describe_answer(request, answer, trouble),
        f"The outcome is unknown: after {waited:.0f} s the record can't be read.",
        f"The server's message: {words}" if words else "",
    )


def describe_unconfirmed(
    request: str, now: Task, answer: Answer | None, waited: float, trouble: BackendError | None = None
) -> str:
    """Describe a request that was not confirmed in time, and what to do about it."""
    if answer is not None and answer.accepted:
        words = (
            f"The server accepted {request} ({answer.code}),"
            f" but the task is still {now.raw_status} after {waited:.0f} s."
        )
    else:
        words = join_sentences(
            _describe_answer(request, answer, trouble),
            f"The task is still {now.raw_status} after {waited:.0f} s.",
        )
    return f"{words} {_advise_on_unconfirmed(now)}"


def name_request(action: Action, task_id: TaskId) -> str:
    """A request within a sentence: `the force delete of task 283`."""
    return f"the {action.value} of task {task_id}"


def _describe_answer(request: str, answer: Answer | None, trouble: BackendError | None) -> str:
    if answer is None:
        return f"The server didn't answer {request}. {trouble or ''}"
    if answer.accepted:
        return f"The server accepted {request} ({answer.code})."
    return f"The server answered {request} with {answer.code}: {answer.server_message}"


def _advise_on_unconfirmed(now: Task) -> str:
    if now.status not in _UNDER_WAY:
        return "It may still happen: check the task before you try again."
    if now.server:
        return f"If its server {now.server} is gone, only a force delete removes it."
    # The distributed scheduler reports no server, and on a cluster the job may well go on.
    return "It may still finish. A force delete removes only the record."
