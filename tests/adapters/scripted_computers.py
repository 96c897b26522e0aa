"""A scripted server of Baidu's fork for the tests of the computer jobs."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable
from typing import Any, Literal

import httpx

from backend_adapters.backend import Batch
from backend_adapters.hugegraph.computer.adapter import ComputerBackend
from backend_adapters.transport.target import Target
from tests.adapters.scripted_servers import URL, ScriptedServer, failure, record

GRAPH = "/graphspaces/DEFAULT/graphs/hugegraph"
JOBS = f"{GRAPH}/jobs/computerdis"
PROBE = f"GET {JOBS}?limit=1&status=WHICH_FORM"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.sn0wfl4ke"
ILLEGAL = "java.lang.IllegalArgumentException"
OFF = failure(400, ILLEGAL, "The k8s api is not enable.")
ABSENT = failure(404, "jakarta.ws.rs.NotFoundException", "HTTP 404 Not Found")
NO_METHOD = failure(405, "jakarta.ws.rs.NotAllowedException", "HTTP 405 Method Not Allowed")


def job(number: int, status: str = "success", algorithm: str = "page-rank", **fields: Any) -> dict[str, Any]:
    """A computer job as form B lists it."""
    names = {"task_name": f"computer-dis:{algorithm}", "task_type": "computer-dis"}
    return record(number, status, **(names | fields))


def older_job(number: int, status: str = "success", **fields: Any) -> dict[str, Any]:
    """A computer job as form A lists it."""
    names = {"task_name": "computer-proxy:pagerank", "task_type": "computer-proxy"}
    return record(number, status, **(names | fields))


class ScriptedComputers(ScriptedServer):
    """The wire of one form, with the checks that tell the forms apart; answers can be replaced as ever."""

    def __init__(
        self,
        records: Iterable[dict[str, Any]] = (),
        version: str | None = "3.0.0",
        form: Literal["A", "B"] = "B",
    ) -> None:
        super().__init__(records, version)
        self.form = form

    def computer(self, **options: Any) -> ComputerBackend:
        """The adapter on this wire."""
        return ComputerBackend(Target(url=URL, http=httpx.MockTransport(self), **options))

    def lines(self, mark: int = 0) -> list[str]:
        """Method and path with the query of the requests after the first `mark`."""
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests[mark:]]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        _, found, tail = request.url.path.partition("/jobs/computerdis")
        if not found:
            return super()._answer(request)
        if request.method == "POST":
            return self._new(tail)
        if tail:
            return self._job(request, int(tail[1:]))
        return self._jobs(request)

    def _jobs(self, request: httpx.Request) -> httpx.Response:
        if self.form == "A" and "status" in request.url.params:
            return failure(400, ILLEGAL, "Status value must be in [UNKNOWN, NEW], but got 'WHICH_FORM'")
        rows = [row for row in self.records.values() if row.get("task_type") == "computer-dis"]
        limit = int(request.url.params.get("limit", 100))
        return self._tasks(rows if limit < 0 else rows[:limit])

    def _job(self, request: httpx.Request, number: int) -> httpx.Response:
        row = self.records.get(number)
        if row is None:
            return super()._one(request, number)
        done: dict[str, Any] = {"task_id": number} if self.form == "B" else {"task_id": str(number)}
        if request.method == "DELETE":
            del self.records[number]
            return httpx.Response(200, json=done | {"message": "success"})
        if row["task_status"] == "running":
            row["task_status"] = "cancelling"
            return httpx.Response(202, json=row)
        return httpx.Response(202, json=done)

    def _new(self, tail: str) -> httpx.Response:
        if bool(tail) != (self.form == "A"):
            return NO_METHOD
        more = {"message": "success"} if self.form == "A" else {}
        return httpx.Response(201, json={"task_id": 7} | more)


async def opened(wire: ScriptedComputers, **options: Any) -> tuple[ComputerBackend, int]:
    """A connected adapter, and how many requests that took."""
    backend = wire.computer(**options)
    await backend.connect()
    return backend, len(wire.requests)


async def ids_in(batches: AsyncGenerator[Batch, None]) -> list[list[str]]:
    """The ids of each batch."""
    return [[task.id for task in batch.tasks] async for batch in batches]


def full(row: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A job's detail, with its input and the token in it."""
    told = {"graph": "DEFAULT/hugegraph", "algorithm": "page-rank", "worker": 5, "token": TOKEN, "params": {}}
    return row | {"task_input": json.dumps(told), "task_result": "SUCCEEDED"} | fields
