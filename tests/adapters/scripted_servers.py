"""Servers for the adapter's tests: one scripted at the HTTP level, one at the socket level."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

import httpx

from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.transport.target import Target

URL = "http://graph.example:8080"
PREFIX = "/graphspaces/DEFAULT/graphs/hugegraph/tasks"


def record(number: int | float | str, status: str = "success", **fields: Any) -> dict[str, Any]:
    """A list item as HugeGraph 1.7.0 sends it."""
    return {
        "task_name": f"g.V({number})",
        "task_progress": 0,
        "task_create": 1772000000000 + int(number),
        "task_status": status,
        "task_update": 1772000001000 + int(number),
        "task_retries": 0,
        "id": number,
        "task_type": "gremlin",
        "task_server": "server-1",
    } | fields


def failure(code: int, kind: str, message: str, **more: Any) -> httpx.Response:
    """An error as the server's ExceptionFilter writes it."""
    return httpx.Response(code, json={"exception": f"class {kind}", "message": message, "cause": ""} | more)


NO_PATH = failure(404, "jakarta.ws.rs.NotFoundException", "HTTP 404 Not Found")
"""What a real 1.7.0 says to `…/tasks/1/result`, whether there is a task 1 or not (measured)."""


class ScriptedServer:
    """A HugeGraph 1.7.0 in memory that notes every request, and whose answers a test can replace."""

    def __init__(self, records: Iterable[dict[str, Any]] = (), version: str | None = "1.7.0") -> None:
        self.records: dict[Any, dict[str, Any]] = {item["id"]: item for item in records}
        self.version = version
        self.graphs = ["hugegraph"]
        self.store = "rocksdb"
        self.page_limit = 1_000_000
        """Tasks of a page at the most, whatever is asked for."""
        self.paging = True
        self.no_paging = "Invalid paging iterator"
        self.twice = False
        """Whether the last task of a page comes again as the first of the next."""
        self.override: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.requests: list[httpx.Request] = []

    def backend(self, **options: Any) -> HugeGraphBackend:
        """The adapter on this wire."""
        return HugeGraphBackend(Target(url=URL, http=httpx.MockTransport(self), **options))

    def since(self, mark: int = 0) -> list[str]:
        """Method and path of the requests after the first `mark`."""
        return [f"{request.method} {request.url.path}" for request in self.requests[mark:]]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        replaced = self.override(request)
        return replaced if replaced is not None else self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/versions":
            return httpx.Response(
                200, json={"versions": {"version": "v1", "core": self.version, "api": "0.71"}}
            )
        if path == "/graphspaces":
            return httpx.Response(200, json={"graphSpaces": []})
        if path.endswith("/graphs"):
            return httpx.Response(200, json={"graphs": self.graphs})
        if path.endswith("/graphs/hugegraph"):
            return httpx.Response(200, json={"name": "hugegraph", "backend": self.store})
        if path.endswith("/tasks"):
            return self._list(query_of(request))
        if path.endswith("/jobs/gremlin"):
            return httpx.Response(201, json={"task_id": 1})
        if path.endswith("/result"):
            return NO_PATH
        return self._one(request, int(path.rsplit("/", 1)[1]))

    def _one(self, request: httpx.Request, number: int) -> httpx.Response:
        if number not in self.records:
            words = f"Can't find task with id '{number}'"
            return failure(404, "org.apache.hugegraph.exception.NotFoundException", words)
        if request.method == "DELETE":
            del self.records[number]
            return httpx.Response(204)
        if request.method == "PUT":
            self.records[number]["task_status"] = "cancelling"
            return httpx.Response(202, json=self.records[number])
        return httpx.Response(200, json=self.records[number])

    def listed(self, request: httpx.Request) -> list[dict[str, Any]]:
        """The records that the answer to a request lists."""
        query = query_of(request)
        if not request.url.path.endswith("/tasks") or self._refuses_pages(query):
            return []
        return self._rows(query)[0]

    def _refuses_pages(self, query: dict[str, list[str]]) -> bool:
        return "page" in query and "ids" not in query and not self.paging

    def _list(self, query: dict[str, list[str]]) -> httpx.Response:
        if self._refuses_pages(query):
            words = f"Failed to update/query TaskStore: java.lang.IllegalStateException: {self.no_paging}"
            return failure(400, "org.apache.hugegraph.HugeException", words)
        rows, more = self._rows(query)
        return self._tasks(rows, **more)

    def _tasks(self, rows: list[dict[str, Any]], **more: Any) -> httpx.Response:
        return httpx.Response(200, json={"tasks": rows} | more)

    def _rows(self, query: dict[str, list[str]]) -> tuple[list[dict[str, Any]], dict[str, str | None]]:
        """The records that a query asks for, and where the next page begins."""
        if "ids" in query:
            wanted = [int(text) for text in query["ids"]]
            return [self.records[number] for number in wanted if number in self.records], {}
        status = query.get("status", [None])[0]
        rows = list(self.records.values())
        if status is not None:
            wanted = (status, status.lower())
            rows = [row for row in rows if row["task_status"] in wanted]
        if "page" not in query:
            return rows, {}
        start, limit = int(query["page"][0] or 0), min(int(query["limit"][0]), self.page_limit)
        end = start + limit
        begin = max(0, start - 1) if self.twice else start
        return rows[begin:end], {"page": str(end) if end < len(rows) else None}


@lru_cache(maxsize=16)
def _parsed(query: bytes) -> dict[str, list[str]]:
    return parse_qs(query.decode(), keep_blank_values=True)


def query_of(request: httpx.Request) -> dict[str, list[str]]:
    """The query of a request: the values of each name."""
    return _parsed(request.url.query)


def ids_of(request: httpx.Request) -> list[int]:
    """The ids that a request asked for."""
    return [int(text) for text in query_of(request).get("ids", [])]


def body_of(request: httpx.Request) -> Any:
    """The JSON body of a request."""
    return json.loads(request.content)


def move_clock(seconds: float) -> None:
    """Let the running loop believe that so much time has passed: its deadlines are due that much sooner."""
    loop = asyncio.get_running_loop()
    now = loop.time
    loop.time = lambda: now() + seconds  # type: ignore[method-assign]


class SilentStream(httpx.AsyncByteStream):
    """A body that never ends; the clock moves on as soon as it is waited for."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.waited_for = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"["
        move_clock(self._seconds)
        self.waited_for.set()
        await asyncio.Event().wait()


Answering = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def socket_server(answer: Answering) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A real TCP server: its URL, and the heads of the requests that it got."""
    heads: list[bytes] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                heads.append(head)
                await answer(head, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heads
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)


def http_answer(body: bytes, length: int | None = None, *headers: str) -> bytes:
    """A whole HTTP answer, whose Content-Length may lie."""
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
