"""One list of jobs on one server: the requests that everything else of the adapter is made of."""

from __future__ import annotations

import msgspec

from backend_adapters.backend import Progress
from backend_adapters.errors import BadAnswer
from backend_adapters.ges.endpoints import Plane
from backend_adapters.ges.errors import fails, fault_of, refuses_login
from backend_adapters.ges.login import Login
from backend_adapters.ges.pages import Page, page_of
from backend_adapters.ges.signing import query_string
from backend_adapters.model import TaskId
from backend_adapters.transport.client import LIST_CAP, Transport
from backend_adapters.transport.error_body import Reply

LIMIT = 100
"""Jobs of one page; the documents name no maximum, and use 100 in their own example."""

_MOST_GRAPHS = 5_000
_SMALL = 1024 * 1024


class Link:
    """Asks for pages of one plane's list, logging in anew once where the login has run out."""

    def __init__(self, transport: Transport, login: Login, plane: Plane) -> None:
        self.transport = transport
        self.login = login
        self.plane = plane

    @property
    def where(self) -> str:
        """The place for messages: `ges.example:443`, with the graph where one is chosen."""
        host = self.transport.host
        return f"{host}/{self.plane.graph}" if self.plane.graph else host

    async def page(
        self,
        offset: int,
        limit: int = LIMIT,
        *,
        graph: str | None = None,
        status: str | None = None,
        progress: Progress | None = None,
    ) -> Page:
        """One page of the list, of one graph or one status only where that is said. Raises BackendError."""
        path = self.plane.page(offset, limit, graph=graph, status=status)
        reply = await self.get(path, progress)
        return await page_of(reply, offset, self.where, graph or self.plane.graph)

    async def cancel(self, task_id: TaskId) -> Reply:
        """Ask the service plane to stop a job, once. Any answer returns."""
        return await self.transport.send("DELETE", self.plane.job(task_id), cap=_SMALL)

    async def graphs(self) -> tuple[str, ...]:
        """The names of the project's graphs, sorted. Raises NotAllowed where this login may not list them."""
        names: set[str] = set()
        offset = 0
        while offset < _MOST_GRAPHS:
            query = query_string([("offset", str(offset)), ("limit", str(LIMIT))])
            listed = _names((await self.get(f"{self.plane.graphs}?{query}")).body, self.where)
            if not set(listed) - names or len(listed) < LIMIT:
                names.update(listed)
                break
            names.update(listed)
            offset += len(listed)
        return tuple(sorted(names))

    async def get(self, path: str, progress: Progress | None = None) -> Reply:
        """A good answer; asks once more where other credentials have been found. Raises BackendError."""
        turn = self.login.ready()
        reply = await self.transport.get(path, cap=LIST_CAP, progress=progress)
        if fails(reply) and refuses_login(reply) and await self.login.renewed(turn):
            reply = await self.transport.get(path, cap=LIST_CAP, progress=progress)
            if fails(reply) and refuses_login(reply):
                self.login.forget()
        if fails(reply):
            raise fault_of(reply, self.where, self.login)
        return reply


class _Graph(msgspec.Struct, frozen=True):
    name: str = ""


class _Graphs(msgspec.Struct, frozen=True):
    graphs: list[_Graph] | None = None


def _names(body: bytes, where: str) -> list[str]:
    """The names in an answer with graphs, in both versions under the same keys."""
    try:
        listed = msgspec.json.decode(body, type=_Graphs).graphs or []
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadAnswer(f"{where} did not answer with a list of graphs.") from None
    return [graph.name for graph in listed if graph.name]
