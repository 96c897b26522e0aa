"""Parses the times of GES, which are UTC without a zone, and the time in the ids of its jobs."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from backend_adapters.model import Millis

_YEAR_9999 = 253_402_300_799_999
_SECONDS_BELOW = 100_000_000_000
"""Numbers below this are seconds: as milliseconds they would be before March 1973."""

_NUMBER = re.compile(r"[0-9]{1,16}")
_HEX_ID = re.compile(r"[0-9a-f]{16}([0-9a-f]{12})[0-9a-f]{4}")
_FIRST_JOB, _LAST_JOB = 1_483_228_800_000, 4_102_444_800_000
"""The years 2017, before GES existed, to 2100: an id with a time outside holds no time."""


def parse_millis(value: object) -> Millis | None:
    """A time in epoch milliseconds, None for none. Raises ValueError for anything else.

    Texts without a zone are UTC (PROTOCOL.md, section 1.5), with `T` or a space in the middle. Numbers are
    milliseconds or, where those would be too long ago, seconds.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        moment = datetime.fromisoformat(value.strip())
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError("no moment")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("no moment")
    return round(number * 1000 if number < _SECONDS_BELOW else number)


JobTime = Annotated[Annotated[int, Field(ge=0, le=_YEAR_9999)] | None, BeforeValidator(parse_millis)]
"""A time before the year 10000, in epoch milliseconds."""


def describe_creation(job_id: str) -> str:
    """When a job was created, by its id: `about 2018-12-17 12:55:39 UTC`; empty where the id does not tell.

    Hex digits 17 to 28 hold it (inferred: PROTOCOL.md, section 1.5): good enough to show for a job that has
    not begun, but not to calculate with.
    """
    match = _HEX_ID.fullmatch(job_id)
    made = int(match[1], 16) if match else 0
    if not _FIRST_JOB <= made <= _LAST_JOB:
        return ""
    return f"about {datetime.fromtimestamp(made / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC (from its id)"
