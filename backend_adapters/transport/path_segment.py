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
        raise _segment_error(
            name, kind, "A name in an address is not empty, is not . or .., and has no / or \\."
        )
    try:
        return quote(name, safe="")
    except UnicodeEncodeError:
        raise _segment_error(name, kind, "It holds bytes that are no text.") from None


def _segment_error(name: str, kind: str, hint: str) -> BadValue:
    return BadValue(f"'{name}' can't be asked for as a {kind}: nothing was sent.", param=kind, hint=hint)
