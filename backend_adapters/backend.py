"""The protocol between the engine and a source of tasks.

An adapter tells what a server says. It gives no verdicts: whether a cancel took place is found out by
looking again, and that is the work of `tui.monitor.operations`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from backend_adapters.errors import Unsupported
from backend_adapters.model import (
    Ability,
    Action,
    Capabilities,
    Recipe,
    RunningCount,
    Scope,
    ServerInfo,
    Sibling,
    Source,
    Task,
    TaskDetail,
    TaskId,
)
from backend_adapters.remembered_place import RememberedPlace

Progress = Callable[[int], None]
"""Called with the number of bytes received so far, while a long answer is read."""


TextPart: TypeAlias = Literal["input", "result"]
"""Which text of a task is streamed; the result of a failed task is its error."""


class Batch(Struct, frozen=True):
    """A part of a snapshot."""

    tasks: tuple[Task, ...]
    note: str = ""
    """What a person should know of the snapshot so far, as a sentence."""
    has_newest: bool = True
    """Of the first batch: no later one has a task created after the oldest finished one in this."""
    has_unfinished: bool = True
    """Of the first batch: every task that has not ended is in it."""
    partial: str = ""
    """Why the snapshot will not bring all tasks, as a sentence; empty as long as it may."""
    is_part: bool = False
    """It is a part of what the first batch will bring, which comes sooner."""


class LookResult(Struct, frozen=True):
    """The answer to a look at certain ids."""

    tasks: tuple[Task, ...]
    missing: frozenset[TaskId]
    """The ids asked for that the server does not have (or does not show to this user).

    An id in neither is not known: its record may have been one that could not be read. One that the server
    fails over is among `tasks`, with the status `unreadable`, as in batches and changes.
    """
    note: str = ""
    """What a person should know of the answer: `2 records could not be read.`"""


class KnownTasks(Struct, frozen=True):
    """What the engine knows, which is what an adapter needs to find what may have changed."""

    unfinished: Collection[TaskId]
    newest: TaskId | None


class Changes(Struct, frozen=True):
    """What may have changed since the last request; tasks that are equal to the known ones are allowed."""

    tasks: tuple[Task, ...]
    missing: frozenset[TaskId] = frozenset()
    stale: bool = False
    """The server is not the one it was (it restarted, ids began anew): a full snapshot is due."""
    note: str = ""
    """What a person should know of the answer: `2 records could not be read.`"""
    scattered: bool = False
    """New tasks may have come up where nothing looks for them: a full snapshot is due sooner than else."""


class Answer(Struct, frozen=True):
    """What the server said to an action. No verdict: HugeGraph's distributed scheduler says 400 and obeys."""

    code: int
    server_message: str
    """The server's words, empty where it had none."""
    accepted: bool
    """The server accepted it (2xx)."""
    confirm_within: float
    """Seconds within which the effect shows on the task, if there is one."""
    as_worker: bool = False
    """The server refused because it is a worker of its cluster."""


class TaskRequest(Struct, frozen=True):
    """The GET request that reads one task, without its login, for another program to send."""

    url: str
    token_header: str = "Authorization: Bearer"
    """The header that carries a token, with the word before it."""
    lists_all: bool = False
    """It reads the newest part of the list: the server reads no single task."""


class Backend(Protocol):
    """One source of tasks: a graph of a server, with the way to talk to it.

    Every method raises `backend_adapters.errors.BackendError` and nothing else (but CancelledError).
    """

    @property
    def source(self) -> Source:
        """Where the tasks come from; known whole only after `connect`."""
        ...

    @property
    def is_busy(self) -> bool:
        """Whether the server works on something heavy: what nobody waits for is better left for later."""
        return False

    @property
    def clock_ahead(self) -> float | None:
        """Seconds that the server's clock is ahead of this machine's; None where its answers don't tell.

        GES dates its answers. HugeGraph does not (hugegraph/PROTOCOL.md, section 4), a proxy before it may.
        """
        ...

    @property
    def request_count(self) -> int:
        """How many requests were sent so far."""
        return 0

    @property
    def paging(self) -> Ability | None:
        """Whether the list comes in pages, as far as reading it has shown; None where it always does."""
        return None

    @property
    def place(self) -> RememberedPlace | None:
        """What to remember of the place for the next start; None before `connect`."""
        return None

    async def connect(self, *, then_snapshot: bool = False) -> ServerInfo:
        """Find out what the server is and what it can do, and that the graph exists. May be called again.

        With `then_snapshot` a snapshot will follow: its first requests may go out at the same time.
        """
        ...

    def task_request(self, task_id: TaskId) -> TaskRequest | None:  # noqa: ARG002
        """The request that reads this task; None before `connect`, and for an id that is none."""
        return None

    async def scopes(self) -> tuple[Scope, ...]:
        """The graphs of the server that can be switched to."""
        ...

    async def count_running(self, scope: Scope) -> RunningCount | None:  # noqa: ARG002
        """Count the running tasks of another graph by one light request; None where there is none."""
        return None

    def snapshot(self, *, in_parts: bool = False) -> AsyncGenerator[Batch, None]:
        """Give all tasks in batches: unfinished and newest ones first, then all. One can come twice.

        With `in_parts` what the first batch will bring comes before it as well, as soon as it is there: the
        unfinished, then the newest, so that no row moves that is on a screen.
        """
        ...

    async def changes(self, known: KnownTasks) -> Changes:
        """Find what may have changed; the cost depends on what is unfinished and new, not on what exists."""
        ...

    async def look(self, ids: Collection[TaskId], *, urgent: bool = True) -> LookResult:
        """Read these tasks now, as fresh as the server has them.

        `urgent` says that a person waits for it: it is sent at once, and also for what could not be read
        a moment ago.
        """
        ...

    async def detail(
        self, task_id: TaskId, *, cap: int, progress: Progress | None = None, result: bool = True
    ) -> TaskDetail:
        """Read one task with input and result, no more than `cap` bytes of it. Raises NoSuchTask.

        With `result=False` the caller can do without the result for now: where the server can leave it out it
        does, and `TaskDetail.result_left_out` says so.
        """
        ...

    def stream(self, task_id: TaskId, part: TextPart) -> AsyncGenerator[bytes, None]:
        """Give a text of a task whole, as UTF-8, however long it is; no more than a piece of it is held.

        Nothing is given where the task has no such text. Raises NoSuchTask, Busy where the server goes on
        asking to wait, and what breaks on the way.
        """
        ...

    async def act(self, action: Action, task_id: TaskId) -> Answer:
        """Ask the server once, never again by itself, and return what it said: 2xx, 400, 404 or 500.

        Raises TimedOut or Unreachable when it is not known whether the server acted, Unsupported when nothing
        was sent, NotLoggedIn and NotAllowed when it said so.
        """
        ...

    async def submit(self, script: str, bindings: Mapping[str, object] | None = None) -> TaskId:
        """Start a gremlin job, with the values of its variables; returns the new task's id.

        Where it fails `backend_adapters.errors.may_have_started` tells whether the job may run all the same.
        """
        ...

    async def siblings(self) -> tuple[Sibling, ...]:
        """The other lists of the same place, those that the server lacks with the reason; asked once."""
        return ()

    def recipes(self) -> tuple[Recipe, ...]:
        """The jobs that `create` can create; empty where there are none."""
        return ()

    async def create(self, recipe: str, values: Mapping[str, str]) -> TaskId:
        """Create a job of this recipe; returns its id.

        Raises BadValue, which names the parameter, before anything is sent.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections; soon, even while an answer is being read."""
        ...


class HttpConnection(Protocol):
    """What `BackendBase` needs of the HTTP client."""

    @property
    def clock_ahead(self) -> float | None:
        """Seconds that the server's clock is ahead, by its last answer; None where that has no date."""
        ...

    @property
    def request_count(self) -> int:
        """How many requests were sent so far."""
        ...

    async def aclose(self) -> None:
        """Close the connections, soon."""
        ...


class BackendBase(Backend):
    """The methods of `Backend` for what a source can't do, so that an adapter defines only what it can."""

    transport: HttpConnection
    """The HTTP client, for its latency."""

    @property
    def clock_ahead(self) -> float | None:
        """By the Date of the last answer; see `Backend.clock_ahead`."""
        return self.transport.clock_ahead

    @property
    def request_count(self) -> int:
        """Those of its HTTP client; see `Backend.request_count`."""
        return self.transport.request_count

    def abilities(self) -> Capabilities:
        """What the source can do, as far as it is known before `connect`."""
        raise NotImplementedError

    async def act(self, action: Action, task_id: TaskId) -> Answer:  # noqa: ARG002
        """Raise Unsupported with the reason of the capabilities."""
        raise Unsupported(self.abilities().ability_for(action).reason)

    async def submit(self, script: str, bindings: Mapping[str, object] | None = None) -> TaskId:  # noqa: ARG002
        """Raise Unsupported with the reason of the capabilities."""
        raise Unsupported(self.abilities().submit.reason)

    async def create(self, recipe: str, values: Mapping[str, str]) -> TaskId:  # noqa: ARG002
        """Raise Unsupported with the reason of the capabilities."""
        raise Unsupported(self.abilities().create.reason)

    async def aclose(self) -> None:
        """Close the connections, soon."""
        await self.transport.aclose()
