"""The terminal's title: what goes on, for a person who sees the title alone."""

from __future__ import annotations

from backend_adapters.model import TaskStatus
from tui import text
from tui.monitor.health import Phase
from tui.monitor.monitor import Monitor

NAME = "graphtop"
_GOING_ON = (TaskStatus.RUNNING, TaskStatus.CANCELLING, TaskStatus.DELETING)


def describe_in_title(monitor: Monitor, failures: int, *, ascii: bool) -> str:
    """`graphtop: 3 running, 1 ✗`; `failures` are those since somebody last looked."""
    if monitor.health.phase in (Phase.OFFLINE, Phase.BLOCKED):
        return f"{NAME}: no answer"
    if monitor.health.last_ok is None:
        return NAME
    counts = monitor.tasks.counts
    waiting = sum(number for status, number in counts.items() if status.is_waiting)
    parts = {"running": sum(counts[status] for status in _GOING_ON), "waiting": waiting}
    shown = [f"{text.format_count(number)} {word}" for word, number in parts.items() if number]
    if failures:
        shown.append(f"{text.format_count(failures)} {text.status_glyph(TaskStatus.FAILED, ascii=ascii)}")
    return f"{NAME}: {', '.join(shown) or 'nothing running'}"
