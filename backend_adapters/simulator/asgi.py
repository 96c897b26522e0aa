"""What the simulated servers' ASGI applications share."""

from __future__ import annotations

from starlette.types import Scope, Send

JSON_UTF8 = "application/json;charset=UTF-8"

CLOSES = "closes"
"""Set in a request's `state` where the connection is to be closed after the answer, without saying so."""


def request_target(scope: Scope) -> str:
    """The request's path with its query."""
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


async def send_answer(send: Send, status: int, kind: bytes, body: bytes, *, close: bool = False) -> None:
    """Send one answer in one piece; an empty `kind` leaves out the content type."""
    headers = [(b"content-length", b"%d" % len(body))]
    if kind:
        headers.append((b"content-type", kind))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
