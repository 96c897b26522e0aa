"""The fields of a job as GES sends them, and the task that they become (PROTOCOL.md, sections 1.3 and 3).

Keys are converted to the camel case of v1 first, and the engine's own names to those of the jobs center;
unknown fields stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, get_type_hints

from pydantic import BeforeValidator, Field, TypeAdapter
from typing_extensions import TypedDict

from backend_adapters.ges.messages import parse_status
from backend_adapters.ges.progress import find_progress
from backend_adapters.ges.reasons import find_fail_reason
from backend_adapters.ges.times import JobTime
from backend_adapters.model import FAILURES, Task, TaskExtras, TaskStatus, combined_decode_error

_CANCELLED = re.compile(r"\bcancell?ed\b", re.IGNORECASE)
_OWN_NAMES = {"taskType": "jobType", "startTime": "beginTime"}
"""The engine's names for fields of the jobs center."""


def _join_names(value: object) -> object:
    """A list of texts as one text: one table of the reference has jobName as an array."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    return value


class WireJob(TypedDict, total=False):
    """A job of a list. `jobProgress` is left out: it is reserved, and 0 even on finished jobs."""

    jobId: Annotated[str, Field(min_length=1)]
    status: str
    jobType: str | None
    jobName: Annotated[str | None, BeforeValidator(_join_names)]
    relatedGraph: str | None
    beginTime: JobTime
    endTime: JobTime
    failReason: str | None
    canStop: bool | None
    progress: Annotated[float, Field(allow_inf_nan=False)] | None


REQUIRED_FIELDS = ("jobId", "status")
"""The fields that every record of every version has."""

JOB_ADAPTER: TypeAdapter[WireJob] = TypeAdapter(WireJob)
JOB_FIELDS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(kind) for name, kind in get_type_hints(WireJob, include_extras=True).items()
}
"""One adapter for each field, to read the readable fields of a bad record."""


@lru_cache(maxsize=256)
def to_camel_case(key: str) -> str:
    """The key in the camel case of v1: `job_id` becomes `jobId`."""
    head, *rest = key.split("_")
    plain = head + "".join(part[:1].upper() + part[1:] for part in rest)
    return _OWN_NAMES.get(plain, plain)


def keys_to_camel_case(record: Mapping[str, object]) -> dict[str, object]:
    """The record with the keys of v1; of two spellings of a key the one with a value counts."""
    fields: dict[str, object] = {}
    for key, value in record.items():
        if fields.get(to_camel_case(key)) is None:
            fields[to_camel_case(key)] = value
    return fields


def job_to_task(wire: WireJob, record: Mapping[str, object], decode_error: str | None = None) -> Task:
    """The task for a job; `record` is all of it with the keys of v1."""
    word = wire.get("status") or "unknown"
    kind, command = wire.get("jobType") or "", _read_command(record)
    progress = find_progress(record, wire.get("progress"))
    status = TaskStatus.CANCELLED if _was_stopped(wire) else parse_status(word)
    return Task(
        id=wire["jobId"],
        type=kind or command,
        name=wire.get("jobName") or command or kind,
        status=status,
        raw_status=word,
        # 0 stands for "not known": no job began in 1970.
        created=wire.get("beginTime") or None,
        updated=wire.get("endTime") or None,
        progress=progress.done,
        graph=wire.get("relatedGraph"),
        extras=TaskExtras(
            progress_total=progress.total,
            progress_unit=progress.unit,
            stoppable=wire.get("canStop"),
            decode_error=combined_decode_error(wire["jobId"], decode_error),
            reason=find_fail_reason(record) if status in FAILURES else None,
        ),
    )


def _was_stopped(wire: WireJob) -> bool:
    """Whether the reason of a failed engine job says that it was cancelled (PROTOCOL.md, section 3)."""
    failed = parse_status(wire.get("status") or "") is TaskStatus.FAILED
    return failed and "canStop" in wire and bool(_CANCELLED.search(wire.get("failReason") or ""))


def format_json(value: object, indent: int | None = None) -> str:
    """A value as JSON for a person."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    except RecursionError:
        return "nested too deeply"


def read_request(record: Mapping[str, object]) -> str | None:
    """The request that an engine's job was started with; None where the record has none."""
    asked = record.get("rawRequest") or record.get("request")
    if asked is None or asked == "":
        return None
    return asked if isinstance(asked, str) else format_json(asked, indent=2)


def _read_command(record: Mapping[str, object]) -> str:
    """What an engine's job does: `request.command` (database edition), or the name of the algorithm."""
    request = record.get("request")
    if isinstance(request, dict) and isinstance(request.get("command"), str):
        return str(request["command"])
    raw = record.get("rawRequest")
    if isinstance(raw, str) and raw.startswith("{") and len(raw) < _LONGEST_REQUEST:
        raw = _parse_or_none(raw)
    name = raw.get("algorithmName") if isinstance(raw, dict) else None
    return name if isinstance(name, str) else ""


_LONGEST_REQUEST = 20_000


def _parse_or_none(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
