"""What a task's row becomes when the task is seen: pure, so that two graphtops that see the same agree."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from backend_adapters.model import FINISHED, WAITING, Millis, Task, TaskId, TaskStatus
from tui.monitor.history.kinds import KindKey, find_kept_kind
from tui.monitor.history.recorder import TaskSighting
from tui.monitor.history.records import MOST_OF_NAME, MOST_OF_WORD, clean_history_text
from tui.monitor.history.schema import UNKNOWN_CREATION
from tui.monitor.normalize_reason import normalize_reason

MOST_OF_HEADLINE = 500


class TaskRow(Struct, frozen=True, gc=False, array_like=True):
    """A task's row as it stands in the file, in the order of `ROW_COLUMNS`."""

    id: int
    task_id: TaskId
    created: Millis
    name: str
    status: str
    raw_status: str
    updated: Millis | None
    progress: int | None
    retries: int
    server: str | None
    headline: str | None
    waited: Millis | None
    ran: Millis | None
    last_seen: Millis
    gone: Millis | None


_STATUSES = {status.value: status for status in TaskStatus}

ROW_COLUMNS = ", ".join(TaskRow.__struct_fields__)


class KeptTexts(Struct, frozen=True, gc=False):
    """The texts of a task as they may be kept, which takes some time to find."""

    kind: KindKey
    name: str
    raw_status: str
    server: str | None
    headline: str | None
    fingerprint: str | None


class WatchFacts(Struct, frozen=True):
    """What is known of when a place was watched."""

    watched_before: Millis | None
    """When it was watched last before this graphtop began to; None where it never was."""


class RowChange(Struct, frozen=True, gc=False, kw_only=True):
    """What is to be written of a task."""

    sighting: TaskSighting
    row: TaskRow | None
    """The row that is changed; None for a new one."""
    status: TaskStatus
    headline: str | None
    waited: Millis | None = None
    ran: Millis | None = None
    gone: Millis | None = None
    is_transition: bool = False
    at: Millis | None = None
    unwatched_since: Millis | None = None


def keep_texts(task: Task) -> KeptTexts:
    """The texts of a task as they may be kept."""
    headline = None if task.reason is None else clean_history_text(task.reason, MOST_OF_HEADLINE)
    return KeptTexts(
        kind=find_kept_kind(task),
        name=clean_history_text(task.name, MOST_OF_NAME),
        raw_status=clean_history_text(task.raw_status, MOST_OF_WORD),
        server=None if task.server is None else clean_history_text(task.server, MOST_OF_WORD),
        headline=headline,
        fingerprint=normalize_reason(headline) if headline else None,
    )


def select_row(rows: Sequence[TaskRow], task: Task) -> TaskRow | None:
    """The row of a task among those with its id; None where they are of earlier tasks with that id."""
    for row in rows:
        if task.created in (None, row.created):
            return row
    return next((row for row in rows if row.created == UNKNOWN_CREATION), None)


def find_row_change(sighting: TaskSighting, row: TaskRow | None, facts: WatchFacts) -> RowChange | None:
    """What a sighting changes of a row; None for nothing, and where the row is from later."""
    task = sighting.task
    if row is None:
        return _make_transition(sighting, None, facts)
    if sighting.is_gone:
        return _find_gone(sighting, row)
    if task.status is TaskStatus.UNREADABLE or _is_older(sighting, row):
        return None
    if (row.status, row.raw_status, row.retries) != (
        task.status.value,
        clean_history_text(task.raw_status, MOST_OF_WORD),
        task.retries,
    ):
        return _make_transition(sighting, row, facts)
    if _is_as_before(task, row):
        return None
    return RowChange(
        sighting=sighting,
        row=row,
        status=task.status,
        headline=row.headline if task.reason is None else task.reason,
        waited=row.waited,
        ran=_find_run(task, row.waited),
    )


def _is_older(sighting: TaskSighting, row: TaskRow) -> bool:
    """Whether a row is from later: by the own clock, unless the server's tells that this one was set back."""
    if row.last_seen <= sighting.seen:
        return False
    updated = sighting.task.updated
    return updated is None or row.updated is None or updated <= row.updated


def _find_gone(sighting: TaskSighting, row: TaskRow) -> RowChange | None:
    """The change of a task that was found gone; None where that is known."""
    if row.gone is not None:
        return None
    return RowChange(
        sighting=sighting,
        row=row,
        status=_STATUSES.get(row.status, TaskStatus.UNKNOWN),
        headline=row.headline,
        waited=row.waited,
        ran=row.ran,
        gone=sighting.seen,
    )


def _is_as_before(task: Task, row: TaskRow) -> bool:
    """Whether a row already has what matters of a task in the same status."""
    is_ended = task.status in FINISHED
    return (
        row.gone is None
        and (task.updated == row.updated or not is_ended)
        and (task.reason is None or row.headline is not None)
        and (task.created is None or task.created == row.created)
        and task.server in (None, row.server)
        and row.name == clean_history_text(task.name, MOST_OF_NAME)
    )


def _make_transition(sighting: TaskSighting, row: TaskRow | None, facts: WatchFacts) -> RowChange:
    task = sighting.task
    since = _find_unwatched(sighting, facts)
    at = task.updated if task.status in FINISHED or since is None else None
    if since is None and at is None and task.status in WAITING and row is None:
        at = task.created
    waited = row.waited if row is not None else None
    if waited is None and since is None and task.status is TaskStatus.RUNNING and task.created is not None:
        began = at if at is not None else sighting.seen + sighting.ahead
        waited = max(0, began - task.created)
    return RowChange(
        sighting=sighting,
        row=row,
        status=task.status,
        headline=task.reason,
        waited=waited,
        ran=_find_run(task, waited),
        gone=sighting.seen if sighting.is_gone else None,
        is_transition=True,
        at=at,
        unwatched_since=since,
    )


def _find_unwatched(sighting: TaskSighting, facts: WatchFacts) -> Millis | None:
    """Since when nobody had watched before a sighting; None where it was seen as it came."""
    if not sighting.is_first:
        return sighting.unwatched_since
    task = sighting.task
    created = 0 if task.created is None else task.created - sighting.ahead
    return min(max(created, facts.watched_before or 0), sighting.seen)


def _find_run(task: Task, waited: Millis | None) -> Millis | None:
    """How long a task ran, where it has ended and was seen to begin."""
    if waited is None or task.created is None or task.updated is None or task.status not in FINISHED:
        return None
    return max(0, task.updated - task.created - waited)
