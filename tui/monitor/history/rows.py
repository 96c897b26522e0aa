"""The rows of the history's file: which columns are read, and what is made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from backend_adapters.model import Millis, TaskId, TaskStatus
from tui.monitor.history.records import HistoryPlace, HistoryTask, Transition
from tui.monitor.history.schema import UNKNOWN_CREATION

TASK_COLUMNS = """
    task.id, task.place, task.task_id, kind.type, task.name, task.status, task.raw_status,
        task.created, task.updated, task.progress, task.retries, task.server, kind.graph, task.headline,
        fingerprint.text, task.waited, task.ran, task.first_seen, task.last_seen, task.gone, task.kind
"""
TASK_TABLES = """
    FROM task CROSS JOIN kind ON kind.id = task.kind
    LEFT JOIN fingerprint ON fingerprint.id = task.fingerprint
"""
TASK_QUERY = f"SELECT {TASK_COLUMNS} {TASK_TABLES}"
RUN_DURATION = f"""
    coalesce(task.ran, CASE WHEN task.created = {UNKNOWN_CREATION} OR task.updated IS NULL THEN NULL
        ELSE max(0, task.updated - task.created) END)
"""
TRANSITION_COLUMNS = "status, raw_status, at, seen, unwatched_since, retries"
RUN_COLUMNS = "task_id, created, status, moment, updated, waited, ran"
EARLIEST: Millis = -(1 << 62)
"""Before all moments: a server may date a task before 1970."""
_STATUSES = {status.value: status for status in TaskStatus}


class RecordedRun(Struct, frozen=True, kw_only=True):
    """One run of a kind."""

    task_id: TaskId
    created: Millis | None
    status: TaskStatus
    moment: Millis
    """When it was last heard of: of one that has ended, its end."""
    took: Millis | None
    """From its creation to its end; None where it has not ended, or the server doesn't tell."""
    waited: Millis | None
    ran: Millis | None


def make_history_task(row: Sequence[Any], places: Mapping[int, HistoryPlace]) -> HistoryTask:
    """The task of a row of `TASK_COLUMNS`; `places` by their numbers."""
    created = row[7]
    return HistoryTask(
        place=places[row[1]],
        task_id=row[2],
        type=row[3],
        name=row[4],
        status=_STATUSES.get(row[5], TaskStatus.UNKNOWN),
        raw_status=row[6],
        created=None if created == UNKNOWN_CREATION else created,
        updated=row[8],
        progress=row[9],
        retries=row[10],
        server=row[11],
        graph=row[12] or None,
        headline=row[13],
        fingerprint=row[14],
        waited=row[15],
        ran=row[16],
        first_seen=row[17],
        last_seen=row[18],
        gone=row[19],
    )


def make_transition(row: Sequence[Any]) -> Transition:
    """The transition of a row of `TRANSITION_COLUMNS`."""
    status, raw_status, at, seen, unwatched_since, retries = row
    return Transition(
        status=_STATUSES.get(status, TaskStatus.UNKNOWN),
        raw_status=raw_status,
        at=at,
        seen=seen,
        unwatched_since=unwatched_since,
        retries=retries,
    )


def make_place(row: Sequence[Any]) -> HistoryPlace:
    """The place of a row: key, profile, url, dialect, graphspace, graph, project."""
    key, profile, url, dialect, graphspace, graph, project = row
    return HistoryPlace(
        key=key,
        profile=profile,
        url=url,
        dialect=dialect,
        graphspace=graphspace,
        graph=graph,
        project=project,
    )


def make_run(row: Sequence[Any]) -> RecordedRun:
    """The run of a row of `RUN_COLUMNS`."""
    task_id, created, status, moment, updated, waited, ran = row
    found = _STATUSES.get(status, TaskStatus.UNKNOWN)
    known = found.is_finished and created != UNKNOWN_CREATION and updated is not None
    return RecordedRun(
        task_id=task_id,
        created=None if created == UNKNOWN_CREATION else created,
        status=found,
        moment=moment,
        took=max(0, updated - created) if known else None,
        waited=waited,
        ran=ran,
    )
