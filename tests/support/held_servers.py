"""Simulated servers that stop in the middle of their work, or before they begin with it."""

from __future__ import annotations

import asyncio
import re
import threading

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend_adapters.simulator.asgi import request_target
from tests.support.faulty_hugegraph import FaultyHugeGraph
from tests.support.patience import PATIENCE


class HeldTexts:
    """Sends the first piece of each task's texts, and nothing more until the client has gone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.holding = threading.Event()
        """Set as soon as a text is held."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_first(message: Message) -> None:
            await send(message)
            if message.get("more_body"):
                self.holding.set()
                while (await receive())["type"] != "http.disconnect":
                    pass

        await self._app(scope, receive, send_first)


class HeldHugeGraph(FaultyHugeGraph):
    """Answers nothing between `hold` and `let_go`, as a server does that hangs; `other=1` is let through."""

    _let_go: asyncio.Event | None = None
    _held: re.Pattern[str] = re.compile("")

    def hold(self, requests: str = "") -> None:
        """Answer nothing from now on; with a pattern, no request in whose path and query it is found."""
        self._let_go, self._held = asyncio.Event(), re.compile(requests)

    def let_go(self) -> None:
        """Answer what was asked meanwhile, and all that comes."""
        if self._let_go is not None:
            self._let_go.set()

    async def answer_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = request_target(scope)
        if self._let_go is not None and "other=1" not in target and self._held.search(target):
            await self._let_go.wait()
        await super().answer_request(scope, receive, send)


class HeldDeletes:
    """Deletes so many tasks, and holds every further request to delete one until it is let go."""

    def __init__(self, app: ASGIApp, number: int) -> None:
        self._app = app
        self._left = number
        self.holding = threading.Event()
        """Set as soon as a request is held."""
        self.let_go = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["method"] == "DELETE":
            self._left -= 1
            if self._left < 0:
                self.holding.set()
                await asyncio.to_thread(self.let_go.wait, PATIENCE)
        await self._app(scope, receive, send)
