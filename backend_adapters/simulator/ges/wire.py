"""The JSON of the answers: jobs and graphs in v1 and v2, times, and the forms of errors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

import msgspec

from backend_adapters.simulator.ges.import_files import list_import_files
from backend_adapters.simulator.ges.job_kinds import IMPORT_GRAPH, fail_reason
from backend_adapters.simulator.ges.records import GesGraph, GesJob, ImportFile, ImportSection

_SECTIONS: tuple[ImportSection, ...] = ("schemaPath", "vertexsetPath", "edgesetPath")
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class ErrorForm(Enum):
    """The forms of errors: the keys of the code, the message and the request id."""

    V1 = ("errorCode", "errorMessage")
    """GES v1 and the engines."""
    V1_2021 = ("errCode", "externalMessage")
    """A sample of September 2021."""
    V2 = ("error_code", "error_msg")
    GATEWAY = ("error_code", "error_msg", "request_id")
    IAM = ()


@dataclass(eq=False)
class Refusal(Exception):
    """The refusal of a request, with all that its answer needs."""

    status: int
    code: str
    message: str
    form: ErrorForm = ErrorForm.GATEWAY
    retry_after: int | None = None

    def to_json(self, request_id: str) -> bytes:
        """The JSON of the answer."""
        if self.form is ErrorForm.IAM:
            inner = {"code": self.status, "message": self.message, "title": self.code}
            return msgspec.json.encode({"error": inner})
        values = (self.code, self.message, request_id)
        return msgspec.json.encode(dict(zip(self.form.value, values, strict=False)))


def format_utc(moment: int) -> str:
    """A time as the service writes it: in UTC without a zone, rounded to seconds."""
    return datetime.fromtimestamp((moment + 500) // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def job_map(job: GesJob, now: int) -> dict[str, object]:
    """One job with the keys of v1. Unknown values are missing in some records and null in others."""
    status = job.status_at(now)
    fields: dict[str, object] = {
        "jobId": job.id,
        "status": status,
        "jobType": job.kind.type,
        "jobName": job.kind.name,
        "relatedGraph": job.graph.name,
        "beginTime": format_utc(job.begins) if status != "pending" else None,
        "endTime": format_utc(job.ends) if now >= job.ends else None,
        "jobDetail": _job_detail(job, now) if job.kind is IMPORT_GRAPH and status != "pending" else None,
        "failReason": fail_reason(job) if now >= job.ends else None,
        "jobProgress": 0,
    }
    nullable = {"beginTime", "endTime"} if job.salt & 1 else set()
    return {key: value for key, value in fields.items() if value is not None or key in nullable}


def _job_detail(job: GesJob, now: int) -> dict[str, object]:
    """`jobDetail`: the files read so far by section, null for a section without files."""
    share = job.share_done(now)
    rows: dict[str, list[dict[str, object]]] = {}
    for load in list_import_files(job):
        if share > load.begins or share == 1.0:
            rows.setdefault(load.section, []).append(_file_map(load, share))
    return {section: rows.get(section) for section in _SECTIONS}


def _file_map(load: ImportFile, share: float) -> dict[str, object]:
    over = share >= load.ends
    lines = _count_lines(load, share) if load.section != "schemaPath" else {}
    return {
        "path": load.path,
        "log": load.log if over else None,
        "cause": load.cause if over else None,
        "status": load.outcome if over else "running",
        **lines,
    }


def _count_lines(load: ImportFile, share: float) -> dict[str, object]:
    """The lines read so far, or -1 if the engine doesn't count them."""
    if load.lines < 0:
        return {"totalLines": -1, "failedLines": -1, "successfulLines": -1}
    part = min(1.0, (share - load.begins) / (load.ends - load.begins))
    failed = int(load.failed * part)
    return {
        "totalLines": load.lines,
        "failedLines": failed,
        "successfulLines": int(load.lines * part) - failed,
    }


def graph_map(graph: GesGraph, state: str) -> dict[str, object]:
    """One graph of the list, with the keys of v1."""
    return {
        "id": graph.id,
        "name": graph.name,
        "createdBy": "demo",
        "isMultiAz": "false",
        "regionCode": "cn-north-4",
        "azCode": "cn-north-4a",
        "status": state,
        "actionProgress": None,
        "graphSizeTypeIndex": "1",
        "dataStoreVersion": "2.3.11" if graph.counts_lines else "2.1.4",
        "created": format_utc(graph.created),
        "updated": format_utc(graph.created),
        "privateIp": "192.168.0.17",
        "publicIp": None,
        "arch": "x86_64",
        "encrypted": False,
        "replication": 1,
    }


def to_snake_case(value: object) -> object:
    """Convert the keys of v1 on all levels to those of v2: `jobId` to `job_id`."""
    if isinstance(value, dict):
        return {_CAPITAL.sub("_", key).lower(): to_snake_case(inner) for key, inner in value.items()}
    return [to_snake_case(inner) for inner in value] if isinstance(value, list) else value
