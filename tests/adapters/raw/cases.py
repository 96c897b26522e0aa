"""What a case of the tables is, and how a server is asked all of them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

import httpx

from tests.support.patience import PATIENCE
from tests.support.raw_http import Reply, exchange
from tests.support.simulated_servers import NO_TLS

JSON = ("Content-Type: application/json",)
_CLOSING = {400, 417, 500, 505}
_PACKAGES = re.compile(r"\b(?:[a-z]\w*\.)+(?=[A-Z])")


class Sent(NamedTuple):
    """A request, with `{tasks}` and the like for what differs from server to server."""

    line: str
    """Method and target."""
    headers: tuple[str, ...] = ()
    """Besides Host and Content-Length."""
    body: str | bytes | None = None
    whole: bytes | None = None
    """All of it, where it is more than a line with headers and a body."""


@dataclass(frozen=True)
class Case:
    """Requests that all get one answer."""

    status: int
    says: str
    """What `tell` makes of the answer, or how that begins, before an ellipsis."""
    requests: Iterable[str | Sent]
    """A string is a request without headers and body of its own."""
    allow: str | None = None
    closes: bool | None = None
    """Whether the connection ends; by the status where it is None."""
    silent: bool = False
    """Whether it ends without the answer saying so."""
    old: tuple[int, str] | None = None
    """Status and words of 1.5.0, where they are others."""

    def answer_of(self, version: str) -> tuple[object, ...]:
        """What a server of a version has to answer: status, words, `Allow`, whether it keeps the connection,
        and whether it says that it doesn't."""
        status, says = self.old if self.old and version < "1.7.0" else (self.status, self.says)
        closes = status in _CLOSING if self.closes is None else self.closes
        return status, says, self.allow, not closes, closes and not self.silent


class Place(NamedTuple):
    """Where a server is asked."""

    address: str
    graph: str
    """The path of a graph without tasks."""
    version: str


def job(body: str | bytes, *headers: str) -> Sent:
    """A request that creates a job."""
    return Sent("POST {jobs}", headers or JSON, body)


async def find_differences(place: Place, cases: Iterable[Case]) -> dict[str, tuple[object, object]]:
    """What a server answers otherwise than the cases say: request -> its answer, the right one."""
    async with httpx.AsyncClient(base_url=place.address, verify=NO_TLS, trust_env=False) as http:
        done = [await _finish_job(http, place) for _ in range(3)][-1]
        page = await http.get(f"{place.graph}/tasks", params={"page": "", "limit": 1})
        names = {
            "{graph}": place.graph,
            "{tasks}": f"{place.graph}/tasks",
            "{jobs}": f"{place.graph}/jobs/gremlin",
            "{done}": str(done),
            "{token}": quote(page.json()["page"], safe=""),
        }
        wrong = {}
        for case in cases:
            right = case.answer_of(place.version)
            for request in case.requests:
                sent = Sent(request) if isinstance(request, str) else request
                given = _shorten(await exchange(place.address, _write(sent, names)), str(right[1]), names)
                if given != right:
                    wrong[str(sent)] = (given, right)
        assert (await http.get(f"{place.graph}/tasks/{done}")).status_code == 200, "a request deleted a task"
    return wrong


async def _finish_job(http: httpx.AsyncClient, place: Place) -> int:
    """Let a job run to its end; gives its id."""
    created = await http.post(f"{place.graph}/jobs/gremlin", json={"gremlin": "1"})
    number = int(created.json()["task_id"])
    async with asyncio.timeout(PATIENCE):
        while True:
            task = await http.get(f"{place.graph}/tasks/{number}")
            if task.json()["task_status"] == "success":
                return number
            await asyncio.sleep(0.02)


def _write(sent: Sent, names: dict[str, str]) -> bytes:
    if sent.whole is not None:
        return _fill(sent.whole.decode("latin-1"), names).encode("latin-1")
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    fields = ["Host: test", *sent.headers]
    if sent.body is not None and not any(field.startswith("Transfer-Encoding") for field in fields):
        fields.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([f"{_fill(sent.line, names)} HTTP/1.1", *fields])
    return f"{head}\r\n\r\n".encode() + body


def _fill(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


def _shorten(reply: Reply, wanted: str, names: dict[str, str]) -> tuple[object, ...]:
    """An answer as cases have it."""
    told = tell(reply.body.decode("utf-8", "replace"))
    if wanted.endswith("…") and told.startswith(wanted[:-1]):
        told = wanted
    if told == _fill(wanted, names):
        told = wanted
    closing = reply.headers.get("connection") == "close"
    return reply.status, told, reply.headers.get("allow"), reply.kept, closing


def tell(body: str) -> str:
    """What a body says, in short: the exception without its package, how many tasks, or its beginning."""
    if body.startswith("<html"):
        return "a web page"
    if body.startswith("<?xml"):
        return "a description"
    try:
        fields = json.loads(body)
    except ValueError:
        return _PACKAGES.sub("", body.partition("\n at [Source")[0])
    if "exception" in fields:
        return _tell_error(fields["exception"].rsplit(".", 1)[-1], fields["message"] or "")
    if "tasks" in fields:
        page = ", the last page" if fields.get("page", "") is None else ", a page" if "page" in fields else ""
        return f"{len(fields['tasks'])} tasks{page}"
    if "task_status" in fields:
        return f"a task: {fields['task_status']}"
    if "versions" in fields or "apis" in fields:
        return ", ".join(fields)
    return "a new task" if list(fields) == ["task_id"] else body


def _tell_error(kind: str, message: str) -> str:
    """Java 11 has no words for what Java 17 has a sentence for."""
    wordless = not message or message.startswith("Cannot invoke ")
    return kind if wordless else f"{kind}: {_PACKAGES.sub('', message)}"
