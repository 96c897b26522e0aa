"""The ASGI application of a simulated HugeGraph: what happens to a request before its path is looked at."""

from __future__ import annotations

from collections import deque

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend_adapters.simulator.asgi import CLOSES, request_target, send_answer
from backend_adapters.simulator.clock import Clock, wall_clock
from backend_adapters.simulator.hugegraph import grizzly, wire
from backend_adapters.simulator.hugegraph.api import Api
from backend_adapters.simulator.hugegraph.authenticator import Authenticator
from backend_adapters.simulator.hugegraph.seed_data import open_world
from backend_adapters.simulator.hugegraph.settings import Settings
from backend_adapters.simulator.hugegraph.world import World

_MAX_REQUESTS = 256
"""Grizzly closes a connection with its 256th request."""


class HugeGraphApp:
    """An ASGI application that answers as a HugeGraph server does.

    Attributes:
        world: The engine, for tests that look behind the answers.
        requests: The last requests as "METHOD /path?query", the newest at the end.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.world = World(settings, clock)
        self.requests: deque[str] = deque(maxlen=2000)
        self._authenticator = Authenticator(*settings.auth, clock) if settings.auth else None
        self._api = Api(self.world, self._authenticator)
        self._app: ASGIApp = self._api.starlette()
        self._served: dict[object, int] = {}
        open_world(settings, self.world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self.requests.append(f"{scope['method']} {request_target(scope)}")
        await self.answer(scope, receive, self._closing(scope, send))

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, which is noted already. Tests override this to answer wrongly."""
        self.world.advance()
        if (refusal := grizzly.reject(scope)) is not None:
            await _send_refusal(refusal, scope, send)
        elif (error := self._not_let_in(scope)) is not None:
            await self._api.error_reply(error)(scope, receive, send)
        else:
            await self._app({**scope, "path": grizzly.match_path(scope)}, receive, send)

    def _not_let_in(self, scope: Scope) -> wire.JavaError | None:
        """Why a request is not let in, or None. `/versions` is open to everybody."""
        if self._authenticator is None or scope["path"] == "/versions":
            return None
        header = dict(scope["headers"]).get(b"authorization")
        try:
            self._authenticator.check(None if header is None else header.decode("latin-1"))
        except wire.JavaError as error:
            return error
        return None

    def _closing(self, scope: Scope, send: Send) -> Send:
        """Send, but with `Connection: close` when a client has used its connection up."""
        client = scope.get("client")
        served = self._served.pop(client, 0) + 1
        if served < _MAX_REQUESTS and scope.get("http_version") != "2.0":
            self._served[client] = served
            if len(self._served) > 1000:
                del self._served[next(iter(self._served))]
            return send

        async def close(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        return close


async def _send_refusal(refusal: grizzly.Rejection, scope: Scope, send: Send) -> None:
    """Answer, and close the connection: said so, or left to what serves this."""
    if not refusal.told:
        scope.setdefault("state", {})[CLOSES] = True
    kind = b"text/html;charset=ISO-8859-1" if refusal.page else b""
    await send_answer(send, refusal.status, kind, refusal.page, close=refusal.told)


def hugegraph_app(settings: Settings | None = None, clock: Clock = wall_clock) -> HugeGraphApp:
    """A simulated HugeGraph server, to be served by uvicorn or called through `httpx.ASGITransport`.

    Args:
        settings: What the server is like; a single 1.7.0 with a living history if None.
        clock: The world's time as epoch milliseconds; it begins with the call.
    """
    return HugeGraphApp(settings or Settings(), clock)
