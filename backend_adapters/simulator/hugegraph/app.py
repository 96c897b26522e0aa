"""The ASGI application of a simulated HugeGraph: what it does with a request before it is routed."""

from __future__ import annotations

from collections import deque

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend_adapters.simulator.asgi import CLOSES, request_target, send_answer
from backend_adapters.simulator.clock import EpochClock, wall_clock
from backend_adapters.simulator.hugegraph import grizzly, wire
from backend_adapters.simulator.hugegraph.api import HugeGraphApi
from backend_adapters.simulator.hugegraph.authenticator import Authenticator
from backend_adapters.simulator.hugegraph.error_responses import java_error_response
from backend_adapters.simulator.hugegraph.seed_data import seed_tasks
from backend_adapters.simulator.hugegraph.settings import HugeGraphSettings
from backend_adapters.simulator.hugegraph.world import HugeGraphWorld

_MAX_REQUESTS = 256
"""Grizzly closes a connection with its 256th request."""


class HugeGraphApp:
    """An ASGI application that answers as a HugeGraph server does.

    Attributes:
        world: The tasks and their scheduler, for tests that check more than the answers.
        requests: The last requests as "METHOD /path?query", the newest at the end.
    """

    def __init__(self, settings: HugeGraphSettings, clock: EpochClock) -> None:
        self.settings = settings
        self.world = HugeGraphWorld(settings, clock)
        self.requests: deque[str] = deque(maxlen=2000)
        self._authenticator = Authenticator(*settings.auth, clock) if settings.auth else None
        self._api = HugeGraphApi(self.world, self._authenticator)
        self._app: ASGIApp = self._api.build_app()
        self._served: dict[object, int] = {}
        seed_tasks(settings, self.world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self.requests.append(f"{scope['method']} {request_target(scope)}")
        await self.answer_request(scope, receive, self._closing_send(scope, send))

    async def answer_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, which is in `requests` already. Tests override this to answer wrongly."""
        self.world.advance_to_now()
        if (refusal := grizzly.find_rejection(scope)) is not None:
            await _send_refusal(refusal, scope, send)
        elif (error := self._check_login(scope)) is not None:
            await java_error_response(error, trace=self.settings.has_graphspaces)(scope, receive, send)
        else:
            await self._app({**scope, "path": grizzly.routing_path(scope)}, receive, send)

    def _check_login(self, scope: Scope) -> wire.JavaError | None:
        """The error that refuses a request without a valid login, or None. `/versions` needs no login."""
        if self._authenticator is None or scope["path"] == "/versions":
            return None
        header = dict(scope["headers"]).get(b"authorization")
        try:
            self._authenticator.check_header(None if header is None else header.decode("latin-1"))
        except wire.JavaError as error:
            return error
        return None

    def _closing_send(self, scope: Scope, send: Send) -> Send:
        """`send`, which adds `Connection: close` to the last answer that Grizzly gives on a connection."""
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
    """Answer and close the connection: with a header, or else through the mark that the server heeds."""
    if not refusal.announces_close:
        scope.setdefault("state", {})[CLOSES] = True
    kind = b"text/html;charset=ISO-8859-1" if refusal.page else b""
    await send_answer(send, refusal.status, kind, refusal.page, close=refusal.announces_close)


def hugegraph_app(settings: HugeGraphSettings | None = None, clock: EpochClock = wall_clock) -> HugeGraphApp:
    """A simulated HugeGraph server, to be served by uvicorn or called through `httpx.ASGITransport`.

    Args:
        settings: What the server is like; a single 1.7.0 with a living history if None.
        clock: The world's time as epoch milliseconds; it begins with the call.
    """
    return HugeGraphApp(settings or HugeGraphSettings(), clock)
