"""What the server's HTTP layer does with a request before the API sees it: it rejects it or reads its path.

All of it was measured on servers 1.5.0 and 1.7.0, which do not differ here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.types import Scope

FAILURE_PAGE = (
    b"<html><head><title>Grizzly 3.0.1</title></head><body><h1>Request failed.</h1>"
    b"<hr/><div>Grizzly 3.0.1</div></body></html>"
)
"""Grizzly's page for requests that it can't pass on, also while the server starts."""

_MAX_HEAD = 8192
"""The longest request line with headers, bytes: 800 ids pass, 900 don't."""

_MAX_HEADERS = 100
_VERSIONS = {"1.0", "1.1", "2.0"}
_BODILESS = {"GET", "HEAD", "DELETE"}
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_NOT_IN_URI = re.compile(rb'["<>^`{|}\\]|%(?![0-9A-Fa-f]{2})')


@dataclass(frozen=True)
class Rejection:
    """An answer without an explanation, after which the connection is closed."""

    status: int
    page: bytes = b""
    announces_close: bool = True
    """Whether the answer has `Connection: close`."""


def find_rejection(scope: Scope) -> Rejection | None:
    """The rejection of a request that never gets to the API, or None."""
    headers = dict(scope["headers"])
    path = scope.get("raw_path") or scope["path"].encode()
    # The blanks, the version and the line ends are 14 bytes.
    line = len(scope["method"]) + len(scope.get("raw_path") or b"") + len(scope["query_string"]) + 14
    if line + sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > _MAX_HEAD:
        return Rejection(400, announces_close=line <= _MAX_HEAD)
    if scope.get("http_version", "1.1") not in _VERSIONS:
        return Rejection(505)
    if headers.get(b"expect", b"100-continue").lower() != b"100-continue":
        return Rejection(417)
    if len(scope["headers"]) > _MAX_HEADERS or (scope["method"] in _BODILESS and _has_body(headers)):
        return Rejection(400)
    if not _is_decodable(path):
        return Rejection(500)
    host = headers.get(b"host", b"-")
    if not host or b" " in host or _NOT_IN_URI.search(path) or _NOT_IN_URI.search(scope["query_string"]):
        return Rejection(500, FAILURE_PAGE)
    return None


def routing_path(scope: Scope) -> str:
    """The path that is matched against the routes, still percent-encoded.

    A trailing slash and matrix parameters are ignored. A path without a leading slash is a URL, or the root.
    """
    raw = scope.get("raw_path")
    path = (scope["path"] if raw is None else raw.decode("latin-1")).partition("#")[0]
    if not path.startswith("/"):
        path = "/" + path.partition("://")[2].partition("/")[2]
    path = "/".join(segment.partition(";")[0] for segment in path.split("/"))
    return path[:-1] if path.endswith("/") and path.strip("/") else path


def _has_body(headers: dict[bytes, bytes]) -> bool:
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


def _is_decodable(path: bytes) -> bool:
    """Whether a path's escapes decode to text without slashes, backslashes and zero bytes."""
    if _BAD_ESCAPE.search(path) or b"\\" in path or re.search(rb"%(2f|5c|00)", path, re.IGNORECASE):
        return False
    try:
        unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return False
    return True
