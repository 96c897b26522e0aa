"""The sentences of the confirm dialog: the action, its effect, its dangers, what changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from msgspec import Struct

from backend_adapters.model import Action, Task, TaskId, is_different_task
from tui.monitor.unreadable import is_unreadable, last_read_status
from tui.text import cell_width, format_count, sanitize

MAX_LISTED_TASKS = 20
"""For more tasks than this, their number must be typed."""

SCHEMA_JOBS = frozenset({"rebuild_index", "remove_schema", "create_index"})
"""The task types whose cancel leaves a schema element half done (read in HugeGraph's source)."""

ACTION_VERBS = {Action.CANCEL: "Cancel", Action.DELETE: "Delete", Action.FORCE_DELETE: "Force delete"}

ConfirmAnswer: TypeAlias = tuple[TaskId, ...] | None
"""The ids to act on, in the order shown; None is No."""


class ConfirmRequest(Struct, frozen=True, kw_only=True):
    """What a person is asked: an action on these tasks, exactly as they were shown."""

    action: Action
    tasks: tuple[Task, ...]
    place: str
    """Where: `prod · DEFAULT/hugegraph`."""
    production: bool = False
    warning: str = ""
    """A further sentence for this case, or empty."""
    left_out: int = 0
    """How many marked tasks are left out: they have ended, or the server can't stop them."""

    @property
    def needs_typing(self) -> bool:
        """Whether yes must be typed."""
        return len(self.tasks) > MAX_LISTED_TASKS or self.production or self.action is Action.FORCE_DELETE

    @property
    def expected_input(self) -> str:
        """What is typed for yes: the number of tasks, or the one task's id."""
        return self.tasks[0].id if len(self.tasks) == 1 else str(len(self.tasks))


def describe_action(request: ConfirmRequest) -> str:
    """The action in words, such as `Cancel task 4211` or `Delete 3 tasks`."""
    verb = ACTION_VERBS[request.action]
    if len(request.tasks) > 1:
        return f"{verb} {format_count(len(request.tasks))} tasks"
    task_id = sanitize(request.tasks[0].id)
    return f"{verb} task {task_id}" if cell_width(task_id) <= 12 else f"{verb} this task"


def name_refusal(action: Action) -> str:
    """The label of the button that does nothing."""
    return "Don't delete" if action.is_deletion else "Don't cancel"


def list_answer_keys(request: ConfirmRequest) -> tuple[str, str]:
    """The keys for yes and for no."""
    if request.needs_typing:
        return "Type it, then press enter", "esc back"
    verb, noun = ACTION_VERBS[request.action].lower(), "task" if len(request.tasks) == 1 else "tasks"
    return f"y {verb} {noun}", "n back"


def describe_effect(request: ConfirmRequest) -> str:
    """What will happen, as a sentence or two."""
    several = len(request.tasks) > 1
    if request.action.is_deletion and several:
        return "This permanently deletes the records and results."
    if request.action.is_deletion:
        return "This permanently deletes the record and its result."
    if several:
        return "Asks the server to stop them, then watches until they have."
    return "Asks the server to stop it, then watches until it has."


def list_cautions(request: ConfirmRequest) -> Iterable[str]:
    """What a person should know before saying yes, a sentence or two each."""
    known = [status for task in request.tasks if (status := last_read_status(task)) is not None]
    unfinished = sum(not status.is_finished for status in known)
    if request.action is Action.CANCEL:
        if any(task.type in SCHEMA_JOBS for task in request.tasks):
            yield "Cancelling a schema job can leave the schema unfinished (INVALID or DELETING)."
    elif request.action is Action.DELETE and unfinished:
        yield _describe_unfinished(unfinished, len(request.tasks))
    elif request.action is Action.FORCE_DELETE:
        yield "HugeGraph removes the record without stopping the work; the record may reappear."
    if request.left_out:
        yield describe_skipped_tasks(request.left_out, request.action)
    if any(map(is_unreadable, request.tasks)):
        if len(request.tasks) == 1:
            yield "Its record can't be read. The server may refuse, and the outcome may stay unknown."
        else:
            yield "Some records can't be read. The server may refuse, and outcomes may stay unknown."
    if request.warning:
        yield sanitize(request.warning)


def describe_skipped_tasks(number: int, action: Action) -> str:
    """How many of the marked tasks are left out, and why."""
    if action is Action.CANCEL and number == 1:
        return "1 more marked task will be skipped: it has finished or can't be cancelled."
    if action is Action.CANCEL:
        return f"{format_count(number)} more marked tasks will be skipped: finished, or can't be cancelled."
    if number == 1:
        return "1 more marked task will be skipped: its id could be mistaken for an option or a path."
    return (
        f"{format_count(number)} more marked tasks will be skipped: "
        "their ids could be mistaken for options or paths."
    )


def _describe_unfinished(unfinished: int, total: int) -> str:
    """That some of the tasks to delete have not finished, and what the server may do."""
    if total == 1:
        return "It has not finished. The server may refuse, or stop it first."
    if unfinished == total:
        return "None has finished. The server may refuse, or stop them first."
    if unfinished == 1:
        return "1 of them has not finished. The server may refuse, or stop it first."
    return f"{format_count(unfinished)} of them have not finished. The server may refuse, or stop them first."


def describe_change(frozen: Task, now: Task | None) -> str:
    """What became of a task since the dialog opened (None: it is gone); empty if nothing changed."""
    if now is None:
        return "no longer exists"
    if is_different_task(frozen, now):
        return "now another task"
    if now.status is frozen.status:
        return ""
    if is_unreadable(frozen):
        return f"readable again: {now.status.value}"
    return f"now {now.status.value}"
