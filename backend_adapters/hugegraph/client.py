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
from backend_adapters.hugegraph.batch_size import FIRST, BatchSize
from backend_adapters.hugegraph.deferred_ids import SetAside
from backend_adapters.hugegraph.errors import NotRead, fault_of, fewer_may_work, no_paging, null_graph
from backend_adapters.hugegraph.fetched_tasks import Found, found_in, joined, tell_apart
from backend_adapters.hugegraph.id_ranges import MOST_IDS, chunks, query_length, query_of
from backend_adapters.hugegraph.pages import Envelope, envelope
from backend_adapters.hugegraph.paths import Paths, graphs_path
from backend_adapters.hugegraph.responsiveness import Answering
from backend_adapters.hugegraph.unreadable_records import BrokenList, Record, UnreadableRecords
from backend_adapters.hugegraph.wire import GRAPHS
from backend_adapters.transport.client import DEADLINE, LIST_CAP, Transport
from backend_adapters.transport.error_body import Reply

NO_TASK = 0
"""An id that no task has: a server that answers for it works, whatever else it fails over."""

WHOLE_LIST = 600.0
"""Seconds within which a list without pages is to be complete."""

_PARTS = 4
"""Parts that a request is split into when it failed: fewer failures on the way than with halves."""

_BELIEVED_MOST = 5
"""Guessed ids over which the store fails and that are taken for tasks."""

_LATE = 20.0
"""Seconds after which a request failed late: servers and graphtop give up after 30."""

_SOON = 5.0
"""Seconds within which a server answers for no task at all, unless something asked before keeps it."""

_VERSION_WITHIN = 5.0
"""Seconds within which a server tells its version that only its tasks keep busy."""

ALL = "-1"
"""The `limit` that means no limit."""


def _found_again(number: int, record: Record) -> Found:
    """A record that can't be read, as a row, perhaps one, or nothing."""
    row = {number: record.row(number)}
    if record.exists:
        return Found(row)
    return Found({}, maybe=row if record.own else {})


def _not_known(number: int) -> Found:
    """What is to be told of an id of which it is not even known whether there is such a task."""
    return Found({}, lost=1, unclear=frozenset([number]))


@contextmanager
def _timed(began: float) -> Iterator[None]:
    """Tell how long a request took that fails within."""
    try:
        yield
    except BackendError as error:
        error.seconds = time.perf_counter() - began
        raise


def _remove(numbers: Container[int], *lists: list[int]) -> None:
    """Take these out of the lists."""
    for one in lists:
        one[:] = [number for number in one if number not in numbers]


class Link:
    """Reads tasks of one graph and remembers what its backend can't do, and what is too heavy for it."""

    def __init__(self, transport: Transport, paths: Paths) -> None:
        self.transport = transport
        self.paths = paths
        self.pages = True
        """Whether the backend can page; memory can't, and says so only when asked."""
        self.leaves_out_results = True
        """Whether `with_result=false` is heeded; servers up to 1.7 send the result all the same."""
        self.streams_results = True
        """Whether `…/tasks/{id}/result` may exist; servers up to 1.7 have no such path."""
        self.batch = BatchSize()
        """How many tasks that may have large results are asked for at once."""
        self.unreadable = UnreadableRecords()
        self.set_aside = SetAside()
        self.answering = Answering()
        self.broken: dict[str | None, BrokenList] = {}
        """The lists, by their status (None: of all), that could not be read to their ends lately."""
        self._heavy = asyncio.Lock()
        """Held by the one request under way that may load large results; a person's own wait for none."""
        if transport.latency is not None:
            self.batch.answered(0, transport.latency, 0)

    @property
    def where(self) -> str:
        """The graph for messages: `host:8080/DEFAULT/hugegraph`."""
        parts = (self.transport.host, self.paths.graphspace, self.paths.graph)
        return "/".join(part for part in parts if part)

    def learn_from(self, older: Link) -> None:
        """Take over what another link to the same graph knows of its weight and of what can't be read."""
        self.batch, self.unreadable, self.broken = older.batch, older.unreadable, older.broken
        self.set_aside, self.answering = older.set_aside, older.answering

    @property
    def busy(self) -> bool:
        """Whether a request is under way that may load large results."""
        return self._heavy.locked()

    @property
    def list_trouble(self) -> str:
        """Why no list of finished tasks is to be asked for: the server may stop answering. Mostly empty."""
        if self.set_aside:
            return self.set_aside.note
        known = self.unreadable.stopping
        return (
            f"The server stops answering about its tasks when a list has task {known[0]} in it."
            if known
            else ""
        )

    async def list_page(self, token: str, limit: int, status: str | None = None) -> Envelope:
        """One page of the list, `token` "" is the first; the whole list where the backend can't page."""
        async with self._heavy if status is None else nullcontext():
            began = time.perf_counter()
            with _timed(began):
                page = await self._page(token, limit, status)
            self.answering.note_answer()
        if status is None or not page.tasks:
            size = sum(map(len, page.tasks))
            self.batch.answered(len(page.tasks), time.perf_counter() - began, size)
        return page

    async def by_ids(
        self,
        numbers: Iterable[int],
        unfinished: Iterable[int] = (),
        guesses: Iterable[int] = (),
        *,
        wished: bool = False,
        sure: bool = True,
    ) -> Found:
        """The tasks of these ids that exist; one that the server fails over is a row that says so.

        `numbers` may have large results: as many at once as were quick lately, one request at a time; `sure`
        says that they exist. Those that are `unfinished` have no results, and most `guesses` don't exist:
        many of them go into one request. What a person has `wished` for waits for no other request.
        """
        heavy, light = list(numbers), list(unfinished)
        exist = {*(heavy if sure else ()), *light}
        light += guesses
        self.unreadable.believe(exist)
        known = self.unreadable.known([*heavy, *light])
        parts = [_found_again(number, record) for number, record in known.items()]
        with self.answering.person_waits() if wished else nullcontext():
            if known:
                parts += [await self._retry(n) for n in self.unreadable.wished(known) if wished]
                _remove(known, heavy, light)
            while heavy or light:
                holds = bool(heavy) and not wished
                async with self._heavy if holds else nullcontext():
                    held = frozenset() if wished else self.set_aside.held([*heavy, *light])
                    if held:
                        parts.append(Found({}, skipped=held))
                        _remove(held, heavy, light)
                    some, more = self._next_request(heavy, light)
                    if some or more:
                        parts.append(await self._by_parts([*some, *more], exist, len(some)))
            found = joined(parts)
            return await tell_apart(found, lambda part: self._by_parts(part, exist)) if wished else found

    def believe_guesses(self, found: Found, near: Collection[int]) -> Found:
        """The same with rows for the guesses among those `near` others over which the store fails, if few.

        Where they are many, a part of the store may be down, which is failed over for ids of no task as well.
        """
        rows = {number: row for number, row in found.maybe.items() if number in near}
        if len(rows) > _BELIEVED_MOST:
            return found
        self.unreadable.believe(rows)
        return Found(found.tasks | rows, found.lost, skipped=found.skipped)

    def _next_request(self, heavy: list[int], light: list[int]) -> tuple[list[int], list[int]]:
        """Take the ids of the next request out of these: as many heavy ones as may be, then light ones."""
        some = next(chunks(heavy, self.batch.size), [])
        del heavy[: len(some)]
        room = MOST_IDS - len(some)
        more = next(chunks(light, room, sum(map(query_length, some))), []) if room else []
        del light[: len(more)]
        return some, more

    async def find_existing(self, numbers: Iterable[int]) -> set[int] | None:
        """Those of some ids that exist, hardly any of them; None where the server fails over one."""
        wanted, found = list(numbers), set[int]()
        _remove({*self.unreadable.known(wanted), *self.set_aside.held(wanted)}, wanted)
        for part in chunks(wanted):
            try:
                found |= (await self._by_few_ids(part)).tasks.keys()
            except BackendError as error:
                await self.check_alive(error, part)
                return None
        return found

    async def try_again(self, numbers: Sequence[int]) -> Found:
        """Ask alone for a record that the server failed over, or for a group that was set aside.

        Raises BackendError.
        """
        async with self._heavy:
            # What is asked of a server that answers nothing is not why.
            await self._by_few_ids([NO_TASK])
            try:
                return await (self._retry(numbers[0]) if len(numbers) == 1 else self._try_group(numbers))
            except BackendError as error:
                stopped = self.answering.stuck and fewer_may_work(error)
                if len(numbers) > 1 or not stopped or self.answering.persons:
                    raise
                self.set_aside.release(numbers)
                return _found_again(
                    numbers[0], self.unreadable.note(numbers[0], error, exists=True, stops=True)
                )

    async def _try_group(self, numbers: Sequence[int]) -> Found:
        try:
            return await self._by_few_ids(numbers)
        except BackendError as error:
            await self.check_alive(error, numbers)
            # The server works: whatever it fails over among these is found as it is among others.
            self.set_aside.release(numbers)
            raise

    async def _retry(self, number: int) -> Found:
        try:
            return await self._by_few_ids([number])
        except BackendError as error:
            await self.check_alive(error)
            self.set_aside.release([number])
            record = self.unreadable.note(number, error, exists=False)
        # Of what may not exist it is not known either that it does not.
        return Found({number: record.row(number)}) if record.exists else _not_known(number)

    def ask_again(self, numbers: Iterable[int]) -> None:
        """Ask for these as for others again, and for the lists that may have broken over them."""
        fine = list(numbers)
        self.set_aside.release(fine)
        if self.unreadable.forget(fine):
            self.broken = {status: broken for status, broken in self.broken.items() if broken.stops}

    def ask_harmless_again(self, numbers: Iterable[int]) -> None:
        """The same but for those over which the server stops: they stop it again the next time."""
        stopping = self.unreadable.stopping
        self.ask_again(number for number in numbers if number not in stopping)

    def forget_ids(self) -> None:
        """The ids began anew: what is known of single ones is of other tasks."""
        self.unreadable.forget_all()
        self.set_aside.clear()
        self.broken.clear()

    async def good(self, reply: Reply) -> Reply:
        """The answer itself when it is 2xx; otherwise raises what it stands for."""
        if reply.is_success:
            return reply
        error = fault_of(reply, self.where)
        if null_graph(reply) or isinstance(error, NoSuchGraph):
            await self._check_graph()
        raise error

    async def good_task(self, reply: Reply) -> Reply:
        """The same for an answer about one task, which may be what the server fails over: Unreadable then."""
        try:
            return await self.good(reply)
        except NotRead as error:
            told = f"{self.where} can't read this task: {error.words}"
            unreadable = Unreadable(told, code=error.code, trace=error.trace)
            unreadable.words = error.words
            raise unreadable from None

    async def graphs(self) -> tuple[str, ...]:
        """The graphs of this graphspace (of the server, classic), sorted."""
        return await graphs_of(self.transport, self.paths.graphspace)

    async def check_alive(
        self, error: BackendError, asked: Sequence[int] = (), exist: Container[int] = ()
    ) -> None:
        """Raise an error that does not come from what was asked for: the server answers nothing else.

        Where that is so of its tasks alone, and was not before, one of those `asked` for may be why: they are
        set aside. Some of them certainly `exist`.
        """
        if not fewer_may_work(error):
            raise error
        lately = self.answering.lately
        if not self.answering.silent:
            if await self._answers_soon(error.seconds):
                return
            alive = await self._knows_version()
            # Another request that failed at the same time may have been judged meanwhile.
            lately = lately and self.answering.lately
            self.answering.note_silence(alive=alive)
        # Whatever it says of this request, it says the same of the shortest one there is.
        error.retryable = True
        if lately and self.answering.stuck:
            self.batch.ask_few()
            if asked and not self.answering.persons:
                self.set_aside.put(asked, exist)
        raise error

    async def _answers_soon(self, failed_after: float) -> bool:
        """Whether the server answers about its tasks; where another request failed late, it must do so soon.

        Else it may answer only because it has worked off what kept it.
        """
        began = time.perf_counter()
        try:
            await self._by_few_ids([NO_TASK])
        except BackendError:
            return False
        return failed_after < _LATE or time.perf_counter() - began < _SOON

    async def _knows_version(self) -> bool:
        """Whether the server answers what is not about its tasks."""
        try:
            return (await self.transport.get("versions", within=_VERSION_WITHIN)).is_success
        except BackendError:
            return False

    async def _by_parts(self, numbers: Sequence[int], exist: Collection[int], heavy: int = 0) -> Found:
        """One request, or some of its parts where it fails; so many of the ids may be `heavy`."""
        kept = self.batch.kept()
        try:
            return await self._by_few_ids(numbers)
        except BackendError as error:
            if heavy > 1:
                # Before the check, which may fail because the server still works on them.
                self.batch.failed(heavy)
            # Of many heavy ones it may be their number.
            await self.check_alive(error, numbers if heavy <= FIRST else (), exist)
            step = -(-len(numbers) // _PARTS)
            if isinstance(error, NotRead) and error.memory:
                # Each failure of this kind hurts the server: no second one on the way.
                step = min(step, FIRST)
                self.batch.ask_few()
        if len(numbers) == 1:
            return await self._alone(numbers[0], exist)
        parts = [numbers[at : at + step] for at in range(0, len(numbers), step)]
        found = joined([await self._by_parts(part, exist) for part in parts])
        if len(found.readable) < len(found.tasks) or not found.tasks:
            # It is one record, and not their number.
            self.batch.back_to(kept)
        return found

    async def _alone(self, number: int, exist: Collection[int]) -> Found:
        """One task that was failed over alone, while the server answers for others: asked for once more."""
        try:
            return await self._by_few_ids([number])
        except BackendError as error:
            if not fewer_may_work(error):
                raise
            record = self.unreadable.note(number, error, exists=number in exist)
        return _found_again(number, record)

    async def _by_few_ids(self, part: Sequence[int]) -> Found:
        """One request; ids that don't exist are left out by the server without a word."""
        began = time.perf_counter()
        with _timed(began):
            reply = await self.good(await self._get(query_of(part)))
        took = time.perf_counter() - began
        found = await found_in(envelope(reply, self.where))
        self.answering.note_answer()
        finished = sum(task.status.is_finished for task in found.tasks.values())
        self.batch.answered(finished, took, len(reply.body))
        self.ask_again(part)
        return replace(found, unclear=frozenset(part) - found.tasks.keys()) if found.lost else found

    async def _page(self, token: str, limit: int, status: str | None = None) -> Envelope:
        filters = [("status", status)] if status else []
        if self.pages:
            reply = await self._get(urlencode([*filters, ("limit", str(limit)), ("page", token)]))
            if token or not no_paging(reply):
                return envelope(await self.good(reply), self.where)
            self.pages = False
        reply = await self._get(urlencode([*filters, ("limit", ALL)]), within=WHOLE_LIST)
        return envelope(await self.good(reply), self.where)

    async def _get(self, query: str, within: float = DEADLINE) -> Reply:
        return await self.transport.get(f"{self.paths.tasks}?{query}", cap=LIST_CAP, within=within)

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
    if not reply.is_success:
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
