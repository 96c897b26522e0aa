"""A HugeGraph after 1.7 on the wire: it leaves results out when asked to, and streams them.

Codes and parameters are those of hugegraph/PROTOCOL.md, section 7; there is no release to compare it with.
"""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.adapters.scripted_computers import ScriptedComputers
from tests.adapters.scripted_servers import ScriptedServer, failure

CONFLICT = failure(409, "jakarta.ws.rs.ClientErrorException", "The task is not successful")
STREAMING = failure(
    503, "jakarta.ws.rs.ServiceUnavailableException", "Too many task results are being streamed"
)


def task(number: int = 7, **more: Any) -> dict[str, Any]:
    """A detail in the order of 1.7.0: the result before the input."""
    head = {"task_name": "n", "task_create": 1, "task_status": "success", "task_update": 2}
    tail = {"task_retries": 0, "id": number, "task_type": "gremlin", "task_input": '{"gremlin": "g"}'}
    return head | {"task_result": "[1]"} | tail | more


class ScriptedNextRelease(ScriptedServer):
    """The wire of such a server."""

    def _one(self, request: httpx.Request, number: int) -> httpx.Response:
        row = self.records.get(number)
        if request.method != "GET" or row is None or request.url.params.get("with_result") != "false":
            return super()._one(request, number)
        return httpx.Response(200, json={key: row[key] for key in row if key != "task_result"})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/result"):
            return super()._answer(request)
        row = self.records.get(int(request.url.path.split("/")[-2]))
        if row is None:
            return failure(404, "x.NotFoundException", "Can't find task with id '7'")
        result = str(row.get("task_result"))
        try:
            json.loads(result)
        except ValueError:
            return CONFLICT
        if row["task_status"] != "success":
            return CONFLICT
        return httpx.Response(200, content=result.encode(), headers={"Cache-Control": "no-store"})


class ScriptedLaterComputers(ScriptedComputers, ScriptedNextRelease):
    """Computer jobs on such a server."""


def lines(wire: ScriptedServer, mark: int) -> list[str]:
    """What was asked of task 7 after the first `mark` requests: the end of the path, with the query."""
    return [request.url.raw_path.decode().partition("/tasks")[2] for request in wire.requests[mark:]]


async def opened(wire: ScriptedServer, **options: Any) -> tuple[Any, int]:
    """A connected adapter, and how many requests that took."""
    backend = wire.backend(**options)
    await backend.connect()
    return backend, len(wire.requests)
