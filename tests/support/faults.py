"""What the simulated servers' faults share: which requests they befall, and answers that break off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NoReturn, TypeVar

from httpx import RemoteProtocolError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

W = TypeVar("W")


@dataclass
class RequestFault(Generic[W]):
    """One thing that goes wrong, with the next `times` requests that it fits."""

    wrong: W
    method: str | None = None
    path: str = ""
    """A part of the path with its query."""
    times: int = 1
    seconds: float = 0.0
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


async def collect_answer(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[int, bytes, bytes]:
    """Let the application answer, and keep the answer: status, content type, body."""
    status, kind, parts = 500, b"", list[bytes]()

    async def keep(message: Message) -> None:
        nonlocal status, kind
        if message["type"] == "http.response.start":
            status, kind = message["status"], dict(message["headers"]).get(b"content-type", b"")
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    return status, kind, b"".join(parts)


async def break_connection(send: Send, status: int, kind: bytes, body: bytes) -> NoReturn:
    """Send half of a body that was announced whole, and break the connection.

    Under uvicorn any exception breaks it; this one is what an httpx client in the same process would have
    raised itself, had there been a connection.
    """
    headers = [(b"content-type", kind), (b"content-length", b"%d" % (len(body) + 1))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    raise RemoteProtocolError("peer closed connection without sending complete message body")
