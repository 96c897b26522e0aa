"""A GES in memory, scripted at the HTTP level, whose list and answers a test can change while it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

import httpx

from backend_adapters.backend import Backend
from backend_adapters.registry import open_backend
from backend_adapters.transport.credentials import AccessKeys, Credentials
from backend_adapters.transport.target import Target

URL = "https://ges.region.example"
PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
KEYS = Credentials(keys=lambda: AccessKeys("AK", "SK"))
CENTER = ("ges", "ges-v1-2019", "ges-v2")
HOSTILE_SEGMENTS = (".", "..", "a/b", "../g", "..\\g", "/", "\udcff")
"""Names that lead to another path, or that no path can hold."""

_FILTER_WORDS = {"waiting": "pending"}


def name(number: int) -> str:
    """The id of job `number`, as long as real ones are."""
    return f"ff80808100000000{number:016x}"


def job(number: int, status: str = "success", **fields: Any) -> dict[str, Any]:
    """A job of the jobs center as v1 sends it; later ones have higher numbers."""
    day, second = 1 + number // 86_400, number % 86_400
    begin = f"2026-11-{day:02d}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    ended = status not in ("running", "pending")
    return {
        "jobId": name(number),
        "status": status,
        "jobType": "GraphManagement",
        "jobName": "ExportGraph",
        "relatedGraph": "movies",
        "beginTime": None if status == "pending" else begin,
        "endTime": begin if ended else None,
        "jobProgress": 0,
    } | fields


def snake(value: Any) -> Any:
    """The same in v2's spelling."""
    if isinstance(value, dict):
        return {"".join(f"_{c.lower()}" if c.isupper() else c for c in k): snake(v) for k, v in value.items()}
    return [snake(part) for part in value] if isinstance(value, list) else value


class ScriptedGes:
    """Answers list requests from `jobs`, the newest first as they stand there, and notes every request."""

    def __init__(self, jobs: Iterable[dict[str, Any]] = (), dialect: str = "ges") -> None:
        self.jobs = list(jobs)
        self.dialect = dialect
        self.graphs: list[str] | None = ["movies"]
        self.graph_keys = {"ges": "graph_name", "ges-v1-2019": "graphName"}.get(dialect, "graph_name")
        self.statuses = True
        self.counts: Callable[[int], Any] = lambda count: count
        self.after: Callable[[int], None] = lambda number: None
        """Called after the nth list request was answered, to change `jobs`."""
        self.override: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.requests: list[httpx.Request] = []
        self.lists = 0

    def backend(self, credentials: Credentials = KEYS, **options: Any) -> Backend:
        """The adapter on this wire."""
        usual = {"project": PROJECT, "url": URL, "dialect": self.dialect, "http": httpx.MockTransport(self)}
        return open_backend(Target(credentials=credentials, **(usual | options)))

    def asked(self, mark: int = 0) -> list[dict[str, str]]:
        """The queries of the list requests after the first `mark` requests."""
        lists = [r for r in self.requests[mark:] if r.url.path.endswith(("/jobs", "/jobs/status"))]
        return [dict(parse_qsl(request.url.query.decode())) for request in lists]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        replaced = self.override(request)
        if replaced is not None:
            return replaced
        if request.url.path.endswith("/graphs"):
            if self.graphs is None:
                return httpx.Response(403, json={"error_code": "APIGW.0302", "error_msg": "not allowed"})
            return httpx.Response(200, json={"graphs": [{"name": one} for one in self.graphs]})
        if request.method == "DELETE":
            return httpx.Response(200, json={})
        return self._list(dict(parse_qsl(request.url.query.decode())))

    def _list(self, query: dict[str, str]) -> httpx.Response:
        rows = self.jobs
        if self.statuses and "status" in query:
            wanted = _FILTER_WORDS.get(query["status"], query["status"])
            rows = [row for row in rows if row.get("status") == wanted]
        if self.graph_keys in query:
            rows = [row for row in rows if row.get("relatedGraph") == query[self.graph_keys]]
        offset, limit = int(query["offset"]), int(query["limit"])
        page, count = rows[offset : offset + limit], self.counts(len(rows))
        body: dict[str, Any] = {"jobCount": count, "jobList": page}
        if self.dialect == "ges-graph":
            body = {"jobCount": count, "jobs": page}
        self.lists += 1
        answer = httpx.Response(200, json=snake(body) if self.dialect == "ges-v2" else body)
        self.after(self.lists)
        return answer


async def collected(backend: Backend) -> tuple[list[str], str]:
    """The ids that a snapshot brings, in their order, and its last note."""
    ids: list[str] = []
    note = ""
    async for batch in backend.snapshot():
        ids += [task.id for task in batch.tasks]
        note = batch.note or note
    return ids, note


def newest_first(count: int, start: int = 1) -> list[dict[str, Any]]:
    """So many jobs, from number `start` on."""
    return [job(n) for n in range(start + count - 1, start - 1, -1)]


async def known_backend(wire: ScriptedGes, **options: Any) -> tuple[Backend, int]:
    """A backend that has read all, and how many requests that took."""
    backend = wire.backend(**options)
    await collected(backend)
    return backend, len(wire.requests)
