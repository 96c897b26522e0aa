"""A clock that a test moves by hand, and a server in memory that does what it is told."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from itertools import count

from backend_adapters.backend import Answer, Batch, Changes, KnownTasks, LookResult, TextPart
from backend_adapters.errors import BackendError, NoSuchTask, Unreadable
from backend_adapters.model import (
    Ability,
    Action,
    Capabilities,
    Recipe,
    Scope,
    ServerInfo,
    Sibling,
    Source,
    Task,
    TaskDetail,
    TaskId,
    TaskStatus,
    build_task,
    change_task,
)
from tui.monitor.clock import Clock
from tui.monitor.id_order import natural_key

START = 1_800_000_000_000
S = TaskStatus


def task(task_id: int | str = 1, status: TaskStatus = S.RUNNING, **more) -> Task:
    """A task with what a test does not care about filled in."""
    fields = {"type": "gremlin", "name": f"job {task_id}", "raw_status": status.value, "created": START}
    return build_task(id=str(task_id), status=status, **{**fields, **more})


WORDS = "Server error 500: Invalid status code: 9."
"""What a server says that fails over a record."""


def unreadable_task(task_id: int | str = 1, fault: str = WORDS, **more) -> Task:
    """A task that the server fails over, as an adapter tells of it."""
    fields = {"type": "", "name": "", "raw_status": "unreadable", "created": None, "decode_error": fault}
    return build_task(id=str(task_id), status=S.UNREADABLE, **{**fields, **more})


async def run_until_idle() -> None:
    """Let everything run that can run without time going by."""
    ready = asyncio.get_running_loop()._ready  # the loop's own list of what can run now
    for _ in range(100_000):
        await asyncio.sleep(0)
        if not ready:
            return
    raise AssertionError("something runs for ever without time going by")


class FakeClock(Clock):
    """Virtual time: it stands still until `advance` moves it, from one sleeper's end to the next."""

    def __init__(self) -> None:
        self.time = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = count()

    def now(self) -> int:
        return START + round((self.time - 1000.0) * 1000)

    def monotonic(self) -> float:
        return self.time

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for the time to go by."""
        return all(end.done() for _, _, end in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.time + seconds, next(self._number), end))
        await end

    async def advance(self, seconds: float) -> None:
        """Let time go by; whoever sleeps wakes in the right order, and runs before time goes on."""
        target = self.time + seconds
        await run_until_idle()
        while self._sleepers and self._sleepers[0][0] <= target:
            self._wake_first()
            await run_until_idle()
        self.time = target

    async def wait_for(self, work: Awaitable, most: float = 1000.0):
        """Let time go by until `work` is done, and return its result."""
        work, limit = asyncio.ensure_future(work), self.time + most
        await run_until_idle()
        while not work.done():
            assert self._sleepers, "it waits for something that is not time"
            assert self._sleepers[0][0] <= limit, f"not done after {most} s"
            self._wake_first()
            await run_until_idle()
        return work.result()

    def _wake_first(self) -> None:
        due, _, end = heapq.heappop(self._sleepers)
        if not end.done():  # cancelled sleepers take no time
            self.time = max(self.time, due)
            end.set_result(None)


YES = Ability(True)
INFO = ServerInfo(
    product="HugeGraph",
    version="1.7.0",
    capabilities=Capabilities(cancel=YES, delete=YES, force_delete=YES, submit=YES),
)


class FakeBackend:
    """A server with tasks that count up. What it is asked is written down in `calls`.

    `faults[call]` is a list of errors, one raised by each call to come (None: no error); `always[call]`
    is raised every time; `delays[call]` is how long it takes, and `gates[call]` an event it waits for
    after it has made up its answer. `server` says what cancel and delete do.
    """

    def __init__(
        self, clock: FakeClock, tasks: Iterable[Task] = (), server: FakeServer | None = None
    ) -> None:
        self.clock = clock
        self.tasks = {task.id: task for task in tasks}
        self.server = server or FakeServer()
        self.calls: list[tuple[str, object]] = []
        self.faults: dict[str, list[BackendError | None]] = {}
        self.always: dict[str, BackendError] = {}
        self.delays: dict[str, float] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.batch = 10
        self.batch_note = ""
        self.unreadable: set[TaskId] = set()
        """Ids whose records come, and can't be read: neither there nor missing."""
        self.is_busy = False
        self.request_count = 0
        self.clock_ahead: float | None = None
        self.paging: Ability | None = None
        self.urgent: list[bool] = []
        """Of each look, whether a person waited for it."""
        self.failing: dict[TaskId, str] = {}
        """Ids over whose records the server fails, and its words; they are told of as unreadable."""
        self.has_unfinished = True
        self.partial = ""
        """Why the snapshot does not bring all; it then ends after its first batch."""
        self.stale = False
        self.scattered = False
        """Whether ids come in blocks: nothing tells where the newest are."""
        self.has_newest = True
        """Whether the first batch says that it has the newest."""
        self.is_oldest_first = False
        """Whether the rest of a snapshot begins with the oldest tasks, as HugeGraph's list does."""
        self.acts: Counter[TaskId] = Counter()
        self.in_flight: Counter[str] = Counter()
        self.most_in_flight: Counter[str] = Counter()
        self.details: dict[TaskId, list[TaskDetail]] = {}
        self.pieces: list[bytes] = []
        """What `stream` gives."""
        self.closed = False
        self.snapshots_ended = 0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()

    @property
    def source(self) -> Source:
        return Source(profile="fake", url="http://fake", dialect="fake", graph="g")

    # What a test does to the server.

    def put(self, *tasks: Task) -> None:
        self.tasks.update({task.id: task for task in tasks})

    def set(self, task_id: int | str, status: TaskStatus, **more) -> None:
        if old := self.tasks.get(str(task_id)):
            self.put(change_task(old, **{"status": status, "raw_status": status.value, **more}))

    def drop(self, *ids: int | str) -> None:
        for task_id in ids:
            self.tasks.pop(str(task_id), None)

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something to the server in so many seconds."""
        heapq.heappush(self._due, (self.clock.time + seconds, next(self._number), do))

    def count(self, call: str) -> int:
        return sum(1 for name, _ in self.calls if name == call)

    def catch_up(self) -> None:
        """Do what is due by now."""
        while self._due and self._due[0][0] <= self.clock.time:
            heapq.heappop(self._due)[2]()

    # The protocol.

    async def _call(self, name: str, argument: object, answer: Callable[[], object] = lambda: None):
        self.calls.append((name, argument))
        self.in_flight[name] += 1
        self.most_in_flight[name] = max(self.most_in_flight[name], self.in_flight[name])
        try:
            if name in self.delays:
                await self.clock.sleep(self.delays[name])
            self.catch_up()
            faults = self.faults.get(name)
            error = faults.pop(0) if faults else self.always.get(name)
            if error is not None:
                raise error
            made = answer()
            if name in self.gates:
                await self.gates[name].wait()
            return made
        finally:
            self.in_flight[name] -= 1

    async def connect(self, *, then_snapshot: bool = False) -> ServerInfo:
        await self._call("connect", None)
        return INFO

    async def scopes(self) -> tuple[Scope, ...]:
        await self._call("scopes", None)
        return (Scope(graph="g"),)

    async def snapshot(self, *, in_parts=False):
        try:
            rows = await self._call(
                "snapshot", None, lambda: sorted(self.tasks, key=natural_key, reverse=True)
            )
            first = await self._page(rows[: self.batch])
            has_newest = self.has_newest and not self.scattered
            yield Batch(first, self.batch_note, has_newest, self.has_unfinished, self.partial)
            if self.partial:
                return
            if self.is_oldest_first:
                rows[self.batch :] = rows[: self.batch - 1 : -1]
            for start in range(self.batch, len(rows), self.batch):
                yield Batch(await self._page(rows[start : start + self.batch]))
        finally:
            self.snapshots_ended += 1

    async def _page(self, ids: list[TaskId]) -> tuple[Task, ...]:
        return await self._call("page", ids, lambda: self._get(ids))

    def _get(self, ids: Iterable[TaskId]) -> tuple[Task, ...]:
        readable = self.tasks.keys() - self.unreadable
        return tuple(self._told(task_id) for task_id in ids if task_id in readable)

    def _told(self, task_id: TaskId) -> Task:
        words = self.failing.get(task_id)
        return self.tasks[task_id] if words is None else unreadable_task(task_id, words)

    def _lost(self, ids: Iterable[TaskId]) -> str:
        lost = len(self.unreadable & set(ids))
        return f"{lost} records could not be read." if lost else ""

    async def changes(self, known: KnownTasks) -> Changes:
        def answer() -> Changes:
            first = int(known.newest or 0) + 1
            probe = [str(number) for number in range(first, first + 50)]
            missing = frozenset(known.unfinished) - self.tasks.keys()
            asked = [*known.unfinished, *probe]
            return Changes(self._get(asked), missing, self.stale, self._lost(asked), self.scattered)

        return await self._call("changes", known, answer)

    async def look(self, ids: Collection[TaskId], *, urgent: bool = True) -> LookResult:
        def answer() -> LookResult:
            missing = frozenset() if self._lost(ids) else frozenset(ids) - self.tasks.keys()
            return LookResult(self._get(ids), missing, self._lost(ids))

        self.urgent.append(urgent)
        return await self._call("look", tuple(ids), answer)

    async def detail(self, task_id: TaskId, *, cap: int, progress=None, result: bool = True) -> TaskDetail:
        def answer() -> TaskDetail:
            if script := self.details.get(task_id):
                return script.pop(0) if len(script) > 1 else script[0]
            if task_id in self.failing:
                raise Unreadable(self.failing[task_id])
            if task_id not in self.tasks:
                raise NoSuchTask(f"There is no task {task_id}.")
            return TaskDetail(task=self.tasks[task_id], raw=b"{}", result=b"1")

        if progress is not None:
            progress(7)
        return await self._call("detail", task_id, answer)

    async def stream(self, task_id: TaskId, part: TextPart):
        await self._call("stream", (task_id, part))
        for piece in self.pieces:
            yield await self._call("piece", None, lambda piece=piece: piece)

    async def act(self, action: Action, task_id: TaskId) -> Answer:
        self.acts[task_id] += 1
        return await self._call("act", (action, task_id), lambda: self.server.act(self, action, task_id))

    async def submit(self, script: str, bindings: Mapping[str, object] | None = None) -> TaskId:
        task_id = str(max(map(int, self.tasks), default=0) + 1)
        about = (script, bindings) if bindings else script
        await self._call("submit", about, lambda: self.put(task(task_id, S.NEW, created=self.clock.now())))
        return task_id

    async def siblings(self) -> tuple[Sibling, ...]:
        return ()

    def recipes(self) -> tuple[Recipe, ...]:
        return ()

    async def create(self, recipe: str, values: Mapping[str, str]) -> TaskId:
        raise NotImplementedError

    async def aclose(self) -> None:
        self.closed = True
        self.calls.append(("aclose", None))


def make_answer(code: int, words: str = "", patience: float = 2.0) -> Answer:
    return Answer(code=code, server_message=words, accepted=code < 300, confirm_within=patience)


class FakeServer:
    """HugeGraph with the standard scheduler, as measured: hugegraph/PROTOCOL.md, sections 3.1 and 3.2."""

    has_force = True

    def act(self, backend: FakeBackend, action: Action, task_id: TaskId) -> Answer:
        row = backend.tasks.get(task_id)
        if row is None:
            return make_answer(404, f"Can't find task with id '{task_id}'")
        if action is Action.CANCEL:
            return self.cancel(backend, row)
        if action is Action.DELETE and not row.status.is_finished:
            return make_answer(400, f"Can't delete incomplete task '{task_id}' in status {row.status.name}")
        backend.drop(task_id)
        return make_answer(204)

    def cancel(self, backend: FakeBackend, row: Task) -> Answer:
        if row.status.is_finished or row.status is S.CANCELLING:
            return make_answer(400, f"Can't cancel task '{row.id}' which is completed or cancelling")
        backend.set(row.id, S.CANCELLING)
        self.carry_out(backend, row)
        return make_answer(202)

    def carry_out(self, backend: FakeBackend, row: Task) -> None:
        backend.later(1.3, lambda: backend.set(row.id, S.CANCELLED))


class LostNode(FakeServer):
    """The task's own server is gone: cancelling lasts for ever (hugegraph/PROTOCOL.md, section 3.4)."""

    def carry_out(self, backend: FakeBackend, row: Task) -> None:
        pass


class DistributedServer(FakeServer):
    """The distributed scheduler: 400, and done within 10 s (hugegraph/PROTOCOL.md, section 3.3)."""

    def act(self, backend: FakeBackend, action: Action, task_id: TaskId) -> Answer:
        row = backend.tasks.get(task_id)
        if row is None:
            return make_answer(500, "NullPointerException")
        if action is Action.CANCEL:
            if not row.status.is_finished:
                backend.later(0.5, lambda: backend.set(task_id, S.CANCELLING))
                backend.later(9.5, lambda: backend.set(task_id, S.CANCELLED))
            return make_answer(
                400, f"Can't cancel task '{task_id}' which is completed or cancelling", patience=12
            )
        if action is Action.DELETE:
            backend.later(0.5, lambda: backend.set(task_id, S.DELETING))
            backend.later(9.5, lambda: backend.drop(task_id))
            return make_answer(400, f"There is no task with id '{task_id}'", patience=12)
        backend.drop(task_id)
        return make_answer(204)


class AnsweringServer(FakeServer):
    """Answers what it is told to, after doing what it is told to."""

    def __init__(
        self, answer: Answer | BackendError, do: Callable[[FakeBackend, TaskId], None] | None = None
    ) -> None:
        self.answer = answer
        self.do = do

    def act(self, backend: FakeBackend, action: Action, task_id: TaskId) -> Answer:
        if self.do is not None:
            self.do(backend, task_id)
        if isinstance(self.answer, BackendError):
            raise self.answer
        return self.answer
