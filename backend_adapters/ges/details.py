"""One job in full: the files of an import as a table, the reason of a failure, and whatever else was sent."""

from __future__ import annotations

from collections.abc import Mapping

from backend_adapters.ges.records import Row, record_of
from backend_adapters.ges.times import about_created
from backend_adapters.ges.wire import FIELDS, camel, camels, json_text, request_of
from backend_adapters.model import Sheet, TaskDetail

HEADS = ("KIND", "PATH", "STATUS", "TOTAL", "OK", "FAILED", "CAUSE", "LOG")
_KINDS = (("schemaPath", "schema"), ("vertexsetPath", "vertices"), ("edgesetPath", "edges"))
_TEXTS, _LINES, _AFTER = (
    ("path", "status"),
    ("totalLines", "successfulLines", "failedLines"),
    ("cause", "log"),
)
_NOT_REPORTED = -1

_SHOWN_ELSEWHERE = {*FIELDS, "jobDetail", "jobProgress", "rawRequest", "request", "files"}
"""Fields that have a place of their own, and the progress of v1 and v2, which is always 0."""


def detail_of(row: Row, cap: int) -> TaskDetail:
    """The detail in a job's record; `cap` bytes of its JSON are kept."""
    record = camels(record_of(row.raw) or {})
    reason = record.get("failReason")
    sheet = files_of(record.get("jobDetail")) or files_of(record.get("files"))
    return TaskDetail(
        task=row.task,
        raw=row.raw[:cap],
        input=request_of(record),
        result=_text(reason) or None,
        extra=(*_hints(row, record), *_others(record)),
        sheets=(sheet,) if sheet else (),
        truncated=len(row.raw) > cap,
        size=len(row.raw),
    )


def files_of(detail: object) -> Sheet | None:
    """The files of a `jobDetail`, a row for each; None where there are none."""
    if not isinstance(detail, dict):
        return None
    groups = camels(detail)
    rows = [_row(kind, file) for key, kind in _KINDS for file in _list(groups.get(key))]
    return Sheet(title="Files", heads=HEADS, rows=tuple(rows), numbers=frozenset({3, 4, 5})) if rows else None


def _row(kind: str, file: object) -> tuple[str, ...]:
    """One file; a file that is no object is shown as what it is."""
    if not isinstance(file, dict):
        return (kind, _text(file), *[""] * (len(HEADS) - 2))
    fields = camels(file)
    texts = [_text(fields.get(key)) for key in _TEXTS]
    return (
        kind,
        *texts,
        *(_lines(fields.get(key)) for key in _LINES),
        *(_text(fields.get(k)) for k in _AFTER),
    )


def _lines(value: object) -> str:
    """A number of lines; -1 means that this engine does not report it."""
    return "" if value in (_NOT_REPORTED, str(_NOT_REPORTED)) else _text(value)


def _hints(row: Row, record: Mapping[str, object]) -> list[tuple[str, str]]:
    """When a job that has not begun was made, which only its id tells, and roughly."""
    made = about_created(row.task.id) if record.get("beginTime") in (None, "") else ""
    return [("made", made)] if made else []


def _others(record: Mapping[str, object]) -> list[tuple[str, str]]:
    """The fields that graphtop has no place for, as they were sent."""
    return [
        (key, _text(value))
        for key, value in record.items()
        if camel(key) not in _SHOWN_ELSEWHERE and value not in (None, "")
    ]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json_text(value)
