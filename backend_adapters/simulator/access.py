"""Limits who can reach a simulated server, and how large a request's body can be.

A web page can make its own host name resolve to this machine (DNS rebinding) and then send requests to what
listens here. It can't choose the Host header of these requests, which is its own name.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend_adapters.simulator.asgi import send_answer
from backend_adapters.transport.origin import is_loopback

BODY_LIMIT = 10_000_000
"""The largest body of a request, bytes."""

DROPPED_LIMIT = 100_000_000
"""How much of a longer body is read before it is refused, bytes."""

_OTHER_HOST = (
    b"This is a simulated server of graphtop. It does not answer to this name: "
    b"start it with `graphtop simulate --allow-host NAME`.\n"
)
_TOO_LARGE = b"A simulated server of graphtop takes no body of over 10 MB.\n"
_PLAIN = b"text/plain;charset=UTF-8"


def host_name(header: str) -> str:
    """The host name in a Host header, without the port, in lower case."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].rstrip(".")


class LocalAccess:
    """Passes requests on to `app` if their Host is this machine or one of `hosts`, with limited bodies."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(host.lower().rstrip(".") for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif not self._is_meant(scope):
            await send_answer(send, 403, _PLAIN, _OTHER_HOST, close=True)
        else:
            await _LimitedRequest(receive, send).call_app(self._app, scope)

    def _is_meant(self, scope: Scope) -> bool:
        """Whether each Host is ours. The app refuses empty ones and those with a space."""
        names = [host_name(value.decode("latin-1")) for key, value in scope["headers"] if key == b"host"]
        others = (name for name in names if name and " " not in name and not is_loopback(name))
        return all(name.endswith(".localhost") or name in self._hosts for name in others)


class _LimitedRequest:
    """Reads a body up to the limit; beyond it the app sees a disconnect, and the client gets a 413."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._left = BODY_LIMIT
        self._begun = False
        self._whole = False

    async def call_app(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self._receive_some, self._send_some)
        except Exception:
            if self._left >= 0:
                raise
        if self._left < 0 and not self._begun:
            await self._drop_rest()
            await send_answer(self._send, 413, _PLAIN, _TOO_LARGE, close=True)

    async def _receive_some(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        return message if self._left >= 0 else {"type": "http.disconnect"}

    async def _drop_rest(self) -> None:
        """Read on for a while: a client that still sends when the connection closes misses the answer."""
        while not self._whole and self._left > -DROPPED_LIMIT:
            await self._receive_some()

    async def _send_some(self, message: Message) -> None:
        if self._left >= 0 or self._begun:
            self._begun = True
            await self._send(message)
