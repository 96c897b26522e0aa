"""Reads the error answers of HugeGraph: what the body says, and the error that it stands for."""

from __future__ import annotations

import json

from backend_adapters.errors import BackendError, Busy, Starting
from backend_adapters.transport.error_body import ErrorBody, Reply, error_from_reply

_INITIALISING = "Please wait for the server to initialize"
_GRIZZLY_FAILED = "Request failed."
"""The web page of HugeGraph's HTTP server while the graphs are being opened."""

_INTERRUPTED = "InterruptedException"


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
    # The memory monitor of 1.5+ interrupts requests: overload under a 400, not a wrong request.
    kind = Busy if body.mentions(_INTERRUPTED) else None
    return error_from_reply(reply, where, body, kind)


def _is_starting(reply: Reply, body: ErrorBody) -> bool:
    """Whether the server says that it is not ready yet, in JSON or with its web page for failures."""
    page = reply.is_html and body.message == _GRIZZLY_FAILED
    return reply.code >= 500 and (page or body.mentions(_INITIALISING))


def _field_text(value: object) -> str:
    """A field of an error body as text; the trace comes as a list of lines."""
    if isinstance(value, list):
        return "\n".join(str(line) for line in value)
    return "" if value is None else str(value)
