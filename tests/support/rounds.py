"""Answers requests round by round: what is asked at the same time is answered at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx

from tests.unit.fakes import run_until_idle


class Rounds(httpx.AsyncBaseTransport):
    """Holds each request until its round is answered, by `answer`."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self._answer = answer
        self._held: list[tuple[httpx.Request, asyncio.Event]] = []
        self._hangs: Callable[[httpx.Request], bool] = lambda request: False
        self._hanging: list[httpx.Request] = []

    def hold(self, which: Callable[[httpx.Request], bool]) -> list[httpx.Request]:
        """Never answer these requests; gives those that have come."""
        self._hangs = which
        return self._hanging

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for the end of the round."""
        ended = asyncio.Event()
        if self._hangs(request):
            self._hanging.append(request)
            await asyncio.Event().wait()
        held = (request, ended)
        self._held.append(held)
        try:
            await ended.wait()
        finally:
            if held in self._held:
                self._held.remove(held)
        return self._answer(request)

    async def answer_round(self) -> list[str]:
        """Answer what has been asked by now; gives each as `GET /path?query`, and lets all take it in."""
        await run_until_idle()
        held, self._held = self._held, []
        for _, ended in held:
            ended.set()
        await run_until_idle()
        return [f"{request.method} {request.url.raw_path.decode()}" for request, _ in held]
