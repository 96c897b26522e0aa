"""What the keys of the tasks screen need to know of tasks: what can be copied, and what makes no sense."""

from __future__ import annotations

import time
from collections.abc import Sequence

from backend_adapters.model import Action, Task
from tui import text


def why_not(action: Action, tasks: Sequence[Task]) -> str:
    """Why an action makes no sense for these tasks, as a sentence; empty where it does."""
    if not tasks:
        return "No task is selected."
    if action is Action.CANCEL and all(task.status.finished for task in tasks):
        if len(tasks) > 1:
            return "All of them have ended already: there is nothing to cancel."
        return f"Task {text.safe(tasks[0].id)} has ended already ({text.safe(tasks[0].word)})."
    if action is Action.CANCEL and all(task.stoppable is False for task in tasks):
        which = f"task {text.safe(tasks[0].id)}" if len(tasks) == 1 else "any of these tasks"
        return f"The server says that it can't cancel {which}."
    return ""


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
