"""The ASGI application of a simulated project: what it does with a request before it is routed."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.types import Message, Receive, Scope, Send

from backend_adapters.simulator.asgi import request_target
from backend_adapters.simulator.clock import EpochClock, wall_clock
from backend_adapters.simulator.deterministic_random import scatter_bits
from backend_adapters.simulator.ges.api import GesApi
from backend_adapters.simulator.ges.gateway import Gateway
from backend_adapters.simulator.ges.iam import Iam
from backend_adapters.simulator.ges.replies import refusal_reply
from backend_adapters.simulator.ges.seed_data import seed_jobs
from backend_adapters.simulator.ges.settings import GesSettings
from backend_adapters.simulator.ges.signatures import ReceivedRequest
from backend_adapters.simulator.ges.wire import Refusal
from backend_adapters.simulator.ges.world import GesWorld

_MAX_BODY = 12 * 1024 * 1024
"""The longest body of a request, bytes."""


class GesApp:
    """An ASGI application that answers as GES does, with its gateway, IAM and the graphs' engines.

    Attributes:
        world: The jobs and graphs, for tests that check more than the answers.
        gateway: The keys and tokens: `gateway.revoke_secret(token)` ends one.
        requests: The last requests as "METHOD /path?query", the newest at the end.
    """

    def __init__(self, settings: GesSettings, clock: EpochClock) -> None:
        self.settings = settings
        self.world = GesWorld(settings, clock)
        self.gateway = Gateway(settings, clock)
        self.requests: deque[str] = deque(maxlen=2000)
        self._clock = clock
        self._api = GesApi(self.world, Iam(settings, self.gateway)).build_app()
        self._count = 0
        seed_jobs(settings, self.world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._api(scope, receive, send)
            return
        received = await _read_request(scope, receive)
        self.requests.append(f"{received.method} {request_target(scope)}")
        self._count += 1
        request_id = f"{scatter_bits(self._count):016x}{scatter_bits(-self._count):016x}"

        async def replay_body() -> Message:
            return {"type": "http.request", "body": received.body, "more_body": False}

        scope = {**scope, "request_id": request_id, "received": received}
        await self.answer_request(scope, replay_body, self._stamped_send(send, request_id))

    async def answer_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; `scope` has the ReceivedRequest as `received`, and its `request_id`.

        Tests override this to answer wrongly.
        """
        self.world.advance_to_now()
        try:
            self._admit_request(scope["received"], scope["path"])
        except Refusal as refusal:
            await refusal_reply(refusal, scope["request_id"])(scope, receive, send)
            return
        await self._api(scope, receive, send)

    def _admit_request(self, received: ReceivedRequest, path: str) -> None:
        if len(received.body) > _MAX_BODY:
            raise Refusal(413, "APIGW.0201", "The request body is too large.")
        if path.startswith("/ges/"):
            self.gateway.admit_to_engine(received)
        elif path != "/v3/auth/tokens":
            self.gateway.admit_request(received)

    def _stamped_send(self, send: Send, request_id: str) -> Send:
        """`send`, which adds the headers that the gateway puts on every answer."""
        now = format_datetime(datetime.fromtimestamp(self._clock() / 1000, UTC), usegmt=True)
        headers = [
            (b"date", now.encode()),
            (b"server", b"api-gateway"),
            (b"x-request-id", request_id.encode()),
        ]

        async def send_stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *headers]}
            await send(message)

        return send_stamped


async def _read_request(scope: Scope, receive: Receive) -> ReceivedRequest:
    """Read the whole request."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
    path = scope.get("raw_path") or scope["path"].encode()
    return ReceivedRequest(
        scope["method"],
        path.partition(b"?")[0],
        scope["query_string"],
        tuple((name.lower(), value) for name, value in scope["headers"]),
        body,
    )


def ges_app(settings: GesSettings | None = None, clock: EpochClock = wall_clock) -> GesApp:
    """A simulated GES project, to be served by uvicorn or called through `httpx.ASGITransport`.

    Args:
        settings: What the project is like; one graph with a living history if None.
        clock: The world's time as epoch milliseconds; it begins with the call.
    """
    return GesApp(settings or GesSettings(), clock)
