"""Reads with pydantic the records that msgspec does not take: numbers as texts, dates, and single bad fields.

Imported when such a record comes: pydantic alone is a tenth of a start (measured).
"""

from __future__ import annotations

from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from backend_adapters.hugegraph.wire import WireDetail, WireSubmitted, WireTask

__all__ = ["LENIENT_DETAIL", "LENIENT_SUBMITTED", "LENIENT_TASKS", "ValidationError", "field_adapters"]

LENIENT_TASKS: TypeAdapter[list[WireTask]] = TypeAdapter(list[WireTask])
LENIENT_DETAIL: TypeAdapter[WireDetail] = TypeAdapter(WireDetail)
LENIENT_SUBMITTED: TypeAdapter[WireSubmitted] = TypeAdapter(WireSubmitted)


@cache
def field_adapters() -> dict[str, TypeAdapter[Any]]:
    """One adapter for each field, to read what can be read of a bad record."""
    hints = get_type_hints(WireDetail, include_extras=True)
    return {name: TypeAdapter(kind) for name, kind in hints.items()}
