"""Reads the times in the headers of a response."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import httpx

MAX_RETRY_AFTER = 300.0
"""Seconds of a Retry-After that are waited at most."""


def parse_retry_after(response: httpx.Response, now: float) -> float | None:
    """Seconds of the Retry-After header, a number or a date, capped; None where it is neither.

    `now` is this machine's time in epoch seconds.
    """
    text = response.headers.get("Retry-After", "")
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_RETRY_AFTER)
    until = _parse_http_date(text)
    if until is None:
        return None
    # By the server's own clock where it tells it, by ours otherwise.
    server_now = parse_date_header(response)
    return max(0.0, min(until - (now if server_now is None else server_now), MAX_RETRY_AFTER))


def parse_date_header(response: httpx.Response) -> float | None:
    """Epoch seconds of the Date header; None where it is missing or can't be read."""
    return _parse_http_date(response.headers.get("Date", ""))


def _parse_http_date(text: str) -> float | None:
    """Epoch seconds of a date with its zone; None for anything else."""
    try:
        date = parsedate_to_datetime(text)
        return date.timestamp() if date.tzinfo else None
    except (ValueError, TypeError, OverflowError):
        return None
