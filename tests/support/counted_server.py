"""Counts the requests that a server has under way, as the server sees them, and holds them on demand."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend_adapters.simulator.asgi import request_target

ANSWER_AFTER = 0.002
"""Seconds until a request is answered: others come meanwhile, if they may."""


class CountedServer:
    """A server whose requests are under way until the last piece of their answer is sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.under_way = self.most = 0
        self.asked: list[str] = []
        """Path and query of each request, in the order in which they came."""
        self.let_go = asyncio.Event()
        """Requests are answered while it is set."""
        self.let_go.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        self.asked.append(request_target(scope))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        is_over = False

        async def send_counted(message: Message) -> None:
            nonlocal is_over
            if message["type"] == "http.response.body" and not message.get("more_body") and not is_over:
                # Before it is sent: with the last piece the client may send its next request.
                is_over = True
                self.under_way -= 1
            await send(message)

        await self.let_go.wait()
        await asyncio.sleep(ANSWER_AFTER)
        await self._app(scope, receive, send_counted)
        self.under_way -= not is_over
