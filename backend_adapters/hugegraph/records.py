"""Reads records one by one when a page can't be read whole, so that a bad one never hides the others."""

from __future__ import annotations

from contextlib import suppress
from typing import cast

import msgspec

from backend_adapters.hugegraph.wire import WireDetail, task_from_wire
from backend_adapters.model import Task
from backend_adapters.transport.loose_json import parse_loosely, show_json_value


def repair_task(raw: bytes) -> Task | None:
    """The task of one record's JSON, with `fault` where a field can't be read; None without a readable id."""
    try:
        record = parse_loosely(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    wire, fault = repair_record(record)
    return task_from_wire(wire, fault) if "id" in wire else None


def repair_record(record: dict[str, object]) -> tuple[WireDetail, str | None]:
    """The fields of a record that can be read, and a sentence about those that can't, or None."""
    try:
        return msgspec.convert(record, WireDetail), None
    except (msgspec.ValidationError, UnicodeError):
        # Of half a surrogate pair msgspec can't even complain.
        return _check_leniently(record)


def _check_leniently(record: dict[str, object]) -> tuple[WireDetail, str | None]:
    # Imported here: no start waits for pydantic.
    from backend_adapters.hugegraph import lenient

    with suppress(lenient.ValidationError):
        return lenient.LENIENT_DETAIL.validate_python(record), None
    known = lenient.field_adapters()
    good: dict[str, object] = {}
    bad = [] if "task_status" in record else ["task_status is missing"]
    for name in known.keys() & record.keys():
        try:
            good[name] = known[name].validate_python(record[name])
        except lenient.ValidationError:
            bad.append(f"{name} is {show_json_value(record[name])}")
    return cast(WireDetail, good), f"The server sent invalid fields: {', '.join(sorted(bad))}."
