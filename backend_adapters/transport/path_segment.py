"""Quotes a name for the path of a URL, and refuses one that would lead to another path."""

from __future__ import annotations

from urllib.parse import quote

from backend_adapters.errors import BadValue

_SEPARATORS = frozenset("/\\")


def quote_segment(name: str, kind: str) -> str:
    """The name as one segment of a path, percent-encoded; `kind` says of what it is: `graph`, `project`.

    Raises BadValue for an empty name, for `.` and `..`, which clients and proxies resolve, and for one with a
    slash or a backslash, which a server may decode before it splits the path.
    """
    if name in ("", ".", "..") or not _SEPARATORS.isdisjoint(name):
        raise _segment_error(name, kind, "It must not be empty, . or .., and must not contain / or \\.")
    try:
        return quote(name, safe="")
    except UnicodeEncodeError:
        raise _segment_error(name, kind, "It contains bytes that are not text.") from None


def _segment_error(name: str, kind: str, hint: str) -> BadValue:
    return BadValue(f'"{name}" is not a valid {kind} name. Nothing was sent.', param=kind, hint=hint)
