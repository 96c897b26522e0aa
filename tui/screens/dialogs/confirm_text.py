"""The sentences of the confirm dialog: the action, its effect, its dangers, what changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from msgspec import Struct

from backend_adapters.model import Action, Task, TaskKey, is_different_task
from tui.monitor.outcomes import check_unchanged
from tui.monitor.place_labels import count_places
from tui.monitor.unreadable import is_unreadable, last_read_status
from tui.screens.tasks.action_plan import PlaceTasks, count_by_noun
from tui.text import cell_width, format_count, sanitize

MAX_LISTED_TASKS = 20
"""For more tasks than this, their number must be typed."""

SCHEMA_JOBS = frozenset({"rebuild_index", "remove_schema", "create_index"})
"""The task types whose cancel leaves a schema element half done (read in HugeGraph's source)."""

ACTION_VERBS = {Action.CANCEL: "Cancel", Action.DELETE: "Delete", Action.FORCE_DELETE: "Force delete"}

MAX_PLACES_LEFT_OUT = 3
"""So many places where the same is in the way the dialog names; of more it counts some together."""

ConfirmAnswer: TypeAlias = tuple[TaskKey, ...] | None
"""The keys of the tasks to act on, in the order shown; None is No."""


class ConfirmRequest(Struct, frozen=True, kw_only=True):
    """What a person is asked: an action on these tasks, exactly as they were shown."""

    action: Action
    tasks: tuple[Task, ...]
    place: str
    """Where: `prod · DEFAULT/hugegraph`, or how many places there are."""
    noun: str = "tasks"
    """What the list calls its entries."""
    production: bool = False
    warning: str = ""
    """A further sentence for this case, or empty."""
    skipped: int = 0
    """How many marked tasks are left out: they have ended, or the server can't stop them."""
    places: tuple[PlaceTasks, ...] = ()
    """The places of the tasks in their order, where there may be several."""
    left_out: tuple[PlaceTasks, ...] = ()
    """The places of which marked tasks are left out, and why."""

    @property
    def needs_typing(self) -> bool:
        """Whether yes must be typed."""
        return len(self.tasks) > MAX_LISTED_TASKS or self.production or self.action is Action.FORCE_DELETE

    def expect_input(self, left: int) -> str:
        """What is typed for yes: the number of tasks that are `left`, or the one task's id."""
        return self.tasks[0].id if len(self.tasks) == 1 else str(left)

    @property
    def noun_for_one(self) -> str:
        """What the list calls one entry."""
        return self.noun.removesuffix("s")

    @property
    def heads(self) -> tuple[PlaceTasks, ...]:
        """The places that head their tasks in the list; none where all are in one."""
        return self.places if len(self.places) > 1 else ()

    def count_tasks(self, number: int) -> str:
        """So many tasks, by the list's word for them: `1 task`, `3 jobs`."""
        return count_by_noun(number, self.noun)


def describe_action(request: ConfirmRequest, left: int | None = None) -> str:
    """The action in words, such as `Cancel task 4211` or `Delete 3 tasks`: as many as are `left`."""
    verb = ACTION_VERBS[request.action]
    if len(request.tasks) > 1:
        return f"{verb} {request.count_tasks(left or len(request.tasks))}"
    task_id = sanitize(request.tasks[0].id)
    if cell_width(task_id) > 12:
        return f"{verb} this {request.noun_for_one}"
    return f"{verb} {request.noun_for_one} {task_id}"


def ask_question(request: ConfirmRequest, left: int) -> str:
    """The title of the dialog; where only some of the tasks are `left`, it says of how many."""
    total = len(request.tasks)
    if 0 < left < total:
        return f"{ACTION_VERBS[request.action]} {format_count(left)} of {request.count_tasks(total)}?"
    return f"{describe_action(request)}?"


def name_refusal(action: Action) -> str:
    """The label of the button that does nothing."""
    return "Don't delete" if action.is_deletion else "Don't cancel"


def list_answer_keys(request: ConfirmRequest, left: int) -> tuple[str, str]:
    """The keys for yes, with what it does to the tasks that are `left`, and for no."""
    if request.needs_typing:
        return "Type it, then press enter", "esc back"
    noun = request.noun_for_one if left == 1 else request.noun
    return f"y {ACTION_VERBS[request.action].lower()} {noun}", "n back"


def describe_input(request: ConfirmRequest, left: int) -> str:
    """What to type for yes; an id of 32 hex digits is not repeated, as the input would have no room."""
    if len(request.tasks) > 1:
        where = f" in {count_places(len(request.places))}" if request.heads else ""
        return f"Type {left} (the number of {request.noun}{where}):"
    word = sanitize(request.expect_input(left))
    if cell_width(word) > 12:
        return f"Type the {request.noun_for_one} id shown above:"
    return f"Type {word} (the {request.noun_for_one} id):"


def describe_wrong_input(request: ConfirmRequest, typed: str, left: int) -> str:
    """What to do where something else was typed than what means yes, or nothing."""
    verb, word = ACTION_VERBS[request.action].lower(), sanitize(request.expect_input(left))
    pronoun = "it" if len(request.tasks) == 1 else "them"
    if cell_width(word) > 12:
        return f"This is not the id shown above. Type that id to {verb} {pronoun}, or press esc."
    if not typed:
        return f"Type {word} to {verb} {pronoun}, or press esc."
    return f"This is not {word}. Type {word} to {verb} {pronoun}, or press esc."


def describe_effect(request: ConfirmRequest, left: int) -> str:
    """What will happen to the tasks that are `left`, as a sentence."""
    several = left > 1
    if request.action.is_deletion and several:
        return "This permanently deletes the records and results."
    if request.action.is_deletion:
        return "This permanently deletes the record and its result."
    if several and request.heads:
        return "Each server is asked to stop its own, and graphtop watches them end."
    if several:
        return "graphtop asks the server to stop them and watches until they have stopped."
    return "graphtop asks the server to stop it and watches until it has stopped."


def describe_nothing_left(request: ConfirmRequest, *, gone: bool) -> str:
    """That nothing would be sent any more; `gone` if the server has none of the tasks any more."""
    if request.action is Action.CANCEL:
        return "There is nothing left to cancel."
    if gone:
        return "There is nothing left to delete."
    if len(request.tasks) == 1:
        return "It has changed since it was shown, so nothing is deleted. Close this and ask again."
    return "They have changed since they were shown, so nothing is deleted. Close this and ask again."


def list_cautions(request: ConfirmRequest) -> Iterable[str]:
    """What a person should know before saying yes, a sentence or two each."""
    known = [status for task in request.tasks if (status := last_read_status(task)) is not None]
    unfinished = sum(not status.is_finished for status in known)
    if request.action is Action.CANCEL:
        if any(task.type in SCHEMA_JOBS for task in request.tasks):
            yield "Cancelling an index or schema task can leave the schema unfinished (INVALID or DELETING)."
    elif request.action is Action.DELETE and unfinished:
        yield _describe_unfinished(unfinished, len(request.tasks))
    elif request.action is Action.FORCE_DELETE and (unfinished or len(known) < len(request.tasks)):
        yield "HugeGraph removes the record without stopping the work; the record may reappear."
    yield from _list_places_left_out(request)
    if request.skipped:
        yield _describe_skipped_tasks(request)
    if any(map(is_unreadable, request.tasks)):
        if len(request.tasks) == 1:
            yield "Its record can't be read. The server may refuse, and the outcome may stay unknown."
        else:
            yield "Some records can't be read. The server may refuse, and outcomes may stay unknown."
    if request.warning:
        yield sanitize(request.warning)


def _list_places_left_out(request: ConfirmRequest) -> Iterable[str]:
    """How many of the marked tasks are left out in which place, and why: a sentence for each reason."""
    by_reason: dict[str, list[PlaceTasks]] = {}
    for place in request.left_out:
        by_reason.setdefault(place.reason, []).append(place)
    for reason, places in by_reason.items():
        yield sanitize(f"Left out: {_count_left_out(places)}: {reason}")


def _count_left_out(places: Sequence[PlaceTasks]) -> str:
    """How many tasks of each of these places: `2 tasks of dev · social, 1 job of cloud`."""
    named = places if len(places) <= MAX_PLACES_LEFT_OUT else places[: MAX_PLACES_LEFT_OUT - 1]
    parts = [f"{place.count} of {place.name}" for place in named]
    if more := places[len(named) :]:
        total = count_by_noun(sum(place.number for place in more), "tasks")
        parts.append(f"{total} of {len(more)} more places")
    return ", ".join(parts)


def _describe_skipped_tasks(request: ConfirmRequest) -> str:
    """How many of the marked tasks are left out, and why."""
    number, noun, one = format_count(request.skipped), request.noun, request.noun_for_one
    if request.action is Action.CANCEL and request.skipped == 1:
        return f"The other marked {one} is skipped: it has finished or can't be cancelled."
    if request.action is Action.CANCEL:
        return f"The other {number} marked {noun} are skipped: they have finished or can't be cancelled."
    if request.skipped == 1:
        return f"The other marked {one} is skipped: its id could be mistaken for an option or a path."
    return f"The other {number} marked {noun} are skipped: their ids could be mistaken for options or paths."


def _describe_unfinished(unfinished: int, total: int) -> str:
    """That some of the tasks to delete have not finished, and what the server may do."""
    if total == 1:
        return "It has not finished. The server may refuse, or stop it first."
    if unfinished == total:
        return "None has finished. The server may refuse, or stop them first."
    if unfinished == 1:
        return "1 of them has not finished. The server may refuse, or stop it first."
    return f"{format_count(unfinished)} of them have not finished. The server may refuse, or stop them first."


def is_still_meant(action: Action, frozen: Task, now: Task | None) -> bool:
    """Whether the action would still be sent, as the task was shown and as it is now (None: it is gone)."""
    if frozen.stops_server:
        # Nobody looks at such a task before the request is sent.
        return True
    if now is None:
        return False
    if is_unreadable(now):
        return is_unreadable(frozen)
    return check_unchanged(action, frozen, now) is None


def describe_change(frozen: Task, now: Task | None) -> str:
    """What became of a task since the dialog opened, for its line of the list; empty if nothing changed."""
    if now is None:
        return "no longer exists"
    if is_different_task(frozen, now):
        return "now another task"
    if now.status is frozen.status:
        return ""
    if is_unreadable(frozen):
        return f"readable again: {now.status.value}"
    return f"finished: {now.status.value}" if _has_finished(frozen, now) else f"now {now.status.value}"


def describe_change_of_one(frozen: Task, now: Task | None) -> str:
    """What became of the only task since the dialog opened, as a sentence; empty if nothing changed."""
    if now is None:
        return "It no longer exists."
    if is_different_task(frozen, now):
        return "Its id now belongs to another task."
    if now.status is frozen.status:
        return ""
    if is_unreadable(frozen):
        return f"Its record can be read again ({now.status.value})."
    if _has_finished(frozen, now):
        return f"It finished meanwhile ({now.status.value})."
    return f"It is {now.status.value} now."


def describe_return(frozen: Task, *, is_only: bool) -> str:
    """That a task of which news were told is again as it was shown."""
    return f"It is {frozen.status.value} again." if is_only else f"{frozen.status.value} again"


def describe_more_rows(below: int, total: int) -> str:
    """How many tasks of a long list stand below what is visible of it."""
    return f"and {format_count(below)} more" if below else f"the last of {format_count(total)}"


def describe_cut(*, ascii: bool) -> str:
    """That not all of the dialog is visible, and how to see the rest."""
    return f"More with {'up/down' if ascii else '↑ ↓'} or a larger window"


def _has_finished(frozen: Task, now: Task) -> bool:
    """Whether a task that was shown unfinished has finished."""
    return now.status.is_finished and not frozen.status.is_finished
