"""A server before a simulated one that is slow, fails, hangs up and changes what is answered."""

from __future__ import annotations

import asyncio
from random import Random

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.long_fuzz.mutations import CODES, PAGE, change_body, change_code, change_headers


class HangsUp(Exception):
    """The connection ends in the middle of an answer."""


class UnreliableServer:
    """Passes requests on to `app`, and spoils the shares of the answers that it is told to, until it is well.

    `slow`, `failing` and `changed` are shares of all requests, from 0 to 1. Without `logins` nobody is asked
    to log in: keys at random would type a wrong token.
    """

    def __init__(
        self,
        app: ASGIApp,
        rng: Random,
        *,
        slow: float = 0.0,
        failing: float = 0.0,
        changed: float = 0.0,
        logins: bool = True,
    ) -> None:
        self.app = app
        self.codes = CODES if logins else tuple(code for code in CODES if code != 401)
        """What it answers in place of the right one."""
        self.well = True
        """Nothing is spoilt: so it begins, since a place that never answered is left with esc."""
        self.spoilt = 0
        """How many answers were changed."""
        self.changing: list[str] = []
        """The requests that change something: method and path."""
        self._rng = rng
        self._slow, self._failing, self._changed = slow, failing, changed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        rng = self._rng
        if scope["type"] == "http" and scope["method"] != "GET":
            self.changing.append(f"{scope['method']} {scope['path']}")
        if scope["type"] != "http" or self.well:
            await self.app(scope, receive, send)
            return
        if rng.random() < self._slow:
            await asyncio.sleep(rng.random() * 0.3)
        if rng.random() < self._failing:
            await self._fail(send)
        elif rng.random() < self._changed:
            await self._change(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _fail(self, send: Send) -> None:
        code = self._rng.choice((0, *(code for code in self.codes if code >= 400)))
        headers = [(b"content-type", b"text/html"), (b"retry-after", b"1")]
        if not code:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
            raise HangsUp
        await send({"type": "http.response.start", "status": code, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE})

    async def _change(self, scope: Scope, receive: Receive, send: Send) -> None:
        head: Message = {}
        body = b""

        async def keep(message: Message) -> None:
            nonlocal head, body
            if message["type"] == "http.response.start":
                head = message
            else:
                body += message.get("body", b"")

        await self.app(scope, receive, keep)
        self.spoilt += 1
        headers = change_headers(self._rng, list(head["headers"]))
        code = change_code(self._rng, head["status"], self.codes)
        await send(head | {"status": code, "headers": headers})
        await send({"type": "http.response.body", "body": change_body(self._rng, body)})
