"""The methods that a path takes, as Jersey lists them in `Allow` and in the answer to OPTIONS."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from starlette.exceptions import HTTPException
from starlette.responses import Response

_ORDER = ("HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT")


def allowed_methods(error: Exception) -> set[str]:
    """The methods of a path that was requested with another one, without HEAD; empty for other errors."""
    allow = (error.headers or {}).get("Allow", "") if isinstance(error, HTTPException) else ""
    methods = {method.strip() for method in allow.split(",")} - {"HEAD", ""}
    return methods | {"OPTIONS"} if methods else methods


def name_methods(methods: set[str]) -> str:
    """The value of the header `Allow`."""
    return ",".join(sorted(methods, key=_ORDER.index))


def describe_methods(path: str, methods: set[str]) -> Response:
    """The answer to OPTIONS, which lists HEAD, too."""
    all_methods = methods | {"HEAD"} if "GET" in methods else methods
    named = "".join(f'<method name="{method}"/>' for method in sorted(all_methods, key=_ORDER.index))
    body = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<application xmlns="http://wadl.dev.java.net/2009/02"><resources base="/">'
        f"<resource path={quoteattr(path.lstrip('/'))}>{named}</resource></resources></application>\n"
    )
    return Response(
        body, 200, {"Allow": name_methods(all_methods)}, media_type="application/vnd.sun.wadl+xml"
    )
