"""Which tab of the detail has the answer: the usual one of a task's state, or the one that a person chose."""

from __future__ import annotations

from backend_adapters.model import Task
from tui.widgets.detail_tab import DetailTab

USUAL_TABS = {
    "active": DetailTab.OVERVIEW,
    "failed": DetailTab.RESULT,
    "partial": DetailTab.OVERVIEW,
    "success": DetailTab.RESULT,
    "cancelled": DetailTab.OVERVIEW,
}
"""The tab that has the answer, by the kind of state; what failed has its error in place of a result.

Of an import that failed in part, the files in its overview tell what went wrong.
"""


def kind_of_state(task: Task) -> str:
    """Which tasks share a tab: those that have ended in the same way, and all others."""
    return task.status.value if task.status.is_finished else "active"


class TabChoice:
    """Remembers in this session which tab a person wants to see of tasks in each kind of state."""

    def __init__(self) -> None:
        self.chosen: dict[str, DetailTab] = {}
        """The tabs that a person went to, by kind of state."""
        self.is_held = False
        """A person has gone to the open tab: it stays while the cursor moves, until the detail is closed."""

    def find_tab(self, task: Task | None) -> DetailTab:
        """The tab to open for a task."""
        if task is None:
            return DetailTab.OVERVIEW
        kind = kind_of_state(task)
        # Where a failure left no text, the overview has what is known.
        usual = DetailTab.OVERVIEW if kind == "failed" and task.reason == "" else USUAL_TABS[kind]
        return self.chosen.get(kind, usual)

    def remember(self, task: Task | None, tab: DetailTab) -> None:
        """Note that a person went to a tab while this task was shown."""
        self.is_held = True
        if task is not None:
            self.chosen[kind_of_state(task)] = tab
