"""What is told of the ends of tasks, and of tasks that match a filter, in one line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from backend_adapters.model import FAILURES, Task
from tui import text
from tui.monitor.end_watch import EndKind, TaskEnd
from tui.screens.tasks.task_facts import name_task
from tui.task_name import readable_name

NAME_CELLS, REASON_CELLS = 40, 120


def has_failed_end(end: TaskEnd) -> bool:
    """Whether what became of a task is nothing good."""
    return end.kind is not EndKind.ENDED or end.task.status in FAILURES


def describe_end(end: TaskEnd) -> str:
    """What became of a task: `283 (rebuild edges): success after 38m 2s`."""
    match end.kind:
        case EndKind.GONE:
            what = "gone from the server; how it ended is not known"
        case EndKind.REPLACED:
            what = "gone; another task has its id now"
        case EndKind.LEFT:
            what = "its place is no longer watched, so nobody sees it end"
        case EndKind.ENDED:
            what = end.task.status.value
            if end.took is not None:
                what += f" after {text.format_exact_duration(end.took)}"
            what += _append_reason(end.task)
    return f"{_name_with_words(end.task)}: {what}"


def describe_ends(ends: Sequence[TaskEnd]) -> str:
    """What became of one or several tasks; of several the counts, and the first that went wrong."""
    if len(ends) == 1:
        return describe_end(ends[0])
    counts = Counter(end.task.status.value if end.kind is EndKind.ENDED else end.kind.value for end in ends)
    listed = ", ".join(f"{text.format_count(number)} {word}" for word, number in counts.most_common())
    wrong = next((end for end in ends if has_failed_end(end)), None)
    first = "" if wrong is None else f". {describe_end(wrong)}"
    return f"{text.format_count(len(ends))} tasks have ended: {listed}{first}"


def describe_new_matches(name: str, tasks: Sequence[Task]) -> str:
    """Which tasks have come to match a filter: `status=failed: 283 (rebuild edges) failed: …`."""
    first = tasks[0]
    what = f"{_name_with_words(first)} {first.status.value}{_append_reason(first)}"
    more = "" if len(tasks) == 1 else f"{text.format_count(len(tasks))} tasks, first "
    return f"{text.sanitize_label(name)}: {more}{what}"


def _name_with_words(task: Task) -> str:
    words = text.fit_cells(text.sanitize_label(readable_name(task)), NAME_CELLS).rstrip()
    return name_task(task) + (f" ({words})" if words else "")


def _append_reason(task: Task) -> str:
    if task.status not in FAILURES or not task.reason:
        return ""
    return f": {text.fit_cells(text.sanitize_label(task.reason), REASON_CELLS).rstrip()}"
