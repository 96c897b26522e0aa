"""How far a computer job is: its counter goes up to the supersteps that its input allows at the most."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from backend_adapters.model import TaskDetail, change_task

MOST_STEPS = "bsp.max_super_step"
_DIGITS_MOST = 10


def add_superstep_total(detail: TaskDetail) -> TaskDetail:
    """The detail with the total of the job's counter, where the input has one that the counter fits into."""
    steps, progress = _read_most_steps(detail.input), detail.task.progress
    if not steps or progress is None or not 0 < progress <= steps:
        return detail
    return replace(detail, task=change_task(detail.task, progress_total=steps, progress_unit="supersteps"))


def _read_most_steps(given: str | None) -> int:
    """The number of supersteps in an input of either form; 0 for none."""
    try:
        fields = msgspec.json.decode(given or "null")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return 0
    values = fields.get("params") or fields.get("parameters") if isinstance(fields, dict) else None
    steps = str(values.get(MOST_STEPS)) if isinstance(values, dict) else ""
    return int(steps) if steps.isascii() and steps.isdigit() and len(steps) < _DIGITS_MOST else 0
