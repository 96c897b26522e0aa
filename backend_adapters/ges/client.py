"""Sends the requests to one list of jobs; the rest of the adapter is built on them."""

from __future__ import annotations

import msgspec

from backend_adapters.backend import Progress
from backend_adapters.errors import BadAnswer
from backend_adapters.ges.endpoints import Endpoint
from backend_adapters.ges.errors import error_from_ges, is_error, is_login_refused
from backend_adapters.ges.login import GesAuth
from backend_adapters.ges.pages import JobPage, read_page
from backend_adapters.ges.signing import make_query
from backend_adapters.model import TaskId
from backend_adapters.transport.client import LIST_CAP, Transport
from backend_adapters.transport.error_body import Reply

PAGE_LIMIT = 100
"""Jobs of one page: no maximum is published, and the reference uses 100 (PROTOCOL.md, section 1.2)."""

_MOST_GRAPHS = 5_000
_CANCEL_CAP = 1024 * 1024


class GesClient:
    """Reads the list of one endpoint. A request refused for its login is repeated once with another."""

    def __init__(self, transport: Transport, auth: GesAuth, endpoint: Endpoint) -> None:
        self.transport = transport
        self.auth = auth
        self.endpoint = endpoint

    @property
    def where(self) -> str:
        """The server for messages, `ges.example:443`, with the graph where there is one."""
        host = self.transport.host
        return f"{host}/{self.endpoint.graph}" if self.endpoint.graph else host

    async def fetch_page(
        self,
        offset: int,
        limit: int = PAGE_LIMIT,
        *,
        graph: str | None = None,
        status: str | None = None,
        progress: Progress | None = None,
    ) -> JobPage:
        """Read one page of the list, filtered by graph and status where given. Raises BackendError."""
        path = self.endpoint.page_url(offset, limit, graph=graph, status=status)
        reply = await self.fetch(path, progress)
        return await read_page(reply, offset, self.where, graph or self.endpoint.graph)

    async def cancel_job(self, task_id: TaskId) -> Reply:
        """Ask the engine once to stop a job. An answer of any status returns."""
        return await self.transport.send("DELETE", self.endpoint.job_path(task_id), cap=_CANCEL_CAP)

    async def list_graphs(self) -> tuple[str, ...]:
        """The names of the project's graphs, sorted. Raises NotAllowed where this login may not list them."""
        names: set[str] = set()
        offset = 0
        while offset < _MOST_GRAPHS:
            query = make_query([("offset", str(offset)), ("limit", str(PAGE_LIMIT))])
            listed = _read_graph_names(
                (await self.fetch(f"{self.endpoint.graphs_path}?{query}")).body, self.where
            )
            if not set(listed) - names or len(listed) < PAGE_LIMIT:
                names.update(listed)
                break
            names.update(listed)
            offset += len(listed)
        return tuple(sorted(names))

    async def fetch(self, path: str, progress: Progress | None = None) -> Reply:
        """Read a path; once more if the login was refused and there is another one. Raises BackendError."""
        turn = self.auth.load_secret()
        reply = await self.transport.get(path, cap=LIST_CAP, progress=progress)
        # Looked for once: it decodes the whole list.
        if not is_error(reply):
            return reply
        if is_login_refused(reply) and await self.auth.renew_after(turn):
            reply = await self.transport.get(path, cap=LIST_CAP, progress=progress)
            if not is_error(reply):
                return reply
            if is_login_refused(reply):
                self.auth.forget_secret()
        raise error_from_ges(reply, self.where, self.auth)


class _WireGraph(msgspec.Struct, frozen=True):
    name: str = ""


class _WireGraphs(msgspec.Struct, frozen=True):
    graphs: list[_WireGraph] | None = None


def _read_graph_names(body: bytes, where: str) -> list[str]:
    """The names in a list of graphs, whose keys are the same in v1 and v2."""
    try:
        listed = msgspec.json.decode(body, type=_WireGraphs).graphs or []
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadAnswer(f"{where} did not answer with a list of graphs.") from None
    return [graph.name for graph in listed if graph.name]
