"""Reads the error answers of HugeGraph: what the body says, and the error that it stands for."""

from __future__ import annotations

import json

from backend_adapters.errors import BackendError, Busy, Refused, Starting
from backend_adapters.transport.error_body import ErrorBody, Reply, error_from_reply

_INITIALISING = "Please wait for the server to initialize"
_GRIZZLY_FAILED = "Request failed."
"""The web page of HugeGraph's HTTP server while the graphs are being opened."""

_INTERRUPTED = "InterruptedException"
_UNKNOWN_STATUS = ("Status value must be in", "No enum constant")
_UNKNOWN_ALGORITHM = "algorithm is not existed"


class UnknownStatus(Refused):
    """The server does not know a status that it was asked for."""


class UnknownAlgorithm(Refused):
    """The server has no such algorithm for computer jobs."""


def read_error_body(reply: Reply) -> ErrorBody:
    """Read `{"exception", "message", "cause", "trace"}` (HugeGraph's ExceptionFilter), or plain text.

    The body of a 2xx, which may be a long list, is not read.
    """
    if reply.is_success:
        return ErrorBody()
    if reply.is_html:
        return ErrorBody(message=_GRIZZLY_FAILED if _GRIZZLY_FAILED.encode() in reply.body else "")
    text = reply.body.decode("utf-8", "replace").strip()
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return ErrorBody(message="" if text.startswith(("{", "[")) else text)
    if not isinstance(body, dict):
        return ErrorBody(message=body if isinstance(body, str) else "")
    message = _field_text(body.get("message")) or _field_text(body.get("error"))
    exception = _field_text(body.get("exception")).removeprefix("class ")
    return ErrorBody(exception, message, _field_text(body.get("cause")), _field_text(body.get("trace")))


def error_from_hugegraph(reply: Reply, where: str) -> BackendError:
    """The error that an answer other than 2xx stands for; `where` is `host:port/graph`."""
    body = read_error_body(reply)
    if _is_starting(reply, body):
        return Starting(
            f"{where} is still starting.", code=reply.code, trace=body.trace, retry_after=reply.retry_after
        )
    return error_from_reply(reply, where, body, _kind_of_error(reply, body))


def is_unknown_status(reply: Reply, body: ErrorBody) -> bool:
    """Whether the server does not know a status that it was asked for."""
    return reply.code == 400 and any(map(body.mentions, _UNKNOWN_STATUS))


def _kind_of_error(reply: Reply, body: ErrorBody) -> type[BackendError] | None:
    """The class of the error where the body tells more than the HTTP status does."""
    # The memory monitor of 1.5 and later interrupts requests: overload under a 400, not a wrong request.
    if body.mentions(_INTERRUPTED):
        return Busy
    if is_unknown_status(reply, body):
        return UnknownStatus
    return UnknownAlgorithm if reply.code == 400 and body.mentions(_UNKNOWN_ALGORITHM) else None


def _is_starting(reply: Reply, body: ErrorBody) -> bool:
    """Whether the server says that it is not ready yet, in JSON or with its web page for failures."""
    page = reply.is_html and body.message == _GRIZZLY_FAILED
    return reply.code >= 500 and (page or body.mentions(_INITIALISING))


def _field_text(value: object) -> str:
    """A field of an error body as text; the trace comes as a list of lines."""
    if isinstance(value, list):
        return "\n".join(str(line) for line in value)
    return "" if value is None else str(value)
