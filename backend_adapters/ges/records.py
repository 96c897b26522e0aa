"""Reads records one by one, so that an unreadable one never hides the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

import msgspec
from pydantic import ValidationError

from backend_adapters.ges.wire import (
    JOB_ADAPTER,
    JOB_FIELDS,
    REQUIRED_FIELDS,
    WireJob,
    job_to_task,
    keys_to_camel_case,
    to_camel_case,
)
from backend_adapters.model import Task
from backend_adapters.transport.loose_json import cut_nesting, show_json_value, to_strict_json


class JobRow(msgspec.Struct, frozen=True):
    """A job of a list, and its JSON as the server sent it."""

    task: Task
    raw: bytes


def read_row(raw: bytes) -> JobRow | None:
    """The job in a record, with `decode_error` where a field is unreadable; None without a readable id."""
    record = read_record(raw)
    if record is None:
        return None
    fields = keys_to_camel_case(record)
    wire, decode_error = _read_fields(fields, record)
    return JobRow(job_to_task(wire, fields, decode_error), raw) if "jobId" in wire else None


def read_record(raw: bytes) -> dict[str, object] | None:
    """The JSON object of a record, with unreadable parts replaced; None where it is no object."""
    try:
        record = msgspec.json.decode(raw)
    except RecursionError:
        record = _decode_loosely(cut_nesting(raw))
    except (msgspec.MsgspecError, ValueError):
        record = _decode_loosely(raw)
    return record if isinstance(record, dict) else None


def _decode_loosely(raw: bytes) -> object:
    """Decode JSON that strict decoders refuse: invalid UTF-8, half surrogate pairs, very long numbers."""
    try:
        return json.loads(to_strict_json(raw))
    except (ValueError, RecursionError):
        return None


def _read_fields(fields: dict[str, object], sent: Mapping[str, object]) -> tuple[WireJob, str | None]:
    """The readable fields, and a sentence that names the others by the keys that were sent."""
    try:
        wire = JOB_ADAPTER.validate_python(fields)
    except ValidationError:
        return _read_field_by_field(fields, {to_camel_case(key): key for key in sent})
    missing = [f"{name} is missing" for name in REQUIRED_FIELDS if name not in wire]
    return wire, _describe_faults(missing)


def _read_field_by_field(fields: dict[str, object], keys: Mapping[str, str]) -> tuple[WireJob, str | None]:
    good: dict[str, object] = {}
    bad = [f"{name} is missing" for name in REQUIRED_FIELDS if name not in fields]
    for name in JOB_FIELDS.keys() & fields.keys():
        try:
            good[name] = JOB_FIELDS[name].validate_python(fields[name])
        except ValidationError:
            bad.append(f"{keys.get(name, name)} is {show_json_value(fields[name])}")
    return cast(WireJob, good), _describe_faults(bad)


def _describe_faults(bad: list[str]) -> str | None:
    return f"The server sent invalid fields: {', '.join(sorted(bad))}." if bad else None
