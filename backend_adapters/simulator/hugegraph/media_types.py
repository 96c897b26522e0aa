"""Reads the headers `Content-Type` and `Accept` as Jersey does."""

from __future__ import annotations

import re

JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain"
_ANY = ("*/*", "application/*")

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETERS = rf'(?:\s*;\s*(?:{_TOKEN}\s*=\s*(?:{_TOKEN}|"[^"]*"))?)*\s*'
_CONTENT_TYPE = re.compile(rf"\s*({_TOKEN})\s*/\s*({_TOKEN}){_PARAMETERS}")
_ACCEPTED = re.compile(rf"\s*({_TOKEN})(?:\s*/\s*({_TOKEN}))?({_PARAMETERS})")
_QUALITY = re.compile(r";\s*q\s*=\s*([^;\s]*)")


def read_content_type(values: list[str]) -> str | None:
    """The media type in lower case, or None without a header; raises ValueError for anything else."""
    if not values:
        return None
    found = _CONTENT_TYPE.fullmatch(",".join(values))
    if found is None:
        raise ValueError("not a media type")
    return f"{found[1]}/{found[2]}".lower()


def is_consumed(media_type: str | None, consumed: str = JSON_TYPE) -> bool:
    """Whether a body of this type gets to an endpoint for `consumed`, which may still refuse it."""
    return media_type is None or media_type in (consumed, *_ANY)


def accepts_json(values: list[str]) -> bool:
    """Whether a client accepts JSON; raises ValueError if the header can't be read."""
    ranges = [part for part in ",".join(values).split(",") if part.strip()]
    taken = [_takes_json(part) for part in ranges]  # all are read, so that a bad one is always an error
    return not ranges or any(taken)


def _takes_json(part: str) -> bool:
    found = _ACCEPTED.fullmatch(part)
    if found is None:
        raise ValueError("not a media range")
    quality = _QUALITY.search(found[3])
    if quality is not None:
        float(quality[1])
    media_range = f"{found[1]}/{found[2]}".lower() if found[2] else found[1]
    return media_range in ("*", JSON_TYPE, *_ANY)
