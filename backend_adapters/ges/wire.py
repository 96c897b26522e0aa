"""What GES sends of a job, in both spellings and on both planes, and how it becomes the common vocabulary.

The fields are those of facts: GES, sections 1.3 and 3. Keys are brought to the camel case of v1 first, and
the service plane's own names to those of the management plane; unknown fields are left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, get_type_hints

from pydantic import BeforeValidator, Field, TypeAdapter
from typing_extensions import TypedDict

from backend_adapters.ges.messages import status_of
from backend_adapters.ges.times import Moment
from backend_adapters.model import Task, TaskStatus, combined_decode_error

_CANCELLED = re.compile(r"\bcancell?ed\b", re.IGNORECASE)
_OWN_NAMES = {"taskType": "jobType", "startTime": "beginTime"}
"""What the service plane calls differently."""


def _joined(value: object) -> object:
    """One document types jobName as an array, though every sample has a text."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    return value


class WireJob(TypedDict, total=False):
    """A job of a list. `jobProgress` is not here: it is reserved, and 0 even on finished jobs."""

    jobId: Annotated[str, Field(min_length=1)]
    status: str
    jobType: str | None
    jobName: Annotated[str | None, BeforeValidator(_joined)]
    relatedGraph: str | None
    beginTime: Moment
    endTime: Moment
    failReason: str | None
    canStop: bool | None
    progress: Annotated[float, Field(allow_inf_nan=False)] | None


NEEDED = ("jobId", "status")
"""What every record of every version has."""

JOB: TypeAdapter[WireJob] = TypeAdapter(WireJob)
FIELDS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(kind) for name, kind in get_type_hints(WireJob, include_extras=True).items()
}
"""One adapter for each field, to read what can be read of a bad record."""


@lru_cache(maxsize=256)
def camel(key: str) -> str:
    """A key as v1 spells it: `job_id` is `jobId`."""
    head, *rest = key.split("_")
    plain = head + "".join(part[:1].upper() + part[1:] for part in rest)
    return _OWN_NAMES.get(plain, plain)


def camels(record: Mapping[str, object]) -> dict[str, object]:
    """The record with its keys as v1 spells them; of two spellings of one the one with a value counts."""
    fields: dict[str, object] = {}
    for key, value in record.items():
        if fields.get(camel(key)) is None:
            fields[camel(key)] = value
    return fields


def task_of(wire: WireJob, record: Mapping[str, object], fault: str | None = None) -> Task:
    """The task that a job stands for; `record` is the whole of it in v1's spelling."""
    word = wire.get("status") or "unknown"
    kind, command = wire.get("jobType") or "", _command(record)
    progress = wire.get("progress")
    return Task(
        id=wire["jobId"],
        type=kind or command,
        name=wire.get("jobName") or command or kind,
        status=TaskStatus.CANCELLED if _stopped(wire) else status_of(word),
        raw_status=word,
        # 0 stands for "not known": no task is of 1970.
        created=wire.get("beginTime") or None,
        updated=wire.get("endTime") or None,
        progress=None if progress is None else round(progress),
        graph=wire.get("relatedGraph"),
        stoppable=wire.get("canStop"),
        decode_error=combined_decode_error(wire["jobId"], fault),
    )


def _stopped(wire: WireJob) -> bool:
    """Whether a job of the service plane failed because somebody stopped it, by the server's own reason."""
    failed = status_of(wire.get("status") or "") is TaskStatus.FAILED
    return failed and "canStop" in wire and bool(_CANCELLED.search(wire.get("failReason") or ""))


def json_text(value: object, indent: int | None = None) -> str:
    """A value as JSON for a person."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    except RecursionError:
        return "nested too deeply"


def request_of(record: Mapping[str, object]) -> str | None:
    """What a job of the service plane was asked to do, as the server tells it; None where it does not."""
    asked = record.get("rawRequest") or record.get("request")
    if asked is None or asked == "":
        return None
    return asked if isinstance(asked, str) else json_text(asked, indent=2)


def _command(record: Mapping[str, object]) -> str:
    """What a service job does: the database edition's `request.command`, or the algorithm's name."""
    request = record.get("request")
    if isinstance(request, dict) and isinstance(request.get("command"), str):
        return str(request["command"])
    raw = record.get("rawRequest")
    if isinstance(raw, str) and raw.startswith("{") and len(raw) < _LONGEST_REQUEST:
        raw = _parsed(raw)
    name = raw.get("algorithmName") if isinstance(raw, dict) else None
    return name if isinstance(name, str) else ""


_LONGEST_REQUEST = 20_000


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
