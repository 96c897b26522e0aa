"""How far a task is, where its server tells what its counter counts up to: a share, a bar, an amount."""

from __future__ import annotations

from backend_adapters.model import Task
from tui.text import format_count

PERCENT = "%"
"""The unit of a counter that is a percentage itself."""


def find_percent(task: Task) -> int | None:
    """How much of an unfinished task is done, 0 to 100; None where that is not known."""
    if task.status.is_finished or task.progress is None or not task.progress_total:
        return None
    return max(0, min(100, task.progress * 100 // task.progress_total))


def draw_bar(percent: int, width: int, *, ascii: bool) -> str:
    """A bar of `width` cells for a share in percent: `━━━╸────`, or `[###---]`."""
    if ascii:
        full = max(0, width - 2) * percent // 100
        return f"[{'#' * full}{'-' * (max(0, width - 2) - full)}]"
    full, half = divmod(width * 2 * percent // 100, 2)
    return ("━" * full + "╸" * half).ljust(width, "─")


def draw_percent(percent: int, room: int, *, ascii: bool) -> str:
    """A bar with its percentage in at most `room` cells; the percentage alone, or nothing, in less."""
    number = f"{percent}%"
    bar = min(BAR_MOST, room - PERCENT_WIDTH - 1)
    if bar >= BAR_LEAST:
        return f"{draw_bar(percent, bar, ascii=ascii)} {number:>{PERCENT_WIDTH}}"
    return f"{number:>{PERCENT_WIDTH}}" if room >= PERCENT_WIDTH else ""


BAR_LEAST, BAR_MOST, PERCENT_WIDTH = 3, 10, 4
PROGRESS_WIDTH = BAR_MOST + 1 + PERCENT_WIDTH
"""Cells of a bar with its percentage."""


def describe_progress(task: Task) -> str:
    """The counter in words: `4,360,551 of 8,790,000 lines`; empty for none and for 0 of nobody knows what."""
    if not task.progress_total:
        return format_count(task.progress) if task.progress else ""
    if task.progress_unit == PERCENT:
        return f"{task.progress or 0}%"
    return f"{task.progress or 0:,} of {task.progress_total:,} {task.progress_unit}".rstrip()
