"""The rows of the history's file: which columns are read, and what is made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct, ValidationError, convert

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
# What each column holds, unless the file is damaged.
_Word: TypeAlias = str | None
_Number: TypeAlias = int | None
_TransitionRow: TypeAlias = tuple[str, str, _Number, int, _Number, int]
_PlaceRow: TypeAlias = tuple[str, str, str, str, _Word, str, _Word]
_RunRow: TypeAlias = tuple[str, int, str, int, _Number, _Number, _Number]
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


class _StoredTask(Struct, array_like=True, gc=False):
    """A row of `TASK_COLUMNS`."""

    number: int
    place: int
    task_id: str
    type: str
    name: str
    status: str
    raw_status: str
    created: int
    updated: _Number
    progress: _Number
    retries: int
    server: _Word
    graph: str
    headline: _Word
    fingerprint: _Word
    waited: _Number
    ran: _Number
    first_seen: int
    last_seen: int
    gone: _Number
    kind: int


def make_history_task(row: Sequence[Any], places: Mapping[int, HistoryPlace]) -> HistoryTask:
    """The task of a row of `TASK_COLUMNS`; `places` by their numbers. Raises ValidationError."""
    stored = convert(row, _StoredTask)
    place, created = places.get(stored.place), stored.created
    if place is None:
        raise ValidationError(f"There is no place {stored.place}.")
    return HistoryTask(
        place=place,
        task_id=stored.task_id,
        type=stored.type,
        name=stored.name,
        status=_STATUSES.get(stored.status, TaskStatus.UNKNOWN),
        raw_status=stored.raw_status,
        created=None if created == UNKNOWN_CREATION else created,
        updated=stored.updated,
        progress=stored.progress,
        retries=stored.retries,
        server=stored.server,
        graph=stored.graph or None,
        headline=stored.headline,
        fingerprint=stored.fingerprint,
        waited=stored.waited,
        ran=stored.ran,
        first_seen=stored.first_seen,
        last_seen=stored.last_seen,
        gone=stored.gone,
    )


def make_transition(row: Sequence[Any]) -> Transition:
    """The transition of a row of `TRANSITION_COLUMNS`."""
    status, raw_status, at, seen, unwatched_since, retries = convert(row, _TransitionRow)
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
    key, profile, url, dialect, graphspace, graph, project = convert(row, _PlaceRow)
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
    task_id, created, status, moment, updated, waited, ran = convert(row, _RunRow)
    found = _STATUSES.get(status, TaskStatus.UNKNOWN)
    known = found.is_finished and created != UNKNOWN_CREATION and updated is not None
    return RecordedRun(
        task_id=task_id,
        created=None if created == UNKNOWN_CREATION else created,
        status=found,
        moment=moment,
        took=max(0, updated - created) if known and updated is not None else None,
        waited=waited,
        ran=ran,
    )
