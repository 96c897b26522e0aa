"""One graph on one server: the requests that everything else of the adapter is made of."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from urllib.parse import urlencode

from msgspec import DecodeError
from msgspec.structs import replace

from backend_adapters.errors import BackendError, BadAnswer, NoSuchGraph, Unreadable
from backend_adapters.hugegraph.batch_size import FIRST_BATCH, BatchSize
from backend_adapters.hugegraph.deferred_ids import DeferredIds
from backend_adapters.hugegraph.errors import (
    TaskStoreError,
    error_of_reply,
    fewer_may_work,
    may_be_unknown_graph,
    says_no_paging,
)
from backend_adapters.hugegraph.fetched_tasks import (
    FetchedTasks,
    join_fetched,
    read_again_in_halves,
    tasks_in_page,
)
from backend_adapters.hugegraph.id_ranges import MOST_IDS, ids_query, query_length, split_ids
from backend_adapters.hugegraph.pages import TaskPage, read_task_page
from backend_adapters.hugegraph.paths import Paths, graphs_path
from backend_adapters.hugegraph.responsiveness import Responsiveness
from backend_adapters.hugegraph.unreadable_records import BrokenList, UnreadableRecord, UnreadableRecords
from backend_adapters.hugegraph.wire import GRAPHS_DECODER
from backend_adapters.transport.client import DEADLINE, LIST_CAP, Transport
from backend_adapters.transport.error_body import Reply

ABSENT_ID = 0
"""An id that no task has: a server that answers for it works, whatever else it fails over."""

WHOLE_LIST_DEADLINE = 600.0
"""Seconds within which a list without pages is to be complete."""

_SPLIT_INTO = 4
"""Parts that a request is split into when it failed: fewer failures on the way than with halves."""

_MOST_TRUSTED_GUESSES = 5
"""Guessed ids over which the store fails and that are taken for tasks."""

_LATE = 20.0
"""Seconds after which a request failed late: servers and graphtop give up after 30."""

_SOON = 5.0
"""Seconds within which a server answers for no task at all, unless something asked before keeps it."""

_VERSION_WITHIN = 5.0
"""Seconds within which a server tells its version that only its tasks keep busy."""

NO_LIMIT = "-1"
"""The `limit` that means no limit."""


def _fetch_result_of(number: int, record: UnreadableRecord) -> FetchedTasks:
    """A record that can't be read, as a row, perhaps one, or nothing."""
    row = {number: record.as_task(number)}
    if record.exists:
        return FetchedTasks(row)
    return FetchedTasks({}, possible_tasks=row if record.is_store_failure else {})


def _unknown_task(number: int) -> FetchedTasks:
    """What is to be told of an id of which it is not even known whether there is such a task."""
    return FetchedTasks({}, unidentified=1, unanswered=frozenset([number]))


@contextmanager
def _note_duration(began: float) -> Iterator[None]:
    """Tell how long a request took that fails within."""
    try:
        yield
    except BackendError as error:
        error.seconds = time.perf_counter() - began
        raise


def _remove_numbers(numbers: Container[int], *lists: list[int]) -> None:
    """Take these out of the lists."""
    for one in lists:
        one[:] = [number for number in one if number not in numbers]


class HugeGraphClient:
    """Reads tasks of one graph and remembers what its backend can't do, and what is too heavy for it."""

    def __init__(self, transport: Transport, paths: Paths) -> None:
        self.transport = transport
        self.paths = paths
        self.can_page = True
        """Whether the backend can page; memory can't, and says so only when asked."""
        self.can_omit_results = True
        """Whether `with_result=false` is heeded; servers up to 1.7 send the result all the same."""
        self.can_stream_results = True
        """Whether `…/tasks/{id}/result` may exist; servers up to 1.7 have no such path."""
        self.batch = BatchSize()
        """How many tasks that may have large results are asked for at once."""
        self.unreadable = UnreadableRecords()
        self.deferred = DeferredIds()
        self.responsiveness = Responsiveness()
        self.broken_lists: dict[str | None, BrokenList] = {}
        """The lists, by their status (None: of all), that could not be read to their ends lately."""
        self._heavy_lock = asyncio.Lock()
        """Held by the one request under way that may load large results; a person's own wait for none."""
        if transport.latency is not None:
            self.batch.note_answer(0, transport.latency, 0)

    @property
    def where(self) -> str:
        """The graph for messages: `host:8080/DEFAULT/hugegraph`."""
        parts = (self.transport.host, self.paths.graphspace, self.paths.graph)
        return "/".join(part for part in parts if part)

    def adopt_knowledge(self, older: HugeGraphClient) -> None:
        """Take over what another client to the same graph knows of its weight and of what can't be read."""
        self.batch, self.unreadable, self.broken_lists = older.batch, older.unreadable, older.broken_lists
        self.deferred, self.responsiveness = older.deferred, older.responsiveness

    @property
    def is_busy(self) -> bool:
        """Whether a request is under way that may load large results."""
        return self._heavy_lock.locked()

    @property
    def list_obstacle(self) -> str:
        """Why no list of finished tasks is to be asked for: the server may stop answering. Mostly empty."""
        if self.deferred:
            return self.deferred.note
        known = self.unreadable.stopping_ids
        return (
            f"The server stops answering about its tasks when a list has task {known[0]} in it."
            if known
            else ""
        )

    async def read_page(self, token: str, limit: int, status: str | None = None) -> TaskPage:
        """One page of the list, `token` "" is the first; the whole list where the backend can't page."""
        async with self._heavy_lock if status is None else nullcontext():
            began = time.perf_counter()
            with _note_duration(began):
                page = await self._request_page(token, limit, status)
            self.responsiveness.note_answer()
        if status is None or not page.tasks:
            size = sum(map(len, page.tasks))
            self.batch.note_answer(len(page.tasks), time.perf_counter() - began, size)
        return page

    async def read_ids(
        self,
        numbers: Iterable[int],
        unfinished: Iterable[int] = (),
        guesses: Iterable[int] = (),
        *,
        wished: bool = False,
        sure: bool = True,
    ) -> FetchedTasks:
        """The tasks of these ids that exist; one that the server fails over is a row that says so.

        `numbers` may have large results: as many at once as were quick lately, one request at a time; `sure`
        says that they exist. Those that are `unfinished` have no results, and most `guesses` don't exist:
        many of them go into one request. What a person has `wished` for waits for no other request.
        """
        heavy, light = list(numbers), list(unfinished)
        exist = {*(heavy if sure else ()), *light}
        light += guesses
        self.unreadable.mark_existing(exist)
        known = self.unreadable.select_records([*heavy, *light])
        parts = [_fetch_result_of(number, record) for number, record in known.items()]
        with self.responsiveness.person_is_waiting() if wished else nullcontext():
            if known:
                parts += [
                    await self._retry_record(n)
                    for n in self.unreadable.select_for_manual_retry(known)
                    if wished
                ]
                _remove_numbers(known, heavy, light)
            while heavy or light:
                holds = bool(heavy) and not wished
                async with self._heavy_lock if holds else nullcontext():
                    held = frozenset() if wished else self.deferred.select_deferred([*heavy, *light])
                    if held:
                        parts.append(FetchedTasks({}, skipped=held))
                        _remove_numbers(held, heavy, light)
                    some, more = self._take_next_ids(heavy, light)
                    if some or more:
                        parts.append(await self._read_in_parts([*some, *more], exist, len(some)))
            found = join_fetched(parts)
            return (
                await read_again_in_halves(found, lambda part: self._read_in_parts(part, exist))
                if wished
                else found
            )

    def trust_near_guesses(self, found: FetchedTasks, near: Collection[int]) -> FetchedTasks:
        """The same with rows for the guesses among those `near` others over which the store fails, if few.

        Where they are many, a part of the store may be down, which is failed over for ids of no task as well.
        """
        rows = {number: row for number, row in found.possible_tasks.items() if number in near}
        if len(rows) > _MOST_TRUSTED_GUESSES:
            return found
        self.unreadable.mark_existing(rows)
        return FetchedTasks(found.tasks | rows, found.unidentified, skipped=found.skipped)

    def _take_next_ids(self, heavy: list[int], light: list[int]) -> tuple[list[int], list[int]]:
        """Take the ids of the next request out of these: as many heavy ones as may be, then light ones."""
        some = next(split_ids(heavy, self.batch.size), [])
        del heavy[: len(some)]
        room = MOST_IDS - len(some)
        more = next(split_ids(light, room, sum(map(query_length, some))), []) if room else []
        del light[: len(more)]
        return some, more

    async def find_existing(self, numbers: Iterable[int]) -> set[int] | None:
        """Those of some ids that exist, hardly any of them; None where the server fails over one."""
        wanted, found = list(numbers), set[int]()
        _remove_numbers(
            {*self.unreadable.select_records(wanted), *self.deferred.select_deferred(wanted)}, wanted
        )
        for part in split_ids(wanted):
            try:
                found |= (await self._request_ids(part)).tasks.keys()
            except BackendError as error:
                await self.check_alive(error, part)
                return None
        return found

    async def retry_alone(self, numbers: Sequence[int]) -> FetchedTasks:
        """Ask alone for a record that the server failed over, or for a group that was set aside.

        Raises BackendError.
        """
        async with self._heavy_lock:
            # What is asked of a server that answers nothing is not why.
            await self._request_ids([ABSENT_ID])
            try:
                return await (
                    self._retry_record(numbers[0]) if len(numbers) == 1 else self._retry_group(numbers)
                )
            except BackendError as error:
                stopped = self.responsiveness.is_stuck and fewer_may_work(error)
                if len(numbers) > 1 or not stopped or self.responsiveness.waiting_people:
                    raise
                self.deferred.release_ids(numbers)
                return _fetch_result_of(
                    numbers[0], self.unreadable.note_failure(numbers[0], error, exists=True, stops=True)
                )

    async def _retry_group(self, numbers: Sequence[int]) -> FetchedTasks:
        try:
            return await self._request_ids(numbers)
        except BackendError as error:
            await self.check_alive(error, numbers)
            # The server works: whatever it fails over among these is found as it is among others.
            self.deferred.release_ids(numbers)
            raise

    async def _retry_record(self, number: int) -> FetchedTasks:
        try:
            return await self._request_ids([number])
        except BackendError as error:
            await self.check_alive(error)
            self.deferred.release_ids([number])
            record = self.unreadable.note_failure(number, error, exists=False)
        # Of what may not exist it is not known either that it does not.
        return FetchedTasks({number: record.as_task(number)}) if record.exists else _unknown_task(number)

    def ask_normally(self, numbers: Iterable[int]) -> None:
        """Ask for these as for others again, and for the lists that may have broken over them."""
        fine = list(numbers)
        self.deferred.release_ids(fine)
        if self.unreadable.forget_ids(fine):
            self.broken_lists = {
                status: broken for status, broken in self.broken_lists.items() if broken.stops_server
            }

    def ask_harmless_normally(self, numbers: Iterable[int]) -> None:
        """The same but for those over which the server stops: they stop it again the next time."""
        stopping = self.unreadable.stopping_ids
        self.ask_normally(number for number in numbers if number not in stopping)

    def forget_ids(self) -> None:
        """The ids began anew: what is known of single ones is of other tasks."""
        self.unreadable.forget_all()
        self.deferred.release_all()
        self.broken_lists.clear()

    async def require_success(self, reply: Reply) -> Reply:
        """The answer itself when it is 2xx; otherwise raises what it stands for."""
        if reply.is_success:
            return reply
        error = error_of_reply(reply, self.where)
        if may_be_unknown_graph(reply) or isinstance(error, NoSuchGraph):
            await self._check_graph_exists()
        raise error

    async def require_task(self, reply: Reply) -> Reply:
        """The same for an answer about one task, which may be what the server fails over: Unreadable then."""
        try:
            return await self.require_success(reply)
        except TaskStoreError as error:
            told = f"{self.where} can't read this task: {error.server_message}"
            unreadable = Unreadable(told, code=error.code, trace=error.trace)
            unreadable.server_message = error.server_message
            raise unreadable from None

    async def list_graphs(self) -> tuple[str, ...]:
        """The graphs of this graphspace (of the server, classic), sorted."""
        return await list_graph_names(self.transport, self.paths.graphspace)

    async def check_alive(
        self, error: BackendError, asked: Sequence[int] = (), exist: Container[int] = ()
    ) -> None:
        """Raise an error that does not come from what was asked for: the server answers nothing else.

        Where that is so of its tasks alone, and was not before, one of those `asked` for may be why: they are
        set aside. Some of them certainly `exist`.
        """
        if not fewer_may_work(error):
            raise error
        lately = self.responsiveness.answered_lately
        if not self.responsiveness.is_silent:
            if await self._answers_soon(error.seconds):
                return
            alive = await self._answers_version()
            # Another request that failed at the same time may have been judged meanwhile.
            lately = lately and self.responsiveness.answered_lately
            self.responsiveness.note_silence(alive=alive)
        # Whatever it says of this request, it says the same of the shortest one there is.
        error.retryable = True
        if lately and self.responsiveness.is_stuck:
            self.batch.ask_few()
            if asked and not self.responsiveness.waiting_people:
                self.deferred.defer(asked, exist)
        raise error

    async def _answers_soon(self, failed_after: float) -> bool:
        """Whether the server answers about its tasks; where another request failed late, it must do so soon.

        Else it may answer only because it has worked off what kept it.
        """
        began = time.perf_counter()
        try:
            await self._request_ids([ABSENT_ID])
        except BackendError:
            return False
        return failed_after < _LATE or time.perf_counter() - began < _SOON

    async def _answers_version(self) -> bool:
        """Whether the server answers what is not about its tasks."""
        try:
            return (await self.transport.get("versions", within=_VERSION_WITHIN)).is_success
        except BackendError:
            return False

    async def _read_in_parts(
        self, numbers: Sequence[int], exist: Collection[int], heavy: int = 0
    ) -> FetchedTasks:
        """One request, or some of its parts where it fails; so many of the ids may be `heavy`."""
        kept = self.batch.save_state()
        try:
            return await self._request_ids(numbers)
        except BackendError as error:
            if heavy > 1:
                # Before the check, which may fail because the server still works on them.
                self.batch.note_failure(heavy)
            # Of many heavy ones it may be their number.
            await self.check_alive(error, numbers if heavy <= FIRST_BATCH else (), exist)
            step = -(-len(numbers) // _SPLIT_INTO)
            if isinstance(error, TaskStoreError) and error.is_out_of_memory:
                # Each failure of this kind hurts the server: no second one on the way.
                step = min(step, FIRST_BATCH)
                self.batch.ask_few()
        if len(numbers) == 1:
            return await self._read_alone(numbers[0], exist)
        parts = [numbers[at : at + step] for at in range(0, len(numbers), step)]
        found = join_fetched([await self._read_in_parts(part, exist) for part in parts])
        if len(found.readable_tasks) < len(found.tasks) or not found.tasks:
            # It is one record, and not their number.
            self.batch.restore_state(kept)
        return found

    async def _read_alone(self, number: int, exist: Collection[int]) -> FetchedTasks:
        """One task that was failed over alone, while the server answers for others: asked for once more."""
        try:
            return await self._request_ids([number])
        except BackendError as error:
            if not fewer_may_work(error):
                raise
            record = self.unreadable.note_failure(number, error, exists=number in exist)
        return _fetch_result_of(number, record)

    async def _request_ids(self, part: Sequence[int]) -> FetchedTasks:
        """One request; ids that don't exist are left out by the server without a word."""
        began = time.perf_counter()
        with _note_duration(began):
            reply = await self.require_success(await self._get_tasks(ids_query(part)))
        took = time.perf_counter() - began
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
        reply = await self._get_tasks(urlencode([*filters, ("limit", NO_LIMIT)]), within=WHOLE_LIST_DEADLINE)
        return read_task_page(await self.require_success(reply), self.where)

    async def _get_tasks(self, query: str, within: float = DEADLINE) -> Reply:
        return await self.transport.get(f"{self.paths.tasks}?{query}", cap=LIST_CAP, within=within)

    async def _check_graph_exists(self) -> None:
        """Raise NoSuchGraph when the server lists its graphs and this one is not among them."""
        try:
            listed = await self.list_graphs()
        except BackendError:
            # The list explains nothing then; the caller raises what it came with.
            return
        if self.paths.graph not in listed:
            raise no_such_graph_error(self.paths.graph, self.paths.graphspace, listed, self.transport.host)


async def list_graph_names(transport: Transport, graphspace: str | None) -> tuple[str, ...]:
    """The names of the graphs in a graphspace (of the server where None), sorted."""
    reply = await transport.get(graphs_path(graphspace))
    where = f"{transport.host}/{graphs_path(graphspace)}"
    if not reply.is_success:
        raise error_of_reply(reply, where)
    try:
        return tuple(sorted(GRAPHS_DECODER.decode(reply.body)["graphs"]))
    except (DecodeError, ValueError, RecursionError):
        raise BadAnswer(f"{where} did not answer with a list of graphs.") from None


def no_such_graph_error(
    graph: str, graphspace: str | None, listed: tuple[str, ...], host: str
) -> NoSuchGraph:
    """The error for a graph that is not among the listed ones, naming those there are."""
    place = f"{host} has no graph '{graph}'" + (f" in the graphspace {graphspace}" if graphspace else "")
    if not listed:
        return NoSuchGraph(f"{place}; it lists none at all.", hint="Check the graphspace and its name.")
    names = ", ".join(listed[:10]) + (f" and {len(listed) - 10} more" if len(listed) > 10 else "")
    return NoSuchGraph(f"{place}. It lists: {names}.", graphs=listed)
