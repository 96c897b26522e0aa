"""A proxy before a HugeGraph server, real or simulated, that does wrong what a test tells it to.

    with FaultyProxy(server.url) as proxy:
        proxy.poison([7])
        ...  # whatever asks proxy.url
        assert proxy.count("ids=7") == 1

It runs in a thread of its own: the methods return at once, and any thread or loop may call them. What no rule
is for passes unchanged and piece by piece, each connection over one of its own to the server.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import accumulate
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.support.http_wire import HEAD_MOST, Head, Peer, body_pieces, ids_in, next_head, read_head, refusal
from tests.support.patience import PATIENCE
from tests.support.proxy_rules import Held, Match, Request, Rule, Weights, fits

INTERRUPTED = "Failed to update/query TaskStore: java.lang.InterruptedException"
"""What a server says, with 500, of a record that it can't read (apache/hugegraph#3057)."""
OUT_OF_MEMORY = (
    "Failed to update/query TaskStore: java.util.concurrent.ExecutionException: "
    "java.lang.OutOfMemoryError: Java heap space"
)
"""What it says, with 400, when the results of the tasks that it lists don't fit into its memory."""


class FaultyProxy:
    """Passes requests on to `target` (`http://HOST:PORT`); as a context manager it starts and ends."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self.target = (parts.hostname or "", parts.port or 80)
        self.url = ""
        """Where it listens, once it has started: `http://127.0.0.1:PORT`."""
        self.log: list[Request] = []
        """All requests, as they came."""
        self.out_of_memory = 0
        """How often what was listed did not fit into the memory that `weigh` has set."""
        self.lists = 0
        """Requests for lists under way now, as a server sees it: a client that has gone frees nothing."""
        self.most_lists = 0
        """The most of them at one time."""
        self._came = threading.Condition()
        self._steps: list[tuple[Request, int]] = []
        """Each request once as it comes, with 1, and once as it ends, with -1."""
        self._rules: list[Rule] = []
        self._poisoned: dict[int, bytes] = {}
        self._weights: Weights | None = None
        self._longest, self._too_long = math.inf, b""
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started: Future[str] = Future()

    def __enter__(self) -> Self:
        """Starts to listen."""
        self._thread.start()
        self.url = self._started.result(PATIENCE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Breaks all connections."""
        self.calm()
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(PATIENCE)
        self._loop.close()

    # What is to go wrong

    def poison(self, ids: Iterable[int], code: int = 500, words: str = INTERRUPTED) -> None:
        """Refuse each list that holds one of these tasks, and their details, in HugeGraph's words.

        Nothing is refused of a task that the server doesn't have. The other flavour is 400, OUT_OF_MEMORY.
        """
        self._poisoned |= dict.fromkeys(ids, refusal(code, words))

    def heal(self, *ids: int) -> None:
        """Refuse these no more; without ids: none."""
        for number in ids or tuple(self._poisoned):
            self._poisoned.pop(number, None)

    def weigh(
        self,
        weights: Mapping[int, float] | Callable[[int], float],
        seconds_per_task: float = 0.0,
        memory: float = float("inf"),
    ) -> None:
        """Let lists cost what they cost a server that loads the results of all tasks in them.

        `weights`: the bytes (or any other unit) of each heavy task; 0, or not named, is a light one. A list
        takes `seconds_per_task` for each heavy one. One that does not fit into `memory` (the same unit),
        beside all other lists under way, is answered 400 OUT_OF_MEMORY and counted in `out_of_memory`.
        """
        weight_of = weights if callable(weights) else lambda number: weights.get(number, 0)
        self._weights = Weights(weight_of, seconds_per_task, memory)

    def shorten(self, longest: int, code: int = 413, words: str = "Payload Too Large") -> None:
        """Refuse each list of more than so many tasks."""
        self._longest, self._too_long = longest, refusal(code, words)

    def fail(self, match: Match, times: float = float("inf"), code: int = 500, words: str = "Broken") -> None:
        """Refuse the next `times` requests that are meant; the server doesn't hear of them."""
        self._rules.append(Rule(match, times, answer=refusal(code, words)))

    def delay(self, match: Match, seconds: float, times: float = float("inf")) -> None:
        """Let requests wait so long before they are passed on."""
        self._rules.append(Rule(match, times, seconds=seconds))

    def hold(self, match: Match, times: float = float("inf")) -> Held:
        """Let requests wait until the test lets them go."""
        held = Held()
        self._rules.append(Rule(match, times, held=held))
        return held

    def cut(self, match: Match, times: float = float("inf")) -> None:
        """Break the connection in the middle of the answer's body."""
        self._rules.append(Rule(match, times, cuts=True))

    def shut(self, match: Match = "", times: float = float("inf")) -> None:
        """Break the connection instead of an answer. For a server that is silent: `hold("")`."""
        self._rules.append(Rule(match, times, answer=b""))

    def calm(self) -> None:
        """Forget all rules, poison, weights and lengths; what was held goes on."""
        rules, self._rules, self._weights = self._rules, [], None
        self._longest = math.inf
        self.heal()
        for rule in rules:
            if rule.held is not None:
                rule.held.let_go()

    # What was seen

    def count(self, match: Match = "") -> int:
        """How many requests came that are meant; all of them by default."""
        return sum(fits(match, request) for request in tuple(self.log))

    def most(self, match: Match = "") -> int:
        """The most requests under way at one time, of those that are meant."""
        with self._came:
            steps = [step for request, step in self._steps if fits(match, request)]
        return max(accumulate(steps), default=0)

    def wait(self, count: int, match: Match = "") -> None:
        """Blocks until so many requests have come that are meant; a coroutine calls it in a thread."""
        with self._came:
            assert self._came.wait_for(lambda: self.count(match) >= count, PATIENCE), f"no {count} of {match}"

    def forget(self) -> None:
        """Begin anew to log and to count."""
        with self._came:
            self.log.clear()
            under_way: Counter[Request] = Counter()
            for request, step in self._steps:
                under_way[request] += step
            self._steps = [(request, 1) for request in under_way.elements()]
        self.out_of_memory = 0
        self.most_lists = self.lists

    # In its own thread

    def _run(self) -> None:
        self._loop.run_until_complete(self._listen())

    async def _listen(self) -> None:
        serving: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = self._loop.create_task(_Connection(self, Peer(reader, writer)).serve())
            serving.add(task)
            task.add_done_callback(serving.discard)

        server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=HEAD_MOST)
        self._started.set_result(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await self._stopped.wait()
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await self._loop.shutdown_default_executor()
        # What was closed is gone one turn later.
        await asyncio.sleep(0)

    @contextmanager
    def seen(self, request: Request) -> Iterator[list[Rule]]:
        """Log a request and count it while it is under way; gives the rules that are for it."""
        with self._came:
            self.log.append(request)
            self._steps.append((request, 1))
            self._came.notify_all()
        self.lists += request.lists
        self.most_lists = max(self.most_lists, self.lists)
        try:
            yield [rule for rule in tuple(self._rules) if rule.takes(request)]
        finally:
            self.lists -= request.lists
            with self._came:
                self._steps.append((request, -1))

    def looks_into(self, request: Request) -> bool:
        """Whether it depends on the answer to a request what becomes of it."""
        judged = bool(self._poisoned or self._weights) or self._longest < math.inf
        return (request.lists and judged) or request.task in self._poisoned

    @asynccontextmanager
    async def judged(self, ids: list[int]) -> AsyncIterator[bytes | None]:
        """What to answer instead of these tasks, after the time that they take; None where they may pass."""
        bad = next((self._poisoned[number] for number in ids if number in self._poisoned), None)
        if len(ids) > self._longest:
            bad = self._too_long
        if bad is not None or self._weights is None:
            yield bad
            return
        async with self._weights.loaded(ids) as fitting:
            self.out_of_memory += not fitting
            yield None if fitting else refusal(400, OUT_OF_MEMORY)


class _Connection:
    """A client's connection, and its own one to the server."""

    def __init__(self, proxy: FaultyProxy, client: Peer) -> None:
        self._proxy = proxy
        self._client = client
        self._server: Peer | None = None

    async def serve(self) -> None:
        """Answer requests until one side has enough."""
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                while (head := await next_head(self._client, self._server)) is not None:
                    pieces = [piece async for piece in body_pieces(self._client.reader, head)]
                    if not await self._answer(head, b"".join(pieces)):
                        break
            self._client.writer.close()
        except asyncio.CancelledError:
            self._client.writer.transport.abort()
            raise
        finally:
            if self._server is not None:
                self._server.writer.transport.abort()

    async def _answer(self, head: Head, body: bytes) -> bool:
        """Answer one request; gives whether the connection goes on."""
        method, target, _ = head.first.split(" ", 2)
        path, _, query = target.partition("?")
        request = Request(method, path, query)
        with self._proxy.seen(request) as rules:
            for rule in rules:
                await rule.wait()
            refused = [rule.answer for rule in rules if rule.answer is not None]
            if refused:
                await self._client.send(refused[0])
                return False
            said = await self._asked(head.raw + body)
            if any(rule.cuts for rule in rules):
                return await self._cut(request, said)
            if said.code == 200 and self._proxy.looks_into(request):
                return await self._judge(request, said) and not head.closes
            await self._client.send(said.raw)
            async for piece in self._pieces(request, said):
                await self._client.send(piece)
            return not (head.closes or said.closes or said.endless)

    async def _asked(self, data: bytes) -> Head:
        """Pass a request on; gives the head of the answer."""
        if self._server is None:
            self._server = Peer(*await asyncio.open_connection(*self._proxy.target, limit=HEAD_MOST))
        await self._server.send(data)
        said = await read_head(self._server.reader)
        if said is None:
            raise ConnectionResetError("the server closed the connection")
        return said

    def _pieces(self, request: Request, said: Head) -> AsyncIterator[bytes]:
        """The body of an answer, as it comes."""
        assert self._server is not None
        return body_pieces(self._server.reader, said, bodiless=request.method == "HEAD")

    async def _cut(self, request: Request, said: Head) -> bool:
        whole = b"".join([piece async for piece in self._pieces(request, said)])
        await self._client.send(said.raw + whole[: len(whole) // 2])
        return False

    async def _judge(self, request: Request, said: Head) -> bool:
        """Pass on what depends on the tasks in it, or what is said instead."""
        whole = b"".join([piece async for piece in self._pieces(request, said)])
        ids = ids_in(said, whole) if request.task is None else [request.task]
        async with self._proxy.judged(ids) as instead:
            await self._client.send(instead or said.raw + whole)
            return not (instead or said.closes or said.endless)
