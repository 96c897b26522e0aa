"""What the keys of the tasks screen need to know of tasks: which actions are possible, and what to copy."""

from __future__ import annotations

from collections.abc import Iterable

from backend_adapters.model import FINISHED, ODD_ID, Action, Place, Task, is_task_id
from tui import text
from tui.fields import COPIES
from tui.monitor.monitor import Monitor
from tui.monitor.place_labels import count_places, name_place
from tui.monitor.unreadable import last_read_status
from tui.monitor.watched_place import WatchedPlace

ODD_IDS = "These task ids could be mistaken for options or paths, so graphtop doesn't act on them."


def action_blocked_reason(action: Action, tasks: Iterable[Task], *, ended: int = 0) -> str:
    """Why an action makes no sense for these tasks and some `ended` ones, as a sentence; empty where it does.

    What can't be read is judged by what it was when it was last read; what never was can be tried.
    """
    number, fixed, odd, last = ended, 0, 0, None
    for task in tasks:
        if is_possible(action, task):
            return ""
        number, fixed, last = number + 1, fixed + (last_read_status(task) not in FINISHED), task
        odd += not is_task_id(task.id)
    if not number:
        return "No task is selected."
    if odd == number:
        return ODD_ID if number == 1 else ODD_IDS
    if action is not Action.CANCEL:
        return ""
    if fixed:
        if last is not None and number == 1:
            return f"The server can't cancel task {text.sanitize(last.id)}."
        return "The server can't cancel any of these tasks."
    if last is None or number > 1:
        return "All of these tasks have finished; there is nothing to cancel."
    word = last.status_before.value if last.status_before is not None else last.raw_status
    return f"Task {text.sanitize(last.id)} has already finished ({text.sanitize_label(word)})."


def is_possible(action: Action, task: Task) -> bool:
    """Whether an action makes sense for a task: what has ended, or what nobody can stop, is not cancelled.

    Nothing is done with one whose id is none.
    """
    if not is_task_id(task.id):
        return False
    return action is not Action.CANCEL or (
        last_read_status(task) not in FINISHED and task.stoppable is not False
    )


def copyable_fields(task: Task) -> dict[str, str]:
    """The values of a task that can be copied, by their labels; empty ones are left out."""
    return {label: value for label, read in COPIES.items() if (value := read(task))}


def describe_server_for_ticket(monitor: Monitor) -> list[str]:
    """What is watched and on which server, in lines without any secret."""
    return [line for place in monitor.places for line in _describe_place(place)]


def _describe_place(place: WatchedPlace) -> list[str]:
    source, info = place.backend.source, place.health.info
    server = f"{info.product} {info.version or ''}".rstrip() if info is not None else "not connected"
    return [name_place(source), f"{text.sanitize_label(source.url)} ({text.sanitize_label(server)})"]


def name_all_places(monitor: Monitor) -> str:
    """What is watched, as it is called on the screen: the place, or how many places there are."""
    return count_places(len(monitor.places)) if monitor.is_joint else name_place(monitor.only.backend.source)


def name_origin(monitor: Monitor, *, with_profile: bool) -> str:
    """What reports of actions begin with once another place is looked at; empty where each names its own."""
    if monitor.is_joint:
        return ""
    source = monitor.only.backend.source
    return name_place(source) if with_profile else source.qualified_graph


def name_task_place(task: Task, monitor: Monitor | None = None) -> str:
    """Where a task is, as it is called on the screen; the only place that is watched is the monitor's."""
    if task.place is not None:
        return name_place(task.place)
    return "" if monitor is None else name_place(monitor.only.backend.source)


def name_task(task: Task, *, whole: bool = False) -> str:
    """A task's id, behind its place where several are watched: by its label, or with its `whole` name."""
    place = task.place
    if place is None:
        return text.sanitize(task.id)
    if whole or not place.label:
        return text.sanitize_label(place.qualify_id(task.id))
    return text.sanitize_label(f"{place.label} {task.id}")


def name_prefix(place: Place | None, *, whole: bool = False) -> str:
    """What stands before a sentence on one of several places: `prod:hugegraph: `; empty for the only one."""
    if place is None:
        return ""
    return f"{text.sanitize_label(place.name if whole else place.label or place.name)}: "
