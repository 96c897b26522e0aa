"""The times of GES: UTC without saying so, to the second, and in the ids of its jobs to the millisecond."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from backend_adapters.model import Millis

_YEAR_9999 = 253_402_300_799_999
_SECONDS_BELOW = 100_000_000_000
"""Numbers below this are seconds: as milliseconds they would be of before March 1973."""

_NUMBER = re.compile(r"[0-9]{1,16}")
_HEX_ID = re.compile(r"[0-9a-f]{16}([0-9a-f]{12})[0-9a-f]{4}")
_FIRST_JOB, _LAST_JOB = 1_483_228_800_000, 4_102_444_800_000
"""2017, before GES was, and 2100: an id that tells a time outside of it tells none."""


def millis(value: object) -> Millis | None:
    """A moment as epoch milliseconds, None for none; raises ValueError for what is no moment.

    Texts without a zone are UTC (facts: GES, section 1.5), with `T` or a space in the middle. Numbers are
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


Moment = Annotated[Annotated[int, Field(ge=0, le=_YEAR_9999)] | None, BeforeValidator(millis)]
"""A moment that a calendar has a name for."""


def about_created(job_id: str) -> str:
    """When a job was made, roughly, by its id: `about 2018-12-17 12:55:39 UTC`; empty where it does not tell.

    A management id holds the time in hex digits 17 to 28 (inferred, see the facts): good enough to show for a
    job that has not begun, never to reckon with.
    """
    match = _HEX_ID.fullmatch(job_id)
    made = int(match[1], 16) if match else 0
    if not _FIRST_JOB <= made <= _LAST_JOB:
        return ""
    return f"about {datetime.fromtimestamp(made / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC (by its id)"
