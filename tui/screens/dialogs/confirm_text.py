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


def describe_effect(request: ConfirmRequest) -> str:
    """What will happen, as a sentence or two."""
    several = len(request.tasks) > 1
    if request.action.is_deletion and several:
        return "The records and their results are gone for good."
    if request.action.is_deletion:
        return "The record and its result are gone for good."
    if several:
        return "The server is asked to stop them; graphtop watches until they end."
    return "The server is asked to stop it; graphtop watches until it ends."


def list_cautions(request: ConfirmRequest) -> Iterable[str]:
    """What a person should know before saying yes, a sentence each."""
    known = [status for task in request.tasks if (status := last_read_status(task)) is not None]
    going = sum(not status.is_finished for status in known)
    if request.action is Action.CANCEL:
        if any(task.type in SCHEMA_JOBS for task in request.tasks):
            yield "Cancelling a schema job can leave the schema half done (INVALID or DELETING)."
    elif request.action is Action.DELETE and going:
        them = "it" if going == 1 else "them"
        yield f"{_describe_unfinished(going, request)}; the server may refuse or stop {them} first."
    elif request.action is Action.FORCE_DELETE:
        yield "HugeGraph removes the record without stopping the work; a record can come back."
    if request.left_out:
        yield describe_skipped_tasks(request.left_out, request.action)
    if any(map(is_unreadable, request.tasks)):
        which = "Its record" if len(request.tasks) == 1 else "The record of some of them"
        yield f"{which} can't be read: the server may refuse, and the end may not be seen."
    if request.warning:
        yield sanitize(request.warning)


def describe_skipped_tasks(number: int, action: Action) -> str:
    """How many of the marked tasks are left out, and why."""
    is_, they, its = ("is", "it has", "its id") if number == 1 else ("are", "they have", "their ids")
    ended, odd = f"{they} ended, or can't be cancelled", f"{its} could be taken for an option or a path"
    why = ended if action is Action.CANCEL else odd
    return f"{format_count(number)} more {is_} marked and left out: {why}."


def _describe_unfinished(number: int, request: ConfirmRequest) -> str:
    """`It has not ended`, `None of them has ended` or `3 of them have not ended`."""
    if len(request.tasks) == 1:
        return "It has not ended"
    if number == len(request.tasks):
        return "None of them has ended"
    return f"{format_count(number)} of them {'has' if number == 1 else 'have'} not ended"


def describe_change(frozen: Task, now: Task | None) -> str:
    """What became of a task since the dialog opened (None: it is gone); empty if nothing changed."""
    if now is None:
        return "gone meanwhile"
    if is_different_task(frozen, now):
        return "another task now"
    if now.status is frozen.status:
        return ""
    if is_unreadable(frozen):
        return f"can be read again: {now.status.value}"
    if now.status.is_finished and not frozen.status.is_finished:
        return f"finished meanwhile: {now.status.value}"
    return f"now {now.status.value}"
