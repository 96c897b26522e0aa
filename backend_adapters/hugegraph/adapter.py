"""HugeGraph as a source of tasks: Apache 0.11 to 1.7 and later, and Baidu's fork."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing

from msgspec import Struct

from backend_adapters.backend import Answer, Batch, Changes, Known, Looked, Progress, TextPart
from backend_adapters.hugegraph import actions, details, discovery, streams
from backend_adapters.hugegraph.discovery import About
from backend_adapters.hugegraph.ids import number_of, numbers_of
from backend_adapters.hugegraph.link import Link
from backend_adapters.hugegraph.refresh import Refresh
from backend_adapters.hugegraph.scan import Scan
from backend_adapters.model import Action, Capabilities, Scope, ServerInfo, Source, TaskDetail, TaskId
from backend_adapters.transport.client import Transport
from backend_adapters.transport.target import Target

_UNFINISHED = (
    ("RUNNING", (0, 0)),
    ("QUEUED", (0, 0)),
    ("NEW", (0, 0)),
    ("RESTORING", (0, 0)),
    ("SCHEDULING", (0, 11)),
    ("SCHEDULED", (0, 11)),
    ("CANCELLING", (0, 11)),
    ("HANGING", (1, 5)),
    ("DELETING", (1, 5)),
)
"""Every status that is no end, in the upper case that old servers want, and the version that brought it."""


class _Session(Struct, frozen=True):
    """What `connect` found out."""

    about: About
    abilities: Capabilities
    link: Link
    refresh: Refresh


class HugeGraphBackend:
    """One graph of one HugeGraph server; `backend_adapters.backend.Backend` says what the methods promise."""

    def __init__(self, target: Target) -> None:
        self.transport = Transport(target)
        """The HTTP client, for its latency and counters."""
        self._target = target
        self._session: _Session | None = None

    @property
    def source(self) -> Source:
        """Where the tasks come from; the graph is the wanted one until `connect` found the real one."""
        paths = self._session.link.paths if self._session else None
        return Source(
            profile=self._target.profile,
            url=self._target.url,
            dialect="hugegraph",
            graph=paths.graph if paths else self._target.graph or "",
            graphspace=paths.graphspace if paths else self._target.graphspace,
        )

    async def connect(self) -> ServerInfo:
        """Find version, style of paths and graph, and check the login; see `Backend.connect`."""
        known = await discovery.about(self.transport)
        paths = await discovery.paths_for(self.transport, self._target, known)
        link = Link(self.transport, paths)
        abilities = actions.abilities(known.numbers, known.graphspaces, known.name)
        self._session = _Session(known, abilities, link, Refresh(link))
        return ServerInfo(product=discovery.PRODUCT, version=known.version, capabilities=abilities)

    async def scopes(self) -> tuple[Scope, ...]:
        """All graphs of all graphspaces, whichever graph this backend looks at."""
        # Not through `_ready`: a person who asked for an unknown graph is to see which there are.
        known = self._session.about if self._session else await discovery.about(self.transport)
        spaces = discovery.with_graphspaces(self._target, known)
        return await discovery.scopes(self.transport, spaces)

    async def snapshot(self) -> AsyncGenerator[Batch, None]:
        """All tasks; see `Backend.snapshot`."""
        session = await self._ready()
        scan = Scan(session.link, _statuses(session.about.numbers))
        async for batch in scan.run():
            yield batch
        session.refresh.highest = scan.highest

    async def changes(self, known: Known) -> Changes:
        """What may have changed, by one request in the quiet case; see `Backend.changes`."""
        return await (await self._ready()).refresh.changes(known)

    async def look(self, ids: Collection[TaskId]) -> Looked:
        """Read these tasks; by ids the standard scheduler answers from memory, fresher than its list."""
        session = await self._ready()
        numbers = numbers_of(ids)
        found = await session.link.by_ids(numbers)
        impossible = frozenset(task_id for task_id in ids if number_of(task_id) is None)
        return Looked(tuple(found.tasks.values()), found.missing(numbers) | impossible, found.note)

    async def detail(self, task_id: TaskId, *, cap: int, progress: Progress | None = None) -> TaskDetail:
        """One task with input and result, at most `cap` bytes of it; see `Backend.detail`."""
        return await details.detail((await self._ready()).link, task_id, cap, progress)

    async def stream(self, task_id: TaskId, part: TextPart) -> AsyncGenerator[bytes, None]:
        """A text of one task, whole, piece by piece; see `Backend.stream`."""
        async with aclosing(streams.stream((await self._ready()).link, task_id, part)) as pieces:
            async for piece in pieces:
                yield piece

    async def act(self, action: Action, task_id: TaskId) -> Answer:
        """Ask for a cancel or delete, once; see `Backend.act`."""
        session = await self._ready()
        return await actions.act(session.link, session.abilities, action, task_id)

    async def submit(self, script: str) -> TaskId:
        """Start a gremlin job; returns the new task's id."""
        return await actions.submit((await self._ready()).link, script)

    async def aclose(self) -> None:
        """Close the connections, soon."""
        await self.transport.aclose()

    async def _ready(self) -> _Session:
        """What is known of the server; connects where nobody has yet."""
        if self._session is None:
            await self.connect()
        assert self._session is not None
        return self._session


def _statuses(version: tuple[int, ...] | None) -> tuple[str, ...]:
    """The unfinished statuses that a server of this version knows; all of them where it is unknown."""
    return tuple(word for word, since in _UNFINISHED if version is None or version >= since)
