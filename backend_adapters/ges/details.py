"""Builds the detail of a job: the files of an import, the reason of a failure, and all other fields."""

from __future__ import annotations

from collections.abc import Mapping

from backend_adapters.ges.records import JobRow, read_record
from backend_adapters.ges.times import describe_creation
from backend_adapters.ges.wire import JOB_FIELDS, format_json, keys_to_camel_case, read_request, to_camel_case
from backend_adapters.model import Sheet, TaskDetail

FILE_COLUMNS = ("KIND", "PATH", "STATUS", "TOTAL", "OK", "FAILED", "CAUSE", "LOG")
_KINDS = (("schemaPath", "schema"), ("vertexsetPath", "vertices"), ("edgesetPath", "edges"))
_TEXTS, _LINES, _AFTER = (
    ("path", "status"),
    ("totalLines", "successfulLines", "failedLines"),
    ("cause", "log"),
)
_NOT_REPORTED = -1

_SHOWN_ELSEWHERE = {*JOB_FIELDS, "jobDetail", "jobProgress", "rawRequest", "request", "files"}
"""Fields that are shown elsewhere, and `jobProgress`, which is always 0 (PROTOCOL.md, section 1.3)."""


def build_detail(row: JobRow, cap: int) -> TaskDetail:
    """The detail of a job from its record; at most `cap` bytes of the JSON are kept."""
    record = keys_to_camel_case(read_record(row.raw) or {})
    reason = record.get("failReason")
    sheet = build_file_table(record.get("jobDetail")) or build_file_table(record.get("files"))
    return TaskDetail(
        task=row.task,
        raw=row.raw[:cap],
        input=read_request(record),
        result=_as_text(reason).encode("utf-8", "replace") or None,
        extra=(*_creation_field(row, record), *_other_fields(record)),
        sheets=(sheet,) if sheet else (),
        truncated=len(row.raw) > cap,
        size=len(row.raw),
    )


def build_file_table(detail: object) -> Sheet | None:
    """A table with a row for each file of a `jobDetail`; None where there are none."""
    if not isinstance(detail, dict):
        return None
    groups = keys_to_camel_case(detail)
    rows = [_file_row(kind, file) for key, kind in _KINDS for file in _as_list(groups.get(key))]
    return (
        Sheet(title="Files", heads=FILE_COLUMNS, rows=tuple(rows), numbers=frozenset({3, 4, 5}))
        if rows
        else None
    )


def _file_row(kind: str, file: object) -> tuple[str, ...]:
    """The row of one file; anything but an object is shown as it is."""
    if not isinstance(file, dict):
        return (kind, _as_text(file), *[""] * (len(FILE_COLUMNS) - 2))
    fields = keys_to_camel_case(file)
    texts = [_as_text(fields.get(key)) for key in _TEXTS]
    return (
        kind,
        *texts,
        *(_format_count(fields.get(key)) for key in _LINES),
        *(_as_text(fields.get(k)) for k in _AFTER),
    )


def _format_count(value: object) -> str:
    """A number of lines; empty for -1, which stands for "not counted"."""
    return "" if value in (_NOT_REPORTED, str(_NOT_REPORTED)) else _as_text(value)


def _creation_field(row: JobRow, record: Mapping[str, object]) -> list[tuple[str, str]]:
    """The approximate time of creation of a job that has not begun: only its id tells it."""
    made = describe_creation(row.task.id) if record.get("beginTime") in (None, "") else ""
    return [("made", made)] if made else []


def _other_fields(record: Mapping[str, object]) -> list[tuple[str, str]]:
    """All other fields, as they were sent."""
    return [
        (key, _as_text(value))
        for key, value in record.items()
        if to_camel_case(key) not in _SHOWN_ELSEWHERE and value not in (None, "")
    ]


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else format_json(value)
