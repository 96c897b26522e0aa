"""Reads jobs one by one, so that a bad one never hides the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

import msgspec
from pydantic import ValidationError

from backend_adapters.ges.wire import FIELDS, JOB, NEEDED, WireJob, camel, camels, task_of
from backend_adapters.model import Task
from backend_adapters.transport.loose_json import cut_nesting, show_json_value, to_strict_json


class Row(msgspec.Struct, frozen=True):
    """A job of a list with its JSON as the server sent it."""

    task: Task
    raw: bytes


def row_of(raw: bytes) -> Row | None:
    """The job in some JSON, with `fault` where a field can't be read; None without a readable id."""
    record = record_of(raw)
    if record is None:
        return None
    fields = camels(record)
    wire, fault = _mended(fields, record)
    return Row(task_of(wire, fields, fault), raw) if "jobId" in wire else None


def record_of(raw: bytes) -> dict[str, object] | None:
    """The JSON object in some bytes, with what can't be read replaced; None where there is none."""
    try:
        record = msgspec.json.decode(raw)
    except RecursionError:
        record = _forgiven(cut_nesting(raw))
    except (msgspec.MsgspecError, ValueError):
        record = _forgiven(raw)
    return record if isinstance(record, dict) else None


def _forgiven(raw: bytes) -> object:
    """The value in JSON that is not strict: bytes that are no characters, halves of pairs, long numbers."""
    try:
        return json.loads(to_strict_json(raw))
    except (ValueError, RecursionError):
        return None


def _mended(fields: dict[str, object], sent: Mapping[str, object]) -> tuple[WireJob, str | None]:
    """The fields that can be read, and a sentence about those that can't, with the keys as they were sent."""
    try:
        wire = JOB.validate_python(fields)
    except ValidationError:
        return _field_by_field(fields, {camel(key): key for key in sent})
    missing = [f"{name} is missing" for name in NEEDED if name not in wire]
    return wire, _sentence(missing)


def _field_by_field(fields: dict[str, object], keys: Mapping[str, str]) -> tuple[WireJob, str | None]:
    good: dict[str, object] = {}
    bad = [f"{name} is missing" for name in NEEDED if name not in fields]
    for name in FIELDS.keys() & fields.keys():
        try:
            good[name] = FIELDS[name].validate_python(fields[name])
        except ValidationError:
            bad.append(f"{keys.get(name, name)} is {show_json_value(fields[name])}")
    return cast(WireJob, good), _sentence(bad)


def _sentence(bad: list[str]) -> str | None:
    return f"The server sent what can't be read: {', '.join(sorted(bad))}." if bad else None
