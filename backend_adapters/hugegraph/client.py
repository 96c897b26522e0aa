"""One graph on one server: the requests that everything else of the adapter is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from urllib.parse import urlencode

from msgspec import DecodeError
from msgspec.structs import replace

from backend_adapters.errors import BackendError, BadAnswer, NoSuchGraph, Unreadable
from backend_adapters.hugegraph.batch_size import BatchSize
from backend_adapters.hugegraph.deferred_ids import DeferredIds
from backend_adapters.hugegraph.errors import (
    TaskStoreError,
    error_of_reply,
    may_be_unknown_graph,
    says_no_graphspace,
    says_no_paging,
)
from backend_adapters.hugegraph.fetched_tasks import (
    FetchedTasks,
    tasks_in_page,
)
from backend_adapters.hugegraph.pages import TaskPage, read_task_page
from backend_adapters.hugegraph.paths import Paths, graphs_path
from backend_adapters.hugegraph.responsiveness import Responsiveness
from backend_adapters.hugegraph.unreadable_records import BrokenList, UnreadableRecords
from backend_adapters.hugegraph.wire import GRAPHS_DECODER
from backend_adapters.transport.client import DEADLINE, LIST_CAP, Transport
from backend_adapters.transport.error_body import Reply
from backend_adapters.transport.request_context import read_request_clock

ABSENT_ID = 0
"""An id that no task has: a server that answers for it works, whatever else it fails over."""

WHOLE_LIST_DEADLINE = 600.0
"""Seconds within which a list without pages is to be complete."""


WITHOUT_LIMIT = "-1"
"""The `limit` that means no limit."""


@contextmanager
def _note_duration(began: float) -> Iterator[None]:
    """Note on an error how long the request took."""
    try:
        yield
    except BackendError as error:
        error.seconds = read_request_clock() - began
        raise


class HugeGraphClient:
    """The requests to one graph, and what is known of its server: what it can't do, what is too heavy."""

    def __init__(self, transport: Transport, paths: Paths) -> None:
        self.transport = transport
        self.paths = paths
        self.can_page = True
        """Whether the backend can page; memory can't, and says so only when asked."""
        self.can_omit_results = True
        """Whether `with_result=false` is heeded; servers up to 1.7 send the result all the same."""
        self.can_stream_results = True
        """Whether `…/tasks/{id}/result` may exist; servers up to 1.7 have no such path."""
        self.has_long_list = False
        """Whether a list of all tasks did not end soon."""
        self.batch = BatchSize()
        """How many tasks that may have large results are asked for at once."""
        self.unreadable = UnreadableRecords()
        self.deferred = DeferredIds()
        self.responsiveness = Responsiveness()
        self.broken_lists: dict[str | None, BrokenList] = {}
        """Lists that could not be read to their end lately, by status; None is the list of all tasks."""
        self.heavy_lock = asyncio.Lock()
        """Held by the one request that may load large results; urgent requests need no lock."""
        if transport.latency is not None:
            self.batch.note_answer(0, transport.latency, 0)

    @property
    def where(self) -> str:
        """The graph for messages: `host:8080/DEFAULT/hugegraph`."""
        return self.paths.name_on(self.transport.host)

    def adopt_knowledge(self, older: HugeGraphClient) -> None:
        """Take over what another client of the same graph has learnt about its server."""
        self.batch, self.unreadable, self.broken_lists = older.batch, older.unreadable, older.broken_lists
        self.deferred, self.responsiveness = older.deferred, older.responsiveness
        self.has_long_list = older.has_long_list

    @property
    def is_busy(self) -> bool:
        """Whether a request is under way that may load large results."""
        return self.heavy_lock.locked()

    @property
    def list_obstacle(self) -> str:
        """Why no list of finished tasks is to be asked for: the server may stop answering. Mostly empty."""
        if self.deferred:
            return self.deferred.note
        known = self.unreadable.stopping_ids
        return (
            f"The server stops answering about its tasks when a list includes task {known[0]}."
            if known
            else ""
        )

    async def read_page(self, token: str, limit: int, status: str | None = None) -> TaskPage:
        """One page of the list, `token` "" is the first; the whole list where the backend can't page."""
        async with self.heavy_lock if status is None else nullcontext():
            began = read_request_clock()
            with _note_duration(began):
                page = await self._request_page(token, limit, status)
            self.responsiveness.note_answer()
        if status is None or not page.tasks:
            size = sum(map(len, page.tasks))
            self.batch.note_answer(len(page.tasks), read_request_clock() - began, size)
        return page

    def ask_normally(self, numbers: Iterable[int]) -> None:
        """Ask for these tasks like any others again, and for the lists that they may have interrupted."""
        if not (self.deferred or self.unreadable):
            return
        fine = list(numbers)
        self.deferred.release_ids(fine)
        if self.unreadable.forget_ids(fine):
            self.broken_lists = {
                status: broken for status, broken in self.broken_lists.items() if broken.stops_server
            }

    def ask_harmless_normally(self, numbers: Iterable[int]) -> None:
        """The same, but not for tasks over which the server stops answering: they would stop it again."""
        stopping = self.unreadable.stopping_ids
        self.ask_normally(number for number in numbers if number not in stopping)

    def forget_ids(self) -> None:
        """Forget what is known of single ids: the server counts anew, and they belong to other tasks now."""
        self.unreadable.forget_all()
        self.deferred.release_all()
        self.broken_lists.clear()

    async def require_success(self, reply: Reply) -> Reply:
        """Return a 2xx answer; raise the error that any other one stands for."""
        if reply.is_success:
            return reply
        error = error_of_reply(reply, self.where)
        if may_be_unknown_graph(reply) or isinstance(error, NoSuchGraph):
            await self._check_graph_exists()
        raise error

    async def require_task(self, reply: Reply) -> Reply:
        """The same for an answer about one task; Unreadable where the server fails over this task."""
        try:
            return await self.require_success(reply)
        except TaskStoreError as error:
            message = f"{self.where} can't read this task: {error.server_message}"
            unreadable = Unreadable(message, code=error.code, trace=error.trace)
            unreadable.server_message = error.server_message
            raise unreadable from None

    async def list_graphs(self) -> tuple[str, ...]:
        """The graphs of this graphspace (of the server, classic), sorted."""
        return await fetch_graph_names(self.transport, self.paths.graphspace)

    async def request_ids(self, part: Sequence[int]) -> FetchedTasks:
        """Send one request; the server leaves out ids that don't exist, without a word."""
        began = read_request_clock()
        with _note_duration(began):
            reply = await self.require_success(
                await self._get_tasks("&".join(f"ids={number}" for number in part))
            )
        took = read_request_clock() - began
        found = await tasks_in_page(read_task_page(reply, self.where))
        self.responsiveness.note_answer()
        finished = sum(task.status.is_finished for task in found.tasks.values())
        self.batch.note_answer(finished, took, len(reply.body))
        self.ask_normally(part)
        return (
            replace(found, unanswered=frozenset(part) - found.tasks.keys()) if found.unidentified else found
        )

    async def _request_page(self, token: str, limit: int, status: str | None = None) -> TaskPage:
        filters = [("status", status)] if status else []
        if self.can_page:
            reply = await self._get_tasks(urlencode([*filters, ("limit", str(limit)), ("page", token)]))
            if token or not says_no_paging(reply):
                return read_task_page(await self.require_success(reply), self.where)
            self.can_page = False
        reply = await self._get_tasks(
            urlencode([*filters, ("limit", WITHOUT_LIMIT)]), within=WHOLE_LIST_DEADLINE
        )
        return read_task_page(await self.require_success(reply), self.where)

    async def _get_tasks(self, query: str, within: float = DEADLINE) -> Reply:
        return await self.transport.get(f"{self.paths.tasks}?{query}", cap=LIST_CAP, within=within)

    async def _check_graph_exists(self) -> None:
        """Raise NoSuchGraph when the server lists its graphs and this one is not among them."""
        try:
            listed = await self.list_graphs()
        except NoSuchGraph:
            # There is no such graphspace.
            raise
        except BackendError:
            # The list explains nothing then; the caller raises what it came with.
            return
        if self.paths.graph not in listed:
            raise no_such_graph_error(self.paths.graph, self.paths.graphspace, listed, self.transport.host)


async def fetch_graph_names(
    transport: Transport,
    graphspace: str | None,
    accept: Callable[[tuple[str, ...]], bool] | None = None,
) -> tuple[str, ...]:
    """The names of the graphs in a graphspace (of the server where None), sorted, each once.

    Those that another place of the server has read lately are taken if `accept` returns true for them.
    """
    read = partial(_request_graph_names, transport, graphspace)
    return await transport.ask_once(("graphs", graphspace), read, accept)


async def _request_graph_names(transport: Transport, graphspace: str | None) -> tuple[str, ...]:
    reply = await transport.get(graphs_path(graphspace))
    where = f"{transport.host}/{graphs_path(graphspace)}"
    if not reply.is_success:
        if graphspace is not None and says_no_graphspace(reply):
            raise NoSuchGraph(f'{transport.host} has no graphspace "{graphspace}".')
        raise error_of_reply(reply, where)
    try:
        return tuple(sorted(set(GRAPHS_DECODER.decode(reply.body)["graphs"])))
    except (DecodeError, ValueError, RecursionError):
        raise BadAnswer(f"{where} didn't answer with a list of graphs.") from None


def no_such_graph_error(
    graph: str, graphspace: str | None, listed: tuple[str, ...], host: str
) -> NoSuchGraph:
    """The error for a graph that is not among the listed ones, naming those there are."""
    place = f'{host} has no graph "{graph}"' + (f" in the graphspace {graphspace}" if graphspace else "")
    if not listed:
        return NoSuchGraph(f"{place}. It lists no graphs.", hint="Check the graphspace and the name.")
    names = ", ".join(listed[:10]) + (f" and {len(listed) - 10} more" if len(listed) > 10 else "")
    return NoSuchGraph(f"{place}. Its graphs: {names}.", graphs=listed)
