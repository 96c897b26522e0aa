"""A simulated HugeGraph that answers wrongly, late or not at all where a test says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from backend_adapters.simulator import (
    EMPTY_HUGEGRAPH,
    EpochClock,
    HugeGraphApp,
    HugeGraphSettings,
    wall_clock,
)
from backend_adapters.simulator.asgi import request_target, send_answer
from backend_adapters.simulator.hugegraph.grizzly import FAILURE_PAGE
from tests.support.faults import RequestFault, break_connection, collect_answer

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
    Wrong.STARTING: (500, b"text/html;charset=ISO-8859-1", FAILURE_PAGE),
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
class Fault(RequestFault[Wrong]):
    """One thing that goes wrong at a HugeGraph server."""

    carried_out: bool = False
    """Whether the request takes effect all the same; always so where the right answer is needed."""

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request wrongly."""
        if self.wrong is Wrong.DELAY:
            await asyncio.sleep(self.seconds)
            await app(scope, receive, send)
        elif self.wrong is Wrong.LOST or self.wrong in _CANNED:
            if self.carried_out:
                await collect_answer(app, scope, receive)
            if self.wrong is Wrong.LOST:
                await break_connection(send, 200, b"", b"")
            status, kind, body = _CANNED[self.wrong]
            await send_answer(send, status, kind, body, close=status >= 500)
        else:
            await self._spoil(*await collect_answer(app, scope, receive), send)

    async def _spoil(self, status: int, kind: bytes, body: bytes, send: Send) -> None:
        if self.wrong is Wrong.CUT:
            await break_connection(send, status, kind, body)
        spoilt = body[: len(body) // 2] if self.wrong is Wrong.CUT_JSON else _mistype(body)
        await send_answer(send, status, kind, spoilt)


def _mistype(body: bytes) -> bytes:
    """The body with the first task's fields turned into other types."""
    fields = msgspec.json.decode(body)
    tasks = fields.get("tasks", [fields]) if isinstance(fields, dict) else []
    if tasks:
        tasks[0].update(_MISTYPED)
    return msgspec.json.encode(fields)


class FaultyHugeGraph(HugeGraphApp):
    """A simulated HugeGraph with `faults`: the first that fits a request is used."""

    def __init__(self, settings: HugeGraphSettings = EMPTY_HUGEGRAPH, clock: EpochClock = wall_clock) -> None:
        super().__init__(settings, clock)
        self.faults: list[Fault] = []

    async def answer_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = request_target(scope)
        fault = next((fault for fault in self.faults if fault.takes(scope["method"], target)), None)
        if fault is None:
            await super().answer_request(scope, receive, send)
        else:
            await fault.answer(super().answer_request, scope, receive, send)
