"""The answers to requests that fail: the server's own exceptions, and what Jersey refuses."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backend_adapters.simulator.hugegraph import wire
from backend_adapters.simulator.hugegraph.methods import allowed_methods, describe_methods, name_methods
from backend_adapters.simulator.hugegraph.request_values import MalformedBody

_CLOSING = {400, 500, 503}
"""Statuses after which Grizzly closes the connection."""

_EXCEPTIONS = {404: "NotFoundException", 405: "NotAllowedException", 406: "NotAcceptableException"}
"""What Jersey calls these statuses; any other is a NotSupportedException."""


def java_error_response(error: wire.JavaError, *, trace: bool) -> Response:
    """The answer to a request that failed in the server; servers send traces since 1.7."""
    headers = {}
    if error.challenge:
        headers["WWW-Authenticate"] = error.challenge
    if error.status in _CLOSING:
        headers["Connection"] = "close"
    return Response(error.to_json(trace=trace), error.status, headers, media_type="application/json")


async def answer_http_error(request: Request, error: Exception) -> Response:
    """Answer what Starlette refuses in Jersey's words."""
    if isinstance(error, MalformedBody):
        return Response(error.detail, 400, {"Connection": "close", "Content-Type": "text/plain"})
    status = error.status_code if isinstance(error, HTTPException) else 500
    methods = allowed_methods(error)
    if request.method == "OPTIONS" and methods:
        return describe_methods(request.url.path, methods)
    headers = {"Allow": name_methods(methods)} if methods else {}
    java = f"jakarta.ws.rs.{_EXCEPTIONS.get(status, 'NotSupportedException')}"
    fault = wire.JavaError(status, java, f"HTTP {status} {HTTPStatus(status).phrase}")
    return Response(fault.to_json(trace=False), status, headers, media_type="application/json")
