"""What the keys of the tasks screen need to know of tasks: what can be copied, and what makes no sense."""

from __future__ import annotations

import time
from collections.abc import Iterable

from backend_adapters.model import FINISHED, Action, Task
from tui import text


def why_not(action: Action, tasks: Iterable[Task]) -> str:
    """Why an action makes no sense for these tasks, as a sentence; empty where it does."""
    number, fixed, last = 0, 0, None
    for task in tasks:
        if action is not Action.CANCEL or (task.status not in FINISHED and task.stoppable is not False):
            return ""
        number, fixed, last = number + 1, fixed + (task.status not in FINISHED), task
    if last is None:
        return "No task is selected."
    if fixed:
        which = f"task {text.safe(last.id)}" if number == 1 else "any of these tasks"
        return f"The server says that it can't cancel {which}."
    if number > 1:
        return "All of them have ended already: there is nothing to cancel."
    return f"Task {text.safe(last.id)} has ended already ({text.safe(last.word)})."


def copyable(task: Task) -> dict[str, str]:
    """The fields of a task that can be copied, by their labels; those without a value are left out."""
    fields = {
        "id": task.id,
        "name": task.name,
        "type": task.type,
        "graph": task.graph or "",
        "status": task.word,
        "server": task.server or "",
        "created": moment(task.created),
        "updated": moment(task.updated),
        "description": task.description or "",
    }
    return {label: value for label, value in fields.items() if value}


def moment(millis: int | None) -> str:
    """A moment for another program: ISO 8601 in UTC."""
    if millis is None:
        return ""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(millis / 1000))
