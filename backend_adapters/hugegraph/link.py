"""One graph on one server: the requests that everything else of the adapter is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from msgspec import DecodeError, Struct

from backend_adapters.errors import BackendError, BadAnswer, NoSuchGraph
from backend_adapters.hugegraph.faults import fault_of, no_paging, null_graph
from backend_adapters.hugegraph.ids import chunks
from backend_adapters.hugegraph.pages import Envelope, blocks, envelope, lost_note
from backend_adapters.hugegraph.paths import Paths, graphs_path
from backend_adapters.hugegraph.together import together
from backend_adapters.hugegraph.wire import GRAPHS
from backend_adapters.model import Task
from backend_adapters.transport.client import DEADLINE, LIST_CAP, Params, Transport
from backend_adapters.transport.complaint import Reply

LOOKS_IN_FLIGHT = 2
"""Requests by ids at the same time: all task records of a server are read by one thread of its own."""

WHOLE_LIST = 600.0
"""Seconds within which a list without pages is to be complete."""

ALL = "-1"
"""The `limit` that means no limit."""


class Found(Struct, frozen=True):
    """What a request by ids brought."""

    tasks: dict[int, Task]
    lost: int = 0
    """Records that could not be read at all; while there are any, nothing is known to be missing."""

    @property
    def note(self) -> str:
        """What to tell a person of the records that were lost."""
        return lost_note(self.lost)

    def missing(self, asked: Iterable[int]) -> frozenset[str]:
        """The ids among `asked` that the server does not have."""
        return frozenset() if self.lost else frozenset(str(n) for n in asked if n not in self.tasks)


async def found_in(page: Envelope) -> Found:
    """The tasks of a page, and how many of its records could not be read."""
    tasks: dict[int, Task] = {}
    lost = 0
    async for block in blocks(page.tasks):
        tasks |= {int(task.id): task for task in block.tasks}
        lost += block.lost
    return Found(tasks, lost)


class Link:
    """Reads tasks of one graph and remembers what its backend can't do."""

    def __init__(self, transport: Transport, paths: Paths) -> None:
        self.transport = transport
        self.paths = paths
        self.pages = True
        """Whether the backend can page; memory can't, and says so only when asked."""

    @property
    def where(self) -> str:
        """The graph for messages: `host:8080/DEFAULT/hugegraph`."""
        parts = (self.transport.host, self.paths.graphspace, self.paths.graph)
        return "/".join(part for part in parts if part)

    async def list_page(self, token: str, limit: int, status: str | None = None) -> Envelope:
        """One page of the list, `token` "" is the first; the whole list where the backend can't page."""
        filters = [("status", status)] if status else []
        if self.pages:
            reply = await self._get([*filters, ("limit", str(limit)), ("page", token)])
            if token or not no_paging(reply):
                return envelope(await self.good(reply), self.where)
            self.pages = False
        reply = await self._get([*filters, ("limit", ALL)], within=WHOLE_LIST)
        return envelope(await self.good(reply), self.where)

    async def by_ids(self, numbers: Iterable[int]) -> Found:
        """The tasks of these ids that exist; several requests where there are many."""
        parts = list(chunks(numbers))
        if len(parts) == 1:
            return await self._by_few_ids(parts[0])
        answers = await together([partial(self._by_few_ids, part) for part in parts], most=LOOKS_IN_FLIGHT)
        tasks = {number: task for answer in answers for number, task in answer.tasks.items()}
        return Found(tasks, sum(answer.lost for answer in answers))

    async def good(self, reply: Reply) -> Reply:
        """The answer itself when it is 2xx; otherwise raises what it stands for."""
        if reply.ok:
            return reply
        error = fault_of(reply, self.where)
        if null_graph(reply) or isinstance(error, NoSuchGraph):
            await self._check_graph()
        raise error

    async def graphs(self) -> tuple[str, ...]:
        """The graphs of this graphspace (of the server, classic), sorted."""
        return await graphs_of(self.transport, self.paths.graphspace)

    async def _by_few_ids(self, part: Sequence[int]) -> Found:
        """One request; ids that don't exist are left out by the server without a word."""
        reply = await self.good(await self._get([("ids", str(number)) for number in part]))
        return await found_in(envelope(reply, self.where))

    async def _get(self, params: Params, within: float = DEADLINE) -> Reply:
        return await self.transport.get(self.paths.tasks, params, cap=LIST_CAP, within=within)

    async def _check_graph(self) -> None:
        """Raise NoSuchGraph when the server lists its graphs and this one is not among them."""
        try:
            listed = await self.graphs()
        except BackendError:
            # The list explains nothing then; the caller raises what it came with.
            return
        if self.paths.graph not in listed:
            raise no_such_graph(self.paths.graph, self.paths.graphspace, listed, self.transport.host)


async def graphs_of(transport: Transport, graphspace: str | None) -> tuple[str, ...]:
    """The names of the graphs in a graphspace (of the server where None), sorted."""
    reply = await transport.get(graphs_path(graphspace))
    where = f"{transport.host}/{graphs_path(graphspace)}"
    if not reply.ok:
        raise fault_of(reply, where)
    try:
        return tuple(sorted(GRAPHS.decode(reply.body)["graphs"]))
    except (DecodeError, ValueError, RecursionError):
        raise BadAnswer(f"{where} did not answer with a list of graphs.") from None


def no_such_graph(graph: str, graphspace: str | None, listed: tuple[str, ...], host: str) -> NoSuchGraph:
    """The error for a graph that is not among the listed ones, naming those there are."""
    place = f"{host} has no graph '{graph}'" + (f" in the graphspace {graphspace}" if graphspace else "")
    if not listed:
        return NoSuchGraph(f"{place}; it lists none at all.", hint="Check the graphspace and its name.")
    names = ", ".join(listed[:10]) + (f" and {len(listed) - 10} more" if len(listed) > 10 else "")
    return NoSuchGraph(f"{place}. It lists: {names}.", graphs=listed)
