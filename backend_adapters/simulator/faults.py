"""Wrong answers on purpose: what a test, or a curious person, can make a simulated server do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STARTING_PAGE = (
    b"<html><head><title>Grizzly 3.0.1</title></head><body><h1>Request failed.</h1>"
    b"<hr/><div>Grizzly 3.0.1</div></body></html>"
)
_PROXY_PAGE = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1><p>nginx/1.25.3</p></body></html>"
_INITIALIZING = (
    b'{"exception":"class java.lang.IllegalStateException",'
    b'"message":"Please wait for the server to initialize","cause":""}'
)
_BUSY = (
    b'{"exception":"class jakarta.ws.rs.ServiceUnavailableException","message":"The server is too busy '
    b'to process the request, you can config restserver.max_worker_threads to adjust it or try again later",'
    b'"cause":""}'
)
_CRASH = (
    b'{"exception":"class java.lang.NullPointerException","message":"Cannot invoke \\"Object.hashCode()\\" '
    b'because \\"key\\" is null","cause":"","trace":["java.base/java.util.concurrent.ConcurrentHashMap.get'
    b'(ConcurrentHashMap.java:936)","org.apache.hugegraph.api.job.TaskAPI.list(TaskAPI.java:101)",'
    b'"java.base/java.lang.Thread.run(Thread.java:840)"]}'
)


class Wrong(Enum):
    """What is wrong with an answer."""

    HTML = "html"
    """200 with a proxy's HTML page."""
    STARTING = "starting"
    """500 with Grizzly's HTML page, as while the server starts."""
    INITIALIZING = "initializing"
    """500 `Please wait for the server to initialize`."""
    BUSY = "busy"
    """503: too many requests at once."""
    CRASH = "crash"
    """500 NullPointerException with a trace."""
    EMPTY = "empty"
    """200 with an empty body."""
    CUT_JSON = "cut json"
    """The first half of the JSON, as if it were all."""
    WRONG_TYPES = "wrong types"
    """The first task's fields have values of other types."""
    DELAY = "delay"
    """The right answer, `seconds` late."""
    CUT = "cut"
    """The connection breaks in the middle of the body."""
    LOST = "lost"
    """The connection breaks before the body: the client can't know what came of its request."""


_CANNED: dict[Wrong, tuple[int, bytes, bytes]] = {
    Wrong.HTML: (200, b"text/html", _PROXY_PAGE),
    Wrong.STARTING: (500, b"text/html;charset=ISO-8859-1", STARTING_PAGE),
    Wrong.INITIALIZING: (500, b"application/json", _INITIALIZING),
    Wrong.BUSY: (503, b"application/json", _BUSY),
    Wrong.CRASH: (500, b"application/json", _CRASH),
    Wrong.EMPTY: (200, b"application/json;charset=UTF-8", b""),
}

_MISTYPED: dict[str, object] = {
    "task_name": None,
    "task_status": 17,
    "task_create": "yesterday",
    "task_progress": {"done": "half"},
    "task_retries": [],
}


@dataclass
class Fault:
    """One thing that goes wrong, with the next `times` requests that it fits."""

    wrong: Wrong
    method: str | None = None
    path: str = ""
    """A part of the path with its query."""
    times: int = 1
    seconds: float = 0.0
    carried_out: bool = False
    """Whether the request takes effect all the same; always so where the right answer is needed."""
    when: Callable[[str, str], bool] | None = None
    """Asked with the method and the path, for what `method` and `path` can't say."""

    def takes(self, method: str, target: str) -> bool:
        """Whether this fault befalls a request; counts it if so."""
        fits = (
            self.times > 0
            and self.method in {None, method}
            and self.path in target
            and (self.when is None or self.when(method, target))
        )
        self.times -= fits
        return fits

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request wrongly."""
        if self.wrong is Wrong.DELAY:
            await asyncio.sleep(self.seconds)
            await app(scope, receive, send)
        elif self.wrong is Wrong.LOST or self.wrong in _CANNED:
            if self.carried_out:
                await collect(app, scope, receive)
            if self.wrong is Wrong.LOST:
                await break_off(send, 200, b"", b"")
            status, kind, body = _CANNED[self.wrong]
            await send_whole(send, status, kind, body, close=status >= 500)
        else:
            await self._spoil(*await collect(app, scope, receive), send)

    async def _spoil(self, status: int, kind: bytes, body: bytes, send: Send) -> None:
        if self.wrong is Wrong.CUT:
            await break_off(send, status, kind, body)
        spoilt = body[: len(body) // 2] if self.wrong is Wrong.CUT_JSON else _mistype(body)
        await send_whole(send, status, kind, spoilt)


def _mistype(body: bytes) -> bytes:
    """The body with the first task's fields turned into other types."""
    fields = msgspec.json.decode(body)
    tasks = fields.get("tasks", [fields]) if isinstance(fields, dict) else []
    if tasks:
        tasks[0].update(_MISTYPED)
    return msgspec.json.encode(fields)


async def collect(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[int, bytes, bytes]:
    """Let the application answer, and keep what it says: status, content type, body."""
    status, kind, parts = 500, b"", list[bytes]()

    async def keep(message: Message) -> None:
        nonlocal status, kind
        if message["type"] == "http.response.start":
            status, kind = message["status"], dict(message["headers"]).get(b"content-type", b"")
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    return status, kind, b"".join(parts)


async def send_whole(send: Send, status: int, kind: bytes, body: bytes, *, close: bool = False) -> None:
    """Send one answer at once. Without a content type for an empty `kind`."""
    headers = [(b"content-length", b"%d" % len(body))]
    if kind:
        headers.append((b"content-type", kind))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def break_off(send: Send, status: int, kind: bytes, body: bytes) -> NoReturn:
    """Send half of a body that was announced whole, and break the connection.

    Under uvicorn any exception breaks it; this one is what an httpx client in the same process would have
    raised itself, had there been a connection.
    """
    from httpx import RemoteProtocolError

    headers = [(b"content-type", kind), (b"content-length", b"%d" % (len(body) + 1))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    raise RemoteProtocolError("peer closed connection without sending complete message body")
