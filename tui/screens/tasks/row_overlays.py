"""What the table shows besides the server's data: pending actions, stuck tasks, unknown ends."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from backend_adapters.model import Action, Millis, Task, TaskKey, TaskStatus
from tui import text
from tui.monitor.monitor import Monitor
from tui.monitor.stuck import find_transient_since, is_server_lost, is_stuck
from tui.screens.tasks.header_state import list_silent_places
from tui.widgets.columns import RowOverlay

LATE = "late"
"""What ETA tells of a task that runs longer than nearly all of its kind."""
PROGRESS_VERBS = {Action.CANCEL: "cancelling", Action.DELETE: "deleting", Action.FORCE_DELETE: "deleting"}


def describe_pending_action(monitor: Monitor, key: TaskKey, now: Millis) -> str:
    """The pending action on a task and its age, such as `cancelling 12s`; empty without one."""
    under_way = monitor.tasks.find_overlay(key)
    if under_way is None:
        return ""
    return f"{PROGRESS_VERBS[under_way.action]} {text.format_duration(max(0, now - under_way.since))}"


def build_overlays(
    monitor: Monitor, shown: Iterable[Task], now: Millis, *, utc: bool = False
) -> dict[TaskKey, RowOverlay]:
    """The overlays of the tasks in `shown`, by key."""
    laid: dict[TaskKey, RowOverlay] = {}
    silent = {place.place: place for place in list_silent_places(monitor)}
    for task in shown:
        watched, seen = monitor.find_place(task), monitor.session_rows.find_seen(task)
        if seen is not None:
            laid[task.key] = _lay_moment(seen, task, monitor.clock.now(), utc=utc)
            continue
        if watched is None or monitor.session_rows.is_unconfirmed(task.key):
            # How long it has been running is not known, and not whether it still is.
            if not task.status.is_finished:
                laid[task.key] = RowOverlay(end_unknown=True)
            continue
        if silent and task.place in silent:
            laid[task.key] = _lay_moment(watched.health.last_ok, task, monitor.clock.now(), utc=utc)
            continue
        store = watched.store
        label = describe_pending_action(monitor, task.key, now)
        if label:
            laid[task.key] = RowOverlay(label=label, style="transient")
        elif is_stuck(store, task, now):
            since = text.format_age(find_transient_since(store, task), now)
            label = f"{task.status.value} {since}"
            laid[task.key] = RowOverlay(label=label, style="stuck", note="its server may be lost")
        elif task.id in store.unwritten_ends or is_server_lost(task):
            laid[task.key] = RowOverlay(end_unknown=True)
    return laid


def add_estimates(
    monitor: Monitor, laid: dict[TaskKey, RowOverlay], shown: Iterable[Task], now: Millis
) -> bool:
    """Add to the overlays when running tasks end, as far as it is known; returns whether it is of any."""
    found = False
    for task in shown:
        watched = monitor.find_place(task) if task.status is TaskStatus.RUNNING else None
        overlay = laid.get(task.key, RowOverlay())
        if watched is None or overlay.end_unknown:
            continue
        record = watched.kind_records.find_kept(task)
        estimate = None if record is None else record.estimate(task, now)
        if estimate is not None:
            found = True
            eta = LATE if estimate.left is None else f"~{text.format_duration(estimate.left)}"
            laid[task.key] = replace(overlay, eta=eta)
    return found


def _lay_moment(seen: Millis | None, task: Task, now: Millis, *, utc: bool) -> RowOverlay:
    """Says of a task when it was last told of; whether it still runs is not known."""
    moment = "" if seen is None else text.format_minute(seen, now, utc=utc)
    if task.status.is_finished:
        return RowOverlay(note=f"as of {moment}" if moment else "")
    return RowOverlay(as_of=moment, end_unknown=True)


def find_old_keys(monitor: Monitor, shown: Iterable[Task]) -> frozenset[TaskKey]:
    """The tasks in `shown` of those of several places that do not answer: they may be otherwise by now."""
    silent, rows = {place.place for place in list_silent_places(monitor)}, monitor.session_rows
    return frozenset(task.key for task in shown if task.place in silent or rows.find_seen(task) is not None)
