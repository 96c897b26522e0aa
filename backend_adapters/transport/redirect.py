"""The error for a redirect, which is shown but never followed."""

from __future__ import annotations

import httpx

from backend_adapters.errors import BadAnswer
from backend_adapters.redaction import mask_secrets

_LONGEST = 200
"""Characters of an address that are shown."""


def redirect_error(response: httpx.Response, host: str) -> BadAnswer:
    """The error for a 3xx from `host:port`: where it points, or that this can't be told."""
    code = response.status_code
    place = response.headers.get("Location", "").strip()
    if not place:
        return BadAnswer(f"{host} answered {code}, a redirect without an address.", code=code)
    if not _is_address(place):
        return BadAnswer(f"{host} answered {code}, a redirect to an invalid address.", code=code)
    # The query, which can be very long, mostly repeats what was asked for.
    shown = mask_secrets(place.partition("?")[0].partition("#")[0])[:_LONGEST]
    return BadAnswer(
        f"{host} answered {code}, a redirect to {shown}",
        hint="If that is the right address, use it instead.",
        code=code,
    )


def _is_address(place: str) -> bool:
    """Whether a client could go there."""
    try:
        url = httpx.URL(place)
    except httpx.InvalidURL:
        return False
    return not url.scheme or (url.scheme in ("http", "https") and bool(url.host))
